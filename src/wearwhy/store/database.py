"""The graph at rest: named graphs in an Oxigraph folder, changed one revision at a time.

A workspace folder W holds `W/store/` (Oxigraph), `W/readers/` (copies for readers), `W/lock`,
and beside them `W/wearwhy.toml` and `W/rules/`, which the store does not touch.

A commit is one Oxigraph operation (`update`, or `extend` where nothing is removed), which holds
the patch and the revision's record alike, and then a flush. After `kill -9`, the store opens at
the last acknowledged revision or the one after it, never between.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import Moved, NoAnswer, StoreError, ValueRefused
from wearwhy.rdf import Fact, Node
from wearwhy.store import copies, history, opening
from wearwhy.store.faults import disk, full, is_full, require_room, uncertain
from wearwhy.store.lock import Lock
from wearwhy.store.quads import (
    REVISIONS,
    Patch,
    Quad,
    Revision,
    canonical,
    from_oxigraph,
    order,
    to_oxigraph,
)
from wearwhy.store.skolem import skolemise

LOCK_SECONDS: Final = 5.0


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """An open workspace store; a context manager, closed at the end of its block.

    Open it with `Store.open` or `Store.create`. For writing, it holds the workspace's lock until
    it is closed. For reading, it shows the newest revision published when it was opened.
    """

    def __init__(
        self,
        folder: Path,
        graph: ox.Store,
        lock: Lock,
        now: Callable[[], datetime],
        *,
        writes: bool,
        held: int | None = None,
    ) -> None:
        self.folder = folder
        self._graph: ox.Store | None = graph
        self._lock = lock
        self._now = now
        self._writes = writes
        self._held = held
        self._stale = False
        self._revision = history.latest(graph)

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> None:
        """Make a new, empty store in a workspace folder.

        Raises:
            StoreError: WW-STORE-EXISTS, where there is one already.
            DiskFull: WW-STORE-FULL.
        """
        with disk("making the workspace"):
            opening.create(Path(path), LOCK_SECONDS)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        write: bool,
        wait: float = LOCK_SECONDS,
        now: Callable[[], datetime] = _now,
    ) -> Store:
        """Open the store of a workspace folder.

        Args:
            path: the workspace folder.
            write: for writing, which one process at a time can.
            wait: seconds to wait for another writer to end.
            now: the clock that dates revisions; returns UTC.

        Raises:
            StoreError: WW-STORE-NONE, where there is no workspace; WW-STORE-FORMAT.
            Locked: WW-STORE-LOCKED, another process is still writing after `wait` seconds.
        """
        folder = Path(path)
        opening.require_workspace(folder)
        with disk("opening it"):
            lock = Lock(folder / opening.LOCK)
            try:
                if not write:
                    graph, held = opening.for_reading(folder, lock)
                    return cls(folder, graph, lock, now, writes=False, held=held)
                lock.take(wait)
                behind = not lock.holder().clean
                store = cls(folder, opening.for_writing(folder, lock), lock, now, writes=True)
            except BaseException:
                lock.close()
                raise
        if behind:
            store._publish()
        return store

    def close(self) -> None:
        """Give everything back; closing twice does nothing."""
        if self._writes and self._graph is not None:
            if self._stale:
                self._publish()
            if not self._stale:
                self._lock.sign(clean=True)
        self._graph = None
        if self._held is not None:
            os.close(self._held)
            self._held = None
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def revision(self) -> int:
        """The number of the revision that this store shows; 0 before the first change."""
        return self._revision

    def graphs(self) -> tuple[NamedNode, ...]:
        """Return the named graphs that hold facts, sorted; the revisions' graph is not listed."""
        with disk("reading it"):
            names = [name for name in self._open().named_graphs() if isinstance(name, NamedNode)]
            held = self._open().quads_for_pattern
            full_ones = [n for n in names if next(held(None, None, None, n), None) is not None]
        return tuple(sorted(set(full_ones) - {REVISIONS}, key=str))

    def facts(self, graph: NamedNode) -> Iterator[Fact]:
        """Return the facts of one named graph; none for a graph that does not exist."""
        with disk("reading it"):
            # Read to the end at once: a half-read iterator would keep the folder open.
            found = list(self._open().quads_for_pattern(None, None, None, graph))
        return iter([from_oxigraph(quad).fact for quad in found])

    def quads(self) -> Iterator[Quad]:
        """Return the facts of every named graph, without the records of revisions."""
        with disk("reading it"):
            found = list(self._open())
        return (from_oxigraph(quad) for quad in found if quad.graph_name != REVISIONS)

    def commit(
        self, patch: Patch, *, message: str, scope: str = "", expected: int | None = None
    ) -> Revision:
        """Apply a patch as one atomic revision and return it.

        Blank nodes get IRIs (see `skolem`), numbers and dates the form the store gives back.
        Adding what is there and removing what is not are left out of the recorded patch; where
        nothing remains, no revision is made: what comes back has the current number and an
        empty patch.

        Args:
            patch: what to add and to remove.
            message: what was done, for people.
            scope: what it was done to: `base`, `wardrobe/NAME`, `catalogue/NAME`.
            expected: the revision that the patch was made against, if that matters.

        Raises:
            Moved: WW-STORE-MOVED, the graph is no longer at `expected`.
            ValueRefused: WW-STORE-SUBJECT, WW-STORE-RESERVED.
            DiskFull: WW-STORE-FULL; nothing of the patch was kept.
            StoreError: WW-STORE-READ-ONLY.
        """
        self._for_change()
        if expected is not None and expected != self._revision:
            raise Moved(
                "WW-STORE-MOVED",
                f"The graph is at revision {self._revision}, the change was made for {expected}.",
                hint="Another process changed it meanwhile: give the command, or preview, again.",
            )
        return self._record(self._effective(patch), message, scope, None)

    def history(self, limit: int | None = None) -> list[Revision]:
        """Return the revisions, the newest first, at most `limit`."""
        with disk("reading its history"):
            return list(islice(history.newest_first(self._open()), limit))

    def undo(self) -> Revision:
        """Take back the newest change that still stands, as a new revision.

        Undoing again takes back the change before it. `redo` takes back the last undo.

        Raises:
            NoAnswer: WW-UNDO-NOTHING, no change stands.
        """
        self._for_change()
        done, _ = history.standing(self._open())
        if not done:
            raise NoAnswer("WW-UNDO-NOTHING", "There is no change to undo.")
        return self._take_back(done[-1], "undo")

    def redo(self) -> Revision:
        """Take back the last undo, as a new revision, if no change came after it.

        Raises:
            NoAnswer: WW-REDO-NOTHING.
        """
        self._for_change()
        _, undone = history.standing(self._open())
        if not undone:
            raise NoAnswer("WW-REDO-NOTHING", "There is no undo to take back.")
        return self._take_back(undone[-1], "redo")

    def at(self, revision: int) -> frozenset[Quad]:
        """Return all quads as they stood at a revision, by taking back the patches after it.

        Raises:
            StoreError: WW-STORE-REVISION, there is none of that number.
        """
        if not 0 <= revision <= self._revision:
            history.read(self._open(), revision)
        quads = set(self.quads())
        for later in islice(history.newest_first(self._open()), self._revision - revision):
            quads.difference_update(later.patch.add)
            quads.update(later.patch.remove)
        return frozenset(quads)

    def _open(self) -> ox.Store:
        if self._graph is None:
            raise StoreError("WW-STORE-CLOSED", "This store has been closed.")
        return self._graph

    def _for_change(self) -> None:
        self._open()
        if not self._writes:
            raise StoreError(
                "WW-STORE-READ-ONLY",
                "This store is open for reading.",
                hint="Open it with `Store.open(path, write=True)`.",
            )

    def _effective(self, patch: Patch) -> Patch:
        graph = self._open()
        add = {canonical(quad): None for quad in skolemise(patch.add)}
        remove = {canonical(quad): None for quad in patch.remove}
        for quad in (*add, *remove):
            if quad.graph == REVISIONS:
                raise ValueRefused(
                    "WW-STORE-RESERVED",
                    f"The graph {REVISIONS} is the store's own record and takes no facts.",
                )
        return Patch(
            tuple(sorted((q for q in add if to_oxigraph(q) not in graph), key=order)),
            tuple(
                sorted((q for q in remove if q not in add and to_oxigraph(q) in graph), key=order)
            ),
        )

    def _take_back(self, number: int, verb: str) -> Revision:
        target = history.read(self._open(), number)
        patch = self._effective(target.patch.inverse())
        assert patch == _sorted(target.patch.inverse()), "only the newest standing change is undone"
        first = target
        while first.undoes is not None:
            first = history.read(self._open(), first.undoes)
        return self._record(patch, f"{verb} {first.number}: {first.message}", first.scope, number)

    def _record(self, patch: Patch, message: str, scope: str, undoes: int | None) -> Revision:
        at = self._now().astimezone(UTC).replace(microsecond=0)
        if not patch:
            return Revision(self._revision, at, message, scope, None, patch)
        revision = Revision(self._revision + 1, at, message, scope, undoes, patch)
        added = (*patch.add, *history.facts_of(revision))
        size = sum(len(str(to_oxigraph(quad))) for quad in (*added, *patch.remove))
        require_room(self.folder, size, "writing the change")
        try:
            if patch.remove:
                self._open().update(_as_update(patch.remove, added))
            else:
                self._open().extend([to_oxigraph(quad) for quad in added])
            self._open().flush()
        except OSError as error:
            self._recover(revision.number, error)
        self._revision = revision.number
        self._publish()
        return revision

    def _recover(self, number: int, error: OSError) -> None:
        """Open the folder anew after a failed write, and see on which side of it we are."""
        self._graph = None
        try:
            self._graph = ox.Store(self.folder / opening.GRAPH)
            self._revision = history.latest(self._graph)
        except OSError:
            raise uncertain(str(error)) from error
        if self._revision != number:
            raise (
                full("writing the change")
                if is_full(error)
                else StoreError(
                    "WW-STORE-DISK", "The change could not be written.", note=str(error)
                )
            )

    def _publish(self) -> None:
        try:
            copies.publish(self._open(), self.folder / opening.READERS, self._revision)
            self._stale = False
        except OSError:
            # The change itself is safe. The lock file keeps saying that readers are behind, and
            # the next who takes the lock publishes for them.
            self._stale = True


def _sorted(patch: Patch) -> Patch:
    return Patch(tuple(sorted(patch.add, key=order)), tuple(sorted(patch.remove, key=order)))


def _as_update(remove: tuple[Quad, ...], add: tuple[Quad, ...]) -> str:
    """Return a SPARQL update of two operations, which Oxigraph applies as one transaction."""
    return f"DELETE DATA {{\n{_blocks(remove)}}} ;\nINSERT DATA {{\n{_blocks(add)}}}"


def _blocks(quads: tuple[Quad, ...]) -> str:
    return "".join(
        f"GRAPH {graph} {{ {fact.subject} {fact.predicate} {_term(fact.object)} }}\n"
        for graph, fact in quads
    )


def _term(node: Node) -> str:
    """Return a term as SPARQL writes it; pyoxigraph's own text of a triple has no brackets."""
    if isinstance(node, ox.Triple):
        return f"<<( {node.subject} {node.predicate} {_term(node.object)} )>>"
    return str(node)
