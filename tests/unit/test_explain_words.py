"""Words of explanations: agreement, names, absences, and which reasons are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.filling import Slots
from wearwhy.explain.naming import Names
from wearwhy.explain.reasons import Reason, clause, filled, sentence
from wearwhy.explain.sentences import read
from wearwhy.explain.topics import topics
from wearwhy.explain.wording import expression, node_text, said
from wearwhy.rdf import ID, OWL, RDF, RDFS, SCHEMA, SKOS, TYPE, WW, XSD, Fact, Namespace, literal
from wearwhy.rules.layer import Change, Layer

ROOT = Path(__file__).parents[2]
SENTENCES = read(ROOT / "kg" / "sentences.toml")
COAT, BOOTS, SKIRT = ID["mine/coat"], ID["mine/boots"], ID["mine/skirt"]
SHOES, TRAINER = ID["mine/shoes"], ID["mine/trainer"]
KIND = Namespace(ID + ".well-known/genid/kind-")


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


def test_a_verb_agrees_with_an_item_beyond_what_it_is_made_of() -> None:
    heavy = WW["fabric-weight-heavy"]
    day = Literal("2026-11-15", datatype=XSD.date)
    for item, told in ((BOOTS, "Mum's boots, heavy on 2026-11-15, rest"), (COAT, "rests")):
        slots: Slots = {"x": (item,), "m": (heavy,), "d": (day,)}
        assert filled(named(), "{?x}, {?m} on {?d}, [rests|rest]", slots).endswith(told)


@pytest.mark.parametrize(("n", "told"), [(1, "one colour"), (0, "0 colours"), (3, "3 colours")])
def test_a_noun_agrees_with_its_number(n: int, told: str) -> None:
    assert filled(named(), "[one colour|{?n} colours]", {"n": (literal(n),)}) == told


def test_class_membership_is_told_as_being_something() -> None:
    assert said(named(), Fact(COAT, TYPE, WW.Coat)) == "Beige coat is a coat"
    assert said(named(), Fact(BOOTS, TYPE, WW.Boots)) == "Mum's boots are boots"
    assert said(named("zh"), Fact(COAT, TYPE, WW.Coat)) == "Beige coat是大衣"


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (COAT, "Beige coat is not in stock: sold out"),
        (BOOTS, "Mum's boots are not in stock: sold out"),
    ],
)
def test_a_note_agrees_with_its_item(item: NamedNode, told: str) -> None:
    bindings = (("item", item), ("known", Literal("sold out")), ("wanted", Literal("x")))
    rule = WW["told-filter-in-stock"]
    node = EvidenceNode("n", Kind.ABSENT, rule=rule, bindings=bindings, note="-")
    assert told in node_text(named(), node)


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


@pytest.mark.parametrize(
    ("n", "language", "told"),
    [(3, "en", "3 days"), (1, "en", "1 day"), (3, "zh", "3天")],
)
def test_a_duration_in_days_is_told_as_that(n: int, language: str, told: str) -> None:
    duration = f'STRDT(CONCAT("P", STR("{n}"^^{XSD.integer}), "D"), {XSD.dayTimeDuration})'
    text = f'(("2026-11-24"^^{XSD.date} - "2026-11-21"^^{XSD.date}) <= {duration})'
    assert expression(named(language), text) == f"(2026-11-24 - 2026-11-21) ≤ {told}"


def test_the_model_is_named_in_the_language_of_the_proof() -> None:
    fact = Fact(COAT, WW.fabricWeight, WW["fabric-weight-heavy"])
    node = EvidenceNode("n", Kind.PREDICTED, fact, source="model", probability=0.8)
    assert node_text(named("zh"), node).endswith("（模型）")
    assert node_text(named(), replace(node, source="wardrobe.csv")).endswith(" (wardrobe.csv)")


def test_what_has_no_label_is_called_after_its_class_or_its_words() -> None:
    assert named().of(ID["opinion/1"]) == "your opinion of 2026-11-15"
    assert named("zh").of(ID["opinion/1"]) == "您2026-11-15的评价"
    assert named().of(WW.someProperty) == "some property"


def test_every_template_is_there_in_both_languages_and_topics_are_ordered() -> None:
    assert [topic.name for topic in topics(SENTENCES)][:3] == ["weather", "warmth", "occasion"]
    assert all({"en", "zh"} <= template.keys() for template in SENTENCES.values())


def test_chinese_templates_have_chinese_punctuation() -> None:
    for name, template in SENTENCES.items():
        if not name.startswith(
            ("plural", "mass", "small", "vowel", "verb", "item-bare", "op ", "a ww:")
        ):
            assert not set(template["zh"]) & set(",;:!?()"), name


def kinds(language: str = "en") -> Names:
    """Return names where boots are footwear, and have an elastic closure by kind."""
    first, last, other = ID["list/1"], ID["list/2"], KIND["3"]
    facts = [
        Fact(kind, RDFS.label, Literal(name, language="en"))
        for kind, name in (
            (WW.Item, "item"),
            (WW.Footwear, "footwear"),
            (WW.Gadget, "gadget"),
            (WW.closure, "closure"),
        )
    ]
    facts += [
        Fact(WW["closure-elastic"], SKOS.prefLabel, Literal("elastic", language="en")),
        Fact(KIND["1"], OWL.onProperty, WW.closure),
        Fact(KIND["1"], OWL.hasValue, WW["closure-elastic"]),
        Fact(KIND["2"], OWL.unionOf, first),
        Fact(first, RDF.first, WW.Coat),
        Fact(first, RDF.rest, last),
        Fact(last, RDF.first, WW.Skirt),
        Fact(last, RDF.rest, RDF.nil),
        Fact(other, OWL.unionOf, ID["list/3"]),
        Fact(ID["list/3"], RDF.first, other),
        Fact(SHOES, TYPE, WW.Footwear),
        Fact(SHOES, SCHEMA.name, Literal("Red shoes")),
        Fact(TRAINER, TYPE, WW.Footwear),
        Fact(TRAINER, SCHEMA.name, Literal("Air Max")),
    ]
    names = named(language)
    return replace(names, layer=names.layer.child(Change(add=tuple(facts))), shared={})


@pytest.mark.parametrize(
    ("subject", "kind", "told"),
    [
        (COAT, WW.Item, "Beige coat is an item"),
        (BOOTS, WW.Item, "Mum's boots are items"),
        (BOOTS, WW.Footwear, "Mum's boots are footwear"),
        (COAT, WW.Footwear, "Beige coat is footwear"),
        (BOOTS, WW.Gadget, "Mum's boots are of the kind “gadget”"),
        (COAT, WW.Gadget, "Beige coat is a gadget"),
        (SHOES, WW.Item, "Red shoes are items"),
        (TRAINER, WW.Item, "Air Max is an item"),
        (BOOTS, KIND["1"], "Mum's boots are of the kind “closure: elastic”"),
        (COAT, KIND["2"], "Beige coat is of the kind “coat or skirt”"),
    ],
)
def test_what_something_is_agrees_with_what_it_is_said_of(
    subject: NamedNode, kind: NamedNode, told: str
) -> None:
    assert said(kinds(), Fact(subject, TYPE, kind)) == told


def test_what_is_new_is_told_in_the_plural_by_its_name() -> None:
    new = ID["mine/new"]
    names = replace(kinds(), own={new: "Grey wool trousers"})
    assert said(names, Fact(new, TYPE, WW.Item)) == "Grey wool trousers are items"
    assert said(names, Fact(new, TYPE, WW.Footwear)) == "Grey wool trousers are footwear"


def test_a_kind_without_a_name_is_called_by_what_is_of_it() -> None:
    names = kinds()
    kind = Fact(WW.Boots, RDFS.subClassOf, KIND["1"])
    assert said(names, kind) == "boots: of the kind “closure: elastic”"
    assert said(kinds("zh"), kind) == "靴子属于“closure：elastic”一类"
    assert names.of(KIND["2"]) == "“coat or skirt”"
    assert names.of(KIND["3"]) == "kind 3", "one made of itself has nothing to be called by"


def test_an_absence_of_a_class_agrees_too() -> None:
    node = EvidenceNode("n", Kind.ABSENT, note=f"{BOOTS} {TYPE} {WW.Item} .")
    assert node_text(kinds(), node) == "[absent] nothing says that Mum's boots are items"


@pytest.mark.parametrize(
    ("template", "starts"),
    [("taste-dislike", "you do not"), ("comfort-cold", "on the cool"), ("walk-met", "the Zorg")],
)
def test_what_follows_a_colon_begins_in_lower_case(template: str, starts: str) -> None:
    names = ("about", "temperature", "clo", "least", "first", "second")
    slots = dict.fromkeys((*names, "ways", "given"), (SKIRT,))
    one = Reason("key", "", -1.0, template, None, slots)
    assert clause(named(), one).startswith(starts)
    assert sentence(named(), one).startswith(starts[0].upper() + starts[1:])


def test_a_name_after_a_colon_keeps_its_case() -> None:
    one = Reason("key", "", -1.0, "walk-met", None, {"first": (BOOTS,), "second": (COAT,)})
    assert clause(named(), one).startswith("Mum's boots")
