"""Progress on stderr: on a terminal only, and only of what takes longer than two seconds.

With WEARWHY_PROGRESS=lines, for a program that waits: each step as a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

AFTER: Final = 2.0
EVERY: Final = 0.2


class Bar:
    """A line that is rewritten: `label 120/775`; called with (done, total)."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = self._shown = time.monotonic()
        self._written = False

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is, if it has taken long enough to be shown."""
        now = time.monotonic()
        if as_lines() and (now - self._shown >= EVERY or done == total):
            self._shown = now
            _line(self._label, done, total)
            return
        if not sys.stderr.isatty() or now - self._began < AFTER or now - self._shown < EVERY:
            return
        self._shown = now
        self._written = True
        sys.stderr.write(f"\r{self._label} {done}/{total}\x1b[K")
        sys.stderr.flush()

    def stage(self, label: str, done: int, total: int) -> None:
        """Show how far a stage of the work is."""
        self._label = label
        self(done, total)

    def close(self) -> None:
        """Wipe the line."""
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def working(label: str) -> Iterator[Bar]:
    """Say what is being done, if it takes long; the bar may be told how far it is."""
    bar = Bar(label)
    timer = None
    if as_lines():
        _line(label, 0, 0)
    if sys.stderr.isatty():
        timer = threading.Timer(AFTER, _note, (label,))
        timer.daemon = True
        timer.start()
    try:
        yield bar
    finally:
        if timer is not None:
            timer.cancel()
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        bar.close()


def as_lines() -> bool:
    """Return whether a program wants to be told, a line of JSON each."""
    return os.environ.get("WEARWHY_PROGRESS") == "lines"


def _line(label: str, done: int, total: int) -> None:
    sys.stderr.write(json.dumps({"label": label, "done": done, "total": total}) + "\n")
    sys.stderr.flush()


def _note(label: str) -> None:
    sys.stderr.write(f"\r{label} …\x1b[K")
    sys.stderr.flush()
