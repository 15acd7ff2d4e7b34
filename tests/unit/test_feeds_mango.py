"""The stylists' products and outfits: models, launches, the shop's own words, the split."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode
from tests.feeds_given import CATALOGUE, MAPPINGS, shared, values, whole

from wearwhy.errors import FormatError
from wearwhy.feeds.load import read
from wearwhy.feeds.loaded import Loaded
from wearwhy.feeds.mapping import read_mapping
from wearwhy.feeds.source import column_node
from wearwhy.rdf import SCHEMA, TYPE, WW, Fact

HEAD = "product_id,colour_code,colour_name_es,colour_group,gender,age_group,line,fabric,category,aggregated_family,family,type,photo,collection\n"
ROWS = (
    "12345678-99,99,NEGRO,GREY,Female,Adult,SHE,P-PLANA,Bottoms,Trousers & leggings,Trousers,Trousers,photos/a.jpg,2030\n"
    "12345678-02,02,CRUDO,WHITE,Female,Adult,SHE,P-PLANA,Bottoms,Trousers & leggings,Trousers,Trousers,photos/b.jpg,2030\n"
    "98765432-02,02,CRUDO,WHITE,Unisex,Adult,HOME,C-COMPLEMENTOS,Home,Home,Gadgets,Candle,photos/c.jpg,2030\n"
)
OUTFITS = (
    "outfit_id,split,product_id\n"
    "o1,train,12345678-99\no1,train,98765432-02\n"
    "o2,valid,12345678-02\no2,valid,98765432-02\n"
)


def of(text: str, folder: Path, mapping: str, known: tuple[Fact, ...] = ()) -> Loaded:
    path = folder / "rows.csv"
    path.write_text(text)
    return read(path, mapping, names=whole(), into=CATALOGUE, known=known, mappings=MAPPINGS)


def said(result: Loaded, item: NamedNode, column: str) -> list[str]:
    node = column_node("mango", column)
    return [
        f.object.value
        for f in result.facts
        if f.subject == item and f.predicate == node and isinstance(f.object, Literal)
    ]


def test_one_style_in_two_colours_is_two_variants_of_one_model(tmp_path: Path) -> None:
    found = of(HEAD + ROWS, tmp_path, "mango")
    black, cream, candle = (
        CATALOGUE.item(step) for step in ("12345678-99", "12345678-02", "98765432-02")
    )
    assert found.items == 3
    assert values(found, black, "schema:isVariantOf") == ["id:shop/model/12345678"]
    assert values(found, cream, "schema:isVariantOf") == ["id:shop/model/12345678"]
    assert values(found, candle, "schema:isVariantOf") == ["id:shop/model/98765432"]
    groups = {f.subject for f in found.facts if f.object == SCHEMA.ProductGroup}
    assert groups == {CATALOGUE.item("model/12345678"), CATALOGUE.item("model/98765432")}
    assert not {f.subject for f in found.facts if f.predicate == WW.inCatalogue} & groups


def test_the_shops_own_words_and_the_launch_are_kept_and_the_collection_is_not(
    tmp_path: Path,
) -> None:
    found = of(HEAD + ROWS, tmp_path, "mango")
    black = CATALOGUE.item("12345678-99")
    assert values(found, black, "ww:colour") == ["ww:colour-black"]
    kept = (
        "launch",
        "series",
        "type",
        "family",
        "colour_name_es",
        "colour_group",
        "line",
        "fabric",
    )
    assert [said(found, black, column) for column in kept] == [
        ["12"], ["345"], ["Trousers"], ["Trousers"], ["NEGRO"], ["GREY"], ["SHE"], ["P-PLANA"],
    ]  # fmt: skip
    assert not any(isinstance(f.object, Literal) and f.object.value == "2030" for f in found.facts)


def test_what_is_no_garment_stays_an_item_that_outfits_may_hold(tmp_path: Path) -> None:
    found = of(HEAD + ROWS, tmp_path, "mango")
    candle = CATALOGUE.item("98765432-02")
    assert values(found, candle, "rdf:type") == ["ww:Item"]
    assert "Candle" in {u.value for u in found.unknown}


def test_an_outfit_keeps_which_part_of_the_source_it_is_of(tmp_path: Path) -> None:
    products = of(HEAD + ROWS, tmp_path, "mango")
    outfits = of(OUTFITS, tmp_path, "mango-outfits", products.facts)
    first, second = CATALOGUE.item("o1"), CATALOGUE.item("o2")
    assert values(outfits, first, "ww:split") == ['"train"']
    assert values(outfits, second, "ww:split") == ['"valid"']
    assert values(outfits, first, "ww:hasItem") == ["id:shop/12345678-99", "id:shop/98765432-02"]
    assert (outfits.unknown, outfits.skipped) == ((), ())


def test_a_number_that_has_not_the_form_of_a_model_names_none(tmp_path: Path) -> None:
    found = of(HEAD + ROWS.splitlines()[0].replace("12345678-99", "short"), tmp_path, "mango")
    assert values(found, CATALOGUE.item("short"), "schema:isVariantOf") == []
    assert said(found, CATALOGUE.item("short"), "launch") == ["sh"]


@pytest.mark.parametrize(
    ("part", "code"), [("(", "WW-MAPPING-VALUE"), ("..", "WW-MAPPING-VALUE"), ("(.)(.)", "WW-MAPPING-VALUE")]
)  # fmt: skip
def test_an_expression_of_a_part_has_one_group(tmp_path: Path, part: str, code: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        f'name = "m"\n[source]\nkinds = ["csv"]\n[item]\nid = "{{id}}"\nkind = "ww:Item"\n'
        f"[columns.id]\n[columns.half]\nfrom = 'id'\npart = '{part}'\n"
    )
    with pytest.raises(FormatError) as refused:
        read_mapping(path)
    assert refused.value.code == code


def test_a_column_of_a_part_is_no_header(tmp_path: Path) -> None:
    """A column that reads a part of another's cells is not looked for in the file."""
    found = of(HEAD.strip() + ",launch\n" + ROWS.splitlines()[0] + ",x\n", tmp_path, "mango")
    assert [u.column for u in found.unknown if not u.value] == ["launch"]
    assert said(found, CATALOGUE.item("12345678-99"), "launch") == ["12"]


@pytest.mark.slow
def test_the_stylists_catalogue_is_read_whole() -> None:
    def whole_of(path: str, mapping: str, known: tuple[Fact, ...] = ()) -> Loaded:
        return read(
            shared(path), mapping, names=whole(), into=CATALOGUE, known=known, mappings=MAPPINGS
        )

    products = whole_of("mango/products.csv", "mango")
    assert products.items == 9222
    models = {f.object for f in products.facts if f.predicate == SCHEMA.isVariantOf}
    assert len(models) == 6951
    outfits = whole_of("mango/outfits.csv", "mango-outfits", products.facts)
    assert (outfits.items, outfits.skipped) == (6198, ())
    splits = Counter(str(f.object) for f in outfits.facts if f.predicate == WW["split"])
    assert splits == {'"train"': 5469, '"valid"': 729}
    assert all(f.predicate != TYPE or f.object == WW.Outfit for f in outfits.facts)
