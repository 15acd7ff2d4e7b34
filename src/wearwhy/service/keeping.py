"""Answers kept for as long as nothing they were made from has changed."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, NamedTuple

_CHANGING: Final = re.compile(r"rand|uuid|now", re.IGNORECASE)
_LARGEST: Final = 1 << 16
_OVERHEAD: Final = 500


class Question(NamedTuple):
    """What an answer depends on: the view's key, the query, and how both are to be read."""

    view: str
    text: str
    chosen: Hashable
    formats: Hashable
    base: str | None


class Kept:
    """Answers by what was asked of what; the least recently used are forgotten first.

    Args:
        room: bytes that they may take, about.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._answers: OrderedDict[Question, tuple[bytes, str, str]] = OrderedDict()

    def clear(self) -> None:
        """Keep none any more."""
        self._answers.clear()
        self._taken = 0

    def find(self, key: Question) -> tuple[bytes, str, str] | None:
        """Return the answer, its format and its form."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def keep(self, key: Question, answer: tuple[bytes, str, str]) -> None:
        """Keep an answer, unless it is large, or its query may answer otherwise each time."""
        size = len(answer[0]) + len(key.text) + _OVERHEAD
        if size > _LARGEST or key in self._answers or _CHANGING.search(key.text):
            return
        self._answers[key] = answer
        self._taken += size
        while self._taken > self._room:
            gone, (body, _, _) = self._answers.popitem(last=False)
            self._taken -= len(body) + len(gone.text) + _OVERHEAD
