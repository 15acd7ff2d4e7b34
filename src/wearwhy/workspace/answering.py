"""What a request is answered with: whole looks, or items for the empty slots of an outfit.

Why an item is not in an answer, and what would let it in, is asked of either in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from pyoxigraph import NamedNode

from wearwhy.errors import NoAnswer
from wearwhy.outfit.complete import complete
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rules.layer import Layer


class Answering(Protocol):
    """How a request is answered."""

    def shown(self, layer: Layer, request: Request, resources: Resources, /) -> tuple[Look, ...]:
        """Return the looks that a request gets on a wardrobe's layer; none where there is none."""

    def possible(
        self, layer: Layer, request: Request, item: NamedNode, resources: Resources, /
    ) -> bool:
        """Return whether any look that is allowed holds an item, however little it is worth."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Answered with whole looks."""

    def shown(self, layer: Layer, request: Request, resources: Resources, /) -> tuple[Look, ...]:
        """Return the looks that are recommended."""
        try:
            return recommend(layer, request, resources).looks
        except NoAnswer:
            return ()

    def possible(
        self, layer: Layer, request: Request, item: NamedNode, resources: Resources, /
    ) -> bool:
        """Return whether an allowed look is recommended when the item is locked."""
        asked = replace(request, locked=(*request.locked, item), n=1)
        looks = self.shown(layer, asked, resources)
        return any(all(item not in told.about for told in look.told) for look in looks)


@dataclass(frozen=True, slots=True)
class Fitting:
    """Answered with what fits the empty slots of the locked items.

    Attributes:
        slot: the one that is to be filled; None for every empty one.
        n: how many items a slot are shown.
    """

    slot: NamedNode | None
    n: int

    def shown(self, layer: Layer, request: Request, resources: Resources, /) -> tuple[Look, ...]:
        """Return the outfit with each of the items that are shown."""
        return self._looks(layer, request, resources, self.n)

    def possible(
        self, layer: Layer, request: Request, item: NamedNode, resources: Resources, /
    ) -> bool:
        """Return whether the item is among all that fit."""
        most = len(resources.index(layer).items)
        return any(item in look.items for look in self._looks(layer, request, resources, most))

    def _looks(
        self, layer: Layer, request: Request, resources: Resources, n: int
    ) -> tuple[Look, ...]:
        if not request.locked:
            return ()
        try:
            _, found = complete(layer, request, resources, slot=self.slot, n=n)
        except NoAnswer:
            return ()
        return tuple(one.look for those in found.values() for one in those)
