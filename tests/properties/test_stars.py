"""Rules about one item, held against brute force on small random catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.stars import Mining, Stars, holds, mine
from wearwhy.learn.mined.witness import CAUTION, Mined

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Catalogue:
    """Items by tokens, items by values, which tokens bodies are made of."""

    items: Bools
    table: Floats
    seeds: Bools

    @property
    def matrix(self) -> csr_matrix:
        return csr_matrix(self.items.astype(np.float64))

    def holding(self, body: Ints) -> Bools:
        """Which items a body holds for."""
        return np.asarray(self.items[:, tokens_of(body)].all(axis=1), dtype=bool)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, tokens = draw(st.integers(6, 60)), draw(st.integers(2, 9))
    values = draw(st.integers(2, 4))
    items = rng.random((rows, tokens)) < rng.uniform(0.2, 0.8, tokens)
    if draw(st.booleans()):
        items[:, 0] = items[:, 1]
    table = np.eye(values)[rng.integers(values, size=rows)]
    if draw(st.booleans()):
        table = (rng.random((rows, values)) < 0.4).astype(np.float64)
    return Catalogue(items, table, rng.random(tokens) < 0.9)


def tokens_of(body: Ints) -> list[int]:
    return [int(t) for t in body if t >= 0]


def told(own: Floats, by: Floats) -> float:
    """How much likelier counts are by their own smoothed shares than by another's."""

    def shares(counts: Floats) -> Floats:
        return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))

    return float((own * np.log(shares(own) / shares(by))).sum())


HOW = Mining(least=2)


@settings(max_examples=150, deadline=None)
@given(catalogues())
def test_every_count_is_what_counting_item_by_item_gives(world: Catalogue) -> None:
    found = mine(world.matrix, world.table, world.seeds, HOW)
    for body, counts in zip(found.bodies, found.counts, strict=True):
        assert np.array_equal(world.table[world.holding(body)].sum(axis=0), counts)
    assert np.array_equal(found.support, found.counts.sum(axis=1))
    sure = found.counts / (found.support[:, None] + CAUTION)
    assert np.allclose(found.confidence(), sure)


@settings(max_examples=150, deadline=None)
@given(catalogues())
def test_a_body_is_two_or_three_tokens_that_may_speak_and_hold_often_enough(
    world: Catalogue,
) -> None:
    found = mine(world.matrix, world.table, world.seeds, HOW)
    for body in found.bodies:
        said = tokens_of(body)
        assert len(said) in {2, 3}
        assert said == sorted(set(said))
        assert world.seeds[said].all()
        assert world.holding(body).sum() >= HOW.least


@settings(max_examples=150, deadline=None)
@given(catalogues())
def test_no_two_bodies_of_one_length_hold_for_the_same_items(world: Catalogue) -> None:
    found = mine(world.matrix, world.table, world.seeds, HOW)
    for size in (2, 3):
        kept = [body for body in found.bodies if len(tokens_of(body)) == size]
        assert len({tuple(tokens_of(body)) for body in kept}) == len(kept)
        assert len({world.holding(body).tobytes() for body in kept}) == len(kept)


@settings(max_examples=150, deadline=None)
@given(catalogues())
def test_a_pair_that_holds_often_enough_and_tells_more_than_a_token_is_kept(
    world: Catalogue,
) -> None:
    found = mine(world.matrix, world.table, world.seeds, HOW)
    kept = {world.holding(body).tobytes() for body in found.bodies}
    least = HOW.least
    often = [t for t in np.flatnonzero(world.seeds) if world.items[:, t].sum() >= least]
    for a, b in combinations(often, 2):
        both = world.items[:, a] & world.items[:, b]
        parts = (world.items[:, a].sum(), world.items[:, b].sum())
        if both.sum() >= least and both.sum() not in parts:
            assert both.tobytes() in kept


@settings(max_examples=150, deadline=None)
@given(catalogues())
def test_the_gain_of_a_pair_is_over_the_better_of_its_tokens(world: Catalogue) -> None:
    found = mine(world.matrix, world.table, world.seeds, HOW)
    for body, counts, gain in zip(found.bodies, found.counts, found.gain, strict=True):
        said = tokens_of(body)
        alone = [world.table[world.items[:, t]].sum(axis=0) for t in said]
        if len(said) == 2:
            assert np.isclose(gain, min(told(counts, part) for part in alone))
        else:
            # A body of three grew from a pair: no more than it gains over the worst of its pairs.
            pairs = [
                world.table[world.items[:, two].all(axis=1)].sum(axis=0)
                for two in ([said[0], said[1]], [said[0], said[2]], [said[1], said[2]])
            ]
            ways = [
                min(told(counts, pair), told(counts, token))
                for pair, token in zip(pairs, reversed(alone), strict=True)
            ]
            assert min(ways) - 1e-9 <= gain <= max(ways) + 1e-9


