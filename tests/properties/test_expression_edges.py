"""Expressions at the edges of their datatypes: every function on every pair of awkward values.

As in `test_expressions`, Oxigraph is the second opinion, and where it leaves the letter of the
specification the specification wins: those places are listed, and shown still to be there.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, Literal, NamedNode, Quad, Store
from tests.properties.test_expressions import (
    ARITIES,
    Deviation,
    X,
    Y,
    deviates,
    own,
    oxigraph,
    parsed,
)

from wearwhy.rdf import XSD, Node
from wearwhy.rules.expressions.values import decode
from wearwhy.rules.model import Call

EDGES: dict[str, tuple[str, ...]] = {
    "integer": ("9223372036854775807", "-9223372036854775808", "99999999999999999999"),
    "byte": ("127",),
    "unsignedByte": ("200", "300"),
    "nonNegativeInteger": ("-1", "3"),
    "decimal": ("0.000000000000000001", "123456789012345678.123456789012345678", "0.1"),
    "double": ("1e308", "0.1", "-0", "abc"),
    "float": ("16777217", "0.1", "NaN", "-0"),
    "boolean": ("1", "0", "yes"),
    "dateTime": (
        "2020-02-29T24:00:00Z",
        "-0001-01-01T00:00:00Z",
        "2020-01-01T00:00:00+14:00",
        "2020-01-01T00:00:00-14:00",
        "2019-12-31T12:00:00",
    ),
    "dateTimeStamp": ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00"),
    "date": ("2020-02-30", "12020-01-01", "2020-02-29"),
    "gYear": ("2020", "2020Z"),
    "gYearMonth": ("2020-05",),
    "gMonthDay": ("--02-28", "--02-29"),
    "gDay": ("---31",),
    "gMonth": ("--05",),
    "duration": ("P1Y2M3DT4H5M6.7S", "P1Y", "P1D"),
    "yearMonthDuration": ("P12M",),
    "dayTimeDuration": ("PT24H", "-PT0.1S"),
    "anyURI": ("x",),
    "base64Binary": ("Zm9v",),
    "hexBinary": ("ff",),
    "token": ("a b",),
    "language": ("en",),
}
TERMS: tuple[Node, ...] = (
    *(Literal(text, datatype=XSD[name]) for name, texts in EDGES.items() for text in texts),
    Literal("a", language="en"),
    Literal("a", language="en", direction=BaseDirection.LTR),
    Literal("a", language="en", direction=BaseDirection.RTL),
    Literal("é"),
    Literal("e\u0301"),
    Literal("\U0001f457x"),
)
_BOUNDED = {XSD[name] for name in ("byte", "unsignedByte", "nonNegativeInteger", "positiveInteger")}
LARGE = Literal("1e308", datatype=XSD.double)


def _stored(term: Node) -> Node:
    store = Store()
    store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), term))
    (quad,) = store
    found: Node = quad.object
    return found


def _valueless(term: Node | None) -> bool:
    return isinstance(term, Literal) and decode(term) is None


DEVIATIONS = (
    Deviation(
        "a literal outside of its datatype has no value; Oxigraph reads it as an integer",
        'xsd:integer("300"^^xsd:unsignedByte)',
        lambda name, args: any(
            isinstance(arg, Literal) and arg.datatype in _BOUNDED and _valueless(arg)
            for arg in args
        ),
    ),
    Deviation(
        "a literal keeps its form and datatype; Oxigraph's store turns it into another one",
        'DATATYPE("3"^^xsd:nonNegativeInteger)',
        lambda name, args: (
            name in {"STR", "DATATYPE", "sameTerm", "TRIPLE"}
            and any(isinstance(arg, Literal) and arg != _stored(arg) for arg in args)
        ),
    ),
    Deviation(
        "integers have no largest; Oxigraph's have 64 bits",
        "xsd:integer(1e308)",
        lambda name, args: name == XSD.integer.value and args == [LARGE],
    ),
    Deviation(
        "literals without a value have no order; Oxigraph orders one with itself",
        '"x"^^xsd:anyURI <= "x"^^xsd:anyURI',
        lambda name, args: (
            name in {"<", ">", "<=", ">="} and all(map(_valueless, args)) and args[0] == args[1]
        ),
    ),
    Deviation(
        "29 February is a day of a year; Oxigraph takes it for malformed",
        '"--02-29"^^xsd:gMonthDay = "--02-28"^^xsd:gMonthDay',
        lambda name, args: any(
            isinstance(arg, Literal) and arg.datatype == XSD.gMonthDay and "02-29" in arg.value
            for arg in args
        ),
    ),
    Deviation(
        "a dateTimeStamp has a time zone; Oxigraph takes it without one",
        '"2020-01-01T00:00:00"^^xsd:dateTimeStamp < "2030-01-01T00:00:00"^^xsd:dateTime',
        lambda name, args: any(
            isinstance(arg, Literal) and arg.datatype == XSD.dateTimeStamp and _valueless(arg)
            for arg in args
        ),
    ),
)
CALLS = [(arity, name) for arity in (1, 2) for name in ARITIES[arity]]


@given(st.sampled_from(CALLS), st.sampled_from(TERMS), st.sampled_from(TERMS))
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_call_on_awkward_values_gives_what_oxigraph_gives(
    call: tuple[int, str], x: Node, y: Node
) -> None:
    arity, name = call
    expression = Call(name, (X,) if arity == 1 else (X, Y))
    solution = {X: x, Y: y}
    given_values: list[Node | None] = [x] if arity == 1 else [x, y]
    assume(not deviates(expression, solution))
    assume(not any(known.applies(name, given_values) for known in DEVIATIONS))
    assert own(expression, solution) == oxigraph(expression, solution)


@pytest.mark.parametrize("known", DEVIATIONS, ids=lambda known: known.reason)
def test_a_known_deviation_of_oxigraph_is_still_one(known: Deviation) -> None:
    expression = parsed(known.example)
    assert oxigraph(expression, {}) != own(expression, {})
