"""Learning from a workspace: the stylist's rules are asked of what was said, not of guesses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.guessing_given import ROOT, small

from wearwhy.learn.model_files import save
from wearwhy.learn.plan import Attribute
from wearwhy.learn.table import Graph
from wearwhy.rdf import Fact
from wearwhy.workspace import Workspace, guesses, learning

Heard = dict[str, set[Fact]]


class Enough(Exception):
    """Training would begin now."""


def heard(ruled: Callable[[Attribute], Graph | None], workspace: Workspace) -> Heard:
    """What rules conclude of each attribute where nobody states it."""
    told = {}
    for attribute in guesses.plan_of(workspace).attributes:
        graph = ruled(attribute)
        assert graph is not None
        told[attribute.name] = set(graph.match(None, attribute.iri, None))
    return told


def asked(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What training is told of the rules' conclusions."""
    found: Heard = {}

    def train(*_: object, ruled: Callable[[Attribute], Graph | None], **__: object) -> None:
        found.update(heard(ruled, workspace))
        raise Enough

    monkeypatch.setattr(learning, "train", train)
    with pytest.raises(Enough):
        learning.learn(workspace, progress=lambda *_: None)
    return found


def test_guesses_that_stand_are_no_conclusions_of_the_stylist_s_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.init(tmp_path / "w")
    shutil.copy(ROOT / "data" / "wardrobe.csv", tmp_path / "wardrobe.csv")
    workspace.load(tmp_path / "wardrobe.csv")
    save(small(), workspace.folder / "model")
    before = asked(workspace, monkeypatch)
    workspace.apply(guesses.reason(workspace).edit)
    assert guesses.standing(workspace)
    assert heard(learning.Resident(workspace.layer()).unstated, workspace) != before
    assert asked(workspace, monkeypatch) == before
