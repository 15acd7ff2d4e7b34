"""Limits: so many a second for each who asks, in bounded memory.

A bucket of tokens for each: it fills at a rate and holds a burst; each request takes one.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import Final

from wearwhy.errors import TooMany
from wearwhy.service.accounts.records import folded

_PREFIX: Final = 64


def address_key(address: str) -> str:
    """Return what an address is counted under: of IPv6 the /64 that one customer gets."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "address:unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return f"address:{found.ipv4_mapped}"
        return f"address:{IPv6Address(int(found) >> (128 - _PREFIX) << (128 - _PREFIX))}/{_PREFIX}"
    return f"address:{found}"


class Limiter:
    """Counts for each who asks; safe to share between threads.

    Attributes:
        rate: tokens that come back a second.
        burst: tokens that a bucket holds.
        most: buckets kept; the one that was least lately used goes first.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        most: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rate = rate
        self.burst = burst
        self.most = most
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many buckets are kept."""
        return len(self._held)

    def take(self, who: str, cost: float = 1.0) -> None:
        """Take tokens from a bucket.

        Raises:
            TooMany: WW-LIMIT-RATE; nothing was taken.
        """
        with self._lock:
            now = self._clock()
            left = self._left(who, now)
            if left < cost:
                wait = (min(cost, self.burst) - left) / self.rate
                raise TooMany(
                    "WW-LIMIT-RATE",
                    "That is more than the limits allow.",
                    retry_after=wait,
                    hint=f"Try again in {max(1, round(wait))} s.",
                )
            self._held[who] = (left - cost, now)
            self._held.move_to_end(who)
            while len(self._held) > self.most:
                self._held.popitem(last=False)

    def give(self, who: str, cost: float = 1.0) -> None:
        """Put tokens back that were taken for something that turned out well."""
        with self._lock:
            now = self._clock()
            left = min(self.burst, self._left(who, now) + cost)
            if left >= self.burst:
                self._held.pop(who, None)
            else:
                self._held[who] = (left, now)

    def _left(self, who: str, now: float) -> float:
        left, then = self._held.get(who, (self.burst, now))
        return min(self.burst, left + (now - then) * self.rate)


class Guard:
    """Slows down who guesses passwords and keys.

    Attempts count by name and address together, by address, and, far more laxly, by name alone: a
    stranger who fails on purpose cannot shut the name's owner out. However a name is spelt that is
    the same account's, it is one name. Where a name has signed in before, it does not count by name
    alone: who guesses from many addresses shuts its owner out of none that the owner has used.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._both = Limiter(1 / 60, 5, clock=clock)
        self._address = Limiter(1 / 15, 30, clock=clock)
        self._name = Limiter(1 / 5, 100, clock=clock)
        self._used: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def begin(self, address: str, name: str = "") -> None:
        """Count an attempt before it is looked at.

        Raises:
            TooMany: WW-LIMIT-RATE.
        """
        key = address_key(address)
        self._address.take(key)
        if name:
            known_as = folded(name)[:128]
            self._both.take(f"{key} {known_as}")
            if f"{key} {known_as}" not in self._used:
                self._name.take(known_as)

    def passed(self, address: str, name: str = "") -> None:
        """Take back the count of an attempt that succeeded."""
        key = address_key(address)
        self._address.give(key)
        if name:
            known_as = folded(name)[:128]
            self._both.give(f"{key} {known_as}")
            if self._is_new(f"{key} {known_as}"):
                self._name.give(known_as)

    def _is_new(self, both: str) -> bool:
        """Remember where a name has signed in, and return whether it never had there."""
        with self._lock:
            new = both not in self._used
            self._used[both] = None
            self._used.move_to_end(both)
            while len(self._used) > self._both.most:
                self._used.popitem(last=False)
        return new
