"""Nearest vectors: exact against sorting, the graph of neighbours against exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from wearwhy.learn import nearest
from wearwhy.learn.similarity import Vectors
from wearwhy.rdf import ID

WITHOUT = "the extra `vectors` is not installed"


def rows(size: int, seed: int, width: int = 16) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(size, width)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_exact_is_sorting(size: int, n: int, seed: int) -> None:
    known = rows(size, seed)
    found, cosines = nearest.Exact(known).nearest(known[0], n)
    cosine = known @ known[0]
    assert found.tolist() == np.lexsort((np.arange(size), -cosine))[:n].tolist()
    assert cosines == pytest.approx(cosine[found], abs=1e-6)


def test_equal_vectors_come_in_their_order() -> None:
    known = np.repeat(rows(3, 1), 4, axis=0)
    found, _ = nearest.Exact(known).nearest(known[5], 3)
    assert found.tolist() == [4, 5, 6]


def test_few_vectors_are_compared_exactly() -> None:
    assert isinstance(nearest.nearest_of(rows(50, 2)), nearest.Exact)


@pytest.mark.skipif(nearest.graph_of_neighbours() is None, reason=WITHOUT)
def test_many_are_found_by_a_graph_that_is_the_same_each_time() -> None:
    known = rows(3000, 3)
    one, other = (nearest.nearest_of(known, exact_up_to=1000) for _ in range(2))
    assert isinstance(one, nearest.Linked)
    exact, hits = nearest.Exact(known), 0
    for query in known[::100]:
        found, cosines = one.nearest(query, 10)
        assert found.tolist() == other.nearest(query, 10)[0].tolist()
        assert cosines == pytest.approx(known[found] @ query, abs=1e-6)
        hits += len(set(found.tolist()) & set(exact.nearest(query, 10)[0].tolist()))
    assert hits >= 0.95 * 300


def test_without_the_extra_many_are_compared_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "graph_of_neighbours", lambda: None)
    assert isinstance(nearest.nearest_of(rows(50, 2), exact_up_to=10), nearest.Exact)


def test_an_items_neighbours_leave_it_out_and_come_best_first() -> None:
    known = rows(40, 4)
    items = [ID[f"item{n:02}"] for n in range(40)]
    vectors = Vectors(items, np.vstack((known[:-1], known[:1])).astype(np.float64))
    found = vectors.neighbours(items[0], 5)
    assert found[0][0] == items[39]
    assert found[0][1] == pytest.approx(1.0)
    assert items[0] not in [item for item, _ in found]
    assert [cosine for _, cosine in found] == sorted((c for _, c in found), reverse=True)
    assert vectors.neighbours(ID["unknown"], 5) == []
