"""A store that forgets, and whose files are made anew: at once, or beside, while it goes on.

Making them anew takes seconds at a hundred thousand statements. Done beside, it has three steps,
of which the first and the last need the store: `begin_forgetting` takes the quads out of the graph
and of the history; `write_beside`, in any thread, makes a new store of what readers see since; and
`finish_forgetting` brings it up to what was changed meanwhile and puts it in the place of the
one before. Until then what was forgotten stands in files, though nothing shows it any more: who
began it must see it finished, or do it again with `forget`.
"""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from wearwhy.errors import StoreError
from wearwhy.store import copies, history, opening
from wearwhy.store.faults import disk
from wearwhy.store.forgetting import (
    Forgettable,
    forgotten,
    require_room_twice,
    said_again,
    was_forgotten,
    without,
    write_anew,
)
from wearwhy.store.quads import Revision
from wearwhy.store.written import Written, apply


@dataclass(frozen=True, slots=True)
class Draft:
    """A new store that nobody uses yet.

    Attributes:
        path: its folder.
        revision: that it stands at.
    """

    path: Path
    revision: int

    def discard(self) -> None:
        """Delete it, where it was not used."""
        shutil.rmtree(self.path, ignore_errors=True)


def write_beside(folder: Path) -> Draft:
    """Write what readers of a workspace see into a new store; in any thread.

    Raises:
        DiskFull: WW-STORE-FULL.
        StoreError: WW-STORE-DISK, WW-STORE-NO-COPY.
    """
    # The name is its own: of who was stopped, a thread may go on writing for a while.
    draft = folder / f"{opening.FRESH}-{uuid.uuid4().hex}"
    with disk("forgetting"):
        found = copies.newest(folder / opening.READERS)
        if found is None:
            raise StoreError("WW-STORE-NO-COPY", "The workspace has no copy for readers yet.")
        path, held = found
        try:
            graph = ox.Store.read_only(str(path))
            revision = history.latest(graph)
            write_anew(draft, graph)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        finally:
            os.close(held)
    return Draft(draft, revision)


class Forgetting(Written):
    """The part of a store that forgets."""

    def forget(self, gone: Forgettable) -> Revision:
        """Forget quads, here and in the whole history, as a revision that cannot be undone."""
        revision = self._forget(gone)
        with disk("forgetting"):
            write_anew(self.folder / opening.FRESH, self._open())
            self._exchange()
        self._publish()
        return revision

    def begin_forgetting(self, gone: Forgettable) -> Revision:
        """Forget quads in the graph and the history, and show that; the files still hold them.

        Raises:
            DiskFull: WW-STORE-FULL.
        """
        revision = self._forget(gone)
        self._publish()
        return revision

    def finish_forgetting(self, gone: Forgettable, draft: Draft) -> Revision | None:
        """Put a new store in the place of this one, with all that was changed meanwhile.

        Args:
            gone: what was forgotten.
            draft: made since then.

        Returns:
            An empty revision, so that readers turn to the new files; None, and nothing was done,
            where some of it has been said again, or more was forgotten, since the draft was made.

        Raises:
            DiskFull: WW-STORE-FULL; StoreError: WW-STORE-DISK. This store goes on.
        """
        self._for_change()
        graph = self._open()
        numbers = range(draft.revision + 1, self._revision + 1)
        newer = [history.read(graph, number) for number in numbers]
        if gone.present(graph) or any(
            said_again(gone, one) or was_forgotten(graph, one.number) for one in newer
        ):
            return None
        with disk("forgetting"):
            fresh = ox.Store(draft.path)
            if history.latest(fresh) != draft.revision:
                raise StoreError("WW-STORE-DISK", "The store that was made anew is not whole.")
            for one in newer:
                said = history.record(graph, one.number)
                apply(fresh, (*one.patch.add, *said), one.patch.remove)
            # A copy of this number may be there that was made of the files before.
            made, record = without(self._revision + 1, self._date())
            apply(fresh, record, ())
            fresh.flush()
            del fresh, graph
            shutil.rmtree(self.folder / opening.FRESH, ignore_errors=True)
            draft.path.rename(self.folder / opening.FRESH)
            self._exchange()
        self._publish()
        return made

    def _forget(self, gone: Forgettable) -> Revision:
        self._for_change()
        require_room_twice(self.folder)
        revision, written = forgotten(self._open(), gone, self._revision + 1, self._date())
        self._write(revision.number, written.add, written.remove)
        return revision

    def _exchange(self) -> None:
        """Put the new store in the place of this one, and go on with it."""
        self._graph = None
        try:
            opening.exchange(self.folder)
        finally:
            opening.require_workspace(self.folder)  # takes a step that failed before
            self._graph = ox.Store(self.folder / opening.GRAPH)
            self._revision = history.latest(self._graph)
