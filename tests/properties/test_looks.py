"""Looks: terms add up, arrays and layers agree, deletion does what was said, same bytes out."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from wearwhy.errors import InputError, NoAnswer, WearwhyError
from wearwhy.evidence import Kind
from wearwhy.explain.choosing import choose
from wearwhy.explain.document import document
from wearwhy.explain.naming import names
from wearwhy.explain.rdf import turtle
from wearwhy.explain.sentences import read as read_sentences
from wearwhy.explain.sentences import reasons
from wearwhy.explain.terms import ExplainedLook, explain, explain_terms, in_a_row
from wearwhy.explain.text import looks_text
from wearwhy.feeds.weather import Weather
from wearwhy.outfit.candidates import gather
from wearwhy.outfit.comfort import Grid, Table
from wearwhy.outfit.complete import complete
from wearwhy.outfit.compose import Recommendation, recommend
from wearwhy.outfit.day import dress_day
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, look_layer, scaffold
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, SCHEMA, SKOS, TYPE, WW, Fact
from wearwhy.rules.descriptions import load
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import read_measures
from wearwhy.wearer.log import opinion_facts, wear_facts

ROOT = Path(__file__).parents[2]
ONTOLOGY = ROOT / "ontology"
SENTENCES = read_sentences(ROOT / "kg" / "sentences.toml")
EXACT = 1e-9

# What the random wardrobe is drawn from: enough of each place in a look.
PLACES = {
    "top": 7,
    "bottom": 6,
    "feet": 6,
    "outer": 4,
    "mid": 3,
    "full-body": 3,
    "neck": 2,
    "bag": 2,
}


def ontology_facts() -> list[Fact]:
    files = sorted((*ONTOLOGY.glob("*.ttl"), *ONTOLOGY.glob("schemes/*.ttl")))
    return [
        Fact(q.subject, q.predicate, q.object)
        for path in files
        for q in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    ]


def wardrobe_facts(facts: list[Fact], seed: int) -> list[Fact]:
    rng = random.Random(seed)

    def scheme(name: str) -> list[NamedNode]:
        within = WW[f"{name}-scheme"]
        found = {f.subject for f in facts if f.predicate == SKOS.inScheme and f.object == within}
        return sorted((n for n in found if isinstance(n, NamedNode)), key=str)

    values = {p: scheme(p) for p in ("colour", "material", "pattern", "style")}
    result: list[Fact] = []
    items: list[NamedNode] = []
    for place, count in PLACES.items():
        slot = WW[f"slot-{place}"]
        classes = sorted(
            (f.subject for f in facts if f.predicate == WW.fillsSlot and f.object == slot), key=str
        )
        for n in range(count):
            item = ID[f"mine/{place}-{n}"]
            items.append(item)
            result += [
                Fact(item, TYPE, rng.choice(classes)),
                Fact(item, WW.inWardrobe, ID["wardrobe/mine"]),
                Fact(item, SCHEMA.name, Literal(f"{place} {n}")),
            ]
            for attribute, chance in (
                ("colour", 1.0),
                ("material", 0.9),
                ("pattern", 0.3),
                ("style", 0.4),
            ):
                if rng.random() < chance:
                    result.append(Fact(item, WW[attribute], rng.choice(values[attribute])))
    occasions = [WW["occasion-office"], WW["occasion-dinner"]]
    for n in range(25):
        worn = rng.sample(items, 5)
        on = date(2026, 1 + n % 10, 1 + n)
        result += wear_facts(worn, on, occasions=[rng.choice(occasions)])
    for about in (*rng.sample(values["colour"], 5), *rng.sample(items, 3)):
        result += opinion_facts(about, rng.choice([1.0, -1.0]), date(2026, 6, 1))
    return result


def comfort_table() -> Table:
    """Return a made-up demand: less insulation the warmer it is, more the windier."""
    temperature, wind = np.array([-10.0, 10.0, 30.0]), np.array([0.0, 40.0])
    least = np.array([[2.5, 3.0], [1.2, 1.5], [0.2, 0.3]])
    return {WW["activity-walking"]: Grid(temperature, wind, least, least + 0.5)}


class Blobs:
    """Vectors made of the items' names: meaningless, and always the same."""

    def matrix(self, items: list[NamedNode]) -> np.ndarray:
        rows = [
            np.random.default_rng(len(i.value) * 31 + ord(i.value[-1])).normal(size=8)
            for i in items
        ]
        found = np.array(rows).reshape(-1, 8)
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))

    def cosine(self, a: NamedNode, b: NamedNode) -> float:
        rows = self.matrix([a, b])
        return float(rows[0] @ rows[1])

    def neighbours(self, item: NamedNode, n: int) -> list[tuple[NamedNode, float]]:
        return [(ID[f"mine/top-{k}"], 1.0 - k / 10) for k in range(n)]


