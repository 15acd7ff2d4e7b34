"""The neural term: how near the items of a look lie to each other in a learned space.

It is opaque, and shown as such, with the nearest known items as its only evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode


class Vectors(Protocol):
    """Embedding vectors of items."""

    def cosine(self, a: NamedNode, b: NamedNode, /) -> float:
        """Return the cosine of two items' vectors; 0 where one has none."""

    def matrix(self, items: Sequence[NamedNode], /) -> NDArray[np.floating]:
        """Return the vectors of items, one row each, of length 1; a row of 0 where one has none."""

    def neighbours(self, item: NamedNode, n: int, /) -> Sequence[tuple[NamedNode, float]]:
        """Return the n nearest items, best first, with their cosines."""


def cosines(vectors: Vectors, items: Sequence[NamedNode]) -> NDArray[np.float64]:
    """Return the cosine of each pair of items as a matrix."""
    rows = np.asarray(vectors.matrix(items), dtype=np.float64)
    return np.asarray(rows @ rows.T)


def mean_cosine(vectors: Vectors, items: Sequence[NamedNode]) -> float:
    """Return the mean cosine over the pairs of a look; 0 for fewer than two items."""
    if len(items) < 2:
        return 0.0
    table = cosines(vectors, items)
    both = list(combinations(range(len(items)), 2))
    return float(sum(table[i, j] for i, j in both) / len(both))
