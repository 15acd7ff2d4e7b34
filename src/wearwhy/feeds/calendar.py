"""What a calendar says about a day: its entries, and the occasions their words name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place
from wearwhy.feeds.forecast import in_part
from wearwhy.feeds.names import Names
from wearwhy.feeds.tables import read_text
from wearwhy.rdf import WW

if TYPE_CHECKING:
    import icalendar

SCHEME: Final = WW["occasion-scheme"]
PARTS: Final = WW["part-of-day-scheme"]

# What the calendar libraries raise for entries that are not what they should be.
_BROKEN: Final = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a day; times are in the calendar's own zone, `end` is exclusive."""

    summary: str
    start: datetime
    end: datetime
    location: str
    all_day: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry with what its words name; no occasions means that it was not recognised."""

    entry: Entry
    occasions: tuple[NamedNode, ...]
    part: NamedNode | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar file, read; recurrences are unfolded only for the days asked about."""

    file: str
    tree: icalendar.Component
    query: Any

    def entries(self, day: date, zone: tzinfo | None = None) -> tuple[Entry, ...]:
        """Return the entries that touch a day, by start, then summary; cancelled ones are left out.

        Args:
            day: The day.
            zone: The zone the day is meant in; without one each entry counts in its own.

        Raises:
            FormatError: WW-CALENDAR-FORMAT, where a recurrence cannot be unfolded.
        """
        try:
            found = self.query.between(day - timedelta(days=1), day + timedelta(days=2))
            entries = [
                _entry(event, zone)
                for event in found
                if str(event.get("STATUS", "")).upper() != "CANCELLED"
            ]
            on = [entry for entry in entries if _touches(entry, day)]
        except _BROKEN as error:
            raise _unreadable(self.file, error) from error
        return tuple(sorted(on, key=lambda entry: (str(entry.start)[:19], entry.summary)))

    def summaries(self) -> tuple[str, ...]:
        """Return the summaries of all entries, recurring ones once, in the file's order."""
        return tuple(str(event.get("SUMMARY", "")).strip() for event in self.tree.walk("VEVENT"))


def read_calendar(path: Path) -> Calendar:
    """Return the calendar of an .ics file.

    Raises:
        FormatError: WW-CALENDAR-FORMAT.
    """
    import icalendar  # noqa: PLC0415  # slow, and few read a calendar
    import recurring_ical_events  # noqa: PLC0415

    text, _ = read_text(path, ("utf-8-sig", "cp1252"))
    place = Place(path.name)
    try:
        trees = icalendar.Calendar.from_ical(text, multiple=True)
    except _BROKEN as error:
        raise FormatError(
            "WW-CALENDAR-FORMAT", "The file is no iCalendar.", note=str(error), place=place
        ) from error
    if not trees or any(tree.name != "VCALENDAR" for tree in trees):
        raise FormatError("WW-CALENDAR-FORMAT", "The file holds no VCALENDAR.", place=place)
    first = trees[0]
    for other in trees[1:]:
        for component in other.subcomponents:
            first.add_component(component)
    try:
        query = recurring_ical_events.of(first)
    except _BROKEN as error:
        raise _unreadable(path.name, error) from error
    return Calendar(path.name, first, query)


def _unreadable(file: str, error: Exception) -> FormatError:
    return FormatError(
        "WW-CALENDAR-FORMAT",
        "The calendar has an entry that cannot be read.",
        note=str(error),
        place=Place(file),
    )


def occasions(entry: Entry | str, names: Names) -> tuple[NamedNode, ...]:
    """Return the occasions whose labels stand in an entry's summary, else in its location.

    Labels match as whole words in any case, in Chinese as characters; the longest match wins.
    Nothing is guessed: an entry without a known word has no occasion.
    """
    texts = (entry,) if isinstance(entry, str) else (entry.summary, entry.location)
    for text in texts:
        hits = names.within(text, SCHEME)
        if hits:
            return tuple(dict.fromkeys(hit.node for hit in hits))
    return ()


def part_of_day(entry: Entry, names: Names) -> NamedNode | None:
    """Return the part of the day an entry starts in, by the scheme's hours; None for all day."""
    if entry.all_day:
        return None
    parts = names.members(PARTS)
    return next((part for part in parts if in_part(entry.start.hour, part, names)), None)


def readings(calendar: Calendar, day: date, names: Names) -> tuple[Reading, ...]:
    """Return a day's entries with their occasions and parts of the day."""
    return tuple(reading(entry, names) for entry in calendar.entries(day))


def reading(entry: Entry, names: Names) -> Reading:
    """Return an entry with its occasions and its part of the day."""
    return Reading(entry, occasions(entry, names), part_of_day(entry, names))


def _entry(event: icalendar.Event, zone: tzinfo | None) -> Entry:
    return Entry(
        summary=str(event.get("SUMMARY", "")).strip(),
        start=_moment(event.start, zone),
        end=_moment(event.end, zone),
        location=str(event.get("LOCATION", "")).strip(),
        all_day=not isinstance(event.start, datetime),
    )


def _moment(value: date | datetime, zone: tzinfo | None) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a day has no zone)
    return value.astimezone(zone) if zone is not None and value.tzinfo is not None else value


def _touches(entry: Entry, day: date) -> bool:
    first, last = entry.start.date(), entry.end.date()
    ends_at_midnight = entry.end > entry.start and entry.end.time() == entry.end.min.time()
    if ends_at_midnight:
        last -= timedelta(days=1)
    return first <= day <= max(first, last)
