"""Whatever a table holds, it loads or is refused; what is loaded can be written and read again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.feeds_given import MAPPINGS, WARDROBE, small

from wearwhy.errors import WearwhyError
from wearwhy.feeds import weather
from wearwhy.feeds.export_table import export
from wearwhy.feeds.load import named, read
from wearwhy.feeds.loaded import Loaded
from wearwhy.feeds.names import CLASSES
from wearwhy.feeds.words import parts, slug, words
from wearwhy.rdf import WW

MINE = named("wardrobe", MAPPINGS)
HEADERS = [column.name for column in MINE.columns]
COLUMNS = {column.name: column for column in MINE.columns}
IN_A_FOLDER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@st.composite
def cells(draw: st.DrawFn, name: str) -> str:
    """A cell that its column may hold: labels, a number, a day, a text; or nothing."""
    column = COLUMNS[name]
    if name == "type":
        return small().label(draw(st.sampled_from(small().members(CLASSES))))
    if name == "name":
        return draw(TEXT.filter(lambda text: bool(text.strip())))
    scope = small().scope(column.to[0]) if column.to else None
    if scope is not None:
        nodes = draw(st.lists(st.sampled_from(small().members(scope)), max_size=3, unique=True))
        return ", ".join(small().label(node) for node in nodes)
    typed = {
        "money": st.decimals(0, 9999, places=2).map(str),
        "decimal": st.decimals(0, 5, places=2).map(str),
        "boolean": st.sampled_from(["yes", "no", "是", "false"]),
        "date": st.dates().map(str),
    }
    return draw(st.one_of(st.just(""), typed.get(column.kind, TEXT)))


@st.composite
def wardrobes(draw: st.DrawFn) -> pd.DataFrame:
    names = [
        "name",
        "type",
        *draw(st.lists(st.sampled_from(HEADERS[3:]), unique=True, max_size=12)),
    ]
    rows = draw(st.integers(1, 4))
    table = [[str(i), *(draw(cells(name)) for name in names)] for i in range(rows)]
    return pd.DataFrame(table, columns=["id", *names])


@IN_A_FOLDER
@given(wardrobes())
def test_an_exported_wardrobe_loads_as_the_same_facts(tmp_path: Path, frame: pd.DataFrame) -> None:
    first = read(frame, MINE, names=small(), into=WARDROBE)
    out = export(first.facts, MINE, small(), WARDROBE)
    path = tmp_path / "w.csv"
    path.write_text(out.text, "utf-8", newline="")
    again = read(path, MINE, names=small(), into=WARDROBE)
    assert out.left_out == ()
    assert set(again.facts) == set(first.facts)
    assert again.items == first.items


def outcome(path: Path, mapping: str = "wardrobe") -> Loaded | str:
    """What a load gives: its result, or the code of its refusal; anything else is a failure."""
    try:
        return read(path, mapping, names=small(), into=WARDROBE, mappings=MAPPINGS)
    except WearwhyError as refused:
        return refused.code


@IN_A_FOLDER
@given(st.lists(st.lists(TEXT, min_size=1, max_size=6), min_size=1, max_size=6))
def test_a_random_table_loads_or_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["name", "type", "colour", "price", "bought on", "id"], *rows])
    path = tmp_path / "w.csv"
    path.write_text(stream.getvalue(), "utf-8", newline="")
    result = outcome(path)
    assert result.startswith("WW-") if isinstance(result, str) else result.items <= len(rows)


@IN_A_FOLDER
@given(st.binary(max_size=200), st.sampled_from(["w.csv", "w.xlsx", "w.jsonl", "w.tsv"]))
def test_random_bytes_load_or_are_refused(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert outcome(path) is not None


@IN_A_FOLDER
@given(
    st.sampled_from(["rdf:w.ttl", "rdf:w.rdf", "rdf:w.jsonld", "google-merchant:w.xml"]),
    st.text(alphabet='<>&;"[](){}:ab ?/!.\n', max_size=60),
)
def test_random_markup_loads_or_is_refused(tmp_path: Path, form: str, text: str) -> None:
    mapping, _, name = form.partition(":")
    path = tmp_path / name
    path.write_text(text)
    assert outcome(path, mapping) is not None


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_words_slugs_and_parts_of_any_text_are_stable(text: str) -> None:
    assert words(" ".join(words(text))) == words(" ".join(words(" ".join(words(text)))))
    assert slug(slug(text)) == slug(text)
    assert all(part.strip() for part in parts(text))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_weather_or_is_refused(text: str) -> None:
    code = ""
    try:
        facts = weather.said(text, small()).facts(WW["request"])
    except WearwhyError as refused:
        facts, code = (), refused.code
    assert bool(facts) != code.startswith("WW-WEATHER")
