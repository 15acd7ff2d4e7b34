"""The nearest of many vectors: exactly, or beyond a size by a graph of neighbours.

Up to 50,000 vectors one product with all of them is quick enough, and right. Beyond, a graph of
neighbours (HNSW: Malkov and Yashunin, 2018) is walked instead, where the extra `vectors` is
installed; what it finds is compared exactly, so that a cosine told is never off, though one of the
nearest in thirty may be missed. It is built by one thread: the same vectors make the same graph.
"""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Found = tuple[NDArray[np.int64], Floats32]

EXACT_UP_TO: Final = 50_000
LINKS: Final = 32
CARE_BUILDING: Final = 80
CARE_ASKING: Final = 96
"""Of so many candidates the walk keeps track; more find more and take longer."""
MORE: Final = 4
"""So many times as many as asked for are compared exactly."""


class Nearest(Protocol):
    """Finds the nearest of some unit vectors."""

    def nearest(self, query: NDArray[np.floating], n: int, /) -> Found:
        """Return the rows of the n nearest, best first, and their cosines."""


class Exact:
    """One product with every vector."""

    def __init__(self, rows: NDArray[np.floating]) -> None:
        self._rows = np.ascontiguousarray(rows, dtype=np.float32)

    def nearest(self, query: NDArray[np.floating], n: int) -> Found:
        """Return the rows of the n nearest, best first, and their cosines."""
        return _first(np.arange(len(self._rows)), self._rows @ query.astype(np.float32), n)


class Linked:
    """A graph of neighbours, walked towards the query."""

    def __init__(self, rows: NDArray[np.floating]) -> None:
        faiss = graph_of_neighbours()
        assert faiss is not None
        self._rows = np.ascontiguousarray(rows, dtype=np.float32)
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            graph = faiss.IndexHNSWFlat(self._rows.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
            graph.hnsw.efConstruction = CARE_BUILDING
            graph.add(self._rows)
        finally:
            faiss.omp_set_num_threads(threads)
        graph.hnsw.efSearch = CARE_ASKING
        self._graph = graph

    def nearest(self, query: NDArray[np.floating], n: int) -> Found:
        """Return the rows of the n nearest that are found, best first, and their cosines."""
        asked = np.ascontiguousarray(query, dtype=np.float32)
        _, found = self._graph.search(asked[None, :], min(MORE * n, len(self._rows)))
        rows = np.sort(found[0][found[0] >= 0]).astype(np.int64)
        return _first(rows, self._rows[rows] @ asked, n)


def nearest_of(rows: NDArray[np.floating], exact_up_to: int = EXACT_UP_TO) -> Nearest:
    """Return what finds the nearest of unit vectors: exact, unless there are more than so many."""
    if len(rows) > exact_up_to and graph_of_neighbours() is not None:
        return Linked(rows)
    return Exact(rows)


@lru_cache(maxsize=1)
def graph_of_neighbours() -> ModuleType | None:
    """Return the library that walks graphs of neighbours, or None where it is not installed."""
    try:
        import faiss  # noqa: PLC0415 (of the extra `vectors`)
    except ImportError:
        return None
    found: ModuleType = faiss
    return found


def _first(rows: NDArray[np.int64], cosines: Floats32, n: int) -> Found:
    """Return the n rows of greatest cosine; equal ones in their order."""
    if n < len(cosines):
        least = np.partition(cosines, len(cosines) - n)[len(cosines) - n]
        kept = np.flatnonzero(cosines >= least)
        rows, cosines = rows[kept], cosines[kept]
    order = np.lexsort((rows, -cosines))[:n]
    return rows[order], cosines[order]
