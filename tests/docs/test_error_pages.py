"""The table of errors of rule files: every code has a page, and every page says the truth."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.codes import codes
from tools.errorpages import raised, written

from wearwhy.workspace.errorpages import Page, page, pages

RULES = Path(__file__).parents[2] / "src" / "wearwhy" / "rules"
ROOMS = ("syntax", "expressions", "foreign")
FILES = ("wellformed.py", "descriptions.py", "stratify.py", "budget.py", "compile.py")
PAGES = tuple(pages().values())


def codes_raised() -> set[str]:
    """Return the codes of the reader, well-formedness, stratification, budgets, translations."""
    found = {code.code for room in ROOMS for code in codes(RULES / room)}
    for name in FILES:
        text = (RULES / name).read_text("utf-8")
        found |= {code.code for code in codes(RULES) if f'"{code.code}"' in text}
    return found


def test_every_error_of_a_rule_file_has_its_page() -> None:
    assert codes_raised() - set(pages()) == set()


def test_every_page_is_of_an_error_that_is_raised() -> None:
    source = RULES.parent
    assert set(pages()) - {code.code for code in codes(source)} == set()


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.code)
def test_the_wrong_example_raises_its_code(one: Page) -> None:
    found = raised(one, one.bad, absent=one.absent)
    assert one.code in {error.code for error in found}
    own = next(error for error in found if error.code == one.code)
    assert own.place is not None or one.code == "WW-RULE-UNKNOWN"
    assert own.note or own.hint


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.code)
def test_the_right_example_does_not(one: Page) -> None:
    found = {error.code for error in raised(one, one.good)} if one.good else set()
    assert one.code not in found
    assert found <= {"WW-SHACL-SUBCLASS"}


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.code)
def test_a_page_shows_what_is_printed_for_its_wrong_example(one: Page) -> None:
    text = written(one)
    assert f"[{one.code}]" in text
    assert len(text) < 6_000
    assert "{{" not in text


def test_a_page_is_found_by_part_of_its_code_and_a_wrong_one_by_the_nearest() -> None:
    assert page("strata").code == "WW-RULE-STRATA"
    assert page("[ww-rule-strata]").code == "WW-RULE-STRATA"