@pytest.fixture(scope="module")
def base() -> tuple[Layer, list[Fact]]:
    facts = ontology_facts()
    rules = load(sorted(ONTOLOGY.glob("rules/*.srl")))
    assert not rules.errors
    facts += rules.facts
    return Layer.root(rules.rules, read_measures(facts), facts), facts


@pytest.fixture(scope="module")
def wardrobe(base: tuple[Layer, list[Fact]]) -> Layer:
    root, facts = base
    return root.child(Change(add=tuple(wardrobe_facts(facts, seed=7))))


@pytest.fixture(scope="module")
def resources() -> Resources:
    return Resources(table=comfort_table(), vectors=Blobs())  # type: ignore[arg-type]


def request(seed: int, n: int = 2) -> Request:
    rng = random.Random(seed)
    occasion = rng.choice(["office", "dinner", "everyday", "date", "travel", "party"])
    conditions = rng.sample(["rain", "wind", "sun"], rng.randint(0, 2))
    weather = Weather(
        temperature=float(rng.randint(-5, 32)),
        wind=float(rng.randint(0, 40)),
        conditions=tuple(WW[f"weather-{c}"] for c in conditions),
    )
    locked = (ID[f"mine/top-{rng.randint(0, 6)}"],) if rng.random() < 0.3 else ()
    day = date(2026, 11, 1 + seed % 28)
    return Request((WW[f"occasion-{occasion}"],), day, weather, locked=locked, n=n)


def answered(wardrobe: Layer, resources: Resources, seeds: range) -> list[Recommendation]:
    """Return the recommendations of those random requests that have one."""
    found, told = [], []
    for seed in seeds:
        try:
            found.append(recommend(wardrobe, request(seed), resources))
        except NoAnswer as answer:
            # An honest no says what stands in the way.
            told.append(answer.note)
    assert found
    assert all(told)
    return found


def check_sums(answers: list[Recommendation], resources: Resources) -> None:
    for answer in answers:
        for look in answer.looks:
            assert look.score == math.fsum(term.value for term in look.terms)
            layer = look_layer(answer.layer, look)
            resident = {term.key: term for term in explain_terms(layer, look, resources)}
            arrays = {term.key: term for term in look.terms}
            assert resident.keys() == arrays.keys()
            for key, term in arrays.items():
                assert resident[key].about == term.about
                assert resident[key].value == pytest.approx(term.value, abs=EXACT)


def test_terms_add_up_and_arrays_say_what_the_layer_says(
    wardrobe: Layer, resources: Resources
) -> None:
    check_sums(answered(wardrobe, resources, range(4)), resources)


@pytest.mark.slow
def test_terms_of_fifty_requests_add_up(wardrobe: Layer, resources: Resources) -> None:
    check_sums(answered(wardrobe, resources, range(100, 150)), resources)


def rebuilt(wardrobe: Layer, look: Look, gone: Fact) -> Layer:
    """Return the look's layer made from the wardrobe up, as if a fact had never been said."""
    without = wardrobe.child(Change(remove=(gone,)))
    asked = without.child(Change(add=tuple(f for f in look.request.facts() if f != gone)))
    stage = scaffold(look.request.iri, look.items)
    return asked.child(Change(add=tuple(f for f in stage if f != gone)))


def check_deletions(
    wardrobe: Layer, look: ExplainedLook, resources: Resources, stride: int
) -> None:
    cited: dict[Fact, None] = {}
    for term in look.terms:
        for name in term.withouts:
            statement = term.evidence.nodes[name].statement
            assert statement is not None
            cited[statement] = None
    for fact in list(cited)[::stride]:
        layer = rebuilt(wardrobe, look.look, fact)
        fresh = {t.key: t.value for t in explain_terms(layer, look.look, resources)}
        for term in look.terms:
            for name, value in term.withouts.items():
                node = term.evidence.nodes[name]
                if node.statement != fact:
                    continue
                assert fresh.get(term.term.key, 0.0) == pytest.approx(value, abs=EXACT)
                if term.term.verdict is not None:
                    assert node.needed == (not layer.holds(term.term.verdict))
                if term.without_fact == fact:
                    assert term.without == value


