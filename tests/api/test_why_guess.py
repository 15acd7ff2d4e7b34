"""Why a model guessed: a guess of a workspace as evidence that adds up and can be told."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.api.cli_given import run
from tests.unit.learn_given import MODEL

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.guessing import log_odds
from wearwhy.learn.model_files import save
from wearwhy.rdf import WW, Fact, curie
from wearwhy.workspace import Workspace
from wearwhy.workspace.guessed import kept
from wearwhy.workspace.guesses import standing


@pytest.fixture(scope="module")
def guessed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("guessed") / "w"))
    save(MODEL, folder / "model")
    ran = run(folder, "reason", "--threshold", "0.8")
    assert ran.code == 0, ran.err or ran.out
    return folder


@pytest.fixture(scope="module")
def explained(guessed: Path) -> list[tuple[Fact, Evidence]]:
    workspace = Workspace.open(guessed)
    layer = workspace.layer(None)
    found = [fact for fact, _ in standing(workspace) if layer.kind(fact) is Kind.PREDICTED]
    assert found
    return [(fact, workspace.why(fact)) for fact in found]


def test_a_guess_of_a_workspace_is_told_with_parts_that_add_up(
    explained: list[tuple[Fact, Evidence]],
) -> None:
    for fact, found in explained:
        root = found.nodes[found.root]
        assert (root.kind, root.statement) == (Kind.PREDICTED, fact)
        parts = [found.nodes[name] for name in root.premises]
        assert sum(part.value or 0.0 for part in parts) == pytest.approx(root.value, abs=1e-6)
        kinds = {node.kind for node in parts}
        assert {Kind.COMPUTED, Kind.OPAQUE} <= kinds <= {Kind.COMPUTED, Kind.OPAQUE, Kind.ASSERTED}


def test_a_guess_is_told_as_it_was_made_whatever_else_is_guessed(
    guessed: Path, explained: list[tuple[Fact, Evidence]]
) -> None:
    """No guess speaks for another, by way of a rule either: not when made, not when told."""
    margins = {one.fact: one.margin for one in kept(Workspace.open(guessed))}
    for fact, found in explained:
        assert found.nodes[found.root].value == pytest.approx(margins[fact], abs=1e-5)


def test_mined_rules_rest_on_facts_that_somebody_stated(
    explained: list[tuple[Fact, Evidence]],
) -> None:
    rules = [
        (found, node)
        for _, found in explained
        for node in found.nodes.values()
        if str(node.note).startswith("mined rule: ")
    ]
    assert rules
    for found, node in rules:
        assert node.premises
        assert {found.nodes[name].kind for name in node.premises} == {Kind.ASSERTED}


def test_every_fact_of_the_item_says_whether_the_guess_falls_without_it(
    explained: list[tuple[Fact, Evidence]],
) -> None:
    for fact, found in explained:
        own = [
            node
            for node in found.nodes.values()
            if node.kind is Kind.ASSERTED and node.statement and node.statement[0] == fact.subject
        ]
        assert own
        assert all(node.needed is not None for node in own)


def test_what_rules_conclude_of_a_guess_is_proved(
    explained: list[tuple[Fact, Evidence]],
) -> None:
    for _, found in explained:
        for node in found.nodes.values():
            if node.kind is Kind.DERIVED:
                assert node.rule is not None
                assert node.premises


def lines(found: Evidence, guessed: Path, lang: str) -> list[str]:
    """What `why` prints of a guess, the root first; of its addends one line each."""
    fact = found.nodes[found.root].statement
    assert fact is not None
    ran = run(guessed, "why", *(curie(part) for part in fact), "--lang", lang)
    assert ran.code == 0, ran.err or ran.out
    assert "Traceback" not in ran.err
    return [line for line in ran.out.splitlines() if line[0] not in "│ "]


@pytest.mark.parametrize(("lang", "margin"), [("en", "log-odds"), ("zh", "对数几率")])
def test_a_guess_is_told_with_the_log_odds_of_each_addend(
    guessed: Path, explained: list[tuple[Fact, Evidence]], lang: str, margin: str
) -> None:
    _, found = explained[0]
    root = found.nodes[found.root]
    first, *addends = lines(found, guessed, lang)
    assert margin in first
    assert log_odds(root.value) in first
    assert len(addends) == len(root.premises)
    for line, name in zip(addends, root.premises, strict=True):
        assert f" {log_odds(found.nodes[name].value)}" in line


def test_notes_on_a_guess_are_chinese_in_chinese(
    guessed: Path, explained: list[tuple[Fact, Evidence]]
) -> None:
    said = "\n".join(line for _, found in explained[:5] for line in lines(found, guessed, "zh"))
    assert "依据挖掘所得规则" in said
    assert "来自该值本身的常见程度" in said
    assert "来自学得的向量" in said
    english = ("mined", "held", "ahead", "negation", "how common", "stylist", "vectors", "words")
    assert not [word for word in english if re.search(rf"\b{word}\b", said)]


def test_words_of_a_guess_name_what_was_weighed_and_say_it_once(
    guessed: Path, explained: list[tuple[Fact, Evidence]]
) -> None:
    # Which guess comes first depends on the last bit of a sum, and so on the processor.
    of_colour = (one for _, one in explained if any(weighs_colour(n) for n in one.nodes.values()))
    told = "\n".join(lines(next(of_colour), guessed, "en"))
    assert "ww:" not in told
    assert "rdf:type" not in told
    assert "read as the broader classes" in told
    assert re.search(r"colour (\w+) [+−]\d\.\d\d(?!, read as colour \1)", told)


def weighs_colour(node: EvidenceNode) -> bool:
    """Return whether a node is a colour that somebody stated and that counts for a guess."""
    if node.kind is not Kind.ASSERTED or node.statement is None or node.value is None:
        return False
    return node.statement.predicate == WW.colour


def test_reasoning_says_how_many_guesses_stand_as_derived(guessed: Path) -> None:
    told = run(guessed, "reason", "--threshold", "0.8", "--json").document
    assert told["concluded_too"] > 0
    assert told["kinds"]["predicted"] + told["concluded_too"] == told["guessed"]
    for lang, words in (("en", "more surely still"), ("zh", "更有把握")):
        line = next(
            line
            for line in run(
                guessed, "--lang", lang, "reason", "--threshold", "0.8"
            ).out.splitlines()
            if words in line
        )
        assert str(told["concluded_too"]) in line
