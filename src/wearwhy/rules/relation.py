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
_NONE: Members = {}


class Relation:
    """Pairs (subject, object) of one property, indexed both ways; insertion-ordered."""

    __slots__ = ("below", "by_object", "by_subject", "gone", "size")

    def __init__(self, below: Relation | None = None) -> None:
        self.below = below
        self.by_subject: dict[Id, Members] = {}
        self.by_object: dict[Id, Members] = {}
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
        self.by_subject.setdefault(subject, {})[obj] = None
        self.by_object.setdefault(obj, {})[subject] = None

    def discard(self, subject: Id, obj: Id) -> None:
        """Make a visible pair invisible."""
        self.size -= 1
        own = self.by_subject.get(subject)
        if own is None or obj not in own:
            self.gone[subject, obj] = None
            return
        del own[obj]
        if not own:
            del self.by_subject[subject]
        others = self.by_object[obj]
        del others[subject]
        if not others:
            del self.by_object[obj]


EMPTY = Relation()


def rows_beyond(some: Mapping[Id, Relation], others: Mapping[Id, Relation]) -> Iterator[Row]:
    """Yield the rows that are in some relations and not in others."""
    for predicate, relation in some.items():
        other = others.get(predicate, EMPTY)
        if relation is not other:
            for subject, obj in relation.beyond(other):
                yield subject, predicate, obj
