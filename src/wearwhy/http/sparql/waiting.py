"""Waiting for an answer for no longer than somebody wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")
PATIENCE: Final = 0.5
"""Seconds between two looks at whether the client is still there: most answers need none."""


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what work returns; cancel it, with the worker that runs it, if the client goes.

    Raises:
        ClientDisconnect: nobody waits for the answer any more.
    """
    watch = _Watch(request)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.gone:
            raise ClientDisconnect from None
        raise
    finally:
        watch.end()


class _Watch:
    """Cancels the task that it was made in when the client of a request goes.

    Attributes:
        gone: whether it did so.
    """

    def __init__(self, request: Request) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.gone = False
        self._task = task
        self._request = request
        self._looking: asyncio.Task[None] | None = None
        self._timer = self._later()

    def end(self) -> None:
        """Watch no more; the task is as if it had never been cancelled from here."""
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
        if self.gone:
            self._task.uncancel()

    def _later(self) -> asyncio.TimerHandle:
        # A timer costs next to nothing, and most answers are there before it is due.
        return asyncio.get_running_loop().call_later(PATIENCE, self._begin)

    def _begin(self) -> None:
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        if await self._request.is_disconnected():
            self.gone = True
            self._task.cancel()
        else:
            self._timer = self._later()
