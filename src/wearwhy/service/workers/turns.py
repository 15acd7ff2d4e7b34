"""Whose turn it is: callers take turns, however much one of them asks."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

from wearwhy.errors import Unavailable

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits, by who waits for it.

    Args:
        most: how much may wait in all.
        each: how much may wait for one caller.
    """

    def __init__(self, most: int, each: int) -> None:
        self.most = most
        self.each = each
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, who: str, what: T) -> None:
        """Let something wait.

        Raises:
            Unavailable: WW-BUSY, too much waits already.
        """
        own = self._waiting.get(who)
        if self._count >= self.most or (own is not None and len(own) >= self.each):
            raise Unavailable(
                "WW-BUSY",
                "Too much is being asked at once.",
                hint="Ask again in a moment.",
            )
        if own is None:
            own = self._waiting[who] = deque()
        own.append(what)
        self._count += 1

    def next(self, running: dict[str, int], most_each: int) -> T | None:
        """Return what is next, and take it out; None where nothing may run now.

        Args:
            running: how much runs for each caller.
            most_each: how much may run for one caller.
        """
        for who, own in self._waiting.items():
            if running.get(who, 0) < most_each:
                found = own.popleft()
                self._count -= 1
                if own:
                    self._waiting.move_to_end(who)
                else:
                    del self._waiting[who]
                return found
        return None

    def others(self, running: dict[str, int], most_each: int) -> bool:
        """Return whether somebody waits who may have more running than has."""
        return any(running.get(who, 0) < most_each for who in self._waiting)

    def remove(self, who: str, what: T) -> bool:
        """Take something out that is no longer wanted; return whether it waited."""
        own = self._waiting.get(who)
        if own is None or what not in own:
            return False
        own.remove(what)
        self._count -= 1
        if not own:
            del self._waiting[who]
        return True
