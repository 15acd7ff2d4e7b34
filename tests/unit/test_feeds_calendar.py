from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.feeds_given import shared, small, whole

from wearwhy.errors import FormatError
from wearwhy.feeds.calendar import occasions, part_of_day, read_calendar, readings
from wearwhy.feeds.names import local

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n"
TAIL = "END:VCALENDAR\r\n"


def event(summary: str, start: str, end: str, *more: str) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{summary}{start}", f"SUMMARY:{summary}", f"DTSTART{start}", f"DTEND{end}", *more, "END:VEVENT", ""]  # fmt: skip
    return "\r\n".join(lines)


def calendar(folder: Path, *events: str) -> Path:
    path = folder / "c.ics"
    path.write_text(HEAD + "".join(events) + TAIL, "utf-8", newline="")
    return path


DAY = date(2026, 11, 24)


def test_a_day_has_its_timed_all_day_and_recurring_entries(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("Work", ":20261103T090000", ":20261103T170000", "RRULE:FREQ=WEEKLY"),
        event("Dinner", ":20261124T193000", ":20261124T220000", "LOCATION:Bistro"),
        event("Fair", ";VALUE=DATE:20261123", ";VALUE=DATE:20261125"),
        event("Off", ":20261124T080000", ":20261124T090000", "STATUS:CANCELLED"),
        event("Next", ";VALUE=DATE:20261125", ";VALUE=DATE:20261126"),
    )
    found = read_calendar(path).entries(DAY)
    assert [(e.summary, e.all_day) for e in found] == [
        ("Fair", True), ("Work", False), ("Dinner", False),
    ]  # fmt: skip
    assert found[2].location == "Bistro"


def test_an_entry_counts_on_the_day_of_the_zone_that_is_asked_about(tmp_path: Path) -> None:
    path = calendar(tmp_path, event("Call", ":20261124T233000Z", ":20261125T000000Z"))
    read = read_calendar(path)
    assert len(read.entries(DAY)) == 1
    assert read.entries(DAY, ZoneInfo("Europe/Berlin")) == ()
    assert len(read.entries(date(2026, 11, 25), ZoneInfo("Europe/Berlin"))) == 1


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("work", "office"),
        ("Arbeitseinsatz Part2", "office"),
        ("Business meeting at work", "business-meeting office"),
        ("Networking", ""),
        ("和王总的会议", "business-meeting"),
        ("machBar Weihnachtsfeier", "celebration"),
        ("Haircut", ""),
    ],
)
def test_words_of_an_entry_become_occasions_and_nothing_is_guessed(
    summary: str, expected: str
) -> None:
    found = occasions(summary, small())
    assert " ".join(local(node).removeprefix("occasion-") for node in found) == expected


def test_the_part_of_the_day_follows_the_hours_of_the_scheme(tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        event("Work", ":20261124T090000", ":20261124T170000"),
        event("Dinner", ":20261124T193000", ":20261124T220000"),
        event("Party", ":20261124T233000", ":20261125T020000"),
        event("Fair", ";VALUE=DATE:20261124", ";VALUE=DATE:20261125"),
    )
    found = readings(read_calendar(path), DAY, small())
    parts = [local(r.part).removeprefix("part-of-day-") if r.part else "" for r in found]
    assert parts == ["", "morning", "evening", "night"]
    assert part_of_day(found[0].entry, small()) is None


@pytest.mark.parametrize(
    "text",
    ["BEGIN:VCALENDAR", "no calendar", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "BEGIN:A\r\nEND:B\r\n"],
)
def test_what_is_no_calendar_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.ics"
    path.write_text(text)
    with pytest.raises(FormatError):
        read_calendar(path)


def test_an_entry_without_a_start_is_refused_when_a_day_is_asked_for(tmp_path: Path) -> None:
    path = calendar(tmp_path, "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:x\r\nEND:VEVENT\r\n")
    with pytest.raises(FormatError):
        read_calendar(path).entries(DAY)


@pytest.mark.parametrize(
    ("file", "entries", "recognised"),
    [
        ("Germany.ics", 159, 1.0),
        ("fablab_cottbus.ics", 28, 0.5),
        ("machbar_16_feb_2019.ics", 64, 0.6),
        ("issue_223_thunderbird.ics", 3, 0.0),
    ],
)
def test_every_entry_of_the_real_calendars_is_read(
    file: str, entries: int, recognised: float
) -> None:
    found = read_calendar(shared("calendars") / file)
    said = found.summaries()
    assert len(said) == entries
    known = [text for text in said if occasions(text, whole())]
    share = len(known) / len(said)
    strange = sorted(set(said) - set(known))
    assert share >= recognised, f"{share:.2f} recognised; not: {strange}"
    for entry in found.tree.walk("VEVENT"):
        start = entry.decoded("DTSTART")
        day = date(start.year, start.month, start.day)
        assert found.entries(day), f"{file} has nothing on {day}"


def test_a_real_christmas_day_is_a_public_holiday() -> None:
    found = readings(read_calendar(shared("calendars/Germany.ics")), date(2019, 12, 25), whole())
    assert [[local(node) for node in reading.occasions] for reading in found] == [
        ["occasion-public-holiday"]
    ]
