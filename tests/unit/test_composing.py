"""Beam search, diversity and comfort, each against what is obviously right."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.errors import FormatError
from wearwhy.outfit import beam, comfort, diversify
from wearwhy.outfit.scoring import Comfort
from wearwhy.rdf import WW

PARAMETERS = Comfort(
    best=0.5, cold_slope=2.0, warm_slope=1.5, floor=-3.0, factor=0.835, constant=0.161
)


def space(rng: np.random.Generator, n: int) -> beam.Space:
    pair = rng.normal(size=(n, n))
    barred = np.triu(rng.random((n, n)) < 0.15, 1)
    return beam.Space(
        rng.normal(size=n),
        pair + pair.T,
        barred | barred.T | np.eye(n, dtype=bool),
        rng.random(n),
        lambda clo, ahead: comfort.points(clo, comfort.Demand(1.0, 1.6, ()), PARAMETERS),
        np.zeros(n),
    )


def value(found: beam.Space, look: tuple[int, ...]) -> float | None:
    pairs = [(a, b) for n, a in enumerate(look) for b in look[n + 1 :]]
    if any(found.barred[a, b] for a, b in pairs):
        return None
    worth = sum(found.item[a] for a in look) / len(look)
    worth += sum(found.pair[a, b] for a, b in pairs) / max(1, len(pairs))
    clo = np.array([sum(found.clo[a] for a in look)])
    return float(worth + found.comfort(clo, 0.0)[0])


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_a_wide_beam_finds_what_trying_everything_finds(seed: int) -> None:
    whole = space(np.random.default_rng(seed), 9)
    required = [beam.Position(np.array(c), optional=False) for c in ([0, 1, 2], [3, 4, 5])]
    optional = [beam.Position(np.array([6, 7, 8]), optional=True)]
    values = {}
    for a, b, c in product((0, 1, 2), (3, 4, 5), (None, 6, 7, 8)):
        look = (a, b) if c is None else (a, b, c)
        worth = value(whole, look)
        if worth is not None:
            values[look] = worth
    cores = beam.cores(whole, required, optional, 1000)
    found = beam.vary(whole, cores, optional, 1000 * max(1, len(cores)))
    worths = dict(zip(found.looks(), beam.worth(whole, found).tolist(), strict=True))
    assert worths.keys() == values.keys()
    for look, worth in values.items():
        assert worths[look] == pytest.approx(worth, abs=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_no_look_of_a_beam_holds_a_barred_pair(seed: int, width: int) -> None:
    whole = space(np.random.default_rng(seed), 9)
    required = [beam.Position(np.array(c), optional=False) for c in ([0, 1, 2], [3, 4, 5])]
    optional = [beam.Position(np.array([6, 7, 8]), optional=True)]
    cores = beam.cores(whole, required, optional, width)
    assert len(cores) <= width
    assert all(
        value(whole, look) is not None for look in beam.vary(whole, cores, optional, width).looks()
    )


LOOKS = st.lists(
    st.tuples(st.floats(-2, 2), st.frozensets(st.integers(0, 6), min_size=1)),
    min_size=1,
    max_size=8,
)


@given(LOOKS, st.integers(1, 5), st.floats(0, 1))
def test_diversity_chooses_each_look_once_and_the_best_first(
    looks: list[tuple[float, frozenset[int]]], n: int, weight: float
) -> None:
    scores, items = [s for s, _ in looks], [i for _, i in looks]
    ids = [str(k) for k in range(len(looks))]
    chosen = diversify.choose(scores, items, items, ids, n=n, weight=weight)
    assert len(chosen) == len(set(chosen)) == min(n, len(looks))
    if weight > 0.5 and max(scores) - min(scores) > 1e-6:
        assert scores[chosen[0]] == pytest.approx(max(scores), abs=1e-6)


@given(LOOKS, st.integers(1, 5))
def test_with_full_weight_on_score_diversity_is_sorting(
    looks: list[tuple[float, frozenset[int]]], n: int
) -> None:
    scores, items = [round(s, 3) for s, _ in looks], [i for _, i in looks]
    chosen = diversify.choose(
        scores, items, items, [str(k) for k in range(len(looks))], n=n, weight=1.0
    )
    assert [scores[k] for k in chosen] == sorted(scores, reverse=True)[:n]


def test_a_twin_of_the_best_look_gives_way_to_a_different_one() -> None:
    items = [frozenset({1, 2, 3}), frozenset({1, 2, 3, 4}), frozenset({7, 8}), frozenset({9})]
    assert diversify.choose(
        [1.0, 0.9, 0.6, 0.0], items, items, ["a", "b", "c", "d"], n=2, weight=0.5
    ) == [
        0,
        2,
    ]


def test_equal_looks_are_told_apart_by_their_ids() -> None:
    items = [frozenset({1}), frozenset({2})]
    assert diversify.choose([1.0, 1.0], items, items, ["b", "a"], n=2, weight=0.7) == [1, 0]


@given(st.floats(0, 5), st.floats(0, 5))
def test_comfort_never_grows_away_from_what_is_asked_for(one: float, other: float) -> None:
    low, high = sorted((one, other))
    demand = comfort.Demand(1.2, 1.8, ())
    below, above = comfort.points(np.array([low, high]), demand, PARAMETERS)
    if comfort.ensemble(high, PARAMETERS) <= demand.least:
        assert below <= above
    if comfort.ensemble(low, PARAMETERS) >= demand.most:
        assert above <= below
    assert PARAMETERS.floor <= min(below, above)
    assert max(below, above) <= PARAMETERS.best


def test_the_comfort_table_is_interpolated_and_clamped(tmp_path: Path) -> None:
    path = tmp_path / "comfort.csv"
    rows = [
        "# a comment",
        "temperature,wind,activity,clo_min,clo_max",
        "0,0,walking,2,3",
        "0,20,walking,3,4",
        "10,0,walking,1,2",
        "10,20,walking,2,3",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    table = comfort.read(path)[WW["activity-walking"]]
    assert table.demand(5.0, 10.0) == pytest.approx((2.0, 3.0))
    assert table.demand(0.0, 0.0) == pytest.approx((2.0, 3.0))
    assert table.demand(-40.0, 90.0) == pytest.approx((3.0, 4.0))


def test_a_comfort_table_with_a_hole_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "comfort.csv"
    path.write_text(
        "temperature,wind,activity,clo_min,clo_max\n0,0,light,2,3\n10,20,light,2,3\n",
        encoding="utf-8",
    )
    with pytest.raises(FormatError) as refused:
        comfort.read(path)
    assert refused.value.code == "WW-COMFORT-TABLE"
