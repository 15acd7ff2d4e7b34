"""What is forgotten is in no revision, no undo and no file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wearwhy.errors import NoAnswer, StoreError
from wearwhy.rdf import ID, RDF, SCHEMA, WW, XSD, Fact, Literal, Triple
from wearwhy.store.database import Store
from wearwhy.store.forgetting import Forgettable
from wearwhy.store.quads import GRAPHS, Patch, Quad, graph_name
from wearwhy.workspace.undoing import undoing

# Longer than what Oxigraph keeps inside its numbers, so that it has to be written out.
SECRET = "Zauberfloetenmantel in Nachtblau"


def quad(owner: str, number: int, text: str) -> Quad:
    graph = graph_name(f"wardrobe/{owner}", "asserted", "edits")
    return Quad(graph, Fact(ID[f"x{number}"], SCHEMA.name, Literal(text)))


ADAS = Forgettable((f"{GRAPHS}wardrobe/ada/",))


def of_ada(quad: Quad) -> bool:
    return quad.graph.value.startswith(f"{GRAPHS}wardrobe/ada/")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of five revisions: Ada's 1, 3 and 4, Bob's 2, and one that is about both."""
    place = tmp_path_factory.mktemp("made") / "w"
    Store.create(place)
    with Store.open(place, write=True) as store:
        store.commit(
            Patch(add=(quad("ada", 1, SECRET), quad("ada", 2, "hat"))),
            message=f"add {SECRET}",
            scope="wardrobe/ada",
        )
        store.commit(Patch(add=(quad("bob", 1, "hat"),)), message="add hat", scope="wardrobe/bob")
        store.commit(
            Patch(remove=(quad("ada", 1, SECRET),)), message="remove", scope="wardrobe/ada"
        )
        store.undo()
        store.commit(
            Patch(add=(quad("ada", 3, SECRET), quad("bob", 3, "scarf"))), message="both", scope=""
        )
    return place


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "w"))


def traces(folder: Path, *words: str) -> list[Path]:
    """Return the files that hold one of some words, as often as they do."""
    while True:
        try:
            return [
                path
                for path in (Path(at, name) for at, _, names in os.walk(folder) for name in names)
                for data in [path.read_bytes()]
                for word in words
                if word.encode() in data
            ]
        except FileNotFoundError:
            # An open store tidies up in a thread of its own: what it has put in place is looked at.
            continue


