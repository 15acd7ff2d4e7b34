"""SHACL constraints on single values, as expressions: what holds, and what fails.

The two are not each other's negation: an error in a FILTER counts as false, so what fails is
spelt to be true of a value that cannot be compared at all.

Source: Shapes Constraint Language (SHACL), sections 4.1, 4.3, 4.4 and 4.8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from wearwhy.rdf import SH, XSD, BlankNode, Literal, NamedNode, Node
from wearwhy.rules.expressions.values import decode
from wearwhy.rules.foreign.graph import Graph, shown
from wearwhy.rules.foreign.queries import Lost
from wearwhy.rules.foreign.translation import Draft, flag
from wearwhy.rules.model import Call, Expression, Term, TriplePattern

_NUMBERS: Final = frozenset(
    XSD[name]
    for name in (
        *("integer", "decimal", "float", "double", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_KINDS: Final[dict[NamedNode, tuple[str, ...]]] = {
    SH.IRI: ("ISIRI",),
    SH.BlankNode: ("ISBLANK",),
    SH.Literal: ("ISLITERAL",),
    SH.BlankNodeOrIRI: ("ISBLANK", "ISIRI"),
    SH.BlankNodeOrLiteral: ("ISBLANK", "ISLITERAL"),
    SH.IRIOrLiteral: ("ISIRI", "ISLITERAL"),
}
_ORDERS: Final = {
    SH.minInclusive: ">=",
    SH.minExclusive: ">",
    SH.maxInclusive: "<=",
    SH.maxExclusive: "<",
}


@dataclass(frozen=True, slots=True)
class Test:
    """What is true of a value that conforms, and what of one that does not."""

    good: Expression
    bad: Expression


Reader = Callable[[Graph, Node, Node, Expression, Draft], Test]


def negated(expression: Expression) -> Expression:
    """Return `!expression`."""
    return Call("!", (expression,))


def either(parts: Sequence[Expression]) -> Expression:
    """Return the disjunction of expressions; false if there are none."""
    if not parts:
        return Literal("false", datatype=XSD.boolean)
    found = parts[0]
    for part in parts[1:]:
        found = Call("||", (found, part))
    return found


def value(term: Term) -> Expression:
    """Return a term as an expression.

    Raises:
        Lost: it is a triple term.
    """
    if isinstance(term, TriplePattern):
        raise Lost("a triple term stands where a node is expected")
    return term


def constant(node: Node) -> Node:
    """Return a node of a shapes graph as a constant of a rule.

    Raises:
        Lost: a blank node, which a rule cannot name.
    """
    if isinstance(node, BlankNode):
        raise Lost("a node without a name is meant, which a rule cannot name")
    return node


def same(one: Expression, two: Expression) -> Expression:
    """Return the expression that two terms are the same."""
    return Call("SAMETERM", (one, two))


def _datatype(graph: Graph, shape: Node, wanted: Node, term: Expression, draft: Draft) -> Test:
    del graph, shape
    good: Expression = Call(
        "&&", (Call("ISLITERAL", (term,)), same(Call("DATATYPE", (term,)), wanted))
    )
    bad = either(
        (negated(Call("ISLITERAL", (term,))), negated(same(Call("DATATYPE", (term,)), wanted)))
    )
    if wanted in _NUMBERS:
        good = Call("&&", (good, Call("ISNUMERIC", (term,))))
        bad = Call("||", (bad, negated(Call("ISNUMERIC", (term,)))))
    elif wanted == XSD.boolean:
        forms = tuple(Literal(form) for form in ("true", "false", "1", "0"))
        good = Call("&&", (good, Call("IN", (Call("STR", (term,)), *forms))))
        bad = Call("||", (bad, Call("NOT IN", (Call("STR", (term,)), *forms))))
    elif wanted not in {
        XSD.string,
        NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"),
    }:
        draft.note(
            "WW-SHACL-LEXICAL",
            f"A malformed literal of {shown(wanted)} passes as one.",
            note="SHACL refuses it; an expression has no test for the form of this datatype.",
        )
    return Test(good, bad)


def _kind(graph: Graph, shape: Node, wanted: Node, term: Expression, draft: Draft) -> Test:
    del graph, shape, draft
    tests = _KINDS.get(wanted) if isinstance(wanted, NamedNode) else None
    if tests is None:
        raise Lost(f"{shown(wanted)} is no kind of node")
    good = either([Call(test, (term,)) for test in tests])
    return Test(good, negated(good))


def _order(operator: str) -> Reader:
    def read(graph: Graph, shape: Node, limit: Node, term: Expression, draft: Draft) -> Test:
        del graph, shape
        good = Call(operator, (term, constant(limit)))
        if limit_is_number(limit):
            return Test(good, Call("||", (negated(Call("ISNUMERIC", (term,))), negated(good))))
        draft.note(
            "WW-SHACL-COMPARISON",
            f"A value whose order to {shown(limit)} is not determined passes.",
            note="SHACL refuses what cannot be compared, as a date without a time zone; in a rule it is an error.",
        )
        kind = limit.datatype if isinstance(limit, Literal) else XSD.string
        other = negated(same(Call("DATATYPE", (term,)), kind))
        return Test(good, either((negated(Call("ISLITERAL", (term,))), other, negated(good))))

    return read


def limit_is_number(limit: Node) -> bool:
    """Return whether a bound is a well-formed number."""
    return isinstance(limit, Literal) and limit.datatype in _NUMBERS and decode(limit) is not None


def _length(operator: str) -> Reader:
    def read(graph: Graph, shape: Node, limit: Node, term: Expression, draft: Draft) -> Test:
        del graph, shape, draft
        good = Call(operator, (Call("STRLEN", (Call("STR", (term,)),)), constant(limit)))
        blank = Call("ISBLANK", (term,))
        return Test(Call("&&", (negated(blank), good)), Call("||", (blank, negated(good))))

    return read


def _pattern(graph: Graph, shape: Node, pattern: Node, term: Expression, draft: Draft) -> Test:
    del draft
    flags = graph.one(shape, SH.flags)
    args: tuple[Expression, ...] = (Call("STR", (term,)), constant(pattern))
    good = Call("REGEX", args if flags is None else (*args, flags))
    blank = Call("ISBLANK", (term,))
    return Test(Call("&&", (negated(blank), good)), Call("||", (blank, negated(good))))


def _languages(graph: Graph, shape: Node, listed: Node, term: Expression, draft: Draft) -> Test:
    del shape, draft
    tests = [Call("LANGMATCHES", (Call("LANG", (term,)), tag)) for tag in graph.items(listed)]
    literal = Call("ISLITERAL", (term,))
    good = either(tests)
    return Test(Call("&&", (literal, good)), Call("||", (negated(literal), negated(good))))


def _among(graph: Graph, shape: Node, listed: Node, term: Expression, draft: Draft) -> Test:
    del shape, draft
    good = either([same(term, constant(node)) for node in graph.items(listed)])
    return Test(good, negated(good))


def _is(graph: Graph, shape: Node, wanted: Node, term: Expression, draft: Draft) -> Test:
    del graph, shape, draft
    good = same(term, constant(wanted))
    return Test(good, negated(good))


def never() -> Expression:
    """Return what is never true."""
    return negated(flag())


TESTS: Final[dict[NamedNode, Reader]] = {
    SH.datatype: _datatype,
    SH.nodeKind: _kind,
    **{name: _order(operator) for name, operator in _ORDERS.items()},
    SH.minLength: _length(">="),
    SH.maxLength: _length("<="),
    SH.pattern: _pattern,
    SH.languageIn: _languages,
    SH["in"]: _among,
}
"""Property of a shape → its constraint on each value."""

HAS_VALUE: Final[Reader] = _is
"""sh:hasValue on a node itself."""
