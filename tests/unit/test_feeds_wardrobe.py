from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from tests.feeds_given import MAPPINGS, WARDROBE, loaded, shared, small, values, whole

from wearwhy.errors import FormatError, InputError
from wearwhy.feeds.export_table import export
from wearwhy.feeds.load import named, read
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.template import Language, write_template
from wearwhy.rdf import RDFS, SKOS, TYPE, WW

MINE = named("wardrobe", MAPPINGS)


def closet(names_of: str = "ClosetData.csv") -> Loaded:
    path = shared("wardrobes/sheworewhat") / names_of
    return read(path, "sheworewhat", names=whole(), into=WARDROBE, mappings=MAPPINGS)


def test_a_row_becomes_an_item_with_concepts_and_typed_values(tmp_path: Path) -> None:
    result = loaded(
        "id,name,type,colour,material,price,bought on,lined,clean?\n"
        '7,Best coat,Trench-coat,"Navy, red","70% wool, 30% polyester","€1.299,00",03.02.2024,yes,no\n',
        tmp_path,
    )
    item = WARDROBE.item("7")
    assert values(result, item, "rdf:type") == ["ww:TrenchCoat"]
    assert values(result, item, "ww:colour") == ["ww:colour-navy", "ww:colour-red"]
    assert values(result, item, "ww:material") == ["ww:material-wool", "ww:material-polyester"]
    assert values(result, item, "schema:price") == ["1299"]
    assert values(result, item, "ww:boughtOn") == ["2024-02-03"]
    assert values(result, item, "ww:lined") == ["true"]
    assert values(result, item, "ww:cleanliness") == ["ww:cleanliness-dirty"]
    assert values(result, item, "ww:inWardrobe") == ["id:wardrobe/mine"]


def test_unknown_columns_and_values_are_reported_with_the_nearest_name(tmp_path: Path) -> None:
    text = "id,name,type,colour,materail\n1,a,coat,burgndy,wool\n2,b,coat,burgndy,\n"
    result = loaded(text, tmp_path)
    assert [unknown.as_dict() for unknown in result.unknown] == [
        {"column": "materail", "value": "", "row": 1, "nearest": "material", "times": 1},
        {"column": "colour", "value": "burgndy", "row": 2, "nearest": "burgundy", "times": 2},
    ]


def test_what_is_known_of_a_half_known_value_is_kept_and_the_rest_reported(tmp_path: Path) -> None:
    result = loaded("id,name,type,colour\n1,a,coat,navy frobnitz\n", tmp_path)
    assert values(result, WARDROBE.item("1"), "ww:colour") == ["ww:colour-navy"]
    assert [unknown.value for unknown in result.unknown] == ["frobnitz"]


def test_a_kind_that_only_some_words_name_is_reported_as_what_it_was_read_as(
    tmp_path: Path,
) -> None:
    rows = "1,a,tank top sweater\n2,b,coat\n3,c,Tank top sweater\n4,d,tank top sweater\n"
    result = loaded(f"id,name,type\n{rows}", tmp_path)
    assert values(result, WARDROBE.item("1"), "rdf:type") == ["ww:Sweater"]
    assert [one.as_dict() for one in result.nearer] == [
        {
            "column": "type",
            "value": "tank top sweater",
            "row": 2,
            "read_as": "sweater",
            "times": 2,
        },
        {
            "column": "type",
            "value": "Tank top sweater",
            "row": 4,
            "read_as": "sweater",
            "times": 1,
        },
    ]
    # A name is no kind: it may say more than that.
    assert not loaded("id,name\n1,Old tank top sweater\n", tmp_path).nearer
    assert not loaded("id,name,type\n1,My sweater,coat\n", tmp_path).nearer


def test_the_name_says_the_class_where_no_type_is_given(tmp_path: Path) -> None:
    result = loaded("id,name\n1,Shirt dress with a belt\n2,黑色羊毛大衣\n", tmp_path)
    assert values(result, WARDROBE.item("1"), "rdf:type") == ["ww:Dress"]
    assert values(result, WARDROBE.item("2"), "rdf:type") == ["ww:Coat"]


def test_a_type_that_nothing_names_is_reported_though_the_name_says_the_class(
    tmp_path: Path,
) -> None:
    result = loaded("id,name,type\n1,My coat,gizmo\n", tmp_path)
    assert values(result, WARDROBE.item("1"), "rdf:type") == ["ww:Coat"]
    assert [(u.column, u.value) for u in result.unknown] == [("type", "gizmo")]


