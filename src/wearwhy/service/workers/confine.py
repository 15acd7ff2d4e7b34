"""What a process gives up before it looks at anything that nobody vouches for."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from typing import Final

_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of prctl(2)
_NO_NEW_PRIVILEGES: Final = 38  # PR_SET_NO_NEW_PRIVS
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def die_with(parent: int) -> None:
    """End this process when the one that started it ends, however that ends.

    Raises:
        SystemExit: where it has ended already.
    """
    _prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


def _prctl(option: int, value: int) -> None:
    try:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
    except (AttributeError, OSError):  # not Linux: the end of the channel is what ends it
        return


class Confined:
    """The limits of this process, from the moment that this is made.

    It can open no file and no socket, write no file and leave no core; what it holds open it
    keeps. How much memory it has is set anew by `allow`.

    Args:
        room: bytes that it may come to hold between jobs.
    """

    def __init__(self, room: int) -> None:
        self._sizes = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        self._most = self._used() + room
        _prctl(_NO_NEW_PRIVILEGES, 1)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        # No number is free below the lowest free one: what would be opened has none.
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))

    def allow(self, memory: int) -> None:
        """Let the process take so many bytes more than it takes now, or than it may hold."""
        # What a job leaves behind is not given to the next one on top.
        used = min(self._used(), self._most)
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, most))

    def _used(self) -> int:
        return int(os.pread(self._sizes, 64, 0).split()[0]) * _PAGE

    def allow_seconds(self, seconds: float) -> None:
        """Let the process compute so many seconds more: who should stop it may be gone."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime + seconds) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))

    def resident(self) -> int:
        """Return how many bytes of memory the process has."""
        return int(os.pread(self._sizes, 64, 0).split()[1]) * _PAGE
