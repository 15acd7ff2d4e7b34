"""Wardrobes that are read when they are asked for say what they would have said at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.test_owning import named

from wearwhy.rdf import ID, SCHEMA, Fact, Literal, NamedNode
from wearwhy.store.database import Store
from wearwhy.store.forgetting import Forgettable
from wearwhy.store.quads import GRAPHS, Patch, graph_name
from wearwhy.workspace import Workspace, state
from wearwhy.workspace.atrest import Held
from wearwhy.workspace.edits import Edit

EDITS = graph_name("wardrobe/a", "asserted", "edits")
OTHERS = graph_name("wardrobe/b", "asserted", "edits")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two wardrobes of two names each, in a workspace that reads none before it must."""
    monkeypatch.setattr(state, "FEW", 1)
    Store.create(tmp_path / "W")
    with Workspace.open(tmp_path / "W", hold=True) as held:
        for one in (named("a", "x", "one"), named("a", "y", "two")):
            held.apply(one)
        for one in (named("b", "x", "one"), named("b", "y", "two")):
            held.apply(one)
    return tmp_path / "W"


def names(workspace: Workspace, graph: NamedNode = EDITS) -> set[str]:
    return {
        fact.object.value
        for fact in workspace.state.graphs.get(graph, ())
        if isinstance(fact.object, Literal)
    }


def unread(workspace: Workspace, graph: NamedNode) -> bool:
    facts = workspace.state.graphs[graph]
    return isinstance(facts, Held) and not facts.read


def test_nothing_is_read_before_it_is_asked_for(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        assert held.wardrobes() == ["a", "b"]
        assert len(held.state.graphs[EDITS]) == 2
        assert unread(held, EDITS)
        assert names(held) == {"one", "two"}
        assert not unread(held, EDITS)
        assert unread(held, OTHERS)
        assert held.state.size == 2


def test_a_change_of_an_unread_wardrobe_is_shown_by_the_states_after_it_alone(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        before = held.state
        held.apply(named("a", "z", "three"))
        assert names(held) == {"one", "two", "three"}
        assert {fact.subject for fact in before.graphs[EDITS]} == {ID["a/x"], ID["a/y"]}
        held.undo("wardrobe/a")
        assert names(held) == {"one", "two"}
        held.apply(Edit(Patch(remove=tuple(held.state.matching(ID["b/x"]))), "x", "wardrobe/b"))
        assert names(held, OTHERS) == {"two"}


def test_what_others_wrote_meanwhile_is_not_seen_before_it_is_asked_for(folder: Path) -> None:
    reading = Workspace.open(folder)
    with Workspace.open(folder, hold=True) as held:
        held.apply(named("a", "z", "three"))
        gone = tuple(held.state.matching(ID["a/x"], of="wardrobe/a"))
        assert len(gone) == 1
        held.apply(Edit(Patch(remove=gone), "remove", "wardrobe/a"))
        assert [quad.fact for quad in reading.state.matching(ID["a/x"])] == [gone[0].fact]
        assert names(reading) == {"one", "two"}
        assert len(reading.state.graphs[EDITS]) == 2
        reading.refresh()
        assert names(reading) == {"two", "three"}
        assert names(reading, OTHERS) == {"one", "two"}


def test_what_was_given_up_is_read_again_unless_the_store_says_otherwise_now(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        first, other = held.state.graphs[EDITS], held.state.graphs[OTHERS]
        assert isinstance(first, Held)
        assert isinstance(other, Held)
        held.apply(named("a", "z", "three"))
        for facts in (first, other):
            facts.drop()
        assert first.read  # the store has three by now
        assert len(list(first)) == 2
        assert len(list(other)) == 2


def test_facts_are_found_by_their_terms_in_wardrobes_that_nobody_read(folder: Path) -> None:
    with Workspace.open(folder, hold=True) as held:
        fact = Fact(ID["b/x"], SCHEMA.name, Literal("one"))
        assert held.state.where(fact, ("wardrobe/a", "wardrobe/b")) == [OTHERS]
        assert held.state.where(fact, ("wardrobe/a",)) == []
        found = {quad.fact.subject for quad in held.state.matching(None, None, Literal("one"))}
        assert found == {ID["a/x"], ID["b/x"]}
        assert unread(held, EDITS)
        assert unread(held, OTHERS)
        assert names(held) == {"one", "two"}
        again = {quad.fact.subject for quad in held.state.matching(None, None, Literal("one"))}
        assert again == found


def test_a_wardrobe_that_was_forgotten_before_anybody_read_it_is_gone(folder: Path) -> None:
    reading = Workspace.open(folder)
    with Workspace.open(folder, hold=True) as held:
        held.forget(Forgettable((f"{GRAPHS}wardrobe/a/",)))
        assert held.wardrobes() == ["b"]
        assert names(held, OTHERS) == {"one", "two"}
        assert names(reading) == set()
        reading.refresh()
        assert reading.wardrobes() == ["b"]