def test_deleting_a_cited_fact_does_what_needed_and_without_say(
    wardrobe: Layer, resources: Resources
) -> None:
    answer = answered(wardrobe, resources, range(3, 5))[0]
    check_deletions(wardrobe, explain(answer.layer, answer.looks[0], resources), resources, 20)


@pytest.mark.slow
def test_deleting_any_cited_fact_does_what_needed_and_without_say(
    wardrobe: Layer, resources: Resources
) -> None:
    for answer in answered(wardrobe, resources, range(100, 110)):
        for look in answer.looks:
            check_deletions(wardrobe, explain(answer.layer, look, resources), resources, 1)


def printed(wardrobe: Layer) -> tuple[str, str, str]:
    resources = Resources(table=comfort_table(), vectors=Blobs())  # type: ignore[arg-type]
    answer = recommend(wardrobe, request(3, n=1), resources)
    looks = [explain(answer.layer, look, resources) for look in answer.looks]
    text = looks_text(looks, SENTENCES, language="zh")
    shown = document(answer.request, looks, SENTENCES, revision=1, layer=answer.layer)
    evidence = turtle(term.evidence for look in looks for term in look.terms)
    return json.dumps(shown, ensure_ascii=False), text, evidence


def test_the_same_request_gives_the_same_bytes(wardrobe: Layer) -> None:
    assert printed(wardrobe) == printed(wardrobe)


def test_the_document_is_closed_and_says_needed_of_every_asserted_fact_of_a_term(
    wardrobe: Layer,
) -> None:
    shown = json.loads(printed(wardrobe)[0])
    nodes = shown["proof"]["nodes"]
    kinds = {kind.value for kind in Kind}
    for node in nodes.values():
        assert node["kind"] in kinds
        assert all(premise in nodes for premise in node["premises"])
        assert node["kind"] == "asserted" or "needed" not in node
    for look in shown["looks"]:
        assert all(one["evidence"] in nodes for one in (*look["terms"], *look["labels"]))
        for name in beneath(nodes, [term["evidence"] for term in look["terms"]]):
            assert (nodes[name]["kind"] == "asserted") == ("needed" in nodes[name])
        assert math.fsum(t["value"] for t in look["terms"]) == pytest.approx(
            look["score"], abs=EXACT
        )
        assert look["reasons"]["en"]
        assert look["reasons"]["zh"]


