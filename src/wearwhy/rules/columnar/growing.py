"""One property while it is being closed: a sorted set of pairs that grows by whole batches."""

from __future__ import annotations

from copy import copy
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wearwhy.rules.columns import Bools, Ints
from wearwhy.rules.terms import Id

Numbers: TypeAlias = NDArray[np.int32]
"""Ids and unit numbers at rest, which fit half a key."""

LOW: Final = 0xFFFFFFFF
ASSERTED: Final = -1
"""The unit of a pair that somebody asserted."""
_NONE: Final[Ints] = np.empty(0, np.int64)


# More matches than this are not looked up at once: memory would run out before any budget.
WIDEST: Final = 1 << 24


class TooWideError(Exception):
    """More matches than can be held at once; asked for in parts, they are fewer.

    Attributes:
        matches: how many there are.
    """

    def __init__(self, matches: int) -> None:
        super().__init__(matches)
        self.matches = matches


class Batch(NamedTuple):
    """Pairs that came together: sorted, each once, none of them known before.

    Attributes:
        keys: the pairs.
        units: for each what concluded it; ASSERTED for none.
        extras: for each the values of the variables that stand in the body alone.
    """

    keys: Ints
    units: Numbers
    extras: tuple[Numbers, ...]


def swapped(keys: Ints) -> Ints:
    """Return pairs with their halves exchanged, in the order given."""
    found: Ints = (keys << 32) | (keys >> 32)
    return found


def fresh(keys: Ints, known: Ints) -> tuple[Ints, Ints]:
    """Return which of some sorted keys are not known, and where those belong among the known."""
    at = known.searchsorted(keys)
    if not len(known):
        return np.arange(len(keys)), at
    new = (known[np.minimum(at, len(known) - 1)] != keys).nonzero()[0]
    return new, at[new]


def rising(keys: Ints) -> Ints:
    """Return keys sorted, each once."""
    found = np.sort(keys)
    if len(found) < 2:
        return found
    keep = np.empty(len(found), dtype=bool)
    keep[0] = True
    np.not_equal(found[1:], found[:-1], out=keep[1:])
    return found if keep.all() else found[keep]


def first_of_each(keys: Ints) -> Ints:
    """Return where each distinct key first stands, in the order of the keys."""
    if len(keys) < 2 or bool((keys[1:] > keys[:-1]).all()):
        return np.arange(len(keys))
    # The sort is not stable, which makes it fast; the least place of each key is taken after.
    order = keys.argsort()
    sorted_keys = keys[order]
    begins = np.empty(len(keys), dtype=bool)
    begins[0] = True
    np.not_equal(sorted_keys[1:], sorted_keys[:-1], out=begins[1:])
    starts = begins.nonzero()[0]
    if len(starts) == len(keys):
        return order
    found: Ints = np.minimum.reduceat(order, starts)
    return found


class Growing:
    """The pairs of one property, sorted both ways, and the batches they came in.

    A pair is one number, its subject's id above its object's.
    """

    __slots__ = ("_inverse", "_offsets", "_seen", "_starts", "_whole", "keys", "log")

    confidence = None

    def __init__(self, first: Batch | None = None) -> None:
        self.keys: Ints = _NONE if first is None else first.keys
        self.log: list[Batch] = [] if first is None else [first]
        self._inverse: Ints = _NONE
        self._seen = 0
        self._whole: Batch | None = first
        self._offsets: tuple[int, Ints] | None = None
        self._starts: tuple[int, Ints] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def subjects(self) -> Ints:
        """The subjects, in the order of `keys`."""
        found: Ints = self.keys >> 32
        return found

    @property
    def objects(self) -> Ints:
        """The objects, in the order of `keys`."""
        found: Ints = self.keys & LOW
        return found

    def add(self, new: Ints, at: Ints, units: Numbers, extras: tuple[Numbers, ...]) -> None:
        """Add pairs that `fresh` found new."""
        self.keys = np.insert(self.keys, at, new) if len(self.keys) else new
        self.log.append(Batch(new, units, extras))

    def copy(self) -> Growing:
        """Return an equal one that may grow by itself."""
        other = copy(self)
        other.log = list(self.log)
        return other

    def whole(self) -> Batch:
        """Return all pairs in their order as one batch."""
        if self._whole is None or len(self._whole.keys) != len(self.keys):
            self._whole = together(self.log)._replace(keys=self.keys)
        return self._whole

    def settle(self) -> None:
        """Forget in which batches the pairs came."""
        self.settled(self.whole(), self._inverse if self._seen == len(self.log) else _NONE)

    def without(self, keys: Ints) -> Growing:
        """Return the pairs less some sorted ones; this one stays as it is."""
        keep = (~present(self.keys, keys)).nonzero()[0]
        inverse = self._inverse if self._seen == len(self.log) else _NONE
        if len(inverse):
            inverse = inverse[(~present(inverse, np.sort(swapped(keys)))).nonzero()[0]]
        return Growing().settled(_taken(self.whole(), keep), inverse)

    def replaced(self, units: Numbers) -> Growing:
        """Return the same pairs with other reasons, given in their order."""
        inverse = self._inverse if self._seen == len(self.log) else _NONE
        return Growing().settled(self.whole()._replace(units=units), inverse)

    def settled(self, whole: Batch, inverse: Ints) -> Growing:
        """Take one batch to be all there is, and its inverse if that is known."""
        self.keys, self.log, self._whole = whole.keys, [whole], whole
        self._inverse = inverse
        self._seen = int(len(inverse) == len(whole.keys))
        return self

    def since(self, batch: int) -> Ints:
        """Return the pairs of the batches from a number on."""
        found = self.log[batch:]
        if len(found) == 1:
            return found[0].keys
        return np.concatenate([b.keys for b in found]) if found else _NONE

    def inverse(self) -> Ints:
        """Return the pairs with their halves exchanged, sorted."""
        if self._seen < len(self.log):
            new = swapped(self.since(self._seen))
            if not self._seen:
                self._inverse = np.sort(new)
            elif 8 * len(new) > len(self._inverse):
                self._inverse = np.concatenate((self._inverse, new))
                self._inverse.sort()
            else:
                new.sort()
                self._inverse = np.insert(self._inverse, self._inverse.searchsorted(new), new)
            self._seen = len(self.log)
        return self._inverse

    def objects_of_one(self, subject: Id) -> Ints:
        """Return the objects of one subject."""
        low, high = self.keys.searchsorted(np.array([subject << 32, (subject + 1) << 32]))
        found: Ints = self.keys[low:high] & LOW
        return found

    def subjects_of_one(self, obj: Id) -> Ints:
        """Return the subjects of one object."""
        inverse = self.inverse()
        low, high = inverse.searchsorted(np.array([obj << 32, (obj + 1) << 32]))
        found: Ints = inverse[low:high] & LOW
        return found

    def objects_of(self, subjects: Ints) -> tuple[Ints | None, Ints]:
        """Return, for each match, the row asked for (None: each row once), and the object."""
        if len(subjects) * 8 > len(self.keys):
            self._offsets = _table(self._offsets, self.keys, subjects)
            return _spread(self._offsets[1], subjects, self.keys)
        return _searched(self.keys, subjects)

    def subjects_of(self, objects: Ints) -> tuple[Ints | None, Ints]:
        """Return, for each match, the row asked for (None: each row once), and the subject."""
        inverse = self.inverse()
        if len(objects) * 8 > len(inverse):
            self._starts = _table(self._starts, inverse, objects)
            return _spread(self._starts[1], objects, inverse)
        return _searched(inverse, objects)

    def has(self, keys: Ints) -> Bools:
        """Return which pairs are there."""
        return present(keys, self.keys)