@settings(max_examples=100, deadline=None)
@given(catalogues(), st.integers(0, 6), st.floats(-1.0, 2.0))
def test_limits_keep_the_bodies_that_gain_most(world: Catalogue, most: int, least: float) -> None:
    every = mine(world.matrix, world.table, world.seeds, Mining(least=2, triples=0))
    some = mine(
        world.matrix, world.table, world.seeds, Mining(least=2, gain=least, pairs=most, triples=0)
    )
    assert len(some.bodies) <= most
    assert (some.gain > least).all()
    if most and len(some.bodies) == most:
        # Of those that hold alike one stands for all, so its gain may be another's.
        left = np.sort(every.gain)[::-1][:most]
        assert some.gain.max() >= left.max() - 1e-9 or len(every.bodies) < most


@settings(max_examples=150, deadline=None)
@given(catalogues())
def test_a_witness_fires_where_all_tokens_of_a_body_stand(world: Catalogue) -> None:
    found = mine(world.matrix, world.table, world.seeds, HOW)
    rng = np.random.default_rng(0)
    weights = rng.normal(size=found.counts.shape)
    witness = Mined(found.bodies, weights, found.counts, found.counts)
    rows = [np.flatnonzero(row) for row in world.items]
    together = witness.logits(rows)
    for n, row in enumerate(rows):
        brute = [k for k, body in enumerate(found.bodies) if set(tokens_of(body)) <= set(row)]
        assert witness.fired(row).tolist() == brute
        assert np.allclose(together[n], weights[brute].sum(axis=0))
        assert np.array_equal(witness.logits([row])[0], together[n])
    assert np.array_equal(
        holds(world.matrix, found.bodies).toarray() > 0,
        np.array([world.holding(body) for body in found.bodies]).T.reshape(len(rows), -1),
    )


def test_a_witness_does_not_fire_on_tokens_that_it_never_met() -> None:
    witness = Mined(np.array([[0, 2, -1]]), np.ones((1, 2)), np.ones((1, 2)), np.ones((1, 2)))
    assert witness.fired(np.array([0, 2, 99])).tolist() == [0]
    assert witness.fired(np.array([99])).tolist() == []
    assert witness.fired(np.zeros(0, dtype=np.int64)).tolist() == []
    assert not Mined.none(3).logits([np.array([1, 2])]).any()


def planted(*places: int, seed: int = 0) -> tuple[Catalogue, Stars]:
    """A catalogue where value 1 stands exactly where all of some tokens do, and what is mined."""
    rng = np.random.default_rng(seed)
    items = rng.random((400, 12)) < 0.5
    there = items[:, list(places)].all(axis=1)
    world = Catalogue(items, np.eye(2)[there.astype(int)], np.ones(12, dtype=bool))
    return world, mine(world.matrix, world.table, world.seeds, Mining(least=5))


def test_a_planted_pair_is_found_first() -> None:
    for seed in range(5):
        _, found = planted(3, 8, seed=seed)
        pairs = np.flatnonzero(found.bodies[:, 2] < 0)
        best = pairs[found.gain[pairs].argmax()]
        assert tokens_of(found.bodies[best]) == [3, 8]
        assert found.gain[best] == found.gain.max()
        assert found.counts[best][0] == 0


def test_a_planted_triple_is_found_first() -> None:
    for seed in range(5):
        _, found = planted(2, 5, 9, seed=seed)
        triples = np.flatnonzero(found.bodies[:, 2] >= 0)
        best = triples[found.gain[triples].argmax()]
        assert tokens_of(found.bodies[best]) == [2, 5, 9]
        assert found.counts[best][0] == 0


def test_a_third_token_that_every_item_of_a_pair_has_makes_no_triple() -> None:
    rng = np.random.default_rng(4)
    items = rng.random((300, 4)) < 0.5
    items[:, 2] |= items[:, 0] & items[:, 1]
    table = np.eye(2)[(items[:, 0] & items[:, 1] & items[:, 3]).astype(int)]
    found = mine(csr_matrix(items.astype(float)), table, np.ones(4, dtype=bool), HOW)
    bodies = [tokens_of(body) for body in found.bodies]
    assert [0, 1, 3] in bodies
    assert [0, 1, 2] not in bodies


def test_many_bodies_that_hold_for_different_items_are_all_kept() -> None:
    rng = np.random.default_rng(1)
    items = rng.random((4000, 160)) < 0.04
    table = np.eye(2)[rng.integers(2, size=4000)]
    found = mine(
        csr_matrix(items.astype(float)), table, np.ones(160, dtype=bool), Mining(triples=0)
    )
    both = [
        (items[:, a] & items[:, b]).tobytes()
        for a, b in combinations(range(160), 2)
        if (items[:, a] & items[:, b]).sum() >= 5
    ]
    assert len(found.bodies) == len(set(both))
