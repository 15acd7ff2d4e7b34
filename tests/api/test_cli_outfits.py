"""`wearwhy evaluate fitb`, `compatibility` and `worn`, in the prepared workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.cli_given import run

KEYS = {"n", "explained", "without_opaque", "interval", "controls"}


@pytest.mark.parametrize(
    ("words", "figure"),
    [
        (("evaluate", "fitb", "questions.jsonl"), "accuracy"),
        (("evaluate", "compatibility", "labelled.jsonl"), "auc"),
    ],
)
def test_a_figure_stands_beside_its_controls(
    prepared: Path, words: tuple[str, ...], figure: str
) -> None:
    ran = run(prepared, *words, "--rounds", "20", "--json")
    assert ran.code == 0, ran.err
    found = ran.document
    assert {figure, *KEYS} <= set(found)
    assert found["n"] == 2
    for one in (found, *found["controls"].values()):
        assert 0.0 <= one["interval"][0] <= one[figure] <= one["interval"][1] <= 1.0
    assert 0.0 <= found["explained"] <= 1.0
    assert 0.0 <= found["without_opaque"] <= 1.0
    names = {"popularity", "least_popular", "unseen", "category"}
    assert names < set(found["controls"])
    assert {"cooccurrence_pmi", "attribute_pair_pmi"} < set(found["controls"])


def test_the_table_names_every_control(prepared: Path) -> None:
    ran = run(prepared, "evaluate", "fitb", "questions.jsonl", "--rounds", "20")
    for words in ("wearwhy", "in no training outfit", "attribute-pair PMI", "explained by"):
        assert words in ran.out


@pytest.mark.parametrize("part", ["photos", "walks", "neural", "rules"])
def test_a_kind_of_term_may_be_left_out(prepared: Path, part: str) -> None:
    ran = run(
        prepared,
        "evaluate",
        "fitb",
        "questions.jsonl",
        "--without",
        part,
        "--rounds",
        "5",
        "--json",
    )
    assert ran.code == 0, ran.err


def test_the_outfit_worn_is_ranked_by_what_was_known_before(prepared: Path) -> None:
    ran = run(
        prepared, "evaluate", "worn", "--others", "15", "--draws", "2", "--last", "2", "--json"
    )  # fmt: skip
    assert ran.code == 0, ran.err
    found = ran.document
    assert (found["n"], found["others"]) == (2, 15.0)
    for rates in (found["hit_rate"], *found["controls"].values()):
        values = [rates[k]["value"] for k in ("1", "5", "10")]
        assert values == sorted(values)
    chance = found["controls"]["random"]
    assert [chance[k]["value"] for k in ("1", "5", "10")] == [0.0625, 0.3125, 0.625]
    assert "rules_off" in found["controls"]


@pytest.mark.parametrize(
    ("verb", "text", "code"),
    [
        ("fitb", "no json", "WW-EVALUATE-LINE"),
        ("fitb", '{"items": ["w01", "w02"], "label": 1}', "WW-EVALUATE-LINE"),
        (
            "fitb",
            '{"given": ["w01"], "options": ["w02", "x99"], "answer": "w02"}',
            "WW-EVALUATE-ITEM",
        ),
        ("compatibility", '{"items": ["w01", "w02"], "label": 1}', "WW-EVALUATE-LABELS"),
        ("compatibility", '{"items": ["w01", "w02"]}', "WW-EVALUATE-LINE"),
    ],
)
def test_a_file_that_asks_something_else_is_refused(
    place: Path, verb: str, text: str, code: str
) -> None:
    (place / "bad.jsonl").write_text(text + "\n", encoding="utf-8")
    ran = run(place, "--json", "evaluate", verb, "bad.jsonl")
    assert (ran.code, ran.document["error"]["code"]) == (2, code)
    assert ran.document["error"]["hint"]


def test_a_wardrobe_without_dated_outfits_has_nothing_to_rank(tmp_path: Path) -> None:
    row = "id,name,type\n1,Red dress,dress\n2,Black boots,boots\n"
    (tmp_path / "w.csv").write_text(row, encoding="utf-8")
    assert run(tmp_path, "init").code == 0
    words = ("load", "w.csv", "--as", "wardrobe", "--into", "wardrobe:mine")
    assert run(tmp_path, *words).code == 0
    ran = run(tmp_path, "--json", "evaluate", "worn")
    assert (ran.code, ran.document["error"]["code"]) == (2, "WW-EVALUATE-DAYS")
