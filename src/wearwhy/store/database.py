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
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import Moved, NoAnswer
from wearwhy.rdf import Fact
from wearwhy.store import history, opening, reading
from wearwhy.store.anew import Forgetting
from wearwhy.store.faults import disk
from wearwhy.store.lock import Lock
from wearwhy.store.quads import (
    REVISIONS,
    Patch,
    Quad,
    Revision,
    from_oxigraph,
)
from wearwhy.store.updating import effective, in_order

LOCK_SECONDS: Final = 5.0
_now: Final = partial(datetime.now, UTC)


class Store(Forgetting):
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
    def closed(self) -> bool:
        """Whether everything was given back."""
        return self._graph is None

    @property
    def revision(self) -> int:
        """The number of the revision that this store shows; 0 before the first change."""
        return self._revision

    def graphs(self) -> tuple[NamedNode, ...]:
        """Return the named graphs that hold facts, sorted; the revisions' graph is not listed."""
        with disk("reading it"):
            return reading.graphs(self._open())

    def size(self, graph: NamedNode) -> int:
        """Return how many facts a named graph holds."""
        with disk("reading it"):
            return reading.size(self._open(), graph)

    def facts(self, graph: NamedNode) -> Iterator[Fact]:
        """Return the facts of one named graph; none for a graph that does not exist."""
        with disk("reading it"):
            # Read to the end at once: a half-read iterator would keep the folder open.
            found = list(self._open().quads_for_pattern(None, None, None, graph))
        return iter([from_oxigraph(quad).fact for quad in found])

    def quads(self, of: reading.Pattern = reading.ANY) -> Iterator[Quad]:
        """Return the facts of every named graph with some terms; no records of revisions."""
        with disk("reading it"):
            found = list(self._open().quads_for_pattern(*of, None))
        return (from_oxigraph(quad) for quad in found if quad.graph_name != REVISIONS)

    def commit(
        self,
        patch: Patch,
        *,
        message: str,
        scope: str = "",
        expected: int | None = None,
        by: str = "",
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
            by: the id of the account that makes it, if one does.

        Raises:
            Moved: WW-STORE-MOVED, the graph is no longer at `expected`.
            ValueRefused: WW-STORE-SUBJECT, WW-STORE-RESERVED.
            DiskFull: WW-STORE-FULL; nothing of the patch was kept.
            StoreError: WW-STORE-READ-ONLY.
        """
        self._for_change()
        if expected is not None:
            self.require(expected)
        return self._record(
            Revision(0, self._date(), message, scope, None, effective(self._open(), patch), by)
        )

    def require(self, expected: int) -> None:
        """Refuse what was meant for another revision.

        Raises:
            Moved: WW-STORE-MOVED.
        """
        if expected != self._revision:
            raise Moved(
                "WW-STORE-MOVED",
                f"The graph is at revision {self._revision}, the change was made for {expected}.",
                hint="Another process changed it meanwhile: give the command, or preview, again.",
            )

    def history(
        self,
        limit: int | None = None,
        *,
        scope: str | None = None,
        before: int | None = None,
        by: str | None = None,
    ) -> list[Revision]:
        """Return the revisions, the newest first, at most `limit`.

        Args:
            limit: None for all.
            scope: only those of it.
            before: only those with a smaller number.
            by: only those that an account made, by its id.
        """
        with disk("reading its history"):
            found = history.newest_first(self._open(), scope=scope, before=before, by=by)
            return list(islice(found, limit))

    def naming(self, text: str) -> list[Revision]:
        """Return the revisions in whose patches a text stands, the newest first."""
        with disk("reading its history"):
            return list(history.naming(self._open(), text))

    def scopes(self) -> dict[str, int]:
        """Return the newest revision of each scope."""
        with disk("reading its history"):
            return history.scopes(self._open())

    def undo(self, scope: str | None = None, *, by: str = "") -> Revision:
        """Take back the newest change that still stands, as a new revision.

        Undoing again takes back the change before it. `redo` takes back the last undo.

        Args:
            scope: only changes of it; what is newer and of another scope stays.
            by: the id of the account that undoes it, if one does.

        Raises:
            NoAnswer: WW-UNDO-NOTHING, no change stands.
        """
        self._for_change()
        done, _ = history.standing(self._open(), scope)
        if not done:
            raise NoAnswer("WW-UNDO-NOTHING", "There is no change to undo.")
        return self._take_back(done[-1], "undo", by)

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

    def _take_back(self, number: int, verb: str, by: str = "") -> Revision:
        target = history.read(self._open(), number)
        patch = effective(self._open(), target.patch.inverse())
        if patch != in_order(target.patch.inverse()):
            # Possible only for a change of one scope that a newer one of another reached into.
            raise Moved(
                "WW-STORE-MOVED",
                f"Revision {number} cannot be taken back: a newer change stands on it.",
                hint="Undo the newer change first.",
                command="`wearwhy history` lists the changes.",
            )
        first = target
        while first.undoes is not None:
            first = history.read(self._open(), first.undoes)
        message = f"{verb} {first.number}: {first.message}"
        return self._record(Revision(0, self._date(), message, first.scope, number, patch, by))

    def _record(self, made: Revision) -> Revision:
        """Write a revision, whatever its number, as the next one."""
        patch = made.patch
        if not patch:
            return replace(made, number=self._revision, undoes=None)
        revision = replace(made, number=self._revision + 1)
        self._write(revision.number, (*patch.add, *history.facts_of(revision)), patch.remove)
        self._publish()
        return revision
