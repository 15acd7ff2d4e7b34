"""One writer at a time: an operating-system lock on `W/lock`.

The kernel gives the lock back when its holder ends, however it ends, so a lock is never stale.
The file names the holder for the message to whoever waits, and remembers whether the last
writer closed in order. It has one fixed size: writing it needs no free disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from wearwhy.errors import Locked

_SIZE: Final = 512
_POLL: Final = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes, or wrote last; `clean` once the readers' copy is that of the last revision."""

    pid: int = 0
    command: str = ""
    clean: bool = True


class Lock:
    """The open lock file; each method is one step of a writer's or a reader's turn."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def take(self, seconds: float) -> None:
        """Take the lock for writing, waiting up to so many seconds.

        Raises:
            Locked: WW-STORE-LOCKED, naming the holder.
        """
        deadline = time.monotonic() + seconds
        while not self.try_take():
            if time.monotonic() >= deadline:
                holder = self.holder()
                raise Locked(
                    "WW-STORE-LOCKED",
                    f"Process {holder.pid} is writing to this workspace: {holder.command}",
                    note=f"One process writes at a time; this one waited {seconds:g} s.",
                    hint="Try again when it has ended. Reading is possible meanwhile.",
                )
            time.sleep(_POLL)

    def try_take(self, *, shared: bool = False) -> bool:
        """Return whether the lock could be taken at once."""
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def holder(self) -> Holder:
        """Return who wrote the file last."""
        text = os.pread(self._file, _SIZE, 0).decode("utf-8", "replace").strip("\0 \n")
        try:
            return Holder(**json.loads(text)) if text else Holder()
        except (ValueError, TypeError):  # half a line: its writer was stopped while writing it
            return Holder(clean=False)

    def sign(self, *, clean: bool) -> None:
        """Write this process into the file; needs the lock."""
        command = " ".join(sys.argv)[:160] or "python"
        text = json.dumps(asdict(Holder(os.getpid(), command, clean)), ensure_ascii=True)
        os.pwrite(self._file, text[:_SIZE].ljust(_SIZE).encode("ascii"), 0)

    def close(self) -> None:
        """Give the lock back; closing twice does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
