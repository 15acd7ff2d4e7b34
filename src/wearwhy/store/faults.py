"""What the disk says, in the engine's words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from wearwhy.errors import DiskFull, StoreError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# RocksDB passes the system's words on, not its number.
_WORDS: Final = ("no space left", "file too large", "disk quota exceeded")
_SLACK: Final = 2 << 20


def is_full(error: BaseException) -> bool:
    """Return whether an error says that the disk, or the allowance on it, is used up."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return any(words in str(error).lower() for words in _WORDS)


@contextmanager
def disk(doing: str) -> Iterator[None]:
    """Turn errors of the operating system and of Oxigraph into `StoreError`s.

    Raises:
        DiskFull: WW-STORE-FULL.
        StoreError: WW-STORE-DISK, any other failure to read or write; WW-STORE-CORRUPT.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise full(doing) from error
        raise StoreError(
            "WW-STORE-DISK", f"The workspace could not be used while {doing}.", note=str(error)
        ) from error
    except RuntimeError as error:
        # RocksDB's word for files that are not as it left them.
        if not str(error).startswith("Corruption"):
            raise
        raise StoreError(
            "WW-STORE-CORRUPT",
            f"The workspace's files are damaged: they could not be used while {doing}.",
            note=str(error),
            hint="Bring the folder back from a backup; nothing was changed.",
        ) from error


def full(doing: str) -> DiskFull:
    """Return the error for a full disk."""
    return DiskFull(
        "WW-STORE-FULL",
        f"No space is left on the disk while {doing}; the workspace stands as it was.",
        hint="Free some space and do it again.",
    )


def uncertain(note: str) -> DiskFull:
    """Return the error for a change that failed so late that only a new start can tell."""
    return DiskFull(
        "WW-STORE-FULL-LATE",
        "The disk filled up while the change was written: it is there whole, or not at all.",
        note=note,
        hint="Free some space and look with `wearwhy history`.",
    )


def require_room(folder: Path, size: int, doing: str) -> None:
    """Check that about three times `size` bytes are free: log, table and compaction.

    Raises:
        DiskFull: WW-STORE-FULL.
    """
    state = os.statvfs(folder)
    if state.f_bavail * state.f_frsize < 3 * size + _SLACK:
        raise full(doing)
