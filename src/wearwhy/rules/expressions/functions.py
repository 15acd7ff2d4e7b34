"""SPARQL's functions on terms, numbers, dates and triple terms.

Source: SPARQL 1.2 Query Language, section 17.4.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from wearwhy.rdf import RDF, XSD, Node
from wearwhy.rules.expressions import patterns, strings
from wearwhy.rules.expressions.moments import Duration, EvaluationError, Moment, zone_text
from wearwhy.rules.expressions.operators import duration_literal
from wearwhy.rules.expressions.strings import simple
from wearwhy.rules.expressions.values import (
    DECIMAL,
    EXACT,
    INTEGER,
    Number,
    encode,
    number_of,
    value_of,
)

_HALF: Final = Decimal("0.5")
_STRINGS: Final = frozenset((RDF.langString, RDF.dirLangString))


def as_string(term: Node) -> Node:
    """Return an IRI's or a literal's characters."""
    if isinstance(term, NamedNode | Literal):
        return Literal(term.value)
    raise EvaluationError("a blank node or triple term has no characters")


def _literal(term: Node) -> Literal:
    if isinstance(term, Literal):
        return term
    raise EvaluationError("not a literal")


def language(term: Node) -> Node:
    """Return a literal's language tag, or an empty string."""
    return Literal(_literal(term).language or "")


def direction(term: Node) -> Node:
    """Return a literal's base direction, or an empty string."""
    found = _literal(term).direction
    return Literal(found.value if found else "")


def datatype(term: Node) -> Node:
    """Return a literal's datatype."""
    return _literal(term).datatype


def with_language(term: Node, tag: Node) -> Node:
    """Return an xsd:string with a language tag."""
    try:
        return Literal(simple(term), language=simple(tag))
    except ValueError as error:
        raise EvaluationError("malformed language tag") from error


def with_direction(term: Node, tag: Node, base: Node) -> Node:
    """Return an xsd:string with a language tag and a base direction."""
    try:
        return Literal(simple(term), language=simple(tag), direction=BaseDirection(simple(base)))
    except ValueError as error:
        raise EvaluationError("malformed language tag or direction") from error


def with_datatype(term: Node, name: Node) -> Node:
    """Return an xsd:string's characters as a literal of a datatype."""
    if not isinstance(name, NamedNode) or name in _STRINGS:
        raise EvaluationError("not a datatype that STRDT takes")
    return Literal(simple(term), datatype=name)


def _rounding(
    exact: Callable[[Decimal], Decimal], real: Callable[[float], float]
) -> Callable[[Node], Node]:
    def apply(term: Node) -> Node:
        rank, value = number_of(term)
        if rank == INTEGER:
            return encode(Number(rank, value))
        if rank == DECIMAL:
            return encode(Number(rank, exact(Decimal(value))))
        number = float(value)
        if not math.isfinite(number):
            return encode(Number(rank, number))
        result = float(real(number))
        # A result of zero keeps the sign of its argument.
        return encode(Number(rank, result or math.copysign(0.0, number)))

    return apply


def _up(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_CEILING, EXACT)


def _down(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR, EXACT)


def _round_real(value: float) -> float:
    # Halves go up; adding .5 to a float may itself round, so compare the fraction.
    low = math.floor(value)
    return low + 1 if value - low >= 0.5 else low


def absolute(term: Node) -> Node:
    """Return the absolute value of a number."""
    rank, value = number_of(term)
    return encode(Number(rank, -value if value < 0 else value + 0))


def _part(name: str) -> Callable[[Node], Node]:
    def apply(term: Node) -> Node:
        value = value_of(term)
        found = getattr(value, name) if isinstance(value, Moment) else None
        if found is None:
            raise EvaluationError(f"no {name}")
        return encode(Number(DECIMAL if name == "second" else INTEGER, found))

    return apply


def _moment(term: Node) -> Moment:
    value = value_of(term)
    if isinstance(value, Moment):
        return value
    raise EvaluationError("not a moment")


