from __future__ import annotations

import pytest
from tests.feeds_given import small, whole

from wearwhy.feeds.names import CLASSES, local
from wearwhy.feeds.words import parts, slug, words
from wearwhy.rdf import WW

NAMES = small()
COLOUR = WW["colour-scheme"]
MATERIAL = WW["material-scheme"]


@pytest.mark.parametrize(
    "said",
    ["navy", "Navy", " NAVY ", "ｎａｖｙ", "navy-blue", "Navy Blue", "藏青色", "colour navy"],
)
def test_a_label_is_found_in_any_case_width_hyphenation_and_language(said: str) -> None:
    found = NAMES.find(said.removeprefix("colour "), COLOUR)
    assert found == WW["colour-navy"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("dresses", "Dress"),
        ("Jeans", "Jeans"),
        ("jean jackets", ""),
        ("scarves", "Scarf"),
        ("Tees", "Tshirt"),
    ],
)
def test_english_plurals_name_what_their_singular_names(said: str, expected: str) -> None:
    found = NAMES.find(said, CLASSES)
    assert (local(found) if found else "") == expected


def test_words_inside_a_title_are_found_longest_first() -> None:
    title = "Wool-blend double-breasted trench coat"
    assert [local(hit.node) for hit in NAMES.within(title, CLASSES)] == ["TrenchCoat"]
    assert [local(hit.node) for hit in NAMES.within(title, MATERIAL)] == ["material-wool"]


def test_a_chinese_label_is_found_wherever_its_characters_stand() -> None:
    assert [local(hit.node) for hit in NAMES.within("藏青色毛呢大衣", CLASSES)] == ["Coat"]
    assert [local(hit.node) for hit in NAMES.within("藏青色毛呢大衣", MATERIAL)] == [
        "material-wool"
    ]


def test_an_english_label_inside_another_word_is_not_found() -> None:
    assert NAMES.within("recoated tantalum", COLOUR) == []


def test_composite_values_come_apart_largest_share_first() -> None:
    assert parts("30% polyester, 70% wool") == ["wool", "polyester"]
    assert parts("Black, Red, Gold") == ["Black", "Red", "Gold"]
    assert parts("100% cotton") == ["cotton"]
    assert parts("黑色、红色") == ["黑色", "红色"]
    assert parts("wool 70% cotton 30%") != []


def test_the_nearest_label_is_suggested_and_nothing_far() -> None:
    assert NAMES.nearest("burgndy", COLOUR) == "burgundy"
    assert NAMES.nearest("zzzzqq", COLOUR) is None


def test_the_scheme_of_a_property_is_a_fact_of_the_ontology() -> None:
    assert NAMES.scope(WW.accentColour) == COLOUR
    assert NAMES.scope(WW.boughtOn) is None
    assert NAMES.datatype(WW.boughtOn) is not None


def test_members_of_an_ordinal_scheme_come_by_level() -> None:
    levels = [NAMES.label(node) for node in NAMES.members(WW["warmth-scheme"])]
    assert levels == ["none", "light", "medium", "warm", "very warm"]


def test_slugs_are_their_own_slugs() -> None:
    for text in ("Ocean Blue / XL", "白色 衬衫", "a--b", "7"):
        assert slug(slug(text)) == slug(text)


def test_words_leave_possessives_and_punctuation_out() -> None:
    assert words("Levi's Jean-Jacket!") == ("levi", "jean", "jacket")


def test_every_class_and_concept_of_the_ontology_is_found_by_its_english_label() -> None:
    names = whole()
    lost = [
        (node, names.label(node))
        for scope in names.index
        for node in names.members(scope)
        if names.find(names.label(node), scope) != node
    ]
    assert lost == []
