from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from tests.feeds_given import MAPPINGS, shared, values, whole

from wearwhy.errors import FormatError, InputError
from wearwhy.feeds.counting import counted, counted_in
from wearwhy.feeds.load import read
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.source import column_node, value_node
from wearwhy.rdf import TYPE, WW, Literal

SHOP = Target("catalogue", "rentals")


def rentals() -> pd.DataFrame:
    """A gown rented six times, a thing of no known kind rented five times, a top rented once."""
    gown, thing, top = "11", "22", "33"
    return pd.DataFrame(
        {
            "user_id": [str(7000 + n) for n in range(12)],
            "item_id": [gown] * 6 + [thing] * 5 + [top],
            "rented_for": ["wedding"] * 3 + ["formal affair"] * 2 + [None] + ["other"] * 5 + ["work"],
            "category": ["gown"] * 5 + ["dress"] + ["whatnot"] * 5 + ["top"],
            "fit": ["fit"] * 12,
            "rating": [10.0, 10.0, 8.0, 8.0, float("nan"), 2.0] + [4.0] * 6,
            "body_type": ["pear"] * 12,
            "review_date": pd.Timestamp("2015-06-07"),
        }
    )  # fmt: skip


def loaded(frame: pd.DataFrame) -> Loaded:
    return read(frame, "rentals", names=whole(), into=SHOP, mappings=MAPPINGS)


def number(result: Loaded, step: str, column: str, text: str) -> list[str]:
    return values(result, SHOP.item(step), value_node("rentals", column, text).value)


def test_rentals_of_one_item_are_counted_by_what_they_say() -> None:
    result = loaded(rentals())
    assert result.items == 3
    assert values(result, SHOP.item("11"), "ww:timesCounted") == ["6"]
    assert number(result, "11", "rented_for", "wedding") == ["3"]
    assert number(result, "11", "rented_for", "formal affair") == ["2"]
    assert number(result, "11", "rented_for", "other") == []
    assert number(result, "11", "rating", "10") == ["2"]
    assert values(result, SHOP.item("11"), "ww:suitsOccasion") == []


def test_an_item_is_what_most_of_its_rentals_call_it_and_stays_where_no_word_is_known() -> None:
    result = loaded(rentals())
    assert values(result, SHOP.item("11"), "rdf:type") == ["ww:EveningGown"]
    assert values(result, SHOP.item("22"), "rdf:type") == ["ww:Item"]
    category = column_node("rentals", "category").value
    assert values(result, SHOP.item("11"), category) == ['"gown"']
    assert values(result, SHOP.item("22"), category) == ['"whatnot"']


def test_nobody_no_day_and_no_single_rental_becomes_a_fact() -> None:
    result = loaded(rentals())
    said = " ".join(str(node) for fact in result.facts for node in fact)
    assert "70" not in said
    assert "2015" not in said
    assert values(result, SHOP.item("33"), "ww:timesCounted") == []
    about = {f.predicate.value for f in result.facts if f.subject == SHOP.item("33")}
    assert not [prop for prop in about if "rented_for" in prop or "body_type" in prop]
    assert "work" not in said
    assert result.notes == ("1 items have fewer than 5 rows and carry no counts",)


def test_a_counted_value_is_described_by_its_column_its_words_and_what_they_mean() -> None:
    result = loaded(rentals())
    affair = value_node("rentals", "rented_for", "formal affair")
    column = column_node("rentals", "rented_for")
    assert values(result, affair, "rdf:type") == ["ww:ValueCount"]
    assert values(result, affair, "ww:countedValue") == ['"formal affair"']
    assert values(result, affair, "ww:countedConcept") == ["ww:occasion-gala"]
    assert [
        f.object for f in result.facts if (f.subject, f.predicate) == (affair, WW.countsIn)
    ] == [column]
    assert values(result, column, "rdf:type") == ["ww:CountedColumn"]
    assert values(result, column, "ww:fillsProperty") == ["ww:suitsOccasion"]
    other = value_node("rentals", "rented_for", "other")
    assert values(result, other, "ww:countedConcept") == []


