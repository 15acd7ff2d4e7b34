"""Progress on stderr: on a terminal only, and only of what takes longer than two seconds."""

from __future__ import annotations

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


def _note(label: str) -> None:
    sys.stderr.write(f"\r{label} …\x1b[K")
    sys.stderr.flush()
