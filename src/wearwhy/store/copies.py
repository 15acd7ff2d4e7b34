"""Copies for readers: hard links to what Oxigraph wrote, one folder a revision.

Reading a RocksDB folder that a live process writes to is undefined, so nobody does: after each
commit the writer publishes a copy under `W/readers/NUMBER`. Readers hold a shared lock on the
folder they read; a copy that nobody reads and that is not the newest is deleted.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from pyoxigraph import Store

_TRIES: Final = 20  # each lost race means that a writer published a newer copy meanwhile


def publish(store: Store, folder: Path, revision: int) -> None:
    """Publish the store's state as the copy of a revision, and clear away older copies."""
    folder.mkdir(exist_ok=True)
    target = folder / str(revision)
    if not target.exists():
        draft = folder / f".{revision}-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            store.backup(draft)
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    for old in folder.iterdir():
        if old != target:
            _discard(old)


def newest(folder: Path) -> tuple[Path, int] | None:
    """Return the newest copy and an open file that holds it, or None where there is none."""
    for _ in range(_TRIES):
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        for number in sorted((int(name) for name in names if name.isdigit()), reverse=True):
            path = folder / str(number)
            held = _hold(path)
            if held is not None:
                return path, held
    return None


def _hold(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if os.fstat(handle).st_ino == path.stat().st_ino and (path / "CURRENT").exists():
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass  # it is being deleted: a newer one stands beside it
    os.close(handle)
    return None


def _discard(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(BlockingIOError):  # somebody reads it: the next commit tries again
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            gone = path if path.name.startswith(".") else path.with_name(f".gone-{path.name}")
            path.rename(gone)  # a reader sees all of a copy or none
            shutil.rmtree(gone, ignore_errors=True)
    finally:
        os.close(handle)
