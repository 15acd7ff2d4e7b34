"""`rules test`, `rules coverage` and `rules lint` as a person meets them."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.api.cli_given import ROOT, run

CORPUS = ROOT / "tests" / "corpus" / "rules"
HEAD = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX t: <https://w3id.org/wearwhy/id/test/>
"""
SUEDE = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA { rule:felt rdfs:label "felt"@en ; ww:sentence "{?x} is felt."@en ; ww:points 1.0 . }
RULE rule:felt { ?x ww:disfavouredBy rule:felt }
WHERE { ?r ww:considers ?x . ?r ww:temperature ?t . FILTER(?t >= 15) ?x ww:material ww:material-felt }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder without a workspace, with two cases of a bundled rule."""
    (tmp_path / "cases" / "monochrome").mkdir(parents=True)
    for name in ("blues.data", "blues.expected", "too-near.data", "too-near.forbidden"):
        source = CORPUS / "monochrome" / f"{name}.ttl"
        shutil.copy(source, tmp_path / "cases" / "monochrome" / source.name)
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text if name.endswith(".ttl") else text, "utf-8")
    return path


def felt(folder: Path) -> Path:
    """Write a rule of one's own and cases of it; return the rule file."""
    hot = "t:r ww:considers t:x ; ww:temperature {t} . t:x ww:material ww:material-felt ."
    verdict = "t:x ww:disfavouredBy rule:felt ."
    write(folder, "own/felt/hot.data.ttl", hot.format(t=20))
    write(folder, "own/felt/hot.expected.ttl", verdict)
    write(folder, "own/felt/cold.data.ttl", hot.format(t=3))
    write(folder, "own/felt/cold.forbidden.ttl", verdict)
    return write(folder, "felt.srl", SUEDE)


def test_the_cases_of_the_folder_are_run_where_none_is_named(folder: Path) -> None:
    ran = run(folder, "rules", "test", "--json")
    assert ran.code == 0
    assert (ran.document["passed"], ran.document["failed"]) == (2, 0)
    assert all(case["seconds"] > 0 for case in ran.document["cases"])


def test_a_missing_fact_is_told_with_the_condition_it_lacks(folder: Path) -> None:
    write(
        folder,
        "cases/clashing-hues/no.data.ttl",
        "t:p a ww:Pair ; ww:first t:a ; ww:second t:b . t:a ww:vivid true . t:b ww:vivid true .",
    )
    write(
        folder, "cases/clashing-hues/no.expected.ttl", "t:p ww:disfavouredBy rule:clashing-hues ."
    )
    ran = run(folder, "rules", "test", "--rule", "clashing-hues")
    assert ran.code == 1
    assert "expected, but does not hold: id:test/p ww:disfavouredBy rule:clashing-hues" in ran.out
    assert "rule:clashing-hues lacks only: id:test/p ww:hueDistance ?h" in ran.out
    assert "1 cases, 1 failed." in ran.out


def test_a_forbidden_fact_is_told_with_its_proof(folder: Path) -> None:
    (folder / "cases/monochrome/blues.expected.ttl").rename(
        folder / "cases/monochrome/blues.forbidden.ttl"
    )
    ran = run(folder, "rules", "test")
    assert ran.code == 1
    assert "(derived, by rule:monochrome)" in ran.out
    assert "ww:hue 250.0  (asserted)" in ran.out


def test_junit_tells_failures_from_errors_with_times(folder: Path) -> None:
    write(folder, "cases/monochrome/bad.data.ttl", "t:p a")
    write(folder, "cases/monochrome/bad.expected.ttl", "t:p a ww:Pair .")
    write(folder, "cases/monochrome/wrong.data.ttl", "t:p a ww:Pair .")
    write(folder, "cases/monochrome/wrong.expected.ttl", "t:p a ww:Look .")
    run(folder, "rules", "test", "--junit", "out.xml")
    root = ET.parse(folder / "out.xml").getroot()
    suite = root.find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors")}
    assert counts == {"tests": "4", "failures": "1", "errors": "1"}
    failure = root.find(".//testcase[@name='wrong']/failure")
    assert failure is not None
    assert failure.get("message") == "id:test/p rdf:type ww:Look is expected and does not hold."
    error = root.find(".//testcase[@name='bad']/error")
    assert error is not None
    assert error.get("type") == "WW-CASE-TURTLE"
    assert all(float(case.get("time", "0")) > 0 for case in root.iter("testcase"))


