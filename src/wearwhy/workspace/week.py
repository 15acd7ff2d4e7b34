"""The bundled week: requests that show what a change would do to the looks of a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from wearwhy.feeds.calendar import read_calendar, readings
from wearwhy.feeds.forecast import read_weather
from wearwhy.feeds.weather import Codes
from wearwhy.outfit.request import Request
from wearwhy.workspace.bundle import Bundle

FIRST = date(2026, 11, 23)
DAYS = 7


@lru_cache(maxsize=2)
def week(of: Bundle) -> tuple[Request, ...]:
    """Return one request for each event of the bundled calendar's week, with its weather."""
    names = of.names
    codes = Codes.read(of.folder / "kg" / "mappings" / "wmo-codes.toml", names)
    calendar = read_calendar(of.folder / "data" / "calendar.ics")
    found: list[Request] = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        weather = read_weather(of.folder / "data" / "weather.csv", day, names, codes)
        found += [
            Request(
                occasions=reading.occasions,
                date=day,
                weather=replace(weather, source="weather.csv"),
                part_of_day=reading.part,
                entries=(reading.entry.summary,),
            )
            for reading in readings(calendar, day, names)
            if reading.occasions
        ]
    return tuple(found)
