"""Beam search over the slots of a template, on arrays.

A partial look is worth what it would score if it stopped there: the mean over its items, the mean
over its pairs, its comfort with the best that open slots can still add, and a *bonus* for what
rules say of whole looks, as far as the caller has asked them. Barred pairs cut.

The required slots are filled first: the looks then found are *cores*. Optional slots vary them,
and each core keeps its share of the beam, so that variations of one do not crowd out the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

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
    """Partial looks, one a row: their items (−1 for an empty place) and running sums.

    `gain` and `bars` tell what each other item would add in pairs, and whether it may join; whole
    looks do without.
    """

    members: Ints
    count: Ints
    items: Floats
    pairs: Floats
    clo: Floats
    bonus: Floats
    core: Ints
    gain: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    bars: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))

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
            self.gain[rows] if len(self.gain) else self.gain,
            self.bars[rows] if len(self.bars) else self.bars,
        )

    def looks(self) -> list[tuple[int, ...]]:
        """Return the sorted numbers of each state's items."""
        return [tuple(sorted(m for m in row if m >= 0)) for row in self.members.tolist()]


def worth(space: Space, states: States, ahead: float = 0.0) -> Floats:
    """Return what each state is worth if it stopped there, the bonus left out."""
    n = np.maximum(states.count, 1)
    both = np.maximum(states.count * (states.count - 1) // 2, 1)
    return np.asarray(states.items / n + states.pairs / both + space.comfort(states.clo, ahead))


def states_of(space: Space, looks: Sequence[Sequence[int]]) -> States:
    """Return whole looks as states: their items in the order given, and their sums."""
    count = np.fromiter(map(len, looks), np.int64, len(looks))
    wide = int(count.max(initial=0))
    members = np.full((len(looks), wide), -1, dtype=np.int64)
    members[np.arange(wide)[None, :] < count[:, None]] = [m for look in looks for m in look]
    held = members >= 0
    safe = np.where(held, members, 0)
    pairs = np.zeros(len(looks))
    if len(space.item):
        for n in range(wide):
            for m in range(n + 1, wide):
                pairs += np.where(held[:, m], space.pair[safe[:, n], safe[:, m]], 0.0)
        items = np.where(held, space.item[safe], 0.0).sum(axis=1)
        clo = np.where(held, space.clo[safe], 0.0).sum(axis=1)
    else:
        items = clo = np.zeros(len(looks))
    none = np.zeros(len(looks))
    return States(
        members,
        count,
        items,
        pairs,
        clo,
        none,
        none.astype(np.int64),
    )


def cores(
    space: Space, required: Sequence[Position], optional: Sequence[Position], width: int
) -> States:
    """Return the best ways to fill the required places, best first; each is a core of its own.

    `optional` tells how much insulation could still be added.
    """
    zero = np.zeros(1)
    none = np.zeros(1, dtype=np.int64)
    empty = np.full((1, len(required) + len(optional)), -1, dtype=np.int64)
    size = len(space.item)
    gain, bars = np.zeros((1, size)), np.zeros((1, size), dtype=bool)
    states = States(empty, none, zero, zero, zero, zero, none, gain, bars)
    warmest = _warmest(space, (*required, *optional))
    for n, position in enumerate(required):
        states = _extend(space, states, position, n)
        states = states.take(_best(space, states, sum(warmest[n + 1 :]), width))
    return replace(states, core=np.arange(len(states), dtype=np.int64))


def vary(space: Space, states: States, optional: Sequence[Position], width: int) -> States:
    """Return cores with optional places filled or left empty, best first."""
    first = states.members.shape[1] - len(optional)
    share = max(1, width // max(1, len(states)))
    warmest = _warmest(space, optional)
    for n, position in enumerate(optional):
        states = _extend(space, states, position, first + n)
        order = _best(space, states, sum(warmest[n + 1 :]), len(states))
        states = states.take(_shared(states, order, share))
    return states.take(_best(space, states, 0.0, len(states)))


def _warmest(space: Space, positions: Sequence[Position]) -> list[float]:
    """Return the insulation of the warmest choice for each place."""
    return [float(space.clo[p.choices].max(initial=0.0)) for p in positions]


def _extend(space: Space, states: States, position: Position, at: int) -> States:
    choices = position.choices
    rows, picks = np.nonzero(~states.bars[:, choices])
    chosen = choices[picks]
    members = states.members[rows]
    members[:, at] = chosen
    new = States(
        members,
        states.count[rows] + 1,
        states.items[rows] + space.item[chosen],
        states.pairs[rows] + states.gain[rows, chosen],
        states.clo[rows] + space.clo[chosen],
        states.bonus[rows] + space.bonus[chosen],
        states.core[rows],
        states.gain[rows] + space.pair[chosen],
        states.bars[rows] | space.barred[chosen],
    )
    return _join(states, new) if position.optional else new


def _join(a: States, b: States) -> States:
    return States(
        *(np.concatenate((getattr(a, f.name), getattr(b, f.name))) for f in fields(States))
    )


def _best(space: Space, states: States, ahead: float, width: int) -> Ints:
    """Return the rows of the best states, best first; equal ones by their items' numbers."""
    value = np.round(worth(space, states, ahead) + states.bonus, 9)
    rows = np.arange(len(value))
    if width < len(value):
        # Only what is at least as good as the last place kept need be put in order.
        least = -np.partition(-value, width - 1)[width - 1]
        rows = (value >= least).nonzero()[0]
    value, members = value[rows], states.members[rows]
    by = np.argsort(-value, kind="stable")
    if len(by) > 1 and bool((np.diff(value[by]) == 0).any()):
        keys = [members[:, n] for n in range(members.shape[1] - 1, -1, -1)]
        by = np.lexsort((*keys, -value))
    return rows[by][:width]


def _shared(states: States, order: Ints, share: int) -> Ints:
    """Return of the rows in order the first few of each core."""
    core = states.core[order]
    by = np.argsort(core, kind="stable")
    ordered = core[by]
    start = np.searchsorted(ordered, ordered, "left")
    place = np.empty(len(order), dtype=np.int64)
    place[by] = np.arange(len(order)) - start
    return order[place < share]
