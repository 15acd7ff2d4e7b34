"""A property that is closed and written no more: sorted arrays that are looked into one by one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import Final, cast

import numpy as np

from wearwhy.rules.columnar.growing import ASSERTED, LOW, Batch, Growing, Numbers, present
from wearwhy.rules.columns import Ints
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id

# Below this many pairs a dictionary says where an id's pairs begin, and above an array over all ids.
_FEW: Final = 2_000
_NOWHERE: Final = (0, 0)


class _Side:
    """Sorted pairs seen from their upper half: where each id's begin, and the lower halves."""

    __slots__ = ("_begins", "_most", "_places", "others")

    def __init__(self, keys: Ints) -> None:
        self.others: Sequence[int] = _view((keys & LOW).astype(np.int32))
        upper = keys >> 32
        self._places: dict[Id, tuple[int, int]] | None = None
        self._begins: Sequence[int] = ()
        self._most = 0
        if len(keys) < _FEW:
            ids = upper.tolist()
            first = dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))
            last = dict(zip(ids, range(1, len(ids) + 1), strict=True))
            self._places = {one: (first[one], last[one]) for one in first}
        else:
            self._most = int(upper[-1])
            counts = np.bincount(upper + 1, minlength=self._most + 2)
            self._begins = _view(counts.cumsum().astype(np.int32))

    def range(self, one: Id) -> tuple[int, int]:
        """Return where an id's pairs begin and end."""
        if self._places is not None:
            return self._places.get(one, _NOWHERE)
        if one > self._most:
            return _NOWHERE
        begins = self._begins
        return begins[one], begins[one + 1]

    def of(self, one: Id) -> Collection[Id]:
        """Return the other halves of an id's pairs."""
        if self._places is not None:
            low, high = self._places.get(one, _NOWHERE)
        elif one > self._most:
            return ()
        else:
            begins = self._begins
            low, high = begins[one], begins[one + 1]
        if high - low == 1:
            return (self.others[low],)
        return cast("Collection[Id]", self.others[low:high]) if high > low else ()

    def joins(self, one: Id, other: Id) -> bool:
        """Return whether two halves are a pair."""
        if self._places is not None:
            low, high = self._places.get(one, _NOWHERE)
        elif one > self._most:
            return False
        else:
            begins = self._begins
            low, high = begins[one], begins[one + 1]
        others = self.others
        if high - low > 1:
            low = bisect_left(others, other, low, high)
        return low < high and others[low] == other


class Frozen(Relation):
    """Pairs of one property with their reasons; what a look-up needs is made when first asked."""

    __slots__ = ("_extras", "_forth", "_inverse", "_log", "_reasons", "keys")

    def __init__(self, pairs: Growing) -> None:
        super().__init__()
        self.keys: Ints = pairs.keys
        self.size = len(pairs.keys)
        self._log = pairs
        self._forth: _Side | None = None
        self._inverse: _Side | None = None
        self._reasons: Sequence[int] | None = None
        self._extras: tuple[Sequence[int], ...] = ()

    def objects(self, subject: Id) -> Collection[Id]:
        """Return the objects a subject has."""
        if self._forth is None:
            self._forth = _Side(self.keys)
        return self._forth.of(subject)

    def subjects(self, obj: Id) -> Collection[Id]:
        """Return the subjects an object has."""
        if self._inverse is None:
            self._inverse = _Side(self._log.inverse())
        return self._inverse.of(obj)

    def find(self, subject: Id, obj: Id) -> int:
        """Return where a pair stands, or -1."""
        side = self._forth
        if side is None:
            side = self._forth = _Side(self.keys)
        low, high = side.range(subject)
        others = side.others
        if high - low > 1:
            low = bisect_left(others, obj, low, high)
        return low if low < high and others[low] == obj else -1

    def has(self, subject: Id, obj: Id) -> bool:
        """Return whether the pair is there."""
        if self._forth is None:
            self._forth = _Side(self.keys)
        return self._forth.joins(subject, obj)

    def pairs(self) -> Iterator[tuple[Id, Id]]:
        """Yield every pair, sorted."""
        subjects, objects = (self.keys >> 32).tolist(), (self.keys & LOW).tolist()
        return zip(subjects, objects, strict=True)

    def reason(self, at: int) -> tuple[int, list[int]]:
        """Return the unit that concluded the pair at a place, and its extras."""
        if self._reasons is None:
            whole = self.whole()
            self._extras = tuple([_view(e) for e in whole.extras])
            self._reasons = _view(whole.units)
        return self._reasons[at], [e[at] for e in self._extras]

    def whole(self) -> Batch:
        """Return all pairs, in their order, with their reasons."""
        if len(self._log.log) > 1:
            self._log.settle()
        return self._log.whole()

    def growing(self) -> Growing:
        """Return the pairs as one that may grow; this one stays as it is."""
        return self._log.copy()

    def asserted(self) -> Ints:
        """Return the pairs that somebody asserted."""
        whole = self.whole()
        found: Ints = whole.keys[whole.units == ASSERTED]
        return found

    def beyond(self, other: Relation) -> Iterator[tuple[Id, Id]]:
        """Yield the pairs that are here and not in another relation."""
        if not isinstance(other, Frozen):
            return super().beyond(other)
        keys = self.keys[~present(self.keys, other.keys)]
        return zip((keys >> 32).tolist(), (keys & LOW).tolist(), strict=True)


def _view(array: Ints | Numbers) -> Sequence[int]:
    """Return an array as what bisect and Python code read fast, without a copy."""
    return memoryview(array)  # type: ignore[arg-type]  # numpy's stubs do not call it a buffer
