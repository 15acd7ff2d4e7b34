"""The smallest set of items that holds one look of each of several lists.

First, exactly, how few: an item that another can stand in for, in every look of every list, is left
out; of the rest an integer program chooses the fewest, and HiGHS proves that there are no fewer, or
says how few there might be. Then, of the sets as small as that, a good one: items are exchanged for
others as long as an exchange betters the looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csc_array

Floats = NDArray[np.float64]

# For how many seconds the integer program may run.
SECONDS = 20.0
_NONE = -1e9


@dataclass(frozen=True, slots=True)
class Choice:
    """One look of a list: its items, and what it is worth."""

    items: frozenset[NamedNode]
    worth: float


@dataclass(frozen=True, slots=True)
class Cover:
    """A set of items that holds one look of each list.

    Attributes:
        items: the set.
        chosen: for each list the number of the look that is worth most of those it holds.
        least: no set has fewer items than this, by proof.
    """

    items: frozenset[NamedNode]
    chosen: tuple[int, ...]
    least: int

    @property
    def proved(self) -> bool:
        """Return whether no smaller set exists over the looks given."""
        return len(self.items) <= self.least


Apart = Sequence[tuple[NamedNode, Sequence[int]]]
"""Items with lists, of which at most one may be dressed with the item."""


def smallest(
    lists: Sequence[Sequence[Choice]],
    *,
    needed: frozenset[NamedNode] = frozenset(),
    apart: Apart = (),
    seconds: float = SECONDS,
) -> Cover | None:
    """Return the smallest set of items that holds a look of each list; None where none was found.

    Args:
        lists: looks to choose one of each from; none of the lists is empty.
        needed: items that must be in a chosen look.
        apart: what may not be worn again so soon.
        seconds: how long to search for the fewest.
    """
    left = [list(looks) for looks in lists] if apart else undominated(lists, needed)
    found = _fewest(left, needed, apart, seconds)
    if found is None:
        return None
    items, chosen, least = found
    if not apart:
        held = Held(lists)
        items = _bettered(held, items, needed)
        return Cover(items, held.chosen(items), least)
    at = [lists[n].index(left[n][k]) for n, k in enumerate(chosen)]
    return Cover(items, tuple(at), least)


def undominated(
    lists: Sequence[Sequence[Choice]], needed: Iterable[NamedNode] = ()
) -> list[list[Choice]]:
    """Return the looks without the items that another item can stand in for.

    One item stands in for another if, whatever look of whatever list has the other, the same look
    with the one in its place is of that list too, or needs neither. Some smallest set then does
    without the other, so that leaving it out loses nothing of how few there need to be.
    """
    kept, held = [list(looks) for looks in lists], frozenset(needed)
    while True:
        gone = _dominated(kept, held)
        if not gone:
            return kept
        kept = [[look for look in looks if not look.items & gone] for looks in kept]


def _dominated(
    lists: Sequence[Sequence[Choice]], held: frozenset[NamedNode]
) -> frozenset[NamedNode]:
    items = sorted({item for looks in lists for look in looks for item in look.items}, key=str)
    rests: list[dict[NamedNode, set[frozenset[NamedNode]]]] = []
    for looks in lists:
        own: dict[NamedNode, set[frozenset[NamedNode]]] = {}
        for look in looks:
            for item in look.items:
                own.setdefault(item, set()).add(look.items - {item})
        rests.append(own)
    bare = [{look.items for look in looks} for looks in lists]
    none: set[frozenset[NamedNode]] = set()
    often = {item: sum(len(own.get(item, none)) for own in rests) for item in items}
    gone: set[NamedNode] = set()
    for item in sorted(items, key=lambda i: (often[i], i.value)):
        if item in held:
            continue
        for other in sorted(items, key=lambda i: (-often[i], i.value)):
            if other == item or other in gone or often[other] < often[item]:
                continue
            if all(
                rest in own.get(other, none) or rest in alone
                for own, alone in zip(rests, bare, strict=True)
                for rest in own.get(item, none)
            ):
                gone.add(item)
                break
    return frozenset(gone)


class Held:
    """Which looks a set of items holds, for many sets."""

    def __init__(self, lists: Sequence[Sequence[Choice]]) -> None:
        self.items = sorted({i for looks in lists for look in looks for i in look.items}, key=str)
        self._at = {item: n for n, item in enumerate(self.items)}
        self._has = []
        self._worth = []
        for looks in lists:
            has = np.zeros((len(looks), len(self._at)), dtype=np.float32)
            for k, look in enumerate(looks):
                has[k, [self._at[item] for item in look.items]] = 1.0
            self._has.append(has)
            self._worth.append(np.array([look.worth for look in looks]))

    def _missing(self, items: Iterable[NamedNode]) -> NDArray[np.float32]:
        out = np.ones(len(self.items), dtype=np.float32)
        out[[self._at[item] for item in items if item in self._at]] = 0.0
        return out

    def _values(self, items: Iterable[NamedNode]) -> list[Floats]:
        out = self._missing(items)
        return [
            np.where(has @ out == 0.0, worth, _NONE)
            for has, worth in zip(self._has, self._worth, strict=True)
        ]

    def serves(self, items: Iterable[NamedNode]) -> bool:
        """Return whether a set holds a look of each list."""
        return all(bool((values > _NONE).any()) for values in self._values(items))

    def worth(self, items: Iterable[NamedNode]) -> float:
        """Return what the best looks of a set are worth together."""
        return float(sum(values.max() for values in self._values(items)))

    def with_each(self, items: Iterable[NamedNode]) -> Floats:
        """Return what the best looks of a set are worth together with each item in turn added."""
        out, found = self._missing(items), np.zeros(len(self.items))
        for has, worth in zip(self._has, self._worth, strict=True):
            lacking = has @ out
            best = np.full(len(self.items), worth[lacking == 0.0].max(initial=_NONE))
            nearly = np.flatnonzero(lacking == 1.0)
            if len(nearly):
                np.maximum.at(best, (has[nearly] * out).argmax(axis=1), worth[nearly])
            found += best
        return found

    def chosen(self, items: Iterable[NamedNode]) -> tuple[int, ...]:
        """Return the look of each list that is worth most of those that a set holds."""
        return tuple(int(np.argmax(np.round(values, 9))) for values in self._values(items))

    def spare(self, items: frozenset[NamedNode]) -> list[NamedNode]:
        """Return the items of a set that the others would do without."""
        return sorted((i for i in items if self.serves(items - {i})), key=str)

    def bettering(self, items: frozenset[NamedNode]) -> tuple[NamedNode, float] | None:
        """Return the item that betters the looks of a set most, and by how much, a look each."""
        gains = np.round((self.with_each(items) - self.worth(items)) / len(self._has), 9)
        best = int(np.argmax(gains))
        return (self.items[best], float(gains[best])) if gains[best] > 0 else None


def _bettered(
    held: Held, items: frozenset[NamedNode], needed: frozenset[NamedNode]
) -> frozenset[NamedNode]:
    """Return a set as small whose looks no exchange of one item for another betters."""
    now = round(held.worth(items), 9)
    while True:
        tried = []
        for out in sorted(items - needed, key=str):
            values = np.round(held.with_each(items - {out}), 9)
            best = int(np.argmax(values))
            tried.append((float(values[best]), out, held.items[best]))
        best_of = max(tried, key=lambda t: t[0], default=None)
        if best_of is None or best_of[0] <= now:
            return items
        now, items = best_of[0], (items - {best_of[1]}) | {best_of[2]}


def _fewest(
    lists: Sequence[Sequence[Choice]],
    needed: frozenset[NamedNode],
    apart: Apart,
    seconds: float,
) -> tuple[frozenset[NamedNode], tuple[int, ...], int] | None:
    """Return the fewest items, the look chosen of each list, and how few there might be."""
    items = sorted({i for looks in lists for look in looks for i in look.items}, key=str)
    at = {item: n for n, item in enumerate(items)}
    width = len(items) + sum(map(len, lists))
    entries: list[tuple[int, int, float]] = []
    low: list[float] = []
    high: list[float] = []
    having: dict[tuple[int, NamedNode], list[int]] = {}

    def row(columns: Iterable[tuple[int, float]], least: float, most: float) -> None:
        entries.extend((len(low), column, value) for column, value in columns)
        low.append(least)
        high.append(most)

    column = len(items)
    for n, looks in enumerate(lists):
        row(((column + k, 1.0) for k in range(len(looks))), 1.0, 1.0)
        for look in looks:
            for item in look.items:
                having.setdefault((n, item), []).append(column)
            column += 1
    # A look is chosen with its items packed: summed over a list, for one of its looks is.
    for (_, item), columns in having.items():
        row([*((c, 1.0) for c in columns), (at[item], -1.0)], -np.inf, 0.0)
    for item in sorted(needed, key=str):
        row([(c, 1.0) for n in range(len(lists)) for c in having.get((n, item), ())], 1.0, np.inf)
    for item, places in apart:
        row([(c, 1.0) for n in places for c in having.get((n, item), ())], -np.inf, 1.0)
    rows, columns_, values = zip(*entries, strict=True)
    cost = np.zeros(width)
    cost[: len(items)] = 1.0
    # Where items are whole, looks are too, unless a look's items must be worn, or kept apart.
    whole = np.ones(width) if needed or apart else cost
    # Takes half a second, which only plans need.
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415

    found = milp(
        cost,
        integrality=whole.astype(np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(
            csc_array((values, (rows, columns_)), shape=(len(low), width)), low, high
        ),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    picked = frozenset(item for item, n in at.items() if found.x[n] > 0.5)
    chosen, column = [], len(items)
    for looks in lists:
        shares = found.x[column : column + len(looks)]
        chosen.append(int(np.argmax(shares)))
        column += len(looks)
    bound = found.mip_dual_bound
    least = int(np.ceil(round(float(bound), 6))) if bound is not None else 0
    return picked, tuple(chosen), min(least, len(picked))
