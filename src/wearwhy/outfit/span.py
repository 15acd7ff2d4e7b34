"""A span of days planned one after the other: what is worn on one is worn, and rests, on the next.

Each day is asked over a layer that holds the wears and washes planned before it, so that the rules
of repetition and of cleanliness judge it as they judge what was really worn. Days are searched as
partial looks are: a few partial plans are kept, the best first. A day that the plans before it
leave without a look, though it has one by itself, is reserved: those before it leave its things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from pyoxigraph import NamedNode

from wearwhy.errors import NoAnswer
from wearwhy.outfit.compose import Recommendation
from wearwhy.outfit.day import Day, dress_day, together
from wearwhy.outfit.index import Resources
from wearwhy.outfit.laundry import NOTHING, Laid, washed, worn
from wearwhy.outfit.look import Look, look_layer
from wearwhy.outfit.request import Request
from wearwhy.outfit.standing import standing
from wearwhy.rdf import WW
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import as_number

Progress = Callable[[int, int], None]

# How many partial plans are kept, and how many ways to dress a day each is tried with.
PLANS = 2
WAYS = 3
# What a day without a look sets a plan back by: no other day's points make up for it.
UNDRESSED = 100.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One day of a span.

    Attributes:
        on: the day.
        events: a request for each part of the day that has events; at least one.
        unrecognised: the words of calendar entries that name no known occasion.
    """

    on: date
    events: tuple[Request, ...]
    unrecognised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """What to wear on one day.

    Attributes:
        asked: the day.
        layer: the wardrobe with what is planned before this day.
        over: what that layer adds to the wardrobe and withdraws.
        day: its looks; None where there are none.
        way: which of them are worn: the first, the second …
        refused: what stands in the way, where there are none.
        resting: what planned days before this one leave to rest, with the last day of its rest.
        washed: what is washed at the end of the day.
    """

    asked: Asked
    layer: Layer
    over: Laid
    day: Day | None = None
    way: int = 0
    refused: NoAnswer | None = None
    resting: Mapping[NamedNode, date] = field(default_factory=dict)
    washed: tuple[NamedNode, ...] = ()

    @property
    def parts(self) -> tuple[Recommendation, ...]:
        """Return the answers that the day's looks are from: one, or one a part of the day."""
        if self.day is None:
            return ()
        return self.day.parts if self.day.whole is None else (self.day.whole,)

    @property
    def looks(self) -> tuple[Look, ...]:
        """Return what is worn: one look, or one a part of the day."""
        return tuple(part.looks[min(self.way, len(part.looks) - 1)] for part in self.parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A partial plan: its days so far, what they add up to, and what holds after them."""

    days: tuple[Planned, ...]
    score: float
    layer: Layer
    over: Laid
    rests: Mapping[NamedNode, date]
    spans: dict[NamedNode, int]


def plan(
    layer: Layer,
    days: Sequence[Asked],
    resources: Resources,
    *,
    washing: frozenset[date] = frozenset(),
    somewhere: Sequence[NamedNode] = (),
    progress: Progress | None = None,
) -> tuple[Planned, ...]:
    """Return what to wear on each of some days.

    Args:
        layer: the wardrobe's layer.
        days: in their order.
        resources: as for recommending.
        washing: the days at whose end what was worn is washed.
        somewhere: items to be worn on some day, whichever suits them best.
        progress: called with (days tried, days).

    Raises:
        UnknownName, ValueRefused: as `request.check` says.
    """
    fixed = standing(resources, resources.index(layer))
    asked = list(days)
    kept: dict[int, tuple[Look, ...]] = {}
    for item in somewhere:
        n = _best_day(layer, asked, fixed, item, kept)
        if n is not None:
            events = tuple(replace(e, locked=(*e.locked, item)) for e in asked[n].events)
            asked[n] = replace(asked[n], events=events)
            kept[n] = _alone(layer, asked[n], fixed)
    while True:
        found, stuck = _planned(layer, asked, fixed, washing=washing, kept=kept, progress=progress)
        looks = () if stuck is None or stuck in kept else _alone(layer, asked[stuck], fixed)
        if stuck is None or not looks:
            return found.days
        kept[stuck] = looks


def _alone(layer: Layer, asked: Asked, resources: Resources) -> tuple[Look, ...]:
    """Return the best looks of a day by itself; none where it has none."""
    try:
        return Planned(asked, layer, NOTHING, dress_day(layer, asked.events, resources)).looks
    except NoAnswer:
        return ()


def _best_day(
    layer: Layer,
    days: Sequence[Asked],
    resources: Resources,
    item: NamedNode,
    kept: Mapping[int, object],
) -> int | None:
    """Return the day that loses least by wearing an item; None where it can be worn on none."""
    found: list[tuple[float, int]] = []
    for n, asked in enumerate(days):
        if n in kept or any(item in event.excluded for event in asked.events):
            continue
        locked = tuple(replace(e, locked=(*e.locked, item)) for e in asked.events)
        held = _alone(layer, replace(asked, events=locked), resources)
        if held and not any(look.told for look in held):
            free = _alone(layer, asked, resources)
            found.append((round(_score(free) - _score(held), 9), n))
    return min(found)[1] if found else None


def _score(looks: Sequence[Look]) -> float:
    return sum(look.score for look in looks) / max(1, len(looks))


def _planned(
    layer: Layer,
    days: Sequence[Asked],
    resources: Resources,
    *,
    washing: frozenset[date],
    kept: Mapping[int, tuple[Look, ...]],
    progress: Progress | None,
) -> tuple[_Plan, int | None]:
    """Return the best plan, and the first day that no plan dresses though it might be dressed."""
    plans = [_Plan((), 0.0, layer, NOTHING, {}, {})]
    stuck = None
    for n, asked in enumerate(days):
        if progress is not None:
            progress(n, len(days))
        events = _leaving(layer, days, n, kept)
        tried = [_dressed(one, replace(asked, events=events), resources) for one in plans]
        if stuck is None and n not in kept and all(day.day is None for day in tried):
            stuck = n
        grown: list[tuple[float, int, _Plan, Planned]] = []
        for one, day in zip(plans, tried, strict=True):
            ways = max((len(part.looks) for part in day.parts), default=1)
            for way in range(min(WAYS, ways)):
                worth = _score(day.looks) if way == 0 else _score(replace(day, way=way).looks)
                value = one.score + (worth if day.day is not None else -UNDRESSED)
                grown.append((value, len(grown), one, replace(day, way=way)))
        grown.sort(key=lambda g: (-round(g[0], 9), g[1]))
        plans = [
            _after(one, value, day, asked.on in washing) for value, _, one, day in grown[:PLANS]
        ]
    if progress is not None:
        progress(len(days), len(days))
    return plans[0], stuck


def _leaving(
    layer: Layer, days: Sequence[Asked], n: int, kept: Mapping[int, tuple[Look, ...]]
) -> tuple[Request, ...]:
    """Return a day's requests without what a reserved day after it needs rested."""
    taken = set()
    for later, looks in kept.items():
        if later > n:
            apart = (days[later].on - days[n].on).days
            for look in looks:
                spans = rest(layer, look)
                taken |= {item for item, span in spans.items() if span >= apart}
    return tuple(
        replace(e, excluded=(*e.excluded, *sorted(taken - set(e.locked), key=str)))
        for e in days[n].events
    )


def _dressed(one: _Plan, asked: Asked, resources: Resources) -> Planned:
    resting = {item: until for item, until in one.rests.items() if until >= asked.on}
    bare = Planned(asked, one.layer, one.over, resting=resting)
    requests = tuple(replace(event, n=max(event.n, WAYS)) for event in asked.events)
    try:
        return replace(bare, day=dress_day(one.layer, requests, resources))
    except NoAnswer as answer:
        return replace(bare, refused=answer)


def _after(one: _Plan, score: float, day: Planned, wash: bool) -> _Plan:
    """Return a plan with one day more: worn, and where it is a day of washing, washed."""
    on, layer, over = day.asked.on, one.layer, one.over
    rests = dict(one.rests)
    for look in day.looks:
        for item, span in rest(one.layer, look, one.spans).items():
            if span > 0:
                rests[item] = max(
                    rests.get(item, date.min), date.fromordinal(on.toordinal() + span)
                )
    items = tuple(dict.fromkeys(item for look in day.looks for item in look.items))
    if items:
        layer, over = worn(layer, over, items, on, together(day.asked.events).wearer)
    clean: tuple[NamedNode, ...] = ()
    if wash:
        layer, over, clean = washed(layer, over, on)
    return _Plan((*one.days, replace(day, washed=clean)), score, layer, over, rests, one.spans)


def rest(
    layer: Layer, look: Look, known: dict[NamedNode, int] | None = None
) -> dict[NamedNode, int]:
    """Return for how many days each item of a look rests once it was worn, as the rules have it.

    Args:
        layer: the wardrobe's, or one over it.
        look: a look.
        known: what was asked before, which is added to; a request states no span of its own.
    """
    if known is not None and all(item in known for item in look.items):
        return {item: known[item] for item in look.items}
    stage = look_layer(layer.child(Change(add=look.request.facts())), look)
    found = {}
    for item in look.items:
        spans = [as_number(value) or 0.0 for value in stage.objects(item, WW.restDays)]
        found[item] = int(max(spans, default=0.0))
    if known is not None:
        known.update(found)
    return found
