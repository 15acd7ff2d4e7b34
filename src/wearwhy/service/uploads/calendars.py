"""A calendar unfolded into single entries: plain words and times, with nothing left to repeat."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from wearwhy.errors import FormatError, TooLarge
from wearwhy.feeds.calendar import Calendar, Entry, read_calendar
from wearwhy.service.uploads.held import held
from wearwhy.service.uploads.limits import BOUNDS, DAYS, Bounds, Kind

Json: TypeAlias = dict[str, Any]
_WORDS: Final = 300
_TOO_OFTEN: Final = frozenset(("SECONDLY", "MINUTELY"))


_ZONES: Final[list[ZoneInfo]] = []


_SAMPLE: Final = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Of our own
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1
SUMMARY:dinner
DTSTART;TZID=Europe/Berlin:20261124T190000
RRULE:FREQ=DAILY;COUNT=3
EXDATE;TZID=Europe/Berlin:20261125T190000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:lunch
DTSTART;TZID=Of our own:20261124T120000
DURATION:PT1H
RDATE;TZID=Of our own:20261126T120000
END:VEVENT
END:VCALENDAR
"""
"""What reads a calendar opens files of its own when zones, or exceptions, first come up."""


def prepare() -> None:
    """Read every time zone, and a calendar with all sorts of things: no file can be opened later."""
    _ZONES.extend(ZoneInfo(name) for name in sorted(available_timezones()))
    text = _SAMPLE.replace("\n", "\r\n")
    unfolded(held(".ics", text.encode()), "2026-11-24", BOUNDS[Kind.CALENDAR])


def unfolded(path: Path, today: str, bounds: Bounds) -> Json:
    """Return the entries of a calendar between `DAYS` around a day.

    Returns:
        `{"from", "to", "entries": [{"summary", "location", "start", "end", "all_day"}]}`, times in
        the calendar's own zones, without them; sorted by start.

    Raises:
        FormatError: WW-CALENDAR-FORMAT, WW-CALENDAR-OFTEN.
        TooLarge: WW-CALENDAR-ENTRIES.
    """
    calendar = read_calendar(path)
    _require_seldom(calendar)
    day = date.fromisoformat(today)
    first, last = day + timedelta(days=DAYS[0]), day + timedelta(days=DAYS[1])
    found: dict[tuple[str, str, str], Entry] = {}
    at = first
    while at <= last:
        for entry in calendar.entries(at):
            found[str(entry.start), str(entry.end), entry.summary] = entry
        if len(found) > bounds.rows:
            raise TooLarge(
                "WW-CALENDAR-ENTRIES",
                f"The calendar has more than {bounds.rows:,} entries from {first} to {last}.",
                hint="Export fewer calendars at a time.",
            )
        at += timedelta(days=1)
    entries = [_plain(entry) for _, entry in sorted(found.items())]
    return {"from": first.isoformat(), "to": last.isoformat(), "entries": entries}


def _require_seldom(calendar: Calendar) -> None:
    for event in calendar.tree.walk("VEVENT"):
        rule = event.get("RRULE")
        rules = rule if isinstance(rule, list) else [rule] if rule is not None else []
        for one in rules:
            often = {str(word).upper() for word in one.get("FREQ", ())} & _TOO_OFTEN
            if any(isinstance(n, int) and n < 1 for n in one.get("INTERVAL", ())):
                raise FormatError(
                    "WW-CALENDAR-OFTEN",
                    "An entry recurs after no time at all.",
                    note="An interval is at least 1.",
                )
            if often:
                raise FormatError(
                    "WW-CALENDAR-OFTEN",
                    f"An entry recurs {often.pop().lower()}.",
                    note="Entries may recur hourly at most.",
                )


def _plain(entry: Entry) -> Json:
    return {
        "summary": entry.summary[:_WORDS],
        "location": entry.location[:_WORDS],
        "start": entry.start.replace(tzinfo=None).isoformat(),
        "end": entry.end.replace(tzinfo=None).isoformat(),
        "all_day": entry.all_day,
    }
