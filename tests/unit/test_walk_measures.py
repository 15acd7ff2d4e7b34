from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.errors import NoAnswer
from wearwhy.evaluate.paths import Scales, paths, smoothed
from wearwhy.evaluate.walked import Walk
from wearwhy.rdf import ID, WW, NamedNode
from wearwhy.workspace import Workspace

DATA = Path(__file__).parents[2] / "data"
VALUES = st.lists(st.integers(0, 50), min_size=1, max_size=30)


def nodes(values: list[int]) -> dict[NamedNode, float]:
    return {ID[f"n{n}"]: float(value) for n, value in enumerate(values)}


def test_an_average_moves_from_the_oldest_to_the_newest_and_is_brought_to_one() -> None:
    found = smoothed(nodes([10, 20, 30]), 0.3)
    # r = 10; 0.7 × 10 + 0.3 × 20 = 13; 0.7 × 13 + 0.3 × 30 = 18.1
    assert [round(found[ID[f"n{n}"]], 9) for n in range(3)] == [0.0, round(3 / 8.1, 9), 1.0]


@given(VALUES, st.floats(0.05, 1.0))
def test_what_is_newer_is_never_less_recent(values: list[int], beta: float) -> None:
    given_, found = nodes(values), smoothed(nodes(values), beta)
    assert all(-1e-9 <= value <= 1 + 1e-9 for value in found.values())
    for a, b in pairwise(given_):
        if given_[a] <= given_[b]:
            assert found[a] <= found[b] + 1e-9
        if given_[a] == given_[b]:
            assert found[a] == found[b]


def walk(path: str, via: str) -> Walk:
    return Walk(WW[path], (ID.request, ID[via], ID.item), ID[via])


def test_recency_is_of_the_dated_outfits_alone_and_popularity_of_what_tells_the_walk() -> None:
    scales = Scales(
        {ID.o1: 0.2, ID.o2: 1.0},
        {(WW.p, ID.o1): 0.5, (WW.p, ID.o2): 0.1, (WW.q, ID.linen): 0.9},
        4,
    )
    recency, popularity, kinds = scales.of([walk("p", "o1"), walk("q", "linen")], 5)
    assert recency == 0.2
    assert popularity == pytest.approx(0.7)
    assert kinds == 2 / 4
    assert math.isnan(scales.of([walk("q", "linen")], 5)[0])
    assert scales.of([walk("q", "linen")], 1)[2] == 1.0


def test_walks_are_measured_beside_as_many_random_ones_and_the_same_seed_says_the_same(
    tmp_path: Path,
) -> None:
    space = Workspace.init(tmp_path / "W")
    space.load(DATA / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    with pytest.raises(NoAnswer) as caught:
        paths(space, sample=1)
    assert caught.value.code == "WW-PATHS-NONE"
    space.load(DATA / "outfits.csv", "outfits", "wardrobe:mine")
    found = paths(space, sample=1)
    assert set(found.measures) == {"lir", "sep", "etd"}
    for one in found.measures.values():
        for figure in (one.cited, one.random):
            assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0
        assert one.more.value == pytest.approx(one.cited.value - one.random.value, abs=1e-12)
    assert found == paths(space, sample=1)
