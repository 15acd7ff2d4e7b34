"""Maximal marginal relevance: looks that are good and differ (Carbonell and Goldstein, 1998)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


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
    if not scores:
        return []
    least, span = min(scores), max(scores) - min(scores)
    relevance = [(score - least) / span if span else 1.0 for score in scores]
    nearest = [0.0] * len(scores)
    left = set(range(len(scores)))
    chosen: list[int] = []
    while left and len(chosen) < n:
        best = min(
            left,
            key=lambda k: (
                -round(weight * relevance[k] - (1 - weight) * nearest[k], 9),
                -scores[k],
                ids[k],
            ),
        )
        chosen.append(best)
        left.remove(best)
        for k in left:
            alike = (overlap(items[k], items[best]) + overlap(attributes[k], attributes[best])) / 2
            nearest[k] = max(nearest[k], alike)
    return chosen
