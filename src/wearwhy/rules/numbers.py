"""Numbers by value: which literals that are written differently are the same number."""

from __future__ import annotations

from typing import Final

from wearwhy.rdf import XSD, Literal, NamedNode

_NUMERIC: Final[frozenset[NamedNode]] = frozenset(
    XSD[name]
    for name in [
        *("decimal", "integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
        *("negativeInteger", "long", "int", "short", "byte"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    ]
)


def value_of(found: Literal) -> tuple[str, str, str] | None:
    """Return what stands for a decimal number's value; None of other and of ill-written literals."""
    if found.datatype not in _NUMERIC:
        return None
    sign = "-" if found.value.startswith("-") else ""
    whole, _, part = found.value.lstrip("+-").partition(".")
    if not (whole + part).isdecimal():
        return None
    whole, part = whole.lstrip("0"), part.rstrip("0")
    return (sign if whole or part else "", whole, part)