def test_a_rule_file_is_tested_before_it_is_applied(folder: Path) -> None:
    file = felt(folder)
    assert run(folder, "rules", "test", "own").code == 1
    assert run(folder, "rules", "test", "own", "--with", str(file)).code == 0


def test_a_rule_without_cases_is_refused_with_the_nearest_name(folder: Path) -> None:
    ran = run(folder, "rules", "test", "--rule", "monochrom")
    assert ran.code == 2
    assert "WW-CASE-NONE" in ran.err
    assert "Did you mean 'monochrome'?" in ran.err


def test_coverage_names_what_never_fires_and_what_never_decides(folder: Path) -> None:
    ran = run(folder, "rules", "coverage", "--no-week", "--json")
    assert ran.code == 0
    document = ran.document
    iri = "https://w3id.org/wearwhy/rules#"
    assert f"{iri}monochrome" not in document["never_fire"]
    assert f"{iri}clashing-hues" in document["favour_nothing"]
    assert f"{iri}too-many-colours" in document["forbid_nothing"]
    by_rule = {one["rule"]: one for one in document["rules"]}
    decides = {c["condition"]: c["decides"] for c in by_rule[f"{iri}monochrome"]["conditions"]}
    assert decides["FILTER(?h <= 20 && ?d >= 0.12)"] is True
    assert decides["?p ww:first ?a ."] is None


def test_the_mutation_score_counts_and_the_survivors_show_what_was_changed(folder: Path) -> None:
    ran = run(
        folder, "rules", "coverage", "--rule", "monochrome", "--mutation", "--no-week", "--json"
    )
    found = ran.document["mutation"]
    assert found["killed"] + found["survived"] > 0
    assert found["score"] == round(found["killed"] / (found["killed"] + found["survived"]), 4)
    assert any("+  FILTER(?h < 20 && ?d >= 0.12)" in one["diff"] for one in found["survivors"])


def test_a_case_at_the_boundary_kills_the_mutant_that_moves_it(folder: Path) -> None:
    file = str(felt(folder))
    words = (
        "rules",
        "coverage",
        "own",
        "--with",
        file,
        "--rule",
        "felt",
        "--mutation",
        "--no-week",
    )
    before = run(folder, *words, "--json").document["mutation"]
    assert any("FILTER(?t > 15)" in one["diff"] for one in before["survivors"])
    at = "t:r ww:considers t:x ; ww:temperature 15 . t:x ww:material ww:material-felt ."
    write(folder, "own/felt/at.data.ttl", at)
    write(folder, "own/felt/at.expected.ttl", "t:x ww:disfavouredBy rule:felt .")
    after = run(folder, *words, "--json").document["mutation"]
    assert not any("FILTER(?t > 15)" in one["diff"] for one in after["survivors"])
    assert after["killed"] > before["killed"]
    assert "FILTER(?t >= 14)" in run(folder, *words).out


@pytest.mark.slow
def test_coverage_of_a_week_counts_its_requests(place: Path, folder: Path) -> None:
    ran = run(place, "rules", "coverage", str(folder / "cases"), "--rule", "monochrome", "--json")
    assert ran.code == 0
    assert ran.document["requests"] > 3
    (one,) = ran.document["rules"]
    assert 0 <= one["week"] <= ran.document["requests"]


@pytest.mark.slow
def test_lint_points_at_what_is_doubtful_and_answers_no(folder: Path) -> None:
    clean = felt(folder)
    assert run(folder, "rules", "lint", str(clean)).code == 0
    doubtful = SUEDE.replace("FILTER(?t >= 15)", "FILTER(?t >= 15 && ?t < 10)")
    file = write(folder, "doubtful.srl", doubtful.replace("rule:felt", "rule:felt2"))
    ran = run(folder, "rules", "lint", str(file))
    assert ran.code == 1
    assert "warning[WW-LINT-NEVER]" in ran.out
    document = run(folder, "rules", "lint", str(file), "--json").document
    assert document[0]["code"] == "WW-LINT-NEVER"
    assert document[0]["line"] == 5
    assert document[0]["severity"] == "warning"


def test_the_bundled_rules_are_clean(folder: Path) -> None:
    ran = run(folder, "rules", "lint")
    assert ran.code == 0, ran.out
    assert "Nothing doubtful" in ran.out
