"""Looks by a learned model: pairs and walks between items add up, agree, and fall as is said."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from tests.outfit_model_given import made_up
from tests.properties.test_looks import (
    ONTOLOGY,
    SENTENCES,
    Blobs,
    answered,
    check_deletions,
    check_sums,
    comfort_table,
    ontology_facts,
    request,
    wardrobe_facts,
)

from wearwhy.evidence import Kind
from wearwhy.explain.document import document
from wearwhy.explain.naming import names
from wearwhy.explain.sentences import LANGUAGES, label_of, sentence
from wearwhy.explain.terms import ExplainedLook, explain
from wearwhy.explain.text import looks_text
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.index import Resources
from wearwhy.rdf import ID, SCHEMA, WW, Fact, NamedNode, literal
from wearwhy.rules.descriptions import load
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import read_measures
from wearwhy.walk.graph import held_out, named

EXACT = 1e-9


@pytest.fixture(scope="module")
def wardrobe() -> Layer:
    facts = ontology_facts()
    rules = load(sorted(ONTOLOGY.glob("rules/*.srl")))
    facts += rules.facts
    root = Layer.root(rules.rules, read_measures(facts), facts)
    own = wardrobe_facts(facts, seed=7)
    items = sorted({f.subject for f in own if f.predicate == WW.inWardrobe}, key=str)
    own += [Fact(item, SCHEMA.isVariantOf, ID[f"model/{n // 2}"]) for n, item in enumerate(items)]
    outfits = sorted({f.subject for f in own if f.object == WW.Outfit}, key=str)
    own += [Fact(outfit, WW["split"], literal("valid")) for outfit in outfits[:5]]
    own += [Fact(outfit, WW["split"], literal("train")) for outfit in outfits[5:]]
    return root.child(Change(add=tuple(own)))


def items_of(layer: Layer) -> list[NamedNode]:
    return named(f.subject for f in layer.match(None, WW.inWardrobe, None))


@pytest.fixture(scope="module")
def resources(wardrobe: Layer) -> Resources:
    model = made_up(wardrobe, items_of(wardrobe))
    return Resources(table=comfort_table(), vectors=Blobs(), pairing_model=model)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def looks(wardrobe: Layer, resources: Resources) -> list[ExplainedLook]:
    answers = answered(wardrobe, resources, range(3, 6))
    return [explain(a.layer, look, resources) for a in answers for look in a.looks]


def test_terms_add_up_and_arrays_say_what_the_layer_says(
    wardrobe: Layer, resources: Resources
) -> None:
    answers = answered(wardrobe, resources, range(5))
    check_sums(answers, resources)
    kinds = {(t.kind, t.coupled) for a in answers for look in a.looks for t in look.terms}
    assert {("pair", True), ("walk", True), ("walk", False)} <= kinds
    assert ("pair", False) not in kinds


def test_what_a_pair_is_told_by_adds_up_to_it_and_holds(looks: list[ExplainedLook]) -> None:
    told = 0
    for look in looks:
        for term in look.terms:
            if not term.term.coupled:
                continue
            nodes = term.evidence.nodes
            root = nodes[term.evidence.root]
            parts = [nodes[name] for name in root.premises]
            told += len(parts)
            assert root.value == term.term.value
            assert all(part.kind in (Kind.PAIR, Kind.PATH, Kind.OPAQUE) for part in parts)
            assert math.fsum(part.value or 0.0 for part in parts) == pytest.approx(
                term.term.value, abs=EXACT
            )
            for node in nodes.values():
                if node.statement is not None and node.kind is not Kind.ABSENT:
                    assert look.layer.holds(node.statement)
    assert told


def test_what_is_held_out_is_cited_by_nothing(wardrobe: Layer, looks: list[ExplainedLook]) -> None:
    held = held_out(wardrobe)
    assert len(held) == 5
    for look in looks:
        for term in look.terms:
            if term.term.kind == "rule":
                continue
            for node in term.evidence.nodes.values():
                said = node.statement
                assert said is None or said.subject not in held
                assert not held & {value for _, value in node.bindings}


def test_deleting_a_cited_fact_does_what_needed_and_without_say(
    wardrobe: Layer, resources: Resources, looks: list[ExplainedLook]
) -> None:
    check_deletions(wardrobe, looks[0], resources, 12)


def test_a_walk_falls_with_the_outfit_it_passes_through(
    looks: list[ExplainedLook],
) -> None:
    moved = 0
    for look in looks:
        for term in look.terms:
            if term.term.kind != "walk" or not term.term.coupled:
                continue
            fact = term.without_fact
            assert fact is not None
            assert term.without is not None
            assert abs(term.without - term.term.value) > EXACT
            moved += 1
    assert moved


def test_every_pair_is_told_in_both_languages(looks: list[ExplainedLook]) -> None:
    said = set()
    for look in looks:
        for language in LANGUAGES:
            named = names(look.layer, look.look, SENTENCES, language)
            for term in look.terms:
                if term.term.coupled:
                    text = sentence(named, term)
                    said.add(text)
                    assert not any(mark in text for mark in "{}[]|"), text
                    assert " + " in label_of(named, term.term)
        for language in LANGUAGES:
            assert looks_text([look], SENTENCES, language=language)
    assert any("seen together in" in text for text in said)
    assert any("曾在" in text for text in said)


def test_the_document_of_a_learned_look_is_closed_and_always_the_same(
    wardrobe: Layer, resources: Resources
) -> None:
    def printed() -> str:
        answer = recommend(wardrobe, request(3, n=1), resources)
        explained = [explain(answer.layer, look, resources) for look in answer.looks]
        shown = document(answer.request, explained, SENTENCES, revision=1, layer=answer.layer)
        return json.dumps(shown, ensure_ascii=False)

    first = printed()
    assert first == printed()
    nodes = json.loads(first)["proof"]["nodes"]
    for node in nodes.values():
        assert all(premise in nodes for premise in node["premises"])
        assert node["kind"] == "asserted" or "needed" not in node


def test_a_kind_without_weight_has_no_terms(wardrobe: Layer) -> None:
    model = made_up(wardrobe, items_of(wardrobe))
    bare = Resources(pairing_model=replace(model, multipliers={"pair": 0.0, "walk": 0.0}))
    answers = answered(wardrobe, bare, range(3, 5))
    check_sums(answers, bare)
    kinds = {t.kind for a in answers for look in a.looks for t in look.terms}
    assert not kinds & {"pair", "walk"}


@pytest.mark.slow
def test_deleting_any_cited_fact_does_what_needed_and_without_say(
    wardrobe: Layer, resources: Resources, looks: list[ExplainedLook]
) -> None:
    for look in looks[1:4]:
        check_deletions(wardrobe, look, resources, 1)
