from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from pyoxigraph import Literal
from tests.feeds_given import MAPPINGS, shared, values, whole

from wearwhy.errors import InputError
from wearwhy.feeds.load import named, read
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.mapping import read_mapping
from wearwhy.feeds.source import column_node
from wearwhy.rdf import SCHEMA, TYPE, WW, curie

SHOP = Target("catalogue", "myntra")
ROWS = {
    "id": ["1", "2", "3"],
    "gender": ["Women", "Boys", "Men"],
    "masterCategory": ["Apparel", "Apparel", "Accessories"],
    "subCategory": ["Bottomwear", "Topwear", "Water Bottle"],
    "articleType": ["Patiala", "Tshirts", "Water Bottle"],
    "baseColour": ["Beige", "NA", "Black"],
    "season": ["Fall", "Summer", ""],
    "year": ["2011", "2012", "2013"],
    "usage": ["Ethnic", "Smart Casual", "Sports"],
    "productDisplayName": ["Shree Patiala", "Boys Tshirt", "Blue Sipper"],
}


def styles(split: list[str] | None = None) -> Loaded:
    frame = pd.DataFrame({**ROWS, **({"split": split} if split else {})})
    return read(frame, "myntra", names=whole(), into=SHOP, mappings=MAPPINGS)


def kept(result: Loaded, step: str, column: str) -> list[str]:
    return values(result, SHOP.item(step), column_node("myntra", column).value)


def test_a_kept_column_keeps_the_cell_as_it_stood_beside_what_it_means() -> None:
    result = styles()
    assert kept(result, "1", "season") == ['"Fall"']
    assert values(result, SHOP.item("1"), "ww:launchSeason") == ["ww:season-autumn"]
    assert kept(result, "1", "articleType") == ['"Patiala"']
    assert values(result, SHOP.item("1"), "rdf:type") == ["ww:Trousers"]


def test_a_word_that_names_nothing_or_is_set_aside_is_kept_too_and_an_empty_cell_is_not() -> None:
    result = styles()
    assert kept(result, "2", "gender") == ['"Boys"']
    assert values(result, SHOP.item("2"), "ww:department") == []
    assert kept(result, "2", "usage") == ['"Smart Casual"']
    assert kept(result, "2", "baseColour") == ['"NA"']
    assert kept(result, "3", "season") == []


def test_a_kept_column_is_described_once_with_what_it_fills_and_whether_it_is_learned() -> None:
    result = styles()
    usage = column_node("myntra", "usage")
    said = [(curie(f.predicate), curie(f.object)) for f in result.facts if f.subject == usage]
    assert sorted(said) == [
        ("rdf:type", "ww:SourceColumn"),
        ("rdfs:label", '"usage"'),
        ("ww:fillsProperty", "ww:formality"),
        ("ww:fillsProperty", "ww:style"),
        ("ww:fillsProperty", "ww:suitsOccasion"),
        ("ww:learned", "true"),
    ]
    article = column_node("myntra", "articleType")
    assert values(result, article, "ww:fillsProperty") == ["rdf:type"]
    assert values(result, article, "ww:learned") == []
    learned = {f.subject for f in result.facts if f.predicate == WW.learned}
    assert learned == {
        column_node("myntra", c) for c in ("gender", "baseColour", "season", "usage")
    }


def test_a_column_that_no_row_fills_is_not_described() -> None:
    frame = pd.DataFrame({**ROWS, "season": ["", None, float("nan")]})
    result = read(frame, "myntra", names=whole(), into=SHOP, mappings=MAPPINGS)
    season = column_node("myntra", "season")
    assert not [f for f in result.facts if season in (f.subject, f.predicate)]


def test_a_row_of_no_known_class_is_kept_as_an_item_and_reported_not_skipped() -> None:
    result = styles()
    assert result.items == 3
    assert values(result, SHOP.item("3"), "rdf:type") == ["ww:Item"]
    assert kept(result, "3", "articleType") == ['"Water Bottle"']
    assert result.skipped == ()
    assert [u.value for u in result.unknown] == ["Water Bottle"]


def test_the_split_is_kept_where_a_file_has_one_and_missed_where_not() -> None:
    result = styles(["train", "valid", "train"])
    assert values(result, SHOP.item("2"), "ww:split") == ['"valid"']
    without = styles()
    assert without.items == 3
    assert not [f for f in without.facts if f.predicate == WW["split"]]
    assert set(without.facts) < set(result.facts)


def test_the_year_becomes_no_fact_and_the_id_only_the_number_of_the_shop() -> None:
    result = styles()
    said = {f.predicate for f in result.facts if f.object in {Literal("2011"), Literal("1")}}
    assert said == {SCHEMA.sku}


MINIMAL = 'name="m"\n[source]\nkinds=["csv"]\n[item]\nid="{row}"\nclass=["type"]\n'
COUNTS = MINIMAL + 'counts="ww:timesCounted"\n'


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (MINIMAL + "[columns.x]\nlearn=true\n", "keep = true"),
        (MINIMAL + "[columns.x]\nkeep='yes'\n", "true or false"),
        (MINIMAL + "[columns.x]\nkeep=true\nof='variant'\n", "items"),
        (MINIMAL + "without_class='kept'\n", "keep"),
        (MINIMAL + "[columns.x]\ncount=true\n", "counts ="),
        (MINIMAL + "least=5\n", "counts ="),
        (COUNTS + "least=0\n", "from 1 on"),
        (COUNTS + "group='x'\n", "grouped"),
        (COUNTS + "[columns.x]\ncount=true\nkeep=true\n", "each row"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        read_mapping(path)
    assert refused.value.code == "WW-MAPPING-VALUE"
    assert hint in refused.value.hint


def test_what_a_load_says_does_not_depend_on_cells_having_been_met_before(tmp_path: Path) -> None:
    head = "id,articleType,productDisplayName,usage\n"
    rows = [f"{n},Tshirts,Shirt {n},Casual; blurple" for n in range(3)]
    together, apart = tmp_path / "all.csv", tmp_path / "one.csv"
    together.write_text(head + "\n".join(rows) + "\n", "utf-8")
    mapping = named("myntra", MAPPINGS)
    result = read(together, mapping, names=whole(), into=SHOP)
    alone: set[object] = set()
    for row in rows:
        apart.write_text(head + row + "\n", "utf-8")
        alone |= set(read(apart, mapping, names=whole(), into=SHOP).facts)
    assert set(result.facts) == alone
    assert {u.value: u.times for u in result.unknown} == {"blurple": 3}


@pytest.mark.slow
def test_every_row_of_the_shared_catalogue_arrives_with_its_columns() -> None:
    path = shared("myntra/styles.csv")
    result = read(path, "myntra", names=whole(), into=SHOP, mappings=MAPPINGS)
    count = Counter(fact.predicate for fact in result.facts)
    assert result.items == count[SCHEMA.sku] == count[WW["split"]] == 33_528
    assert count[column_node("myntra", "gender")] == 33_528
    assert count[column_node("myntra", "season")] == 33_509
    assert sum(f.predicate == TYPE and f.object == WW.Item for f in result.facts) < 20
