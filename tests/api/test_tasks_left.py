"""Who follows a task may go away at any moment: nothing waits on for them, and the task goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from wearwhy.http.routes.tasks import _stream
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service
from wearwhy.service.tasks.registry import Tasks
from wearwhy.service.tasks.task import State, Task

ME = Caller("one", "me", frozenset(Scope), {"mine": Role.OWNER})
Leave = Callable[[AsyncIterator[bytes]], Awaitable[None]]


async def while_it_waits(stream: AsyncIterator[bytes]) -> None:
    """Go away while nothing happens, as a connection that is closed does."""

    async def read() -> None:
        async for _ in stream:
            pass

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def between_two_events(stream: AsyncIterator[bytes]) -> None:
    """Go away after an event was sent, before the next is asked for."""
    await cast("Any", stream).aclose()


@pytest.mark.parametrize("leave", [while_it_waits, between_two_events])
def test_a_client_that_goes_away_leaves_nothing_behind_but_the_task(leave: Leave) -> None:
    async def story() -> None:
        tasks, go = Tasks(), asyncio.Event()

        async def work(_: Task) -> Any:
            await go.wait()
            return "done"

        one = Task("task-1", ME.account, "week", "mine")
        tasks.begin(one, work)
        before = asyncio.all_tasks()
        service = cast("Service", SimpleNamespace(tasks=tasks))
        stream = _stream(service, ME, one.id, 0, asyncio.Event())
        assert (await anext(stream)).startswith(b"event: progress\n")
        await leave(stream)
        await asyncio.sleep(0)  # what was cancelled ends
        assert asyncio.all_tasks() == before
        assert not one.over
        # Who comes back is told how it ended.
        go.set()
        again = [event async for event in _stream(service, ME, one.id, 0, asyncio.Event())]
        assert again[-1].startswith(b"event: end\n")
        assert (one.state, one.result) == (State.DONE, "done")
        await tasks.close()

    asyncio.run(story())
