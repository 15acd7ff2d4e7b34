"""The pytest plugin as a project of one's own uses it, in a pytest of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.api.cli_given import ROOT

CORPUS = ROOT / "tests" / "corpus" / "rules"
RULE = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
RULE rule:mine { ?x ww:disfavouredBy rule:mine }
WHERE { ?r ww:considers ?x . ?x ww:material ww:material-felt }
"""
HEAD = "PREFIX ww: <https://w3id.org/wearwhy/ns#> PREFIX rule: <https://w3id.org/wearwhy/rules#>\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    cases = tmp_path / "cases"
    shutil.copytree(CORPUS / "monochrome", cases / "monochrome")
    mine = cases / "mine"
    mine.mkdir()
    (mine / "felt.data.ttl").write_text(
        HEAD + "<urn:r> ww:considers <urn:x> . <urn:x> ww:material ww:material-felt .", "utf-8"
    )
    (mine / "felt.expected.ttl").write_text(HEAD + "<urn:x> ww:disfavouredBy rule:mine .", "utf-8")
    (tmp_path / "mine.srl").write_text(RULE, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nwearwhy_cases = cases\n", "utf-8")
    return tmp_path


def outcome(project: Path, *words: str) -> tuple[int, str]:
    """Run pytest in a project, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "wearwhy.testing", "-p", "no:cacheprovider"]
    # The project under test is not this one: none of its options reach it.
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTEST_ADDOPTS": ""}
    ran = subprocess.run(
        [*command, *words],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.slow
def test_each_case_is_a_test_and_a_failure_reads_like_rules_test(project: Path) -> None:
    code, out = outcome(project, "-v")
    cases = len(list((project / "cases").rglob("*.data.ttl")))
    assert code == 1
    assert f"1 failed, {cases - 1} passed" in out
    assert "mine.data.ttl" not in out
    assert "mine/felt FAILED" in out
    assert "expected, but does not hold: <urn:x> ww:disfavouredBy rule:mine" in out
    assert "no rule says it" in out
    assert "Traceback" not in out


@pytest.mark.slow
def test_rule_files_of_the_project_are_laid_over_the_bundled_ones(project: Path) -> None:
    (project / "pytest.ini").write_text(
        "[pytest]\nwearwhy_cases = cases\nwearwhy_rules = mine.srl\n", "utf-8"
    )
    code, out = outcome(project, "-q")
    assert code == 0, out


@pytest.mark.slow
def test_a_case_without_a_partner_is_an_error_of_collection(project: Path) -> None:
    (project / "cases" / "mine" / "felt.expected.ttl").unlink()
    code, out = outcome(project, "-q")
    assert code == 2
    assert "WW-CASE-LONE" in out
    assert "Write felt.expected.ttl or felt.forbidden.ttl beside it." in out


def test_a_project_that_names_no_cases_has_no_such_tests(project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\n", "utf-8")
    code, out = outcome(project, "-q")
    assert code == 5
    assert "no tests ran" in out


@pytest.mark.slow
def test_a_broken_rule_file_is_told_without_a_traceback(project: Path) -> None:
    (project / "pytest.ini").write_text(
        "[pytest]\nwearwhy_cases = cases\nwearwhy_rules = mine.srl\n", "utf-8"
    )
    (project / "mine.srl").write_text(RULE + "RULE {", "utf-8")
    code, out = outcome(project, "-q", "-k", "felt")
    assert code == 1
    assert "error[WW-RULE-SYNTAX]" in out
    assert "Traceback" not in out
