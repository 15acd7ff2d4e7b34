"""How a workspace's folder is made and opened, by a writer and by readers."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from wearwhy.errors import Locked, StoreError
from wearwhy.store import copies, history
from wearwhy.store.faults import is_full, require_room
from wearwhy.store.lock import Lock
from wearwhy.store.quads import to_oxigraph

GRAPH: Final = "store"
READERS: Final = "readers"
LOCK: Final = "lock"
FRESH: Final = ".store-fresh"
"""The store made anew, until it takes the place of the one before."""
_OLD: Final = ".store-old"
_BRIEFLY: Final = 2.0


def create(folder: Path, wait: float) -> None:
    """Make an empty store; it appears whole, by renaming."""
    folder.mkdir(parents=True, exist_ok=True)
    require_room(folder, 0, "making the workspace")
    lock = Lock(folder / LOCK)
    try:
        lock.take(wait)
        if (folder / GRAPH).exists():
            raise StoreError("WW-STORE-EXISTS", f"There is a workspace in '{folder}' already.")
        lock.sign(clean=False)
        draft = folder / f".{GRAPH}"
        shutil.rmtree(draft, ignore_errors=True)
        graph = ox.Store(draft)
        graph.extend([to_oxigraph(quad) for quad in history.founding()])
        graph.flush()
        copies.publish(graph, folder / READERS, 0)
        del graph
        draft.rename(folder / GRAPH)
        lock.sign(clean=True)
    finally:
        lock.close()


def require_workspace(folder: Path) -> None:
    """Check that a folder holds a workspace.

    Raises:
        StoreError: WW-STORE-NONE.
    """
    if not (folder / GRAPH).is_dir():
        _finish(folder)
    if not (folder / GRAPH).is_dir():
        raise StoreError(
            "WW-STORE-NONE",
            f"There is no workspace in '{folder}'.",
            hint="Make one with `wearwhy init`.",
        )


def exchange(folder: Path) -> None:
    """Put the store that was made anew in the place of the one before, which is deleted.

    The lock must be held and the store closed. Whoever is killed between the two steps leaves
    both folders; the next who opens the workspace takes the second step.
    """
    old = folder / _OLD
    shutil.rmtree(old, ignore_errors=True)
    (folder / GRAPH).rename(old)
    _finish(folder)
    shutil.rmtree(old, ignore_errors=True)


def _finish(folder: Path) -> None:
    if (folder / _OLD).is_dir():
        with suppress(FileNotFoundError):  # somebody else took the step
            (folder / FRESH).rename(folder / GRAPH)


def for_writing(folder: Path, lock: Lock) -> ox.Store:
    """Return the store itself; the lock must be held."""
    shutil.rmtree(folder / _OLD, ignore_errors=True)
    _clear_drafts(folder)
    for log in (folder / GRAPH).glob("LOG.old.*"):
        log.unlink()  # RocksDB leaves one for every time it was opened
    graph = ox.Store(folder / GRAPH)
    history.check_format(graph)
    lock.sign(clean=False)
    return graph


def _clear_drafts(folder: Path) -> None:
    """Delete what who was killed while forgetting left half made."""
    for path in folder.glob(f"{FRESH}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def for_reading(folder: Path, lock: Lock) -> tuple[ox.Store, int | None]:
    """Return a store to read, and the open file that keeps a copy from being deleted.

    The file is None where the store itself is read; then the lock stays held, shared.
    """
    if lock.try_take(shared=True) and not _readers_are_served(folder, lock):
        # The last writer was killed, or had no room for a copy: its last change is in the store.
        try:
            _serve_readers(folder, lock)
        except OSError as error:
            if not is_full(error) or not lock.try_take(shared=True):
                raise
            return _checked(folder / GRAPH), None
    lock.close()
    found = copies.newest(folder / READERS)
    if found is None:
        raise StoreError(
            "WW-STORE-NO-COPY",
            "The workspace has no copy for readers yet.",
            hint="Try again when the process that is writing has ended.",
        )
    path, held = found
    return _checked(path), held


def _readers_are_served(folder: Path, lock: Lock) -> bool:
    return lock.holder().clean and (folder / READERS).is_dir()


def _serve_readers(folder: Path, lock: Lock) -> None:
    try:
        lock.take(_BRIEFLY)
    except Locked:
        return  # a writer came first, and publishes
    if not _readers_are_served(folder, lock):
        graph = for_writing(folder, lock)
        copies.publish(graph, folder / READERS, history.latest(graph))
        del graph
        lock.sign(clean=True)


def _checked(path: Path) -> ox.Store:
    graph = ox.Store.read_only(str(path))
    history.check_format(graph)
    return graph
