"""A day with several events: one look that serves all, else one a part of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from wearwhy.errors import InputError, NoAnswer
from wearwhy.feeds.weather import Weather
from wearwhy.outfit.compose import Recommendation, recommend
from wearwhy.outfit.decoding.ways import Decoding
from wearwhy.outfit.index import Resources
from wearwhy.outfit.labels import label
from wearwhy.outfit.look import Look, look_layer
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, Fact
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import named


@dataclass(frozen=True, slots=True)
class Forced:
    """Why one look does not serve: a rule that forbids the look of one part in another.

    Attributes:
        rule: the forbidding rule.
        about: the item, pair or look that it forbids.
        look: the best look of one part of the day.
        part: the request of the other part, for which it is forbidden.
    """

    rule: NamedNode
    about: NamedNode
    look: Look
    part: Request


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """What to wear through a day.

    Attributes:
        whole: looks that serve every event; None where there are none.
        parts: a recommendation for each event, in their order, where there is no such look.
        forced: the rules that forced the change.
        told: what the attempt at one look for all was answered, where it failed.
    """

    whole: Recommendation | None
    parts: tuple[Recommendation, ...] = ()
    forced: tuple[Forced, ...] = ()
    told: str = ""


def together(events: Sequence[Request]) -> Request:
    """Return one request for all events of a day: every occasion, every entry, every condition.

    What the events share is kept; a part of the day or a dress code is kept only if all state it.
    """
    first = events[0]

    def shared(values: Sequence[NamedNode | None]) -> NamedNode | None:
        return values[0] if len(set(values)) == 1 else None

    return replace(
        first,
        occasions=tuple(named(o for e in events for o in e.occasions)),
        locked=tuple(named(i for e in events for i in e.locked)),
        excluded=tuple(named(i for e in events for i in e.excluded)),
        entries=tuple(dict.fromkeys(t for e in events for t in e.entries)),
        part_of_day=shared([e.part_of_day for e in events]),
        dress_code=shared([e.dress_code for e in events]),
        weather=_whole([e.weather for e in events if e.weather is not None]),
    )


def _whole(weathers: Sequence[Weather]) -> Weather | None:
    """Return the weather of a day from its parts': the span, the most of wind, all conditions."""
    if not weathers:
        return None

    def of(name: str) -> list[float]:
        return [value for w in weathers if (value := getattr(w, name)) is not None]

    middle, low, high, wind = of("temperature"), of("low"), of("high"), of("wind")
    return Weather(
        temperature=round(sum(middle) / len(middle), 2) if middle else None,
        low=min(low, default=None),
        high=max(high, default=None),
        # Each part is told the rain of the day where the source knows no better.
        rainfall=max(of("rainfall"), default=None),
        wind=max(wind, default=None),
        conditions=tuple(named(c for w in weathers for c in w.conditions)),
        source="; ".join(dict.fromkeys(w.source for w in weathers if w.source)),
    )


def dress_day(
    layer: Layer,
    events: Sequence[Request],
    resources: Resources,
    decoding: Decoding | None = None,
) -> Day:
    """Return looks for a day with one or more events.

    Args:
        layer: the wardrobe's layer.
        events: a request for each event, in the order of the day.
        resources: as for recommending.
        decoding: how looks are found; None for beam search.

    Raises:
        InputError: WW-DAY-EMPTY, where there is no event.
        NoAnswer: where an event by itself has no look.
    """
    if not events:
        raise InputError("WW-DAY-EMPTY", "There is no event on this day.")
    if len(events) == 1:
        return Day(recommend(layer, events[0], resources, decoding))
    try:
        return Day(recommend(layer, together(events), resources, decoding))
    except NoAnswer as answer:
        parts = tuple(_part(layer, event, resources, decoding) for event in events)
        return Day(
            None, parts, forced(parts, resources.index(layer).scoring.certainty), answer.note
        )


def _part(
    layer: Layer, event: Request, resources: Resources, decoding: Decoding | None
) -> Recommendation:
    try:
        return recommend(layer, event, resources, decoding)
    except NoAnswer as answer:
        about = event.entries or [label(layer, occasion) for occasion in event.occasions]
        raise NoAnswer(
            answer.code,
            f"No look is possible for a part of the day: {'; '.join(about)}.",
            note=answer.note,
            hint=answer.hint,
        ) from answer


def forced(parts: Sequence[Recommendation], certainty: float) -> tuple[Forced, ...]:
    """Return the verdicts that forbid the first look of a part in each other part."""
    found: list[Forced] = []
    for here in parts:
        for there in parts:
            if here is not there and here.looks:
                found += verdicts_on(there, here.looks[0], certainty)
    return tuple(found)


def verdicts_on(part: Recommendation, look: Look, certainty: float) -> list[Forced]:
    """Return what forbids a look, replayed with the same items, in another part of the day."""
    replayed = replace(look, request=part.request)
    layer = look_layer(part.layer, replayed)
    subjects = [replayed.iri, *replayed.items, *named(layer.objects(replayed.iri, WW.hasPair))]
    return [
        Forced(rule, subject, look, part.request)
        for subject in subjects
        for rule in named(layer.objects(subject, WW.violates))
        if layer.confidence(Fact(subject, WW.violates, rule)) >= certainty
    ]
