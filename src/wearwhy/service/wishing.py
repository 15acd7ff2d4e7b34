"""What a request says, as it comes from outside: words and figures, never the name of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from wearwhy.errors import InputError, ValueRefused
from wearwhy.feeds import weather as weathers
from wearwhy.feeds.calendar import Entry
from wearwhy.feeds.names import Names
from wearwhy.feeds.weather import COLDEST, HOTTEST, Weather
from wearwhy.outfit.decoding.ways import Decoding
from wearwhy.outfit.filters import Filters
from wearwhy.outfit.request import NO_FILTERS
from wearwhy.rdf import WW
from wearwhy.workspace.asking import Wishes, concept

MOST_LOOKS: Final = 50
MOST_NAMES: Final = 200
LONGEST: Final = 500
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of a calendar; without a start it lasts the day."""

    summary: str
    start: datetime | None = None
    end: datetime | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The weather in figures: °C, mm, km/h; conditions are words of the weather scheme."""

    temperature: float | None = None
    low: float | None = None
    high: float | None = None
    rainfall: float | None = None
    wind: float | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wishes to be dressed for.

    Attributes:
        occasions: labels of occasions, in any language of the ontology.
        on: the day.
        weather: words such as `8C rain wind 20km/h`, or figures.
        calendar: entries of that day.
        lock, exclude: items that every look has, and that none has.
        source: `owned`, `catalogue:NAME` or `both`.
        n: how many looks.
        part: the part of the day.
        dress_code: a stated dress code.
        wearer: who dresses: an id, a name or an IRI.
        filters: what of a catalogue is not drawn on.
        decode: `beam`, `greedy` or `sample`.
        temperature, seed: of sampling.
    """

    occasions: tuple[str, ...] = ()
    on: date | None = None
    weather: str | Report | None = None
    calendar: tuple[Event, ...] = ()
    lock: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source: str = "owned"
    n: int = 3
    part: str | None = None
    dress_code: str | None = None
    wearer: str | None = None
    filters: Filters = NO_FILTERS
    decode: str = "beam"
    temperature: float = 0.1
    seed: int = 0


def wishes(wish: Wish, names: Names) -> Wishes:
    """Return a wish in the engine's own words.

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
    """
    if not 1 <= wish.n <= MOST_LOOKS:
        raise ValueRefused("WW-LOOK-COUNT", f"Ask for one to {MOST_LOOKS} looks, not for {wish.n}.")
    require_short(wish.occasions, wish.lock, wish.exclude)
    require_short(wish.filters.sizes, wish.filters.brands, wish.filters.not_brands)
    require_short([t for t in (wish.source, wish.part, wish.dress_code, wish.wearer) if t])
    return Wishes(
        occasions=wish.occasions,
        on=wish.on,
        weather=_weather(wish.weather, names),
        calendar=_entries(wish),
        lock=wish.lock,
        exclude=wish.exclude,
        source=wish.source,
        n=wish.n,
        part=wish.part or None,
        dress_code=wish.dress_code or None,
        wearer=wish.wearer or None,
        filters=wish.filters,
    )


def decoding(wish: Wish) -> Decoding | None:
    """Return the decoding that a wish asks for; None for the default.

    Raises:
        ValueRefused: WW-DECODING-WAY, WW-DECODING-TEMPERATURE.
    """
    return None if wish.decode == "beam" else Decoding(wish.decode, wish.temperature, wish.seed)


def require_short(*texts: Sequence[str]) -> None:
    """Refuse more names, or longer ones, than anybody means.

    Raises:
        ValueRefused: WW-NAMES-MANY, WW-NAME-LONG.
    """
    for those in texts:
        if len(those) > MOST_NAMES:
            raise ValueRefused(
                "WW-NAMES-MANY", f"Name {MOST_NAMES} things at most, not {len(those)}."
            )
        for text in those:
            if len(text) > LONGEST:
                raise ValueRefused(
                    "WW-NAME-LONG", f"A name has {LONGEST} characters at most, not {len(text):,}."
                )


def _weather(said: str | Report | None, names: Names) -> Weather | None:
    if isinstance(said, str):
        require_short([said])
        return weathers.said(said, names) if said.strip() else None
    if said is None:
        return None
    low, high = said.low, said.high
    for value in (said.temperature, low, high):
        if value is not None and not COLDEST <= value <= HOTTEST:
            raise InputError(
                "WW-WEATHER-RANGE",
                f"{value:g} °C was never measured on earth.",
                hint=f"Temperatures from {COLDEST:g} to {HOTTEST:g} °C are read.",
            )
    for value in (said.rainfall, said.wind):
        if value is not None and not 0 <= value <= 2000:
            raise InputError("WW-WEATHER-RANGE", f"{value:g} is no rainfall (mm) or wind (km/h).")
    if low is not None and high is not None and low > high:
        low, high = high, low
    middle = said.temperature
    if middle is None and low is not None and high is not None:
        middle = (low + high) / 2
    require_short(said.conditions)
    scheme = WW["weather-scheme"]
    return Weather(
        temperature=middle,
        low=middle if low is None else low,
        high=middle if high is None else high,
        rainfall=said.rainfall,
        wind=said.wind,
        conditions=tuple(
            dict.fromkeys(
                concept(names, text, scheme, "a word for the weather") for text in said.conditions
            )
        ),
    )


def _entries(wish: Wish) -> tuple[Entry, ...] | None:
    if not wish.calendar:
        return None
    if wish.on is None:
        raise InputError("WW-CALENDAR-DAY", "A calendar needs a day: say the date.")
    if len(wish.calendar) > MOST_NAMES:
        raise ValueRefused("WW-NAMES-MANY", f"Name {MOST_NAMES} entries of a day at most.")
    midnight = datetime.combine(wish.on, time())
    entries = []
    for event in wish.calendar:
        require_short([event.summary, event.location])
        start = event.start or midnight
        end = event.end or (start + timedelta(hours=1) if event.start else midnight + _DAY)
        entries.append(
            Entry(event.summary, start, end, event.location, all_day=event.start is None)
        )
    return tuple(sorted(entries, key=lambda one: (str(one.start)[:19], one.summary)))


def dressing(wish: Wish, given: Sequence[str]) -> Wish:
    """Return a wish whose looks are to have some items, and those that it locks."""
    return replace(wish, lock=tuple(dict.fromkeys((*given, *wish.lock))))
