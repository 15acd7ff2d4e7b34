"""What an outfit would be told by without reasoning: how often its items and values were met.

Each control gives a set of items one number, the higher the more it thinks of it. Counts are
taken from the same outfits that learning may read. Where sets of a question differ in one item,
only that item's share differs, so whole sets may be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.evaluate.composed import Composed
from wearwhy.learn.additive import Floats, Ints

Sets = Sequence[Sequence[NamedNode]]
Control = Callable[[Sets], Floats]
Pairs = Callable[[Ints, Ints], Floats]
SHRINKAGE: Final = 1.0
"""What counts and expected counts are raised by before they are divided."""
_CHUNK: Final = 4_000


def controls(past: Composed) -> Mapping[str, Control]:
    """Return every control by its name.

    - popularity: the mean of ln(1 + outfits of an item); least_popular: its negative;
    - unseen: the share of items that stand in no outfit;
    - category: the mean PMI of kinds of garment, over the set's pairs;
    - cooccurrence: the mean of ln(1 + outfits in common); cooccurrence_pmi: their PMI;
    - attribute_pair_pmi: the PMI of attribute values, averaged over the values of each pair.
    """
    known = np.log1p(past.times)
    kinds = _indicator(past.kinds)
    return {
        "popularity": _over_items(past, known),
        "least_popular": _over_items(past, -known),
        "unseen": _over_items(past, (past.times == 0).astype(np.float64)),
        "category": _over_pairs(past, _by_values(past, kinds)),
        "cooccurrence": _over_pairs(past, lambda x, y: np.log1p(_counts(past, x, y))),
        "cooccurrence_pmi": _over_pairs(past, lambda x, y: _pmi(past, x, y)),
        "attribute_pair_pmi": _over_pairs(past, _by_values(past, past.words)),
    }


def _over_items(past: Composed, worth: Floats) -> Control:
    def of(sets: Sets) -> Floats:
        return np.array([worth[[past.at[item] for item in one]].mean() for one in sets])

    return of


def _over_pairs(past: Composed, pairs: Pairs) -> Control:
    def of(sets: Sets) -> Floats:
        both = [
            (n, past.at[x], past.at[y])
            for n, one in enumerate(sets)
            for x, y in combinations(one, 2)
        ]
        if not both:
            return np.zeros(len(sets))
        row, first, second = (
            np.array(column, dtype=np.int64) for column in zip(*both, strict=True)
        )
        value = np.concatenate(
            [
                pairs(first[k : k + _CHUNK], second[k : k + _CHUNK])
                for k in range(0, len(row), _CHUNK)
            ]
        )
        size = np.bincount(row, minlength=len(sets))
        total = np.bincount(row, weights=value, minlength=len(sets)).astype(np.float64)
        return total / np.maximum(size, 1)

    return of


def _counts(past: Composed, x: Ints, y: Ints) -> Floats:
    return np.asarray(past.together[x, y], dtype=np.float64).ravel()


def _pmi(past: Composed, x: Ints, y: Ints) -> Floats:
    expected = past.times[x] * past.times[y] / max(past.outfits, 1)
    found: Floats = np.log((_counts(past, x, y) + SHRINKAGE) / (expected + SHRINKAGE))
    return found


def _indicator(kinds: Ints) -> csr_array:
    known = np.flatnonzero(kinds >= 0)
    shape = (len(kinds), int(kinds.max(initial=0)) + 1)
    return csr_array((np.ones(len(known)), (known, kinds[known])), shape=shape)


def _by_values(past: Composed, values: csr_array) -> Pairs:
    """Return the PMI of values on two items of an outfit, averaged over the values of both."""
    met = csr_array(values.T @ past.together @ values)
    met.sort_indices()
    single = np.asarray(met.sum(axis=1), dtype=np.float64).ravel()
    whole = max(float(single.sum()), 1.0)
    held, has = _padded(values)

    def of(x: Ints, y: Ints) -> Floats:
        a, b = held[x][:, :, None], held[y][:, None, :]
        a, b = np.broadcast_arrays(a, b)
        count = np.asarray(met[a.ravel(), b.ravel()], dtype=np.float64).reshape(a.shape)
        expected = single[a] * single[b] / whole
        lift = np.log((count + SHRINKAGE) / (expected + SHRINKAGE))
        both = has[x][:, :, None] & has[y][:, None, :]
        found: Floats = (lift * both).sum(axis=(1, 2)) / np.maximum(both.sum(axis=(1, 2)), 1)
        return found

    return of


def _padded(values: csr_array) -> tuple[Ints, NDArray[np.bool_]]:
    """Return each row's columns, as many as the longest row has, and which of them are its own."""
    sizes = np.diff(values.indptr)
    has = np.arange(max(int(sizes.max(initial=0)), 1))[None, :] < sizes[:, None]
    held = np.zeros(has.shape, dtype=np.int64)
    held[has] = values.indices
    return held, has
