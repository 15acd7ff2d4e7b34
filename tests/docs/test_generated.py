"""The generated documents say what the program does now; `make docs` writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tools import docs
from tools.codes import codes

ROOT = Path(__file__).parents[2]
FAST = {name: write for name, write in docs.WRITTEN.items() if name != "README.md"}


@pytest.mark.parametrize(("name", "write"), FAST.items(), ids=FAST)
def test_a_generated_document_is_what_the_sources_give(name: str, write: Callable[[], str]) -> None:
    assert (ROOT / name).read_text("utf-8") == write(), "stale: run `make docs`"


def test_every_command_is_documented_with_an_example() -> None:
    sections = (ROOT / "docs" / "cli.md").read_text("utf-8").split("\n## ")[1:]
    without = [s.splitlines()[0] for s in sections if "Example" not in s and "Commands:" not in s]
    assert not without


def test_every_error_code_has_a_sentence_and_a_class() -> None:
    untold = [code.code for code in codes(ROOT / "src") if not code.cls]
    assert not untold


def test_every_rule_of_the_tables_says_something_in_two_languages() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "rules.md").read_text("utf-8").splitlines()
        if line.startswith("| `rule:")
    ]
    assert len(rows) >= 80
    assert [row for row in rows if "<br>" not in row] == []


@pytest.mark.slow
def test_the_readme_shows_what_the_demo_prints() -> None:
    assert (ROOT / "README.md").read_text("utf-8") == docs.readme(), "stale: run `make docs`"


def test_the_excerpt_of_the_demo_ends_before_the_second_term() -> None:
    printed = "A day.\n\n1. a look  +2.00\n  +1.50 [rule] one\n    └─ fact\n  +0.50 [walk] two\n"
    assert docs.excerpt(printed).splitlines() == [
        "A day.",
        "",
        "1. a look  +2.00",
        "  +1.50 [rule] one",
        "    └─ fact",
        "  …",
    ]
