"""Revisions as PROV-O facts in a graph of their own.

Each is a `prov:Entity` at `https://w3id.org/wearwhy/id/revision/NUMBER` with `ww:number`,
`prov:generatedAtTime`, `dcterms:description` (the message), `ww:scope`, `prov:wasRevisionOf`,
`ww:undoes`, and its patch as two N-Quads literals, `ww:added` and `ww:removed`. A patch is kept
as text because its quads must not answer queries a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import StoreError
from wearwhy.rdf import DCTERMS, ID, PROV, TYPE, WW, XSD, Fact
from wearwhy.store.quads import REVISIONS, Patch, Quad, Revision, from_text, to_text

FORMAT: Final = 1
_WORKSPACE: Final = ID.workspace


def founding() -> tuple[Quad, ...]:
    """Return what stands in a new store: the version of its format."""
    return (_quad(_WORKSPACE, WW.formatVersion, FORMAT),)


def check_format(store: ox.Store) -> None:
    """Refuse a store of another format.

    Raises:
        StoreError: WW-STORE-FORMAT, naming both versions.
    """
    found = _value(store, _WORKSPACE, WW.formatVersion)
    if found is None:
        raise StoreError(
            "WW-STORE-FORMAT",
            "This folder holds an Oxigraph store that wearwhy did not make.",
            hint="Make a new workspace with `wearwhy init` and load the data into it.",
        )
    if int(found) != FORMAT:
        raise StoreError(
            "WW-STORE-FORMAT",
            f"This workspace has format {found}; this version reads format {FORMAT}.",
            hint="Install the version of wearwhy that wrote it, or a newer one.",
        )


def facts_of(revision: Revision) -> tuple[Quad, ...]:
    """Return the record of a revision."""
    node = _node(revision.number)
    quads = [
        _quad(node, TYPE, PROV.Entity),
        _quad(node, TYPE, WW.Revision),
        _quad(node, WW.number, revision.number),
        _quad(node, DCTERMS.description, revision.message),
        _quad(node, WW.added, to_text(revision.patch.add)),
        _quad(node, WW.removed, to_text(revision.patch.remove)),
        _quad(
            node,
            PROV.generatedAtTime,
            Literal(revision.at.isoformat().replace("+00:00", "Z"), datatype=XSD.dateTime),
        ),
    ]
    if revision.scope:
        quads.append(_quad(node, WW.scope, revision.scope))
    if revision.number > 1:
        quads.append(_quad(node, PROV.wasRevisionOf, _node(revision.number - 1)))
    if revision.undoes is not None:
        quads.append(_quad(node, WW.undoes, _node(revision.undoes)))
    return tuple(quads)


def latest(store: ox.Store) -> int:
    """Return the number of the newest revision; 0 for a store that was never changed."""
    return max(_numbers(store), default=0)


def read(store: ox.Store, number: int) -> Revision:
    """Return one revision from its record.

    Raises:
        StoreError: WW-STORE-REVISION, where there is none of that number.
    """
    node = _node(number)
    values = {
        quad.predicate: quad.object.value
        for quad in store.quads_for_pattern(node, None, None, REVISIONS)
        if isinstance(quad.object, Literal | NamedNode)
    }
    if WW.number not in values:
        raise StoreError(
            "WW-STORE-REVISION",
            f"There is no revision {number}.",
            hint=f"The newest is {latest(store)}.",
        )
    undoes = values.get(WW.undoes)
    return Revision(
        number,
        datetime.fromisoformat(values[PROV.generatedAtTime]),
        values[DCTERMS.description],
        values.get(WW.scope, ""),
        None if undoes is None else int(undoes.rpartition("/")[2]),
        Patch(from_text(values[WW.added]), from_text(values[WW.removed])),
    )


def newest_first(store: ox.Store) -> Iterator[Revision]:
    """Return the revisions, the newest first."""
    return (read(store, number) for number in sorted(_numbers(store), reverse=True))


def standing(store: ox.Store) -> tuple[list[int], list[int]]:
    """Return the revisions that undo can take back, and the undos that redo can; the next last.

    An ordinary change empties the second list: what was undone before it stays undone.
    """
    undoes = {
        int(quad.subject.value.rpartition("/")[2]): int(quad.object.value.rpartition("/")[2])
        for quad in store.quads_for_pattern(None, WW.undoes, None, REVISIONS)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    }
    done: list[int] = []
    undone: list[int] = []
    for number in sorted(_numbers(store)):
        target = undoes.get(number)
        if target is None:
            done.append(number)
            undone.clear()
        elif undone and undone[-1] == target:
            undone.pop()
            done.append(number)
        else:
            done.remove(target)
            undone.append(number)
    return done, undone


def _numbers(store: ox.Store) -> Iterator[int]:
    for quad in store.quads_for_pattern(None, WW.number, None, REVISIONS):
        assert isinstance(quad.object, Literal)
        yield int(quad.object.value)


def _value(store: ox.Store, subject: NamedNode, predicate: NamedNode) -> str | None:
    for quad in store.quads_for_pattern(subject, predicate, None, REVISIONS):
        assert isinstance(quad.object, Literal)
        return quad.object.value
    return None


def _node(number: int) -> NamedNode:
    return ID[f"revision/{number}"]


def _quad(subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal | str | int) -> Quad:
    term = value if isinstance(value, NamedNode | Literal) else Literal(value)
    return Quad(REVISIONS, Fact(subject, predicate, term))
