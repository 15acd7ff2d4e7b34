"""The mined witness at rest: bodies of rules, how often they held true, and what each weighs.

A rule is a body with one of the values as its head. Its confidence is what was counted; its weight
is what it adds to the value's logit when everything else that is known is weighed as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from wearwhy.learn.additive import Floats, Ints

CAUTION: Final = 5.0
"""AnyBURL's p_c: so many unseen failures are added to every support."""


@dataclass(frozen=True)
class Mined:
    """Weighted rules of one attribute.

    Attributes:
        bodies: token numbers, ascending; −1 in the third place where there are two.
        weights: bodies × values, in log-odds.
        counts: bodies × values: items it was fitted to for which both hold.
        held: the same, for items that were held out.
    """

    bodies: Ints
    weights: Floats
    counts: Floats
    held: Floats

    @classmethod
    def none(cls, values: int) -> Mined:
        """Return the witness that knows no rule."""
        empty = np.zeros((0, values))
        return cls(np.zeros((0, 3), dtype=np.int64), empty, empty, empty)

    @cached_property
    def _index(self) -> tuple[Ints, Ints, Ints]:
        """Bodies by token: where each token's begin, the bodies, and how many tokens each has."""
        at, place = np.nonzero(self.bodies >= 0)
        tokens = self.bodies[at, place]
        order = np.argsort(tokens, kind="stable")
        width = int(tokens.max()) + 1 if len(tokens) else 0
        starts = np.concatenate([[0], np.cumsum(np.bincount(tokens, minlength=width))])
        return starts.astype(np.int64), at[order], np.sum(self.bodies >= 0, axis=1)

    def fired(self, row: Ints) -> Ints:
        """Return the bodies that hold for an item given as token numbers."""
        starts, bodies, lengths = self._index
        known = row[row < len(starts) - 1]
        if not len(known):
            return np.zeros(0, dtype=np.int64)
        met = np.concatenate([bodies[starts[t] : starts[t + 1]] for t in known])
        return np.flatnonzero(np.bincount(met, minlength=len(lengths)) == lengths)

    def logits(self, rows: list[Ints]) -> Floats:
        """Return what the rules that fire add to the values' logits."""
        out = np.zeros((len(rows), self.weights.shape[1]))
        if len(self.bodies):
            for n, row in enumerate(rows):
                out[n] = self.weights[self.fired(row)].sum(axis=0)
        return out

    def confidence(self, body: int, value: int) -> float:
        """Return the share of a body's items that have the value, cautiously."""
        return float(self.counts[body, value] / (self.counts[body].sum() + CAUTION))
