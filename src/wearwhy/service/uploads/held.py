"""A file that is in memory only: where one may be opened, it looks like any other."""

from __future__ import annotations

import os
import stat
from pathlib import PosixPath


class Held(PosixPath):
    """A path whose file is held here; whoever opens it by its name finds nothing.

    The readers of `feeds` ask a path for its ending, its size and its bytes. In the process that
    reads what was sent no file can be opened, so this answers in the file system's place.
    """

    held: bytes

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Return the size of what is held, as of a regular file."""
        del follow_symlinks
        return os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, len(self.held), 0, 0, 0))

    def read_bytes(self) -> bytes:
        """Return what is held."""
        return self.held


def held(ending: str, data: bytes) -> Held:
    """Return bytes as a file of an ending; its name says nothing else."""
    path = Held(f"file{ending}")
    path.held = data
    return path
