"""What fills the slots of a sentence: nodes by name, some of them found only when they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from wearwhy.rdf import Node

Slots = Mapping[str, tuple[Node, ...]]


class Found(Mapping[str, tuple[Node, ...]]):
    """Slots of which some are known, and the others are found when they are first asked for.

    Args:
        known: what is known; it stands before what is found under the same name.
        find: finds the others, at most once.
    """

    __slots__ = ("_find", "_known", "_rest")

    def __init__(self, known: Slots, find: Callable[[], Slots]) -> None:
        self._known = known
        self._find = find
        self._rest: Slots | None = None

    def rest(self) -> Slots:
        """Return what is found."""
        if self._rest is None:
            self._rest = self._find()
        return self._rest

    def over(self, more: Slots) -> Found:
        """Return the same slots, some of them filled otherwise."""
        return Found({**self._known, **more}, self.rest)

    def __getitem__(self, name: str) -> tuple[Node, ...]:
        found = self._known.get(name)
        return self.rest()[name] if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter({**self.rest(), **self._known})

    def __len__(self) -> int:
        return len({**self.rest(), **self._known})


def filling(slots: Slots, more: Slots) -> Slots:
    """Return slots with some filled otherwise, nothing being found for that."""
    return slots.over(more) if isinstance(slots, Found) else {**slots, **more}
