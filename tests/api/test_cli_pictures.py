from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.api.cli_given import run

FACT = ("w03", "suits season", "winter")


@pytest.mark.parametrize(("ending", "head"), [("svg", "<svg "), ("mmd", "flowchart LR")])
def test_why_draws_a_proof_and_says_how_much_it_drew(place: Path, ending: str, head: str) -> None:
    ran = run(place, "why", *FACT, "--picture", f"p.{ending}")
    assert ran.code == 0, ran.err
    drawn = (place / f"p.{ending}").read_text("utf-8")
    assert drawn.startswith(head)
    assert ran.out.split()[0].isdecimal()
    assert run(place, "why", *FACT, "--picture", f"q.{ending}").code == 0
    assert (place / f"q.{ending}").read_text("utf-8") == drawn


def test_why_draws_a_look_in_both_languages_as_deep_as_is_wanted(place: Path) -> None:
    sizes = {}
    for lang, depth in (("en", "1"), ("zh", "1"), ("zh", "2")):
        file = f"{lang}{depth}.svg"
        ran = run(place, "--lang", lang, "why", "1", "--picture", file, "--depth", depth)
        assert ran.code == 0, ran.err
        root = ET.fromstring((place / file).read_text("utf-8"))
        assert root.get("lang") == lang
        sizes[lang, depth] = len((place / file).read_text("utf-8"))
    assert sizes["zh", "2"] > sizes["zh", "1"]


@pytest.mark.parametrize("what", [FACT, ("1",)])
def test_why_tells_as_deep_as_is_wanted_without_a_picture(
    place: Path, what: tuple[str, ...]
) -> None:
    told = {}
    for depth in ("1", "2", "100"):
        ran = run(place, "why", *what, "--depth", depth)
        assert ran.code == 0, ran.err
        told[depth] = ran.out.splitlines()
    assert len(told["1"]) < len(told["2"]) < len(told["100"])
    assert any(re.search(r" … \+\d+$", line) for line in told["1"])
    assert not any("│" in line for line in told["1"])
    assert any("│" in line for line in told["100"])
    assert told["100"] == run(place, "why", *what).out.splitlines()


def test_recommend_gives_its_evidence_as_one_mermaid_chart(place: Path) -> None:
    words = ("--occasion", "office", "--date", "2026-11-24", "-n", "1")
    ran = run(place, "recommend", *words, "--evidence", "mermaid")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("flowchart LR\n")
    assert "look-" in ran.out.splitlines()[1]


@pytest.mark.parametrize(
    "words",
    [
        ("why", *FACT, "--picture", "p.png"),
        ("why", *FACT, "--depth", "2", "--break"),
        ("why", *FACT, "--picture", "p.svg", "--proof", "all"),
        ("why", *FACT, "--picture", "p.svg", "--break"),
        ("why-not", "w03", "--slot", "feet"),
    ],
)
def test_what_goes_not_together_is_refused_before_anything_is_written(
    place: Path, words: tuple[str, ...]
) -> None:
    ran = run(place, *words)
    assert ran.code == 2
    assert not list(place.glob("p.*"))


@pytest.mark.slow
def test_why_not_of_a_completion_is_told_in_both_languages(place: Path) -> None:
    for lang, word in (("en", "is not among what completes"), ("zh", "不在可补全的单品之中")):
        words = ("why-not", "w28", "--given", "w16", "--slot", "feet")
        ran = run(place, "--lang", lang, *words)
        assert ran.code == 1
        assert word in ran.out


@pytest.mark.slow
def test_paths_are_measured_beside_random_ones(place: Path) -> None:
    found = run(place, "evaluate", "paths", "--sample", "2", "--json").document
    assert {"lir", "sep", "etd"} <= found.keys()
    assert set(found["sep"]) == {"n", "cited", "told", "random", "more"}
