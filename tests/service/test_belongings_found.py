"""What is a person's is found by the store's index, and is what a walk over all graphs finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from wearwhy.rdf import ID, RDF, SCHEMA, WW, Fact, Literal, NamedNode, Node, Triple
from wearwhy.service import belongings
from wearwhy.service.belongings import Belongings, wearer_of
from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace, state
from wearwhy.workspace.atrest import Held

NAMES = ("a", "b", "c", "d", "e")
OWNED = {"ann": ("a", "b"), "ben": ("c",), "cho": ()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five wardrobes whose people speak of each other, and change their minds."""
    folder = tmp_path_factory.mktemp("made") / "w"
    Store.create(folder)
    chance = Random(7)
    wearers = [wearer_of(Workspace.open(folder), account) for account in OWNED]
    said: list[Quad] = []
    with Store.open(folder, write=True) as store:
        for revision in range(8):
            name = chance.choice(NAMES)
            new = [_quad(chance, name, wearers, f"{revision}-{n % 6}") for n in range(24)]
            gone = chance.sample(said, min(len(said), 8))
            said = [quad for quad in said if quad not in gone] + new
            patch = Patch(add=tuple(new), remove=tuple(gone))
            store.commit(patch, message="change", scope=f"wardrobe/{name}")
    return folder


def _quad(chance: Random, name: str, wearers: list[NamedNode], number: str) -> Quad:
    owner = chance.choice((f"wardrobe/{name}",) * 4 + ("base", "catalogue/shop"))
    kind, source = chance.choice(
        (("asserted", "log"), ("asserted", "edits"), ("predicted", "model"), ("rules", "own"))
    )
    who, node = chance.choice(wearers), ID[f"{name}/n{number}"]
    item = ID[f"{chance.choice(NAMES)}/item{chance.randrange(6)}"]
    facts = (
        Fact(node, WW.wearer, who),
        Fact(node, WW.wears, item),
        Fact(who, SCHEMA.name, Literal(number)),
        Fact(item, WW.inWardrobe, ID[f"wardrobe/{name}"]),
        Fact(node, SCHEMA.name, Literal(who.value)),
        Fact(node, RDF.reifies, Triple(who, SCHEMA.name, item)),
    )
    return Quad(graph_name(owner, kind, source), chance.choice(facts))


@pytest.fixture(params=[1, 64], ids=["later", "at once"])
def workspace(
    folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workspace]:
    monkeypatch.setattr(state, "FEW", request.param)
    with Workspace.open(folder, hold=True) as found:
        yield found


def name_of(graph: NamedNode) -> str:
    return graph.value.partition("/graph/wardrobe/")[2].partition("/")[0]


def everything(workspace: Workspace) -> list[Quad]:
    return [Quad(g, fact) for g, facts in workspace.state.graphs.items() for fact in facts]


def by_walking(workspace: Workspace, account: str) -> tuple[Belongings, dict[str, set[Quad]]]:
    wearer = wearer_of(workspace, account)
    ever = everything(workspace)
    for revision in workspace.history():
        ever += [*revision.patch.add, *revision.patch.remove]
    events = {
        (graph.value, fact.subject.value)
        for graph, fact in ever
        if graph.value.endswith("/asserted/log")
        and (fact.predicate, fact.object) == (WW.wearer, wearer)
        and isinstance(fact.subject, NamedNode)
    }
    theirs = Belongings(account, wearer, frozenset(OWNED[account]), frozenset(events))
    found: dict[str, set[Quad]] = {}
    for quad in everything(workspace):
        if name_of(quad.graph) in theirs.wardrobes:
            found.setdefault(name_of(quad.graph), set()).add(quad)
        elif theirs.quads.covers(quad):
            found.setdefault("", set()).add(quad)
    return theirs, found


def items_by_walking(workspace: Workspace, theirs: Belongings) -> frozenset[str]:
    own, others = set[Node](), set[Node]()
    for graph, fact in everything(workspace):
        if fact.predicate == WW.inWardrobe:
            (own if name_of(graph) in theirs.wardrobes else others).add(fact.subject)
    return frozenset(item.value for item in own - others if isinstance(item, NamedNode))


@pytest.mark.parametrize("account", OWNED)
def test_what_is_found_is_what_a_walk_over_every_graph_finds(
    workspace: Workspace, account: str
) -> None:
    theirs = belongings.belongings(workspace, account, OWNED[account])
    found = belongings.said(workspace.state, theirs)
    items = belongings.items(workspace.state, theirs)
    expected, quads = by_walking(workspace, account)
    assert theirs == expected
    assert theirs.events
    assert {name: set(those) for name, those in found.items()} == quads
    assert all(len(set(those)) == len(those) for those in found.values())
    assert found[""]
    assert items == items_by_walking(workspace, theirs)
    assert bool(items) == bool(OWNED[account])


def test_wardrobes_of_others_are_not_read_for_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "FEW", 1)
    with Workspace.open(folder, hold=True) as found:
        theirs = belongings.belongings(found, "ann", OWNED["ann"])
        belongings.said(found.state, theirs)
        belongings.items(found.state, theirs)
        read = {
            name_of(graph)
            for graph, facts in found.state.graphs.items()
            if isinstance(facts, Held) and facts.read
        }
    assert read == set(OWNED["ann"])
