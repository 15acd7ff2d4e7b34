from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import Literal
from tests.feeds_given import CATALOGUE, MAPPINGS, loaded, shared, small, values, whole

from wearwhy.errors import FormatError, InputError, WearwhyError
from wearwhy.feeds.load import named, read
from wearwhy.feeds.loaded import Loaded
from wearwhy.rdf import SCHEMA, WW, Fact

SHOPIFY = "Handle,Title,Type,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Image Src\n"
RSS = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>1</g:id><g:item_group_id>c</g:item_group_id><title>Wool coat with belt</title>
<g:google_product_category>5598</g:google_product_category><g:color>Navy</g:color><g:size>S</g:size><g:price>120.00 EUR</g:price></item>
<item><g:id>2</g:id><g:item_group_id>c</g:item_group_id><title>Wool coat with belt</title>
<g:google_product_category>5598</g:google_product_category><g:color>Navy</g:color><g:size>M</g:size><g:price>110.00 EUR</g:price></item>
<item><g:id>3</g:id><title>Linen dress</title><g:product_type>Apparel &gt; Dresses</g:product_type><g:price>60 EUR</g:price>
<g:shade>dark</g:shade></item></channel></rss>"""


def test_rows_that_share_a_handle_are_one_product_with_variants(tmp_path: Path) -> None:
    text = SHOPIFY + (
        "coat,Wool Coat,Coats,Size,S,Color,Navy,A,120,http://x/1\n"
        "coat,,,,M,,Navy,B,110,\n"
        "coat,,,,M,,Red,C,130,\n"
        "coat,,,,,,,,,http://x/2\n"
        "hat,Beanie,,Title,Default Title,,,D,15,\n"
    )
    result = loaded(text, tmp_path, "shopify")
    coat, hat = CATALOGUE.item("coat"), CATALOGUE.item("hat")
    assert result.items == 2
    assert values(result, coat, "rdf:type") == ["ww:Coat", "schema:ProductGroup"]
    assert values(result, coat, "schema:hasVariant") == [
        "id:shop/coat/S-Navy", "id:shop/coat/M-Navy", "id:shop/coat/M-Red",
    ]  # fmt: skip
    assert values(result, coat, "schema:price") == ["110"]
    assert values(result, coat, "ww:colour") == ["ww:colour-navy"]
    assert values(result, coat, "ww:material") == ["ww:material-wool"]
    red = CATALOGUE.item("coat/M-Red")
    assert values(result, red, "schema:size") == ['"M"']
    assert values(result, red, "ww:colour") == ["ww:colour-red"]
    assert values(result, hat, "schema:hasVariant") == []
    assert values(result, hat, "schema:price") == ["15"]
    assert result.unknown == ()


def test_what_is_no_garment_is_left_out_of_a_catalogue_and_reported(tmp_path: Path) -> None:
    text = SHOPIFY + "x,Gift voucher,Vouchers,Title,Default Title,,,D,15,\ny,Beanie,,,,,,E,9,\n"
    result = loaded(text, tmp_path, "shopify")
    assert result.items == 1
    assert [skipped.value for skipped in result.skipped] == ["Vouchers"]
    assert [unknown.value for unknown in result.unknown] == ["Vouchers"]


def test_a_price_below_nothing_stops_a_shop_export(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="negative price"):
        loaded(SHOPIFY + "y,Beanie,,,,,,E,-9,\n", tmp_path, "shopify")


@pytest.mark.parametrize(
    ("file", "items", "groups", "unknown"),
    [("shopifypartners-apparel.csv", 20, 1, 4), ("swiminista-products_export.csv", 23, 22, 95)],
)
def test_real_shop_exports_are_read(file: str, items: int, groups: int, unknown: int) -> None:
    result = read(
        shared("merchants") / file, "shopify", names=whole(), into=CATALOGUE, mappings=MAPPINGS
    )
    assert result.items == items
    assert sum(fact.object == SCHEMA.ProductGroup for fact in result.facts) == groups
    assert len(result.unknown) <= unknown, sorted((u.column, u.value) for u in result.unknown)
    columns = {u.column for u in result.unknown if not u.value}
    assert columns == set(), f"columns that the mapping does not mention: {columns}"


def test_a_merchant_feed_is_read_from_rss_and_from_tsv_alike(tmp_path: Path) -> None:
    tsv = (
        "id\titem_group_id\ttitle\tgoogle_product_category\tproduct_type\tcolor\tsize\tprice\tshade\n"
        "1\tc\tWool coat with belt\t5598\t\tNavy\tS\t120.00 EUR\t\n"
        "2\tc\tWool coat with belt\t5598\t\tNavy\tM\t110.00 EUR\t\n"
        "3\t\tLinen dress\t\tApparel > Dresses\t\t\t60 EUR\tdark\n"
    )
    rss = loaded(RSS, tmp_path, "google-merchant", "feed.xml")
    assert rss.facts == loaded(tsv, tmp_path, "google-merchant", "feed.tsv").facts
    assert rss.items == 2
    coat = CATALOGUE.item("c")
    assert values(rss, coat, "rdf:type") == ["ww:Coat", "schema:ProductGroup"]
    assert values(rss, coat, "schema:price") == ["110"]
    assert values(rss, coat, "schema:priceCurrency") == ['"EUR"']
    assert values(rss, CATALOGUE.item("3"), "rdf:type") == ["ww:Dress"]
    assert [unknown.column for unknown in rss.unknown] == ["shade"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<!DOCTYPE r [<!ENTITY a 'aaaa'>]><rss><item/></rss>", "WW-XML-DOCTYPE"),
        ("<rss><item></rss>", "WW-XML-SYNTAX"),
        ("<rss>" * 5000, "WW-XML-DEPTH"),
        ("<rss></rss>", "WW-FILE-EMPTY"),
    ],
)
def test_a_hostile_or_broken_feed_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(FormatError) as refused:
        loaded(text, tmp_path, "google-merchant", "feed.xml")
    assert refused.value.code == code


TURTLE = """@prefix ww: <https://w3id.org/wearwhy/ns#> . @prefix schema: <https://schema.org/> .
<https://w3id.org/wearwhy/id/shop/1> a ww:Coat ; schema:name "Coat" ; ww:colour "navy blue" ; schema:price "10" .
[] a schema:Product ; schema:name "Linen dress" ; schema:color "Red" , "blurple" .
"""


def test_rdf_in_our_words_and_in_schema_org_becomes_items(tmp_path: Path) -> None:
    result = loaded(TURTLE, tmp_path, "rdf", "w.ttl")
    assert result.items == 2
    first = next(f.subject for f in result.facts if str(f.subject).endswith("shop/1>"))
    assert values(result, first, "ww:colour") == ["ww:colour-navy"]
    dress = next(f.subject for f in result.facts if "node-0" in str(f.subject))
    assert values(result, dress, "rdf:type") == ["ww:Dress", "schema:Product"]
    assert values(result, dress, "ww:colour") == ["ww:colour-red"]
    assert [(u.column, u.value) for u in result.unknown] == [("ww:colour", "blurple")]


def test_an_rdflib_graph_gives_the_same_items_as_its_file(tmp_path: Path) -> None:
    graph = rdflib.Graph().parse(data=TURTLE, format="turtle")
    mapping = named("rdf", MAPPINGS)
    from tests.feeds_given import WARDROBE

    result = read(graph, mapping, names=small(), into=WARDROBE)

    def plain(facts: tuple[Fact, ...]) -> set[Fact]:
        return {fact for fact in facts if "node-" not in str(fact.subject)}

    assert result.items == 2
    assert plain(result.facts) == plain(loaded(TURTLE, tmp_path, "rdf", "w.ttl").facts)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w.ttl", "<a> <b> " + "[ <c> " * 5000 + "]" * 5000 + " ."),
        ("w.ttl", "<a> <b> " + "( " * 100_000),
        ("w.jsonld", "[" * 5000 + "]" * 5000),
        ("w.jsonld", '{"a":' * 50_000),
        ("w.rdf", '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>'),
        ("w.ttl", "this is not turtle"),
        ("w.rdf", "<r"),
        ("w.nt", "<a> <b>"),
    ],
)
def test_hostile_or_broken_rdf_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(WearwhyError) as refused:
        loaded(text, tmp_path, "rdf", name)
    assert refused.value.code in ("WW-RDF-DEPTH", "WW-RDF-SYNTAX", "WW-XML-DOCTYPE")


def test_an_impossible_day_in_rdf_is_refused(tmp_path: Path) -> None:
    text = TURTLE + '<urn:x> ww:boughtOn "2024-02-31" .'
    with pytest.raises(InputError) as refused:
        loaded(text, tmp_path, "rdf", "w.ttl")
    assert refused.value.code == "WW-VALUE-DATE"


def test_a_class_that_the_ontology_does_not_declare_is_refused_with_the_nearest(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError) as refused:
        loaded(TURTLE.replace("ww:Coat", "ww:Coot"), tmp_path, "rdf", "w.ttl")
    assert refused.value.code == "WW-CLASS-UNKNOWN"
    assert "ww:Coat" in refused.value.hint


@pytest.mark.slow
def test_the_catalogues_of_stylists_and_shops_are_read_without_unknown_columns() -> None:
    def of(path: str, mapping: str, known: tuple[Fact, ...] = ()) -> Loaded:
        return read(
            shared(path), mapping, names=whole(), into=CATALOGUE, known=known, mappings=MAPPINGS
        )

    products = of("mango/products.csv", "mango")
    outfits = of("mango/outfits.csv", "mango-outfits", products.facts)
    assert (products.items > 8500, outfits.items > 6000) == (True, True)
    styles = of("myntra/styles.csv", "myntra")
    assert styles.items > 32_000
    for result in (products, outfits, styles):
        assert {u.column for u in result.unknown if not u.value} == set()
    years = re.compile(r"^20[01]\d$")
    assert not [
        f
        for f in styles.facts
        if f.predicate != SCHEMA.sku
        and isinstance(f.object, Literal)
        and years.match(f.object.value)
    ]
    assert not [f for f in styles.facts if f.predicate == WW.suitsSeason]
