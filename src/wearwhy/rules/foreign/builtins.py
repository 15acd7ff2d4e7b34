"""SWRL built-ins as expressions.

A built-in whose first argument has no value yet computes it (SET); otherwise it tests (FILTER).

Source: SWRL: A Semantic Web Rule Language, W3C member submission of 2004, section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from wearwhy.rdf import XSD, Literal, Namespace
from wearwhy.rules.model import Call, Expression

SWRLB: Final = Namespace("http://www.w3.org/2003/11/swrlb#")

Maker = Callable[..., Expression]


def _call(name: str) -> Maker:
    return lambda *args: Call(name, args)


def _folded(name: str) -> Maker:
    """Return a chain of a binary operator: add(?r, a, b, c)."""

    def make(*args: Expression) -> Expression:
        found = args[0]
        for arg in args[1:]:
            found = Call(name, (found, arg))
        return found

    return make


def _whole(one: Expression, two: Expression) -> Expression:
    return Call(XSD.integer.value, (Call("/", (one, two)),))


def _rest(one: Expression, two: Expression) -> Expression:
    return Call("-", (one, Call("*", (two, _whole(one, two)))))


def _lower(*args: Expression) -> tuple[Expression, ...]:
    return tuple(Call("LCASE", (arg,)) for arg in args)


def _spaces(text: Expression) -> Expression:
    one = Call("REPLACE", (text, Literal("[ \\t\\r\\n]+"), Literal(" ")))
    return Call("REPLACE", (one, Literal("^ | $"), Literal("")))


TESTS: Final[dict[str, tuple[Maker, int, int]]] = {
    "equal": (_call("="), 2, 2),
    "notEqual": (_call("!="), 2, 2),
    "lessThan": (_call("<"), 2, 2),
    "lessThanOrEqual": (_call("<="), 2, 2),
    "greaterThan": (_call(">"), 2, 2),
    "greaterThanOrEqual": (_call(">="), 2, 2),
    "stringEqualIgnoreCase": (lambda a, b: Call("=", _lower(a, b)), 2, 2),
    "contains": (_call("CONTAINS"), 2, 2),
    "containsIgnoreCase": (lambda a, b: Call("CONTAINS", _lower(a, b)), 2, 2),
    "startsWith": (_call("STRSTARTS"), 2, 2),
    "endsWith": (_call("STRENDS"), 2, 2),
    "matches": (_call("REGEX"), 2, 3),
}
"""Built-in → the test, fewest and most arguments."""

RESULTS: Final[dict[str, tuple[Maker, int, int]]] = {
    "equal": (lambda value: value, 1, 1),
    "add": (_folded("+"), 2, 100),
    "subtract": (_call("-"), 2, 2),
    "multiply": (_folded("*"), 2, 100),
    "divide": (_call("/"), 2, 2),
    "integerDivide": (_whole, 2, 2),
    "mod": (_rest, 2, 2),
    "unaryMinus": (_call("u-"), 1, 1),
    "unaryPlus": (_call("u+"), 1, 1),
    "abs": (_call("ABS"), 1, 1),
    "ceiling": (_call("CEIL"), 1, 1),
    "floor": (_call("FLOOR"), 1, 1),
    "round": (_call("ROUND"), 1, 1),
    "booleanNot": (_call("!"), 1, 1),
    "stringConcat": (_call("CONCAT"), 1, 100),
    "substring": (_call("SUBSTR"), 2, 3),
    "stringLength": (_call("STRLEN"), 1, 1),
    "normalizeSpace": (_spaces, 1, 1),
    "upperCase": (_call("UCASE"), 1, 1),
    "lowerCase": (_call("LCASE"), 1, 1),
    "substringBefore": (_call("STRBEFORE"), 2, 2),
    "substringAfter": (_call("STRAFTER"), 2, 2),
    "replace": (_call("REPLACE"), 3, 4),
    "addDayTimeDurations": (_folded("+"), 2, 100),
    "subtractDates": (_call("-"), 2, 2),
    "subtractTimes": (_call("-"), 2, 2),
    "subtractDateTimesYieldingDayTimeDuration": (_call("-"), 2, 2),
}
"""Built-in → the value of its first argument made of the others, fewest and most of them."""

NAMES: Final = frozenset((*TESTS, *RESULTS))


def made(
    table: dict[str, tuple[Maker, int, int]], name: str, args: Sequence[Expression]
) -> Expression | None:
    """Return the expression of a built-in, or None where it has none of that many arguments."""
    found = table.get(name)
    if found is None or not found[1] <= len(args) <= found[2]:
        return None
    return found[0](*args)
