"""What tests see of processes that they end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path


def gone(pid: int) -> bool:
    """Return whether a process has ended, or does within a minute; somebody may yet reap it."""
    for _ in range(3000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true; what never comes true fails here."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  # nobody sets an event
            await asyncio.sleep(0.01)
