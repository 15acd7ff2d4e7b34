"""The bundled model on the bundled wardrobe and shop: what the demo guesses with, on numpy alone."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from wearwhy.evaluate.faithful import Less, faithful
from wearwhy.learn.features import Features, spoken_for, visible
from wearwhy.learn.guess import Guess, answers, guess, without
from wearwhy.learn.metrics import wilson
from wearwhy.learn.model_files import ARRAYS, CARD, FORMAT, Model, load
from wearwhy.learn.plan import Plan
from wearwhy.learn.predict import weigh
from wearwhy.learn.report import as_json, comparison, coverage, coverage_text
from wearwhy.learn.similarity import Vectors
from wearwhy.learn.source_columns import spelt
from wearwhy.learn.table import Table
from wearwhy.learn.truth import by_guesses, read_truth, shop_item, standings
from wearwhy.rdf import ID, TYPE, WW, NamedNode

ROOT = Path(__file__).parents[2]


@lru_cache
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("model_tool", ROOT / "tools" / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache
def world() -> tuple[Table, Model, Plan, tuple[NamedNode, ...]]:
    table = Table(tool().bundled())
    plan: Plan = tool().plan()
    return table, load(ROOT / "data" / "model"), plan, tuple(Features(table, plan).items())


@lru_cache
def guesses() -> tuple[Guess, ...]:
    table, model, plan, items = world()
    return tuple(guess(table, model, items, plan, threshold=plan.demo_threshold))


def test_the_model_is_small_and_is_made_of_plain_data() -> None:
    files = [ROOT / "data" / "model" / name for name in (ARRAYS, CARD)]
    assert sum(file.stat().st_size for file in files) < 1_500_000
    card = json.loads(files[1].read_text("utf-8"))
    assert card["format"] == FORMAT
    assert {"made_from", "versions", "seed", "settings", "metrics", "witnesses"} <= set(card)
    assert sorted(p.name for p in files[0].parent.iterdir()) == sorted([ARRAYS, CARD])


def test_every_guess_adds_up_and_says_who_came_second() -> None:
    assert len(guesses()) > 300
    for found in guesses():
        assert sum(c.value for c in found.contributions) == pytest.approx(found.margin, abs=1e-6)
        assert found.neighbours
        assert found.fact.subject not in {n.item for n in found.neighbours}


def test_the_card_says_what_each_witness_adds() -> None:
    _, model, _, _ = world()
    assert {"mined", "additive", "embeddings"} <= set(model.card["witnesses"])
    for name, found in model.card["metrics"].items():
        assert name in model.learned
        assert sum(found["shares"].values()) == pytest.approx(1.0, abs=1e-3)
        for witness in found["shares"]:
            assert {f"without {witness}", f"{witness} alone"} <= found.keys()
        assert {"verdict", "logistic regression", "majority"} <= found.keys()


def test_what_a_guess_cites_is_said_of_its_own_item() -> None:
    table, _, _, _ = world()
    for found in guesses():
        for part in found.contributions:
            assert all(fact.subject == found.fact.subject for fact in part.facts)
            assert all(fact in table for fact in part.facts)
            if part.kind == "mined":
                assert part.support > 0
                assert 0 <= part.confidence < 1
                assert 2 <= len(part.tokens) <= 3


@pytest.mark.slow
def test_deleting_what_is_cited_first_moves_the_margin_as_it_was_said() -> None:
    table, model, plan, items = world()
    features = Features(table, plan)
    found = faithful(model, features, items, features.attributes(), sample=500)
    assert found.sampled >= 500
    assert found.agreed_within < 1e-6
    assert found.more.low > 0, f"moved by cited facts {found.top}, by random facts {found.random}"
    assert found.explained > 0.6


@pytest.mark.slow
def test_every_guess_that_is_written_keeps_its_word() -> None:
    """For each of 500 guesses, what every one of its contributions says of its own absence."""
    table, model, plan, _ = world()
    features = Features(table, plan)
    picked = np.random.default_rng(0).permutation(len(guesses()))[:500]
    assert len(picked) >= min(500, len(guesses()))
    for found in (guesses()[n] for n in picked):
        attribute = plan.attribute(found.fact.predicate.value.removeprefix(WW))
        item, learned = found.fact.subject, model.learned[attribute.name]
        assert isinstance(item, NamedNode)
        spoken = visible(features.tokens(item), attribute)
        said = without(model, learned, spoken, found)
        rows = []
        for part in found.contributions:
            left = Features(Less(table, frozenset(part.facts)), plan).tokens(item)
            rows.append(spoken_for(left, learned.hides, model.number))
        logits = weigh(model, learned, rows).logits
        margins = logits[:, learned.values.index(spelt(found.fact.object))]
        if found.runner_up is not None:
            margins = margins - logits[:, learned.values.index(spelt(found.runner_up))]
        assert np.abs(margins - np.array(said)).max() < 1e-6


def test_three_quarters_of_what_speaks_for_a_guess_are_named() -> None:
    # How common a value is and the embedding are the rest.
    assert np.mean([found.explained for found in guesses()]) >= 0.75


def test_the_wardrobe_gets_guesses_too() -> None:
    mine = [g for g in guesses() if str(g.fact.subject.value).startswith(ID + "demo/")]  # type: ignore[union-attr]
    assert len(mine) > 50


def test_guesses_hold_before_the_stylist_s_truth() -> None:
    _, _, plan, _ = world()
    truths = read_truth(ROOT / "data" / "truth.csv")
    found = standings(by_guesses(guesses()), truths, plan, shop_item(str(ID), "demo", "shop"))
    for one in found:
        assert wilson(one.right, one.said) > 0.6, one.as_dict()


def test_the_model_beats_the_majority_class_on_every_attribute() -> None:
    _, model, _, _ = world()
    for name, found in model.card["metrics"].items():
        ahead, behind = found["verdict"]["accuracy"], found["majority"]["accuracy"]
        assert ahead["interval"][0] > behind["interval"][1], name


def test_the_report_accounts_for_every_item() -> None:
    table, model, plan, items = world()
    bar, attributes = plan.demo_threshold, Features(table, plan).attributes()
    rows = coverage(table, model, items, attributes, plan, threshold=bar)
    found = Counter(g.fact.predicate for g in guesses())
    for row, attribute in zip(rows, attributes, strict=True):
        assert row.attribute == attribute.name
        assert row.given + row.ruled + row.guessed + row.unknown == row.items
        assert row.guessed <= found[attribute.iri]
        assert row.explained is None or 0 < row.explained <= 1
    assert "suitsSeason" in coverage_text(rows)
    assert "logistic regression" in comparison(model)
    report = as_json(model, rows, threshold=plan.demo_threshold, floor=plan.floor)
    assert json.loads(json.dumps(report)) == report


def test_the_nearest_items_of_a_trench_coat_are_trench_coats() -> None:
    table, model, plan, items = world()
    space = Vectors.of(table, model, items, plan)
    trench = ID["demo/w22"]
    kinds = [table.objects(item, TYPE) for item, _ in space.neighbours(trench, 3)]
    assert all("TrenchCoat" in str(kind) for kind in kinds)


def test_the_same_question_has_the_same_answer() -> None:
    table, model, plan, items = world()
    first = answers(table, model, items[:40], plan, threshold=0.8)
    assert first == answers(table, model, items[:40], plan, threshold=0.8)
    alone = [a for item in items[:40] for a in answers(table, model, [item], plan, threshold=0.8)]
    together = {(a.item, a.attribute.name): a for a in first}
    for one in alone:
        other = together[one.item, one.attribute.name]
        assert [g.fact for g in one.guesses] == [g.fact for g in other.guesses]
        assert np.allclose([g.margin for g in one.guesses], [g.margin for g in other.guesses])
