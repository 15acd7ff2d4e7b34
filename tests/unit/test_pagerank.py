"""Personalised PageRank against the plain power iteration and the linear system itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array

from wearwhy.walk import pagerank

DAMPING = 0.85


def bipartite(items: int, values: int, edges: int, seed: int) -> csr_array:
    """Items with attribute values, a few of which are on very many items."""
    rng = np.random.default_rng(seed)
    one = rng.integers(0, items, edges)
    other = items + (values * rng.random(edges) ** 3).astype(np.int64)
    size = items + values
    return csr_array(coo_array((np.ones(edges), (one, other)), shape=(size, size)))


def powers(edges: csr_array, seed: int, rounds: int = 200) -> NDArray[np.float64]:
    """The plain iteration, in double precision."""
    around = csr_array(edges + edges.T)
    degree = np.asarray(around.sum(axis=0)).ravel()
    share = np.divide(1.0, degree, out=np.zeros(len(degree)), where=degree > 0)
    moves = csr_array(around @ diags_array(share))
    start = np.zeros(len(degree))
    start[seed] = 1.0
    found = start.copy()
    for _ in range(rounds):
        found = DAMPING * (moves @ found)
        found += start * (1.0 - found.sum())
    return found


def first(values: NDArray[np.floating], n: int) -> set[int]:
    return set(np.argsort(-values, kind="stable")[:n].tolist())


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_it_solves_its_equation(seed: int, items: int, values: int) -> None:
    edges = bipartite(items, values, 3 * items, seed)
    seeds = [0, items + values - 1]
    found = pagerank.personalised(pagerank.moves_of(edges), seeds)
    for column, row in enumerate(seeds):
        assert found[:, column] == pytest.approx(powers(edges, row), abs=2e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_first_hundred_are_those_of_the_plain_iteration(seed: int) -> None:
    edges = bipartite(6000, 2000, 60_000, seed)
    rows = [*range(0, 6000, 800), 6000, 6010, 7500]
    found = pagerank.personalised(pagerank.moves_of(edges), rows)
    for column, row in enumerate(rows):
        exact = powers(edges, row)
        least = np.sort(exact)[-100]
        # Where several are equal at the end of the hundred, any of them may be in it.
        equal = {int(n) for n in np.flatnonzero(np.isclose(exact, least, rtol=1e-4))}
        assert first(found[:, column], 100) ^ first(exact, 100) <= equal


def test_a_batch_says_what_each_seed_alone_does() -> None:
    edges = bipartite(500, 60, 3000, 1)
    moves, seeds = pagerank.moves_of(edges), list(range(0, 560, 8))
    assert len(seeds) > 2 * pagerank.TOGETHER
    together = pagerank.personalised(moves, seeds)
    for column, seed in enumerate(seeds):
        alone = pagerank.personalised(moves, [seed])[:, 0]
        assert together[:, column] == pytest.approx(alone, abs=1e-5)


def test_a_node_without_neighbours_keeps_its_walk_and_columns_add_up_to_one() -> None:
    edges = csr_array(coo_array(([1.0, 1.0], ([0, 0], [1, 2])), shape=(5, 5)))
    found = pagerank.personalised(pagerank.moves_of(edges), [0, 3, 1])
    assert found[:, 1].tolist() == [0, 0, 0, 1, 0]
    assert found.sum(axis=0) == pytest.approx(1.0, abs=1e-6)
    assert found[0] == pytest.approx([(1 - DAMPING) / (1 - DAMPING**2), 0, 0.45945], abs=1e-4)


def test_nothing_to_walk_from_is_no_walk_and_no_damping_stays() -> None:
    moves = pagerank.moves_of(bipartite(20, 4, 60, 2))
    assert pagerank.personalised(moves, []).shape == (24, 0)
    stays = pagerank.personalised(moves, [3], damping=0.0)[:, 0]
    assert first(stays, 1) == {3}
    assert stays[3] == pytest.approx(1.0, abs=1e-6)


def test_the_same_question_has_the_same_answer_to_the_bit() -> None:
    moves = pagerank.moves_of(bipartite(300, 30, 2000, 3))
    one, other = (pagerank.personalised(moves, [1, 5, 310]) for _ in range(2))
    assert one.tobytes() == other.tobytes()
