"""The SPARQL-RL test suite: syntax, well-formedness and stratification, one test each.

The suite stands beside the checkout; its manifests are read, not a list of ours. Evaluation
tests are run elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from pyoxigraph import NamedNode, RdfFormat
from pyoxigraph import parse as parse_rdf

from wearwhy.errors import IllFormedRule, NotStratified, RuleSyntaxError
from wearwhy.rules.stratify import stratify
from wearwhy.rules.syntax import parse, render
from wearwhy.rules.wellformed import check

SUITE: Final = Path(__file__).parents[2].parent / "shared" / "suites" / "sparql-rl" / "suite"
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ACTION: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#action"
KIND: Final = re.compile(r"sparql-rl-tests#Rules(Positive|Negative)(\w+)Test$")
MISSING: Final = {"syntax/syntax-ruleset-structure-08.srl": "the suite's copy lacks this file"}
EXPECTED: Final = {"Syntax": 141, "WellFormedness": 8, "Stratification": 14}


class Case(NamedTuple):
    kind: str
    positive: bool
    file: str
    extra: bool


def _cases() -> list[Case]:
    cases = []
    for manifest in sorted(SUITE.glob("*/manifest*.ttl")):
        base = f"https://suite.example/{manifest.parent.name}/"
        types: dict[str, tuple[str, bool]] = {}
        actions: dict[str, str] = {}
        for quad in parse_rdf(
            manifest.read_bytes(), RdfFormat.TURTLE, base_iri=f"{base}{manifest.name}"
        ):
            subject = str(quad.subject)
            if quad.predicate.value == RDF_TYPE and isinstance(quad.object, NamedNode):
                if found := KIND.search(quad.object.value):
                    types[subject] = (found[2], found[1] == "Positive")
            elif quad.predicate.value == ACTION and isinstance(quad.object, NamedNode):
                actions[subject] = quad.object.value.removeprefix("https://suite.example/")
        cases += [
            Case(*types[name], actions[name], "extra" in manifest.name) for name in sorted(types)
        ]
    return cases


CASES: Final = _cases()
APART: Final = {case.file: "beyond the manifests" for case in CASES if case.extra}

pytestmark = pytest.mark.skipif(not CASES, reason="the SPARQL-RL suite is not beside the checkout")


def _parameters(kind: str) -> list[object]:
    return [
        pytest.param(case, id=case.file, marks=pytest.mark.skip(reason=MISSING[case.file]))
        if case.file in MISSING
        else pytest.param(case, id=case.file)
        for case in CASES
        if case.kind == kind
    ]


def _text(case: Case) -> str:
    return (SUITE / case.file).read_bytes().decode("utf-8")


@pytest.mark.parametrize("kind", sorted(EXPECTED))
def test_the_manifests_list_as_many_tests_as_were_counted(kind: str) -> None:
    assert sum(case.kind == kind for case in CASES) == EXPECTED[kind]


def test_the_manifests_list_205_tests_and_four_stand_beside_them() -> None:
    evaluated = 46  # as the evaluation tests count for themselves
    assert sum(not case.extra for case in CASES) + evaluated == 205
    assert len(APART) == 4


@pytest.mark.parametrize("case", _parameters("Syntax"))
def test_the_parser_accepts_what_the_grammar_derives(case: Case) -> None:
    base = f"https://suite.example/{case.file}"
    if not case.positive:
        with pytest.raises(RuleSyntaxError) as caught:
            parse(_text(case), case.file, base=base)
        assert caught.value.place is not None
        assert caught.value.place.line > 0
        return
    document = parse(_text(case), case.file, base=base)
    again = parse(render(document), case.file)
    assert again.rules == document.rules
    assert again.data == document.data


@pytest.mark.parametrize("case", _parameters("WellFormedness"))
def test_ill_formed_rules_are_told_from_well_formed_ones(case: Case) -> None:
    document = parse(_text(case), case.file)
    errors = [error for rule in document.rules for error in check(rule)]
    assert all(isinstance(error, IllFormedRule) for error in errors)
    assert (not errors) is case.positive


@pytest.mark.parametrize("case", _parameters("Stratification"))
def test_programs_stratify_unless_a_cycle_is_closed(case: Case) -> None:
    document = parse(_text(case), case.file)
    assert not [error for rule in document.rules for error in check(rule)]
    if case.positive:
        assert stratify(document.rules).count >= 1
        return
    with pytest.raises(NotStratified):
        stratify(document.rules)
