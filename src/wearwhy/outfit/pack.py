"""Packing: the fewest owned items that dress every day of a trip, and why the rest stays home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.errors import NoAnswer
from wearwhy.outfit import cover
from wearwhy.outfit.cores import LIMIT, Cores, cores, widened
from wearwhy.outfit.day import dress_day
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.laundry import NOTHING
from wearwhy.outfit.request import Request, check
from wearwhy.outfit.span import Asked, Planned
from wearwhy.outfit.standing import standing
from wearwhy.rdf import WW, Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import as_number, named

Progress = Callable[[int, int], None]

# How many looks a request has, where things rest between wears.
RESTED = 250


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An owned item that is not packed.

    Attributes:
        item: which.
        why: `excluded`; `forbidden` on every day; `apart`, in no look that the rules allow;
            `extra`, for a place that nothing asks to be filled; or `spared`, the smallest set does
            without.
        rule: the rule that forbids it most often.
    """

    item: NamedNode
    why: str
    rule: NamedNode | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """What to take.

    Attributes:
        items: in look order.
        days: what is worn on each day, of those items alone.
        least: no set of fewer items dresses the days with the looks considered.
        considered: how many looks that is.
        whole: whether those are all looks of the slots that must be filled.
        left: what stays home, and why.
        more: the item that would better the looks most, if one more were packed; and by how many
            points a day.
    """

    items: tuple[NamedNode, ...]
    days: tuple[Planned, ...]
    least: int
    considered: int
    whole: bool
    left: tuple[LeftOut, ...]
    more: tuple[NamedNode, float] | None = None

    @property
    def proved(self) -> bool:
        """Return whether it is proved that no fewer items do, with the looks considered."""
        return len(self.items) <= self.least


def pack(
    layer: Layer,
    days: Sequence[Asked],
    resources: Resources,
    *,
    locked: Sequence[NamedNode] = (),
    excluded: Sequence[NamedNode] = (),
    rested: bool = False,
    limit: int = LIMIT,
    progress: Progress | None = None,
) -> Packed:
    """Return the smallest set of items that dresses a trip.

    Args:
        layer: the wardrobe's layer.
        days: of the trip, each with what it is for.
        resources: as for recommending.
        locked: items that are packed, and worn on some day.
        excluded: items that stay home.
        rested: whether things rest on the trip as the rules have it at home; else they may be
            worn day after day.
        limit: how many looks a request is judged by at most.
        progress: called with (requests judged, requests).

    Raises:
        UnknownName, ValueRefused: as `request.check` says.
        NoAnswer: WW-PACK-NONE, where no day can be dressed, or no set holds what is locked.
    """
    index = resources.index(layer)
    wide = widened(index)
    asked = [_without(one, excluded) for one in days]
    requests = [event for one in asked for event in one.events]
    for request in requests:
        check(request, layer, index.items)
    found: list[Cores] = []
    for n, request in enumerate(requests):
        if progress is not None:
            progress(n, len(requests))
        found.append(_cores(layer, request, wide, resources, locked=locked, limit=limit))
    dressed = [n for n, one in enumerate(found) if one.members]
    lists = [_choices(found[n]) for n in dressed]
    if rested:
        lists = [_some(looks, locked) for looks in lists]
    apart = _apart(layer, index, [requests[n] for n in dressed]) if rested else ()
    best = cover.smallest(lists, needed=frozenset(locked), apart=apart) if lists else None
    if best is None:
        raise _none(
            layer, [requests[n] for n in range(len(requests)) if n not in dressed], resources
        )
    items = tuple(sorted(best.items, key=index.order))
    chosen = {n: lists[k][best.chosen[k]].items for k, n in enumerate(dressed)}
    if progress is not None:
        progress(len(requests), len(requests))
    return Packed(
        items,
        tuple(
            _worn(layer, one, index, resources)
            for one in _taking(asked, index, items, chosen, locked, rested=rested)
        ),
        best.least,
        sum(map(len, lists)) if rested else sum(one.considered for one in found),
        all(one.whole for one in found) and not rested,
        _left(index, found, items, excluded, asked),
        None if rested else cover.Held(lists).bettering(best.items),
    )


def _without(asked: Asked, excluded: Sequence[NamedNode]) -> Asked:
    events = tuple(
        replace(e, excluded=tuple(dict.fromkeys((*e.excluded, *excluded)))) for e in asked.events
    )
    return replace(asked, events=events)


def _cores(
    layer: Layer,
    request: Request,
    index: Index,
    resources: Resources,
    *,
    locked: Sequence[NamedNode],
    limit: int,
) -> Cores:
    """Return a request's cores, and those that a locked item has to be added to."""
    found = cores(layer, request, index, resources, limit=limit)
    held = {item for n in range(len(found.members)) for item in found.items(n)}
    for item in locked:
        if item not in held and item not in request.excluded:
            own = replace(request, locked=(*request.locked, item))
            more = cores(layer, own, index, resources, limit=limit)
            found = _joined(found, more, item)
    return found


def _joined(one: Cores, other: Cores, item: NamedNode) -> Cores:
    """Return cores with those of the same request that hold an item, if no rule forbids it."""
    number = {item: n for n, item in enumerate(one.arena.pool.items)}
    barred = other.arena.pool.verdicts.barred
    at = other.arena.pool.items.index(item)
    if barred[at]:
        return one
    members = [tuple(sorted(number[i] for i in other.items(k))) for k in range(len(other.members))]
    return replace(
        one,
        members=(*one.members, *members),
        templates=(*one.templates, *other.templates),
        score=np.concatenate((one.score, other.score)),
        considered=one.considered + other.considered,
        whole=one.whole and other.whole,
    )


