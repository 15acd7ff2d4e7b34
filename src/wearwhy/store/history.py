"""Revisions as PROV-O facts in a graph of their own.

Each is a `prov:Entity` at `https://w3id.org/wearwhy/id/revision/NUMBER` with `ww:number`,
`prov:generatedAtTime`, `dcterms:description` (the message), `ww:scope`, `prov:wasRevisionOf`,
`ww:undoes`, `prov:wasAttributedTo` (the account that made it), and its patch as N-Quads literals,
`ww:added` and `ww:removed`. A patch is kept as text because its quads must not answer queries a
second time; a long one in several pieces, because RocksDB reads a long value whole whenever it
reads one of its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import StoreError
from wearwhy.rdf import DCTERMS, ID, PROV, TYPE, WW, XSD, Fact, Node
from wearwhy.store.quads import (
    REVISIONS,
    Patch,
    Quad,
    Revision,
    from_oxigraph,
    from_text,
    order,
    to_text,
)

FORMAT: Final = 1
PIECE: Final = 16_384
"""Characters of one piece of a patch, and the rest of its last line."""
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
        *(_quad(node, WW.added, piece) for piece in _pieces(revision.patch.add)),
        *(_quad(node, WW.removed, piece) for piece in _pieces(revision.patch.remove)),
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
    if revision.by:
        quads.append(_quad(node, PROV.wasAttributedTo, _author(revision.by)))
    return tuple(quads)


def latest(store: ox.Store) -> int:
    """Return the number of the newest revision; 0 for a store that was never changed."""
    return max(_numbers(store), default=0)


def read(store: ox.Store, number: int) -> Revision:
    """Return one revision from its record.

    Raises:
        StoreError: WW-STORE-REVISION, where there is none of that number.
    """
    values: dict[Node, str] = {}
    texts: dict[Node, list[str]] = {WW.added: [], WW.removed: []}
    for _, (_, predicate, value) in record(store, number):
        assert isinstance(value, Literal | NamedNode)
        if predicate in texts:
            texts[predicate].append(value.value)
        else:
            values[predicate] = value.value
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
        Patch(_joined(texts[WW.added]), _joined(texts[WW.removed])),
        values.get(PROV.wasAttributedTo, "").rpartition("/")[2],
    )


def record(store: ox.Store, number: int) -> tuple[Quad, ...]:
    """Return what a store says of a revision, in no order."""
    found = list(store.quads_for_pattern(_node(number), None, None, REVISIONS))
    return tuple(map(from_oxigraph, found))


def _pieces(quads: Iterable[Quad]) -> Iterator[str]:
    """Yield N-Quads text piece by piece, at least one; no line is cut."""
    lines: list[str] = []
    size = 0
    for quad in quads:
        if size >= PIECE:
            yield "".join(lines)
            lines, size = [], 0
        lines.append(to_text((quad,)))
        size += len(lines[-1])
    yield "".join(lines)


def _joined(pieces: list[str]) -> tuple[Quad, ...]:
    quads = from_text("".join(pieces))
    # One piece has its quads in their order; of several the store does not say which is first.
    return quads if len(pieces) == 1 else tuple(sorted(quads, key=order))


def newest_first(
    store: ox.Store,
    *,
    scope: str | None = None,
    before: int | None = None,
    by: str | None = None,
) -> Iterator[Revision]:
    """Return the revisions, the newest first: of a scope, with a smaller number, by an account."""
    wanted = {*(_numbers(store) if scope is None else _of(store, scope))}
    if before is not None:
        wanted = {number for number in wanted if number < before}
    if by is not None:
        wanted &= set(_made_by(store, by))
    return (read(store, number) for number in sorted(wanted, reverse=True))


def naming(store: ox.Store, *texts: str) -> Iterator[Revision]:
    """Return the revisions that name any of some texts in their patches, the newest first."""
    numbers = {
        _number(quad.subject)
        for predicate in (WW.added, WW.removed)
        for quad in store.quads_for_pattern(None, predicate, None, REVISIONS)
        if isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, Literal)
        and any(text in quad.object.value for text in texts)
    }
    return (read(store, number) for number in sorted(numbers, reverse=True))


def scopes(store: ox.Store) -> dict[str, int]:
    """Return the newest revision of each scope."""
    found: dict[str, int] = {}
    unscoped = set(_numbers(store))
    for quad in store.quads_for_pattern(None, WW.scope, None, REVISIONS):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            number, scope = _number(quad.subject), quad.object.value
            found[scope] = max(number, found.get(scope, 0))
            unscoped.discard(number)
    if unscoped:
        found[""] = max(unscoped)
    return found


def standing(store: ox.Store, scope: str | None = None) -> tuple[list[int], list[int]]:
    """Return the revisions that undo can take back, and the undos that redo can; the next last.

    An ordinary change empties the second list: what was undone before it stays undone. What was
    forgotten is in neither.

    Args:
        store: that is read.
        scope: of its changes alone; None for all.
    """
    undoes = {
        _number(quad.subject): _number(quad.object)
        for quad in store.quads_for_pattern(None, WW.undoes, None, REVISIONS)
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode)
    }
    gone = {
        _number(quad.subject)
        for quad in store.quads_for_pattern(None, WW.forgotten, None, REVISIONS)
        if isinstance(quad.subject, NamedNode)
    }
    done: list[int] = []
    undone: list[int] = []
    for number in sorted({*(_numbers(store) if scope is None else _of(store, scope))} - gone):
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


def _of(store: ox.Store, scope: str) -> Iterator[int]:
    for quad in store.quads_for_pattern(None, WW.scope, Literal(scope), REVISIONS):
        if isinstance(quad.subject, NamedNode):
            yield _number(quad.subject)


def _made_by(store: ox.Store, account: str) -> Iterator[int]:
    author = _author(account)
    for quad in store.quads_for_pattern(None, PROV.wasAttributedTo, author, REVISIONS):
        if isinstance(quad.subject, NamedNode):
            yield _number(quad.subject)


def _number(node: NamedNode) -> int:
    return int(node.value.rpartition("/")[2])


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


def _author(account: str) -> NamedNode:
    return ID[f"account/{account}"]


def _quad(subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal | str | int) -> Quad:
    term = value if isinstance(value, NamedNode | Literal) else Literal(value)
    return Quad(REVISIONS, Fact(subject, predicate, term))
