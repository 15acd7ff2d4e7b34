"""Forgetting: quads that go out of the graph and out of every revision that ever held them.

An undo must not bring back what somebody had the right to see forgotten, nor may it stand in the
history's patches. A revision of which nothing remains keeps its number and its date, so that the
history has no gap, and says `ww:forgotten`: it can be neither undone nor redone. The store's
files are then made anew, since Oxigraph never drops the text of a term.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import StoreError
from wearwhy.rdf import WW, Fact, Literal
from wearwhy.store import history, opening
from wearwhy.store.faults import require_room
from wearwhy.store.quads import REVISIONS, Patch, Quad, Revision, from_oxigraph, order

MESSAGE: Final = "forgotten"


@dataclass(frozen=True, slots=True)
class Forgettable:
    """What is to be forgotten.

    Attributes:
        graphs: how the names of graphs begin that go whole.
        nodes: IRIs of which nothing is said any more, in whatever graph.
        events: pairs of a graph and an IRI of which nothing is said in that graph any more.
        author: the id of an account of which no revision says any more that it made it.
    """

    graphs: tuple[str, ...] = ()
    nodes: frozenset[str] = frozenset()
    events: frozenset[tuple[str, str]] = frozenset()
    author: str = ""

    def covers(self, quad: Quad) -> bool:
        """Return whether a quad is to be forgotten."""
        if self.graphs and quad.graph.value.startswith(self.graphs):
            return True
        subject, _, value = quad.fact
        if isinstance(value, NamedNode) and value.value in self.nodes:
            return True
        return isinstance(subject, NamedNode) and (
            subject.value in self.nodes or (quad.graph.value, subject.value) in self.events
        )

    def present(self, graph: ox.Store) -> tuple[Quad, ...]:
        """Return the quads of a store that are to be forgotten, sorted."""
        found: dict[Quad, None] = {}
        for name in graph.named_graphs():
            if self.graphs and isinstance(name, NamedNode) and name.value.startswith(self.graphs):
                found.update(_found(graph, None, None, name))
        for node in sorted(self.nodes):
            found.update(_found(graph, NamedNode(node), None, None))
            found.update(_found(graph, None, NamedNode(node), None))
        for where, node in sorted(self.events):
            found.update(_found(graph, NamedNode(node), None, NamedNode(where)))
        return tuple(sorted((q for q in found if q.graph != REVISIONS), key=order))


def forgotten(
    graph: ox.Store, gone: Forgettable, number: int, at: datetime
) -> tuple[Revision, Patch]:
    """Return the revision that forgets quads, and what must be written for it.

    Args:
        graph: of the store.
        gone: what is to be forgotten.
        number: of the new revision.
        at: its date, in UTC.

    Returns:
        The revision, whose patch removes what is there now, and the patch that writes it: that
        removal, every older record made anew without what is gone, and the revision's own record,
        which says nothing of it.
    """
    present = gone.present(graph)
    add: list[Quad] = []
    remove: list[Quad] = [*present]
    for revision in _concerned(graph, gone):
        kept = Patch(*(tuple(q for q in part if not gone.covers(q)) for part in _parts(revision)))
        left = replace(revision, patch=kept, by="" if revision.by == gone.author else revision.by)
        if left != revision:
            old = history.record(graph, revision.number)
            new = history.facts_of(left) if kept == revision.patch else _told(left)
            remove += [quad for quad in old if quad not in new]
            add += [quad for quad in new if quad not in old]
    made, record = without(number, at)
    add += record
    return replace(made, patch=Patch(remove=present)), Patch(tuple(add), tuple(remove))


def without(number: int, at: datetime) -> tuple[Revision, tuple[Quad, ...]]:
    """Return a revision that forgets nothing, which cannot be undone, and its record."""
    made = Revision(number, at, MESSAGE, "", None, Patch())
    return made, _record(made)


def said_again(gone: Forgettable, revision: Revision) -> bool:
    """Return whether a revision says, or said, some of what is forgotten, or who made it does."""
    by = bool(gone.author) and revision.by == gone.author
    return by or any(gone.covers(quad) for part in _parts(revision) for quad in part)


def was_forgotten(graph: ox.Store, number: int) -> bool:
    """Return whether a revision forgot something, or some of it was forgotten."""
    return any(quad.fact.predicate == WW.forgotten for quad in history.record(graph, number))


def write_anew(draft: Path, graph: ox.Store) -> None:
    """Write what a store holds into a new one, in a folder that is deleted before.

    Raises:
        StoreError: WW-STORE-DISK, where not all of it got there.
    """
    dump = draft.with_name(f"{draft.name}.nq")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        graph.dump(dump, ox.RdfFormat.N_QUADS)
        fresh = ox.Store(draft)
        fresh.bulk_load(path=dump, format=ox.RdfFormat.N_QUADS)
        fresh.flush()
        if len(fresh) != len(graph):
            raise StoreError("WW-STORE-DISK", "The store could not be made anew.")
    finally:
        dump.unlink(missing_ok=True)


def require_room_twice(folder: Path) -> None:
    """Refuse to begin where a second store and its text have no room.

    Raises:
        DiskFull: WW-STORE-FULL.
    """
    size = sum(path.stat().st_size for path in (folder / opening.GRAPH).iterdir())
    require_room(folder, 4 * size, "forgetting")


def _found(
    graph: ox.Store,
    subject: NamedNode | None,
    value: NamedNode | None,
    name: NamedNode | None,
) -> dict[Quad, None]:
    quads = list(graph.quads_for_pattern(subject, None, value, name))
    return {from_oxigraph(quad): None for quad in quads}


def _concerned(graph: ox.Store, gone: Forgettable) -> list[Revision]:
    found = {
        one.number: one
        for one in history.naming(
            graph, *gone.graphs, *gone.nodes, *(node for _, node in gone.events)
        )
    }
    if gone.author:
        found |= {one.number: one for one in history.newest_first(graph, by=gone.author)}
    return list(found.values())


def _parts(revision: Revision) -> tuple[tuple[Quad, ...], tuple[Quad, ...]]:
    return revision.patch.add, revision.patch.remove


def _told(left: Revision) -> tuple[Quad, ...]:
    """Return the record of what is left of a revision."""
    # Its message may name what is gone, and its scope whose it was.
    told = replace(left, message=MESSAGE)
    return history.facts_of(told) if left.patch else _record(replace(told, scope="", by=""))


def _record(revision: Revision) -> tuple[Quad, ...]:
    said = history.facts_of(revision)
    mark = Fact(said[0].fact.subject, WW.forgotten, Literal(True))
    return (*said, Quad(REVISIONS, mark))