def _choices(found: Cores) -> list[cover.Choice]:
    return [
        cover.Choice(frozenset(found.items(k)), float(found.score[k]))
        for k in range(len(found.members))
    ]


def _some(looks: Sequence[cover.Choice], locked: Sequence[NamedNode]) -> list[cover.Choice]:
    """Return the looks that are worth most: with rest between wears all of them are too many."""
    held = [look for look in looks if look.items & set(locked)][:RESTED]
    return list(dict.fromkeys([*looks[:RESTED], *held]))


def _apart(
    layer: Layer, index: Index, requests: Sequence[Request]
) -> list[tuple[NamedNode, list[int]]]:
    """Return for each item the runs of requests of which one alone may be dressed with it."""
    found = []
    first = requests[0]
    owned = [item for n, item in enumerate(index.items) if index.owned[n]]
    stage = [*first.facts(), *(_considers(first, item) for item in owned)]
    asked = layer.child(Change(add=tuple(stage)))
    for item in owned:
        spans = [as_number(value) or 0.0 for value in asked.objects(item, WW.restDays)]
        rest = int(max(spans, default=0.0))
        for n, request in enumerate(requests):
            if request.date is None or rest < 1:
                continue
            # Parts of one day are dressed with the same things.
            later = [
                k
                for k, other in enumerate(requests)
                if other.date is not None and 0 < (other.date - request.date).days <= rest
            ]
            found += [(item, [n, k]) for k in later]
    return found


def _considers(request: Request, item: NamedNode) -> Fact:
    return Fact(request.iri, WW.considers, item)


def _taking(
    days: Sequence[Asked],
    index: Index,
    items: Sequence[NamedNode],
    chosen: Mapping[int, frozenset[NamedNode]],
    locked: Sequence[NamedNode],
    *,
    rested: bool,
) -> list[Asked]:
    """Return the days with nothing but what is packed, and what is locked where it is worn.

    Where things rest, a day has no more than the look that was chosen for it.
    """
    found, n = [], 0
    for asked in days:
        events = []
        for event in asked.events:
            look = chosen.get(n, frozenset())
            taken = look if rested else frozenset(items)
            held = (*event.locked, *(i for i in locked if i in look))
            home = tuple(i for i in index.items if i not in taken and i not in held)
            events.append(replace(event, locked=tuple(dict.fromkeys(held)), excluded=home))
            n += 1
        found.append(replace(asked, events=tuple(events)))
    return found


def _worn(layer: Layer, asked: Asked, index: Index, resources: Resources) -> Planned:
    """Return what is worn on a day of a trip."""
    try:
        return Planned(
            asked, layer, NOTHING, dress_day(layer, asked.events, standing(resources, index))
        )
    except NoAnswer as answer:
        return Planned(asked, layer, NOTHING, refused=answer)


def _left(
    index: Index,
    found: Sequence[Cores],
    items: Sequence[NamedNode],
    excluded: Sequence[NamedNode],
    days: Sequence[Asked],
) -> tuple[LeftOut, ...]:
    """Return what is owned and stays home, in look order, with the reason."""
    asked = {item for one in days for event in one.events for item in event.excluded}
    used = {one.arena.pool.items[n] for one in found for look in one.members for n in look}
    needed = {slot for one in found for t in one.templates for slot in t.required}
    needed |= {
        slot
        for one in found
        for slot in named(one.layer.objects(one.arena.request.iri, WW.requiresSlot))
    }
    rules: dict[NamedNode, Counter[NamedNode]] = {}
    barred: Counter[NamedNode] = Counter()
    for one in found:
        certainty = one.arena.index.scoring.certainty
        for n, item in enumerate(one.arena.pool.items):
            if one.arena.pool.verdicts.barred[n]:
                barred[item] += 1
                told = [v.rule.iri for v in one.arena.pool.verdicts.of(n) if v.bars(certainty)]
                rules.setdefault(item, Counter()).update(told)
    left = []
    for n, item in enumerate(index.items):
        if not index.owned[n] or item in items:
            continue
        if item in excluded or item in asked:
            left.append(LeftOut(item, "excluded"))
        elif barred[item] == len(found) and found:
            counted = rules[item]
            rule = min(counted, key=lambda r: (-counted[r], r.value))
            left.append(LeftOut(item, "forbidden", rule))
        elif item in used:
            left.append(LeftOut(item, "spared"))
        else:
            inside = set(index.places[n]) & needed
            left.append(LeftOut(item, "apart" if inside else "extra"))
    return tuple(sorted(left, key=lambda one: index.order(one.item)))


def _none(layer: Layer, requests: Sequence[Request], resources: Resources) -> NoAnswer:
    """Return the answer that nothing dresses the trip, with what stands in the way."""
    note = "What is locked fits no look of any day." if not requests else ""
    for request in requests[:1]:
        try:
            dress_day(layer, (request,), resources)
        except NoAnswer as answer:
            note = answer.note
    return NoAnswer(
        "WW-PACK-NONE",
        "No set of items dresses this trip.",
        note=note,
        hint="Lock less, or ask for looks of a single day.",
    )
