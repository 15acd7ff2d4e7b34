"""What a planned wear or wash does to a wardrobe, as a layer over it; rules say what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from wearwhy.rdf import TYPE, WW, Fact, literal
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named
from wearwhy.wearer.log import day, name_of

PLANNED: Final = Literal("planned")
"""The split of planned outfits: neither walks nor counts read what nobody has worn."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What plans add to a wardrobe and withdraw from it."""

    add: tuple[Fact, ...] = ()
    remove: tuple[Fact, ...] = ()

    def then(self, add: Iterable[Fact], remove: Iterable[Fact]) -> Laid:
        """Return this with more: what is added and withdrawn again is neither."""
        plus, minus = dict.fromkeys(self.add), dict.fromkeys(self.remove)
        for fact in remove:
            if fact in plus:
                del plus[fact]
            else:
                minus[fact] = None
        for fact in add:
            if fact in minus:
                del minus[fact]
            else:
                plus[fact] = None
        return Laid(tuple(plus), tuple(minus))

    @property
    def change(self) -> Change:
        """Return it as a change of a layer."""
        return Change(add=self.add, remove=self.remove)


NOTHING: Final = Laid()


def worn(
    layer: Layer, over: Laid, items: Iterable[NamedNode], on: date, wearer: NamedNode | None
) -> tuple[Layer, Laid]:
    """Return a layer in which items were worn on a day, and no longer are as clean.

    Args:
        layer: before.
        over: what that layer has over the wardrobe.
        items: worn together or one after the other.
        on: the day.
        wearer: who wore them.
    """
    parts = named(items)
    outfit = name_of("planned", on, *parts, wearer)
    said = [Fact(outfit, WW.wornOn, day(on)), Fact(outfit, WW["split"], PLANNED)]
    said += [Fact(outfit, WW.hasItem, item) for item in parts]
    if wearer is not None:
        said.append(Fact(outfit, WW.wearer, wearer))
    tried = layer.child(Change(add=(*said, Fact(outfit, WW.planned, literal(True)))))
    return _become(layer, over, said, tried, items=parts, predicate=WW.afterWear)


def washed(layer: Layer, over: Laid, on: date) -> tuple[Layer, Laid, tuple[NamedNode, ...]]:
    """Return a layer in which what is owned and not fresh was washed; and what that was."""
    items = [
        fact.subject
        for stale in (WW["cleanliness-worn"], WW["cleanliness-dirty"])
        for fact in layer.match(None, WW.cleanliness, stale)
        if layer.objects(fact.subject, WW.inWardrobe)
    ]
    events = {item: name_of("planned-wash", on, item) for item in named(items)}
    trial = []
    for item, event in events.items():
        trial += [Fact(event, TYPE, WW.WashEvent), Fact(event, WW.item, item)]
        trial.append(Fact(event, WW.planned, literal(True)))
    tried = layer.child(Change(add=tuple(trial))) if trial else layer
    clean = [item for item in events if tried.objects(item, WW.afterWash)]
    said = []
    for item in clean:
        said += [Fact(events[item], TYPE, WW.WashEvent), Fact(events[item], WW.item, item)]
        said.append(Fact(events[item], WW.washedOn, day(on)))
    done, laid = _become(layer, over, said, tried, items=clean, predicate=WW.afterWash)
    return done, laid, tuple(clean)


def _become(
    layer: Layer,
    over: Laid,
    said: list[Fact],
    tried: Layer,
    *,
    items: Iterable[NamedNode],
    predicate: NamedNode,
) -> tuple[Layer, Laid]:
    add, remove = list(said), []
    for item in items:
        new = named(tried.objects(item, predicate))
        if new:
            # Where rules differ the worse counts: dirty before worn before fresh.
            chosen = max(new, key=lambda state: _level(tried, state))
            old = layer.objects(item, WW.cleanliness)
            remove += [Fact(item, WW.cleanliness, state) for state in old if state != chosen]
            add += [Fact(item, WW.cleanliness, chosen)] if chosen not in old else []
    laid = over.then(add, remove)
    return layer.child(Change(add=tuple(add), remove=tuple(remove))), laid


def _level(layer: Layer, state: NamedNode) -> str:
    return str(layer.value(state, WW.level))
