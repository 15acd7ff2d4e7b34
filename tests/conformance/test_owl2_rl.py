"""The OWL 2 suites of the W3C: entailments, and consistency of what is in profile RL."""

from __future__ import annotations

import csv
import json

import pytest
from tests.conformance.suites import SUITES, cases, exceptions, facts, judge

from wearwhy.rules.entailment import entails
from wearwhy.rules.standard import clashes, closed, owl2_rl, without_blanks

ENTAILMENT = SUITES / "owl2-rl" / "w3c-owl2-rl"
CONSISTENCY = SUITES / "owl2-rl" / "w3c-owl2"
IMPORTS = {"webont-imports-011": "support011-A.rdf"}

EXCEPTIONS = exceptions("owl2-rl", "entailment") | exceptions("owl2-rl", "consistency")
"""Test → why it is expected to differ."""


def entailments() -> list[str]:
    return [f"w3c-owl2-rl/{path.name}" for path in (ENTAILMENT / "cases").glob("*")]


def in_profile() -> list[str]:
    census = ENTAILMENT / "census.tsv"
    if not census.exists():
        return []
    with census.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    names = {row["case"] for row in rows if "RL" in row["profiles"].split(";")}
    found = [path.name for path in (CONSISTENCY / "cases").glob("*")]
    return [f"w3c-owl2/{name}" for name in found if name in names]


@pytest.mark.parametrize("name", cases(entailments()))
def test_what_follows_is_found_and_what_does_not_is_not(name: str) -> None:
    case = ENTAILMENT / "cases" / name.partition("/")[2]
    premises = facts(case / "premise.rdf")
    if case.name in IMPORTS:
        premises += facts(ENTAILMENT / "imports" / IMPORTS[case.name])
    positive = (case / "conclusion.rdf").exists()
    conclusion = facts(case / ("conclusion.rdf" if positive else "non-conclusion.rdf"))
    found = entails(owl2_rl(), premises, conclusion)
    judge(name, passed=found == positive, expected=EXCEPTIONS)


@pytest.mark.parametrize("name", cases(in_profile()))
def test_a_contradiction_is_found_and_only_where_there_is_one(name: str) -> None:
    case = CONSISTENCY / "cases" / name.partition("/")[2]
    verdict = json.loads((case / "profile.json").read_text("utf-8"))["w3c_published_verdict"]
    layer = closed(owl2_rl(), without_blanks(facts(case / "source" / "premise.rdf")))
    judge(name, passed=bool(clashes(layer)) == (verdict == "inconsistent"), expected=EXCEPTIONS)


def test_the_suite_has_the_cases_that_the_project_counts() -> None:
    if not ENTAILMENT.exists():
        pytest.skip("the suites are not beside this checkout")
    positive = list((ENTAILMENT / "cases").glob("*/conclusion.rdf"))
    negative = list((ENTAILMENT / "cases").glob("*/non-conclusion.rdf"))
    assert (len(positive), len(negative), len(in_profile())) == (27, 23, 76)


def test_every_exception_names_a_case() -> None:
    if not ENTAILMENT.exists():
        pytest.skip("the suites are not beside this checkout")
    assert set(EXCEPTIONS) <= {*entailments(), *in_profile()}
