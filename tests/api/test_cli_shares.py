"""`wearwhy evaluate shares`: planted rentals, learned and judged in a workspace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.api.cli_given import run

from wearwhy.learn.features import Features
from wearwhy.learn.shares import files as shares_files
from wearwhy.learn.shares.fit import learned
from wearwhy.learn.table import Table
from wearwhy.workspace import Workspace
from wearwhy.workspace.guesses import plan_of

JUDGE = ("evaluate", "shares", "test.csv", "--as", "rentals", "--attribute", "rented_for")


def rentals(path: Path, first: int, size: int) -> None:
    """Write rentals of items: gowns go to weddings, what pears rent goes to parties."""
    rng = np.random.default_rng(first)
    lines = ["user_id,item_id,category,rented_for,body_type"]
    for item in range(first, first + size):
        gown, pear = bool(rng.random() < 0.5), rng.random()
        p = np.exp(np.array([2.0 * gown, 3.0 * pear, 1.0]))
        for n in range(int(rng.integers(6, 25))):
            occasion = rng.choice(["wedding", "party", "work"], p=p / p.sum())
            body = "pear" if rng.random() < pear else "apple"
            lines.append(f"{n},{item},{'gown' if gown else 'dress'},{occasion},{body}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def learn(folder: Path) -> None:
    workspace = Workspace.open(folder)
    facts = [f for said in workspace.state.graphs.values() for f in said]
    graph = Table([*facts, *workspace.bundle.facts])
    shares_files.save(learned(Features(graph, plan_of(workspace))), folder / "model")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught")
    rentals(folder / "train.csv", 0, 150)
    rentals(folder / "test.csv", 140, 60)
    assert run(folder, "init").code == 0
    loaded = run(folder, "load", "train.csv", "--as", "rentals", "--into", "catalogue:rentals")
    assert loaded.code == 0, loaded.err or loaded.out
    learn(folder)
    return folder


def test_new_items_are_told_better_than_by_the_shop_or_the_category(taught: Path) -> None:
    ran = run(taught, *JUDGE, "--json")
    assert ran.code == 0, ran.err or ran.out
    found = ran.document["rented_for"]
    assert (found["items"], found["seen"], found["trained_on"]) == (50, 10, 150)
    low, high = found["interval"]
    assert found["own_entropy"] < low < found["cross_entropy"] < high
    assert 0 < found["explained"] <= 1
    controls = found["controls"]
    assert list(controls) == ["shop-wide", "by category", "LightGBM", "LightGBM, all counts"]
    for name in ("shop-wide", "by category"):
        assert found["cross_entropy"] < controls[name]["cross_entropy"]
        assert controls[name]["above_ours_interval"][0] > 0


def test_the_same_call_prints_the_same(taught: Path) -> None:
    assert run(taught, *JUDGE).out == run(taught, *JUDGE).out
    assert "shop-wide" in run(taught, *JUDGE).out


def test_an_items_own_answers_do_not_move_its_prediction(taught: Path) -> None:
    """With every answer the same, an item that may see its own would cost next to nothing."""
    text = (taught / "test.csv").read_text(encoding="utf-8")
    same = text.replace("wedding", "work").replace("party", "work")
    (taught / "same.csv").write_text(same, encoding="utf-8")
    words = [word.replace("test.csv", "same.csv") for word in JUDGE]
    assert run(taught, *words, "--json").document["rented_for"]["cross_entropy"] > 0.5


def test_a_column_that_was_not_learned_is_refused_with_the_nearest(taught: Path) -> None:
    ran = run(taught, *JUDGE[:-1], "rented_to", "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == "WW-LEARN-ATTRIBUTE"
    assert "rented_for" in ran.document["error"]["hint"]


def test_a_file_of_known_items_alone_has_nothing_to_judge_by(taught: Path) -> None:
    words = [word.replace("test.csv", "train.csv") for word in JUDGE]
    ran = run(taught, *words, "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == "WW-EVALUATE-NOTHING"


def test_without_learned_shares_the_answer_is_no_and_says_what_to_do(tmp_path: Path) -> None:
    rentals(tmp_path / "test.csv", 0, 12)
    assert run(tmp_path, "init").code == 0
    ran = run(tmp_path, *JUDGE, "--json")
    assert ran.code == 1
    assert ran.document["error"]["code"] == "WW-EVALUATE-UNTRAINED"
    assert "wearwhy learn attributes" in ran.document["error"]["hint"]
