"""The bundled model on the bundled wardrobe and shop: what the demo guesses with, on numpy alone."""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from wearwhy.learn.features import Features, Table
from wearwhy.learn.guess import Guess, answers, guess
from wearwhy.learn.metrics import wilson
from wearwhy.learn.model_files import ARRAYS, CARD, Model, load
from wearwhy.learn.plan import Plan
from wearwhy.learn.report import as_json, comparison, coverage, coverage_text
from wearwhy.learn.similarity import Vectors
from wearwhy.learn.truth import by_guesses, read_truth, shop_item, standings
from wearwhy.rdf import ID, NamedNode

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
    assert {"made_from", "versions", "seed", "settings", "metrics", "witnesses"} <= set(card)
    assert sorted(p.name for p in files[0].parent.iterdir()) == sorted([ARRAYS, CARD])


def test_every_guess_adds_up_and_says_who_came_second() -> None:
    assert len(guesses()) > 300
    for found in guesses():
        assert sum(c.value for c in found.contributions) == pytest.approx(found.margin, abs=1e-6)
        assert found.neighbours
        assert found.fact.subject not in {n.item for n in found.neighbours}


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
    rows = coverage(table, model, items, plan, threshold=plan.demo_threshold)
    for row in rows:
        assert row.given + row.ruled + row.guessed + row.unknown == row.items
    assert "suitsSeason" in coverage_text(rows)
    assert "logistic regression" in comparison(model)
    report = as_json(model, rows, threshold=plan.demo_threshold, floor=plan.floor)
    assert json.loads(json.dumps(report)) == report


def test_the_nearest_items_of_a_trench_coat_are_trench_coats() -> None:
    table, model, plan, items = world()
    space = Vectors.of(table, model, items, plan)
    trench = ID["demo/w22"]
    kinds = [
        table.objects(item, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))
        for item, _ in space.neighbours(trench, 3)
    ]
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
