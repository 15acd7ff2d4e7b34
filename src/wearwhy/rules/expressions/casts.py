"""Constructor functions: `xsd:integer(…)` and its like.

Source: SPARQL 1.2, section 17.5, and XPath and XQuery Functions and Operators 3.1, section 19.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from wearwhy.rdf import XSD, Node
from wearwhy.rules.expressions.moments import (
    Duration,
    EvaluationError,
    Moment,
    duration,
    duration_text,
    moment,
    moment_text,
)
from wearwhy.rules.expressions.operators import duration_literal, finish
from wearwhy.rules.expressions.values import (
    DECIMAL,
    DOUBLE,
    FLOAT,
    INTEGER,
    Number,
    Tagged,
    Value,
    boolean,
    decode,
    double,
    nearest_decimal,
    number_text,
    parse_boolean,
    parse_decimal,
    parse_double,
    parse_integer,
    single,
)

_SPACE: Final = " \t\r\n"


def _value(term: Node) -> Value:
    value = decode(term) if isinstance(term, Literal) else None
    if value is None or isinstance(value, Tagged):
        raise EvaluationError("nothing to cast")
    return value


def _number(term: Node, rank: int) -> Number | str:
    value = _value(term)
    if isinstance(value, bool):
        return Number(INTEGER, int(value))
    if isinstance(value, Number):
        if rank <= DECIMAL and not math.isfinite(value.value):
            raise EvaluationError("not finite")
        return value
    if isinstance(value, str):
        return value.strip(_SPACE)
    raise EvaluationError("no cast to a number")


def _valid(rank: int, value: Decimal | float | None) -> Node:
    if value is None:
        raise EvaluationError("malformed number")
    return finish(Number(rank, value))


def integer(term: Node) -> Node:
    """Return a number cut to an integer, or the integer a string or boolean stands for."""
    value = _number(term, INTEGER)
    return _valid(INTEGER, parse_integer(value) if isinstance(value, str) else int(value.value))


def decimal(term: Node) -> Node:
    """Return a number, string or boolean as a decimal."""
    value = _number(term, DECIMAL)
    if isinstance(value, str):
        return _valid(DECIMAL, parse_decimal(value))
    exact = value.value
    return _valid(DECIMAL, nearest_decimal(exact) if isinstance(exact, float) else Decimal(exact))


def to_double(term: Node) -> Node:
    """Return a number, string or boolean as a double."""
    value = _number(term, DOUBLE)
    return _valid(DOUBLE, parse_double(value) if isinstance(value, str) else double(value.value))


def to_float(term: Node) -> Node:
    """Return a number, string or boolean as a float."""
    value = _number(term, FLOAT)
    real = parse_double(value) if isinstance(value, str) else double(value.value)
    return _valid(FLOAT, None if real is None else single(real))


def to_boolean(term: Node) -> Node:
    """Return a number, string or boolean as a boolean; zero and NaN are false."""
    value = _value(term)
    if isinstance(value, bool):
        return boolean(value)
    if isinstance(value, Number):
        return boolean(bool(value.value) and not math.isnan(value.value))
    found = parse_boolean(value.strip(_SPACE)) if isinstance(value, str) else None
    if found is None:
        raise EvaluationError("malformed boolean")
    return boolean(found)


def _canonical_real(number: Number) -> str:
    # XPath writes 1e6 and above, and below 1e-6, in scientific notation.
    value = float(number.value)
    form = number_text(number)
    if value == 0 or not math.isfinite(value) or 1e-6 <= abs(value) < 1e6:
        return form
    sign, digits, exponent = Decimal(form).normalize().as_tuple()
    figures = "".join(map(str, digits))
    assert isinstance(exponent, int)
    power = exponent + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def to_string(term: Node) -> Node:
    """Return the characters of an IRI, or the canonical form of a literal's value."""
    if isinstance(term, NamedNode):
        return Literal(term.value)
    if not isinstance(term, Literal):
        raise EvaluationError("nothing to cast")
    value = decode(term)
    if isinstance(value, bool):
        return Literal("true" if value else "false")
    if isinstance(value, Number):
        real = value.rank >= FLOAT
        return Literal(_canonical_real(value) if real else number_text(value))
    if isinstance(value, Moment) and not value.datatype.value.startswith(XSD + "g"):
        return Literal(moment_text(value))
    if isinstance(value, Duration):
        return Literal(duration_text(value))
    return Literal(term.value)


def _moment_cast(datatype: NamedNode) -> Callable[[Node], Node]:
    def cast(term: Node) -> Node:
        value = _value(term)
        if isinstance(value, str):
            value = moment(datatype, value.strip(_SPACE)) or ""
        if not isinstance(value, Moment):
            raise EvaluationError("no cast to a moment")
        return Literal(moment_text(_between(value, datatype)), datatype=datatype)

    return cast


def _between(value: Moment, datatype: NamedNode) -> Moment:
    if value.datatype == datatype:
        return value
    if value.datatype == XSD.dateTime and datatype == XSD.date:
        return replace(value, datatype=datatype, hour=None, minute=None, second=None)
    if value.datatype == XSD.dateTime and datatype == XSD.time:
        return replace(value, datatype=datatype, year=None, month=None, day=None)
    if value.datatype == XSD.date and datatype == XSD.dateTime:
        return replace(value, datatype=datatype, hour=0, minute=0, second=Decimal(0))
    raise EvaluationError("no cast between these types")


def _duration_cast(datatype: NamedNode) -> Callable[[Node], Node]:
    def cast(term: Node) -> Node:
        value = _value(term)
        if isinstance(value, str):
            value = duration(datatype, value.strip(_SPACE)) or ""
        if not isinstance(value, Duration):
            raise EvaluationError("no cast to a duration")
        months = 0 if datatype == XSD.dayTimeDuration else value.months
        seconds = Decimal(0) if datatype == XSD.yearMonthDuration else value.seconds
        return duration_literal(Duration(datatype, months, seconds))

    return cast


CASTS: Final[dict[str, Callable[[Node], Node]]] = {
    XSD.string.value: to_string,
    XSD.boolean.value: to_boolean,
    XSD.integer.value: integer,
    XSD.decimal.value: decimal,
    XSD.float.value: to_float,
    XSD.double.value: to_double,
    **{name.value: _moment_cast(name) for name in (XSD.dateTime, XSD.date, XSD.time)},
    **{
        name.value: _duration_cast(name)
        for name in (XSD.duration, XSD.dayTimeDuration, XSD.yearMonthDuration)
    },
}
"""IRI of a constructor function → the function."""
