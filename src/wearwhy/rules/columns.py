"""Properties as arrays of ids, sorted so that many rows are looked up at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wearwhy.rules.model import Var

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]

_LOW = 0xFFFFFFFF


class Columns:
    """One property: each pair once, sorted by subject and object; and by object when asked.

    Args:
        keys: pairs as `key` makes them, rising, each once.
        confidence: of each pair; None where all are certain.
    """

    __slots__ = ("_by_object", "_objects", "_over", "_places", "_subjects", "confidence", "keys")

    def __init__(self, keys: Ints, confidence: Floats | None = None) -> None:
        self.keys: Ints = keys
        self.confidence: Floats | None = confidence
        self._subjects: Ints | None = None
        self._objects: Ints | None = None
        self._by_object: tuple[Ints, Places] | None = None
        self._places: Places | None = None
        self._over: _Over | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def subjects(self) -> Ints:
        """The first of each pair."""
        if self._subjects is None:
            self._subjects = self.keys >> 32
        return self._subjects

    @property
    def objects(self) -> Ints:
        """The second of each pair."""
        if self._objects is None:
            self._objects = self.keys & _LOW
        return self._objects

    def objects_of(self, subjects: Ints) -> tuple[Ints, Ints]:
        """Return, for each match, the row asked for and the position of the pair."""
        if self._over is not None:
            below, few = self._over.below, self._over.few
            return self._over.both(below.objects_of(subjects), few.objects_of(subjects))
        if self._places is None:
            self._places = Places(self.subjects)
        return self._places.spread(subjects)

    def subjects_of(self, objects: Ints) -> tuple[Ints, Ints]:
        """Return, for each match, the row asked for and the position of the pair."""
        if self._over is not None:
            below, few = self._over.below, self._over.few
            return self._over.both(below.subjects_of(objects), few.subjects_of(objects))
        if self._by_object is None:
            by = np.argsort(self.objects, kind="stable")
            self._by_object = (by, Places(self.objects[by]))
        by, places = self._by_object
        row, position = places.spread(objects)
        return row, by[position]

    def with_few(self, places: Ints, few: Columns) -> Columns:
        """Return these columns with a few pairs more, which are looked up beside these.

        What orders these once need not be done again for a layer that says little.

        Args:
            places: before which pair of these each of the others comes, rising.
            few: the others, none of which is here; all certain, as these are.
        """
        found = Columns(np.insert(self.keys, places, few.keys))
        if len(few) * _FEW <= len(self):
            found._over = _Over(self, few, places)
        return found

    def find(self, subjects: Ints, objects: Ints) -> tuple[Ints, Ints]:
        """Return, for each pair present, the row asked for and the position of the pair."""
        if not len(self.keys):
            return _NONE, _NONE
        asked = key(subjects, objects)
        position = self.keys.searchsorted(asked)
        position[position == len(self.keys)] = 0
        row = (self.keys[position] == asked).nonzero()[0]
        return row, position[row]


class _Over:
    """Columns that a few pairs were put among."""

    __slots__ = ("below", "few", "places")

    def __init__(self, below: Columns, few: Columns, places: Ints) -> None:
        self.below = below
        self.few = few
        self.places = places

    def both(self, one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        """Return matches of both as matches of the whole, by row and position."""
        row, position = one
        position = position + self.places.searchsorted(position, side="right")
        more, place = other
        if not len(more):
            return row, position
        row = np.concatenate((row, more))
        position = np.concatenate((position, self.places[place] + place))
        order = np.lexsort((position, row))
        return row[order], position[order]


_NONE: Ints = np.empty(0, np.int64)
NOTHING = Columns(_NONE)


def key(subjects: Ints, objects: Ints) -> Ints:
    """Return pairs of ids as one number each."""
    keys: Ints = (subjects << 32) | objects
    return keys


# Where so many are asked for at once, a table of places pays; and it may be so wide.
_MANY = 256
# A layer's own pairs are looked up beside those below where there are so many times as many.
_FEW = 64
_WIDE = 1 << 16


class Places:
    """Where each number stands in a rising sequence, by a table or by bisection."""

    __slots__ = ("_least", "_ordered", "_start")

    def __init__(self, ordered: Ints) -> None:
        self._ordered = ordered
        self._least = int(ordered[0]) if len(ordered) else 0
        self._start: Ints | None = None

    def __len__(self) -> int:
        return len(self._ordered)

    def has(self, asked: Ints) -> bool:
        """Return whether every number asked for is there."""
        return bool(self._found(asked)[1].all())

    def among(self, asked: Ints) -> Ints:
        """Return where the numbers asked for stand that are there; each must stand once."""
        low, count = self._found(asked)
        return low if bool(count.all()) else low[count.nonzero()[0]]

    def spread(self, asked: Ints) -> tuple[Ints, Ints]:
        """Return, for each match, which of the numbers asked for it is and where it stands."""
        low, count = self._found(asked)
        if count.max(initial=0) <= 1:
            row = count.nonzero()[0]
            return row, low[row]
        row = np.arange(len(asked)).repeat(count)
        starts = (low - count.cumsum() + count).repeat(count)
        return row, starts + np.arange(len(row))

    def _found(self, asked: Ints) -> tuple[Ints, Ints]:
        ordered = self._ordered
        start = self._table() if len(asked) >= _MANY else None
        if start is None:
            low = ordered.searchsorted(asked, "left")
            return low, ordered.searchsorted(asked, "right") - low
        # The last place but one is that of all numbers outside.
        at = asked - self._least
        outside = len(start) - 2
        at = np.where((at >= 0) & (at < outside), at, outside)
        low = start[at]
        return low, start[at + 1] - low

    def _table(self) -> Ints | None:
        ordered = self._ordered
        if self._start is None and len(ordered):
            width = int(ordered[-1]) - self._least + 1
            if width <= max(_WIDE, 8 * len(ordered)):
                start = np.zeros(width + 2, np.int64)
                np.cumsum(np.bincount(ordered - self._least, minlength=width), out=start[1:-1])
                start[-1] = start[-2]
                self._start = start
        return self._start


def distinct(keys: Ints, confidence: Floats | None = None) -> Columns:
    """Return pairs as columns, each once, with the surest confidence given for it."""
    if confidence is None or not (confidence < 1.0).any():
        return Columns(rising(keys))
    by = np.lexsort((-confidence, keys))
    keys, confidence = keys[by], confidence[by]
    keep = np.ones(len(keys), dtype=bool)
    keep[1:] = keys[1:] != keys[:-1]
    return Columns(keys[keep], confidence[keep])


def rising(keys: Ints) -> Ints:
    """Return numbers in order, each once; what is so already is not touched."""
    if len(keys) < 2 or bool((keys[1:] > keys[:-1]).all()):
        return keys
    keys = np.sort(keys)
    keep = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=keep[1:])
    return keys if bool(keep.all()) else keys[keep]


def joined(one: Columns | None, other: Columns) -> Columns:
    """Return two relations as one, each pair once, with the surer confidence."""
    if one is None or not len(one):
        return other
    if not len(other):
        return one
    if one.confidence is None and other.confidence is None:
        if len(other) > len(one):
            one, other = other, one
        at = one.keys.searchsorted(other.keys)
        new = one.keys[np.minimum(at, len(one) - 1)] != other.keys
        return one.with_few(at[new], Columns(other.keys[new])) if new.any() else one
    sure = [np.ones(len(c)) if c.confidence is None else c.confidence for c in (one, other)]
    return distinct(np.concatenate((one.keys, other.keys)), np.concatenate(sure))


def without(columns: Columns, keys: Ints) -> Columns:
    """Return columns less some pairs."""
    if not len(columns) or not len(keys):
        return columns
    at = np.minimum(columns.keys.searchsorted(keys), len(columns) - 1)
    at = at[columns.keys[at] == keys]
    if not len(at):
        return columns
    keep = np.ones(len(columns), dtype=bool)
    keep[at] = False
    sure = None if columns.confidence is None else columns.confidence[keep]
    return Columns(columns.keys[keep], sure)


@dataclass(slots=True)
class Table:
    """Solutions found so far: a column a variable, and what confidence they carry."""

    length: int
    columns: dict[Var, Ints]
    confidence: Floats | None = None

    def take(self, rows: Ints) -> Table:
        """Return the table of some rows, in that order."""
        confidence = None if self.confidence is None else self.confidence[rows]
        return Table(len(rows), {v: c[rows] for v, c in self.columns.items()}, confidence)

    def sure(self) -> Floats:
        """Return the confidence of each row."""
        return np.ones(self.length) if self.confidence is None else self.confidence

    def times(self, confidence: Floats | None) -> None:
        """Multiply the rows' confidence."""
        if confidence is not None:
            own = self.confidence
            self.confidence = confidence if own is None else own * confidence


def stacked(tables: list[Table]) -> Table:
    """Return tables of the same variables below one another."""
    if len(tables) == 1:
        return tables[0]
    confidence = None
    if any(t.confidence is not None for t in tables):
        confidence = np.concatenate([t.sure() for t in tables])
    names = tables[0].columns
    columns = {v: np.concatenate([t.columns[v] for t in tables]) for v in names}
    return Table(sum(t.length for t in tables), columns, confidence)


def unit() -> Table:
    """Return the table of one solution that binds nothing."""
    return Table(1, {})
