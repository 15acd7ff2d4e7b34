"""Guessing on numpy alone: tokens, the verdict taken apart, what it would be without a fact."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from tests.unit.learn_given import (
    FACTS,
    GUESSES,
    ITEMS,
    MODEL,
    PLAN,
    ROOT,
    Layered,
    column,
    declared,
    margin_of,
    model_of,
    silenced,
    sourced,
)

from wearwhy.errors import FormatError, InputError
from wearwhy.evidence import Kind
from wearwhy.learn import additive
from wearwhy.learn.features import Features, Token, split, visible
from wearwhy.learn.guess import Guess, answers, guess, without
from wearwhy.learn.plan import plan_of
from wearwhy.learn.predict import predicted
from wearwhy.learn.report import coverage
from wearwhy.learn.similarity import Vectors
from wearwhy.learn.supposing import Supposed
from wearwhy.learn.table import Table
from wearwhy.learn.verdict import combine
from wearwhy.rdf import ID, OWL, TYPE, WW, Fact, curie


def doubted() -> Layered:
    """The shop with a rule, sure by half, that calls every item of unknown formality casual."""
    known = {fact.subject for fact in FACTS if fact.predicate == WW.formality}
    said = {
        Fact(item, WW.formality, WW["dress-code-casual"]): Kind.DERIVED
        for item in ITEMS
        if item not in known
    }
    return Layered(FACTS, said, sure=0.5)


def test_an_item_without_a_value_gets_one_and_an_item_with_a_value_none() -> None:
    table = Table(FACTS)
    assert GUESSES
    for found in GUESSES:
        assert found.fact not in FACTS
        assert not table.objects(found.fact.subject, found.fact.predicate)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(GUESSES))
def test_contributions_of_all_kinds_add_up_to_the_margin(found: Guess) -> None:
    assert sum(part.value for part in found.contributions) == pytest.approx(found.margin, abs=1e-6)
    kinds = [part.kind for part in found.contributions]
    assert set(kinds) <= {"facts", "mined", "rules", "embedding", "bias"}
    assert kinds.count("embedding") == kinds.count("bias") == 1
    assert "mined" in kinds
    assert 0 <= found.explained <= 1


def test_what_the_stylist_s_rules_conclude_is_a_contribution_with_their_conclusion() -> None:
    graph = doubted()
    ruled = [g for g in guess(graph, MODEL, ITEMS, PLAN) if g.fact.predicate == WW.formality]
    assert ruled
    for found in ruled:
        total = sum(part.value for part in found.contributions)
        assert total == pytest.approx(found.margin, abs=1e-6)
        (part,) = [c for c in found.contributions if c.kind == "rules"]
        assert [graph.kind(fact) for fact in part.facts] == [Kind.DERIVED]
        if WW["dress-code-casual"] == found.fact.object:
            assert part.value == pytest.approx(0.7)
        deaf = margin_of(silenced(MODEL, "rules"), found, FACTS)
        assert found.margin - part.value == pytest.approx(deaf, abs=1e-9)


@pytest.mark.parametrize(
    ("witness", "kinds"),
    [
        ("rules", {"rules"}),
        ("mined", {"mined"}),
        ("additive", {"facts"}),
        ("embeddings", {"embedding"}),
    ],
)
def test_a_witness_that_is_silent_adds_nothing(witness: str, kinds: set[str]) -> None:
    quiet = silenced(MODEL, witness)
    for found in guess(doubted(), quiet, ITEMS[:30], PLAN):
        assert not any(part.value for part in found.contributions if part.kind in kinds)
        assert sum(c.value for c in found.contributions) == pytest.approx(found.margin, abs=1e-6)
        assert bool(found.neighbours) == (witness != "embeddings")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(GUESSES), st.data())
def test_deleting_the_facts_of_a_contribution_moves_the_margin_as_it_said(
    found: Guess, data: st.DataObject
) -> None:
    attribute = PLAN.attribute(found.fact.predicate.value.removeprefix(WW))
    item = found.fact.subject
    assert isinstance(item, NamedNode)
    spoken = visible(Features(Table(FACTS), PLAN).tokens(item), attribute)
    said = without(MODEL, MODEL.learned[attribute.name], spoken, found)
    at = data.draw(st.integers(0, len(said) - 1))
    lost = set(found.contributions[at].facts)
    left = margin_of(MODEL, found, [fact for fact in FACTS if fact not in lost])
    assert said[at] == pytest.approx(left, abs=1e-6)


def test_without_an_embedding_facts_move_the_margin_by_the_addends_that_fall() -> None:
    plain = silenced(MODEL, "embeddings")
    found = guess(FACTS, plain, ITEMS[:6], PLAN)[0]
    attribute = PLAN.attribute(found.fact.predicate.value.removeprefix(WW))
    item = found.fact.subject
    assert isinstance(item, NamedNode)
    spoken = visible(Features(Table(FACTS), PLAN).tokens(item), attribute)
    said = without(plain, plain.learned[attribute.name], spoken, found)

    def falls(tokens: tuple[Token, ...], lost: set[Fact], *, body: bool) -> bool:
        gone = [set(spoken[token]) <= lost for token in tokens]
        return any(gone) if body else all(gone)

    for part, margin in zip(found.contributions, said, strict=True):
        if part.facts:
            fall = sum(
                c.value
                for c in found.contributions
                if c.tokens and falls(c.tokens, set(part.facts), body=c.kind == "mined")
            )
            assert found.margin - fall == pytest.approx(margin, abs=1e-9)


def test_one_item_alone_is_told_the_same_as_among_many() -> None:
    features = Features(Table(FACTS), PLAN)
    spoken = [features.tokens(item) for item in ITEMS[:25]]
    for name in MODEL.learned:
        together = predicted(MODEL, name, spoken)
        for n, tokens in enumerate(spoken):
            alone = predicted(MODEL, name, [tokens])
            assert np.abs(alone.probabilities[0] - together.probabilities[n]).max() < 1e-12
            assert alone.explained[0] == pytest.approx(together.explained[n], abs=1e-12)


def test_probabilities_are_those_of_the_guess_and_add_up_to_one() -> None:
    features = Features(Table(FACTS), PLAN)
    for found in GUESSES:
        name = found.fact.predicate.value.removeprefix(WW)
        learned, item = MODEL.learned[name], found.fact.subject
        assert isinstance(item, NamedNode)
        told = predicted(MODEL, name, [features.tokens(item)])
        at = [learned.node(value) for value in learned.values].index(found.fact.object)  # type: ignore[arg-type]
        assert told.probabilities[0, at] == pytest.approx(found.probability, abs=1e-12)
        if not learned.many:
            assert told.probabilities.sum() == pytest.approx(1.0)


def test_a_source_s_own_column_is_guessed_in_its_own_words() -> None:
    facts = sourced()
    features = Features(Table(facts), PLAN)
    (attribute,) = [a for a in features.attributes() if a.said]
    assert (attribute.name, attribute.label) == ("column/shop/usage", "usage")
    model = model_of(facts)
    learned = model.learned[attribute.name]
    assert learned.values == ("Casual", "Smart Formal")
    assert learned.node("Smart Formal") == Literal("Smart Formal")
    told = predicted(model, attribute.name, [features.tokens(i) for i in features.items()])
    truth = [next(iter(features.labels(i, attribute))) for i in features.items()]
    said = [learned.values[n] for n in told.probabilities.argmax(axis=1)]
    assert np.mean([a == b for a, b in zip(said, truth, strict=True)]) > 0.85


def test_a_column_never_sees_itself_nor_another_that_fills_the_same_property() -> None:
    facts = sourced()
    features = Features(Table(facts), PLAN)
    (attribute,) = [a for a in features.attributes() if a.said]
    seen = visible(features.tokens(features.items()[0]), attribute)
    relations = {token.relation for token in seen}
    assert relations == {"ww:column/shop/kind", "word", "phrase", "opening"}
    formality = next(a for a in features.attributes() if a.name == "formality")
    assert {column("usage"), column("dress")} <= formality.hidden
    assert column("kind") not in formality.hidden
    model = model_of(facts)
    swapped = [
        Fact(f.subject, f.predicate, Literal("casual"))
        if f.predicate in (column("dress"), column("usage"))
        else f
        for f in facts
    ]
    there, here = (
        predicted(model, attribute.name, [Features(Table(x), PLAN).tokens(ID["source/7"])])
        for x in (facts, swapped)
    )
    assert np.array_equal(there.probabilities, here.probabilities)


def graded(swapped: bool = False) -> list[Fact]:
    """The shop with a column that was read into formality, and is kept where that was lost.

    Every item is graded, in other words than ours; `swapped`, all alike.
    """
    said = {fact.subject: fact.object for fact in FACTS if fact.predicate == WW.formality}
    facts = [*FACTS, *declared("grade", [WW.formality])]
    for n, item in enumerate(ITEMS):
        level = "C" if swapped else "ABC"[n % 3]
        if item in said and not swapped:
            level = {"b": "A", "c": "B"}.get(curie(said[item])[len("ww:dress-code-")], "C")
        facts.append(Fact(item, column("grade"), Literal(level)))
    return facts


def test_a_column_that_filled_an_attribute_is_no_evidence_when_it_is_guessed() -> None:
    facts, other = graded(), graded(swapped=True)
    model = model_of(facts)
    assert any(token.relation == "ww:column/shop/grade" for token in model.tokens)
    found, again = (
        {g.fact: g for g in guess(graph, model, ITEMS, PLAN) if g.fact.predicate == WW.formality}
        for graph in (facts, other)
    )
    assert found
    assert {f: g.margin for f, g in found.items()} == {f: g.margin for f, g in again.items()}
    for one in found.values():
        assert not [f for c in one.contributions for f in c.facts if f.predicate == column("grade")]
    # Of what it does not fill it may speak.
    season = next(g for g in guess(facts, model, ITEMS, PLAN) if g.fact.predicate == WW.suitsSeason)
    assert any(f.predicate == column("grade") for c in season.contributions for f in c.facts)


def test_what_training_hid_stays_hidden_where_a_graph_no_longer_says_why() -> None:
    facts = graded()
    model = model_of(facts)
    bare = [fact for fact in facts if fact.predicate != WW.fillsProperty]
    assert [g.margin for g in guess(bare, model, ITEMS, PLAN)] == [
        g.margin for g in guess(facts, model, ITEMS, PLAN)
    ]


def test_a_column_that_filled_an_attribute_is_no_evidence_in_questions_and_coverage() -> None:
    facts, other = graded(), graded(swapped=True)
    model = model_of(facts)
    spread = []
    for graph in (facts, other):
        supposed = Supposed.of(Table(graph), model, ITEMS, PLAN, PLAN.threshold)
        place = next(one for one in supposed.places if one.attribute.name == "formality")
        assert column("grade") in place.attribute.hidden
        spread.append(place.p)
    assert np.array_equal(spread[0], spread[1])
    bare = replace(
        model, learned={n: replace(x, hides=frozenset()) for n, x in model.learned.items()}
    )
    told = [
        next(row.explained for row in rows if row.attribute == "formality")
        for rows in (
            coverage(graph, bare, ITEMS, Features(Table(graph), PLAN).attributes(), PLAN)
            for graph in (facts, other)
        )
    ]
    assert told[0] == told[1]


def test_a_column_that_is_not_to_be_learned_is_evidence_and_no_attribute() -> None:
    facts = [*declared("tag"), Fact(ID["x"], WW.inCatalogue, ID["c"])]
    facts.append(Fact(ID["x"], column("tag"), Literal(" Slim Fit ")))
    features = Features(Table(facts), PLAN)
    assert not [a for a in features.attributes() if a.said]
    assert Token("ww:column/shop/tag", "Slim Fit") in features.tokens(ID["x"])


def test_a_rejected_value_is_never_proposed_again() -> None:
    found = GUESSES[0]
    no = ID["rejection/1"]
    denied = [
        *FACTS,
        Fact(no, TYPE, OWL.NegativePropertyAssertion),
        Fact(no, OWL.sourceIndividual, found.fact.subject),
        Fact(no, OWL.assertionProperty, found.fact.predicate),
        Fact(no, OWL.targetIndividual, found.fact.object),
    ]
    again = guess(denied, MODEL, ITEMS, PLAN)
    assert found.fact not in {g.fact for g in again}
    assert {g.fact for g in again if g.fact.subject != found.fact.subject} == {
        g.fact for g in GUESSES if g.fact.subject != found.fact.subject
    }


def test_what_held_out_precision_does_not_support_is_unknown() -> None:
    assert guess(FACTS, MODEL, ITEMS, PLAN, threshold=0.999) == []
    found = answers(FACTS, MODEL, ITEMS, PLAN, threshold=0.999)
    assert found
    assert all(answer.guesses == () for answer in found)


def test_what_the_model_itself_doubts_is_not_written() -> None:
    assert min(g.probability for g in GUESSES) >= PLAN.floor
    timid = guess(FACTS, MODEL, ITEMS, replace(PLAN, floor=0.97))
    assert len(timid) < len(GUESSES)
    assert all(g.probability >= 0.97 for g in timid)


def test_a_firm_rule_answers_first_and_a_prediction_does_not_count_as_an_answer() -> None:
    found = GUESSES[0].fact
    assert isinstance(found.subject, NamedNode)
    ruled = Layered(FACTS, {found: Kind.DERIVED})
    assert not [
        g for g in guess(ruled, MODEL, [found.subject], PLAN) if g.fact.predicate == found.predicate
    ]
    predicted = Layered(FACTS, {found: Kind.PREDICTED})
    assert found in {g.fact for g in guess(predicted, MODEL, [found.subject], PLAN)}


def test_derived_and_predicted_facts_are_no_evidence() -> None:
    item = ITEMS[0]
    extra = Fact(item, WW.material, WW["material-wool"])
    plain = Features(Table([f for f in FACTS if f != extra]), PLAN).tokens(item)
    for kind in (Kind.DERIVED, Kind.PREDICTED):
        graph = Layered([f for f in FACTS if f != extra], {extra: kind})
        assert Features(graph, PLAN).tokens(item) == plain


def test_an_attribute_never_sees_itself_nor_what_is_no_evidence_for_it() -> None:
    tokens = {
        Token("ww:suitsSeason", "ww:season-winter"): (),
        Token("ww:colour", "ww:colour-red"): (),
    }
    assert set(visible(tokens, PLAN.attribute("suitsSeason"))) == {
        Token("ww:colour", "ww:colour-red")
    }
    assert WW.launchSeason in PLAN.attribute("ww:suitsSeason").hidden


@pytest.mark.parametrize("leak", ["schema:sku", "ww:year", "schema:identifier", "ww:boughtOn"])
def test_a_plan_that_learns_from_ids_or_years_is_refused(leak: str) -> None:
    tree = tomllib.loads((ROOT / "kg" / "learn.toml").read_text("utf-8"))
    tree["features"]["concepts"].append(leak)
    with pytest.raises(InputError) as caught:
        plan_of(tree)
    assert caught.value.code == "WW-LEARN-LEAK"


@pytest.mark.parametrize("text", ["schema:name", "schema:brand"])
def test_a_plan_that_would_hide_a_text_from_an_attribute_is_refused(text: str) -> None:
    """Texts fall into words, which no attribute hides: the plan would not do what it says."""
    tree = tomllib.loads((ROOT / "kg" / "learn.toml").read_text("utf-8"))
    tree["attribute"][0]["not_evidence"].append(text)
    with pytest.raises(InputError) as caught:
        plan_of(tree)
    assert caught.value.code == "WW-LEARN-LEAK"
    assert "suitsSeason" in caught.value.sentence


@pytest.mark.parametrize("setting", ["epochs", "large"])
def test_a_plan_with_a_setting_that_nothing_reads_is_refused(setting: str) -> None:
    tree = tomllib.loads((ROOT / "kg" / "learn.toml").read_text("utf-8"))
    tree["training"][setting] = 20
    with pytest.raises(FormatError) as caught:
        plan_of(tree)
    assert caught.value.code == "WW-LEARN-PLAN"
    assert setting in str(caught.value.note)


def test_numbers_are_no_words_and_chinese_goes_by_pairs() -> None:
    assert split("Tarn 2024 60-denier Tights, No. 12", frozenset({"no"})) == [
        "tarn",
        "denier",
        "tights",
    ]
    assert split("羊毛大衣", frozenset()) == ["羊毛", "毛大", "大衣"]


def test_a_class_speaks_for_the_classes_above_it() -> None:
    coat = next(i for i in ITEMS if Fact(i, TYPE, WW.Coat) in FACTS)
    tokens = Features(Table(FACTS), PLAN).tokens(coat)
    assert tokens[Token("rdf:type/rdfs:subClassOf", "ww:Outerwear")] == (Fact(coat, TYPE, WW.Coat),)


def test_additive_weights_are_where_the_gradient_vanishes() -> None:
    rng = np.random.default_rng(5)
    rows = [np.flatnonzero(rng.random(12) < 0.3) for _ in range(80)]
    table = np.eye(3)[rng.integers(3, size=80)]
    fitted = additive.fit(rows, 12, table, many=False, l2=1.0)
    residual = additive.softmax(fitted.logits(rows)) - table
    slope = np.zeros_like(fitted.weights)
    for row, part in zip(rows, residual, strict=True):
        slope[row] += part
    assert np.abs(slope + fitted.weights).max() < 1e-2
    assert np.abs(residual.sum(axis=0)).max() < 1e-2


def test_a_useless_witness_gets_no_weight_and_a_useful_one_does() -> None:
    rng = np.random.default_rng(1)
    table = np.eye(3)[rng.integers(3, size=400)]
    useful = 2 * table + rng.normal(size=table.shape)
    said = {"additive": useful, "embeddings": rng.normal(size=table.shape)}
    mix = combine(said, table, many=False)
    assert mix.weights["additive"] > 0.8
    assert abs(mix.weights["embeddings"]) < 0.25
    alone = combine(said, table, many=False, use=["additive"])
    assert "embeddings" not in alone.weights


def test_a_witness_that_says_the_opposite_of_what_is_so_is_not_heard() -> None:
    rng = np.random.default_rng(2)
    table = np.eye(3)[rng.integers(3, size=400)]
    mix = combine({"rules": -table, "additive": table}, table, many=False)
    assert mix.weights["rules"] == 0.0
    assert mix.weights["additive"] > 1


def test_vectors_are_of_length_one_and_an_item_is_its_own_nearest() -> None:
    space = Vectors.of(FACTS, MODEL, ITEMS, PLAN)
    assert np.allclose(np.linalg.norm(space.matrix(ITEMS), axis=1), 1.0)
    assert space.cosine(ITEMS[0], ITEMS[0]) == pytest.approx(1.0)
    near = space.neighbours(ITEMS[0], 5)
    assert len(near) == 5
    assert ITEMS[0] not in [item for item, _ in near]
    assert [c for _, c in near] == sorted((c for _, c in near), reverse=True)
    stranger = ID["shop/nobody"]
    assert space.cosine(ITEMS[0], stranger) == 0.0
    assert not space.matrix([stranger]).any()
    assert space.neighbours(stranger, 3) == []


def test_guessing_imports_neither_torch_nor_pykeen() -> None:
    program = (
        "import sys; import wearwhy.learn.guess, wearwhy.learn.similarity, wearwhy.learn.report, "
        "wearwhy.learn.truth, wearwhy.learn.train; "
        "sys.exit(bool({'torch', 'pykeen', 'sklearn', 'scipy.optimize'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.returncode == 0
