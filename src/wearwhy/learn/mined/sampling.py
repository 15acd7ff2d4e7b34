"""Path rules of a graph too large to count every body: candidates from walks, counts on a sample.

Known triples are drawn for each relation. From a triple's subject a short walk is taken at random,
and each way on from there to its object is a candidate's body. Candidates met most often are
counted, for a sample of the entities they can start from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wearwhy.learn.additive import Ints
from wearwhy.learn.mined.triples import Triples


@dataclass(frozen=True, slots=True)
class Sample:
    """How much of a large graph is looked at.

    Attributes:
        triples: how many known triples of each relation walks start from.
        walks: how many walks each takes, of each length.
        bodies: how many bodies are counted for each relation, those met most often.
        starts: for how many X each body is counted.
    """

    triples: int = 200
    walks: int = 8
    bodies: int = 100
    starts: int = 200


class _Walks:
    """Steps from each entity, and between pairs."""

    def __init__(self, graph: Triples) -> None:
        rows = graph.directed
        self._rows = rows[np.lexsort([rows[:, 1], rows[:, 2], rows[:, 0]])]
        self._first = np.searchsorted(self._rows[:, 0], np.arange(graph.entities + 1))
        self._entities = graph.entities
        self._graph = graph
        self._pairs = self._rows[:, 0] * graph.entities + self._rows[:, 2]

    def random(self, start: int, rng: np.random.Generator) -> tuple[int, int] | None:
        """Return a step from an entity and where it leads; None where there is none."""
        low, high = self._first[start], self._first[start + 1]
        if low == high:
            return None
        _, step, end = self._rows[rng.integers(low, high)]
        return int(step), int(end)

    def between(self, start: int, end: int) -> list[int]:
        """Return the steps that lead from one entity to another."""
        code = start * self._entities + end
        low, high = np.searchsorted(self._pairs, [code, code + 1])
        return [int(step) for step in self._rows[low:high, 1]]

    def ways(
        self, x: int, y: int, longest: int, rng: np.random.Generator
    ) -> Iterator[tuple[int, ...]]:
        """Yield bodies of two and three steps that connect a pair, along a random walk."""
        out = self.random(x, rng) if longest > 1 else None
        if out is None or out[1] in {x, y}:
            return
        for last in self.between(out[1], y):
            yield out[0], last
        back = self.random(y, rng) if longest > 2 else None
        if back is None or back[1] in {x, y, out[1]}:
            return
        for middle in self.between(out[1], back[1]):
            yield out[0], middle, self._graph.inverse(back[0])

    def candidates(
        self, relation: int, longest: int, sample: Sample, rng: np.random.Generator
    ) -> list[tuple[int, ...]]:
        """Return the bodies that walks around a relation's triples meet most often."""
        rows = self._graph.rows
        rows = rows[(rows[:, 1] == relation) & (rows[:, 0] != rows[:, 2])]
        drawn = rows[rng.permutation(len(rows))[: sample.triples]]
        met: Counter[tuple[int, ...]] = Counter()
        for x, _, y in drawn.tolist():
            met.update((step,) for step in self.between(x, y) if step != relation)
            for _ in range(sample.walks):
                met.update(self.ways(x, y, longest, rng))
        often = sorted(met.items(), key=lambda pair: (-pair[1], pair[0]))
        return [body for body, _ in often[: sample.bodies]]


def sampled(
    graph: Triples, relations: Sequence[int], longest: int, sample: Sample, seed: int
) -> Iterator[tuple[int, tuple[int, ...], int, int, bool]]:
    """Yield candidates with their counts.

    Yields:
        Relation, body, support, right, and whether not all X were counted.
    """
    rng = np.random.default_rng(seed)
    walks = _Walks(graph)
    starts: dict[int, tuple[Ints, bool]] = {}
    for step in range(graph.steps):
        able = np.unique(graph.directed[graph.directed[:, 1] == step, 0])
        some = np.sort(rng.permutation(able)[: sample.starts])
        starts[step] = some, len(some) < len(able)
    for relation in relations:
        for body in walks.candidates(relation, longest, sample, rng):
            some, partly = starts[body[0]]
            pairs = graph.connected(body, some)
            heads = np.column_stack([some[pairs[:, 0]], np.full(len(pairs), relation), pairs[:, 1]])
            yield relation, body, len(heads), int(graph.holds(heads).sum()), partly
