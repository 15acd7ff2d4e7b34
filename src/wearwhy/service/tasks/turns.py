"""Whose turn it is: a few pieces of work at once, and no account keeps all others waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets a few work at once; of who waits, the one goes on whose last turn is longest ago.

    One account never has all places, so that another's work begins however long the first one's
    takes. Used in the event loop alone.

    Args:
        most: pieces of work at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._each = max(1, most - 1)
        self._working: Counter[str] = Counter()
        self._waiting: dict[asyncio.Future[None], str] = {}  # who came first stands first
        self._given = 0
        self._last: dict[str, int] = {}

    @asynccontextmanager
    async def of(self, who: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it for as long as the block lasts."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = who
        self._go_on()
        try:
            await turn
            yield
        finally:
            if self._waiting.pop(turn, None) is None:  # it had come, if only as it was given up
                self._working[who] -= 1
                self._working += Counter()  # drops who has none
            self._go_on()

    def _go_on(self) -> None:
        while self._working.total() < self._most:
            may = [turn for turn, who in self._waiting.items() if self._working[who] < self._each]
            if not may:
                break
            turn = min(may, key=lambda one: self._last.get(self._waiting[one], 0))
            who = self._waiting.pop(turn)
            self._given += 1
            self._last[who] = self._given
            self._working[who] += 1
            if not turn.done():  # of one that is given up, the block ends at once
                turn.set_result(None)
        if not self._waiting and not self._working:
            self._last.clear()
