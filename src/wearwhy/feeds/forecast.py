"""Weather files: daily tables and Open-Meteo answers, one day or a part of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place, ValueRefused
from wearwhy.feeds import values, weather
from wearwhy.feeds.graphs import check_depth
from wearwhy.feeds.names import Names
from wearwhy.feeds.tables import Table, parse_csv, read_text
from wearwhy.feeds.weather import Codes, Weather
from wearwhy.feeds.words import words
from wearwhy.rdf import WW

_ENCODINGS: Final = ("utf-8-sig", "utf-16", "cp1252")
_DATES: Final = ("%Y/%m/%d", "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y")
_COLUMNS: Final = {
    "date": ("date", "day", "time", "日期"),
    "rainfall": ("precipitation", "rainfall", "rain", "prcp", "precipitation_sum", "降水量"),
    "high": ("temp_max", "temperature max", "tmax", "temperature_2m_max", "最高气温"),
    "low": ("temp_min", "temperature min", "tmin", "temperature_2m_min", "最低气温"),
    "wind": ("wind", "wind speed", "awnd", "wind_speed", "风速"),
    "conditions": ("weather", "conditions", "天气"),
}

Scale = Callable[[float], float]
_SCALES: Final[dict[str, Scale]] = {
    "°C": lambda value: value,
    "°F": lambda value: (value - 32) / 1.8,
    "mm": lambda value: value,
    "cm": lambda value: value * 10,
    "inch": lambda value: value * 25.4,
    "km/h": lambda value: value,
    "m/s": lambda value: value * 3.6,
    "mp/h": lambda value: value * 1.609344,
    "mph": lambda value: value * 1.609344,
    "kn": lambda value: value * 1.852,
}


def read_weather(
    path: Path, day: date, names: Names, codes: Codes, part: NamedNode | None = None
) -> Weather:
    """Return a day's weather from a file: JSON is an Open-Meteo answer, all else a daily table.

    Args:
        path: The file.
        day: The day, in the source's own time zone.
        names: The words of the weather scheme.
        codes: What WMO codes mean.
        part: A part of the day (needs hourly values); None is the whole day.

    Raises:
        InputError: WW-WEATHER-DATE, naming the span covered; WW-WEATHER-FORMAT.
    """
    text, _ = read_text(path, _ENCODINGS)
    if text.lstrip().startswith("{"):
        return open_meteo(text, day, names, codes, part=part, file=path.name)
    return daily(parse_csv(text, path.name), day, names)


def daily(table: Table, day: date, names: Names) -> Weather:
    """Return a day of a daily table: temperatures in °C, precipitation in mm, wind in m/s.

    Raises:
        FormatError: WW-WEATHER-FORMAT, without a date column, for an unreadable number or word.
        InputError: WW-WEATHER-DATE.
    """
    spelt = {words(alias): field for field, aliases in _COLUMNS.items() for alias in aliases}
    at = {
        spelt[words(header)]: index
        for index, header in enumerate(table.headers)
        if words(header) in spelt
    }
    if "date" not in at:
        raise FormatError(
            "WW-WEATHER-FORMAT",
            "The table has no column 'date'.",
            note="Columns: " + ", ".join(table.headers[:12]) + ".",
            place=Place(table.file, 1),
        )
    days: dict[date, tuple[str, ...]] = {}
    for row in table.rows:
        try:
            days[values.read_day(row.cells[at["date"]], _DATES)] = row.cells
        except ValueRefused as refused:
            refused.place = table.place(row.number, "date")
            raise
    weather.covered(list(days), day, table.file)
    cells = days[day]

    def number(field: str) -> float | None:
        text = cells[at[field]] if field in at else ""
        return float(values.number(text)) if text else None

    low, high, wind = number("low"), number("high"), number("wind")
    told = cells[at["conditions"]] if "conditions" in at else ""
    hits = names.within(told, weather.SCHEME)
    if told and not hits:
        near = names.nearest(told, weather.SCHEME)
        raise FormatError(
            "WW-WEATHER-WORD",
            f"'{told}' is no word for the weather.",
            hint=f"Did you mean '{near}'?" if near else "",
            place=Place(table.file),
        )
    return Weather(
        temperature=_middle(low, high),
        low=low,
        high=high,
        rainfall=number("rainfall"),
        wind=None if wind is None else round(wind * 3.6, 2),
        conditions=tuple(dict.fromkeys(hit.node for hit in hits)),
        source=f"{table.file}, {day}",
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """One block of an Open-Meteo answer: series beside `time`, each with its unit."""

    series: dict[str, list[Any]]
    units: dict[str, str]
    file: str

    @classmethod
    def of(cls, answer: dict[str, Any], name: str, file: str) -> _Block:
        series, units = answer.get(name, {}), answer.get(f"{name}_units", {})
        if not isinstance(series, dict) or not isinstance(units, dict):
            raise FormatError("WW-WEATHER-FORMAT", f"'{name}' is no block.", place=Place(file))
        lists = {k: v if isinstance(v, list) else [v] for k, v in series.items()}
        times = len(lists.get("time", []))
        if any(len(values) != times for values in lists.values()):
            raise FormatError(
                "WW-WEATHER-FORMAT", f"The series of '{name}' differ in length.", place=Place(file)
            )
        return cls(lists, {str(k): str(v) for k, v in units.items()}, file)

    def times(self) -> list[datetime]:
        try:
            return [datetime.fromisoformat(str(time)) for time in self.series.get("time", [])]
        except ValueError as error:
            raise FormatError(
                "WW-WEATHER-FORMAT",
                "A time is not ISO 8601.",
                note=str(error),
                place=Place(self.file),
            ) from error

    def at(self, name: str, rows: list[int]) -> list[float]:
        """Return a series' values at some rows in our units, without the missing ones."""
        if name not in self.series:
            return []
        unit = self.units.get(name, "")
        scale = _SCALES.get(unit, None if unit not in ("", "wmo code") else float)
        if scale is None:
            raise FormatError(
                "WW-WEATHER-UNIT", f"'{unit}' is no unit that is known.", place=Place(self.file),
                hint="Known: " + ", ".join(_SCALES) + ".",
            )  # fmt: skip
        try:
            return [scale(float(v)) for i in rows if (v := self.series[name][i]) is not None]
        except (TypeError, ValueError) as error:
            raise FormatError(
                "WW-WEATHER-FORMAT", f"A value of '{name}' is no number.", place=Place(self.file)
            ) from error


