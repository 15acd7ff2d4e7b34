"""Why not a fact: the premises that come nearest are those that trying every binding finds."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.programs import NODES, PREDICATES, facts, programs

from wearwhy.proof.nearest import nearest
from wearwhy.rdf import Fact, Literal, NamedNode, Node
from wearwhy.rules.firing import unify_atom
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Call, Element, Filter, Negation, Rule, Var, variables
from wearwhy.rules.substitute import in_atom

GRAPHS = st.lists(facts(), max_size=10, unique=True)


def patterns(rule: Rule) -> tuple[Atom, ...]:
    return tuple(element for element in rule.body if isinstance(element, Atom))


def plain(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Rules of patterns alone."""
    kept = [replace(rule, body=patterns(rule)) for rule in rules]
    return tuple(r for r in kept if variables(r.head) <= variables(r.body))


def fewest(layer: Layer, rule: Rule, fact: Fact) -> float:
    """Count the unmet patterns under the best of all bindings."""
    bound: dict[Var, Node] = {}
    if not unify_atom(rule.head[0], fact, bound):
        return float("inf")
    free = sorted(variables(rule.body) - bound.keys())
    return min(
        sum(
            not layer.holds(Fact(a.subject, a.predicate, a.object))  # type: ignore[arg-type]
            for a in (in_atom(a, {**bound, **dict(zip(free, values, strict=True))}) for a in patterns(rule))
        )
        for values in product(NODES, repeat=len(free))
    )  # fmt: skip


@given(programs(confident=False), GRAPHS, facts(5))
@settings(max_examples=150, deadline=None)
def test_no_binding_leaves_fewer_premises_unmet(
    rules: tuple[Rule, ...], said: list[Fact], fact: Fact
) -> None:
    chosen = plain(rules)
    layer = Layer.root(chosen, (), said)
    if layer.holds(fact):
        return
    best = min((fewest(layer, rule, fact) for rule in chosen), default=float("inf"))
    found = nearest(layer, fact, depth=0)
    assert (found[0].unmet if found else float("inf")) == best
    assert all(near.whole for near in found)


def lacking(elements: list[Element]) -> list[Fact]:
    return [
        Fact(e.subject, e.predicate, e.object)  # type: ignore[arg-type]
        for e in elements
        if isinstance(e, Atom) and not variables(e)
    ]


@given(programs(confident=False), GRAPHS, facts(5))
@settings(max_examples=150, deadline=None)
def test_meeting_the_unmet_premises_brings_the_fact_about(
    rules: tuple[Rule, ...], said: list[Fact], fact: Fact
) -> None:
    layer = Layer.root(rules, (), said)
    if layer.holds(fact):
        return
    for near in nearest(layer, fact):
        assert near.unmet > 0
        for premise in near.premises:
            if premise.fact is not None:
                assert layer.holds(premise.fact)
            assert all(layer.holds(one) for one in premise.in_the_way)
            if isinstance(premise.element, Negation):
                assert (premise.met is False) == bool(premise.in_the_way)
        unmet = [p.element for p in near.premises if p.met is not True]
        wanted = lacking(unmet)
        if len(wanted) == len(unmet) and not any(
            isinstance(p.element, Negation) for p in near.premises
        ):
            assert layer.child(Change(add=tuple(wanted))).holds(fact)


@given(programs(confident=False), GRAPHS, facts(5), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_is_nearest_does_not_depend_on_the_order_of_loading(
    rules: tuple[Rule, ...],
    said: list[Fact],
    fact: Fact,
    random: Random,
) -> None:
    layer = Layer.root(rules, (), said)
    mixed_rules, mixed = list(rules), list(said)
    random.shuffle(mixed_rules)
    random.shuffle(mixed)
    assert layer.holds(fact) or nearest(layer, fact) == nearest(
        Layer.root(mixed_rules, (), mixed), fact
    )


def test_a_test_that_fails_is_told_with_its_values() -> None:
    x, n = Var("x"), Var("n")
    rule = Rule(
        NamedNode("https://example.org/r"),
        (Atom(x, PREDICATES[1], NODES[0]),),
        (Atom(x, PREDICATES[0], n), Filter(Call(">", (n, Literal(3))))),
    )
    layer = Layer.root((rule,), (), [Fact(NODES[1], PREDICATES[0], Literal(2))])
    near, *_ = nearest(layer, Fact(NODES[1], PREDICATES[1], NODES[0]))
    assert [premise.met for premise in near.premises] == [True, False]
    assert near.premises[1].element == Filter(Call(">", (Literal(2), Literal(3))))
