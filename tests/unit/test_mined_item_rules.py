from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wearwhy.errors import UnknownName, ValueRefused
from wearwhy.evidence import Kind
from wearwhy.learn.corpus import corpus, target
from wearwhy.learn.features import Features, Token
from wearwhy.learn.mined.stars_rules import HELD, ItemRule, item_rules
from wearwhy.learn.plan import Attribute, read_plan
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, RDFS, SCHEMA, SKOS, TYPE, WW, Fact, Literal, NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.settings import assets
from wearwhy.workspace.mined_files import as_rule, require_exact
from wearwhy.workspace.mining import Mined, value_of
from wearwhy.workspace.reasoning import Given

PLAN = read_plan(assets() / "kg" / "learn.toml")
FORMALITY = PLAN.attribute("formality")
SEASONS = PLAN.attribute("suitsSeason")
CODES = (WW["dress-code-casual"], WW["dress-code-business"])
ABOVE = [
    Fact(WW.Blazer, RDFS.subClassOf, WW.Jacket),
    Fact(WW.Jacket, RDFS.subClassOf, WW.Outerwear),
    Fact(WW["material-merino"], SKOS.broader, WW["material-wool"]),
]


def item(n: int) -> NamedNode:
    return ID[f"shop/{n}"]


def shop(size: int = 300, *, seed: int = 3) -> list[Fact]:
    """Return items with chance formality, but for business blazers, and summer linen."""
    rng = np.random.default_rng(seed)
    facts = list(ABOVE)
    for n in range(size):
        kind = (WW.Blazer, WW.Jacket, WW.Shirt)[rng.integers(3)]
        stuff = WW["material-" + ("merino", "linen", "cotton")[rng.integers(3)]]
        brand = (" Zara", "zara", "Gap")[rng.integers(3)]
        word = ("T-Shirt", "shirt", "Checked", "羊毛衫")[rng.integers(4)]
        split = Literal("valid" if n % 4 == 0 else "train")
        sure = kind == WW.Blazer and stuff == WW["material-merino"]
        code = CODES[1] if sure else CODES[rng.integers(2)]
        facts += [
            Fact(item(n), WW.inCatalogue, ID["catalogue/shop"]),
            Fact(item(n), TYPE, kind),
            Fact(item(n), WW.material, stuff),
            Fact(item(n), SCHEMA.brand, Literal(brand)),
            Fact(item(n), SCHEMA.name, Literal(f"The {word} {n}" if n % 3 else f"{word} {n}")),
            Fact(item(n), WW["split"], split),
        ]
        if rng.random() < 0.75:
            facts.append(Fact(item(n), WW.formality, code))
        if stuff == WW["material-linen"] or rng.random() < 0.3:
            facts.append(Fact(item(n), WW.suitsSeason, WW["season-summer"]))
        if rng.random() < 0.5:
            facts.append(Fact(item(n), WW.suitsSeason, WW["season-winter"]))
    return facts


def mined(facts: list[Fact], attribute: Attribute = FORMALITY) -> Mined:
    said = Table(facts)
    features = Features(said, PLAN)
    data = corpus(features)
    aim = target(data, attribute)
    assert aim is not None
    rules = tuple(item_rules(data, aim, least=5))
    given = Given((), (), tuple(facts))
    return Mined(rules, given, said, features, data, (attribute,))


def made(attribute: Attribute, value: str, *body: Token) -> ItemRule:
    return ItemRule(attribute, value, tuple(sorted(body)), 20, 18, 5.0, 4, 4)


def test_a_planted_rule_is_first_and_holds_on_items_held_out() -> None:
    first = mined(shop()).rules[0]
    assert first.value == "ww:dress-code-business"
    assert {token.value for token in first.body} == {"ww:Blazer", "ww:material-merino"}
    assert first.right == first.support
    assert first.held_right == first.held_support > 0
    assert not first.exposed


def test_support_and_right_are_counts_of_labelled_items_that_are_fitted() -> None:
    found = mined(shop())
    labels = found.data.labels["formality"]
    for rule in found.rules:
        on = found.items(rule)
        for fold, support, right in (
            (1, rule.support, rule.right),
            (HELD, rule.held_support, rule.held_right),
        ):
            known = [n for n in on if labels[n] and found.data.folds[n] == fold]
            assert len(known) == support
            assert sum(rule.value in labels[n] for n in known) == right
        assert rule.confidence == rule.right / (rule.support + 5)


def test_of_many_values_each_item_is_counted_once() -> None:
    found = mined(shop(), SEASONS)
    rule = next(r for r in found.rules if r.body == (Token("ww:material", "ww:material-linen"),))
    assert rule.value == "ww:season-summer"
    assert rule.right == rule.support


