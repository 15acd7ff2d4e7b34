"""A long patch is kept in pieces, and is the same patch."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import NamedNode
from tests.unit.test_store_changes import quad

from wearwhy.rdf import ID, WW, Fact, Literal
from wearwhy.store import Patch, Quad, Store, history
from wearwhy.store.forgetting import Forgettable
from wearwhy.store.quads import REVISIONS, order, to_oxigraph, to_text

MANY = Patch(tuple(sorted((quad(f"{n:04}", "x" * 100) for n in range(400)), key=order)))


def added(store: Store) -> list[str]:
    """Return the pieces of the first patch."""
    found = (fact for fact in store.facts(REVISIONS) if fact.predicate == WW.added)
    of_first = (fact.object for fact in found if fact.subject == ID["revision/1"])
    return [text.value for text in of_first if isinstance(text, Literal)]


def test_a_long_patch_is_kept_in_pieces_and_read_as_it_was(tmp_path: Path) -> None:
    Store.create(tmp_path / "w")
    with Store.open(tmp_path / "w", write=True) as store:
        made = store.commit(MANY, message="many")
        pieces = added(store)
        assert len(pieces) > 4
        assert max(map(len, pieces)) < 2 * history.PIECE
        assert sorted("".join(pieces).splitlines()) == sorted(to_text(MANY.add).splitlines())
        assert made.patch == MANY
        assert store.history() == [made]
        assert store.undo().patch == MANY.inverse()
        assert store.redo().patch == MANY


@pytest.mark.parametrize("whole", [False, True])
def test_forgetting_leaves_no_piece_of_it(tmp_path: Path, *, whole: bool) -> None:
    Store.create(tmp_path / "w")
    with Store.open(tmp_path / "w", write=True) as store:
        made = store.commit(MANY, message="many")
    if whole:
        as_it_was_kept_once(tmp_path / "w" / "store")
    with Store.open(tmp_path / "w", write=True) as store:
        assert (len(added(store)) == 1) is whole
        assert store.history() == [made]
        gone = MANY.add[7]
        assert isinstance(gone.fact.subject, NamedNode)
        store.forget(Forgettable((), frozenset({gone.fact.subject.value})))
        left = store.history()[-1].patch
        assert left == Patch(tuple(one for one in MANY.add if one != gone))
        assert not any("mine/0007" in piece for piece in added(store))


def as_it_was_kept_once(folder: Path) -> None:
    """Keep the first patch in one piece."""
    graph = ox.Store(folder)
    for one in history.record(graph, 1):
        if one.fact.predicate == WW.added:
            graph.remove(to_oxigraph(one))
    text = Fact(ID["revision/1"], WW.added, Literal(to_text(MANY.add)))
    graph.add(to_oxigraph(Quad(REVISIONS, text)))
    graph.flush()
