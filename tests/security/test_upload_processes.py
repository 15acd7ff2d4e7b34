"""A file that would never end is ended, and so is its process; the next file finds another."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from tests.security import hostile
from tests.service.processes_given import gone

from wearwhy.errors import InputError, TooLarge
from wearwhy.service.uploads.uploads import Uploads
from wearwhy.service.workers.pool import Limits

pytestmark = pytest.mark.slow

ENDLESS = hostile.calendar(
    "DTSTART:19000101T000000Z",
    "RRULE:FREQ=HOURLY;BYMINUTE=" + ",".join(map(str, range(60))),
)
HONEST = hostile.calendar("DTSTART:20261124T190000")
TODAY = {"today": "2026-11-22"}


async def honest(uploads: Uploads) -> int:
    found, rest = await uploads.read("calendar", TODAY, HONEST, "ada")
    assert rest == b""
    return len(found["entries"])


def test_what_takes_too_long_is_stopped_and_the_next_is_read() -> None:
    async def work() -> None:
        uploads = Uploads(limits=Limits(seconds=5))
        try:
            assert await honest(uploads) == 1
            with pytest.raises(TooLarge) as error:
                await uploads.read("calendar", TODAY, ENDLESS, "bob")
            assert error.value.code == "WW-WORKER-BUDGET"
            assert await honest(uploads) == 1
        finally:
            await uploads.close()

    asyncio.run(work())


def test_what_takes_too_much_memory_is_stopped() -> None:
    async def work() -> None:
        uploads = Uploads(limits=Limits(memory=16 << 20))
        try:
            with pytest.raises(TooLarge) as error:
                await uploads.read(
                    "photograph", {"ending": ".jpg"}, hostile.jpeg((6000, 6000)), "b"
                )
            assert error.value.code == "WW-WORKER-BUDGET"
            assert await honest(uploads) == 1
        finally:
            await uploads.close()

    asyncio.run(work())


def test_a_process_that_is_killed_is_told_of_and_replaced() -> None:
    async def work() -> None:
        uploads = Uploads(limits=Limits(seconds=120))
        try:
            assert await honest(uploads) == 1
            reading = asyncio.create_task(uploads.read("calendar", TODAY, ENDLESS, "bob"))
            await asyncio.sleep(0.3)
            killed = uploads.pids
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(InputError) as error:
                await reading
            assert error.value.code == "WW-WORKER-CRASH"
            assert all(map(gone, killed))  # which takes longer where the processor is busy
            assert await honest(uploads) == 1
        finally:
            await uploads.close()

    asyncio.run(work())
