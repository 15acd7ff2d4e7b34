"""Walks between items: counted as arrays, fact by fact and by trying every walk, all alike."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.test_walks import Facts

from wearwhy.rdf import ID, RDF, SCHEMA, TYPE, WW, Fact, NamedNode, Node, literal
from wearwhy.walk import companions, metapaths
from wearwhy.walk.company import Companions
from wearwhy.walk.graph import Apart, held_out
from wearwhy.walk.metapaths import MetaPath, Step

HAS, MODEL, SHOWS = WW.hasItem, SCHEMA.isVariantOf, WW.hasModel
ITEMS = [ID[f"item{n}"] for n in range(9)]


def path(name: str, *steps: Step, weight: float = 1.0) -> MetaPath:
    return MetaPath(WW[name], steps, weight)


PATHS = (
    path("met", Step(HAS, True), Step(HAS)),
    path("model-met", Step(HAS, True), Step(SHOWS), Step(MODEL, True), weight=0.7),
    path("models-met", Step(MODEL), Step(SHOWS, True), Step(SHOWS), Step(MODEL, True), weight=0.3),
    path("company", Step(HAS, True), Step(HAS), Step(HAS, True), Step(HAS), weight=0.2),
    path("sister", Step(MODEL), Step(MODEL, True), Step(HAS, True), Step(HAS), weight=0.4),
    path("turned", Step(HAS, True), Step(HAS), Step(MODEL), weight=0.0),
)


def world(seed: int) -> list[Fact]:
    rng = random.Random(seed)
    model = {item: ID[f"model{rng.randint(0, 4)}"] for item in ITEMS}
    facts = [Fact(item, MODEL, of) for item, of in model.items() if rng.random() < 0.9]
    for n in range(8):
        outfit = ID[f"outfit{n}"]
        worn = rng.sample(ITEMS[:-1], rng.randint(1, 4))
        facts += [Fact(outfit, HAS, item) for item in worn]
        facts += [
            Fact(outfit, SHOWS, f.object)
            for f in facts
            if f.predicate == MODEL and f.subject in worn
        ]
    return list(dict.fromkeys(facts))


def tried(graph: Facts, walked: MetaPath, x: NamedNode, y: NamedNode) -> dict[Node, int]:
    """Return the walks by their middle node, by trying every one of them."""

    def walks(here: NamedNode, steps: tuple[Step, ...], taken: list[Node]) -> list[list[Node]]:
        if not steps:
            return [taken]
        found = []
        for there in steps[0].targets(graph, taken[-1]):
            at = len(taken)
            turned = (
                at >= 2 and there == taken[-2] and walked.steps[at - 1] == walked.steps[at - 2].back
            )
            if not turned:
                found += walks(here, steps[1:], [*taken, there])
        return found

    ways: dict[Node, int] = {}
    mirrored = walked.steps == tuple(s.back for s in reversed(walked.steps))
    for one, other in ((x, y),) if mirrored else ((x, y), (y, x)):
        for found in walks(one, walked.steps, [one]):
            if found[-1] == other:
                middle = found[len(walked.steps) // 2]
                ways[middle] = ways.get(middle, 0) + 1
    return ways


@pytest.mark.slow
@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_arrays_and_facts_count_what_trying_every_walk_counts(seed: int) -> None:
    graph = Facts(world(seed))
    bulk = Companions.of(graph, ITEMS, PATHS)
    every = np.arange(len(ITEMS))
    whole = np.zeros((len(ITEMS), len(ITEMS)))
    for number, walked in enumerate(PATHS):
        ends = {item: companions.ends(graph, walked, item) for item in ITEMS}
        dense, sparse = bulk.ways(number, every, every), bulk.ways(number, every)
        assert np.array_equal(dense, sparse)
        for i, x in enumerate(ITEMS):
            for j, y in enumerate(ITEMS):
                if i == j:
                    assert dense[i, j] == 0
                    continue
                slow = tried(graph, walked, x, y)
                found = companions.met(graph, walked, ends[x], ends[y], size=len(ITEMS))
                assert {via.node: via.ways for via in found.via} == slow
                assert found.ways == sum(slow.values()) == dense[i, j]
                assert math.fsum(via.value for via in found.via) == pytest.approx(
                    found.value, abs=1e-12
                )
                whole[i, j] += found.value
                for via in found.via:
                    shown = companions.trail(walked, (x, ends[x]), (y, ends[y]), via.node)
                    assert len(shown) == len(walked.steps)
                    assert all(graph.holds(fact) for fact in shown)
                    assert via.node in {n for f in shown for n in (f.subject, f.object)}
    assert bulk.matrix(ITEMS) == pytest.approx(whole, abs=1e-9)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_every_way_to_ask_the_arrays_says_the_same(seed: int) -> None:
    rng = random.Random(seed)
    graph = Facts(world(seed))
    small = Companions.of(graph, ITEMS, PATHS)
    given_ones, some = rng.sample(ITEMS, 3), rng.sample(ITEMS, 5)
    logs = small.logs(ITEMS)
    weights = np.array([walked.weight for walked in PATHS])
    whole = np.tensordot(weights, logs, 1)
    assert small.matrix(ITEMS) == pytest.approx(whole, abs=1e-9)
    toward = whole[small.numbers(given_ones)].sum(axis=0)
    assert small.toward(given_ones) == pytest.approx(toward, abs=1e-9)
    assert small.toward(given_ones, some) == pytest.approx(toward[small.numbers(some)], abs=1e-9)
    firsts, seconds = rng.choices(ITEMS, k=20), rng.choices(ITEMS, k=20)
    paired = small.features(firsts, seconds)
    for row, (x, y) in enumerate(zip(firsts, seconds, strict=True)):
        assert paired[row] == pytest.approx(logs[:, small.at[x], small.at[y]], abs=1e-9)


def test_a_large_collection_is_valued_row_by_row_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = Facts(world(3))
    small, large = (Companions.of(graph, ITEMS, PATHS) for _ in range(2))
    expected = small.matrix(ITEMS)
    monkeypatch.setattr("wearwhy.walk.company.SMALL", 2)
    monkeypatch.setattr("wearwhy.walk.company.ROWS", 2)
    assert large.matrix(ITEMS[:4]) == pytest.approx(expected[:4, :4], abs=1e-9)
    for _ in range(2):
        assert large.toward(ITEMS[:3]) == pytest.approx(expected[:3].sum(axis=0), abs=1e-9)
    assert large.toward(ITEMS[:2], ITEMS[5:]) == pytest.approx(
        expected[:2, 5:].sum(axis=0), abs=1e-9
    )


def test_one_outfit_of_three_is_no_company_with_a_common_third() -> None:
    outfit = [Fact(ID.one, HAS, item) for item in ITEMS[:3]]
    found = Companions.of(Facts(outfit), ITEMS[:3], (PATHS[3],))
    assert not found.matrix(ITEMS[:3]).any()
    apart = [Fact(ID.one, HAS, n) for n in ITEMS[:2]] + [Fact(ID.two, HAS, n) for n in ITEMS[1:3]]
    found = Companions.of(Facts(apart), ITEMS[:3], (PATHS[3],))
    assert found.matrix(ITEMS[:3])[0, 2] == pytest.approx(0.2 * math.log(2))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_only_a_change_near_an_item_is_read_again(seed: int) -> None:
    rng = random.Random(seed)
    before = world(seed)
    lost = rng.choice(before)
    graph, after = Facts(before), Facts(f for f in before if f != lost)
    for walked in PATHS:
        for item in ITEMS:
            ends = companions.ends(graph, walked, item)
            if not companions.reread(ends, walked, (lost,)):
                assert companions.ends(after, walked, item) == ends


def test_what_is_held_out_is_walked_by_none() -> None:
    facts = [Fact(ID.one, HAS, n) for n in ITEMS[:2]] + [Fact(ID.two, HAS, n) for n in ITEMS[:2]]
    facts += [Fact(outfit, TYPE, WW.Outfit) for outfit in (ID.one, ID.two)]
    facts += [
        Fact(ID.one, WW["split"], literal("train")),
        Fact(ID.two, WW["split"], literal("valid")),
    ]
    facts.append(Fact(ITEMS[0], WW["split"], literal("test")))
    graph = Facts(facts)
    assert held_out(graph) == {ID.two}
    found = Companions.of(Apart(graph, held_out(graph)), ITEMS[:2], PATHS[:1])
    assert found.ways(0, np.array([0]), np.array([1])) == 1
    ends = [companions.ends(graph, PATHS[0], item, held_out(graph)) for item in ITEMS[:2]]
    assert companions.met(graph, PATHS[0], *ends, size=2, aside=held_out(graph)).ways == 1


def test_declared_walks_are_from_the_request_or_from_a_companion() -> None:
    facts = [Fact(WW[name], TYPE, WW.MetaPath) for name in ("near", "far")]
    facts.append(Fact(WW.near, WW["from"], WW.companion))
    for name in ("near", "far"):
        cells = [ID[f"{name}{n}"] for n in range(2)]
        facts += [Fact(WW[name], WW.path, cells[0]), Fact(WW[name], WW.weight, literal(0.5))]
        facts += [Fact(cells[0], RDF.first, HAS), Fact(cells[0], RDF.rest, cells[1])]
        facts += [Fact(cells[1], RDF.first, MODEL), Fact(cells[1], RDF.rest, RDF.nil)]
    assert [p.iri for p in metapaths.read(Facts(facts))] == [WW.far]
    (near,) = companions.read(Facts(facts))
    assert (near.iri, near.weight) == (WW.near, 0.5)
    assert companions.read(Facts(facts), {WW.near: 2.0})[0].weight == 2.0
