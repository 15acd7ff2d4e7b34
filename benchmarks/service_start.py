"""How long a server takes from its start until it is ready, on the demo's wardrobe.

    python -m benchmarks.service_start [--times 7]

The first start is thrown away: it compiles the sources, which the others then find compiled, as
those of an installed package are, also where the environment has Python keep nothing. The machine
should do nothing else; the processor's time, which others on the machine change less, is printed
beside the clock's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Figure, as_json, as_table
from benchmarks.serving import Running

from wearwhy.settings import assets
from wearwhy.workspace import Workspace

BOUND = 3.0


def demo(folder: Path) -> None:
    """Make a workspace with the bundled wardrobe."""
    workspace = Workspace.init(folder)
    workspace.load(assets() / "data" / "wardrobe.csv", "wardrobe", "wardrobe:mine")


def processor(pid: int) -> float:
    """Return the seconds of processor that a process and its children have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = path.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(path.parent.name) == pid or int(said[1]) == pid:
            used += (int(said[11]) + int(said[12])) / ticks
    return used


def main() -> int:
    """Measure and print; exit 1 where the promise is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=7)
    options = parser.parse_args()
    clock: list[float] = []
    processors: list[float] = []
    with tempfile.TemporaryDirectory(prefix="wearwhy-start-") as made:
        folder = Path(made) / "workspace"
        demo(folder)
        for turn in range(options.times + 1):
            running = Running.start(folder, environment={"PYTHONDONTWRITEBYTECODE": ""})
            used = processor(running.process.pid)
            running.stop()
            if turn:
                clock.append(running.ready_seconds)
                processors.append(used)
                print(f"{clock[-1]:.2f} s, processor {used:.2f} s", file=sys.stderr, flush=True)
    found = [
        Figure("start until ready, median", statistics.median(clock), "s", "clock", BOUND),
        Figure("start until ready, slowest", max(clock), "s", f"of {len(clock)}"),
        Figure("processor until ready, median", statistics.median(processors), "s", "with workers"),
    ]
    print(as_table(found))
    print(as_json(found))
    print(json.dumps({"load": os.getloadavg()}), file=sys.stderr)
    return int(any(figure.kept.startswith("NO") for figure in found))


if __name__ == "__main__":
    sys.exit(main())
