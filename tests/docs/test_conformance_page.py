"""CONFORMANCE.md: its form always, and its counts where the suites stand beside the checkout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wearwhy.rules.descriptions import load

ROOT = Path(__file__).parents[2]
SUITES = ROOT.parent / "shared" / "suites"
PAGE = (ROOT / "CONFORMANCE.md").read_text("utf-8")
ROW = re.compile(r"\| (\S.*?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|")


def test_passed_failed_skipped_and_outside_add_up_to_the_tests() -> None:
    rows = ROW.findall(PAGE)
    assert len(rows) > 5
    for folder, total, *parts in rows:
        assert sum(map(int, parts)) == int(total), folder


def test_every_test_that_did_not_pass_has_its_reason() -> None:
    totals = [row for row in ROW.findall(PAGE) if row[0] == "**all**"]
    others = sum(int(n) for row in totals for n in row[3:])
    reasons = re.findall(r"^- `[^`]+`, (?:failed|skipped|outside): \S", PAGE, re.MULTILINE)
    assert len(reasons) == others


def test_the_listed_rules_of_owl_are_the_implemented_ones() -> None:
    listed = re.findall(r"^\| `((?:[a-z]+-|rdf)[A-Za-z0-9-]+)` \|", PAGE, re.MULTILINE)
    rules = load(sorted((ROOT / "ontology" / "rules" / "owl2-rl").glob("*.srl"))).rules
    assert listed == sorted(rule.iri.value.rpartition("#")[2] for rule in rules)


@pytest.mark.skipif(not SUITES.is_dir(), reason="the suites are not beside this checkout")
@pytest.mark.parametrize(
    ("folder", "manifests"),
    [("syntax", "sparql-rl/suite/syntax"), ("wellformed", "sparql-rl/suite/wellformed")],
)
def test_the_page_counts_as_many_tests_as_the_suite_has(folder: str, manifests: str) -> None:
    counted = {row[0]: int(row[1]) for row in ROW.findall(PAGE)}
    text = "".join(
        path.read_text("utf-8") for path in sorted((SUITES / manifests).glob("manifest*.ttl"))
    )
    tests = re.findall(r"(?:Rules(?:Positive|Negative)\w+Test)\b", text)
    assert counted[folder] == len(tests)
