"""Asking for less: a request without a filter, or with one that lets an item pass; another source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from pyoxigraph import NamedNode

from wearwhy.outfit.filters import Filters, Refused, refused
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, Fact, Node, literal
from wearwhy.walk.graph import Graph, as_number

SOURCE = WW.drawsOn


class Relaxed(NamedTuple):
    """One thing less that is asked for: what the request says, what it would say, and that request."""

    statement: Fact
    before: Node
    after: Node | None
    asking: Callable[[Request], Request]


def relaxed(layer: Graph, request: Request, item: NamedNode) -> Iterator[Relaxed]:
    """Yield how each filter that refuses an item is relaxed: the price to the item's, others dropped."""
    for one in refused(layer, request.filters, item):
        predicate, value = one.wanted[0]
        after = one.fact.object if one.filter == "max-price" and one.fact is not None else None
        yield Relaxed(Fact(request.iri, predicate, value), value, after, _relaxing(one))


def _relaxing(one: Refused) -> Callable[[Request], Request]:
    price = as_number(one.fact.object) if one.fact is not None else None
    given = {
        "max-price": {"max_price": price},
        "in-stock": {"in_stock": False},
        "size": {"sizes": ()},
        "brand": {"brands": ()},
        "not-brand": {"not_brands": ()},
    }[one.filter]

    def asking(request: Request) -> Request:
        filters: Filters = replace(request.filters, **given)  # type: ignore[arg-type]
        return replace(request, filters=filters)

    return asking


def widened(layer: Graph, request: Request, item: NamedNode) -> Iterator[Relaxed]:
    """Yield another source to draw on, where the item is known and not of the request's own."""
    owned = bool(layer.objects(item, WW.inWardrobe))
    shops = layer.objects(item, WW.inCatalogue)
    now = request.source
    wanted = "owned" if owned and not shops and now.startswith("catalogue:") else "both"
    if now != wanted and (owned or shops):

        def asking(asked: Request) -> Request:
            return replace(asked, source=wanted)

        statement = Fact(request.iri, SOURCE, literal(now))
        yield Relaxed(statement, literal(now), literal(wanted), asking)
