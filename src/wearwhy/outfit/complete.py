"""Completing a partial outfit: for each empty slot, the items that fit, best first.

In two stages: a shortlist over all items of the slot from arrays (`wearwhy.outfit.shortlist`),
and what rules say of the first on it, each in the outfit that it would complete. Where rules
forbid so many that too few are left, the list is read on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.errors import InputError, NoAnswer, UnknownName, nearest
from wearwhy.outfit import beam, shortlist
from wearwhy.outfit.arena import Arena, look_of
from wearwhy.outfit.candidates import Pool, Verdicts, verdicts
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.labels import label
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import NO_FILTERS, Request, check
from wearwhy.outfit.shortlist import Brought
from wearwhy.outfit.templates import Template
from wearwhy.rdf import WW, curie
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Change, Layer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AT_ONCE = 160
"""Of so many items of a slot it is asked at once what rules say."""
KEPT = 16
"""For so many occasions, days and weathers what rules say is kept at hand."""


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
        NoAnswer: WW-COMPLETE-TAKEN, for a slot that what is given leaves no room in.
    """
    if not request.locked:
        raise InputError(
            "WW-COMPLETE-EMPTY",
            "There is no outfit to complete.",
            hint="Give at least one item, or ask for whole looks.",
            command="--given ITEM gives one; `wearwhy recommend` answers whole looks.",
        )
    index = resources.index(layer)
    check(request, layer, index.at, index.shops)
    if slot is not None and slot not in index.slots:
        near = nearest(curie(slot), [curie(known) for known in index.slots])
        raise UnknownName(
            "WW-COMPLETE-SLOT",
            f"{curie(slot)} is no slot.",
            hint=f"Did you mean {near}?" if near else "",
        )
    empty = _empty(index, request)
    if slot is not None and slot not in empty:
        raise _taken(layer, index, request, slot)
    request_layer = layer.child(Change(add=request.facts()))
    told = shortlist.brought(request_layer, request, index, resources)
    asked = _Asked(_judging(request_layer, request, index), request, index, resources, told)
    found = {
        place: _ranked(asked, template, place, n)
        for place, template in empty.items()
        if slot is None or place == slot
    }
    return request_layer, found


