"""From a shop's two tables to a completion that says why: load, learn outfits, evaluate, complete."""

from __future__ import annotations

import importlib.util
import json
import math
import random
from pathlib import Path

import pytest
from tests.api.cli_given import Ran, run

HEAD = "product_id,colour_code,colour_name_es,colour_group,gender,age_group,line,fabric,category,aggregated_family,family,type,photo,collection"
KINDS = (
    ("Bottoms", "Trousers & leggings", "Trousers", "Trousers"),
    ("Tops", "Shirts", "Shirt", "Shirt"),
    ("Accesories", "Footwear", "Footwear", "Shoes"),
)
COLOURS = ("NEGRO", "NAVY", "BLANCO", "CRUDO")
MODELS = 5
neural = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("pykeen") is None,
    reason="the extra `neural` (torch, pykeen) is not installed",
)


def product(kind: int, model: int, colour: int) -> str:
    """Return a product's id."""
    return f"1{kind}{model:03}000-{colour:02}"


def tables(folder: Path) -> None:
    """Write a shop of sixty products, and outfits: light with light, dark with dark, mostly."""
    rows = [
        f"{product(kind, model, colour)},{colour:02},{COLOURS[colour]},WHITE,Female,Adult,SHE,P-PLANA,{','.join(KINDS[kind])},photos/none.jpg,2030"
        for kind in range(3)
        for model in range(MODELS)
        for colour in range(4)
    ]
    (folder / "products.csv").write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
    rng = random.Random(0)
    lines, questions = ["outfit_id,split,product_id"], []
    for n in range(220):
        side = n % 2 if rng.random() > 0.1 else rng.randrange(2)
        chosen = [product(k, rng.randrange(MODELS), 2 * side + rng.randrange(2)) for k in range(3)]
        split = "train" if n < 180 else "valid"
        lines += [f"o{n},{split},{item}" for item in chosen]
        if split == "valid":
            wrong = product(2, rng.randrange(MODELS), 2 * (1 - side) + rng.randrange(2))
            questions.append(
                {"given": chosen[:2], "options": [wrong, chosen[2]], "answer": chosen[2]}
            )
    (folder / "outfits.csv").write_text("\n".join(lines) + "\n", "utf-8")
    text = "".join(json.dumps(question) + "\n" for question in questions)
    (folder / "questions.jsonl").write_text(text, "utf-8")


def done(folder: Path, *words: str) -> Ran:
    """Run a command line in the folder's workspace; it must succeed."""
    ran = run(folder, "--workspace", "W", *words)
    assert ran.code == 0, ran.out + ran.err
    return ran


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a workspace in which outfits were learned from."""
    folder = tmp_path_factory.mktemp("shop")
    tables(folder)
    done(folder, "init")
    done(folder, "load", "products.csv", "--as", "mango", "--into", "catalogue:mango")
    done(folder, "load", "outfits.csv", "--as", "mango-outfits", "--into", "catalogue:mango")
    done(folder, "learn", "outfits", "--seed", "1")
    return folder


@neural
@pytest.mark.slow
def test_what_was_learned_finds_the_shoes_that_were_worn(shop: Path) -> None:
    found = done(shop, "evaluate", "fitb", "questions.jsonl", "--rounds", "50", "--json").document
    assert found["accuracy"] > 0.85
    assert found["without_opaque"] > 0.85
    assert found["explained"] > 0.5
    assert found["controls"]["popularity"]["accuracy"] < 0.75


@neural
@pytest.mark.slow
def test_held_out_outfits_are_not_learned_from(shop: Path) -> None:
    card = json.loads((shop / "W" / "model" / "outfits.json").read_text("utf-8"))["card"]
    assert card["outfits"] == 180
    assert card["items"] == 60


@neural
@pytest.mark.slow
def test_a_completion_adds_up_and_names_what_was_seen_together(shop: Path) -> None:
    words = ("--given", product(0, 0, 0), "--given", product(1, 1, 0), "--slot", "feet")
    ran = done(shop, "complete", *words, "--from", "catalogue:mango", "-n", "10", "--json")
    found = ran.document
    nodes = found["proof"]["nodes"]
    assert len(found["looks"]) == 10
    for look in found["looks"]:
        total = math.fsum(term["value"] for term in look["terms"])
        assert math.isclose(total, look["score"], rel_tol=0, abs_tol=1e-9)
        assert look["adds"]["slot"].endswith("slot-feet")
        for term in (term for term in look["terms"] if term["kind"] == "pair"):
            root = nodes[term["evidence"]]
            parts = [nodes[name]["value"] for name in root["premises"]]
            assert math.isclose(math.fsum(parts), root["value"], rel_tol=0, abs_tol=1e-9)
    best = found["looks"][0]
    assert best["adds"]["label"].startswith(("black", "navy")), "dark goes with dark here"
    assert any("seen together" in line for line in best["reasons"]["en"])
    assert any("同时出现" in line for line in best["reasons"]["zh"])


@neural
@pytest.mark.slow
def test_without_the_model_the_same_answers_are_the_same_again(shop: Path) -> None:
    first = done(shop, "evaluate", "fitb", "questions.jsonl", "--rounds", "5", "--json").document
    done(shop, "learn", "outfits", "--seed", "1")
    second = done(shop, "evaluate", "fitb", "questions.jsonl", "--rounds", "5", "--json").document
    assert first == second


def test_too_few_outfits_are_told_as_such(tmp_path: Path) -> None:
    tables(tmp_path)
    rows = (tmp_path / "outfits.csv").read_text("utf-8").splitlines()
    (tmp_path / "outfits.csv").write_text("\n".join(rows[:31]) + "\n", "utf-8")
    done(tmp_path, "init")
    done(tmp_path, "load", "products.csv", "--as", "mango", "--into", "catalogue:mango")
    done(tmp_path, "load", "outfits.csv", "--as", "mango-outfits", "--into", "catalogue:mango")
    ran = run(tmp_path, "--workspace", "W", "learn", "outfits")
    assert ran.code == 2
    assert "WW-OUTFITS-FEW" in ran.err
    assert "There are 10 outfits" in ran.err
    assert "wearwhy wore" in ran.err
