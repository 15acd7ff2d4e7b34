"""The weather of a request: from words, a daily table or an Open-Meteo answer.

Temperatures are °C, rainfall mm, wind km/h, whatever the source's units.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode

from wearwhy import errors
from wearwhy.errors import FormatError, InputError, Place, UnknownName
from wearwhy.feeds.names import Names
from wearwhy.feeds.words import words
from wearwhy.rdf import WW, Fact, Node, literal

SCHEME: Final = WW["weather-scheme"]
COLDEST: Final = -90.0
HOTTEST: Final = 60.0

_NUMBER: Final = r"[+\-\u2212]?\d+(?:[.,]\d+)?"
_DEGREES: Final = re.compile(
    rf"(?<![\w.])(?P<low>{_NUMBER})\s*(?:°?\s*[CF]?\s*(?:-|\u2013|\u2014|~|to|bis|到|至|\.\.)\s*(?P<high>{_NUMBER}))?"
    r"\s*(?P<unit>°\s*[CF]?|℃|℉|[CF]\b|度|摄氏度)",
    re.IGNORECASE,
)
_WIND: Final = re.compile(
    rf"(?P<value>{_NUMBER})\s*(?P<unit>km/?h|kph|kmh|m/s|ms|mph|mp/h|kn|kt|knots|公里/小时|公里每小时|米/秒)",
    re.IGNORECASE,
)
_RAIN: Final = re.compile(
    rf"(?P<value>{_NUMBER})\s*(?P<unit>mm|cm|inch(?:es)?|in|毫米)\b", re.IGNORECASE
)
_KMH: Final = {
    "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "公里/小时": 1.0, "公里每小时": 1.0, "m/s": 3.6, "ms": 3.6, "米/秒": 3.6,
    "mph": 1.609344, "mp/h": 1.609344, "kn": 1.852, "kt": 1.852, "knots": 1.852,
}  # fmt: skip
_MM: Final = {"mm": 1.0, "毫米": 1.0, "cm": 10.0, "inch": 25.4, "inches": 25.4, "in": 25.4}


@dataclass(frozen=True, slots=True)
class Weather:
    """The weather of a day or a part of it; None is what the source does not say."""

    temperature: float | None = None
    low: float | None = None
    high: float | None = None
    rainfall: float | None = None
    wind: float | None = None
    conditions: tuple[NamedNode, ...] = ()
    source: str = ""

    def facts(self, request: NamedNode) -> tuple[Fact, ...]:
        """Return what the weather asserts of a request."""
        numbers = (
            (WW.temperature, self.temperature),
            (WW.temperatureMin, self.low),
            (WW.temperatureMax, self.high),
            (WW.rainfall, self.rainfall),
            (WW.windSpeed, self.wind),
        )
        said: list[tuple[NamedNode, Node]] = [
            (prop, literal(float(round(value, 2)))) for prop, value in numbers if value is not None
        ]
        said += [(WW.weather, condition) for condition in self.conditions]
        return tuple(Fact(request, prop, value) for prop, value in said)


def said(text: str, names: Names) -> Weather:
    """Return the weather that words say: "8C rain wind 20km/h", "4–9°C, snow", "46F", "8度 雨".

    Raises:
        UnknownName: WW-WEATHER-WORD, for a word that the weather scheme does not know.
        InputError: WW-WEATHER-RANGE, for a temperature nobody measured; WW-WEATHER-EMPTY.
    """
    plain = unicodedata.normalize("NFKC", text)
    low = high = wind = rain = None
    hit = _WIND.search(plain)
    if hit:
        wind = _float(hit["value"]) * _KMH[hit["unit"].casefold()]
        plain = plain[: hit.start()] + " " + plain[hit.end() :]
    hit = _RAIN.search(plain)
    if hit:
        rain = _float(hit["value"]) * _MM[hit["unit"].casefold()]
        plain = plain[: hit.start()] + " " + plain[hit.end() :]
    hit = _DEGREES.search(plain)
    if hit:
        fahrenheit = "f" in hit["unit"].casefold()
        low, high = (
            _celsius(_float(value), fahrenheit=fahrenheit)
            for value in (hit["low"], hit["high"] or hit["low"])
        )
        low, high = min(low, high), max(low, high)
        plain = plain[: hit.start()] + " " + plain[hit.end() :]
    conditions = _conditions(plain, names, text)
    if low is None and wind is None and rain is None and not conditions:
        raise InputError(
            "WW-WEATHER-EMPTY",
            f"'{text}' says nothing about the weather.",
            hint='Write, for instance, "8C rain wind 20km/h".',
        )
    return Weather(
        temperature=None if low is None or high is None else (low + high) / 2,
        low=low,
        high=high,
        rainfall=rain,
        wind=wind,
        conditions=conditions,
        source=text,
    )


def _conditions(plain: str, names: Names, text: str) -> tuple[NamedNode, ...]:
    tokens = words(plain)
    hits = names.within(tokens, SCHEME)
    taken = {i for hit in hits for i in range(hit.start, hit.end)}
    for i, word in enumerate(tokens):
        if i not in taken:
            near = names.nearest(word, SCHEME)
            raise UnknownName(
                "WW-WEATHER-WORD",
                f"'{word}' in '{text}' is no word for the weather.",
                hint=f"Did you mean '{near}'?"
                if near
                else "Known: " + ", ".join(names.label(n) for n in names.members(SCHEME)) + ".",
            )
    return tuple(dict.fromkeys(hit.node for hit in hits))


def _float(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", "."))


def _celsius(value: float, *, fahrenheit: bool) -> float:
    degrees = (value - 32) / 1.8 if fahrenheit else value
    if not COLDEST <= degrees <= HOTTEST:
        raise InputError(
            "WW-WEATHER-RANGE",
            f"{value:g} °{'F' if fahrenheit else 'C'} was never measured on earth.",
            hint=f"Temperatures from {COLDEST:g} to {HOTTEST:g} °C are read; write 46F for Fahrenheit.",
        )
    return round(degrees, 2)


@dataclass(frozen=True, slots=True)
class Codes:
    """What each WMO weather code means, by the words of a data file."""

    meaning: dict[int, tuple[NamedNode, ...]]

    @classmethod
    def read(cls, path: Path, names: Names) -> Codes:
        """Return the codes of `kg/mappings/wmo-codes.toml`.

        Raises:
            UnknownName: WW-WEATHER-CODES, where the file uses a word the scheme does not know.
        """
        tree = tomllib.loads(path.read_text("utf-8"))
        meaning: dict[int, tuple[NamedNode, ...]] = {}
        for code, said_words in tree["codes"].items():
            found: list[NamedNode] = []
            for word in said_words:
                node = names.find(word, SCHEME)
                if node is None:
                    raise UnknownName(
                        "WW-WEATHER-CODES",
                        f"'{word}' of code {code} is not in the weather scheme.",
                        place=Place(path.name),
                    )
                found.append(node)
            meaning[int(code)] = tuple(found)
        return cls(meaning)

    def of(self, code: int) -> tuple[NamedNode, ...]:
        """Return the conditions of a code.

        Raises:
            InputError: WW-WEATHER-CODE, for a code that the table does not list.
        """
        if code not in self.meaning:
            near = errors.nearest(str(code), map(str, self.meaning))
            raise InputError(
                "WW-WEATHER-CODE",
                f"{code} is no WMO weather code that is known.",
                hint=f"The nearest is {near}." if near else "",
            )
        return self.meaning[code]


def covered(days: list[date], wanted: date, file: str) -> None:
    """Raise WW-WEATHER-DATE, naming the span, where a source does not cover a day.

    Raises:
        FormatError: WW-WEATHER-EMPTY, where it covers none.
    """
    if not days:
        raise FormatError("WW-WEATHER-EMPTY", "The file has no day.", place=Place(file))
    if wanted not in days:
        raise InputError(
            "WW-WEATHER-DATE",
            f"{file} has no weather for {wanted}.",
            note=f"It covers {min(days)} to {max(days)}.",
            hint="Choose a day of that span, or say the weather in words.",
        )
