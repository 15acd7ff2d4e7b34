"""The values that literals stand for, and the literals that values are written as.

Datatypes: XML Schema 1.1 part 2. An ill-typed literal and one of an unknown datatype have no
value here. Computed numbers are written in the lexical forms Oxigraph writes, so that a fact
computed by a rule is the same term whichever reading of the rules computed it.
"""

from __future__ import annotations

import math
import re
import struct
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from pyoxigraph import BaseDirection, Literal, NamedNode

from wearwhy.rdf import XSD, Node
from wearwhy.rules.expressions.moments import (
    Duration,
    EvaluationError,
    Moment,
    duration,
    moment,
)

INTEGER: Final = 0
DECIMAL: Final = 1
FLOAT: Final = 2
DOUBLE: Final = 3
RANKS: Final = (XSD.integer, XSD.decimal, XSD.float, XSD.double)

TRUE: Final = Literal("true", datatype=XSD.boolean)
FALSE: Final = Literal("false", datatype=XSD.boolean)

EXACT: Final = Context(prec=120)
"""Decimal arithmetic keeps 120 digits, and at most a hundred of them before the point."""

_LIMITS: Final[tuple[int, int]] = (10**1000, 10**100)

PLACES: Final = Decimal(1).scaleb(-18)
"""The digits a quotient of decimals is cut to, as XPath asks of a minimal processor."""


class Number(NamedTuple):
    """A number and its place in the promotion integer → decimal → float → double."""

    rank: int
    value: int | Decimal | float


class Tagged(NamedTuple):
    """A string with a language tag and, it may be, a base direction."""

    text: str
    language: str
    direction: str


Value: TypeAlias = Number | bool | str | Tagged | Moment | Duration

_UNSIGNED: Final = {"unsignedLong": 64, "unsignedInt": 32, "unsignedShort": 16, "unsignedByte": 8}
_SIGNED: Final = {"long": 64, "int": 32, "short": 16, "byte": 8}
_RANGES: Final[dict[NamedNode, tuple[int | None, int | None]]] = {
    XSD.integer: (None, None),
    XSD.nonNegativeInteger: (0, None),
    XSD.positiveInteger: (1, None),
    XSD.nonPositiveInteger: (None, 0),
    XSD.negativeInteger: (None, -1),
    **{XSD[name]: (0, 2**bits - 1) for name, bits in _UNSIGNED.items()},
    **{XSD[name]: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in _SIGNED.items()},
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,1000}")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DOUBLE: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SPECIAL: Final = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
_BOOLEAN: Final = {"true": True, "1": True, "false": False, "0": False}
_DURATIONS: Final = frozenset((XSD.duration, XSD.dayTimeDuration, XSD.yearMonthDuration))
_LARGEST_SINGLE: Final = 3.4028235677973366e38


def single(value: float) -> float:
    """Return the IEEE single nearest to a number."""
    if not math.isfinite(value):
        return value
    if abs(value) >= _LARGEST_SINGLE:
        return math.copysign(math.inf, value)
    result: float = struct.unpack("f", struct.pack("f", value))[0]
    return result


def double(value: Decimal | float) -> float:
    """Return the IEEE double nearest to a number; beyond the range, an infinity."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def parse_integer(text: str) -> int | None:
    """Return the integer a lexical form stands for, or None."""
    return int(text) if _INTEGER.fullmatch(text) else None


def parse_decimal(text: str) -> Decimal | None:
    """Return the decimal a lexical form stands for, or None."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def parse_double(text: str) -> float | None:
    """Return the double a lexical form stands for, or None."""
    if _DOUBLE.fullmatch(text):
        return float(text)
    return _SPECIAL.get(text)


def parse_boolean(text: str) -> bool | None:
    """Return the truth value a lexical form stands for, or None."""
    return _BOOLEAN.get(text)


@lru_cache(maxsize=65536)
def decode(literal: Literal) -> Value | None:
    """Return the value of a literal; None if it is ill-typed or of an unknown datatype."""
    if literal.language is not None:
        direction = literal.direction
        return Tagged(literal.value, literal.language, direction.value if direction else "")
    datatype, text = literal.datatype, literal.value
    if datatype == XSD.string:
        return text
    if not datatype.value.startswith(XSD):
        return None
    bounds = _RANGES.get(datatype)
    if bounds is not None:
        return _bounded(parse_integer(text), *bounds)
    return _other(datatype, text)


def _bounded(value: int | None, low: int | None, high: int | None) -> Number | None:
    if value is None or (low is not None and value < low) or (high is not None and value > high):
        return None
    return Number(INTEGER, value)


def _other(datatype: NamedNode, text: str) -> Value | None:
    if datatype == XSD.decimal:
        exact = parse_decimal(text)
        return None if exact is None else Number(DECIMAL, exact)
    if datatype == XSD.double:
        real = parse_double(text)
        return None if real is None else Number(DOUBLE, real)
    if datatype == XSD.float:
        real = parse_double(text)
        return None if real is None else Number(FLOAT, single(real))
    if datatype == XSD.boolean:
        return parse_boolean(text)
    if datatype in _DURATIONS:
        return duration(datatype, text)
    return moment(datatype, text)


def value_of(term: Node) -> Value | None:
    """Return the value of a term; None for what is no literal or has no value."""
    return decode(term) if isinstance(term, Literal) else None


def number_of(term: Node) -> Number:
    """Return the number a term stands for.

    Raises:
        EvaluationError: if it stands for none.
    """
    value = value_of(term)
    if isinstance(value, Number):
        return value
    raise EvaluationError("not a number")


def plain(value: Decimal) -> str:
    """Return a decimal in Oxigraph's form: no exponent, no trailing zeros, no point if whole."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def real_text(value: float, *, narrow: bool = False) -> str:
    """Return the shortest positional form of a float, INF, -INF or NaN; narrow for singles."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return np.format_float_positional(np.float32(value) if narrow else np.float64(value), trim="-")


def number_text(number: Number) -> str:
    """Return the lexical form a computed number is written in."""
    if number.rank == INTEGER:
        return str(number.value)
    if number.rank == DECIMAL:
        return plain(Decimal(number.value))
    return real_text(float(number.value), narrow=number.rank == FLOAT)


def encode(number: Number) -> Literal:
    """Return the literal of a number.

    Raises:
        EvaluationError: for an integer of more than 1000 digits or a decimal of more than 100.
    """
    if number.rank <= DECIMAL and not -_LIMITS[number.rank] < number.value < _LIMITS[number.rank]:
        raise EvaluationError("overflow")
    return Literal(number_text(number), datatype=RANKS[number.rank])


def boolean(value: bool) -> Literal:
    """Return the literal of a truth value."""
    return TRUE if value else FALSE


def text_literal(text: str, like: Tagged | str) -> Literal:
    """Return a string literal with the language and direction of another string."""
    if isinstance(like, Tagged):
        direction = BaseDirection(like.direction) if like.direction else None
        return Literal(text, language=like.language, direction=direction)
    return Literal(text)


def cut(value: Decimal) -> Decimal:
    """Return a quotient cut to eighteen places."""
    return value.quantize(PLACES, rounding=ROUND_DOWN, context=EXACT)


def nearest_decimal(value: float) -> Decimal:
    """Return the decimal of eighteen places nearest to a finite float.

    Raises:
        EvaluationError: at 1e100 and above.
    """
    exact = Decimal(value)
    if abs(exact) >= _LIMITS[DECIMAL]:
        raise EvaluationError("overflow")
    return exact.quantize(PLACES, rounding=ROUND_HALF_EVEN, context=EXACT)
