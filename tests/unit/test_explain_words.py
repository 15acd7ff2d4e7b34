"""Words of explanations: agreement, names, absences, and which reasons are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.naming import Names
from wearwhy.explain.reasons import filled
from wearwhy.explain.sentences import read
from wearwhy.explain.topics import topics
from wearwhy.explain.wording import expression, node_text, said
from wearwhy.rdf import ID, RDFS, SCHEMA, SKOS, TYPE, WW, XSD, Fact, literal
from wearwhy.rules.layer import Change, Layer

ROOT = Path(__file__).parents[2]
SENTENCES = read(ROOT / "kg" / "sentences.toml")
COAT, BOOTS, SKIRT = ID["mine/coat"], ID["mine/boots"], ID["mine/skirt"]


def named(language: str = "en") -> Names:
    def both(node: NamedNode, en: str, zh: str) -> list[Fact]:
        return [
            Fact(node, RDFS.label, Literal(en, language="en")),
            Fact(node, RDFS.label, Literal(zh, language="zh")),
        ]

    facts = [
        Fact(COAT, TYPE, WW.Coat),
        Fact(COAT, SCHEMA.name, Literal("Beige coat")),
        Fact(BOOTS, TYPE, WW.Boots),
        Fact(BOOTS, SCHEMA.name, Literal("Mum's boots")),
        Fact(SKIRT, TYPE, WW.Skirt),
        Fact(SKIRT, SCHEMA.name, Literal("Zorg skirt")),
        Fact(WW["colour-beige"], SKOS.prefLabel, Literal("beige", language="en")),
        Fact(ID["opinion/1"], TYPE, WW.Opinion),
        Fact(ID["opinion/1"], WW.givenOn, Literal("2026-11-15", datatype=XSD.date)),
        *both(WW.Coat, "coat", "大衣"),
        *both(WW.Boots, "boots", "靴子"),
        *both(WW.Skirt, "skirt", "半身裙"),
        *both(WW.fabricWeight, "fabric weight", "面料厚度"),
        *both(WW["fabric-weight-heavy"], "heavy", "厚重"),
    ]
    layer = Layer.root((), (), facts)
    return Names(layer, language, {}, SENTENCES, (COAT, SKIRT, BOOTS))


@pytest.mark.parametrize(
    ("colour", "language", "name"),
    [
        (True, "en", "beige coat 4711-X"),
        (True, "zh", "beige大衣4711-X"),
        (False, "en", "coat 4711-X"),
    ],
)
def test_what_a_shop_gives_no_name_is_called_by_what_it_is(
    colour: bool, language: str, name: str
) -> None:
    item = ID["shop/4711-X"]
    facts = [Fact(item, TYPE, WW.Coat), Fact(item, WW.inCatalogue, ID["catalogue/shop"])]
    facts += [Fact(item, WW.colour, WW["colour-beige"])] if colour else []
    names = named(language)
    assert (
        replace(names, layer=names.layer.child(Change(add=tuple(facts))), shared={}).of(item)
        == name
    )
    assert names.of(item) == "4711 x", "nothing is known of it there"


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ((COAT,), "the beige coat sheds water"),
        ((BOOTS,), "Mum's boots shed water"),
        ((COAT, BOOTS), "the beige coat and Mum's boots shed water"),
        ((COAT, SKIRT, BOOTS), "every piece sheds water"),
        ((SKIRT,), "the Zorg skirt sheds water"),
    ],
)
def test_a_verb_agrees_with_what_it_is_said_of(items: tuple[NamedNode, ...], told: str) -> None:
    assert filled(named(), "{?x} [sheds|shed] water", {"x": items}) == told


@pytest.mark.parametrize(("n", "told"), [(1, "one colour"), (0, "0 colours"), (3, "3 colours")])
def test_a_noun_agrees_with_its_number(n: int, told: str) -> None:
    assert filled(named(), "[one colour|{?n} colours]", {"n": (literal(n),)}) == told


def test_class_membership_is_told_as_being_something() -> None:
    assert said(named(), Fact(COAT, TYPE, WW.Coat)) == "Beige coat is a coat"
    assert said(named(), Fact(BOOTS, TYPE, WW.Boots)) == "Mum's boots are boots"
    assert said(named("zh"), Fact(COAT, TYPE, WW.Coat)) == "Beige coat是大衣"


def test_an_absence_is_told_in_words() -> None:
    heavy = WW["fabric-weight-heavy"]
    node = EvidenceNode("n", Kind.ABSENT, note=f"{COAT} {WW.fabricWeight} {heavy} .")
    assert node_text(named(), node) == (
        "[absent] nothing says that Beige coat's fabric weight is heavy"
    )
    assert node_text(named("zh"), node) == "[缺失] 没有说明Beige coat的面料厚度为厚重"


def test_a_guess_shows_its_probability() -> None:
    fact = Fact(COAT, WW.fabricWeight, WW["fabric-weight-heavy"])
    node = EvidenceNode("n", Kind.PREDICTED, fact, probability=0.834)
    assert node_text(named(), node).startswith("[predicted p=0.83] Beige coat: fabric weight heavy")


def test_a_computation_is_readable() -> None:
    decimal = "<http://www.w3.org/2001/XMLSchema#decimal>"
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"
    assert expression(named(), f'("0.20"^^{decimal} >= "0.17"^^{decimal})') == "0.2 ≥ 0.17"
    assert expression(named(), f'(("3"^^{integer} >= "2"^^{integer}) && (?a != ?b))') == (
        "3 ≥ 2 and ?a ≠ ?b"
    )


def test_what_has_no_label_is_called_after_its_class_or_its_words() -> None:
    assert named().of(ID["opinion/1"]) == "your opinion of 2026-11-15"
    assert named("zh").of(ID["opinion/1"]) == "您2026-11-15的评价"
    assert named().of(WW.someProperty) == "some property"


def test_every_template_is_there_in_both_languages_and_topics_are_ordered() -> None:
    assert [topic.name for topic in topics(SENTENCES)][:3] == ["weather", "warmth", "occasion"]
    assert all({"en", "zh"} <= template.keys() for template in SENTENCES.values())


def test_chinese_templates_have_chinese_punctuation() -> None:
    for name, template in SENTENCES.items():
        if not name.startswith(("plural", "vowel", "verb", "item-bare", "op ", "a ww:")):
            assert not set(template["zh"]) & set(",;:!?()"), name
