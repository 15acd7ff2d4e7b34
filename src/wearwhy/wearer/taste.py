"""Taste: what a wearer said of items and of what items have, and how much of it is left.

Each opinion is a leaf of its own: it counts for its strength, halved with every half-life since
the day it was given. An opinion given after the day of the request is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyoxigraph import NamedNode

from wearwhy.errors import InputError
from wearwhy.rdf import TYPE, WW, Fact, curie
from wearwhy.walk.graph import Graph, as_date, named, number


@dataclass(frozen=True, slots=True)
class Opinion:
    """One dated opinion; `weight` is what is left of its strength on the day asked for."""

    iri: NamedNode
    about: NamedNode
    given: date
    weight: float


def usual(graph: Graph, kind: NamedNode) -> float:
    """Return how strong an opinion of a kind is unless somebody says, as the graph declares it.

    Raises:
        InputError: WW-TASTE-KIND, where it declares no strength between -1 and 1 of the kind.
    """
    found = number(graph, kind, WW.usualStrength)
    if found is None or not -1 <= found <= 1 or not found:
        raise InputError(
            "WW-TASTE-KIND",
            f"{curie(kind)} has no usual strength between -1 and 1.",
            note="Every kind of opinion declares one; there are no hidden defaults.",
            hint="See ontology/taste.ttl.",
        )
    return found


def opinions(
    graph: Graph, on: date | None, wearer: NamedNode | None, half_life: float
) -> tuple[Opinion, ...]:
    """Return the opinions that count on a day, sorted by IRI.

    Args:
        graph: the layer.
        on: the day of the request; without one nothing can be dated, and nothing counts.
        wearer: whose opinions count; those without a wearer always do.
        half_life: in days, above zero.
    """
    if on is None:
        return ()
    found = []
    for iri in named(graph.subjects(TYPE, WW.Opinion)):
        whose = graph.objects(iri, WW.wearer)
        given = as_date(graph.value(iri, WW.givenOn))
        strength = number(graph, iri, WW.strength)
        if (
            given is None
            or given > on
            or strength is None
            or (whose and wearer and wearer not in whose)
        ):
            continue
        weight = strength * 0.5 ** ((on - given).days / half_life)
        found += [
            Opinion(iri, about, given, weight) for about in named(graph.objects(iri, WW.about))
        ]
    return tuple(found)


def touched(graph: Graph, opinion: Opinion) -> dict[NamedNode, Fact | None]:
    """Return the things that an opinion is on, each with the fact that links it, if one is needed.

    An opinion on an item needs no link. One on a concept, a class or a brand reaches everything
    that has it by whatever property; the first in sorted order is the link.
    """
    found: dict[NamedNode, Fact | None] = {}
    for fact in sorted(graph.match(None, None, opinion.about), key=lambda f: f.predicate.value):
        if isinstance(fact.subject, NamedNode):
            found.setdefault(fact.subject, fact)
    found[opinion.about] = None
    return found


def link(graph: Graph, item: NamedNode, opinion: Opinion) -> Fact | None:
    """Return the fact by which an opinion on a concept reaches an item: what `touched` names."""
    facts = graph.match(item, None, opinion.about)
    return min(facts, key=lambda f: f.predicate.value, default=None)
