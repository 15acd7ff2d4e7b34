"""From words and files to a request: occasions, weather, calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from wearwhy.errors import InputError, UnknownName, ValueRefused
from wearwhy.feeds.calendar import Entry, Reading, read_calendar, readings
from wearwhy.feeds.calendar import reading as reading_of
from wearwhy.feeds.forecast import read_weather
from wearwhy.feeds.names import Names
from wearwhy.feeds.weather import Codes, Weather, said
from wearwhy.outfit.filters import Filters
from wearwhy.outfit.request import NO_FILTERS, Request
from wearwhy.rdf import WW, NamedNode, expand
from wearwhy.rules.layer import Layer
from wearwhy.workspace import find, wearers

OCCASIONS = WW["occasion-scheme"]
PARTS = WW["part-of-day-scheme"]
DRESS_CODES = WW["dress-code-scheme"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says of a request, in words.

    Attributes:
        occasions: labels of occasions, in any language of the ontology.
        on: the day.
        weather: words such as `8C rain wind 20km/h`, or the path of a weather file; or what such
            words mean, and then no file is looked for.
        calendar: the path of an .ics file; or the entries of the day.
        lock: items that every look has.
        exclude: items that no look has.
        source: `owned`, `catalogue:NAME` or `both`.
        n: how many looks.
        part: the part of the day.
        dress_code: a stated dress code.
        wearer: who dresses: an id, a name or an IRI.
        filters: what of a catalogue is not drawn on.
    """

    occasions: tuple[str, ...] = ()
    on: date | None = None
    weather: str | Weather | None = None
    calendar: Path | tuple[Entry, ...] | None = None
    lock: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source: str = "owned"
    n: int = 3
    part: str | None = None
    dress_code: str | None = None
    wearer: str | None = None
    filters: Filters = NO_FILTERS


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests that wishes come to, one for each part of the day, and what was not read.

    Attributes:
        requests: at least one; several where the calendar names several parts of the day.
        unrecognised: the words of calendar entries that name no known occasion.
    """

    requests: tuple[Request, ...]
    unrecognised: tuple[str, ...] = ()


def concept(names: Names, text: str, scheme: NamedNode, what: str) -> NamedNode:
    """Return the concept of a scheme that a text names.

    Raises:
        UnknownName: WW-CONCEPT-UNKNOWN, with the nearest label.
    """
    if find.looks_like_iri(text):
        return expand(text)
    found = names.find(text, scheme)
    if found is None:
        near = names.nearest(text, scheme)
        raise UnknownName(
            "WW-CONCEPT-UNKNOWN",
            f"'{text}' is not {what}.",
            hint=f"Did you mean '{near}'?" if near else wearers.known_of(names, scheme),
        )
    return found


def parse_day(text: str) -> date:
    """Return the day that an ISO 8601 text names.

    Raises:
        ValueRefused: WW-DATE.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueRefused(
            "WW-DATE",
            f"'{text}' is not a day.",
            note=f"{error}.",
            hint="Write year-month-day, such as 2026-11-24.",
        ) from error


def weather_of(
    names: Names, folder: Path, text: str, day: date | None, part: NamedNode | None = None
) -> Weather:
    """Return the weather that a text says or a file holds for a day.

    Raises:
        InputError: WW-WEATHER-DAY, a file without a day; and what the readers raise.
    """
    path = Path(text)
    if path.suffix.lower() in (".csv", ".json", ".tsv") or path.is_file():
        if day is None:
            raise InputError("WW-WEATHER-DAY", "A weather file needs a day: say the date.")
        codes = Codes.read(folder / "kg" / "mappings" / "wmo-codes.toml", names)
        if part is not None and path.suffix.lower() == ".json":
            return read_weather(path, day, names, codes, part)
        return read_weather(path, day, names, codes)
    return said(text, names)


def _entries(wishes: Wishes, names: Names) -> tuple[tuple[Reading, ...], tuple[str, ...]]:
    if wishes.calendar is None:
        return (), ()
    if isinstance(wishes.calendar, tuple):
        found = tuple(reading_of(entry, names) for entry in wishes.calendar)
    elif wishes.on is None:
        raise InputError("WW-CALENDAR-DAY", "A calendar needs a day: say the date.")
    else:
        found = readings(read_calendar(wishes.calendar), wishes.on, names)
    return (
        tuple(r for r in found if r.occasions),
        tuple(r.entry.summary for r in found if not r.occasions),
    )


def asked(wishes: Wishes, layer: Layer, names: Names, folder: Path) -> Asked:
    """Return the requests that wishes come to: one for each part of the day that has events.

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
    """
    known, unrecognised = _entries(wishes, names)
    occasions = [concept(names, o, OCCASIONS, "an occasion") for o in wishes.occasions]
    part = concept(names, wishes.part, PARTS, "a part of the day") if wishes.part else None
    code = (
        concept(names, wishes.dress_code, DRESS_CODES, "a dress code")
        if wishes.dress_code
        else None
    )

    def request(
        about: Sequence[NamedNode], of: NamedNode | None, entries: Sequence[str]
    ) -> Request:
        weather = wishes.weather
        if not isinstance(weather, Weather):
            weather = weather_of(names, folder, weather, wishes.on, of) if weather else None
        return Request(
            occasions=tuple(dict.fromkeys(about)),
            date=wishes.on,
            weather=weather,
            wearer=wearers.wearer(layer, wishes.wearer) if wishes.wearer else None,
            locked=tuple(find.item(layer, text) for text in wishes.lock),
            excluded=tuple(find.item(layer, text) for text in wishes.exclude),
            source=wishes.source,
            n=wishes.n,
            part_of_day=of,
            dress_code=code,
            entries=tuple(entries),
            filters=wishes.filters,
        )

    parts: dict[NamedNode, list[Reading]] = {}
    for reading in known:
        if reading.part is not None:
            parts.setdefault(reading.part, []).append(reading)
    if len(parts) < 2 or part is not None:
        everything = [*occasions, *(o for reading in known for o in reading.occasions)]
        of = part or (next(iter(parts)) if len(parts) == 1 else None)
        whole = request(everything, of, [r.entry.summary for r in known])
        return Asked((whole,), unrecognised)
    events = [
        request(
            [*occasions, *(o for r in those for o in r.occasions)],
            of,
            [r.entry.summary for r in those],
        )
        for of, those in parts.items()
    ]
    return Asked(tuple(events), unrecognised)
