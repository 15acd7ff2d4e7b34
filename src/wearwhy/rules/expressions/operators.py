"""SPARQL's operators over terms: truth, equality, order and arithmetic.

Source: SPARQL 1.2 Query Language, section 17.3 (operator mapping). Where the table has no entry
the operator is an error, except that, as SPARQL 1.2 lets an engine do, strings of one language
are ordered and moments can be subtracted: Oxigraph, which answers queries over the same graph,
does likewise.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, Triple

from wearwhy.rdf import XSD, Node
from wearwhy.rules.expressions.moments import (
    Duration,
    EvaluationError,
    Moment,
    duration_text,
    order,
)
from wearwhy.rules.expressions.values import (
    DECIMAL,
    EXACT,
    FLOAT,
    Number,
    Tagged,
    Value,
    cut,
    decode,
    double,
    encode,
    number_of,
    single,
    value_of,
)

_NOT_EQUAL_EITHER: Final = 2


def effective(term: Node) -> bool:
    """Return the effective boolean value of a term.

    Raises:
        EvaluationError: unless it is a boolean, a number or an xsd:string with a valid form.
    """
    value = value_of(term)
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return bool(value)
    if isinstance(value, Number):
        return bool(value.value) and not math.isnan(value.value)
    raise EvaluationError("no effective boolean value")


def promote(
    left: Number, right: Number
) -> tuple[int, int | Decimal | float, int | Decimal | float]:
    """Return the common rank of two numbers and both values promoted to it."""
    rank = max(left.rank, right.rank)
    if rank <= DECIMAL:
        return rank, left.value, right.value
    one, two = double(left.value), double(right.value)
    return (rank, single(one), single(two)) if rank == FLOAT else (rank, one, two)


def equal(left: Node, right: Node) -> bool:
    """Return whether two terms stand for the same value.

    Raises:
        EvaluationError: for two different literals one of which has no known value.
    """
    if isinstance(left, Triple) and isinstance(right, Triple):
        return _equal_triples(left, right)
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return left == right
    one, two = decode(left), decode(right)
    if one is None or two is None:
        if left == right:
            return True
        if isinstance(one, Tagged) or isinstance(two, Tagged):
            return False
        raise EvaluationError("two literals of unknown values")
    return _equal_values(one, two)


def _equal_values(one: Value, two: Value) -> bool:
    if isinstance(one, Number) and isinstance(two, Number):
        _, here, there = promote(one, two)
        return here == there
    if isinstance(one, Moment) and isinstance(two, Moment):
        return one.datatype == two.datatype and order(one, two) == 0
    if isinstance(one, Duration) and isinstance(two, Duration):
        return (one.months, one.seconds) == (two.months, two.seconds)
    return type(one) is type(two) and one == two


def _equal_triples(left: Triple, right: Triple) -> bool:
    # One unequal part settles it, whatever errors the others hold, as in `&&`.
    error: EvaluationError | None = None
    for one, two in zip(left, right, strict=True):
        try:
            if not equal(one, two):
                return False
        except EvaluationError as found:
            error = found
    if error is not None:
        raise error
    return True


def compare(left: Node, right: Node) -> int:
    """Return -1, 0 or 1 as one term comes before, with or after another; 2 beside a NaN.

    Raises:
        EvaluationError: for terms of kinds that have no order, and for indeterminate moments.
    """
    return compare_values(value_of(left), value_of(right))


def compare_values(one: Value | None, two: Value | None) -> int:
    """Return what `compare` returns, of decoded values."""
    if isinstance(one, Number) and isinstance(two, Number):
        _, here, there = promote(one, two)
        if here != here or there != there:  # noqa: PLR0124 — NaN
            return _NOT_EQUAL_EITHER
        return (here > there) - (here < there)
    if isinstance(one, str) and isinstance(two, str):
        return (one > two) - (one < two)
    if isinstance(one, bool) and isinstance(two, bool):
        return one - two
    return _compare_others(one, two)


def _compare_others(one: Value | None, two: Value | None) -> int:
    if isinstance(one, Tagged) and isinstance(two, Tagged) and one[1:] == two[1:]:
        return (one.text > two.text) - (one.text < two.text)
    if isinstance(one, Moment) and isinstance(two, Moment) and one.datatype == two.datatype:
        found = order(one, two)
        if found is not None:
            return found
    if isinstance(one, Duration) and isinstance(two, Duration):
        return _compare_durations(one, two)
    raise EvaluationError("no order between these terms")


def _compare_durations(one: Duration, two: Duration) -> int:
    months = (one.months > two.months) - (one.months < two.months)
    seconds = (one.seconds > two.seconds) - (one.seconds < two.seconds)
    # Months and seconds have no common measure: both must agree.
    if months * seconds < 0 or (months != 0 and (one.seconds or two.seconds)):
        raise EvaluationError("months and days have no common measure")
    return months or seconds


def _number(
    exact: Callable[[Decimal, Decimal], Decimal], native: Callable[..., int | float]
) -> Callable[[Number, Number], Number]:
    def compute(left: Number, right: Number) -> Number:
        rank, one, two = promote(left, right)
        # Only decimals need a context: integers are exact as they are, floats are IEEE's.
        if rank == DECIMAL:
            return Number(rank, exact(Decimal(one), Decimal(two)))
        return Number(rank, native(one, two))

    return compute


def _divide(left: Number, right: Number) -> Number:
    rank, one, two = promote(left, right)
    if rank <= DECIMAL:
        if two == 0:
            raise EvaluationError("division by zero")
        return Number(DECIMAL, cut(EXACT.divide(Decimal(one), Decimal(two))))
    if two == 0:
        sign = math.copysign(1, one) * math.copysign(1, two)
        return Number(rank, math.nan if one == 0 or one != one else sign * math.inf)  # noqa: PLR0124
    return Number(rank, one / two)  # type: ignore[operator]


_ARITHMETIC: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "+": _number(EXACT.add, operator.add),
    "-": _number(EXACT.subtract, operator.sub),
    "*": _number(EXACT.multiply, operator.mul),
    "/": _divide,
}


def arithmetic(sign: str) -> Callable[[Node, Node], Node]:
    """Return the function of terms that `+`, `-`, `*` or `/` stands for."""
    compute = _ARITHMETIC[sign]

    def apply(left: Node, right: Node) -> Node:
        one, two = value_of(left), value_of(right)
        if isinstance(one, Number) and isinstance(two, Number):
            try:
                return finish(compute(one, two))
            except ArithmeticError as error:
                raise EvaluationError("a result out of range") from error
        if sign in "+-":
            return _temporal(sign, one, two)
        raise EvaluationError(f"no {sign} for these terms")

    return apply


def finish(number: Number) -> Literal:
    """Return the literal of a computed number; singles are rounded to singles."""
    if number.rank == FLOAT:
        return encode(Number(FLOAT, single(float(number.value))))
    return encode(number)


def _temporal(name: str, one: Value | None, two: Value | None) -> Literal:
    if isinstance(one, Moment) and isinstance(two, Moment) and name == "-":
        timeless = one.datatype not in (XSD.dateTime, XSD.date, XSD.time)
        if timeless or one.datatype != two.datatype or (one.zone is None) != (two.zone is None):
            raise EvaluationError("no difference between these moments")
        seconds = one.position - two.position
        return duration_literal(Duration(XSD.dayTimeDuration, 0, seconds))
    if isinstance(one, Duration) and isinstance(two, Duration) and one.datatype == two.datatype:
        sign = 1 if name == "+" else -1
        months, seconds = one.months + sign * two.months, one.seconds + sign * two.seconds
        if months * seconds < 0:
            raise EvaluationError("a duration of mixed signs")
        return duration_literal(Duration(one.datatype, months, seconds))
    raise EvaluationError(f"no {name} for these terms")


def duration_literal(value: Duration) -> Literal:
    """Return the literal of a duration."""
    return Literal(duration_text(value), datatype=value.datatype)


def minus(term: Node) -> Node:
    """Return the negative of a number or duration."""
    value = value_of(term)
    if isinstance(value, Duration):
        return duration_literal(Duration(value.datatype, -value.months, -value.seconds))
    number = number_of(term)
    return encode(Number(number.rank, -number.value))


def plus(term: Node) -> Node:
    """Return a number unchanged, as a literal of its primitive type."""
    return encode(number_of(term))
