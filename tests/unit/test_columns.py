"""Columns with a few pairs more: looked up beside the others, they are what they would be anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.rules import columns
from wearwhy.rules.columns import Columns, distinct, joined, key, without

PAIRS = st.sets(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=40)


def of(pairs: set[tuple[int, int]]) -> Columns:
    table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return distinct(key(table[:, 0], table[:, 1]))


@given(PAIRS, st.lists(PAIRS, min_size=1, max_size=3), st.lists(st.integers(0, 14), max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_few_pairs_more_are_looked_up_as_if_all_were_ordered_anew(
    first: set[tuple[int, int]], more: list[set[tuple[int, int]]], asked: list[int]
) -> None:
    before, columns._FEW = columns._FEW, 0  # noqa: SLF001 (any number is few here)
    try:
        found, whole = of(first), set(first)
        for pairs in more:
            found, whole = joined(found, of(pairs)), whole | pairs
        plain, numbers = of(whole), np.array(asked, dtype=np.int64)
        assert found.keys.tolist() == plain.keys.tolist()
        assert found.subjects.tolist() == plain.subjects.tolist()
        for name in ("objects_of", "subjects_of"):
            ours, theirs = getattr(found, name)(numbers), getattr(plain, name)(numbers)
            assert [part.tolist() for part in ours] == [part.tolist() for part in theirs]
    finally:
        columns._FEW = before  # noqa: SLF001


@given(PAIRS, PAIRS)
@settings(max_examples=100, deadline=None)
def test_columns_less_some_pairs_hold_the_others(
    first: set[tuple[int, int]], gone: set[tuple[int, int]]
) -> None:
    table = np.array(list(gone), dtype=np.int64).reshape(-1, 2)
    left = without(of(first), key(table[:, 0], table[:, 1]))
    assert left.keys.tolist() == of(first - gone).keys.tolist()
