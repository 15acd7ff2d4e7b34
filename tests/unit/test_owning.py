"""A workspace that is held: its changes, whose revision it is, and what an undo takes back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wearwhy.errors import Locked, Moved, NoAnswer, UnknownName
from wearwhy.rdf import ID, SCHEMA, WW, Fact, literal
from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace, remembered
from wearwhy.workspace.edits import Edit


def named(wardrobe: str, item: str, text: str) -> Edit:
    """A wardrobe's item gets a name."""
    graph = graph_name(f"wardrobe/{wardrobe}", "asserted", "edits")
    fact = Fact(ID[f"{wardrobe}/{item}"], SCHEMA.name, literal(text))
    return Edit(Patch(add=(Quad(graph, fact),)), f"name {text}", f"wardrobe/{wardrobe}")


def shared(text: str) -> Edit:
    """Something of the base that every wardrobe sees."""
    graph = graph_name("base", "asserted", "edits")
    return Edit(Patch(add=(Quad(graph, Fact(WW.Coat, SCHEMA.name, literal(text))),)), text, "base")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with nothing in it."""
    Store.create(tmp_path / "W")
    return tmp_path / "W"


def test_a_held_workspace_is_written_by_nobody_else_and_read_by_everybody(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        with pytest.raises(Locked):
            Store.open(folder, write=True, wait=0.05)
        other = Workspace.open(folder)
        assert other.revision == held.revision == 1
        held.apply(named("a", "y", "two"))
        other.refresh()
        assert other.revision == 2
        assert other.state.graphs == held.state.graphs
    with Workspace.open(folder, hold=True) as again:
        assert again.revision == 2


def test_a_wardrobe_moves_with_its_own_changes_and_with_those_of_all(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        held.apply(named("b", "x", "one"))
        assert (held.revision_of("a"), held.revision_of("b")) == (1, 2)
        held.apply(shared("coat"))
        assert (held.revision_of("a"), held.revision_of("b")) == (3, 3)
        held.apply(named("a", "y", "two"))
        assert (held.revision_of("a"), held.revision_of("b")) == (4, 3)
    assert Workspace.open(folder).revision_of("b") == 3
    assert Workspace.open(folder).revision_of("nobody's") == 3


def test_what_is_expected_of_a_wardrobe_is_its_own_revision(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        held.apply(named("b", "x", "one"))
        held.apply(named("a", "y", "two"), expected=1, of="a")
        for stale in (1, 2, 99):
            with pytest.raises(Moved):
                held.apply(named("a", "z", "three"), expected=stale, of="a")
        assert held.revision == 3


def test_what_was_previewed_is_made_although_another_wardrobe_moved(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        seen = held.preview(named("a", "y", "two"), name="a", requests=())
        held.apply(named("b", "x", "one"))
        with pytest.raises(Moved):
            held.apply(seen)
        assert held.apply(seen, of="a").number == 3
        with pytest.raises(Moved):
            held.apply(seen, of="a")


def test_an_undo_of_one_wardrobe_leaves_what_others_did_since(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        held.apply(named("a", "y", "two"))
        held.apply(named("b", "x", "one"))
        undone = held.undo("wardrobe/a", expected=2)
        assert (undone.undoes, undone.scope) == (2, "wardrobe/a")
        assert held.undo("wardrobe/a").undoes == 1
        with pytest.raises(NoAnswer):
            held.undo("wardrobe/a")
        assert held.wardrobes() == ["b"]
        assert [r.number for r in held.history(scope="wardrobe/a")] == [5, 4, 2, 1]
        assert [r.number for r in held.history(1, scope="wardrobe/a", before=4)] == [2]
        # Of the whole workspace the change of b is the newest that stands.
        assert held.undo().undoes == 3


def test_an_undo_that_is_not_expected_is_refused(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        with pytest.raises(Moved):
            held.undo("wardrobe/a", expected=7)
        with pytest.raises(Moved):
            held.undo(expected=7)
        assert held.revision == 1


def test_another_process_is_followed_revision_by_revision(folder: Path) -> None:
    reading, writing = Workspace.open(folder), Workspace.open(folder)
    for n in range(3):
        writing.apply(named("a", f"x{n}", "one"))
    writing.undo()
    before = dict(reading.state.graphs)
    reading.refresh()
    assert before != reading.state.graphs == writing.state.graphs
    assert reading.revision_of("a") == 4


def test_looks_of_two_wardrobes_never_meet(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "x", "one"))
        held.apply(named("b", "x", "one"))
        one, other = held.looks("a"), held.looks("b")
        assert one != other
        one.mkdir(parents=True)
        (one / "look-0123456789ab.json").write_text('{"id": "look-0123456789ab"}')
        assert held.look("look-0123456789ab", "a")["id"] == "look-0123456789ab"
        for told in ("look-0123456789ab", "1", "../a/look-0123456789ab"):
            with pytest.raises(UnknownName) as refused:
                held.look(told, "b")
            assert refused.value.hint.startswith("Looks are kept")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "ä b", "A.b"])
def test_a_wardrobes_looks_stand_below_the_workspace_whatever_it_is_called(
    tmp_path: Path, name: str
) -> None:
    found = remembered.folder_of(tmp_path, name)
    assert found.parent == tmp_path / "looks"
    assert found.resolve().parent == (tmp_path / "looks").resolve()


def test_the_looks_kept_longest_go_first(tmp_path: Path) -> None:
    for n in range(6):
        path = tmp_path / f"look-{n}.json"
        path.write_text("{}")
        os.utime(path, (n, n))
    remembered.prune(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["look-4.json", "look-5.json"]
