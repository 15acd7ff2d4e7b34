"""What the engine takes: looks, closures, a second wardrobe, memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.measure import MILLI, Figure, median, percentile, repeated, seconds
from benchmarks.wardrobes import name, requests

from wearwhy import Request, Workspace
from wearwhy.errors import NoAnswer
from wearwhy.rules.layer import Change, Layer
from wearwhy.settings import assets
from wearwhy.workspace.bundle import bundle
from wearwhy.workspace.state import asserted, predicted

PROMISED_SIZE: Final = 500
MEDIAN: Final = 25.0
SLOWEST: Final = 80.0
CLOSURE: Final = 150.0
DEMO: Final = 10.0
MEMORY: Final = 1024.0


def looks(workspace: Workspace, size: int, count: int) -> Iterator[Figure]:
    """Yield the median and the 99th percentile of `recommend`, the process warm."""
    asked = requests(workspace, size, count)
    wardrobe = name(size)
    for one in asked[:8]:
        _answered(workspace, wardrobe, one)
    gc.collect()
    times = []
    unanswered = 0
    for one in asked:
        start = time.perf_counter()
        unanswered += not _answered(workspace, wardrobe, one)
        times.append((time.perf_counter() - start) * MILLI)
    note = f"{count} requests" + (f", {unanswered} without an answer" if unanswered else "")
    promised = size == PROMISED_SIZE
    what = f"recommend, {size:,} items"
    yield Figure(f"{what}, median", median(times), "ms", note, MEDIAN if promised else None)
    slow = percentile(times, 0.99)
    yield Figure(f"{what}, p99", slow, "ms", note, SLOWEST if promised else None)


def _answered(workspace: Workspace, wardrobe: str, request: Request) -> bool:
    try:
        workspace.suggest(request, wardrobe)
    except NoAnswer:
        return False
    return True


def closures(workspace: Workspace, times: int) -> Iterator[Figure]:
    """Yield what closing takes: the base, the bundled wardrobe over it, another wardrobe."""
    known = bundle()
    data = assets() / "data"
    if "demo" not in workspace.wardrobes():
        workspace.load(data / "wardrobe.csv", "wardrobe", "wardrobe:demo")
        workspace.load(data / "outfits.csv", "outfits", "wardrobe:demo")
    base = workspace.base
    change = Change(
        add=asserted(workspace.state, "wardrobe/demo"),
        predict=predicted(workspace.state, "wardrobe/demo"),
    )
    first = seconds(lambda: Layer.root(known.rules, known.measures, known.facts))
    one = median(repeated(lambda: base.child(change), times)) * MILLI
    note = f"median of {times}, {len(change.add):,} facts over the closed base"
    yield Figure("closure of the base", first * MILLI, "ms", f"{len(known.facts):,} facts, once")
    yield Figure("closure of the demo wardrobe, warm", one, "ms", note, CLOSURE)
    share = one / (first * MILLI + one)
    yield Figure("a second wardrobe, as a share of the first", share, "×", "over base and wardrobe")


def demo() -> Iterator[Figure]:
    """Yield what a process of its own takes to show the demo: time on the clock, peak memory."""
    command = [sys.executable, "-m", "wearwhy", "demo", "--json"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - start
    assert process.returncode == 0
    yield Figure("wearwhy demo, a process of its own", took, "s", "", DEMO)
    yield Figure("wearwhy demo, peak memory", usage.ru_maxrss / 1024, "MiB", "", MEMORY)
