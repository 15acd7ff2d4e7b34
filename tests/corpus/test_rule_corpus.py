from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy.rules.layer import Layer
from wearwhy.workspace.ruletests import Case, cases, ground, run_case

FOLDER = Path(__file__).parent / "rules"
CASES = cases(FOLDER)


@pytest.fixture(scope="module")
def base() -> Layer:
    return ground()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}/{case.name}")
def test_a_case_of_a_rule_holds(case: Case, base: Layer) -> None:
    result = run_case(case, base)
    assert result.passed, "\n".join(result.lines())
