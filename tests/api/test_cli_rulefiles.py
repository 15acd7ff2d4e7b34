"""The verbs of rule files: check for people and editors, explain, translate."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from wearwhy.cli import main
from wearwhy.rules.descriptions import load

CORPUS = Path(__file__).parents[1] / "corpus" / "foreign"
BROKEN = """\
PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX : <http://example.org/>
RULE :a { ?itme :p 1 } WHERE { ?item ww:colour ww:colour-nvay }
RULE :b { ?x :p } WHERE { ?x :q 1 }
RULE :c { ?x :p 1 } WHERE { ?x :q 1 FILTER(:size(?x) > 1) }
RULE :d { ?x :p 1 } WEHRE { ?x :q 1 }
DATA { colour:x :p "open }
RULE :e { ?x :p 1 } WHERE { ?x :q 1 FILTER(STRLEN(?x, 2)) }
"""


def run(*words: str, text: str | bytes | None = None) -> Any:
    return CliRunner().invoke(main, ["rules", *words], input=text)


def test_an_editor_gets_every_error_of_a_text_with_its_span() -> None:
    ran = run("check", "-", "--name", "mine.srl", "--json", text=BROKEN)
    assert ran.exit_code == 1
    found = json.loads(ran.stdout)
    assert [(one["code"], one["line"], one["column"], one["endColumn"]) for one in found] == [
        ("WW-RULE-UNSAFE-HEAD", 3, 11, 16),
        ("WW-RULE-NAME", 3, 48, 62),
        ("WW-RULE-SYNTAX", 4, 17, 18),
        ("WW-RULE-FUNCTION", 5, 44, 49),
        ("WW-RULE-SYNTAX", 6, 21, 26),
        ("WW-RULE-PREFIX", 7, 8, 16),
        ("WW-RULE-ARITY", 8, 44, 50),
    ]
    assert {one["file"] for one in found} == {"mine.srl"}
    assert [one["severity"] for one in found].count("warning") == 1
    assert found[0]["hint"] == "Did you mean ?item?"
    assert found[1]["hint"] == "Did you mean ww:colour-navy?"
    assert found[4]["hint"] == "Did you mean WHERE?"


def test_a_person_sees_a_mark_under_each_span() -> None:
    ran = run("check", "-", text=BROKEN)
    lines = ran.stdout.splitlines()
    at = lines.index("  3 | RULE :a { ?itme :p 1 } WHERE { ?item ww:colour ww:colour-nvay }")
    assert lines[at + 1] == "    |" + " " * 11 + "^^^^^"


def test_a_warning_alone_is_no_failure() -> None:
    text = "PREFIX ww: <https://w3id.org/wearwhy/ns#>\nRULE { ?x ww:own 1 } WHERE { ?x ww:colur 1 }"
    ran = run("check", "-", text=text)
    assert ran.exit_code == 0
    assert "Did you mean ww:colour?" in ran.stdout


def test_a_cycle_with_the_bundled_rules_is_found() -> None:
    text = """PREFIX : <http://example.org/>
RULE :a { ?x :p 1 } WHERE { ?x :q 1 NOT { ?x :p 2 } }
RULE :b { ?x :p 2 } WHERE { ?x :q 1 NOT { ?x :p 1 } }"""
    found = json.loads(run("check", "-", "--json", text=text).stdout)
    assert [one["code"] for one in found] == ["WW-RULE-STRATA"]
    assert found[0]["line"] in (2, 3)


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"", b"(" * 100_000, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_no_text_makes_the_check_fail_otherwise(text: bytes) -> None:
    ran = run("check", "-", "--json", text=text)
    assert ran.exit_code == (1 if text else 0)
    assert all(one["code"].startswith("WW-RULE-") for one in json.loads(ran.stdout))


def test_what_is_lost_of_a_foreign_file_is_a_warning_in_the_check() -> None:
    ran = run("check", str(CORPUS / "shapes.ttl"), "--json")
    assert ran.exit_code == 0
    assert {one["severity"] for one in json.loads(ran.stdout)} == {"warning"}


@pytest.mark.parametrize("name", ["shapes.ttl", "owlready.owl"])
def test_a_translation_reads_as_a_rule_file(name: str, tmp_path: Path) -> None:
    ran = run("translate", str(CORPUS / name))
    assert ran.exit_code == 0
    assert "LEFT-OUT" in ran.stderr
    file = tmp_path / "translated.srl"
    file.write_text(ran.stdout, "utf-8")
    found = load([file])
    assert found.errors == ()
    document = json.loads(run("translate", str(CORPUS / name), "--json").stdout)
    assert document["rules"] == len(found.rules)
    assert document["text"].rstrip() == ran.stdout.rstrip()
    shown = run("show", str(CORPUS / name))
    assert shown.stdout.count("RULE ") == len(found.rules)


def test_a_file_without_rules_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "facts.ttl"
    file.write_text("<http://e/a> <http://e/p> 1 .", "utf-8")
    ran = run("translate", str(file))
    assert ran.exit_code == 2
    assert "WW-FOREIGN-NONE" in ran.stderr


def test_an_error_is_explained_with_examples_and_a_wrong_code_by_the_nearest() -> None:
    ran = run("explain", "WW-RULE-STRATA")
    assert ran.exit_code == 0
    assert "wrong:" in ran.stdout
    assert "right:" in ran.stdout
    wrong = run("explain", "WW-RULE-STARTA")
    assert wrong.exit_code == 2
    assert "WW-RULE-STRATA" in wrong.stderr
    listed = run("explain").stdout.splitlines()
    assert len(listed) >= 40


def test_the_files_are_found_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("check", os.path.relpath(CORPUS / "shapes.ttl", tmp_path)).exit_code == 0