def timezone(term: Node) -> Node:
    """Return a moment's time zone as a xsd:dayTimeDuration."""
    zone = _moment(term).zone
    if zone is None:
        raise EvaluationError("no time zone")
    return duration_literal(Duration(XSD.dayTimeDuration, 0, Decimal(60 * zone)))


def zone_name(term: Node) -> Node:
    """Return a moment's time zone as it is written, or an empty string."""
    zone = _moment(term).zone
    return Literal("" if zone is None else zone_text(zone))


def now() -> Node:
    """Return the present moment, in UTC."""
    return Literal(datetime.now(UTC).isoformat().replace("+00:00", "Z"), datatype=XSD.dateTime)


def triple(subject: Node, predicate: Node, object_: Node) -> Node:
    """Return a triple term."""
    if isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode):
        return Triple(subject, predicate, object_)
    raise EvaluationError("not a triple")


def _of_triple(name: str) -> Callable[[Node], Node]:
    def apply(term: Node) -> Node:
        if not isinstance(term, Triple):
            raise EvaluationError("not a triple term")
        part: Node = getattr(term, name)
        return part

    return apply


def _is(*kinds: type) -> Callable[[Node], bool]:
    return lambda term: isinstance(term, kinds)


def _tagged(term: Node) -> bool:
    return isinstance(term, Literal) and term.language is not None


def _directed(term: Node) -> bool:
    return isinstance(term, Literal) and term.direction is not None


FUNCTIONS: Final[dict[str, tuple[Callable[..., Node], int, int]]] = {
    **strings.FUNCTIONS,
    "REPLACE": (patterns.replace, 3, 4),
    "STR": (as_string, 1, 1),
    "LANG": (language, 1, 1),
    "LANGDIR": (direction, 1, 1),
    "DATATYPE": (datatype, 1, 1),
    "STRLANG": (with_language, 2, 2),
    "STRLANGDIR": (with_direction, 3, 3),
    "STRDT": (with_datatype, 2, 2),
    "ABS": (absolute, 1, 1),
    "CEIL": (_rounding(_up, math.ceil), 1, 1),
    "FLOOR": (_rounding(_down, math.floor), 1, 1),
    "ROUND": (_rounding(lambda value: _down(value + _HALF), _round_real), 1, 1),
    **{
        name: (_part(part), 1, 1)
        for name, part in (
            ("YEAR", "year"),
            ("MONTH", "month"),
            ("DAY", "day"),
            ("HOURS", "hour"),
            ("MINUTES", "minute"),
            ("SECONDS", "second"),
        )
    },
    "TIMEZONE": (timezone, 1, 1),
    "TZ": (zone_name, 1, 1),
    "NOW": (now, 0, 0),
    "UUID": (lambda: NamedNode(f"urn:uuid:{uuid.uuid4()}"), 0, 0),
    "STRUUID": (lambda: Literal(str(uuid.uuid4())), 0, 0),
    "TRIPLE": (triple, 3, 3),
    "SUBJECT": (_of_triple("subject"), 1, 1),
    "PREDICATE": (_of_triple("predicate"), 1, 1),
    "OBJECT": (_of_triple("object"), 1, 1),
}
"""Name → function, fewest and most arguments."""

TESTS: Final[dict[str, tuple[Callable[..., bool], int, int]]] = {
    **strings.TESTS,
    "REGEX": (patterns.regex, 2, 3),
    "SAMETERM": (lambda left, right: left == right, 2, 2),
    "ISIRI": (_is(NamedNode), 1, 1),
    "ISURI": (_is(NamedNode), 1, 1),
    "ISBLANK": (_is(BlankNode), 1, 1),
    "ISLITERAL": (_is(Literal), 1, 1),
    "ISTRIPLE": (_is(Triple), 1, 1),
    "ISNUMERIC": (lambda term: isinstance(value_of(term), Number), 1, 1),
    "HASLANG": (_tagged, 1, 1),
    "HASLANGDIR": (_directed, 1, 1),
}
"""The same for functions that say yes or no."""