def test_a_confident_rule_that_is_wrong_is_exposed_on_held_out_items() -> None:
    facts = shop()
    # Where it is fitted, a brand always goes with business; where it is held out, never.
    away = {f.subject for f in facts if f.predicate == WW["split"] and f.object == Literal("valid")}
    odd = {item(n) for n in range(0, 300, 2)}
    facts = [
        f for f in facts if not (f.subject in odd and f.predicate in (SCHEMA.brand, WW.formality))
    ]
    facts += [Fact(i, SCHEMA.brand, Literal("Sham")) for i in sorted(odd, key=str)]
    facts += [Fact(i, WW.formality, CODES[i not in away]) for i in sorted(odd, key=str)]
    rules = mined(facts).rules
    rule = next(r for r in rules if r.body == (Token("schema:brand", "sham"),))
    assert rule.confidence > 0.9
    assert rule.at_most < 0.1
    assert rule.exposed


def test_chance_alone_is_claimed_by_few_rules_that_held_out_items_do_not_expose() -> None:
    facts = [f for f in shop(600) if f.predicate != WW.formality]
    rng = np.random.default_rng(9)
    facts += [Fact(item(n), WW.formality, CODES[rng.integers(2)]) for n in range(600)]
    rules = mined(facts).rules
    assert all(rule.gain < 10 for rule in rules)


BODIES = [
    (Token("rdf:type", "ww:Blazer"), Token("ww:material", "ww:material-merino")),
    (Token("rdf:type/rdfs:subClassOf", "ww:Outerwear"),),
    (Token("ww:material/skos:broader", "ww:material-wool"), Token("schema:brand", "gap")),
    (Token("schema:brand", "zara"),),
    (Token("word", "shirt"),),
    (Token("word", "t-shirt"), Token("word", "t-shirt")),
    (Token("word", "羊毛"), Token("rdf:type", "ww:Shirt")),
    (Token("word", "checked"), Token("schema:brand", "gap"), Token("rdf:type", "ww:Jacket")),
]


@pytest.mark.parametrize("attribute", [FORMALITY, SEASONS], ids=lambda a: a.name)
@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_written_rule_concludes_exactly_what_was_counted(
    body: tuple[Token, ...], attribute: Attribute
) -> None:
    # Brands with blanks around them are folded by learning and not by rules.
    facts = [
        replaced(f, Literal(f.object.value.strip())) if f.predicate == SCHEMA.brand else f  # type: ignore[union-attr]
        for f in shop(600)
    ]
    found = mined(facts, attribute)
    value = "ww:dress-code-business" if attribute is FORMALITY else "ww:season-summer"
    rule = made(attribute, value, *body)
    written = as_rule(found, rule)
    require_exact(found, rule, written)
    closed = Layer.root((written,), (), facts)
    told = closed.match(None, attribute.iri, value_of(rule))
    new = {fact.subject for fact in told if closed.kind(fact) is Kind.DERIVED}
    assert new == set(found.concluded(rule))
    assert new
    # Without the guard for values that are stated, it speaks of all on which its body holds.
    bare = replace(written, body=tuple(e for e in written.body if not hasattr(e, "data")))
    unsaid = [f for f in facts if f.predicate != attribute.iri]
    whole = Layer.root((bare,), (), unsaid).match(None, attribute.iri, value_of(rule))
    assert {f.subject for f in whole} == {found.data.items[n] for n in found.items(rule)}


def replaced(fact: Fact, value: Literal) -> Fact:
    return Fact(fact.subject, fact.predicate, value)


def test_an_opening_is_written_where_no_word_before_it_is_left_out() -> None:
    facts = [f for f in shop() if not str(f.object).startswith('"The ')]
    found = mined(facts)
    opening = made(FORMALITY, "ww:dress-code-business", Token("opening", "checked"))
    require_exact(found, opening, as_rule(found, opening))


def test_a_rule_that_would_say_another_thing_than_was_counted_is_refused() -> None:
    found = mined(shop())
    for token in (Token("opening", "checked"), Token("schema:brand", "zara")):
        rule = made(FORMALITY, "ww:dress-code-business", token)
        with pytest.raises(ValueRefused, match="cannot be written"):
            require_exact(found, rule, as_rule(found, rule))


def test_an_unknown_rule_is_refused_with_the_nearest() -> None:
    found = mined(shop())
    name = found.rules[0].id
    with pytest.raises(UnknownName) as told:
        found.rule(name[:-1] + "x")
    assert name in told.value.hint


def test_mining_twice_gives_the_same_rules() -> None:
    assert mined(shop()).rules == mined(list(reversed(shop()))).rules
