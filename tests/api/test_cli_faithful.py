"""`wearwhy evaluate guesses`: explanations judged in a workspace with a model of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.api.cli_given import run
from tests.unit.learn_given import MODEL

from wearwhy.learn.model_files import save


@pytest.fixture(scope="module")
def taught(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("taught") / "w"))
    save(MODEL, folder / "model")
    return folder


def test_guesses_rest_on_what_they_cite(taught: Path) -> None:
    ran = run(taught, "evaluate", "guesses", "--sample", "30", "--json")
    assert ran.code == 0, ran.err or ran.out
    found = ran.document
    assert found["n"] == 30
    assert found["agreed_within"] < 1e-6
    assert found["moved_by_cited"]["value"] > found["moved_by_random"]["value"]
    assert 0 < found["explained"] <= 1


def test_the_same_call_prints_the_same(taught: Path) -> None:
    words = ("evaluate", "guesses", "--sample", "10", "--seed", "3")
    first = run(taught, *words)
    assert "moved by random facts" in first.out
    assert run(taught, *words).out == first.out


def test_a_sample_of_none_is_refused(taught: Path) -> None:
    assert run(taught, "evaluate", "guesses", "--sample", "0").code == 2


def test_looks_rest_on_what_they_cite(prepared: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "curves.svg"
    ran = run(
        prepared, "evaluate", "explanations", "--sample", "2", "--picture", str(drawn), "--json"
    )
    assert ran.code == 0, ran.err or ran.out
    found = ran.document
    assert found["n"] == 2
    assert found["agreed_within"] < 1e-9
    assert set(found["curves"]) == {
        f"{a} {b}" for a in ("deleted", "inserted") for b in ("cited", "random")
    }
    assert drawn.read_text("utf-8").startswith("<svg")
