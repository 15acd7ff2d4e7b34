"""What every change of a store goes through: written, published for readers, or taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox

from wearwhy.errors import StoreError
from wearwhy.store import copies, history, opening
from wearwhy.store.faults import full, is_full, require_room, uncertain
from wearwhy.store.quads import Quad, to_oxigraph
from wearwhy.store.updating import as_update


class Written:
    """The part of a store that writes.

    Attributes:
        folder: of the workspace.
    """

    folder: Path
    _graph: ox.Store | None
    _now: Callable[[], datetime]
    _writes: bool
    _stale: bool
    _revision: int

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

    def _date(self) -> datetime:
        return self._now().astimezone(UTC).replace(microsecond=0)

    def _write(self, number: int, add: tuple[Quad, ...], remove: tuple[Quad, ...]) -> None:
        size = sum(len(str(to_oxigraph(quad))) for quad in (*add, *remove))
        require_room(self.folder, size, "writing the change")
        failed: OSError | None = None
        try:
            apply(self._open(), add, remove)
            self._open().flush()
        except OSError as error:
            # The frames that it came through hold the store open: nobody could open it anew.
            failed = error.with_traceback(None)
        if failed is not None:
            self._recover(number, failed)
        self._revision = number

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


def apply(graph: ox.Store, add: tuple[Quad, ...], remove: tuple[Quad, ...]) -> None:
    """Change a graph as one transaction."""
    if remove:
        graph.update(as_update(remove, add))
    else:
        graph.extend([to_oxigraph(quad) for quad in add])
