"""Every path rule of a small graph, counted exactly.

All bodies with the same first two steps are one product of dense matrices, with the third steps
side by side; what revisits a node is taken off again. A body and the same body walked back conclude
the same pairs, so each is counted once and judged for heads in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from wearwhy.learn.additive import Ints
from wearwhy.learn.mined.triples import Singles, Triples


class Counted:
    """How often bodies conclude something, and how often each head is right about it."""

    def __init__(self, graph: Triples) -> None:
        self.graph = graph
        n = graph.entities
        rows = graph.directed
        cells = rows[:, 0] * n + rows[:, 2]
        ones = np.ones(len(rows), dtype=np.float32)
        self._heads = csr_array((ones, (rows[:, 1], cells)), shape=(graph.steps, n * n))

    def count(self, reached: Singles) -> tuple[Ints, Ints]:
        """Return support (bodies) and right (heads, bodies) of 0/1 columns over pairs."""
        support = reached.sum(axis=0, dtype=np.float32)
        right = np.asarray(self._heads @ reached)
        return support.astype(np.int64), right.astype(np.int64)


def _short(graph: Triples, counted: Counted) -> Iterator[tuple[tuple[int, ...], Ints, Ints]]:
    n, dense = graph.entities, graph.dense
    # a relation alone, forwards: backwards it concludes the same pairs turned round
    relations = np.ascontiguousarray(dense[: graph.relations].reshape(graph.relations, -1).T)
    support, right = counted.count(relations)
    for step in range(graph.relations):
        # the very same triple explains nothing
        right[step, step] = 0
        yield (step,), support[step : step + 1], right[:, step : step + 1]
    wide = np.ascontiguousarray(dense.transpose(1, 2, 0)).reshape(n, -1)
    for first in range(graph.steps):
        reached = (dense[first] @ wide).reshape(n, n, graph.steps) > 0.5
        reached[np.arange(n), np.arange(n)] = False
        support, right = counted.count(reached.reshape(n * n, -1).astype(np.float32))
        for second in range(graph.steps):
            path, back = (first, second), graph.back((first, second))
            if path == back:
                right[graph.relations :, second] = 0  # the same rules turned round
            if path <= back and support[second]:
                yield path, support[second : second + 1], right[:, second : second + 1]


def _long(graph: Triples, counted: Counted) -> Iterator[tuple[tuple[int, ...], Ints, Ints]]:
    n, dense, diagonal = graph.entities, graph.dense, np.arange(graph.entities)
    turned = [graph.inverse(step) for step in range(graph.steps)]
    for first in range(graph.steps):
        # the third steps whose way back begins no earlier than this one
        wide = np.ascontiguousarray(dense[turned[first:]].transpose(1, 2, 0))
        flat = wide.reshape(n, -1)
        x, y = np.nonzero(dense[first])
        for second in range(graph.steps):
            ways = dense[first] @ dense[second]
            ways[diagonal, diagonal] = 0
            if not ways.any():
                continue
            reached = (ways @ flat).reshape(n, n, -1)
            returning = np.einsum("yb,byj->yj", dense[second], wide)
            reached[x, y] -= returning[y] - dense[second][y, x][:, None] * wide[x, y]
            reached[diagonal, diagonal] = 0
            held = (reached > 0.5).reshape(n * n, -1).astype(np.float32)
            support, right = counted.count(held)
            if second > turned[second]:
                support[0], right[:, 0] = 0, 0  # counted already, walked back
            yield (first, second), support, right


def exhaustive(
    graph: Triples, longest: int
) -> Iterator[tuple[tuple[int, ...], list[int], Ints, Ints]]:
    """Yield every body of a small graph, several at a time.

    Yields:
        The steps all have in common, their last steps (empty where there is but one body), support
        (bodies), and right (heads in both directions, bodies).
    """
    counted = Counted(graph)
    for path, support, right in _short(graph, counted):
        if len(path) <= longest:
            yield path, [], support, right
    if longest >= 3:
        turned = [graph.inverse(step) for step in range(graph.steps)]
        for path, support, right in _long(graph, counted):
            yield path, turned[path[0] :], support, right
