"""Rules of other languages, read as ours: SHACL-AF rules and SWRL.

A translation says what it lost; a rule that would conclude more than it did is left out.
"""

from wearwhy.rules.foreign.read import translate
from wearwhy.rules.foreign.translation import Translation

__all__ = ["Translation", "translate"]
