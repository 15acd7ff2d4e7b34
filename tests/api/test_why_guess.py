"""Why a model guessed: a guess of a workspace as evidence that adds up and can be told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.api.cli_given import run
from tests.unit.learn_given import MODEL

from wearwhy.evidence import Evidence, Kind
from wearwhy.learn.model_files import save
from wearwhy.rdf import Fact, curie
from wearwhy.workspace import Workspace
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


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_guess_is_told_in_words(guessed: Path, lang: str) -> None:
    workspace = Workspace.open(guessed)
    layer = workspace.layer(None)
    fact = next(f for f, _ in standing(workspace) if layer.kind(f) is Kind.PREDICTED)
    ran = run(guessed, "why", *(curie(part) for part in fact), "--lang", lang)
    assert ran.code == 0, ran.err or ran.out
    assert "%" in ran.out or "0." in ran.out
    assert "Traceback" not in ran.err