def open_meteo(
    text: str, day: date, names: Names, codes: Codes, *, part: NamedNode | None = None, file: str
) -> Weather:
    """Return a day, or a part of it, of an Open-Meteo answer; units are read from its *_units.

    A whole day is read from `daily`, else from all its hours; a part from `hourly`, within the
    hours that the part-of-day scheme states; else `current`, where it is of that day.

    Raises:
        FormatError: WW-WEATHER-FORMAT, WW-WEATHER-UNIT.
        InputError: WW-WEATHER-DATE.
    """
    check_depth(text, file, json=True)
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise FormatError(
            "WW-WEATHER-FORMAT", "The file is not JSON.", note=str(error), place=Place(file)
        ) from error
    if not isinstance(answer, dict):
        raise FormatError(
            "WW-WEATHER-FORMAT", "The file is no Open-Meteo answer.", place=Place(file)
        )
    blocks = {name: _Block.of(answer, name, file) for name in ("daily", "hourly", "current")}
    days = sorted({time.date() for block in blocks.values() for time in block.times()})
    weather.covered(days, day, file)
    order = ("hourly", "daily", "current") if part is not None else ("daily", "hourly", "current")
    for name in order:
        block = blocks[name]
        rows = [
            i
            for i, time in enumerate(block.times())
            if time.date() == day
            and (name != "hourly" or part is None or in_part(time.hour, part, names))
        ]
        if rows:
            return _of_block(block, rows, codes, f"{file}, {day}, {name}")
    raise FormatError("WW-WEATHER-FORMAT", f"{day} has no values.", place=Place(file))


def _of_block(block: _Block, rows: list[int], codes: Codes, source: str) -> Weather:
    degrees = block.at("temperature_2m", rows)
    lows = block.at("temperature_2m_min", rows) or degrees
    highs = block.at("temperature_2m_max", rows) or degrees
    rain = block.at("precipitation_sum", rows) or block.at("precipitation", rows)
    wind = block.at("wind_speed_10m_max", rows) or block.at("wind_speed_10m", rows)
    seen = block.at("weather_code", rows)
    low, high = min(lows, default=None), max(highs, default=None)
    mean = sum(degrees) / len(degrees) if degrees else _middle(low, high)
    return Weather(
        temperature=None if mean is None else round(mean, 2),
        low=low,
        high=high,
        rainfall=round(sum(rain), 2) if rain else None,
        wind=round(max(wind), 2) if wind else None,
        conditions=tuple(dict.fromkeys(c for code in seen for c in codes.of(int(code)))),
        source=source,
    )


def in_part(hour: int, part: NamedNode, names: Names) -> bool:
    """Say whether an hour (0–23) lies in a part of the day, by the hours the scheme states."""
    starts, ends = names.number(part, WW.fromHour), names.number(part, WW.toHour)
    if starts is None or ends is None:
        return False
    return starts <= hour < ends if starts <= ends else hour >= starts or hour < ends


def _middle(low: float | None, high: float | None) -> float | None:
    if low is None or high is None:
        return low if high is None else high
    return round((low + high) / 2, 2)
