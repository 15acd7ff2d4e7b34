"""Mining: which rules a graph supports, exactly on small graphs and by sampling on large ones.

On a small graph (`Triples.small`: UMLS's and Kinships' size) every body of up to three steps is
counted. On a larger one, bodies come from walks around a sample of known triples, as in AnyBURL,
and are counted for a sample of X; the same seed finds the same rules. Rules with constants are
counted exactly on both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.constants import constant_rules
from wearwhy.learn.mined.paths import CAUTION, HornRule, sorted_rules
from wearwhy.learn.mined.sampling import Sample, sampled
from wearwhy.learn.mined.search import exhaustive
from wearwhy.learn.mined.triples import Triples


@dataclass(frozen=True, slots=True)
class Mining:
    """How to mine.

    Attributes:
        longest: steps of the longest body, one to three.
        constants: whether to mine rules with constants too.
        least_right: a rule with fewer right conclusions is none.
        least_confidence: nor is one that is less sure.
        most: how many path rules to keep for each relation, the surest ones.
        most_constant: how many constant rules to keep for each relation and direction.
        caution: pc, the wrong conclusions every rule is assumed to have besides those seen.
        concluding: the relations that heads may have; all of them by default.
        seed: of the samples.
        sample: how much is looked at on large graphs.
    """

    longest: int = 3
    constants: bool = True
    least_right: int = 2
    least_confidence: float = 0.01
    most: int = 1000
    most_constant: int = 1000
    caution: float = CAUTION
    concluding: tuple[int, ...] | None = None
    seed: int = 0
    sample: Sample = field(default_factory=Sample)

    def concludes(self, relation: int) -> bool:
        """Return whether heads may have a relation."""
        return self.concluding is None or relation in self.concluding

    def sure(self, support: Ints, right: Ints) -> Floats:
        """Return confidences."""
        return np.asarray(right / np.maximum(support + self.caution, 1.0))

    def good(self, support: Ints, right: Ints) -> Ints:
        """Return which rules are worth keeping, by their places in the flattened figures."""
        enough = (right >= self.least_right) & (self.sure(support, right) >= self.least_confidence)
        found: Ints = np.flatnonzero(enough)
        return found


class _Kept:
    """The surest rules of each relation: figures and bodies, as columns until asked for."""

    def __init__(self, mining: Mining, most: int) -> None:
        self._mining, self._most = mining, most
        self._parts: dict[int, list[tuple[Ints, ...]]] = defaultdict(list)

    def add(self, head: int, *columns: Ints) -> None:
        """Add rules of one head: support, right, and whatever describes them."""
        self._parts[head].append(columns)

    def best(self) -> Iterator[tuple[int, list[list[int]], Floats]]:
        """Yield each head, the rows of its surest rules, and their confidences."""
        for head, parts in self._parts.items():
            table = np.concatenate([np.column_stack(columns) for columns in parts])
            sure = self._mining.sure(table[:, 0], table[:, 1])
            described = [table[:, n] for n in reversed(range(2, table.shape[1]))]
            order = np.lexsort([*described, -table[:, 1], -sure])[: self._most]
            yield head, table[order].tolist(), sure[order]


def _exact(graph: Triples, mining: Mining) -> Iterator[HornRule]:
    kept = _Kept(mining, mining.most)
    for path, last, support, right in exhaustive(graph, mining.longest):
        flat = mining.good(np.broadcast_to(support, right.shape), right)
        heads, at = np.divmod(flat, right.shape[1])
        for head in np.unique(heads):
            if not mining.concludes(int(head) % graph.relations):
                continue
            which = at[heads == head]
            bodies = np.full((len(which), 3), -1)
            bodies[:, : len(path)] = path
            if last:
                bodies[:, 2] = np.asarray(last)[which]
            if head >= graph.relations:
                length = 3 if last else len(path)
                bodies[:, :length] = (bodies[:, :length][:, ::-1] + graph.relations) % graph.steps
            kept.add(int(head) % graph.relations, support[which], right[head, which], *bodies.T)
    for head, rows, sure in kept.best():
        for row, confidence in zip(rows, sure.tolist(), strict=True):
            body = tuple(step for step in row[2:] if step >= 0)
            yield HornRule(head, None, body, None, row[0], row[1], confidence)


def _sampled(graph: Triples, mining: Mining) -> Iterator[HornRule]:
    found: dict[int, list[HornRule]] = defaultdict(list)
    relations = [r for r in range(graph.relations) if mining.concludes(r)]
    for head, body, support, right, partly in sampled(
        graph, relations, mining.longest, mining.sample, mining.seed
    ):
        if len(mining.good(np.array([support]), np.array([right]))):
            confidence = float(mining.sure(np.array([support]), np.array([right]))[0])
            found[head].append(HornRule(head, None, body, None, support, right, confidence, partly))
    for rules in found.values():
        yield from sorted_rules(rules)[: mining.most]


def _constant(graph: Triples, mining: Mining) -> Iterator[HornRule]:
    kept = _Kept(mining, mining.most_constant)
    steps = [s for s in range(graph.steps) if mining.concludes(s % graph.relations)]
    for head, to, bodies, support, right in constant_rules(graph, steps, mining.least_right):
        at = mining.good(support, right)
        kept.add(head, support[at], right[at], np.full(len(at), to), *bodies[at].T)
    for head, rows, sure in kept.best():
        for row, confidence in zip(rows, sure.tolist(), strict=True):
            body, value = (row[3],), None if row[4] < 0 else row[4]
            yield HornRule(head, row[2], body, value, row[0], row[1], confidence)


def mine(graph: Triples, mining: Mining | None = None) -> list[HornRule]:
    """Return the rules a graph supports, by head, the surest first."""
    mining = mining or Mining()
    found = list(_exact(graph, mining) if graph.small else _sampled(graph, mining))
    if mining.constants:
        found += _constant(graph, mining)
    return sorted_rules(found)
