from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from tests.feeds_given import MAPPINGS, shared, small, whole

from wearwhy.errors import InputError, WearwhyError
from wearwhy.feeds.forecast import read_weather
from wearwhy.feeds.names import local
from wearwhy.feeds.weather import Codes, said
from wearwhy.rdf import ID, WW, Fact, curie

NAMES = small()
CODES = Codes.read(MAPPINGS / "wmo-codes.toml", NAMES)


@pytest.mark.parametrize(
    ("text", "low", "high", "wind", "conditions"),
    [
        ("8C rain wind 20km/h", 8, 8, 20, ["rain", "wind"]),
        ("4–9°C, Schnee", 4, 9, None, ["snow"]),
        ("9 to 4 °C", 4, 9, None, []),
        ("-5 C", -5, -5, None, []),
        ("-5--2C", -5, -2, None, []),
        ("46.4F fog 10 mph", 8, 8, 16.09344, ["fog"]),
        ("8度 雨 5米/秒", 8, 8, 18, ["rain"]),
        ("８℃ 大雪", None, None, None, None),
        ("wind 36 km/h", None, None, 36, ["wind"]),
    ],
)
def test_weather_is_read_from_words(
    text: str,
    low: float | None,
    high: float | None,
    wind: float | None,
    conditions: list[str] | None,
) -> None:
    if conditions is None:
        with pytest.raises(InputError, match="no word for the weather"):
            said(text, NAMES)
        return
    found = said(text, NAMES)
    assert (found.low, found.high) == (low, high)
    assert found.wind == pytest.approx(wind)
    assert [local(c).removeprefix("weather-") for c in found.conditions] == conditions


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("8C rian", "WW-WEATHER-WORD"),
        ("900C", "WW-WEATHER-RANGE"),
        ("", "WW-WEATHER-EMPTY"),
        ("C", "WW-WEATHER-WORD"),
    ],
)
def test_weather_that_cannot_be_is_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        said(text, NAMES)
    assert refused.value.code == code


def test_a_misspelt_word_gets_the_nearest_one() -> None:
    with pytest.raises(InputError) as refused:
        said("8C rian", NAMES)
    assert "rain" in refused.value.hint


def test_weather_becomes_facts_of_the_request() -> None:
    request = ID["request/1"]
    facts = said("4-9C rain 3mm wind 20km/h", NAMES).facts(request)
    assert all(isinstance(fact, Fact) and fact.subject == request for fact in facts)
    assert {(curie(f.predicate), curie(f.object)) for f in facts} == {
        ("ww:temperature", "6.5"), ("ww:temperatureMin", "4"), ("ww:temperatureMax", "9"),
        ("ww:rainfall", "3"), ("ww:windSpeed", "20"),
        ("ww:weather", "ww:weather-rain"), ("ww:weather", "ww:weather-wind"),
    }  # fmt: skip


def test_a_day_of_a_real_daily_table_is_read() -> None:
    found = read_weather(shared("weather/seattle-weather.csv"), date(2012, 1, 14), NAMES, CODES)
    assert (found.low, found.high, found.temperature, found.rainfall) == (0.6, 4.4, 2.5, 4.1)
    assert found.wind == pytest.approx(5.3 * 3.6)
    assert found.conditions == (WW["weather-snow"],)


def test_a_day_outside_a_file_is_answered_with_the_span_it_covers() -> None:
    with pytest.raises(InputError) as refused:
        read_weather(shared("weather/seattle-weather.csv"), date(2022, 12, 20), NAMES, CODES)
    assert refused.value.code == "WW-WEATHER-DATE"
    assert "2012-01-01 to 2015-12-31" in refused.value.note


def test_a_real_open_meteo_answer_gives_the_day_and_its_parts() -> None:
    path = shared("weather/open-meteo-copenhagen.json")
    day = read_weather(path, date(2026, 7, 26), NAMES, CODES)
    night = read_weather(path, date(2026, 7, 26), NAMES, CODES, WW["part-of-day-night"])
    assert (day.low, day.high, day.rainfall) == (16.6, 21.3, 0.8)
    assert day.wind == pytest.approx(4.8 * 3.6)
    assert day.conditions == (WW["weather-rain"],)
    assert night.temperature is not None
    assert day.temperature is not None
    assert night.temperature < day.temperature


def test_every_day_of_the_real_files_is_read_with_the_whole_ontology() -> None:
    codes = Codes.read(MAPPINGS / "wmo-codes.toml", whole())
    path = shared("weather/open-meteo-copenhagen.json")
    for day in range(26, 32):
        assert read_weather(path, date(2026, 7, day), whole(), codes).conditions


def answer(folder: Path, **changes: object) -> Path:
    tree: dict[str, object] = {
        "daily_units": {"temperature_2m_max": "°F", "temperature_2m_min": "°F"},
        "daily": {
            "time": ["2026-01-01"], "temperature_2m_max": [50], "temperature_2m_min": [32],
            "weather_code": [71],
        },
    }  # fmt: skip
    path = folder / "w.json"
    path.write_text(json.dumps(tree | changes))
    return path


def test_units_are_those_the_answer_states(tmp_path: Path) -> None:
    found = read_weather(answer(tmp_path), date(2026, 1, 1), NAMES, CODES)
    assert found.low == pytest.approx(0)
    assert found.high == pytest.approx(10)
    assert found.conditions == (WW["weather-snow"],)


@pytest.mark.parametrize(
    "changes",
    [
        {"daily": {"time": ["2026-01-01"], "temperature_2m_max": []}},
        {"daily": {"time": ["soon"]}},
        {"daily": []},
        {"daily": {"time": ["2026-01-01"], "temperature_2m_max": ["warm"]}},
        {"daily_units": {"temperature_2m_max": "K"}},
        {"daily": {"time": ["2026-01-01"], "weather_code": [999]}},
        {"daily": {}},
    ],
)
def test_a_malformed_answer_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(WearwhyError) as refused:
        read_weather(answer(tmp_path, **changes), date(2026, 1, 1), NAMES, CODES)
    assert refused.value.code.startswith("WW-WEATHER-")
