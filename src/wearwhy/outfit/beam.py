"""Beam search over the slots of a template, on arrays.

A partial look is worth what it would score if it stopped there: the mean over its items, the mean
over its pairs, its comfort with the best that open slots can still add, and a *bonus* for what
rules say of whole looks, as far as the caller has asked them. Barred pairs cut.

The required slots are filled first: the looks then found are *cores*. Optional slots vary them,
and each core keeps its share of the beam, so that variations of one do not crowd out the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What looks are made of.

    Attributes:
        item: what each item is worth, before the mean.
        pair: what each pair is worth, before the mean; symmetric.
        barred: pairs that no look may hold; symmetric.
        clo: each item's insulation.
        comfort: maps sums of insulation, and what could still be added, to points.
        bonus: what each item is expected to change in the verdicts on whole looks.
    """

    item: Floats
    pair: Floats
    barred: NDArray[np.bool_]
    clo: Floats
    comfort: Callable[[Floats, float], Floats]
    bonus: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Position:
    """One place to fill: the items that may, and whether it may stay empty."""

    choices: Ints
    optional: bool


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Partial looks, one a row: their items (−1 for an empty place) and running sums."""

    members: Ints
    count: Ints
    items: Floats
    pairs: Floats
    clo: Floats
    bonus: Floats
    core: Ints

    def __len__(self) -> int:
        return len(self.count)

    def take(self, rows: Ints) -> States:
        """Return some of the states."""
        return States(
            self.members[rows],
            self.count[rows],
            self.items[rows],
            self.pairs[rows],
            self.clo[rows],
            self.bonus[rows],
            self.core[rows],
        )

    def looks(self) -> list[tuple[int, ...]]:
        """Return the sorted numbers of each state's items."""
        return [tuple(sorted(m for m in row if m >= 0)) for row in self.members.tolist()]


def worth(space: Space, states: States, ahead: float = 0.0) -> Floats:
    """Return what each state is worth if it stopped there, the bonus left out."""
    n = np.maximum(states.count, 1)
    both = np.maximum(states.count * (states.count - 1) // 2, 1)
    return np.asarray(states.items / n + states.pairs / both + space.comfort(states.clo, ahead))


def cores(
    space: Space, required: Sequence[Position], optional: Sequence[Position], width: int
) -> States:
    """Return the best ways to fill the required places, best first; each is a core of its own.

    `optional` tells how much insulation could still be added.
    """
    zero = np.zeros(1)
    none = np.zeros(1, dtype=np.int64)
    empty = np.full((1, len(required) + len(optional)), -1, dtype=np.int64)
    states = States(empty, none, zero, zero, zero, zero, none)
    for n, position in enumerate(required):
        states = _extend(space, states, position, n)
        later = (*required[n + 1 :], *optional)
        states = states.take(_best(space, states, _reach(space, later), width))
    return replace(states, core=np.arange(len(states), dtype=np.int64))


def vary(space: Space, states: States, optional: Sequence[Position], width: int) -> States:
    """Return cores with optional places filled or left empty, best first."""
    first = states.members.shape[1] - len(optional)
    share = max(1, width // max(1, len(states)))
    for n, position in enumerate(optional):
        states = _extend(space, states, position, first + n)
        order = _best(space, states, _reach(space, optional[n + 1 :]), len(states))
        states = states.take(_shared(states, order, share))
    return states.take(_best(space, states, 0.0, len(states)))


def _reach(space: Space, later: Sequence[Position]) -> float:
    return float(sum(space.clo[p.choices].max(initial=0.0) for p in later))


def _extend(space: Space, states: States, position: Position, at: int) -> States:
    choices = position.choices
    held = states.members[:, :at]
    present = (held >= 0)[:, :, None]
    safe = np.where(held >= 0, held, 0)
    added = (space.pair[safe[:, :, None], choices[None, None, :]] * present).sum(axis=1)
    barred = (space.barred[safe[:, :, None], choices[None, None, :]] & present).any(axis=1)
    rows, picks = np.nonzero(~barred)
    grown = states.take(rows)
    members = grown.members.copy()
    members[:, at] = choices[picks]
    new = States(
        members,
        grown.count + 1,
        grown.items + space.item[choices[picks]],
        grown.pairs + added[rows, picks],
        grown.clo + space.clo[choices[picks]],
        grown.bonus + space.bonus[choices[picks]],
        grown.core,
    )
    return _join(states, new) if position.optional else new


def _join(a: States, b: States) -> States:
    return States(
        np.concatenate((a.members, b.members)),
        np.concatenate((a.count, b.count)),
        np.concatenate((a.items, b.items)),
        np.concatenate((a.pairs, b.pairs)),
        np.concatenate((a.clo, b.clo)),
        np.concatenate((a.bonus, b.bonus)),
        np.concatenate((a.core, b.core)),
    )


def _best(space: Space, states: States, ahead: float, width: int) -> Ints:
    """Return the rows of the best states, best first; equal ones by their items' numbers."""
    value = np.round(worth(space, states, ahead) + states.bonus, 9)
    keys = [states.members[:, n] for n in range(states.members.shape[1] - 1, -1, -1)]
    return np.lexsort((*keys, -value))[:width]


def _shared(states: States, order: Ints, share: int) -> Ints:
    """Return of the rows in order the first few of each core."""
    taken: dict[int, int] = {}
    kept = []
    for row, core in zip(order.tolist(), states.core[order].tolist(), strict=True):
        if taken.get(core, 0) < share:
            taken[core] = taken.get(core, 0) + 1
            kept.append(row)
    return np.array(kept, dtype=np.int64)
