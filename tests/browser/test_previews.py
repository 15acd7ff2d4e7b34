"""What the page tells of a change before it is made: all that REST tells, in both languages."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.service.people_given import client, made, people, service

from wearwhy.feeds.calendar import read_calendar
from wearwhy.http.page import items as page_items
from wearwhy.rdf import WW
from wearwhy.service.items import correct
from wearwhy.service.tasks.dated import as_file
from wearwhy.service.uploads import operations
from wearwhy.service.wishing import Event

__all__ = ["client", "made", "people", "service"]  # fixtures
Headers = dict[str, str]
COAT = "/page/items/id:adas/x"
WINTER = {"property": "ww:suitsSeason", "value": "winter"}


def _said(text: str) -> str:
    """Return what a page says from the preview on, without its tags."""
    _, _, after = text.partition('<section id="change"')
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", after))


@pytest.fixture
def ada(client: TestClient, people: dict[str, Headers]) -> Headers:
    """Ada, whose coat is warm: rules conclude that it suits winter."""
    about = {"do": "save", "property": "ww:warmth", "value": "warm"}
    answer = client.post(COAT, headers=people["ada"], data=about, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return people["ada"]


@pytest.mark.parametrize(
    ("language", "head", "stands", "count"),
    [
        (
            "en",
            "Facts that stay, of another kind or certainty",
            r"concluded by “what is warm suits winter” becomes → said",
            "One fact stays and stands otherwise.",
        ),
        (
            "zh",
            "保留但类别或把握有变的事实",
            r"推论 依据“保暖衣物宜冬季” 变为 → 陈述",
            "一条事实保留",
        ),
    ],
    ids=["en", "zh"],
)
def test_a_fact_that_is_said_now_and_was_concluded_is_told(
    client: TestClient, ada: Headers, *, language: str, head: str, stands: str, count: str
) -> None:
    rest = client.patch(
        "/items/x?preview=true",
        headers=ada,
        json={"values": {"ww:suitsSeason": ["winter"]}},
    )
    assert rest.status_code == 200, rest.text
    (shift,) = rest.json()["facts"]["shifted"]
    assert (shift["before"]["kind"], shift["after"]["kind"]) == ("derived", "asserted")
    page = client.post(f"{COAT}?lang={language}", headers=ada, data={"do": "preview", **WINTER})
    assert page.status_code == 200
    told = _said(page.text)
    assert head in told
    assert re.search(stands, told), told
    assert count in told


def _with(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    """Let previews of items hold something more than they do."""

    def told(*given: Any, **named: Any) -> Any:
        return {**correct(*given, **named), **more}

    monkeypatch.setattr(page_items, "correct", told)


REQUEST = {"id": "x", "occasions": [WW["occasion-office"].value], "date": "2026-11-24"}


@pytest.mark.parametrize(
    ("language", "strayed", "lost", "found"),
    [
        (
            "en",
            "Other looks, but not by this change",
            "office, 2026-11-24: no look any more. Nothing warms.",
            "office, 2026-11-24: looks at last. So far: Nothing warms.",
        ),
        (
            "zh",
            "搭配不同，但与此更改无关",
            "2026-11-24的“上班”：不再有搭配。没有合适的搭配。 Nothing warms.",
            "2026-11-24的“上班”：终于有搭配。此前：没有合适的搭配。 Nothing warms.",
        ),
    ],
    ids=["en", "zh"],
)
def test_what_strays_and_what_falls_silent_is_told(
    client: TestClient,
    ada: Headers,
    monkeypatch: pytest.MonkeyPatch,
    *,
    language: str,
    strayed: str,
    lost: str,
    found: str,
) -> None:
    error = {"code": "WW-LOOK-NONE", "message": "Nothing warms.", "note": "", "hint": ""}
    _with(
        monkeypatch,
        strayed=[REQUEST],
        silenced=[
            {"request": REQUEST, "before": None, "after": error},
            {"request": REQUEST, "before": error, "after": None},
        ],
    )
    page = client.post(f"{COAT}?lang={language}", headers=ada, data={"do": "preview", **WINTER})
    told = _said(page.text)
    assert strayed in told
    assert lost in told
    assert found in told


def test_what_changes_nothing_says_so(client: TestClient, ada: Headers) -> None:
    same = {"do": "preview", "property": "ww:warmth", "value": "warm"}
    told = _said(client.post(COAT, headers=ada, data=same).text)
    assert "Nothing would change" in told
    assert "Gained" not in told


def test_properties_are_named_in_the_language_of_the_page(client: TestClient, ada: Headers) -> None:
    for language, said, not_said in (
        ("en", "accent colour", "accentColour"),
        ("zh", "点缀色", "accent"),
    ):
        text = client.get(f"/page/add?lang={language}", headers=ada).text
        options = re.findall(r"<option value=\"ww:accentColour\">([^<]*)", text)
        assert set(options) == {said}, not_said
        first, second = re.findall(r"<optgroup label=\"[^\"]*\">(.*?)</optgroup>", text, re.DOTALL)[
            :2
        ]
        assert 'value="ww:colour"' in first
        assert 'value="ww:suitsSeason"' in second


def _at(day: int, hour: int) -> datetime:
    """Return a moment by the clock on the wall."""
    return datetime(2026, 11, day, hour)  # noqa: DTZ001


def test_entries_become_a_file_that_reads_the_same(tmp_path: Path) -> None:
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    party = Event("Dinner, “late”;\nwith friends", _at(23, 21), _at(24, 2), "Café")
    trip, run = Event("出差"), Event("Run", _at(24, 7), _at(24, 8))
    path = tmp_path / "own.ics"
    path.write_bytes(as_file({monday: (party, trip), tuesday: (party, trip, run)}))
    found = read_calendar(path)
    assert sorted(found.summaries()) == sorted([party.summary, trip.summary, trip.summary, "Run"])
    for day, events in ((monday, (party, trip)), (tuesday, (party, trip, run))):
        entries = {
            one.summary: (
                (None, None) if one.all_day else (one.start, one.end),
                one.location,
            )
            for one in found.entries(day)
        }
        assert entries == {e.summary: ((e.start, e.end), e.location) for e in events}


@pytest.mark.parametrize(
    ("room", "goes"),
    [("week", "/page/week"), ("pack", "/page/pack"), ("", "/page/looks"), ("//e.x", "/page/looks")],
)
def test_a_calendar_leads_back_to_its_room_with_what_was_filled_in(
    client: TestClient,
    people: dict[str, Headers],
    monkeypatch: pytest.MonkeyPatch,
    room: str,
    goes: str,
) -> None:
    async def sent(*_: Any, **__: Any) -> Any:
        return {"id": "upload-1"}

    monkeypatch.setattr(operations, "send", sent)
    answer = client.post(
        f"/page/looks/calendar?room={room}",
        headers=people["ada"],
        data={"days": "3", "occasion": "ww:occasion-office", "lock": ["w1", "w2"], "csrf": "c"},
        files={"file": ("mine.ics", b"BEGIN:VCALENDAR", "text/calendar")},
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
    path, _, query = answer.headers["location"].partition("?")
    assert path == goes
    assert query == (
        "occasion=ww%3Aoccasion-office&days=3&lock=w1&lock=w2&calendar=upload-1&done=calendar"
    )
