"""Mined path rules against their definition, and planted rules against what was planted."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wearwhy.learn.additive import Ints
from wearwhy.learn.mined import triples as limits
from wearwhy.learn.mined.holding import held
from wearwhy.learn.mined.mining import Mining, mine
from wearwhy.learn.mined.paths import HornRule, Names, evidence
from wearwhy.learn.mined.sampling import Sample
from wearwhy.learn.mined.triples import Triples

EVERYTHING = Mining(least_right=1, least_confidence=0.0, most=10**6, most_constant=10**6)


@st.composite
def graphs(draw: st.DrawFn) -> Triples:
    entities, relations = draw(st.integers(2, 6)), draw(st.integers(1, 3))
    entity = st.integers(0, entities - 1)
    rows = draw(
        st.lists(st.tuples(entity, st.integers(0, relations - 1), entity), min_size=1, max_size=25)
    )
    return Triples.of(np.array(rows), entities, relations)


def steps_of(graph: Triples) -> set[tuple[int, int, int]]:
    return {(int(a), int(s), int(b)) for a, s, b in graph.directed}


def connected(graph: Triples, path: tuple[int, ...]) -> set[tuple[int, int]]:
    known = steps_of(graph)
    ways = itertools.permutations(range(graph.entities), len(path) + 1)
    return {
        (way[0], way[-1])
        for way in ways
        if all((a, s, b) in known for a, s, b in zip(way, path, way[1:], strict=False))
    }


def pairs(found: Ints) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in found}


@given(graph=graphs(), data=st.data())
@settings(deadline=None)
def test_a_path_connects_what_distinct_nodes_connect_by_either_kind_of_matrix(
    graph: Triples, data: st.DataObject
) -> None:
    path = tuple(data.draw(st.lists(st.integers(0, graph.steps - 1), min_size=1, max_size=3)))
    expected = connected(graph, path)
    assert pairs(graph.connected(path)) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "DENSE", 0)
        assert pairs(graph.connected(path)) == expected
        starts = np.array(
            sorted(data.draw(st.sets(st.integers(0, graph.entities - 1), min_size=1)))
        )
        found = graph.connected(path, starts)
        assert pairs(np.column_stack([starts[found[:, 0]], found[:, 1]])) == {
            (a, b) for a, b in expected if a in starts
        }


@given(graph=graphs())
@settings(deadline=None, max_examples=40)
def test_mining_a_small_graph_finds_every_path_rule_once_with_its_exact_figures(
    graph: Triples,
) -> None:
    known = {(int(a), int(r), int(b)) for a, r, b in graph.rows}
    expected = {}
    for length in (1, 2, 3):
        for body in itertools.product(range(graph.steps), repeat=length):
            reached = connected(graph, body)
            for head in range(graph.relations):
                right = sum((x, head, y) in known for x, y in reached)
                if right and body != (head,):
                    expected[head, body] = (len(reached), right)
    found = [rule for rule in mine(graph, EVERYTHING) if rule.to is None]
    assert {(r.head, r.body): (r.support, r.right) for r in found} == expected
    assert len(found) == len(expected)


@given(graph=graphs())
@settings(deadline=None, max_examples=60)
def test_mining_finds_every_rule_with_constants_with_its_exact_figures(graph: Triples) -> None:
    known = steps_of(graph)
    ends = {(step, end) for _, step, end in known}
    expected = {}
    for (head, to), body in itertools.product(ends, range(graph.steps)):
        for value in [None, *range(graph.entities)]:
            if (head, to) == (body, value):
                continue
            concluded = {
                a
                for a, s, b in known
                if s == body and a != to and (b != to if value is None else b == value)
            }
            right = sum((x, head, to) in known for x in concluded)
            if right:
                expected[head, to, body, value] = (len(concluded), right)
    found = [rule for rule in mine(graph, EVERYTHING) if rule.to is not None]
    assert {(r.head, r.to, r.body[0], r.value): (r.support, r.right) for r in found} == expected


@given(graph=graphs())
@settings(deadline=None, max_examples=40)
def test_the_examples_of_a_rule_are_as_many_as_its_figures_say(graph: Triples) -> None:
    for rule in mine(graph, EVERYTHING)[:50]:
        shown = evidence(rule, graph)
        assert len(shown.right) == rule.right
        assert len(shown.right) + len(shown.wrong) == rule.support
        assert graph.holds(shown.right).all()
        assert not graph.holds(shown.wrong).any()


def planted(
    body: tuple[int, ...], entities: int, edges: int, share: float, seed: int
) -> tuple[Triples, int, int]:
    """Return a graph whose last relation follows a body in a share of cases; support and right."""
    relations = 4
    rng = np.random.default_rng(seed)
    rows = np.column_stack(
        [
            rng.integers(0, entities, edges * 3),
            np.repeat(np.arange(3), edges),
            rng.integers(0, entities, edges * 3),
        ]
    )
    bare = Triples.of(rows, entities, relations)
    reached = bare.connected(body)
    kept = reached[rng.random(len(reached)) < share]
    heads = np.column_stack([kept[:, 0], np.full(len(kept), 3), kept[:, 1]])
    stray = np.column_stack(
        [rng.integers(0, entities, 10), np.full(10, 3), rng.integers(0, entities, 10)]
    )
    return (
        Triples.of(np.concatenate([rows, heads, stray]), entities, relations),
        len(reached),
        len(kept),
    )


BODIES = st.lists(st.sampled_from([0, 1, 2, 4, 5, 6]), min_size=1, max_size=3).map(tuple)


@given(
    body=BODIES, entities=st.integers(30, 80), share=st.floats(0.5, 1.0), seed=st.integers(0, 2**20)
)
@settings(deadline=None, max_examples=15)
def test_a_planted_rule_is_found_with_the_confidence_it_was_planted_with(
    body: tuple[int, ...], entities: int, share: float, seed: int
) -> None:
    graph, support, right = planted(body, entities, 2 * entities, share, seed)
    assume(support >= 20)
    found = {r.body: r for r in mine(graph, Mining(constants=False)) if r.head == 3}
    rule = found[body]
    assert rule.support == support
    assert right <= rule.right <= right + 10
    noise = 5 * math.sqrt(share * (1 - share) / support)
    assert abs(rule.confidence - share) <= noise + 15 / support
    # nothing of another shape is as sure, save what says the same by way of the head itself
    sure = [
        r
        for r in found.values()
        if r.confidence > rule.confidence and 3 not in {s % 4 for s in r.body}
    ]
    assert len(sure) <= 3


@given(body=BODIES, share=st.floats(0.6, 1.0), seed=st.integers(0, 2**20))
@settings(deadline=None, max_examples=4)
def test_a_planted_rule_is_found_by_sampling_in_a_graph_too_large_to_count(
    body: tuple[int, ...], share: float, seed: int
) -> None:
    graph, support, _ = planted(body, 1500, 2000, share, seed)
    assume(support >= 200)
    assert not graph.small
    how = Mining(constants=False, sample=Sample(triples=100, walks=20, bodies=60, starts=600))
    found = mine(graph, how)
    rule = next(r for r in found if r.head == 3 and r.body == body)
    assert rule.sampled
    assert abs(rule.right / rule.support - share) <= 0.12
    assert mine(graph, how) == found


@given(seed=st.integers(0, 2**20))
@settings(deadline=None, max_examples=6)
def test_rules_that_are_sure_by_chance_are_exposed_by_held_out_items(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items, noises, values = 240, 40, 20
    yes, no, first = items, items + 1, items + 2
    signed = rng.random(items) < 0.5
    # the sign means yes in nine cases of ten; everything else means nothing
    said = np.where(rng.random(items) < 0.9, signed, ~signed)
    heads = np.array([(n, 0, yes if said[n] else no) for n in range(items)])
    facts = [(n, 1, first) for n in range(items) if signed[n]]
    drawn = first + 1 + np.arange(noises) * values + rng.integers(0, values, (items, noises))
    facts += [(n, 2 + k, int(drawn[n, k])) for n in range(items) for k in range(noises)]
    told = np.array(facts)
    seen, size = items // 2, (first + 1 + noises * values, 2 + noises)
    mined_from = Triples.of(np.concatenate([heads[:seen], told[told[:, 0] < seen]]), *size)
    known = Triples.of(np.concatenate([heads[:seen], told]), *size)
    how = Mining(longest=1, least_right=4, least_confidence=0.75, caution=0.0, concluding=(0,))
    rules = [r for r in mine(mined_from, how) if r.to in {yes, no}]
    figures = held(rules, known, heads[seen:])

    def meant(rule: HornRule) -> bool:
        return rule.body == (1,)

    true = [f for f in figures if meant(f.rule)]
    chance = [f for f in figures if not meant(f.rule) and f.rule.value is not None and f.support]
    assert any(f.rule.to == yes for f in true)
    for figure in true:
        assert figure.at_least > 0.6
    assert len(chance) >= 5
    assert all(f.rule.confidence >= 0.75 for f in chance)
    right, support = sum(f.right for f in chance), sum(f.support for f in chance)
    assert right / support < 0.65
    assert sum(f.exposed for f in chance) >= len(chance) / 4


def test_rules_read_as_they_are_written_down() -> None:
    names = Names(["ann", "bob", "yes"], ["treats", "isa"])
    path = HornRule(0, None, (0, 3), None, 120, 96, 96 / 125)
    assert path.told(names) == (
        "treats(X,Y) <- treats(X,A), isa(Y,A)   support 120, right 96, confidence .77"
    )
    constant = HornRule(3, 2, (0,), 1, 10, 10, 1.0, sampled=True)
    assert constant.told(names) == (
        "isa(yes,X) <- treats(X,bob)   support 10, right 10, confidence 1.00 (on a sample)"
    )
    anything = HornRule(1, 2, (2,), None, 4, 2, 2 / 9)
    assert anything.sentence(names) == "isa(X,yes) <- treats(A,X)"
