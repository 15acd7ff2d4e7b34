"""What is measured, and the form in which it is printed."""

from __future__ import annotations

import gc
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Final

import wearwhy

MILLI: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        what: what was done.
        figure: its value.
        unit: of the value: ms, s, MiB or × (a ratio).
        note: how it was measured.
        bound: what was promised, if anything, in the same unit.
    """

    what: str
    figure: float
    unit: str
    note: str = ""
    bound: float | None = None

    @property
    def kept(self) -> str:
        """Whether the promise is kept; empty where there is none."""
        if self.bound is None:
            return ""
        return f"yes (≤ {self.bound:g})" if self.figure <= self.bound else f"NO (> {self.bound:g})"


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes on the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def repeated(work: Callable[[], object], times: int) -> list[float]:
    """Return how long each of several calls takes, after one that is not counted."""
    work()
    gc.collect()
    return [seconds(work) for _ in range(times)]


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that a share of all values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def as_table(figures: Sequence[Figure]) -> str:
    """Return figures as a table for a terminal."""
    rows = [(f.what, f"{f.figure:,.2f} {f.unit}", f.kept, f.note) for f in figures]
    heads = ("what", "figure", "promise", "how")
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(heads, widths, strict=True)).rstrip()]
    lines.append("  ".join("─" * w for w in widths))
    for row in rows:
        cells = [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        cells[1] = row[1].rjust(widths[1])
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_json(figures: Sequence[Figure]) -> str:
    """Return figures, with the versions they were measured with, as one JSON line."""
    stated = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "wearwhy": wearwhy.__version__,
        "versions": {name: version(name) for name in ("numpy", "scipy", "pyoxigraph")},
        "figures": [asdict(figure) for figure in figures],
    }
    return json.dumps(stated, ensure_ascii=False)