def beneath(nodes: dict[str, Any], roots: list[str]) -> set[str]:
    """Return the names of the nodes that some roots rest on, the roots among them."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += nodes[name]["premises"]
    return found


def test_evidence_as_turtle_is_read_back(wardrobe: Layer) -> None:
    quads = list(parse(printed(wardrobe)[2].encode(), format=RdfFormat.TURTLE))
    assert any(q.predicate.value.endswith("#reifies") for q in quads)


def test_a_wardrobe_without_shoes_gets_an_honest_answer(base: tuple[Layer, list[Fact]]) -> None:
    root, facts = base
    kept = [
        f
        for f in wardrobe_facts(facts, seed=7)
        if "/feet-" not in str(f.subject) and "/feet-" not in str(f.object)
    ]
    shop = ID["catalogue/shop"]
    shoe = ID["shop/shoe"]
    kind = next(
        f.object
        for f in wardrobe_facts(facts, seed=7)
        if f.predicate == TYPE and "/feet-" in str(f.subject)
    )
    kept += [
        Fact(shoe, TYPE, kind),
        Fact(shoe, WW.inCatalogue, shop),
        Fact(shoe, SCHEMA.name, Literal("shop shoe")),
    ]
    layer = root.child(Change(add=tuple(kept)))
    with pytest.raises(NoAnswer) as refused:
        recommend(layer, Request((WW["occasion-everyday"],), date(2026, 5, 3)), Resources())
    assert refused.value.code == "WW-LOOK-NONE"
    assert "shop shoe" in refused.value.note


def test_a_locked_item_stays_and_what_forbids_it_is_told(
    wardrobe: Layer, resources: Resources
) -> None:
    index = resources.index(wardrobe)
    for seed in range(20, 60):
        asked = replace(request(seed, n=1), locked=())
        layer = wardrobe.child(Change(add=asked.facts()))
        pool = gather(layer, asked, index, resources)
        for number in np.flatnonzero(pool.verdicts.barred).tolist():
            locked = pool.items[number]
            free = recommend_or_none(wardrobe, asked, resources)
            assert free is None or all(locked not in look.items for look in free.looks)
            answer = recommend_or_none(wardrobe, replace(asked, locked=(locked,)), resources)
            if answer is not None:
                look = answer.looks[0]
                assert locked in look.items
                assert (locked,) in [told.about for told in look.told]
                return
    pytest.fail("no random request forbids an item that fits a look")


def recommend_or_none(
    wardrobe: Layer, asked: Request, resources: Resources
) -> Recommendation | None:
    try:
        return recommend(wardrobe, asked, resources)
    except NoAnswer:
        return None


def test_completions_of_an_outfit_hold_it_and_come_best_first(
    wardrobe: Layer, resources: Resources
) -> None:
    given = ID["mine/bottom-1"]
    asked = Request((WW["occasion-everyday"],), date(2026, 5, 3), locked=(given,))
    _, found = complete(wardrobe, asked, resources, n=4)
    assert any(found.values())
    for slot, completions in found.items():
        scores = [round(c.look.score, 9) for c in completions]
        assert scores == sorted(scores, reverse=True)
        for one in completions:
            assert one.slot == slot
            assert set(one.look.items) == {given, one.item}
            assert one.look.score == math.fsum(term.value for term in one.look.terms)


def test_completing_nothing_is_refused(wardrobe: Layer, resources: Resources) -> None:
    with pytest.raises(InputError) as refused:
        complete(wardrobe, Request((WW["occasion-office"],)), resources)
    assert refused.value.code == "WW-COMPLETE-EMPTY"


def test_a_day_has_one_look_for_all_or_names_what_forced_the_change(
    wardrobe: Layer, resources: Resources
) -> None:
    on = date(2026, 5, 3)
    alike = [Request((WW[f"occasion-{o}"],), on) for o in ("everyday", "errands")]
    day = dress_day(wardrobe, alike, resources)
    assert day.whole is not None or (len(day.parts) == 2 and day.told)
    for forced in day.forced:
        layer = look_layer(
            wardrobe.child(Change(add=forced.part.facts())),
            replace(forced.look, request=forced.part),
        )
        assert layer.holds(Fact(forced.about, WW.violates, forced.rule))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Request((WW["occasion-offise"],)), "WW-REQUEST-CONCEPT"),
        (Request(locked=(ID["mine/tops-1"],)), "WW-REQUEST-ITEM"),
        (
            Request(locked=(ID["mine/top-1"],), excluded=(ID["mine/top-1"],)),
            "WW-REQUEST-CONFLICT",
        ),
        (Request(source="ownd"), "WW-REQUEST-SOURCE"),
        (Request(n=0), "WW-REQUEST-COUNT"),
    ],
)
def test_a_request_for_what_does_not_exist_is_refused(
    wardrobe: Layer, resources: Resources, asked: Request, code: str
) -> None:
    with pytest.raises(WearwhyError) as refused:
        recommend(wardrobe, asked, resources)
    assert refused.value.code == code


@pytest.mark.slow
def test_a_look_tells_three_to_five_reasons_and_none_that_only_sets_the_stage(
    wardrobe: Layer, resources: Resources
) -> None:
    for answer in answered(wardrobe, resources, range(3, 6)):
        looks = in_a_row(explain(answer.layer, look, resources) for look in answer.looks)
        for look in looks:
            for language in ("en", "zh"):
                told = reasons(look, SENTENCES, language)
                assert 3 <= len(told) - len(look.look.told) <= 5
                assert not any(mark in one for one in told for mark in "{}[]|")
            for term in look.terms:
                fact = term.without_fact
                assert (term.without is None) == (not term.withouts)
                if fact is not None and fact.predicate == TYPE:
                    cited = [term.evidence.nodes[n].statement for n in term.withouts]
                    stage = {WW.Look, WW.Pair, WW.Request}
                    alone = all(f is not None and f.object in stage for f in cited)
                    assert fact.object not in stage or alone or len(cited) == 1


def test_english_and_chinese_tell_the_same_reasons(wardrobe: Layer, resources: Resources) -> None:
    answer = answered(wardrobe, resources, range(3, 4))[0]
    looks = in_a_row(explain(answer.layer, look, resources, trials=False) for look in answer.looks)
    for look in looks:
        keys = [
            [r.key for r in choose(names(look.layer, look.look, SENTENCES, language), look)]
            for language in ("en", "zh")
        ]
        assert keys[0] == keys[1]
