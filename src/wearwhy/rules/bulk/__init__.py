"""The bulk reading of rules: relational plans as SQL, in semi-naive rounds on DuckDB.

For graphs beyond some hundred thousand facts. One table a property; terms are 32-bit integers
whose upper bits say what kind of term they are; what an expression needs to know of a literal
stands in typed columns. DuckDB is imported when something is closed, not before.
"""

from wearwhy.rules.bulk.closure import Bulk, close
from wearwhy.rules.bulk.database import Limits
from wearwhy.rules.bulk.reading import Reading, reading

__all__ = ["Bulk", "Limits", "Reading", "close", "reading"]
