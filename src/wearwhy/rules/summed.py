"""Measures over many looks at a time: what their path leads to from each candidate, summed up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wearwhy.rules.arrays import decimal
from wearwhy.rules.columns import Bools, Floats, Ints
from wearwhy.rules.measures import Aggregate

Matrix: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """What a measure's path leads to from each candidate: which candidate, the node, a number."""

    row: Ints
    end: Ints
    value: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What a measure comes to for each of some candidates, to be summed up over looks.

    Attributes:
        kind: of the measure.
        known: which candidates have a value.
        own: of a sum, what each adds; of a count, how many ends each has.
        low: the least value of each, infinity where it has none.
        high: the greatest, likewise.
        holds: of a distinct count, which candidate (row) leads to which end (column).
    """

    kind: Aggregate
    known: Bools
    own: Floats
    low: Floats
    high: Floats
    holds: Matrix

    def over(self, members: Matrix, rounded: dict[float, float]) -> Floats:
        """Return the measure over each look, as its literal would be read; NaN where it has none.

        Args:
            members: which look (row) holds which candidate (column).
            rounded: what numbers were read as before; takes more.
        """
        if self.kind is Aggregate.COUNT:
            return np.asarray(members @ self.own, dtype=np.float64)
        if self.kind is Aggregate.COUNT_DISTINCT:
            return np.asarray((members @ self.holds > 0).sum(axis=1), dtype=np.float64)
        held = members[:, self.known] > 0
        present = held.any(axis=1)
        if self.kind is Aggregate.SUM:
            found = members.astype(np.float64) @ self.own
        else:
            least = np.where(held, self.low[self.known], np.inf).min(axis=1, initial=np.inf)
            most = np.where(held, self.high[self.known], -np.inf).max(axis=1, initial=-np.inf)
            if self.kind is Aggregate.RANGE:
                found = np.where(present, most, 0.0) - np.where(present, least, 0.0)
            else:
                found = least if self.kind is Aggregate.MIN else most
        result = np.full(len(members), np.nan)
        once, at = np.unique(found[present], return_inverse=True)
        result[present] = np.array([_read(one, rounded) for one in once.tolist()])[at]
        return result


def _read(value: float, rounded: dict[float, float]) -> float:
    """Return what the literal of a measured number is read as."""
    known = rounded.get(value)
    if known is None:
        known = rounded[value] = float(Decimal(decimal(value).value))
    return known


def summary(kind: Aggregate, ends: Ends, used: Ints) -> Summary:
    """Return what a measure comes to for some candidates.

    Args:
        kind: of the measure.
        ends: of its path, from every candidate.
        used: the candidates that are asked about, by place, rising.
    """
    size = len(used)
    place = np.minimum(used.searchsorted(ends.row), max(0, size - 1))
    inside = (used[place] == ends.row).nonzero()[0] if size else place[:0]
    column, value = place[inside], ends.value[inside]
    counted = np.bincount(column, minlength=size)
    own = counted.astype(np.float64)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    holds = np.zeros((size, 0), dtype=np.float32)
    if kind is Aggregate.COUNT_DISTINCT:
        nodes, node = np.unique(ends.end[inside], return_inverse=True)
        holds = np.zeros((size, len(nodes)), dtype=np.float32)
        holds[column, node] = 1.0
    elif kind is Aggregate.SUM:
        own = np.asarray(np.bincount(column, weights=value, minlength=size), np.float64)
    elif kind is not Aggregate.COUNT:
        np.minimum.at(low, column, value)
        np.maximum.at(high, column, value)
    return Summary(kind, counted > 0, own, low, high, holds)
