"""A request: what to dress for. It is data too, laid over the wardrobe as facts."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from wearwhy.errors import UnknownName, ValueRefused, nearest
from wearwhy.feeds.weather import Weather
from wearwhy.outfit.filters import Filters
from wearwhy.rdf import ID, RDFS, SCHEMA, SKOS, TYPE, WW, Fact, Node, curie
from wearwhy.walk.graph import Graph, named
from wearwhy.wearer.log import day, name_of

CATALOGUE = "catalogue:"
NO_FILTERS = Filters()
SOURCES = ("owned", "both", CATALOGUE + "NAME")


@dataclass(frozen=True, slots=True)
class Request:
    """What to dress for.

    Attributes:
        occasions: concepts of the occasion scheme.
        date: the day.
        weather: the day's weather, if known.
        wearer: who dresses; whose tastes count, and what rules on wearers read of them.
        locked: items that every look has.
        excluded: items that no look has.
        source: `owned`, `catalogue:NAME` or `both`.
        n: how many looks are wanted.
        part_of_day: a concept of that scheme, where the request is for a part of the day.
        dress_code: a concept of that scheme, where one is stated.
        entries: the words of calendar entries, which rules may read.
        filters: what of a catalogue is not drawn on; a locked item stays whatever they say.
    """

    occasions: tuple[NamedNode, ...] = ()
    date: date | None = None
    weather: Weather | None = None
    wearer: NamedNode | None = None
    locked: tuple[NamedNode, ...] = ()
    excluded: tuple[NamedNode, ...] = ()
    source: str = "owned"
    n: int = 3
    part_of_day: NamedNode | None = None
    dress_code: NamedNode | None = None
    entries: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS

    @property
    def iri(self) -> NamedNode:
        """A name made from content: the same request is the same node."""
        return _name(self)

    def facts(self) -> tuple[Fact, ...]:
        """Return the facts of the request, sorted."""
        return tuple(Fact(self.iri, predicate, obj) for predicate, obj in self._said())

    def _said(self) -> list[tuple[NamedNode, Node]]:
        said: list[tuple[NamedNode, Node | None]] = [(TYPE, WW.Request)]
        said += [(WW.occasion, occasion) for occasion in self.occasions]
        said += [(WW.locks, item) for item in self.locked]
        said += [(WW.entryText, Literal(entry)) for entry in self.entries]
        said += [
            (WW.date, day(self.date) if self.date else None),
            (WW.wearer, self.wearer),
            (WW.partOfDay, self.part_of_day),
            (WW.dressCode, self.dress_code),
        ]
        said += self.filters.said()
        if self.weather is not None:
            # To somebody air feels as the rules on wearers have it; they derive ww:temperature.
            felt = {WW.temperature: WW.airTemperature} if self.wearer is not None else {}
            weather = self.weather.facts(WW.request)
            said += [(felt.get(f.predicate, f.predicate), f.object) for f in weather]
        kept = {(predicate, obj) for predicate, obj in said if obj is not None}
        return sorted(kept, key=lambda pair: (pair[0].value, str(pair[1])))


@lru_cache(maxsize=256)
def _name(request: Request) -> NamedNode:
    return name_of("request", *(f"{p.value} {o}" for p, o in request._said()))  # noqa: SLF001


def check(
    request: Request,
    graph: Graph,
    items: Iterable[NamedNode],
    catalogues: Collection[NamedNode] | None = None,
) -> None:
    """Refuse a request that names what does not exist or asks for what cannot be.

    Args:
        request: to check.
        graph: the wardrobe's layer.
        items: every item that the layer knows; a mapping from them is asked as it is.
        catalogues: every catalogue that holds something; None to read them from the graph.

    Raises:
        UnknownName: WW-REQUEST-CONCEPT, WW-REQUEST-ITEM or WW-REQUEST-CATALOGUE, with the nearest
            known name.
        ValueRefused: WW-REQUEST-SOURCE, WW-REQUEST-COUNT, WW-REQUEST-CONFLICT, WW-REQUEST-PRICE.
    """
    schemes = [
        *((occasion, "occasion") for occasion in request.occasions),
        (request.part_of_day, "part-of-day"),
        (request.dress_code, "dress-code"),
    ]
    for concept, scheme in schemes:
        if concept is not None:
            _check_concept(graph, concept, scheme)
    held = items if isinstance(items, Mapping) else set(items)
    for item in (*request.locked, *request.excluded):
        if item not in held:
            _unknown_item(graph, item, held)
    both = sorted(set(request.locked) & set(request.excluded), key=lambda n: n.value)
    if both:
        raise ValueRefused(
            "WW-REQUEST-CONFLICT",
            f"{curie(both[0])} is both locked and excluded.",
            hint="Drop one of the two.",
        )
    if request.n < 1:
        raise ValueRefused(
            "WW-REQUEST-COUNT", f"{request.n} looks were asked for.", hint="Ask for one or more."
        )
    price = request.filters.max_price
    if price is not None and not (math.isfinite(price) and price >= 0):
        raise ValueRefused("WW-REQUEST-PRICE", f"{price} is no price.", hint="Ask for 0 or more.")
    if request.source not in ("owned", "both") and not request.source.startswith(CATALOGUE):
        near = nearest(request.source, SOURCES)
        raise ValueRefused(
            "WW-REQUEST-SOURCE",
            f"'{request.source}' is no source of items.",
            note="A request draws on owned, catalogue:NAME or both.",
            hint=f"Did you mean {near}?" if near else "",
        )
    if request.source.startswith(CATALOGUE):
        name = request.source.removeprefix(CATALOGUE)
        # Compared as texts: what is asked for may be no IRI at all.
        known = None if catalogues is None else {one.value for one in catalogues}
        if known is None or f"{ID}catalogue/{name}" not in known:
            _check_catalogue(graph, name)


def _check_catalogue(graph: Graph, name: str) -> None:
    held = named({f.object for f in graph.match(None, WW.inCatalogue, None)})
    if f"{ID}catalogue/{name}" in {one.value for one in held}:
        return
    known = [node.value.rpartition("/")[2] for node in held]
    near = nearest(name, known)
    raise UnknownName(
        "WW-REQUEST-CATALOGUE",
        f"There is no catalogue '{name}' here.",
        hint=f"Did you mean catalogue:{near}?"
        if near
        else f"Known: {', '.join(known)}."
        if known
        else "There is none: load one.",
        command="" if known else "wearwhy load FILE --as FORMAT --into catalogue:NAME",
    )


def _check_concept(graph: Graph, concept: NamedNode, scheme: str) -> None:
    if graph.holds(Fact(concept, SKOS.inScheme, WW[f"{scheme}-scheme"])):
        return
    known = [
        node.value.rpartition("#")[2]
        for node in named(graph.subjects(SKOS.inScheme, WW[f"{scheme}-scheme"]))
    ]
    near = nearest(concept.value.rpartition("#")[2], known)
    raise UnknownName(
        "WW-REQUEST-CONCEPT",
        f"{curie(concept)} is no concept of the scheme {scheme}.",
        hint=f"Did you mean ww:{near}?" if near else "",
    )


def _unknown_item(graph: Graph, item: NamedNode, known: Iterable[NamedNode]) -> None:
    names = {node.value.removeprefix(ID): node for node in known}
    near = nearest(item.value.removeprefix(ID), sorted(names))
    label = (
        graph.value(names[near], SCHEMA.name) or graph.value(names[near], RDFS.label)
        if near
        else None
    )
    raise UnknownName(
        "WW-REQUEST-ITEM",
        f"{curie(item)} is no item of this wardrobe or its catalogues.",
        hint=f"Did you mean id:{near}{f' ({label.value})' if isinstance(label, Literal) else ''}?"
        if near
        else "",
    )
