"""`wearwhy ontology check`: contradictions proved by the rules, and what HermiT finds beside."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from tests.api.cli_given import Ran, run

from wearwhy.proof.checker import check as checked
from wearwhy.proof.prove import ground
from wearwhy.rdf import OWL, TYPE, WW, Fact
from wearwhy.workspace import consistency
from wearwhy.workspace.bundle import bundle
from wearwhy.workspace.hermit import java

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ww: <https://w3id.org/wearwhy/ns#> .
"""
EMPTY = ":A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :C rdfs:subClassOf :A, :B ."
CLASH = EMPTY + " :x a owl:NamedIndividual, :A ; owl:sameAs :y . :y a :B ."
FINE = ":A a owl:Class . :B a owl:Class ; rdfs:subClassOf :A . :x a :B ."

needs_java = pytest.mark.skipif(
    java() is None, reason="no Java is here: the extra `java` brings one"
)


def check(folder: Path, text: str, *words: str) -> Ran:
    path = folder / "own.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    return run(folder, "ontology", "check", str(path), *words)


def test_a_contradiction_is_answered_with_its_proof(tmp_path: Path) -> None:
    ran = check(tmp_path, CLASH, "--seconds", "0")
    assert ran.code == 1
    assert "disjoint classes" in ran.out
    assert "y is a b" in ran.out
    assert "[same]" in ran.out
    assert "HermiT was not asked" in ran.out


def test_the_document_has_each_contradiction_and_what_it_rests_on(tmp_path: Path) -> None:
    ran = check(tmp_path, CLASH, "--seconds", "0", "--json")
    document = ran.document
    assert ran.code == 1
    assert document["consistent"] is False
    (clash,) = document["clashes"]
    kinds = {node["kind"] for node in clash["proof"]["nodes"].values()}
    assert {"derived", "axiom", "asserted", "same"} <= kinds


def test_the_proof_of_a_contradiction_is_one_that_the_checker_accepts(tmp_path: Path) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(PREFIXES + CLASH, encoding="utf-8")
    facts, _ = consistency.gathered(bundle(), [path])
    found = consistency.check(facts, bundled=False, seconds=0)
    known = ground(found.layer, found.layer.rules)
    assert [checked(proof, known) for _, proof in found.clashes] == [[]]


def test_what_is_consistent_is_said_to_be(tmp_path: Path) -> None:
    ran = check(tmp_path, FINE, "--seconds", "0")
    assert ran.code == 0
    assert "contradictions found: 0" in ran.out
    assert check(tmp_path, FINE, "--seconds", "0", "--lang", "zh").out.startswith("OWL 2 RL：")


def test_a_file_in_our_words_is_checked_with_the_bundled_ontology(tmp_path: Path) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(PREFIXES + ":x a ww:Blazer .", encoding="utf-8")
    facts, bundled = consistency.gathered(bundle(), [path])
    assert bundled
    assert Fact(WW.colour, TYPE, OWL.ObjectProperty) in facts
    path.write_text(PREFIXES + ":x a :Blazer .", encoding="utf-8")
    alone, bundled = consistency.gathered(bundle(), [path])
    assert not bundled
    assert len(alone) == 1


def test_without_java_it_says_so_and_checks_what_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistency, "java", lambda: None)
    ran = check(tmp_path, CLASH)
    assert ran.code == 1
    assert "no Java is here" in ran.out
    assert "contradictions found: 1" in ran.out


def test_a_reasoner_that_takes_too_long_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = (sys.executable, "-c", "import time; time.sleep(600)")
    monkeypatch.setattr(consistency, "_COMMAND", sleeper)
    monkeypatch.setattr(consistency, "java", lambda: "java")
    began = time.monotonic()
    ran = check(tmp_path, FINE, "--seconds", "1")
    assert time.monotonic() - began < 60
    assert "took longer" in ran.out


def test_a_reasoner_that_breaks_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.dumps({"error": "ValueError: no"})
    monkeypatch.setattr(consistency, "_COMMAND", (sys.executable, "-c", f"print({answer!r})"))
    monkeypatch.setattr(consistency, "java", lambda: "java")
    ran = check(tmp_path, FINE)
    assert "no verdict: ValueError: no" in ran.out


@pytest.mark.slow
@needs_java
def test_hermit_names_the_classes_that_can_have_no_member(tmp_path: Path) -> None:
    ran = check(tmp_path, EMPTY, "--json")
    assert ran.code == 1
    assert ran.document["clashes"] == []
    assert ran.document["hermit"]["unsatisfiable"] == ["http://example.org/C"]


@pytest.mark.slow
@needs_java
def test_hermit_finds_what_no_rule_of_the_profile_finds(tmp_path: Path) -> None:
    union = """:U owl:equivalentClass [ owl:unionOf ( :A :B ) ] . :A a owl:Class . :B a owl:Class .
        :U a owl:Class . :x a owl:NamedIndividual, :U ;
          a [ owl:complementOf :A ], [ owl:complementOf :B ] ."""
    ran = check(tmp_path, union, "--json")
    assert ran.code == 1
    assert ran.document["clashes"] == []
    assert ran.document["hermit"]["consistent"] is False


@pytest.mark.slow
def test_the_bundled_ontology_contradicts_nothing(tmp_path: Path) -> None:
    ran = run(tmp_path, "ontology", "check", "--seconds", "0")
    assert ran.code == 0, ran.out
