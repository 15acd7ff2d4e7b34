"""How much work something is, told by counting: no clock, so a busy machine says the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps_of(work: Callable[[], object]) -> int:
    """Return how many lines of Python some work goes through, each turn of a loop anew."""
    taken = 0

    def counted(_: FrameType, event: str, __: object) -> Any:
        # Not its instructions: CPython 3.11 may never return from counting those of what has run.
        nonlocal taken
        taken += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        work()
    finally:
        sys.settrace(before)
    return taken


def grown(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """Return how much more a further step from twice to four times a size takes than the first.

    It is 2 for work that grows linearly and 4 where it grows with pairs.

    Args:
        work: returns what is to be done for a size. Each is done once before it is counted, so
            that what is remembered of it is no work.
        size: the smallest.
    """
    taken = []
    for times in (1, 2, 4):
        work(size * times)()
        taken.append(steps_of(work(size * times)))
    once, twice, four = taken
    return (four - twice) / (twice - once)
