"""From words and files to the days of a plan: what each is for, what is worn or washed on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from wearwhy.errors import InputError, UnknownName
from wearwhy.outfit.span import Asked
from wearwhy.rdf import NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.workspace import find
from wearwhy.workspace.asking import Wishes, parse_day

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

MOST: Final = 31
WEEKDAYS: Final = (
    ("monday", "mon", "周一", "星期一"),
    ("tuesday", "tue", "周二", "星期二"),
    ("wednesday", "wed", "周三", "星期三"),
    ("thursday", "thu", "周四", "星期四"),
    ("friday", "fri", "周五", "星期五"),
    ("saturday", "sat", "周六", "星期六"),
    ("sunday", "sun", "周日", "星期日"),
)


@dataclass(frozen=True, slots=True)
class Days:
    """What a person says of several days, in words.

    Attributes:
        wishes: of each day; `on` is the first. Its occasions are for the days that the calendar
            says nothing of.
        count: how many days.
        usual: what such a day is for, where no occasion is stated.
        stated: days of their own, each `DATE=OCCASION, OCCASION: WEATHER`; then there are no others.
        lock: `ITEM`, to be worn on some day, or `DATE=ITEM`.
        exclude: `ITEM`, worn on no day, or `DATE=ITEM`.
        wash: days of washing: a weekday, or a date.
    """

    wishes: Wishes
    count: int = 7
    usual: str = "everyday"
    stated: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    wash: tuple[str, ...] = ()


def asked(workspace: Workspace, said: Days, name: str | None = None) -> list[Asked]:
    """Return the days that words mean, each with what it is for.

    Raises:
        InputError: WW-DAYS-FIRST, without a first day; WW-DAYS-COUNT, none or too many; WW-DAY-WORDS.
        UnknownName, ValueRefused: naming what was not understood.
    """
    if said.stated:
        return [_stated(workspace, said, text, name) for text in said.stated]
    first = said.wishes.on
    if first is None:
        raise InputError(
            "WW-DAYS-FIRST",
            "It is not said which day is the first.",
            hint="Say its date.",
            command="--date YYYY-MM-DD says it.",
        )
    if not 1 <= said.count <= MOST:
        raise InputError(
            "WW-DAYS-COUNT",
            f"{said.count} days cannot be planned.",
            hint=f"Ask for one to {MOST}.",
        )
    return [_day(workspace, said, first + timedelta(days=n), name) for n in range(said.count)]


def _day(workspace: Workspace, said: Days, on: date, name: str | None) -> Asked:
    bare = replace(said.wishes, on=on, occasions=(), lock=(), exclude=())
    found = workspace.ask(bare, name)
    if not any(request.occasions for request in found.requests):
        usual = said.wishes.occasions or (said.usual,)
        unread = found.unrecognised
        found = workspace.ask(replace(bare, occasions=usual), name)
        return Asked(on, found.requests, unread)
    return Asked(on, found.requests, found.unrecognised)


def _stated(workspace: Workspace, said: Days, text: str, name: str | None) -> Asked:
    when, equals, rest = text.partition("=")
    about, colon, weather = rest.partition(":")
    occasions = tuple(word.strip() for word in about.split(",") if word.strip())
    if not equals or not occasions:
        raise InputError(
            "WW-DAY-WORDS",
            f"'{text}' is no day.",
            hint='Write the date, = and what it is for, such as "2026-11-24=office, dinner: 8C rain".',
        )
    wishes = replace(
        said.wishes,
        on=parse_day(when.strip()),
        calendar=None,
        weather=weather.strip() if colon and weather.strip() else said.wishes.weather,
        lock=(),
        exclude=(),
    )
    # Each occasion is a part of the day by itself: one look may serve them all, and need not.
    events = [
        workspace.ask(replace(wishes, occasions=(occasion,)), name).requests[0]
        for occasion in occasions
    ]
    return Asked(events[0].date or date.min, tuple(events))


def items_of(
    layer: Layer, texts: Iterable[str], days: Sequence[Asked]
) -> tuple[dict[date, list[NamedNode]], list[NamedNode]]:
    """Return the items that are some day's, and those that are no day's in particular."""
    by_day: dict[date, list[NamedNode]] = {}
    free: list[NamedNode] = []
    known = [day.on for day in days]
    for text in texts:
        when, equals, item = text.partition("=")
        if not equals:
            free.append(find.item(layer, text))
            continue
        on = parse_day(when.strip())
        if on not in known:
            raise InputError(
                "WW-DAY-OUTSIDE",
                f"{on} is none of the days that are planned.",
                hint=f"They are {known[0]} to {known[-1]}." if known else "Name the item alone.",
            )
        by_day.setdefault(on, []).append(find.item(layer, item.strip()))
    return by_day, free


def with_items(day: Asked, locked: Sequence[NamedNode], excluded: Sequence[NamedNode]) -> Asked:
    """Return a day of which each request locks and excludes some items more."""
    events = tuple(
        replace(
            event,
            locked=tuple(dict.fromkeys((*event.locked, *locked))),
            excluded=tuple(dict.fromkeys((*event.excluded, *excluded))),
        )
        for event in day.events
    )
    return replace(day, events=events)


def washing(texts: Iterable[str], days: Sequence[date]) -> frozenset[date]:
    """Return the days that texts name: each of a weekday's, or a date.

    Raises:
        UnknownName: WW-WASH-DAY, for a word that is neither.
    """
    found: set[date] = set()
    for text in texts:
        word = text.strip().casefold()
        number = next((n for n, names in enumerate(WEEKDAYS) if word in names), None)
        if number is not None:
            found.update(day for day in days if day.weekday() == number)
        elif word[:1].isdigit():
            found.add(parse_day(word))
        else:
            raise UnknownName(
                "WW-WASH-DAY",
                f"'{text}' is no day of washing.",
                hint="Write a weekday such as saturday, or a date.",
            )
    return frozenset(found)
