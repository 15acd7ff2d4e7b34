"""A graph of numbered triples, and which pairs a path of steps connects.

A *step* is a relation walked one way: numbers below `relations` go from subject to object, number
`relations + r` walks relation r back. A path is a tuple of steps. It connects X with Y where every
step holds and all nodes on the way differ from each other, as in AnyBURL (object identity). That
keeps rules honest: no path from X to Y can use the triple between X and Y that it is to explain,
save as that very step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from wearwhy.learn.additive import Ints

Singles = NDArray[np.float32]

DENSE = 400
"""Up to this many entities paths are products of dense matrices, above of sparse ones."""
DENSE_CELLS = 20_000_000
"""… and only while all steps together have no more cells than this."""


@dataclass(frozen=True)
class Triples:
    """Distinct triples (subject, relation, object), all numbered from 0.

    Attributes:
        rows: one triple a row.
        entities: how many entities there are.
        relations: how many relations there are.
    """

    rows: Ints
    entities: int
    relations: int
    _steps: dict[int, csr_array] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, rows: Ints, entities: int, relations: int) -> Triples:
        """Return triples without repetitions, sorted by relation, subject and object."""
        distinct = np.unique(np.asarray(rows, dtype=np.int64).reshape(-1, 3)[:, [1, 0, 2]], axis=0)
        return cls(distinct[:, [1, 0, 2]], entities, relations)

    @property
    def steps(self) -> int:
        """Return how many steps there are: each relation in both directions."""
        return 2 * self.relations

    def inverse(self, step: int) -> int:
        """Return the step that walks back."""
        return (step + self.relations) % self.steps

    def back(self, path: Sequence[int]) -> tuple[int, ...]:
        """Return the path that walks the whole way back."""
        return tuple(self.inverse(step) for step in reversed(path))

    @cached_property
    def directed(self) -> Ints:
        """Return each triple that is no loop as (from, step, to), walked both ways."""
        rows = self.rows[self.rows[:, 0] != self.rows[:, 2]]
        turned = rows[:, ::-1] + np.array([0, self.relations, 0])
        return np.concatenate([rows, turned])

    @cached_property
    def _by_step(self) -> list[Ints]:
        order = np.argsort(self.directed[:, 1], kind="stable")
        ends = np.cumsum(np.bincount(self.directed[:, 1], minlength=self.steps))
        return np.split(self.directed[order], ends[:-1])

    def step(self, number: int) -> csr_array:
        """Return one step as a 0/1 matrix, entities by entities, loops left out."""
        known = self._steps.get(number)
        if known is None:
            rows = self._by_step[number]
            ones = np.ones(len(rows), dtype=np.float32)
            known = csr_array(
                (ones, (rows[:, 0], rows[:, 2])), shape=(self.entities, self.entities)
            )
            self._steps[number] = known
        return known

    @property
    def small(self) -> bool:
        """Return whether all steps fit as dense matrices."""
        cells = self.steps * self.entities**2
        return self.entities <= DENSE and cells <= DENSE_CELLS

    @cached_property
    def dense(self) -> Singles:
        """Return every step as a dense matrix: steps, entities, entities."""
        out = np.zeros((self.steps, self.entities, self.entities), dtype=np.float32)
        out[self.directed[:, 1], self.directed[:, 0], self.directed[:, 2]] = 1
        return out

    @cached_property
    def known(self) -> Ints:
        """Return the sorted codes of the triples: see `code`."""
        return np.sort(self.code(self.rows))

    def code(self, rows: Ints) -> Ints:
        """Return one number for each triple."""
        found: Ints = (rows[:, 1] * self.entities + rows[:, 0]) * self.entities + rows[:, 2]
        return found

    def holds(self, rows: Ints) -> NDArray[np.bool_]:
        """Return which of the triples are known."""
        codes = self.code(rows)
        if not len(self.known):
            return np.zeros(len(codes), dtype=np.bool_)
        at = np.searchsorted(self.known, codes).clip(max=len(self.known) - 1)
        held: NDArray[np.bool_] = self.known[at] == codes
        return held

    def connected(self, path: Sequence[int], starts: Ints | None = None) -> Ints:
        """Return the pairs that a path of one to three steps connects, sorted.

        Args:
            path: the steps.
            starts: from which entities; all of them by default.

        Returns:
            Two columns: which of `starts` (its place there), and the entity that is reached.
        """
        if starts is None:
            starts = np.arange(self.entities)
        walked = self._dense(path, starts) if self.small else self._sparse(path, starts)
        place, end = walked
        away = starts[place] != end
        return np.column_stack([place[away], end[away]])

    def _dense(self, path: Sequence[int], starts: Ints) -> tuple[Ints, Ints]:
        first = self.dense[path[0]]
        reached = first[starts]
        for length, step in enumerate(path[1:], start=2):
            reached = reached @ self.dense[step]
            if length == 2 and len(path) == 3:
                reached[np.arange(len(starts)), starts] = 0
        if len(path) == 3:
            second, third = self.dense[path[1]], self.dense[path[2]]
            # ways over X -> Y -> B -> Y, with B other than X: the second node is the last
            ways = (second * third.T).sum(axis=1) - second.T[starts] * third[starts]
            reached = reached - first[starts] * ways
        place, end = np.nonzero(reached > 0.5)
        return place, end

    def _sparse(self, path: Sequence[int], starts: Ints) -> tuple[Ints, Ints]:
        first = self.step(path[0])[starts]
        reached = first
        for length, step in enumerate(path[1:], start=2):
            reached = reached @ self.step(step)
            if length == 2 and len(path) == 3:
                found = reached.tocoo()
                away = starts[found.row] != found.col
                reached = csr_array(
                    (found.data[away], (found.row[away], found.col[away])), shape=found.shape
                )
        if len(path) == 3:
            second, third = self.step(path[1]), self.step(path[2])
            returning = np.asarray((second * third.T.tocsr()).sum(axis=1)).ravel()
            ways = first @ diags_array(returning) - first * second.T.tocsr()[starts] * third[starts]
            reached = reached - ways
        found = csr_array(reached).tocoo()
        keep = found.data > 0.5
        order = np.lexsort([found.col[keep], found.row[keep]])
        return (
            found.row[keep][order].astype(np.int64),
            found.col[keep][order].astype(np.int64),
        )
