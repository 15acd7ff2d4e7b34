"""What a wardrobe lacks: the item of a catalogue that would unlock the most new looks.

A new look fills the slots that a request must have filled with the item and with owned things, is
forbidden by no rule, and scores no less than the twentieth best that the wardrobe has for the request
by itself; where it has fewer than twenty, any look counts. The catalogue is shortlisted by what its
items are worth alone and how many owned things they might be worn with; looks are counted exactly
for the shortlist.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.outfit.arena import look_of
from wearwhy.outfit.candidates import eligible, verdicts
from wearwhy.outfit.cores import Cores, bought, cores, widened
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request, check
from wearwhy.outfit.standing import Standing, standing
from wearwhy.rdf import WW
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named

Progress = Callable[[int, int], None]

# Against which of a wardrobe's own looks a new one is held.
PLACE = 20
# How many items of a catalogue are counted exactly: of each slot, and whatever their slot.
PER_SLOT = 4
MOST = 8
# How many looks a request is judged by at most.
LIMIT = 40_000
# What an item is worth alone counts for its share of a look of so many pieces.
PIECES = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class New:
    """The looks that an item would unlock for a request.

    Attributes:
        request: for which.
        layer: its layer.
        count: how many there are.
        looks: the best of them.
        bar: what they score at least: as the wardrobe's own look that they are held against; None
            where it has too few for one.
    """

    request: Request
    layer: Layer
    count: int
    looks: tuple[Look, ...]
    bar: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """An item of a catalogue and what it would unlock, request by request."""

    item: NamedNode
    new: tuple[New, ...]

    @property
    def count(self) -> int:
        """Return how many looks it would unlock."""
        return sum(one.count for one in self.new)


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """What of a catalogue would unlock the most new looks.

    Attributes:
        offers: the items that unlock any, the most first.
        catalogue: how many items were weighed.
        counted: for how many of them looks were counted exactly.
        whole: whether all looks of those were counted.
        undressed: the requests that the wardrobe has no look for.
        resources: that the looks are explained with.
    """

    offers: tuple[Offer, ...]
    catalogue: int
    counted: int
    whole: bool
    undressed: tuple[Request, ...]
    resources: Standing


def gap(
    layer: Layer,
    requests: Sequence[Request],
    resources: Resources,
    *,
    n: int = 3,
    shown: int = 2,
    admitted: Callable[[NamedNode], bool] | None = None,
    progress: Progress | None = None,
) -> Gap:
    """Return the items of the catalogues that would unlock the most new looks of a wardrobe.

    Args:
        layer: the wardrobe's.
        requests: over which looks are counted; their `source` says which catalogues are drawn on.
        resources: as for recommending.
        n: how many items to return.
        shown: how many looks a request to return with each.
        admitted: which items of the catalogues may be proposed; all, if None.
        progress: called with (steps done, steps).

    Raises:
        UnknownName, ValueRefused: as `request.check` says.
    """
    index = resources.index(layer)
    for request in requests:
        check(request, layer, index.items)
    steps = 2 * len(requests)
    weights: Counter[NamedNode] = Counter()
    weighed: set[NamedNode] = set()
    for k, request in enumerate(requests):
        if progress is not None:
            progress(k, steps)
        found = _weighed(layer, request, index, admitted)
        weighed |= found.keys()
        weights.update(found)
    shortlist = _shortlist(index, weights)
    wide = widened(index)
    with_them = bought(wide, shortlist)
    own_resources = standing(resources, wide)
    counted: dict[NamedNode, list[New]] = {item: [] for item in shortlist}
    whole, undressed = True, []
    for k, request in enumerate(requests if shortlist else ()):
        if progress is not None:
            progress(len(requests) + k, steps)
        mine = replace(request, source="owned")
        own = cores(layer, mine, wide, own_resources)
        if not own.members:
            undressed.append(request)
        bar = float(own.score[PLACE - 1]) if len(own.members) >= PLACE else None
        more = cores(layer, mine, with_them, own_resources, limit=LIMIT, new=set(shortlist))
        whole = whole and own.whole and more.whole
        for item, rows in _of_each(more, bar, counted.keys()).items():
            looks = tuple(_look(more, row, resources) for row in rows[:shown])
            counted[item].append(New(mine, more.layer, len(rows), looks, bar))
    if progress is not None:
        progress(steps, steps)
    offers = [Offer(item, tuple(new)) for item, new in counted.items() if new]
    offers.sort(key=lambda one: (-one.count, -round(_best(one), 9), one.item.value))
    return Gap(
        tuple(offers[:n]),
        len(weighed),
        len(shortlist),
        whole,
        tuple(undressed),
        own_resources,
    )


def _best(offer: Offer) -> float:
    return sum(one.looks[0].score for one in offer.new if one.looks)


def _weighed(
    layer: Layer,
    request: Request,
    index: Index,
    admitted: Callable[[NamedNode], bool] | None,
) -> dict[NamedNode, float]:
    """Return for what is not owned how much it promises for a request.

    That is in how many ways owned things fill the other slots of a template, times the odds that
    what rules say of the item alone gives a look of usual size; nothing for what they forbid.
    """
    asked = layer.child(Change(add=request.facts()))
    offered = eligible(request, index)
    items = list(
        dict.fromkeys([*offered, *(i for n, i in enumerate(index.items) if index.owned[n])])
    )
    told = verdicts(Batch(asked, items).items(), index.scoring.certainty)
    occasions = named(asked.objects(request.iri, WW.occasion))
    demanded = named(asked.objects(request.iri, WW.requiresSlot))
    held: Counter[NamedNode] = Counter()
    for item, barred in zip(items, told.barred.tolist(), strict=True):
        if index.owned[index.at[item]] and not barred:
            held.update(index.places[index.at[item]])
    ways: Counter[NamedNode] = Counter()
    for template in index.templates:
        needed = dict.fromkeys((*template.required, *demanded))
        if template.serves(occasions):
            for slot in needed:
                ways[slot] += math.prod(max(1, held[other]) for other in needed if other != slot)
    odds = np.exp(told.points / PIECES).tolist()
    found = {}
    for n, item in enumerate(items):
        at = index.at[item]
        if index.catalogues[at] and not index.owned[at] and (admitted is None or admitted(item)):
            fits = sum(ways[slot] for slot in index.places[at])
            found[item] = 0.0 if told.barred[n] else fits * odds[n]
    return found


def _shortlist(index: Index, weights: Counter[NamedNode]) -> tuple[NamedNode, ...]:
    """Return what promises most: some of each slot, and some whatever their slot."""
    order = sorted(
        (item for item, weight in weights.items() if weight > 0),
        key=lambda item: (-round(weights[item], 9), item.value),
    )
    chosen = dict.fromkeys(order[:MOST])
    for slot in index.slots:
        fits = (item for item in order if index.places[index.at[item]][:1] == (slot,))
        chosen.update(dict.fromkeys(islice(fits, PER_SLOT)))
    return tuple(chosen)


def _of_each(
    found: Cores, bar: float | None, items: Collection[NamedNode]
) -> dict[NamedNode, list[int]]:
    """Return the cores that reach the bar by the new item that each has, best first."""
    numbers = {n: item for n, item in enumerate(found.arena.pool.items) if item in items}
    result: dict[NamedNode, list[int]] = {}
    for row, members in enumerate(found.members):
        if bar is None or round(float(found.score[row]) - bar, 9) >= 0:
            for n in members:
                if n in numbers:
                    result.setdefault(numbers[n], []).append(row)
    return result


def _look(found: Cores, row: int, resources: Resources) -> Look:
    arena, members = found.arena, found.members[row]
    told = verdicts(arena.pool.judge.looks([members]), arena.index.scoring.certainty)
    return look_of(arena, members, found.templates[row], told.of(0), resources=resources)
