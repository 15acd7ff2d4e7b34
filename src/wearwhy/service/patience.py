"""How long work in another process may take: so much computing, and not for ever by the clock."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

_BETWEEN: Final = 0.25
"""Seconds between two looks at what a process has computed, at least."""


def computed(process: int) -> float:
    """Return how many seconds a process has computed: a busy machine takes no time from anybody.

    Where the system does not tell (it is no Linux), these are seconds of the clock; of a process
    that has ended, 0.
    """
    try:
        # The name of the program, in brackets, may hold blanks.
        parts = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0 if Path("/proc/self/stat").exists() else time.monotonic()
    user, system = parts[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def bounded(process: int, seconds: float, wall: float) -> AsyncIterator[None]:
    """Wait for a process for as long as it may take.

    Args:
        process: its id.
        seconds: that it may compute from now on.
        wall: seconds of the clock: what sleeps or hangs computes nothing.

    Raises:
        TimeoutError: what it says is which time was over.
    """
    loop = asyncio.get_running_loop()
    before = computed(process)
    spent = False
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal spent, timer
        left = seconds - (computed(process) - before)
        if left > 0:  # it cannot be over any earlier
            timer = loop.call_later(max(left, _BETWEEN), look)
        elif not clock.expired():
            spent = True
            clock.reschedule(loop.time())

    try:
        async with asyncio.timeout(wall) as clock:
            timer = loop.call_later(seconds, look)
            try:
                yield
            finally:
                timer.cancel()
    except TimeoutError:
        told = f"{seconds:g} s of computing" if spent else f"{wall:g} s"
        raise TimeoutError(told) from None
