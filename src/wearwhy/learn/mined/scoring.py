"""What rules say about each candidate: which of them conclude it, and how sure they are together.

Three ways to put the rules that conclude a candidate together:

* `max_plus`: candidates are compared by their surest rule, equal ones by the second, and so on.
* `noisy_or`: one minus the chance that the surest few all err, were they independent. They are
  not, and with hundreds of rules many that say the same would outweigh a good one.
* `weighing`: each rule has a fitted weight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.paths import HornRule
from wearwhy.learn.mined.triples import Triples

Side = Literal["head", "tail"]
DEPTH = 12
"""How many rules `max_plus` compares."""
FEW = 5
"""How many rules `noisy_or` lets speak."""
SURE = 1 - 1e-9
DOUBT = 1e-3


@dataclass(frozen=True)
class Witness:
    """Rules that speak about the candidates of a question.

    Attributes:
        graph: the known triples, which bodies are looked up in.
        rules: the rules.
    """

    graph: Triples
    rules: Sequence[HornRule]
    _kept: dict[int, csr_array] = field(default_factory=dict, repr=False, compare=False)
    _of: dict[int, list[HornRule]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, relation: int) -> list[HornRule]:
        """Return the rules that conclude a relation, in the order of the columns of `firing`."""
        if not self._of:
            found = defaultdict(list)
            for rule in self.rules:
                found[rule.head % self.graph.relations].append(rule)
            self._of.update(found)
        return self._of.get(relation, [])

    def firing(self, step: int, starts: Ints) -> csr_array:
        """Return which rules conclude which ends of a step.

        Args:
            step: the step asked about: (start, step, ?).
            starts: entities, ascending.

        Returns:
            0/1, a row for each pair (place in `starts`, entity), a column for each rule of the
            step's relation.
        """
        graph, n = self.graph, self.graph.entities
        if not graph.small:
            return self._firing(step, starts)
        if step not in self._kept:
            self._kept[step] = self._firing(step, np.arange(n))
        if len(starts) == n:
            return self._kept[step]
        cells = (starts[:, None] * n + np.arange(n)).ravel()
        return self._kept[step][cells]

    def _firing(self, step: int, starts: Ints) -> csr_array:
        graph, n = self.graph, self.graph.entities
        rules = self.of(step % graph.relations)
        cells: list[Ints] = []
        for rule in rules:
            if rule.to is None:
                body = rule.body if step == rule.head else graph.back(rule.body)
                pairs = graph.connected(body, starts)
                cells.append(pairs[:, 0] * n + pairs[:, 1])
                continue
            # a rule for X -> constant read forwards asks for X, read backwards for the constant
            ends = rule.conclusions(graph)[:, [0, 2] if step < graph.relations else [2, 0]]
            place = np.searchsorted(starts, ends[:, 0]).clip(max=len(starts) - 1)
            held = starts[place] == ends[:, 0]
            cells.append(place[held] * n + ends[held, 1])
        sizes = np.cumsum([0, *(len(found) for found in cells)])
        column = np.repeat(np.arange(len(rules)), np.diff(sizes))
        row = np.concatenate([*cells, np.empty(0, dtype=np.int64)])
        ones = np.ones(len(row))
        return csr_array((ones, (row, column)), shape=(len(starts) * n, len(rules)))

    def asked(self, triples: Ints, side: Side) -> list[tuple[int, Ints, Ints, Ints]]:
        """Return questions by step: the step, whose rows they are, the distinct starts, places."""
        start, relation = triples[:, 0 if side == "tail" else 2], triples[:, 1]
        step = relation + (0 if side == "tail" else self.graph.relations)
        out = []
        for number in np.unique(step):
            rows = np.flatnonzero(step == number)
            starts, place = np.unique(start[rows], return_inverse=True)
            out.append((int(number), rows, starts, place))
        return out

    def added(self, weights: Mapping[int, Floats], triples: Ints, side: Side) -> Floats:
        """Return the summed weights of the rules that conclude each candidate.

        Args:
            weights: for each relation, one weight for each of its rules (`of`).
            triples: the questions.
            side: which side is asked for.
        """
        n = self.graph.entities
        out = np.zeros((len(triples), n))
        for step, rows, starts, place in self.asked(triples, side):
            relation = step % self.graph.relations
            table = self.firing(step, starts) @ weights.get(relation, np.empty(0))
            out[rows] = np.reshape(table, (len(starts), n))[place]
        return out

    def surest(self, triples: Ints, side: Side, depth: int = DEPTH) -> Floats:
        """Return the confidences of the surest rules for each candidate, falling; 0 for no more.

        Returns:
            Questions, entities, depth.
        """
        n = self.graph.entities
        out = np.zeros((len(triples), n, depth))
        for step, rows, starts, place in self.asked(triples, side):
            sure = np.array([rule.confidence for rule in self.of(step % self.graph.relations)])
            fired = self.firing(step, starts).tocoo()
            order = np.lexsort([-sure[fired.col], fired.row])
            row, confidence = fired.row[order], sure[fired.col[order]]
            first = np.searchsorted(row, row)
            nth = np.arange(len(row)) - first
            top = np.zeros((len(starts) * n, depth))
            keep = nth < depth
            top[row[keep], nth[keep]] = confidence[keep]
            out[rows] = top.reshape(len(starts), n, depth)[place]
        return out

    def noisy_or(self, triples: Ints, side: Side, depth: int = FEW) -> Floats:
        """Return, for each question and candidate, the chance that a rule is right about it.

        Args:
            triples: the questions; what stands on the side asked for is not read.
            side: which side is asked for.
            depth: how many of the surest rules speak.
        """
        sure = np.minimum(self.surest(triples, side, depth), SURE)
        return np.asarray(-np.expm1(np.log1p(-sure).sum(axis=-1)))

    def max_plus(self, triples: Ints, side: Side) -> Floats:
        """Return the place of each candidate by its surest rules, as a score: higher is better.

        Scores compare candidates of one call; the whole part is not a probability.
        """
        sure = self.surest(triples, side)
        _, place = np.unique(sure.reshape(-1, sure.shape[-1]), axis=0, return_inverse=True)
        return np.asarray(place, dtype=np.float64).reshape(sure.shape[:2])


def odds(chance: Floats) -> Floats:
    """Return log-odds of chances, which are kept away from 0 and 1."""
    held = np.clip(chance, DOUBT, 1 - DOUBT)
    return np.asarray(np.log(held) - np.log1p(-held))
