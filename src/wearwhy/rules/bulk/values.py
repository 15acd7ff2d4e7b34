"""What SQL knows of a literal: one row with a column for each kind of value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import numpy as np

from wearwhy.rdf import Literal, NamedNode, Node
from wearwhy.rules.expressions.moments import Duration, Moment
from wearwhy.rules.expressions.values import (
    DECIMAL,
    DOUBLE,
    EXACT,
    Number,
    Tagged,
    Value,
    decode,
    double,
    single,
)

NULL: Final = "NULL"
COLUMNS: Final[dict[str, str]] = {
    "known": "BOOLEAN",
    "rank": "TINYINT",
    "exact": "DECIMAL(38, 18)",
    "real": "DOUBLE",
    "single": "FLOAT",
    "text": "VARCHAR",
    "language": "VARCHAR",
    "direction": "VARCHAR",
    "truth": "BOOLEAN",
    "clock": "VARCHAR",
    "zoned": "BOOLEAN",
    "position": "DECIMAL(38, 18)",
    "year": "BIGINT",
    "month": "INTEGER",
    "day": "INTEGER",
    "hour": "INTEGER",
    "minute": "INTEGER",
    "months": "BIGINT",
    "seconds": "DECIMAL(38, 18)",
    "datatype": "INTEGER",
    "lexical": "VARCHAR",
}
"""The columns and their types: `text` is a string's, tagged or not; `clock` a moment's datatype."""

_PLACES: Final = Decimal(1).scaleb(-18)
_LARGEST: Final = Decimal(10) ** 19
_LONGEST: Final = 10**17


class Inexact(Exception):
    """A value that the columns do not hold exactly."""


def _exact(value: Decimal | int) -> str:
    number = Decimal(value)
    if abs(number) >= _LARGEST:
        raise Inexact
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if exponent < -18 and any(digits[exponent + 18 :]):
        raise Inexact
    return format(number.quantize(_PLACES, context=EXACT), "f")


def row(literal: Literal) -> dict[str, Any]:
    """Return what a literal has in the columns but `datatype`.

    Raises:
        Inexact: where a number or moment has more digits than a column.
    """
    value = decode(literal)
    found: dict[str, Any] = {"lexical": literal.value, "known": value is not None}
    if isinstance(value, Tagged):
        # A literal with a tag is told by its tag, whatever its characters.
        found |= {"text": value.text, "language": value.language}
        found["direction"] = value.direction
    elif isinstance(value, bool):
        found["truth"] = value
    elif isinstance(value, str):
        found["text"] = value
    elif value is not None:
        found |= _measured(value)
    return found


def _measured(value: Value) -> dict[str, Any]:
    if isinstance(value, Number):
        real = double(value.value)
        found: dict[str, Any] = {"rank": value.rank, "real": real, "single": single(real)}
        if value.rank <= DECIMAL:
            found["exact"] = _exact(Decimal(value.value))
        elif value.rank < DOUBLE:
            found["real"] = found["single"]
        return found
    if isinstance(value, Moment):
        if value.year is not None and abs(value.year) >= _LONGEST:
            raise Inexact
        return {
            "clock": value.datatype.value,
            "zoned": value.zone is not None,
            "position": _exact(value.position),
            "year": value.year,
            "month": value.month,
            "day": value.day,
            "hour": value.hour,
            "minute": value.minute,
        }
    assert isinstance(value, Duration)
    if abs(value.months) >= _LONGEST:
        raise Inexact
    return {"months": value.months, "seconds": _exact(value.seconds)}


def spelt(node: Literal | NamedNode) -> dict[str, str] | None:
    """Return a constant's columns as SQL; None if they do not hold it exactly."""
    if isinstance(node, NamedNode):
        return {"lexical": quoted(node.value)}
    try:
        found = row(node)
    except Inexact:
        return None
    sql = {name: _spelt(COLUMNS[name], value) for name, value in found.items() if value is not None}
    return {**sql, "datatype": "datatype"}


def _spelt(kind: str, value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if kind in {"DOUBLE", "FLOAT"}:
        return f"CAST('{value}' AS {kind})"
    if kind.startswith("DECIMAL"):
        return f"CAST('{value}' AS {kind})"
    return quoted(value) if isinstance(value, str) else f"CAST({value} AS {kind})"


def quoted(text: str) -> str:
    """Return a text as an SQL string, whatever is in it."""
    if all(c.isprintable() and c != "\x00" for c in text):
        return "'" + text.replace("'", "''") + "'"
    parts = [
        f"'{''.join(run)}'" if run else "''" for run in (text.replace("'", "''").split("\x00"))
    ]
    return "(" + " || chr(0) || ".join(parts) + ")"


@dataclass(slots=True)
class Described:
    """Rows of literals, as columns that DuckDB takes in.

    Attributes:
        arrays: by column, and `id`.
        inexact: whether some literal is not held exactly.
    """

    arrays: dict[str, Any] = field(default_factory=dict)
    inexact: bool = False


def described(
    literals: Sequence[Node],
    first: int,
    datatype: Callable[[Node], int],
) -> Described:
    """Return the columns of literals whose ids begin at `first`.

    Args:
        literals: in the order of their ids.
        first: the id of the first.
        datatype: returns the id of a datatype.
    """
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    inexact = False
    for node in literals:
        assert isinstance(node, Literal)
        try:
            found = row(node)
        except Inexact:
            inexact = True
            found = {"lexical": node.value, "known": True}
        found["datatype"] = datatype(node.datatype)
        for name, some in columns.items():
            some.append(found.get(name))
    arrays = {name: _array(COLUMNS[name], some) for name, some in columns.items()}
    arrays["id"] = np.arange(first, first + len(literals), dtype=np.int32)
    return Described(arrays, inexact)


_TYPES: Final = {
    "TINYINT": np.int8,
    "INTEGER": np.int32,
    "BIGINT": np.int64,
    "DOUBLE": np.float64,
    "FLOAT": np.float32,
}


def _array(kind: str, values: list[Any]) -> Any:
    if kind == "BOOLEAN":
        return np.ma.array([bool(v) for v in values], mask=[v is None for v in values], dtype=bool)
    if kind in _TYPES:
        filled = [0 if v is None else v for v in values]
        return np.ma.array(filled, mask=[v is None for v in values], dtype=_TYPES[kind])
    return np.array(values, dtype=object)
