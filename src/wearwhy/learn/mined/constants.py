"""Rules with constants: who shares one value, counted against who shares another.

Each (step, value) is a set of entities X. A rule says that one set lies in another, or that all who
take a step at all do. Counting is exact on graphs of any size: its cost is the squared number of
triples of each entity, summed, and sets too small to support a rule are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from wearwhy.learn.additive import Ints
from wearwhy.learn.mined.triples import Triples


class Sets:
    """The sets of entities that share a value, and what they share otherwise."""

    def __init__(self, graph: Triples) -> None:
        n, rows = graph.entities, graph.directed
        self.graph = graph
        codes, column = np.unique(rows[:, 1] * n + rows[:, 2], return_inverse=True)
        self.step, self.value = codes // n, codes % n
        ones = np.ones(len(rows), dtype=np.int64)
        self._shares = csr_array((ones, (rows[:, 0], column)), shape=(n, len(codes)))
        self._members = self._shares.tocsc()
        self._size = np.bincount(column, minlength=len(codes))
        takes = csr_array((ones, (rows[:, 0], rows[:, 1])), shape=(n, graph.steps))
        takes.sum_duplicates()
        taking = rows[:, 0] * graph.steps + rows[:, 1]
        _, place, fan = np.unique(taking, return_inverse=True, return_counts=True)
        alone = fan[place] == 1
        self._only = csr_array(
            (np.ones(int(alone.sum()), dtype=np.int64), (rows[alone, 0], column[alone])),
            shape=(n, len(codes)),
        )
        self._only_size = np.bincount(column[alone], minlength=len(codes))
        self._takes = csr_array(
            (np.ones_like(takes.data), takes.indices, takes.indptr), shape=takes.shape
        )
        self._takers = np.bincount(self._takes.indices, minlength=graph.steps)
        self._of_value = np.argsort(self.value, kind="stable")
        self._from = np.searchsorted(self.value[self._of_value], np.arange(n + 1))

    def heads(self, step: int, least: int) -> Ints:
        """Return the sets of a step that have enough members to be concluded."""
        found: Ints = np.flatnonzero((self.step == step) & (self._size >= least))
        return found

    def shared(self, head: int) -> tuple[Ints, Ints, Ints]:
        """Return the other sets that members of a set are in: which, support, right.

        Support leaves out the constant that the head leads to: no entity is its own value.
        """
        to = int(self.value[head])
        whose = self._members[:, [head]].indices
        which, right = np.unique(self._shares[whose].indices, return_counts=True)
        support = self._size[which] - np.isin(which, self._shares[[to]].indices)
        other = which != head
        return which[other].astype(np.int64), support[other], right[other]

    def taken(self, head: int) -> tuple[Ints, Ints]:
        """Return, for each step, who takes it to anything but the head's constant: support, right.

        The way to the constant itself is left out, or the head would explain itself.
        """
        to, steps = int(self.value[head]), self.graph.steps
        whose = self._members[:, [head]].indices
        same = self._of_value[self._from[to] : self._from[to + 1]]
        lone = np.zeros(steps, dtype=np.int64)
        lone[self.step[same]] = self._only_size[same]
        own = np.bincount(self._takes[[to]].indices, minlength=steps)
        only = self._only[whose].indices
        right_lone = np.bincount(self.step[only[self.value[only] == to]], minlength=steps)
        right = np.bincount(self._takes[whose].indices, minlength=steps) - right_lone
        return self._takers - lone - own, right


def constant_rules(
    graph: Triples, heads: Sequence[int], least: int
) -> Iterator[tuple[int, int, NDArray[np.int64], Ints, Ints]]:
    """Yield the rules that conclude each constant of some steps.

    Yields:
        The head's step and constant; the bodies, a row each of step and value (-1 for anything);
        support and right of each.
    """
    sets = Sets(graph)
    for step in heads:
        for head in sets.heads(step, least):
            which, support, right = sets.shared(int(head))
            open_support, open_right = sets.taken(int(head))
            bodies = np.concatenate(
                [
                    np.column_stack([sets.step[which], sets.value[which]]),
                    np.column_stack([np.arange(graph.steps), np.full(graph.steps, -1)]),
                ]
            )
            yield (
                step,
                int(sets.value[head]),
                bodies,
                np.concatenate([support, open_support]),
                np.concatenate([right, open_right]),
            )
