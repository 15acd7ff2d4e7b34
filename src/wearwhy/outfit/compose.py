"""From a request to looks: candidates, search, diversity, terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit import diversify
from wearwhy.outfit.arena import Arena, enter, look_of
from wearwhy.outfit.candidates import Pool, gather
from wearwhy.outfit.decoding.ways import Decoding, decode
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look, look_id
from wearwhy.outfit.refusal import Shortage, nothing, shortages
from wearwhy.outfit.request import Request, check
from wearwhy.outfit.search import Found
from wearwhy.outfit.templates import Template
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


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A request ready to be searched: its layer, the candidates, what a look must follow."""

    layer: Layer
    arena: Arena
    templates: tuple[Template, ...]
    demanded: tuple[NamedNode, ...]

    @property
    def pool(self) -> Pool:
        """The items that the request may use."""
        return self.arena.pool

    def look(self, found: Found, resources: Resources) -> Look:
        """Return a look that was found, with all its terms."""
        own = found.verdicts.of(found.row)
        return look_of(self.arena, found.members, found.template, own, resources=resources)


def prepare(layer: Layer, request: Request, resources: Resources) -> Prepared:
    """Return a request ready to be searched.

    Raises:
        UnknownName, ValueRefused: as `request.check` says.
    """
    index = resources.index(layer)
    check(request, layer, index.at, index.shops)
    below = layer.child(Change(add=request.facts()))
    pool = gather(below, request, index, resources)
    arena = enter(below, request, index, resources, pool)
    occasions = named(below.objects(request.iri, WW.occasion))
    return Prepared(
        below,
        arena,
        tuple(template for template in index.templates if template.serves(occasions)),
        tuple(named(below.objects(request.iri, WW.requiresSlot))),
    )


def recommend(
    layer: Layer, request: Request, resources: Resources, decoding: Decoding | None = None
) -> Recommendation:
    """Return the best looks for a request that differ from each other, by falling score.

    Args:
        layer: the wardrobe's layer.
        request: what to dress for.
        resources: comfort table, vectors, kept indices.
        decoding: how looks are found; None for the default, a beam.

    Raises:
        UnknownName, ValueRefused: as `request.check` says.
        NoAnswer: WW-LOOK-NONE, where no look is possible; its note names the slot or the rules.
    """
    asked = prepare(layer, request, resources)
    request_layer, index, pool = asked.layer, asked.arena.index, asked.pool
    missing = shortages(
        request_layer, request, index, pool, demanded=asked.demanded, templates=asked.templates
    )
    result = decode(asked.arena, asked.templates, asked.demanded, decoding)
    found = result.looks[:WHOLE]
    if not found:
        raise nothing(request_layer, request, index, pool, missing, on_looks=result.refused)
    order = diversify.pick(
        [round(look.rank, 9) for look in found],
        alike(index, pool, [look.members for look in found]),
        [look_id(request.iri, tuple(pool.items[m] for m in look.members)) for look in found],
        n=request.n,
        weight=index.scoring.diversity,
    )
    # Which looks are shown is chosen with an eye to how they differ; then the better comes first.
    looks = tuple(
        sorted(
            (asked.look(found[k], resources) for k in order),
            key=lambda look: (-round(look.score, 9), look.id),
        )
    )
    if decoding is not None and decoding.way == "sample":
        looks = tuple(replace(look, seed=decoding.seed) for look in looks)
    return Recommendation(request, request_layer, looks, missing)


def alike(index: Index, pool: Pool, looks: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Return how alike every two looks are: the mean of the overlaps of items and of attributes."""
    used = sorted({n for members in looks for n in members})
    column = {n: k for k, n in enumerate(used)}
    holds = np.zeros((len(looks), len(used)))
    for row, members in enumerate(looks):
        holds[row, [column[n] for n in members]] = 1.0
    at: dict[tuple[NamedNode, NamedNode], int] = {}
    own = [
        [
            at.setdefault((p, value), len(at))
            for p, _ in index.scoring.attributes
            for value in index.has[pool.items[n], p]
        ]
        for n in used
    ]
    bears = np.zeros((len(used), len(at)))
    for row, values in enumerate(own):
        bears[row, values] = 1.0
    shown = (holds @ bears > 0).astype(np.float64)
    return (diversify.overlaps(holds) + diversify.overlaps(shown)) / 2