def _taken(batch: Batch, rows: Ints) -> Batch:
    extras = tuple([e[rows] for e in batch.extras])
    return Batch(batch.keys[rows], batch.units[rows], extras)


def together(batches: list[Batch]) -> Batch:
    """Return batches as one, sorted."""
    if len(batches) <= 1:
        return batches[0] if batches else Batch(_NONE, _NONE.astype(np.int32), ())
    keys = np.concatenate([b.keys for b in batches])
    order = keys.argsort()
    width = max(len(b.extras) for b in batches)
    extras: list[Numbers] = []
    for n in range(width):
        parts = [
            b.extras[n] if n < len(b.extras) else np.zeros(len(b.keys), np.int32) for b in batches
        ]
        extras.append(np.concatenate(parts)[order])
    units = np.concatenate([b.units for b in batches])[order]
    return Batch(keys[order], units, tuple(extras))


def present(keys: Ints, known: Ints) -> Bools:
    """Return which keys stand among sorted ones."""
    found: Bools = np.zeros(len(keys), dtype=bool)
    if not len(known) or not len(keys):
        return found
    if 4 * len(known) > len(keys):
        return _stands(keys, known)
    # Few are looked for among many: only those whose upper half is known need be searched.
    upper = keys >> 32
    marked = np.zeros(max(int(known[-1] >> 32), int(upper.max())) + 1, dtype=bool)
    marked[known >> 32] = True
    likely = marked[upper].nonzero()[0]
    found[likely] = _stands(keys[likely], known)
    return found


def _stands(keys: Ints, known: Ints) -> Bools:
    at = known.searchsorted(keys)
    np.minimum(at, len(known) - 1, out=at)
    found: Bools = known[at] == keys
    return found


def _table(old: tuple[int, Ints] | None, keys: Ints, asked: Ints) -> tuple[int, Ints]:
    """Return for each id where its pairs begin among sorted ones."""
    most = int(max(asked.max(initial=0), keys[-1] >> 32 if len(keys) else 0)) + 2
    if old is not None and old[0] == len(keys) and len(old[1]) >= most:
        return old
    counts = np.bincount((keys >> 32) + 1, minlength=most)
    return len(keys), counts.cumsum()


def _spread(starts: Ints, asked: Ints, keys: Ints) -> tuple[Ints | None, Ints]:
    low = starts[asked]
    return _expanded(low, starts[asked + 1] - low, keys)


def _searched(keys: Ints, asked: Ints) -> tuple[Ints | None, Ints]:
    low = keys.searchsorted(asked << 32)
    return _expanded(low, keys.searchsorted((asked + 1) << 32) - low, keys)


def _expanded(low: Ints, count: Ints, keys: Ints) -> tuple[Ints | None, Ints]:
    if count.max(initial=0) <= 1:
        row = count.nonzero()[0]
        if len(row) == len(count):
            return None, keys[low] & LOW
        return row, keys[low[row]] & LOW
    matches = int(count.sum())
    if matches > WIDEST and len(count) > 1:
        raise TooWideError(matches)
    row = np.arange(len(count)).repeat(count)
    begins = low - count.cumsum() + count
    return row, keys[begins[row] + np.arange(len(row))] & LOW
