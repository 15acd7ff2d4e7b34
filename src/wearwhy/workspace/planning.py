"""Plans for several days, from words: a week's looks, a trip's bag, what a wardrobe lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from wearwhy.errors import NoAnswer
from wearwhy.explain.terms import ExplainedLook, explain, in_a_row
from wearwhy.outfit import gap as gaps
from wearwhy.outfit import pack as packing
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.outfit.span import Asked, Planned, plan
from wearwhy.outfit.standing import standing
from wearwhy.rdf import NamedNode, Node
from wearwhy.rules.layer import Layer
from wearwhy.workspace import planned, remembered
from wearwhy.workspace.days import Days, asked, items_of, washing, with_items
from wearwhy.workspace.week import week as bundled_week

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

Progress = packing.Progress


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedDay:
    """One day of a plan with its looks explained: one, or one a part of the day."""

    planned: Planned
    looks: tuple[ExplainedLook, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """What to wear on each of some days."""

    revision: int
    days: tuple[ExplainedDay, ...]
    layer: Layer

    @property
    def undressed(self) -> list[ExplainedDay]:
        """Return the days that have no look."""
        return [day for day in self.days if day.planned.day is None]


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """What to take on a trip, and what is worn on each day of it."""

    revision: int
    packed: packing.Packed
    days: tuple[ExplainedDay, ...]
    layer: Layer


@dataclass(frozen=True, slots=True, eq=False)
class Lack:
    """What a wardrobe lacks: items of a catalogue, each with the looks that it would unlock."""

    revision: int
    gap: gaps.Gap
    looks: dict[str, ExplainedLook] = field(default_factory=dict)
    layer: Layer = field(kw_only=True)


def week(
    workspace: Workspace,
    said: Days,
    name: str | None = None,
    *,
    tried: int | None = 0,
    progress: Progress | None = None,
) -> Week:
    """Return what to wear on each day, explained, and keep the looks so that `why` can be asked.

    Args:
        workspace: open.
        said: of the days.
        name: the wardrobe.
        tried: of how many terms a look, the largest first, to say of each cited fact whether it is
            needed; None for all.
        progress: called with (days planned, days).

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
        NoAnswer: WW-WEEK-NONE, where no day can be dressed.
    """
    layer, days = workspace.layer(name), asked(workspace, said, name)
    on_days, somewhere = items_of(layer, said.lock, days)
    not_on, nowhere = items_of(layer, said.exclude, days)
    days = [
        with_items(day, on_days.get(day.on, ()), (*not_on.get(day.on, ()), *nowhere))
        for day in days
    ]
    found = plan(
        layer,
        days,
        workspace.resources,
        washing=washing(said.wash, [day.on for day in days]),
        somewhere=somewhere,
        progress=progress,
    )
    if all(one.day is None for one in found):
        raise NoAnswer(
            "WW-WEEK-NONE",
            "No look is possible on any of these days.",
            note=" ".join(dict.fromkeys(one.refused.note for one in found if one.refused)),
            hint="Ask `why-not` of an item on one of the days.",
        )
    _kept(workspace, found, name)
    return Week(workspace.revision, _explained(workspace, layer, found, tried), layer)


def pack(
    workspace: Workspace,
    said: Days,
    name: str | None = None,
    *,
    rested: bool = False,
    tried: int | None = 0,
    progress: Progress | None = None,
) -> Bag:
    """Return the smallest set of owned items that dresses some days, each day's look explained.

    Args:
        workspace: open.
        said: of the days; a date before a locked or excluded item makes it that day's.
        name: the wardrobe.
        rested: whether things rest between wears as at home.
        tried: as for `week`.
        progress: called with (requests judged, requests).

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
        NoAnswer: WW-PACK-NONE, where no set of items dresses a day, or holds what is locked.
    """
    layer, days = workspace.layer(name), asked(workspace, said, name)
    on_days, somewhere = items_of(layer, said.lock, days)
    not_on, nowhere = items_of(layer, said.exclude, days)
    days = [with_items(day, on_days.get(day.on, ()), not_on.get(day.on, ())) for day in days]
    found = packing.pack(
        layer,
        days,
        workspace.resources,
        locked=somewhere,
        excluded=nowhere,
        rested=rested,
        progress=progress,
    )
    _kept(workspace, found.days, name, taken=found.items)
    explained = _explained(workspace, layer, found.days, tried, taken=frozenset(found.items))
    return Bag(workspace.revision, found, explained, layer)


def gap(
    workspace: Workspace,
    said: Days,
    name: str | None = None,
    *,
    n: int = 3,
    progress: Progress | None = None,
) -> Lack:
    """Return the items of a catalogue that would unlock the most new looks, with those looks.

    Args:
        workspace: open.
        said: the days over which looks are counted; without a first day and without days of
            their own, the bundled week is.
        name: the wardrobe.
        n: how many items.
        progress: called with (steps done, steps).

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
        NoAnswer: WW-GAP-NONE, where nothing of the catalogue would unlock a look.
    """
    layer = workspace.layer(name)
    requests = [event for day in _counted(workspace, said, name) for event in day.events]
    not_on, nowhere = items_of(layer, said.exclude, ())
    del not_on
    requests = [replace(r, excluded=(*r.excluded, *nowhere)) for r in requests]
    found = gaps.gap(
        layer,
        requests,
        workspace.resources,
        n=n,
        admitted=lambda item: item not in nowhere,
        progress=progress,
    )
    if not found.offers:
        raise NoAnswer(
            "WW-GAP-NONE",
            "Nothing in the catalogue would unlock a new look.",
            note=f"{found.catalogue} items were weighed, {found.counted} of them with every look.",
            hint="Draw on another catalogue, or ask for other days."
            if found.catalogue
            else "There is no catalogue here: load one.",
            command="--from catalogue:NAME draws on one."
            if found.catalogue
            else "wearwhy load FILE --as FORMAT --into catalogue:NAME",
        )
    looks = {
        look.id: explain(new.layer, look, found.resources, trials=False)
        for offer in found.offers
        for new in offer.new
        for look in new.looks
    }
    return Lack(workspace.revision, found, looks, layer=layer)


def _counted(workspace: Workspace, said: Days, name: str | None) -> list[Asked]:
    """Return the days that a gap is counted over."""
    if said.stated or said.wishes.on is not None:
        return asked(workspace, said, name)
    if said.wishes.occasions or said.wishes.weather:
        return [Asked(date.min, workspace.ask(said.wishes, name).requests)]
    wishes = workspace.ask(replace(said.wishes, calendar=None), name).requests[0]
    days: dict[date, list[Request]] = {}
    for request in bundled_week(workspace.bundled):
        stated = replace(
            request, source=wishes.source, wearer=wishes.wearer, filters=wishes.filters
        )
        days.setdefault(request.date or date.min, []).append(stated)
    return [Asked(on, tuple(those)) for on, those in days.items()]


def _kept(
    workspace: Workspace,
    days: Sequence[Planned],
    name: str | None,
    *,
    taken: Sequence[NamedNode] | None = None,
) -> None:
    """Write the looks of a plan down, with what is planned before each and what is packed."""
    folder = workspace.looks(name)
    answers = [[look] for day in days for look in day.looks]
    remembered.remember_all(folder, answers, workspace.revision)
    for day in days:
        planned.keep(folder, day.looks, day.over, taken)


def _explained(
    workspace: Workspace,
    layer: Layer,
    days: Sequence[Planned],
    tried: int | None,
    *,
    taken: frozenset[Node] | None = None,
) -> tuple[ExplainedDay, ...]:
    resources = standing(workspace.resources, workspace.resources.index(layer))
    looks = [
        replace(_one(part.layer, look, resources, tried), taken=taken)
        for day in days
        for part, look in zip(day.parts, day.looks, strict=True)
    ]
    row = list(in_a_row(looks))
    found = []
    for day in days:
        found.append(ExplainedDay(day, tuple(row[: len(day.looks)])))
        row = row[len(day.looks) :]
    return tuple(found)


def _one(layer: Layer, look: Look, resources: Resources, tried: int | None) -> ExplainedLook:
    return explain(layer, look, resources, trials=tried != 0, most=tried)
