"""Days of a calendar that was sent: its entries by day, and as the file that a plan reads.

The file is of our own making: what was sent is never handed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from wearwhy.service.caller import Caller
from wearwhy.service.service import Service
from wearwhy.service.uploads import operations
from wearwhy.service.wishing import Event

DATED: Final = frozenset(("week", "pack"))
"""The kinds of long work whose days may be for what a calendar says."""
USUAL: Final = 7
"""How many days are planned where nobody says."""
WRITTEN: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When an entry was written down: a calendar must say so, and nobody asks."""
Entries = Mapping[date, Sequence[Event]]


def entries_from(
    service: Service, caller: Caller, calendar: str, first: date, count: int
) -> Entries:
    """Return the entries of some days of a calendar by day, from the first one on; none without one.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
        InputError: WW-UPLOAD-NO-CALENDAR.
        ValueRefused: WW-CALENDAR-RANGE.
    """
    if not calendar:
        return {}
    found: dict[date, Sequence[Event]] = {}
    for n in range(count):  # day by day: a calendar ends before days do
        day = first + timedelta(days=n)
        found[day] = operations.events(service, caller, calendar, day)
    return found


def as_file(entries: Entries) -> bytes:
    """Return entries as an .ics file; each once, though it touches several days."""
    import icalendar  # noqa: PLC0415  # slow, and few plan by a calendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//wearwhy//EN")
    calendar.add("version", "2.0")
    seen: set[tuple[date | None, Event]] = set()
    for day, events in entries.items():
        for event in events:
            # What lasts the day has no times: it stands on each of its days.
            key = (day if event.start is None else None, event)
            if key in seen:
                continue
            seen.add(key)
            one = icalendar.Event()
            one.add("uid", f"{len(seen)}@wearwhy")
            one.add("dtstamp", WRITTEN)
            one.add("summary", event.summary)
            one.add("location", event.location)
            one.add("dtstart", event.start or day)
            one.add("dtend", event.end or day + timedelta(days=1))
            calendar.add_component(one)
    text: bytes = calendar.to_ical()
    return text
