"""One property's facts in one layer, seen together with those of the layers below.

A layer that says nothing about a property shares the relation of the layer below; so a look-up
passes only through layers that touch the property. Additions never repeat what is visible below,
and `gone` names only pairs that are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from wearwhy.rules.terms import Id, Row

Members: TypeAlias = dict[Id, None]
_NONE: Collection[Id] = ()


class Relation:
    """Pairs (subject, object) of one property, indexed both ways; insertion-ordered."""

    __slots__ = ("below", "by_object", "by_subject", "gone", "size")

    def __init__(self, below: Relation | None = None) -> None:
        self.below = below
        # Dictionaries as long as pairs may come and go, then tuples: see `settle`.
        self.by_subject: dict[Id, Members | tuple[Id, ...]] = {}
        self.by_object: dict[Id, Members | tuple[Id, ...]] = {}
        self.gone: dict[tuple[Id, Id], None] = {}
        self.size: int = below.size if below is not None else 0

    def objects(self, subject: Id) -> Collection[Id]:
        """Return the objects a subject has; must not be kept across a change."""
        own = self.by_subject.get(subject, _NONE)
        if self.below is None:
            return own
        under = self.below.objects(subject)
        if not under:
            return own
        if self.gone:
            under = [o for o in under if (subject, o) not in self.gone]
        return [*under, *own] if own else under

    def subjects(self, obj: Id) -> Collection[Id]:
        """Return the subjects an object has; must not be kept across a change."""
        own = self.by_object.get(obj, _NONE)
        if self.below is None:
            return own
        under = self.below.subjects(obj)
        if not under:
            return own
        if self.gone:
            under = [s for s in under if (s, obj) not in self.gone]
        return [*under, *own] if own else under

    def has(self, subject: Id, obj: Id) -> bool:
        """Return whether the pair is visible."""
        own = self.by_subject.get(subject)
        if own is not None and obj in own:
            return True
        below = self.below
        return below is not None and (subject, obj) not in self.gone and below.has(subject, obj)

    def pairs(self) -> Iterator[tuple[Id, Id]]:
        """Yield every visible pair, those of lower layers first."""
        if self.below is not None:
            gone = self.gone
            if gone:
                yield from (pair for pair in self.below.pairs() if pair not in gone)
            else:
                yield from self.below.pairs()
        for subject, objects in self.by_subject.items():
            for obj in objects:
                yield subject, obj

    def beyond(self, other: Relation) -> Iterator[tuple[Id, Id]]:
        """Yield the pairs that are visible here and not in another relation."""
        return (pair for pair in self.pairs() if not other.has(*pair))

    def add(self, subject: Id, obj: Id) -> None:
        """Make a pair visible that was not."""
        self.size += 1
        if (subject, obj) in self.gone:
            del self.gone[subject, obj]
            return
        _growing(self.by_subject, subject)[obj] = None
        _growing(self.by_object, obj)[subject] = None

    def discard(self, subject: Id, obj: Id) -> None:
        """Make a visible pair invisible."""
        self.size -= 1
        own = self.by_subject.get(subject)
        if own is None or obj not in own:
            self.gone[subject, obj] = None
            return
        objects = _growing(self.by_subject, subject)
        del objects[obj]
        if not objects:
            del self.by_subject[subject]
        subjects = _growing(self.by_object, obj)
        del subjects[subject]
        if not subjects:
            del self.by_object[obj]

    def settle(self) -> None:
        """Take less room: for a relation that is not to change any more, though it still may."""
        for side in (self.by_subject, self.by_object):
            for one, others in side.items():
                if len(others) <= _FEW:
                    side[one] = tuple(others)


_FEW = 8
"""Among so many a tuple is looked through as fast as a dictionary."""


def _growing(side: dict[Id, Members | tuple[Id, ...]], one: Id) -> Members:
    """Return what may be added to or taken from, of an id."""
    found = side.get(one)
    if not isinstance(found, dict):
        found = side[one] = dict.fromkeys(found or ())
    return found


EMPTY = Relation()


def rows_beyond(some: Mapping[Id, Relation], others: Mapping[Id, Relation]) -> Iterator[Row]:
    """Yield the rows that are in some relations and not in others."""
    for predicate, relation in some.items():
        other = others.get(predicate, EMPTY)
        if relation is not other:
            for subject, obj in relation.beyond(other):
                yield subject, predicate, obj