def test_a_property_of_one_value_keeps_the_first_and_reports_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text('id,name,type,cleanliness\n1,My coat,coat,"dirty, fresh"\n')
    result = read(path, MINE, names=whole(), into=WARDROBE)
    assert values(result, WARDROBE.item("1"), "ww:cleanliness") == ["ww:cleanliness-dirty"]
    assert [skipped.value for skipped in result.skipped] == ["ww:cleanliness-fresh"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_loads_without_a_single_unknown(
    tmp_path: Path, language: Language, ending: str
) -> None:
    path = tmp_path / f"t.{ending}"
    write_template(path, MINE, whole(), language)
    result = read(path, MINE, names=whole(), into=WARDROBE)
    assert (result.items, result.unknown) == (3, ())


def test_an_excel_template_offers_the_values_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, MINE, whole(), "zh")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["衣橱", "可用值"]
    assert len(book["衣橱"].data_validations.dataValidation) > 15
    values_ = [row[0].value for row in book["可用值"].iter_rows()]
    assert len(values_) > 50


def test_a_template_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"csv or \.xlsx"):
        write_template(tmp_path / "t.pdf", MINE, small())


def test_a_real_wardrobe_is_read_whole() -> None:
    result = closet()
    assert result.items == 109
    assert sum(fact.predicate == TYPE for fact in result.facts) == 109
    assert result.skipped == ()
    unknown = {(u.column, u.value) for u in result.unknown}
    assert unknown == set()


def test_what_the_table_has_no_column_for_is_listed_as_left_out() -> None:
    first = closet().facts
    out = export(first, MINE, whole(), WARDROBE)
    kept = {prop for column in MINE.columns for prop in column.to} | {TYPE, WW.inWardrobe}
    assert {fact for fact in first if fact.predicate not in kept} == set(out.left_out)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_exported_wardrobe_loads_as_the_same_facts(tmp_path: Path, language: Language) -> None:
    first = closet().facts
    out = export(first, MINE, whole(), WARDROBE, language)
    path = tmp_path / "back.csv"
    path.write_text(out.text, "utf-8")
    again = read(path, MINE, names=whole(), into=WARDROBE)
    assert again.unknown == ()
    assert set(again.facts) == set(first) - set(out.left_out)


def test_a_log_names_worn_items_and_skips_what_contradicts_itself() -> None:
    known = closet().facts
    result = read(
        shared("wardrobes/sheworewhat/2023Data.csv"), "sheworewhat-log",
        names=whole(), into=WARDROBE, known=known, mappings=MAPPINGS,
    )  # fmt: skip
    assert result.items == 22
    assert result.unknown == ()
    assert {s.value for s in result.skipped} == {"3 Aerie Jeans - Blue", "4 Aerie Jeans - Blue"}
    items = {fact.subject for fact in known}
    worn = [fact for fact in result.facts if fact.predicate == WW.hasItem]
    assert len(worn) > 100
    assert all(fact.object in items for fact in worn)
    first = WARDROBE.item("outfit-0")
    assert values(result, first, "ww:wornOn") == ["2022-12-19"]
    assert "id:mine/84" in values(result, first, "ww:hasItem")


def test_two_rows_of_a_date_are_two_outfits() -> None:
    known = closet().facts
    result = read(
        shared("wardrobes/sheworewhat/2023Data.csv"), "sheworewhat-log",
        names=whole(), into=WARDROBE, known=known, mappings=MAPPINGS,
    )  # fmt: skip
    days = [fact.object for fact in result.facts if fact.predicate == WW.wornOn]
    assert len(days) == 22
    assert len(set(days)) < 22


def test_a_log_without_its_wardrobe_says_that_no_item_has_the_id() -> None:
    result = read(
        shared("wardrobes/sheworewhat/2023Data.csv"), "sheworewhat-log",
        names=whole(), into=WARDROBE, mappings=MAPPINGS,
    )  # fmt: skip
    assert result.items == 0
    assert any("no item has the id 84" in skipped.why for skipped in result.skipped)


@pytest.mark.parametrize("name", ["", "my wardrobe", "a/b", "x>"])
def test_a_wardrobe_whose_name_is_no_step_of_an_iri_is_refused(name: str) -> None:
    with pytest.raises(InputError) as refused:
        Target("wardrobe", name)
    assert refused.value.code == "WW-TARGET-NAME"


def test_labels_are_no_facts_about_items() -> None:
    assert not {RDFS.label, SKOS.prefLabel} & {fact.predicate for fact in closet().facts}
