from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.api.cli_given import Ran, run

from wearwhy.rdf import WW
from wearwhy.rules.descriptions import read

HEADER = (
    "id,gender,masterCategory,subCategory,articleType,baseColour,season,usage,"
    "productDisplayName,split\n"
)
COLOURS = ("Black", "Blue", "White", "Red")
TYPES = (("Topwear", "Shirts"), ("Bottomwear", "Jeans"), ("Topwear", "Tshirts"))
WORDS = ("checked", "woven", "printed", "plain")


def rows(size: int = 400, seed: int = 1) -> str:
    """Return a shop where black shirts are formal, and the word `lounge` means casual."""
    rng = np.random.default_rng(seed)
    lines = []
    for n in range(size):
        category, kind = TYPES[rng.integers(len(TYPES))]
        colour = COLOURS[rng.integers(len(COLOURS))]
        words = [WORDS[rng.integers(len(WORDS))]] + (["lounge"] if rng.random() < 0.15 else [])
        usage = "Sports" if rng.random() < 0.5 else "Ethnic"
        if kind == "Shirts" and colour == "Black":
            usage = "Formal"
        elif "lounge" in words:
            usage = "Casual"
        if n % 20 == 7:
            usage = ""  # left out: what a rule may say something new of
        split = "train" if n % 5 else "valid"
        title = f"Acme {' '.join(words)} {kind} {n}"
        season = ("Summer", "Winter")[int(rng.integers(2))]
        lines.append(f"{n},Men,Apparel,{category},{kind},{colour},{season},{usage},{title},{split}")
    return HEADER + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "styles.csv").write_text(rows(), encoding="utf-8")
    told(run(folder, "init"))
    told(run(folder, "load", "styles.csv", "--as", "myntra", "--into", "catalogue:myntra"))
    return folder


def told(ran: Ran) -> Ran:
    assert ran.code == 0, ran.err + ran.out
    return ran


def listed(folder: Path, *words: str) -> list[dict[str, Any]]:
    found = run(folder, "rules", "mine", *words, "-n", "500", "--json")
    return list(told(found).document["rules"])


def about(rule: dict[str, Any]) -> set[str]:
    return {part["value"] for part in rule["body"]}


def planted(folder: Path) -> dict[str, Any]:
    return next(
        rule
        for rule in listed(folder, "--attribute", "usage")
        if rule["value"] == "Formal" and len(rule["body"]) == 2
    )


def test_planted_rules_are_found_at_the_top(shop: Path) -> None:
    first, *others = listed(shop, "--attribute", "usage")
    assert {first["value"]} | about(first) == {"Casual", "lounge"} or first["value"] == "Formal"
    top = [first, *others[:2]]
    assert any(rule["value"] == "Casual" and about(rule) == {"lounge"} for rule in top)
    found = planted(shop)
    assert found in top
    assert found["right"] == found["support"]
    assert found["held"]["right"] == found["held"]["support"] > 0
    assert not found["exposed"]


def test_a_list_says_what_a_rule_rests_on(shop: Path) -> None:
    text = told(run(shop, "rules", "mine", "--attribute", "usage", "-n", "3")).out
    assert "usage Casual ← word 'lounge'" in text
    assert "confidence" in text
    assert "for: Acme" in text
    assert "against: Acme" in text
    assert told(run(shop, "rules", "mine", "--lang", "zh", "-n", "3")).out.count("置信度") == 3


def test_one_id_names_one_rule_whatever_else_is_mined(shop: Path) -> None:
    alone = {rule["id"]: rule["rule"] for rule in listed(shop, "--attribute", "usage")}
    every = {rule["id"]: rule["rule"] for rule in listed(shop)}
    assert alone.items() <= every.items()


@pytest.mark.slow
def test_a_promoted_rule_is_checked_previewed_and_applied(shop: Path, tmp_path: Path) -> None:
    rule = planted(shop)
    into = tmp_path / "black-shirts.srl"
    words = ("rules", "mine", "--attribute", "usage", "--promote", rule["id"], "--into", str(into))
    written = told(run(shop, *words, "--json")).document
    assert written["file"] == str(into)
    assert written["new"] == rule["new"] > 0
    checked = run(shop, "rules", "check", str(into), "--json")
    assert (checked.code, checked.document) == (0, [])
    (parsed,) = read(into.read_text("utf-8")).rules
    assert {language for language, _ in parsed.description.sentence} == {"en", "zh"}
    assert parsed.description.author == "mined"
    assert f"{rule['right']} of the {rule['support']} items" in parsed.description.origin
    assert parsed.description.confidence == pytest.approx(rule["confidence"], abs=1e-3)
    seen = told(run(shop, "rules", "preview", str(into), "--json")).document
    told(run(shop, "rules", "apply", str(into), "--expect", seen["preview"]))
    query = f"SELECT ?x WHERE {{ ?x <{WW}column/myntra/usage> 'Formal' }}"
    derived = told(run(shop, "query", query, "--over", "derived", "--json")).document
    assert len(derived["results"]["bindings"]) == rule["new"]
    again = next(r for r in listed(shop, "--attribute", "usage") if r["id"] == rule["id"])
    assert again["follows"]
    assert again["right"] == rule["right"]
    told(run(shop, "undo"))


def test_a_promoted_rule_is_a_draft_among_the_others(shop: Path) -> None:
    rule = planted(shop)
    written = run(shop, "rules", "mine", "--attribute", "usage", "--promote", rule["id"])
    assert "wearwhy rules preview" in told(written).out
    (path,) = (shop / "rules").glob("mined-usage-*.srl")
    assert path.stem in run(shop, "rules", "show").err
    twice = run(shop, "rules", "mine", "--attribute", "usage", "--promote", rule["id"])
    assert (twice.code, "WW-MINE-EXISTS" in twice.err) == (2, True)
    path.unlink()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--attribute", "sesaon"), "WW-MINE-ATTRIBUTE", "'season'"),
        (("--promote", "m-nothing"), "WW-MINE-UNKNOWN", "rules mine"),
        (("--into", "x.srl"), "WW-USAGE", "--promote"),
    ],
)
def test_what_cannot_be_mined_is_refused_with_a_hint(
    words: tuple[str, ...], code: str, said: str, shop: Path
) -> None:
    ran = run(shop, "rules", "mine", *words)
    assert ran.code == 2
    assert code in ran.err
    assert said in ran.err


def test_only_a_rule_file_is_written(shop: Path, tmp_path: Path) -> None:
    name = planted(shop)["id"]
    into = str(tmp_path / "rule.txt")
    ran = run(shop, "rules", "mine", "--attribute", "usage", "--promote", name, "--into", into)
    assert "WW-MINE-ENDING" in ran.err


def test_nothing_is_mined_where_nobody_stated_anything(tmp_path: Path) -> None:
    told(run(tmp_path, "init"))
    ran = run(tmp_path, "rules", "mine")
    assert (ran.code, "WW-MINE-NOTHING" in ran.err) == (1, True)
