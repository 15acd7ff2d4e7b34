"""From a request to looks: candidates, search, diversity, terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from wearwhy.outfit import diversify
from wearwhy.outfit.arena import enter, look_of
from wearwhy.outfit.candidates import Pool, gather
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look, look_id
from wearwhy.outfit.refusal import Shortage, nothing, shortages
from wearwhy.outfit.request import Request, check
from wearwhy.outfit.search import search
from wearwhy.rdf import WW
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named

WHOLE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Recommendation:
    """What was found for a request.

    Attributes:
        request: what was asked.
        layer: the request's layer, in which looks are explained.
        looks: best choice first.
        shortages: slots that a rule demands and that nothing fitting fills.
    """

    request: Request
    layer: Layer
    looks: tuple[Look, ...]
    shortages: tuple[Shortage, ...] = ()


def recommend(layer: Layer, request: Request, resources: Resources) -> Recommendation:
    """Return the best looks for a request.

    Args:
        layer: the wardrobe's layer.
        request: what to dress for.
        resources: comfort table, vectors, kept indices.

    Raises:
        UnknownName, ValueRefused: as `request.check` says.
        NoAnswer: WW-LOOK-NONE, where no look is possible; its note names the slot or the rules.
    """
    index = resources.index(layer)
    check(request, layer, index.items)
    request_layer = layer.child(Change(add=request.facts()))
    pool = gather(request_layer, request, index, resources)
    arena = enter(request_layer, request, index, resources, pool)
    demanded = named(request_layer.objects(request.iri, WW.requiresSlot))
    occasions = named(request_layer.objects(request.iri, WW.occasion))
    templates = [template for template in index.templates if template.serves(occasions)]
    missing = shortages(request_layer, request, index, pool, demanded=demanded, templates=templates)
    result = search(arena, templates, demanded)
    found = result.looks[:WHOLE]
    if not found:
        raise nothing(request_layer, request, index, pool, missing, on_looks=result.refused)
    order = diversify.choose(
        [round(look.rank, 9) for look in found],
        [frozenset(look.members) for look in found],
        [_attributes(index, pool, look.members) for look in found],
        [look_id(request.iri, tuple(pool.items[m] for m in look.members)) for look in found],
        n=request.n,
        weight=index.scoring.diversity,
    )
    looks = tuple(
        look_of(
            arena,
            found[k].members,
            found[k].template,
            found[k].verdicts.of(found[k].row),
            resources=resources,
        )
        for k in order
    )
    return Recommendation(request, request_layer, looks, missing)


def _attributes(
    index: Index, pool: Pool, members: Sequence[int]
) -> frozenset[tuple[NamedNode, NamedNode]]:
    return frozenset(
        (p, value)
        for n in members
        for p, _ in index.scoring.attributes
        for value in index.has[pool.items[n], p]
    )
