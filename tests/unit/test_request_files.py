"""Files of requests: three formats that say the same, and errors with the line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from wearwhy.errors import WearwhyError
from wearwhy.outfit.filters import Filters, filters_from
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW
from wearwhy.workspace.bundle import bundle, ontology_layer
from wearwhy.workspace.requests import read_requests

LINES = """{"occasion": ["office", "dinner"], "date": "2026-11-24", "weather": "8C rain", "n": 2}

{"occasions": "hiking", "from": "both", "part": "morning", "dress-code": "casual"}
"""
TABLE = """occasion,date,weather,n,from,part,dress-code
office; dinner,2026-11-24,8C rain,2,,,
hiking,,,,both,morning,casual
"""
TOML = """# Two days.
[[request]]
occasion = ["office", "dinner"]
date = 2026-11-24
weather = "8C rain"
n = 2

[[request]]
occasion = "hiking"
source = "both"
part = "morning"
dress_code = "casual"
"""
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
    + "".join(
        f"BEGIN:VEVENT\r\nUID:{at}\r\nDTSTART:20261124T{at}0000\r\nDTEND:20261124T{at}3000\r\n"
        f"SUMMARY:{what}\r\nEND:VEVENT\r\n"
        for at, what in (("10", "Interview"), ("20", "Dinner"))
    )
    + "END:VCALENDAR\r\n"
)


def requests(path: Path) -> tuple[Request, ...]:
    known = bundle()
    return read_requests(path, ontology_layer(known), known.names, known.folder)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    said = [
        requests(written(tmp_path, name, text))
        for name, text in (("a.jsonl", LINES), ("a.csv", TABLE), ("a.toml", TOML))
    ]
    assert said[0] == said[1] == said[2]
    first, second = said[0]
    assert first.occasions == (WW["occasion-office"], WW["occasion-dinner"])
    assert (first.date, first.n) == (date(2026, 11, 24), 2)
    assert first.weather is not None
    assert first.weather.temperature == 8.0
    assert (second.source, second.part_of_day) == ("both", WW["part-of-day-morning"])
    assert second.dress_code == WW["dress-code-casual"]


def test_a_calendar_beside_the_file_makes_a_request_for_each_part_of_the_day(
    tmp_path: Path,
) -> None:
    written(tmp_path, "mine.ics", CALENDAR)
    path = written(tmp_path, "a.jsonl", '{"calendar": "mine.ics", "date": "2026-11-24"}\n')
    found = requests(path)
    assert [one.entries for one in found] == [("Interview",), ("Dinner",)]


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("a.jsonl", LINES + '{"occasion": "ofice"}\n', "WW-CONCEPT-UNKNOWN", 4),
        ("a.jsonl", LINES + '{"ocasion": "office"}\n', "WW-REQUESTS-FIELD", 4),
        ("a.jsonl", "\n{'occasion'}\n", "WW-REQUESTS-SYNTAX", 2),
        ("a.jsonl", '["office"]\n', "WW-REQUESTS-SYNTAX", 1),
        ("a.jsonl", '{"n": 0}', "WW-REQUESTS-VALUE", 1),
        ("a.jsonl", '{"n": true}', "WW-REQUESTS-VALUE", 1),
        ("a.jsonl", '{"occasion": 3}', "WW-REQUESTS-VALUE", 1),
        ("a.jsonl", '{"lock": "w99"}', "WW-ITEM-UNKNOWN", 1),
        ("a.jsonl", '{"weather": "nowhere.csv", "date": "2026-11-24"}', "WW-REQUESTS-VALUE", 1),
        ("a.jsonl", "\n", "WW-REQUESTS-EMPTY", 0),
        ("a.csv", TABLE + "office,2026-13-01\n", "WW-DATE", 4),
        ("a.csv", TABLE + "office,2026-11-24,8C,1,,,,more\n", "WW-REQUESTS-SYNTAX", 4),
        ("a.csv", 'occasion\n"office\n', "WW-REQUESTS-SYNTAX", 2),
        ("a.toml", TOML + "\n[[request]]\nocasion = 'office'\n", "WW-REQUESTS-FIELD", 14),
        ("a.toml", TOML + "n = \n", "WW-REQUESTS-SYNTAX", 13),
        ("a.toml", "occasion = 'office'\n", "WW-REQUESTS-SYNTAX", 1),
        ("a.txt", LINES, "WW-REQUESTS-FORMAT", 0),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, code: str, line: int
) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(WearwhyError) as found:
        requests(path)
    assert found.value.code == code, str(found.value)
    assert found.value.place is not None
    assert (found.value.place.file, found.value.place.line) == (str(path), line)
    assert found.value.exit_code == 2


def test_filters_are_said_by_the_names_of_their_options(tmp_path: Path) -> None:
    line = (
        '{"from": "both", "max-price": 80, "in-stock": true, "size": ["38", "M"], '
        '"brand": "Acme", "not-brand": "Lumi; Strida"}'
    )
    table = "from,max-price,in-stock,size,brand,not-brand\nboth,80,true,38; M,Acme,Lumi; Strida\n"
    wanted = Filters(80.0, True, ("38", "M"), ("Acme",), ("Lumi", "Strida"))
    for name, text in (("a.jsonl", line), ("a.csv", table)):
        (found,) = requests(written(tmp_path, name, text))
        assert found.filters == wanted
        assert filters_from(found.filters.as_json()) == wanted
        assert {WW.maxPrice, WW.inStockOnly, WW.wantedSize} <= {f.predicate for f in found.facts()}


@pytest.mark.parametrize("said", ['{"max-price": "cheap"}', '{"in-stock": "maybe"}'])
def test_a_filter_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(WearwhyError) as refused:
        requests(written(tmp_path, "a.jsonl", said))
    assert refused.value.code == "WW-REQUESTS-VALUE"