def test_the_order_of_the_rows_changes_no_count() -> None:
    frame = rentals()
    assert set(loaded(frame).facts) == set(loaded(frame[::-1]).facts)


def test_counts_are_a_table_of_all_rows_and_nothing_is_written() -> None:
    found = counted(rentals(), "rentals", mappings=MAPPINGS)
    assert found.items["rows"].to_dict() == {"11": 6, "22": 5, "33": 1}
    assert found.items.loc["11", "category"] == "gown"
    assert found.counts["rented_for"].loc["11"].to_dict() == {
        "formal affair": 2, "other": 0, "wedding": 3, "work": 0,
    }  # fmt: skip
    assert found.counts["rented_for"].loc["33", "work"] == 1
    assert "user_id" not in found.items
    assert set(found.counts) == {"rented_for", "fit", "rating", "body_type"}


def test_the_counts_of_a_graph_are_those_of_its_file_but_for_items_of_few_rows() -> None:
    frame = rentals().assign(split="train")
    file, graph = (
        counted(frame, "rentals", mappings=MAPPINGS),
        counted_in(loaded(frame).facts, "rentals"),
    )
    assert list(graph.items.index) == list(file.items.index)
    assert graph.items["split"].to_list() == ["train"] * 3
    assert graph.items["category"].to_list() == file.items["category"].to_list()
    for name, table in graph.counts.items():
        assert table.loc[["11", "22"]].equals(file.counts[name].loc[["11", "22"], table.columns])
        assert table.loc["33"].sum() == 0


def test_a_mapping_that_counts_nothing_gives_no_counts() -> None:
    with pytest.raises(InputError) as refused:
        counted(pd.DataFrame({"id": ["1"]}), "myntra", mappings=MAPPINGS)
    assert refused.value.code == "WW-MAPPING-COUNTS"


def test_a_parquet_file_says_what_its_frame_says(tmp_path: Path) -> None:
    frame = rentals()
    path = tmp_path / "rentals.parquet"
    with duckdb.connect() as database:
        database.from_df(frame).to_parquet(str(path))
    result = read(path, "rentals", names=whole(), into=SHOP, mappings=MAPPINGS)
    assert set(result.facts) == set(loaded(frame).facts)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rentals.parquet"
    path.write_bytes(b"user_id,item_id\n1,2\n")
    with pytest.raises(FormatError) as refused:
        read(path, "rentals", names=whole(), into=SHOP, mappings=MAPPINGS)
    assert refused.value.code == "WW-TABLE-PARQUET"
    with pytest.raises(InputError) as missing:
        read(tmp_path / "none.parquet", "rentals", names=whole(), into=SHOP, mappings=MAPPINGS)
    assert missing.value.code == "WW-FILE-MISSING"


def test_a_rental_of_no_item_stops_the_load() -> None:
    frame = rentals()
    frame.loc[3, ["item_id", "category"]] = None
    with pytest.raises(InputError) as refused:
        loaded(frame)
    assert refused.value.code == "WW-TABLE-ID"
    assert "Row 5" in refused.value.sentence


@pytest.mark.slow
def test_the_shared_rentals_are_counted_by_dress() -> None:
    path = shared("rentals/rentals.parquet")
    result = read(path, "rentals", names=whole(), into=SHOP, mappings=MAPPINGS)
    assert result.items == 4727
    assert {u.column for u in result.unknown if not u.value} == set()
    rented = [f for f in result.facts if f.predicate == WW.timesCounted]
    total = sum(int(f.object.value) for f in rented if isinstance(f.object, Literal))
    assert 171_000 < total < 173_346
    assert sum(f.predicate == TYPE and f.object == WW.Item for f in result.facts) < 20
