"""Another process is given a time to compute, and the clock ends what does not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wearwhy.service.patience import bounded, computed

BUSY = "while True: pass"
ASLEEP = "import time; time.sleep(600)"


@contextmanager
def process(program: str) -> Iterator[int]:
    """The id of a process."""
    with subprocess.Popen((sys.executable, "-S", "-c", program)) as found:
        try:
            yield found.pid
        finally:
            found.kill()


async def waited(process: int, seconds: float, wall: float) -> str:
    """Return why a process that never answers was given up."""
    with pytest.raises(TimeoutError) as over:
        async with bounded(process, seconds, wall):
            await asyncio.Event().wait()
    return str(over.value)


def test_what_computes_without_end_is_given_up_for_what_it_computed() -> None:
    with process(BUSY) as one:
        before = computed(one)
        assert asyncio.run(waited(one, 0.1, 60)) == "0.1 s of computing"
        assert computed(one) - before >= 0.1


def test_what_sleeps_is_given_up_by_the_clock_alone() -> None:
    with process(ASLEEP) as one:
        # To start may take it some computing, on a slow machine more than elsewhere.
        assert asyncio.run(waited(one, 30, 0.7)) == "0.7 s"
        assert computed(one) < 30


def test_what_is_done_in_time_is_left_alone() -> None:
    async def done() -> str:
        async with bounded(one, 0.1, 60):
            return "done"

    with process(ASLEEP) as one:
        assert asyncio.run(done()) == "done"
    assert computed(one) == 0  # it has ended
