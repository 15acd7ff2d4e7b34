"""Dates, times and durations of XML Schema 1.1, and how they are compared.

A moment without a time zone may lie up to fourteen hours to either side of where it seems to
lie, so against a moment with one its order can be indeterminate (XML Schema 1.1 part 2,
section D.2.2 "order"): then `order` is None and a comparison is an error. Years may be zero or
negative, so Python's `datetime` will not do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from pyoxigraph import NamedNode

from wearwhy.rdf import XSD


class EvaluationError(Exception):
    """An expression has no value for a solution: SPARQL's type error."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A value of xsd:dateTime, xsd:date, xsd:time or a xsd:g… type; absent parts are None.

    `zone` is in minutes east of UTC. `position` is where it lies in seconds since the year 0, by its
    own clock, or UTC's if it has a zone.
    """

    datatype: NamedNode
    year: int | None
    month: int | None
    day: int | None
    hour: int | None
    minute: int | None
    second: Decimal | None
    zone: int | None
    position: Decimal = field(init=False, compare=False)

    def __post_init__(self) -> None:
        year = 1972 if self.year is None else self.year
        month = 12 if self.month is None else self.month
        day = last_day(year, month) if self.day is None else self.day
        minutes = (self.hour or 0) * 60 + (self.minute or 0) - (self.zone or 0)
        whole = days(year, month, day) * 86400 + minutes * 60
        object.__setattr__(self, "position", whole + (self.second or Decimal(0)))


@dataclass(frozen=True, slots=True)
class Duration:
    """A value of xsd:duration or one of its two derived types."""

    datatype: NamedNode
    months: int
    seconds: Decimal


_ZONE: Final = r"(?P<zone>Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR: Final = r"(?P<year>-?(?:[1-9][0-9]{3,9}|0[0-9]{3}))"
_MONTH: Final = r"(?P<month>0[1-9]|1[0-2])"
_DAY: Final = r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME: Final = (
    r"(?:(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9](?:\.[0-9]+)?)"
    r"|(?P<midnight>24:00:00(?:\.0+)?))"
)
_FORMS: Final = {
    XSD.dateTime: re.compile(f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}"),
    XSD.date: re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}"),
    XSD.time: re.compile(f"{_TIME}{_ZONE}"),
    XSD.gYear: re.compile(f"{_YEAR}{_ZONE}"),
    XSD.gYearMonth: re.compile(f"{_YEAR}-{_MONTH}{_ZONE}"),
    XSD.gMonth: re.compile(f"--{_MONTH}{_ZONE}"),
    XSD.gMonthDay: re.compile(f"--{_MONTH}-{_DAY}{_ZONE}"),
    XSD.gDay: re.compile(f"---{_DAY}{_ZONE}"),
}
_DATE: Final = r"(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?"
_CLOCK: Final = (
    r"(?:(?P<days>[0-9]+)D)?(?:T(?=[0-9.])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    r"(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
_DURATION: Final = {
    XSD.duration: re.compile(f"(?P<sign>-)?P(?=[0-9T]){_DATE}{_CLOCK}"),
    XSD.dayTimeDuration: re.compile(f"(?P<sign>-)?P(?=[0-9T]){_CLOCK}"),
    XSD.yearMonthDuration: re.compile(f"(?P<sign>-)?P(?=[0-9]){_DATE}"),
}
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LONGEST: Final = 64


def last_day(year: int, month: int) -> int:
    """Return the number of days of a month in the proleptic Gregorian calendar."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap


def days(year: int, month: int, day: int) -> int:
    """Return the days from 1 March of the year 0 to a date (proleptic Gregorian)."""
    shifted = year - (month <= 2)
    return (
        365 * shifted
        + shifted // 4
        - shifted // 100
        + shifted // 400
        + (153 * ((month + 9) % 12) + 2) // 5
        + day
        - 1
    )


