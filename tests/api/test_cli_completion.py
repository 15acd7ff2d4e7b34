"""`wearwhy evaluate completion`, with a fake model: what it reads, refuses and prints."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.api.cli_given import Ran, run

from wearwhy.evaluate import filling
from wearwhy.learn.features import Tokens
from wearwhy.learn.metrics import Curve
from wearwhy.rdf import WW

HEAD = (
    *("id", "gender", "masterCategory", "subCategory", "articleType", "baseColour"),
    *("season", "year", "usage", "productDisplayName", "split"),
)
SEASONS = ("Fall", "Summer", "Winter")
FIGURES = ("accuracy", "macro_f1", "log_loss", "ece", "coverage_at_95")


def write(path: Path, numbers: range, split: str) -> None:
    kinds = (("Topwear", "Tshirts"), ("Shoes", "Sandals"), ("Bottomwear", "Jeans"))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for n in numbers:
            below, kind = kinds[n % 3]
            season = SEASONS[n % 3] if n % 7 else "Summer"
            said = f"{season} " if n % 2 else ""
            title = f"Acme Men {said}Navy Blue {kind} {n % 50}"
            out.writerow(
                [
                    n,
                    "Men",
                    "Apparel",
                    below,
                    kind,
                    "Navy Blue",
                    season,
                    2011,
                    "Casual",
                    title,
                    split,
                ]
            )


def predicted(model: object, name: str, spoken: Sequence[Tokens]) -> Any:
    del model
    assert name == "column/myntra/season"
    rows = []
    for tokens in spoken:
        words = {t.value for t in tokens if t.relation == "word"}
        assert any(t.relation == "rdf:type" for t in tokens), "the ontology is there to read"
        rows.append([0.8 if season.casefold() in words else 0.1 for season in SEASONS])
    return SimpleNamespace(
        values=SEASONS,
        probabilities=np.array([np.array(row) / sum(row) for row in rows]),
        explained=np.full(len(rows), 0.9),
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("myntra")
    write(folder / "styles.csv", range(1, 241), "train")
    write(folder / "test.csv", range(221, 301), "test")
    for words in (
        ("init",),
        ("load", "styles.csv", "--as", "myntra", "--into", "catalogue:myntra"),
    ):
        assert run(folder, *words).code == 0
    return folder


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    learned = SimpleNamespace(
        iri=WW["column/myntra/season"],
        name="column/myntra/season",
        curves=(Curve((0.75,), (100,), (100,)),),
    )
    known = SimpleNamespace(learned={learned.name: learned})
    monkeypatch.setattr(filling, "model_of", lambda *_: known)
    monkeypatch.setattr(filling, "predicted", predicted)


def ask(folder: Path, *words: str, attributes: str = "season", file: str = "test.csv") -> Ran:
    return run(
        folder,
        *("evaluate", "completion", file, "--as", "myntra", "--attributes", attributes),
        *("--rounds", "20", *words),
    )


def test_the_document_is_of_the_promised_form(loaded: Path, model: None) -> None:
    before = run(loaded, "--json", "history").out
    found = ask(loaded, "--json").document
    assert list(found) == ["season"]
    season = found["season"]
    assert (season["n"], season["seen"], season["trained_on"]) == (60, 20, 240)
    assert 0 < season["repeated_titles"] <= 60
    assert season["interval"][0] <= season["accuracy"] <= season["interval"][1]
    assert all(isinstance(season[name], float) for name in (*FIGURES, "explained"))
    assert season["held_out_cutoff"]["precision"] == 1.0
    assert season["masked"]["titles_changed"] == 30
    assert season["masked"]["accuracy"] < season["accuracy"]
    assert list(season["controls"]) == [
        *("majority", "mode by type", "naive Bayes", "logistic regression", "LightGBM"),
    ]
    for name, control in season["controls"].items():
        assert set(FIGURES) <= set(control) or (name == "LightGBM" and "missing" in control)
    assert season["controls"]["logistic regression"]["accuracy"] > 0.8
    # Nothing was written: the log of changes is as it was.
    assert run(loaded, "--json", "history").out == before


def test_the_table_reads_as_a_table(loaded: Path, model: None) -> None:
    ran = ask(loaded, "--controls", "fast", "--masked")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "season: 60 rows; learned from 240"
    heads = next(line for line in lines if "macro-F1" in line)
    ours = next(line for line in lines if line.startswith("wearwhy"))
    assert ours.index(".") == heads.index("accuracy")
    assert "naive Bayes" in ran.out
    assert "season, titles masked" in ran.out
    assert ask(loaded, "--controls", "none").out.count("majority") == 0


@pytest.mark.parametrize(
    ("attributes", "code", "exit_code"),
    [
        ("year", "WW-LEARN-LEAK", 2),
        ("season,id", "WW-LEARN-LEAK", 2),
        ("seasons", "WW-LEARN-ATTRIBUTE", 2),
        ("usage", "WW-EVALUATE-UNTRAINED", 1),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_hint(
    loaded: Path, model: None, attributes: str, code: str, exit_code: int
) -> None:
    ran = ask(loaded, "--json", attributes=attributes)
    assert (ran.code, ran.document["error"]["code"]) == (exit_code, code)
    assert ran.document["error"]["hint"]


def test_rows_that_were_all_trained_on_are_no_test(loaded: Path, model: None) -> None:
    ran = ask(loaded, "--json", file="styles.csv")
    assert (ran.code, ran.document["error"]["code"]) == (2, "WW-EVALUATE-NOTHING")


def test_a_workspace_without_such_rows_says_what_to_load(tmp_path: Path, loaded: Path) -> None:
    write(tmp_path / "test.csv", range(5), "test")
    assert run(tmp_path, "init").code == 0
    ran = ask(tmp_path, "--json")
    assert (ran.code, ran.document["error"]["code"]) == (1, "WW-EVALUATE-UNTRAINED")
    assert "--as myntra" in ran.document["error"]["hint"]
