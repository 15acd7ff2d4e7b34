"""Maximal marginal relevance: looks that are good and differ (Carbonell and Goldstein, 1998)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray


def overlap(a: frozenset[Hashable], b: frozenset[Hashable]) -> float:
    """Return the Jaccard similarity of two sets; 0 for two empty ones."""
    return len(a & b) / len(a | b) if a or b else 0.0


def choose(
    scores: Sequence[float],
    items: Sequence[frozenset[Hashable]],
    attributes: Sequence[frozenset[Hashable]],
    ids: Sequence[str],
    *,
    n: int,
    weight: float,
) -> list[int]:
    """Return the numbers of n looks in the order of choice.

    Each choice maximises weight × score − (1 − weight) × the greatest similarity to a look chosen
    before, with scores scaled to [0, 1] and similarity the mean of the overlaps of items and of
    attributes. Equal ones are told apart by id.
    """
    return pick(
        scores, (similarities(items) + similarities(attributes)) / 2, ids, n=n, weight=weight
    )


def pick(
    scores: Sequence[float],
    alike: NDArray[np.float64],
    ids: Sequence[str],
    *,
    n: int,
    weight: float,
) -> list[int]:
    """Return the numbers of n looks in the order of choice, given how alike every two are."""
    if not scores:
        return []
    least, span = min(scores), max(scores) - min(scores)
    relevance = np.array([(score - least) / span if span else 1.0 for score in scores])
    nearest = np.zeros(len(scores))
    left = np.array(sorted(range(len(scores)), key=lambda k: (-scores[k], ids[k])), dtype=np.int64)
    chosen: list[int] = []
    while len(left) and len(chosen) < n:
        value = np.round(weight * relevance[left] - (1 - weight) * nearest[left], 9)
        # Of equal ones the first counts: that of the higher score, then the lesser id.
        best = int(left[value.argmax()])
        chosen.append(best)
        left = left[left != best]
        nearest = np.maximum(nearest, alike[best])
    return chosen


def similarities(sets: Sequence[frozenset[Hashable]]) -> NDArray[np.float64]:
    """Return the `overlap` of every two sets."""
    at: dict[Hashable, int] = {}
    for one in sets:
        for member in one:
            at.setdefault(member, len(at))
    holds = np.zeros((len(sets), len(at)))
    for n, one in enumerate(sets):
        holds[n, [at[member] for member in one]] = 1.0
    return overlaps(holds)


def overlaps(holds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the `overlap` of every two rows of a matrix of ones and zeros."""
    both = holds @ holds.T
    size = holds.sum(axis=1)
    either = size[:, None] + size[None, :] - both
    return np.asarray(np.divide(both, either, out=np.zeros_like(both), where=either > 0))