def test_it_is_gone_from_the_graph_and_others_stays(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        revision = store.forget(ADAS)
        assert revision.number == store.revision == 6
        assert {q.fact.object.value for q in revision.patch.remove} == {SECRET, "hat"}  # type: ignore[union-attr]
        assert {q.fact.object.value for q in store.quads()} == {"hat", "scarf"}  # type: ignore[union-attr]
    with Store.open(folder, write=False) as store:
        assert store.revision == 6
        assert not any(of_ada(quad) for quad in store.quads())


def test_it_is_gone_from_every_revision(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.forget(ADAS)
        told = {r.number: (r.message, r.scope, len(r.patch.add)) for r in store.history()}
        assert told == {
            6: ("forgotten", "", 0),
            5: ("forgotten", "", 1),
            4: ("forgotten", "", 0),
            3: ("forgotten", "", 0),
            2: ("add hat", "wardrobe/bob", 1),
            1: ("forgotten", "", 0),
        }
        for number in range(7):
            assert not any(of_ada(quad) for quad in store.at(number))


def test_no_byte_of_it_is_left(folder: Path) -> None:
    assert traces(folder, SECRET, "wardrobe/ada")
    with Store.open(folder, write=True) as store:
        store.forget(ADAS)
        assert traces(folder, SECRET, "wardrobe/ada") == []
        store.undo()
    assert traces(folder, SECRET, "wardrobe/ada") == []


def test_undo_takes_back_what_is_left_and_nothing_else(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.forget(ADAS)
        assert undoing(store.history()).patch.remove == (quad("bob", 3, "scarf"),)
        assert store.undo().undoes == 5
        assert undoing(store.history()).patch.remove == (quad("bob", 1, "hat"),)
        assert store.undo().undoes == 2
        with pytest.raises(NoAnswer):
            store.undo()
        with pytest.raises(NoAnswer):
            undoing(store.history())
        assert store.redo().undoes == 8
        assert [q.fact.object.value for q in store.quads()] == ["hat"]  # type: ignore[union-attr]


def test_nothing_to_forget_still_leaves_a_store_that_works(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        before = set(store.quads())
        assert not store.forget(Forgettable()).patch
        assert set(store.quads()) == before
        store.commit(Patch(add=(quad("bob", 9, "new"),)), message="add")
    with Store.open(folder, write=False) as store:
        assert len(list(store.quads())) == len(before) + 1


def test_forgetting_twice_is_forgetting_once(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.forget(ADAS)
        before = set(store.quads())
        assert not store.forget(ADAS).patch
        assert set(store.quads()) == before


KILLED = """
import os, sys
from pathlib import Path
from wearwhy.store.database import Store
from wearwhy.store.forgetting import Forgettable

rename, left = Path.rename, int(sys.argv[2])

def killed(self, target):
    global left
    if self.name in ("store", ".store-fresh"):
        left -= 1
        if left == 0:
            os._exit(9)
    return rename(self, target)

Path.rename = killed
with Store.open(sys.argv[1], write=True) as store:
    store.forget(Forgettable(("https://w3id.org/wearwhy/graph/wardrobe/ada/",)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", [1, 2])
def test_killed_while_the_files_are_made_anew_it_is_forgotten(folder: Path, step: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, folder, str(step)], check=False)
    assert done.returncode == 9
    with Store.open(folder, write=False) as seen:
        assert seen.revision == 6
        assert not any(of_ada(quad) for quad in seen.quads())
    with Store.open(folder, write=True) as store:
        store.forget(ADAS)  # as `forget_again` does at the next start
        assert {q.fact.object.value for q in store.quads()} == {"hat", "scarf"}  # type: ignore[union-attr]
    assert traces(folder, SECRET) == []


def test_a_node_is_forgotten_wherever_it_stands(folder: Path) -> None:
    with Store.open(folder, write=True) as store:
        store.forget(Forgettable(nodes=frozenset((ID["x3"].value,))))
        assert not any(quad.fact.subject == ID["x3"] for quad in store.quads())
        told = {r.number: r.message for r in store.history()}
        assert (told[5], told[2]) == ("forgotten", "add hat")


def test_what_is_said_in_rdf_1_2_and_in_many_tongues_outlives_forgetting(folder: Path) -> None:
    graph = graph_name("wardrobe/bob", "predicted", "model")
    said = Triple(ID["x1"], SCHEMA.name, Literal("帽子", language="zh"))
    kept = [
        Quad(graph, Fact(ID["guess"], RDF.reifies, said)),
        Quad(graph, Fact(ID["guess"], WW.probability, Literal("0.75", datatype=XSD.decimal))),
        Quad(graph, Fact(ID["guess"], SCHEMA.name, Literal('"\\\n\t😀'))),
    ]
    with Store.open(folder, write=True) as store:
        store.commit(Patch(add=tuple(kept)), message="guess", scope="wardrobe/bob")
        before = {quad for quad in store.quads() if not of_ada(quad)}
        store.forget(ADAS)
        assert set(store.quads()) == before >= set(kept)


def test_a_disk_that_fails_leaves_a_store_that_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error", str(self))

    with Store.open(folder, write=True) as store:
        with monkeypatch.context() as broken:
            broken.setattr(Path, "rename", fail)
            with pytest.raises(StoreError):
                store.forget(ADAS)
        assert not any(of_ada(quad) for quad in store.quads())
        store.forget(ADAS)
        assert {q.fact.object.value for q in store.quads()} == {"hat", "scarf"}  # type: ignore[union-attr]
    assert traces(folder, SECRET) == []
