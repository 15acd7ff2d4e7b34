"""What was worn, washed and liked, and when: the facts that record it, and reading them back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from wearwhy.rdf import ID, TYPE, WW, XSD, Fact, literal
from wearwhy.walk.graph import Graph, as_date, named


@dataclass(frozen=True, slots=True)
class Worn:
    """An outfit that somebody composed or wore; `on` is None where no day is known."""

    outfit: NamedNode
    items: tuple[NamedNode, ...]
    on: date | None = None
    occasions: tuple[NamedNode, ...] = ()


def day(value: date) -> Literal:
    """Return a day as a literal."""
    return literal(value.isoformat(), XSD.date)


def name_of(kind: str, *parts: object) -> NamedNode:
    """Return an IRI made from content: the same record, written twice, is one node."""
    text = "\n".join(str(part) for part in parts)
    return ID[f"{kind}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"]


def wear_facts(
    items: Iterable[NamedNode],
    on: date,
    *,
    occasions: Sequence[NamedNode] = (),
    wearer: NamedNode | None = None,
) -> tuple[Fact, ...]:
    """Return the facts that record an outfit worn on a day."""
    parts = named(items)
    outfit = name_of("outfit", on, *parts, wearer)
    facts = [Fact(outfit, TYPE, WW.Outfit), Fact(outfit, WW.wornOn, day(on))]
    facts += [Fact(outfit, WW.hasItem, item) for item in parts]
    facts += [Fact(outfit, WW.occasion, occasion) for occasion in named(occasions)]
    if wearer is not None:
        facts.append(Fact(outfit, WW.wearer, wearer))
    return tuple(facts)


def wash_facts(items: Iterable[NamedNode], on: date) -> tuple[Fact, ...]:
    """Return the facts that record a wash of each item on a day."""
    facts: list[Fact] = []
    for item in named(items):
        event = name_of("wash", on, item)
        facts += [
            Fact(event, TYPE, WW.WashEvent),
            Fact(event, WW.item, item),
            Fact(event, WW.washedOn, day(on)),
        ]
    return tuple(facts)


def opinion_facts(
    about: NamedNode,
    strength: float,
    on: date,
    *,
    wearer: NamedNode | None = None,
    given_as: NamedNode | None = None,
) -> tuple[Fact, ...]:
    """Return the facts that record a like (positive) or dislike (negative) of a day.

    Args:
        about: an item, or a concept that items have.
        strength: in points, as a fresh opinion counts.
        on: when it was given.
        wearer: whose it is; None for the wardrobe's owner.
        given_as: how it was given, where nobody said it: `ww:opinion-view`, `ww:opinion-skip`.
    """
    event = name_of("opinion", on, about, strength, wearer, *([given_as] if given_as else []))
    facts = [
        Fact(event, TYPE, WW.Opinion),
        Fact(event, WW.about, about),
        Fact(event, WW.strength, literal(float(strength))),
        Fact(event, WW.givenOn, day(on)),
    ]
    if wearer is not None:
        facts.append(Fact(event, WW.wearer, wearer))
    if given_as is not None:
        facts.append(Fact(event, WW.givenAs, given_as))
    return tuple(facts)


def worn(graph: Graph) -> tuple[Worn, ...]:
    """Return every outfit of the graph, sorted by day and IRI; those without a day come first."""
    found = []
    for outfit in named(graph.subjects(TYPE, WW.Outfit)):
        items = named(graph.objects(outfit, WW.hasItem))
        on = as_date(graph.value(outfit, WW.wornOn))
        found.append(
            Worn(outfit, tuple(items), on, tuple(named(graph.objects(outfit, WW.occasion))))
        )
    return tuple(sorted(found, key=lambda w: (w.on or date.min, w.outfit.value)))
