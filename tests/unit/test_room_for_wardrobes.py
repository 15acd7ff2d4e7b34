"""Of the wardrobes that are closed those asked for last are kept, as far as there is room."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.test_owning import named

from wearwhy.rules.layer import Layer
from wearwhy.store.database import Store
from wearwhy.workspace import Workspace, layers
from wearwhy.workspace.bundle import bundle
from wearwhy.workspace.layers import Layers


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three wardrobes of one name each."""
    Store.create(tmp_path / "W")
    with Workspace.open(tmp_path / "W", hold=True) as held:
        for name in ("a", "b", "c"):
            held.apply(named(name, "x", "one"))
    return Workspace.open(tmp_path / "W")


def test_the_wardrobe_asked_for_longest_ago_goes_first_and_comes_back_equal(
    workspace: Workspace,
) -> None:
    left: list[tuple[Layer, bool]] = []
    kept = Layers(bundle(), workspace.folder, left=lambda layer, gone: left.append((layer, gone)))
    first = kept.wardrobe(workspace.state, "a")
    kept.room = 2 * layers.size_of((first,))
    second = kept.wardrobe(workspace.state, "b")
    assert kept.wardrobe(workspace.state, "a") is first
    assert left == []
    kept.wardrobe(workspace.state, "c")
    assert left == [(second, True)]
    assert kept.wardrobe(workspace.state, "a") is first
    again = kept.wardrobe(workspace.state, "b")
    assert again is not second
    assert set(again.facts()) == set(second.facts())


def test_a_wardrobe_that_changed_leaves_its_layer_and_takes_no_room_twice(
    workspace: Workspace,
) -> None:
    left: list[tuple[Layer, bool]] = []
    kept = Layers(bundle(), workspace.folder, left=lambda layer, gone: left.append((layer, gone)))
    first = kept.wardrobe(workspace.state, "a")
    kept.room = 40 * layers.size_of((first,))
    for number in range(12):
        workspace.apply(named("a", "x", f"name {number}"))
        kept.wardrobe(workspace.state, "a")
    assert left[0] == (first, True)
    other = kept.wardrobe(workspace.state, "b")
    assert kept.wardrobe(workspace.state, "b") is other
    assert len(left) == 12


def test_what_was_computed_for_a_wardrobe_goes_before_the_wardrobe(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "HOT", 1)
    left: list[tuple[Layer, bool]] = []
    kept = Layers(bundle(), workspace.folder, left=lambda layer, gone: left.append((layer, gone)))
    first, second = (kept.wardrobe(workspace.state, name) for name in ("a", "b"))
    second.cache["x"] = first.cache["x"] = "computed"
    assert kept.wardrobe(workspace.state, "a") is first
    assert "x" not in second.cache
    assert first.cache["x"] == "computed"
    assert left[-1] == (second, False)
