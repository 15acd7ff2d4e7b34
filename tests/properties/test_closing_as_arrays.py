"""Closing whole properties as arrays ends where closing fact by fact ends."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.programs import facts, programs, rules
from tests.properties.test_flattening import changes
from tests.properties.test_maintenance import proofs_stand, state

from wearwhy.proof.checker import check
from wearwhy.proof.prove import Prover, ground
from wearwhy.rdf import Fact
from wearwhy.rules.columnar.forest import LEAF, forest
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule

RELAXED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
GRAPHS = st.lists(facts(), max_size=14, unique=True)


def both(program: tuple[Rule, ...], start: list[Fact]) -> tuple[Layer, Layer]:
    """Return a graph closed as arrays, and fact by fact."""
    return (
        Layer.root(program, (), start, arrays_from=0),
        Layer.root(program, (), start, arrays_from=1_000),
    )


@RELAXED
@given(program=programs(), start=GRAPHS)
def test_arrays_and_single_facts_close_to_the_same_graph(
    program: tuple[Rule, ...], start: list[Fact]
) -> None:
    arrays, single = both(program, start)
    assert arrays.ground is not None
    assert single.ground is None
    assert state(arrays) == state(single)
    assert set(arrays.own()) == set(arrays.facts())
    proofs_stand(arrays)
    for fact in arrays.facts():
        s, p, o = fact
        for pattern in ((s, p, None), (None, p, o), (s, None, o), (s, p, o), (None, p, None)):
            assert set(arrays.match(*pattern)) == set(single.match(*pattern))


@settings(RELAXED, max_examples=60)
@given(program=programs(), start=GRAPHS)
def test_the_checker_accepts_every_derivation_that_arrays_keep(
    program: tuple[Rule, ...], start: list[Fact]
) -> None:
    arrays, _ = both(program, start)
    prover, truth = Prover(arrays), ground(arrays, program)
    for fact in list(arrays.facts()):
        assert check(prover.evidence(fact), truth) == []


@RELAXED
@given(
    program=programs(), start=GRAPHS, edits=st.lists(changes(), max_size=8), flat=st.integers(0, 9)
)
def test_edits_over_arrays_end_where_edits_over_single_facts_end(
    program: tuple[Rule, ...], start: list[Fact], edits: list[Change], flat: int
) -> None:
    arrays, single = both(program, start)
    for number, edit in enumerate(edits):
        arrays, single = arrays.child(edit), single.child(edit)
        assert state(arrays) == state(single)
        gained, lost = arrays.changes()
        assert (set(gained), set(lost)) == tuple(map(set, single.changes()))
        if number == flat:
            arrays = arrays.flattened(None)
            assert state(arrays) == state(single)
    proofs_stand(arrays)


@dataclass(frozen=True)
class Step:
    """One edit: what it brings, and which of what is there it takes (by number)."""

    add: list[Fact]
    take: list[int]
    rule: Rule | None
    strike: int | None
    guess: tuple[Fact, float] | None
    at_once: bool


STEPS = st.builds(
    Step,
    add=st.lists(facts(), max_size=3, unique=True),
    take=st.lists(st.integers(0, 20), max_size=3),
    rule=st.none() | st.integers(0, 7).flatmap(lambda n: rules(number=n)),
    strike=st.none() | st.integers(0, 7),
    guess=st.none() | st.tuples(facts(), st.sampled_from([0.6, 0.9])),
    at_once=st.sampled_from([True, True, False]),
)


@pytest.mark.slow
@settings(RELAXED, max_examples=250)
@given(
    program=st.booleans().flatmap(lambda sure: programs(confident=not sure)),
    start=st.lists(facts(), min_size=6, max_size=20, unique=True),
    steps=st.lists(STEPS, min_size=1, max_size=5),
)
def test_edits_of_whole_properties_end_where_edits_of_single_facts_end(
    program: tuple[Rule, ...], start: list[Fact], steps: list[Step]
) -> None:
    arrays, single = both(program, start)
    said, iris = dict.fromkeys(start), {rule.iri: None for rule in program}
    for step in steps:
        taken = tuple({list(said)[n % len(said)] for n in step.take}) if said else ()
        struck = () if step.strike is None or not iris else (list(iris)[step.strike % len(iris)],)
        change = Change(
            add=tuple(step.add),
            remove=taken,
            predict=() if step.guess is None else (step.guess,),
            rules_add=() if step.rule is None else (step.rule,),
            rules_remove=struck,
        )
        said = {f: None for f in said if f not in taken} | dict.fromkeys(step.add)
        iris = {i: None for i in iris if i not in struck} | {r.iri: None for r in change.rules_add}
        below = arrays
        arrays = arrays.child(change, arrays_from=0 if step.at_once else 1_000)
        single = single.child(change)
        assert state(arrays) == state(single)
        assert arrays.below is below
        gained, lost = arrays.changes()
        assert (set(gained), set(lost)) == tuple(map(set, single.changes()))
        proofs_stand(arrays)


@RELAXED
@given(program=programs(confident=False), start=GRAPHS, order=st.randoms(use_true_random=False))
def test_the_order_of_rules_and_facts_does_not_matter_to_arrays(
    program: tuple[Rule, ...], start: list[Fact], order: Random
) -> None:
    shuffled, mixed = list(program), list(start)
    order.shuffle(shuffled)
    order.shuffle(mixed)
    one, other = both(program, start)[0], both(tuple(shuffled), mixed)[0]
    assert state(one) == state(other)


@RELAXED
@given(
    program=programs(),
    start=GRAPHS,
    edits=st.lists(changes(), max_size=4),
    at_once=st.booleans(),
)
def test_the_forest_of_all_derivations_says_what_each_fact_is_said_to_rest_on(
    program: tuple[Rule, ...], start: list[Fact], edits: list[Change], at_once: bool
) -> None:
    layer = both(program, start)[0 if at_once else 1]
    for edit in edits:
        layer = layer.child(edit)
    every = forest(layer)
    fact = layer.interner.fact
    told = [fact((s, p, o)) for s, p, o in every.rows.tolist()]
    assert sorted(told, key=str) == sorted(layer.facts(), key=str)
    heights = every.heights().tolist()
    for number, one in enumerate(told):
        firing = layer.firing(one)
        premises = every.of(number).tolist()
        assert [told[n] for n in premises] == list(firing.premises if firing else ())
        assert heights[number] == max([heights[n] + 1 for n in premises], default=0)
        rule = int(every.rule[number])
        assert (rule == LEAF) == (firing is None)
        if firing is not None:
            assert every.rules[rule].rule.iri == firing.rule