def _taken(layer: Layer, index: Index, request: Request, slot: NamedNode) -> NoAnswer:
    """Return why a slot of a partial outfit cannot be filled."""
    held = [item for item in request.locked if slot in index.places[index.at[item]]]
    homeless = [item for item in request.locked if not index.places[index.at[item]]]
    if homeless:
        note = f"{label(layer, homeless[0])} fits no slot, so that no outfit has it."
    elif held:
        note = f"{label(layer, held[0])} fills it already."
    else:
        note = "No way to be dressed has it beside what is given."
    return NoAnswer(
        "WW-COMPLETE-TAKEN",
        f"The slot {label(layer, slot)} cannot be filled.",
        note=note,
        hint="Leave that out of what is given, or name another slot.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One request, as its slots are filled.

    Attributes:
        judging: the layer in which rules are asked.
        request: that is answered.
        index: of the items.
        resources: comfort table and vectors.
        brought: what the request brings to every item.
    """

    judging: Layer
    request: Request
    index: Index
    resources: Resources
    brought: Brought


def _judging(request_layer: Layer, request: Request, index: Index) -> Layer:
    """Return the layer in which rules are asked of a request.

    Where no rule reads what is locked or filtered, requests that differ in nothing else are one
    to the rules: they share a layer, and what was worked out in it.
    """
    program = index.layer.program
    if program.reads is None or program.reads & {WW.locks, *(p for p, _ in request.filters.said())}:
        return request_layer
    alike = replace(request, locked=(), excluded=(), filters=NO_FILTERS, source="both", n=1)
    kept: OrderedDict[Request, Layer] = index.once("judging", OrderedDict)
    if alike not in kept:
        kept[alike] = index.layer.child(Change(add=alike.facts()))
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(alike)
    return kept[alike]


def _empty(index: Index, request: Request) -> dict[NamedNode, Template]:
    """Return the slots left open by the templates that the given items follow."""
    given = [index.places[index.at[item]] for item in sorted(request.locked, key=index.order)]
    found: dict[NamedNode, Template] = {}
    for template in index.templates:
        inside = (*template.required, *template.optional)
        if all(set(places) & set(inside) for places in given):
            filled = {next(p for p in places if p in inside) for places in given}
            for slot in inside:
                if slot not in filled:
                    found.setdefault(slot, template)
    return found


def _ranked(asked: _Asked, template: Template, slot: NamedNode, n: int) -> list[Completion]:
    """Return the best items of a slot: those whose outfit no rule forbids."""
    request, index = asked.request, asked.index
    drawn = index.drawn_on(request).copy()
    drawn[[index.at[item] for item in request.locked]] = False
    fitting = index.fitting(slot)
    left = fitting[drawn[fitting]]
    worth = shortlist.worth(asked.brought, index, left, len(set(request.locked)))
    found: list[Completion] = []
    at_once = max(AT_ONCE, 2 * n)
    while len(left) and len(found) < n:
        chosen = shortlist.first(worth, index, left, at_once)
        found += _judged(asked, template, slot, chosen, n)
        kept = ~np.isin(left, chosen)
        left, worth = left[kept], worth[kept]
        at_once *= 4
    found.sort(key=lambda c: (-round(c.look.score, 9), c.item.value))
    return found[:n]


def _judged(
    asked: _Asked, template: Template, slot: NamedNode, chosen: Ints, n: int
) -> list[Completion]:
    """Return the best of some items of a slot, by exact score."""
    index, given = asked.index, len(set(asked.request.locked))
    pool = _pool(asked, chosen)
    certainty, share = index.scoring.certainty, index.scoring.multipliers["rule"]
    held = np.array(pool.locked, dtype=np.int64)
    free = np.flatnonzero(~pool.verdicts.barred)
    free = free[~np.isin(free, held)]
    if not len(free):
        return []
    rows = _pairs(free, held)
    between = verdicts(pool.judge.pairs(rows[:, 0], rows[:, 1]), certainty)
    with_given = slice(len(rows) - len(free) * len(held), None)
    apart = between.barred[with_given].reshape(len(free), -1).any(axis=1)
    points = between.points[with_given].reshape(len(free), -1).sum(axis=1)
    free, points = free[~apart], points[~apart]
    if not len(free):
        return []
    members = [tuple(sorted((*pool.locked, candidate))) for candidate in free.tolist()]
    on_looks = verdicts(pool.judge.looks(members), certainty)
    numbers = np.array([index.at[pool.items[candidate]] for candidate in free], dtype=np.int64)
    paired = shortlist.exactly(index, asked.resources, asked.request.locked, numbers)
    score = shortlist.worth(asked.brought, index, numbers, given, paired)
    score += share * (
        on_looks.points
        + pool.verdicts.points[free] / (given + 1)
        + points * (2.0 / (given * (given + 1)))
    )
    score[on_looks.barred] = -np.inf
    # Numbers rise with IRIs: what scores the same stands in their order.
    best = [k for k in np.lexsort((numbers, -np.round(score, 9)))[:n] if score[k] > -np.inf]
    arena = _arena(asked, pool, [int(free[k]) for k in best], rows, between)
    return [
        Completion(
            slot,
            pool.items[int(free[k])],
            look_of(arena, members[k], template, on_looks.of(int(k)), resources=asked.resources),
        )
        for k in best
    ]


def _pairs(free: Ints, held: Ints) -> Ints:
    """Return the pairs of given items, then those of each candidate with each; the lower first."""
    one, other = np.triu_indices(len(held), 1)
    first = np.concatenate((held[one], np.repeat(free, len(held))))
    second = np.concatenate((held[other], np.tile(held, len(free))))
    return np.stack((np.minimum(first, second), np.maximum(first, second)), axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Paired(Arena):
    """An arena that knows only the pairs of which one item is given."""

    judged: Mapping[tuple[int, int], int]

    def pair_row(self, a: int, b: int) -> int:
        """Return the row of the verdicts on a pair, the lower number first."""
        return self.judged[a, b]


def _arena(
    asked: _Asked, pool: Pool, winners: Sequence[int], rows: Ints, between: Verdicts
) -> _Paired:
    """Return what looks of the given items with each of the winners are told from."""
    index, brought = asked.index, asked.brought
    chosen = sorted({*pool.locked, *map(int, winners)})
    items = [pool.items[k] for k in chosen]
    size, kept = len(chosen), set(chosen)
    nothing = np.zeros((0, 0))
    return _Paired(
        asked.request,
        index,
        pool,
        tuple(chosen),
        {k: place for place, k in enumerate(chosen)},
        between,
        beam.Space(np.zeros(size), nothing, nothing > 0, np.zeros(size), _unfelt, np.zeros(size)),
        brought.demand,
        None if index.pairing is None else index.pairing.matrix(items),
        index.companions.worth(items),
        {(a, b): row for row, (a, b) in enumerate(rows.tolist()) if a in kept and b in kept},
    )


def _unfelt(clo: Floats, ahead: float) -> Floats:
    """Return no comfort: nothing is searched for here."""
    del ahead
    return np.zeros(len(clo))


def _pool(asked: _Asked, chosen: Ints) -> Pool:
    """Return the given items and the chosen ones, with what rules say of each."""
    index, request, told = asked.index, asked.request, asked.brought
    given = [index.at[item] for item in request.locked]
    numbers = np.unique(np.concatenate((np.array(given, dtype=np.int64), chosen)))
    numbers = numbers[np.argsort(index.rank[numbers])]
    items = tuple(index.items[k] for k in numbers)
    judge = Batch(asked.judging, items)
    found = verdicts(judge.items(), index.scoring.certainty)
    worth = index.scoring.multipliers["rule"] * found.points + told.alone[numbers]
    locked = tuple(int(k) for k in np.flatnonzero(np.isin(numbers, given)))
    return Pool(items, found, told.vias, judge, worth, {}, locked, {}, told.tastes, told.reached)