def civil(count: int) -> tuple[int, int, int]:
    """Return year, month and day of a day count: the inverse of `days`."""
    era, rest = divmod(count, 146097)
    year = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    day = rest - (365 * year + year // 4 - year // 100)
    shifted = (5 * day + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year + (month <= 2), month, day - (153 * shifted + 2) // 5 + 1


def moment(datatype: NamedNode, text: str) -> Moment | None:
    """Return the moment a lexical form stands for, or None; a dateTimeStamp is a dateTime."""
    if datatype == XSD.dateTimeStamp:
        found = moment(XSD.dateTime, text)
        return found if found is not None and found.zone is not None else None
    form = _FORMS.get(datatype)
    match = form.fullmatch(text) if form and len(text) <= _LONGEST else None
    if match is None:
        return None
    parts = match.groupdict()
    year, month, day, hour, minute = (
        None if parts.get(name) is None else int(parts[name])
        for name in ("year", "month", "day", "hour", "minute")
    )
    second = None if parts.get("second") is None else Decimal(parts["second"])
    # A month-day without a year allows 29 February; 1972 is a leap year.
    if day is not None and month is not None and day > last_day(year or 1972, month):
        return None
    if parts.get("midnight"):
        hour, minute, second = 0, 0, Decimal(0)
        if year is not None and month is not None and day is not None:
            year, month, day = civil(days(year, month, day) + 1)
    return Moment(datatype, year, month, day, hour, minute, second, _zone(parts["zone"]))


def _zone(text: str | None) -> int | None:
    if text is None:
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


def duration(datatype: NamedNode, text: str) -> Duration | None:
    """Return the duration a lexical form stands for, or None."""
    match = _DURATION[datatype].fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    parts = match.groupdict()
    sign = -1 if parts["sign"] else 1
    months = 12 * int(parts.get("years") or 0) + int(parts.get("months") or 0)
    seconds = (
        86400 * int(parts.get("days") or 0)
        + 3600 * int(parts.get("hours") or 0)
        + 60 * int(parts.get("minutes") or 0)
        + Decimal(parts.get("seconds") or 0)
    )
    return Duration(datatype, sign * months, sign * seconds)


def order(left: Moment, right: Moment) -> int | None:
    """Return -1, 0 or 1 as a moment is before, at or after another; None if indeterminate."""
    here, there = left.position, right.position
    if (left.zone is None) == (right.zone is None):
        return (here > there) - (here < there)
    slack = 14 * 3600
    if here + slack < there:
        return -1
    return 1 if here - slack > there else None


def zone_text(zone: int) -> str:
    """Return a zone in minutes as it stands at the end of a dateTime."""
    if zone == 0:
        return "Z"
    return f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"


def _second_text(second: Decimal) -> str:
    text = format(second, "f")
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    return whole.zfill(2) + (f".{rest}" if rest else "")


def moment_text(value: Moment) -> str:
    """Return the canonical form of a dateTime, date or time."""
    date = ""
    if value.year is not None and value.month is not None and value.day is not None:
        sign = "-" if value.year < 0 else ""
        date = f"{sign}{abs(value.year):04}-{value.month:02}-{value.day:02}"
    clock = ""
    if value.hour is not None and value.minute is not None and value.second is not None:
        clock = f"{value.hour:02}:{value.minute:02}:{_second_text(value.second)}"
    zone = "" if value.zone is None else zone_text(value.zone)
    return ("T".join(part for part in (date, clock) if part)) + zone


def duration_text(value: Duration) -> str:
    """Return the canonical form of a duration."""
    sign = "-" if value.months < 0 or value.seconds < 0 else ""
    years, months = divmod(abs(value.months), 12)
    whole = int(abs(value.seconds))
    second = abs(value.seconds) % 60
    parts = [f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (whole // 86400, "D")) if n]
    clock = [f"{n}{unit}" for n, unit in ((whole // 3600 % 24, "H"), (whole // 60 % 60, "M")) if n]
    if second:
        clock.append(f"{_second_text(second).removeprefix('0')}S")
    if not parts and not clock:
        return "P0M" if value.datatype == XSD.yearMonthDuration else "PT0S"
    return f"{sign}P{''.join(parts)}{'T' if clock else ''}{''.join(clock)}"
