"""The solutions of a body over a closed layer, one pattern after the other.

It reads a layer through its look-ups alone and compiles nothing: for a body that is asked a few
times, or not at all as it stands, it is quicker than the engine's generated functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Protocol, TypeAlias

from wearwhy.evidence import Kind
from wearwhy.rdf import BlankNode, Fact, NamedNode, Node
from wearwhy.rules.expressions import (
    EvaluationError,
    TermOf,
    TruthOf,
    compile_expression,
    compile_truth,
)
from wearwhy.rules.firing import unify_atom
from wearwhy.rules.model import (
    Assign,
    Atom,
    Element,
    Expression,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
)
from wearwhy.rules.plan import Match, Step, apart, order
from wearwhy.rules.substitute import in_term

Solution: TypeAlias = dict[Var, Node]


class Closed(Protocol):
    """What is read of a layer."""

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the visible facts with the given terms; None matches any."""

    def kind(self, fact: Fact, /) -> Kind | None:
        """Return what kind of fact it is."""


def solutions(
    rule: Rule, layer: Closed, bound: Mapping[Var, Node] | None = None
) -> Iterator[Solution]:
    """Yield every solution of a rule's body, in no particular order.

    Args:
        rule: whose body, and whose way of reading (`WHERE DATA`, `ww:readsGuesses`), is meant.
        layer: the closed graph.
        bound: values that variables have from the start.
    """
    start = dict(bound or {})
    steps = order(apart(rule.body), start)
    yield from _solve(steps, 0, start, layer, rule, data=rule.data, negated=False)


def touching(
    rule: Rule, layer: Closed, added: Mapping[NamedNode, Sequence[Fact]]
) -> Iterator[Solution]:
    """Yield every solution that matches a pattern of a rule's body, not in a NOT, to given facts.

    Args:
        rule: as for `solutions`.
        layer: the closed graph.
        added: some of its facts, by property. A solution that rests on several may come again.
    """
    body = apart(rule.body)
    for number, atom in enumerate(e for e in body if isinstance(e, Atom)):
        if isinstance(atom.predicate, NamedNode):
            facts: Iterable[Fact] = added.get(atom.predicate, ())
        else:
            facts = chain.from_iterable(added.values())
        steps: list[Step] | None = None
        for fact in facts:
            bound: Solution = {}
            if not unify_atom(atom, fact, bound):
                continue
            if rule.data and layer.kind(fact) is not Kind.ASSERTED:
                continue
            if steps is None:
                steps = order(body, bound, done=number)
            yield from _solve(steps, 0, bound, layer, rule, data=rule.data, negated=False)


def derives(rule: Rule, layer: Closed, fact: Fact) -> bool:
    """Return whether some solution of a rule's body makes its head say a fact.

    A head that makes terms (a blank node) says no fact that is known beforehand.
    """
    for atom in rule.head:
        bound: Solution = {}
        if unify_atom(atom, fact, bound) and next(solutions(rule, layer, bound), None) is not None:
            return True
    return False


def _solve(
    steps: Sequence[Step],
    at: int,
    known: Solution,
    layer: Closed,
    rule: Rule,
    *,
    data: bool,
    negated: bool,
) -> Iterator[Solution]:
    if at == len(steps):
        yield known
        return
    step = steps[at]
    if isinstance(step, Match):
        for fact in _matching(step.atom, known, layer):
            kind = layer.kind(fact)
            if data and kind is not Kind.ASSERTED:
                continue
            if negated and kind is Kind.PREDICTED and not rule.description.reads_guesses:
                continue
            more = dict(known)
            if unify_atom(step.atom, fact, more):
                yield from _solve(steps, at + 1, more, layer, rule, data=data, negated=negated)
        return
    if isinstance(step, Filter):
        go_on = _true(step.expression, known)
    elif isinstance(step, Assign):
        try:
            value = _term_of(step.expression)(known)
        except EvaluationError:
            return
        go_on = known.get(step.var, value) == value
        known = {**known, step.var: value}
    else:
        go_on = not _blocked(step, known, layer, rule)
    if go_on:
        yield from _solve(steps, at + 1, known, layer, rule, data=data, negated=negated)


def _blocked(negation: Negation, known: Solution, layer: Closed, rule: Rule) -> bool:
    steps = _inner_order(negation.body, frozenset(known))
    data = negation.data or rule.data
    return next(_solve(steps, 0, known, layer, rule, data=data, negated=True), None) is not None


@lru_cache(maxsize=4096)
def _inner_order(body: tuple[Element, ...], bound: frozenset[Var]) -> tuple[Step, ...]:
    return tuple(order(body, bound))


def _matching(atom: Atom, known: Solution, layer: Closed) -> Iterator[Fact]:
    subject, predicate, found = (
        _known(part, known) for part in (atom.subject, atom.predicate, atom.object)
    )
    if predicate is None or isinstance(predicate, NamedNode):
        yield from layer.match(subject, predicate, found)


def _known(term: Term, known: Solution) -> Node | None:
    value = in_term(term, known)
    # A blank node of a body is some node, and a triple term may still hold a variable.
    return (
        None
        if isinstance(value, Var | TriplePattern | BlankNode) and value is term
        else _node(value)
    )


def _node(value: Term) -> Node | None:
    return None if isinstance(value, Var | TriplePattern) else value


def _true(expression: Expression, known: Solution) -> bool:
    try:
        return _truth_of(expression)(known)
    except EvaluationError:
        return False


@lru_cache(maxsize=4096)
def _truth_of(expression: Expression) -> TruthOf:
    return compile_truth(expression)


@lru_cache(maxsize=4096)
def _term_of(expression: Expression) -> TermOf:
    return compile_expression(expression)
