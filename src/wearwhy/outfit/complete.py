"""Completing a partial outfit: for each empty slot, the items that fit, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from wearwhy.errors import InputError, UnknownName, nearest
from wearwhy.outfit.arena import Arena, enter, look_of
from wearwhy.outfit.candidates import gather, verdicts
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request, check
from wearwhy.outfit.templates import Template
from wearwhy.rdf import curie
from wearwhy.rules.layer import Change, Layer


@dataclass(frozen=True, slots=True, eq=False)
class Completion:
    """An item for an empty slot, and the outfit with it, scored as a look."""

    slot: NamedNode
    item: NamedNode
    look: Look


def complete(
    layer: Layer,
    request: Request,
    resources: Resources,
    *,
    slot: NamedNode | None = None,
    n: int = 10,
) -> tuple[Layer, Mapping[NamedNode, Sequence[Completion]]]:
    """Return the request's layer and, for each empty slot, the best items for it.

    Args:
        layer: the wardrobe's layer.
        request: its locked items are the partial outfit.
        resources: as for recommending.
        slot: the one slot to fill; None for every slot of a template that the outfit follows.
        n: how many items a slot.

    Raises:
        InputError: WW-COMPLETE-EMPTY, where nothing is given.
        UnknownName: WW-COMPLETE-SLOT, for a slot that is none; as `request.check` says.
    """
    if not request.locked:
        raise InputError(
            "WW-COMPLETE-EMPTY",
            "There is no outfit to complete.",
            hint="Give at least one item with --given, or ask for whole looks with recommend.",
        )
    index = resources.index(layer)
    check(request, layer, index.items)
    if slot is not None and slot not in index.slots:
        near = nearest(curie(slot), [curie(known) for known in index.slots])
        raise UnknownName(
            "WW-COMPLETE-SLOT",
            f"{curie(slot)} is no slot.",
            hint=f"Did you mean {near}?" if near else "",
        )
    request_layer = layer.child(Change(add=request.facts()))
    pool = gather(request_layer, request, index, resources)
    arena = enter(request_layer, request, index, resources, pool)
    found = {
        empty: _ranked(arena, template, empty, n, resources=resources)
        for empty, template in _empty(index, arena).items()
        if slot is None or empty == slot
    }
    return request_layer, found


def _empty(index: Index, arena: Arena) -> dict[NamedNode, Template]:
    """Return the slots left open by the templates that the given items follow."""
    given = [index.places[index.at[arena.pool.items[n]]] for n in arena.pool.locked]
    found: dict[NamedNode, Template] = {}
    for template in index.templates:
        inside = (*template.required, *template.optional)
        if all(set(places) & set(inside) for places in given):
            filled = {next(p for p in places if p in inside) for places in given}
            for slot in inside:
                if slot not in filled:
                    found.setdefault(slot, template)
    return found


def _ranked(
    arena: Arena,
    template: Template,
    slot: NamedNode,
    n: int,
    *,
    resources: Resources,
) -> list[Completion]:
    pool, certainty = arena.pool, arena.index.scoring.certainty
    fitting = []
    for candidate in pool.offered.get(slot, ()):
        pairs = [(min(candidate, given), max(candidate, given)) for given in pool.locked]
        if candidate not in pool.locked and not any(
            arena.pair_verdicts.barred[arena.pair_row(a, b)] for a, b in pairs
        ):
            fitting.append(candidate)
    if not fitting:
        return []
    drawn = [tuple(sorted((*pool.locked, candidate))) for candidate in fitting]
    on_looks = verdicts(pool.judge.looks(drawn), certainty)
    found = [
        Completion(
            slot,
            pool.items[candidate],
            look_of(arena, members, template, on_looks.of(k), resources=resources),
        )
        for k, (candidate, members) in enumerate(zip(fitting, drawn, strict=True))
        if not on_looks.barred[k]
    ]
    found.sort(key=lambda c: (-round(c.look.score, 9), c.item.value))
    return found[:n]
