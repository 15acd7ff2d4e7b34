"""How far a job is, told while it runs: by the process that does it, to who waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

Going = Callable[[int, int], None]
"""Takes how much is done, and of how much."""
BETWEEN: Final = 0.2
"""Seconds between two that are told."""


class Teller:
    """Tells how far a job is, not too often; to nobody, as long as `tell` is None."""

    def __init__(self) -> None:
        self.tell: Going | None = None
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if self.tell is not None and (done >= total or now - self._last >= BETWEEN):
            self._last = now
            self.tell(done, total)


GOING: Final = Teller()
"""What jobs call in the process that runs them."""
