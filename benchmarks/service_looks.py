"""Looks over HTTP: how many a second, how long the slowest wait, and with a thousand wardrobes.

    python -m benchmarks.service_looks [--seconds 10] [--rounds 3] [--many 1000]

The wardrobe is the demonstration's, of sixty items. The load comes from another process, `wrk`,
with 8 connections. `again`: fifty different requests over and over, so that documents can be kept;
`new`: no request is like an earlier one; `beside`: new ones, while full explanations are asked for without a pause.

With `--many`, so many wardrobes of sixty items stand in one workspace, held by this process as by a
server, and are asked in random order, each request new: memory, and the median of a recommendation.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.serving import Running  # after the threads are set
from benchmarks.wardrobes import FIRST, OCCASIONS

from wearwhy import Workspace
from wearwhy.errors import NoAnswer
from wearwhy.rdf import ID, SCHEMA, Fact, Literal, NamedNode, Node
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.demo import WARDROBE, demonstrate
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.lean import lean

CLIENTS: Final = 8
A_SECOND, SLOWEST = 60.0, 250.0
GIB, MEDIAN = 2.0, 100.0
SKIES: Final = ("", " rain", " wind 25km/h", " cloud", " sun")
_WRK: Final = """
local bodies, n = {}, 0
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
request = function()
  n = n + 1
  return wrk.format("POST", os.getenv("WHERE"), { ["Content-Type"] = "application/json" },
    bodies[(n - 1) % #bodies + 1])
end
done = function(summary, latency, requests)
  io.write(string.format("p99 %.1f\\n", latency:percentile(99) / 1000))
end
"""


def wishes(random: Random) -> dict[str, Any]:
    """Return a request of the next four weeks."""
    return {
        "occasions": [random.choice(OCCASIONS)],
        "date": (FIRST + timedelta(days=random.randrange(28))).isoformat(),
        "weather": f"{random.randrange(-5, 32)}C{random.choice(SKIES)}",
    }


def different(count: int, seed: int) -> list[str]:
    """Return so many different requests, as bodies."""
    random, found = Random(seed), dict[str, None]()
    while len(found) < count:
        found[json.dumps(wishes(random))] = None
    return list(found)


class Load:
    """What asks, from a process of its own.

    Args:
        folder: for its files.
        server: that is asked.
        seconds: of each round.
    """

    def __init__(self, folder: Path, server: Running, seconds: int) -> None:
        self._script = folder / "load.lua"
        self._script.write_text(_WRK)
        self._bodies = folder / "bodies.txt"
        self._server = server
        self._seconds = seconds

    def round(self, bodies: list[str]) -> tuple[float, float]:
        """Return the answers a second, all of them good, and the 99th percentile in ms.

        Raises:
            RuntimeError: where an answer was neither looks nor that there are none.
        """
        self._bodies.write_text("\n".join(bodies) + "\n")
        times = (f"-d{self._seconds}s", "--timeout", "30s")
        run = subprocess.run(
            ("wrk", "-t1", f"-c{CLIENTS}", *times, "-s", str(self._script), self._server.url),
            env={"BODIES": str(self._bodies), "WHERE": "/recommendations"},
            capture_output=True,
            text=True,
            check=True,
        )
        rate = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)
        slowest = re.search(r"p99 ([\d.]+)", run.stdout)
        if rate is None or slowest is None or "Socket errors" in run.stdout:
            raise RuntimeError(run.stdout)
        return float(rate[1]), float(slowest[1])


@contextmanager
def meanwhile(work: Callable[[], None], pause: float) -> Iterator[None]:
    """Do something over and over for as long as the block lasts."""
    over = threading.Event()

    def repeated() -> None:
        while not over.wait(pause):
            work()

    thread = threading.Thread(target=repeated, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def served(folder: Path, seconds: int, rounds: int) -> bool:
    """Measure a server; print, and return whether the targets are met by what is new."""
    demonstrate(folder / "workspace", tried=0)
    server = Running.start(
        folder / "workspace", environment={"WEARWHY_SERVE_REQUESTS_PER_MINUTE": "0"}
    )
    try:
        load = Load(folder, server, seconds)
        new = iter(different(20_000, 1))
        again = different(50, 2)
        # Only what every request finds anyway: the wardrobe closed, in each process.
        load.round([next(new) for _ in range(300)])
        load.round(again)
        found: dict[str, list[tuple[float, float]]] = {}
        known = server.ask("POST", "/recommendations", json.loads(again[0]))[1]["looks"][0]["id"]

        def explain() -> None:
            server.ask("GET", f"/explanations/{known}")

        for _ in range(rounds):
            found.setdefault("again", []).append(load.round(again))
            found.setdefault("new", []).append(load.round([next(new) for _ in range(1500)]))
            with meanwhile(explain, 0.0):
                found.setdefault("beside", []).append(load.round([next(new) for _ in range(1500)]))
    finally:
        server.stop()
    met = True
    for name, figures in found.items():
        rate, slowest = (statistics.median(part) for part in zip(*figures, strict=True))
        print(
            f"{name:8}{rate:8.1f} a second (≥ {A_SECOND:g}); "
            f"99 of 100 within {slowest:6.0f} ms (≤ {SLOWEST:g})"
        )
        met = met and rate >= A_SECOND and slowest <= SLOWEST
    return met


# -- many wardrobes ----------------------------------------------------------------------------


def copies(folder: Path, many: int) -> None:
    """Make a workspace of so many wardrobes like the demonstration's, each with its own items."""
    demonstrate(folder / "one", tried=0)
    own = [
        Quad(graph, fact)
        for graph, facts in Workspace.open(folder / "one").state.graphs.items()
        if f"wardrobe/{WARDROBE}/asserted" in graph.value
        for fact in facts
    ]
    workspace = Workspace.init(folder / "many")
    with Workspace.open(workspace.folder, hold=True) as held:
        for start in range(0, many, 50):
            numbers = range(start, min(many, start + 50))
            quads = tuple(renamed(quad, f"of{n:04}") for n in numbers for quad in own)
            held.apply(Edit(Patch(add=quads), "load wardrobes", "base"))


def renamed(quad: Quad, name: str) -> Quad:
    """Return a quad of the demonstration's wardrobe as one of another's."""

    def of(node: Node) -> Any:
        if not isinstance(node, NamedNode):
            return node
        text = node.value.replace(f"/id/{WARDROBE}/", f"/id/{name}/")
        text = text.replace(f"/id/wardrobe/{WARDROBE}", f"/id/wardrobe/{name}")
        return NamedNode(text.replace(f"/graph/wardrobe/{WARDROBE}/", f"/graph/wardrobe/{name}/"))

    fact = quad.fact
    return Quad(of(quad.graph), Fact(of(fact.subject), fact.predicate, of(fact.object)))


def resident() -> float:
    """Return how many GiB of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 30)


def many_wardrobes(folder: Path, many: int, asked: int) -> bool:
    """Measure many wardrobes in this process; print, and return whether the targets are met."""
    # What making them leaves in memory is no part of the figure.
    maker = get_context("spawn").Process(target=copies, args=(folder, many))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise RuntimeError(f"the wardrobes were not made: {maker.exitcode}")
    begun = Both()
    with Workspace.open(folder / "many", hold=True) as workspace:
        names = workspace.wardrobes()
        _ = workspace.base
        print(f"opened in {begun} with {resident():.2f} GiB", flush=True)
        random = Random(3)

        def ask(name: str) -> Both:
            said = wishes(random)
            day = date.fromisoformat(said["date"])
            start = Both()
            with suppress(NoAnswer):  # an honest answer, found as all others are
                lean(workspace, Wishes(tuple(said["occasions"]), day, said["weather"]), name)
            return start.over()

        def write(number: int) -> Both:
            name = random.choice(names)
            graph = graph_name(f"wardrobe/{name}", "asserted", "edits")
            fact = Fact(ID[f"{name}/new{number}"], SCHEMA.name, Literal("new"))
            start = Both()
            workspace.apply(Edit(Patch(add=(Quad(graph, fact),)), "try", f"wardrobe/{name}"))
            return start.over()

        print(f"{len(names)} wardrobes, each asked once: {middle(map(ask, names))}", flush=True)
        then = [ask(random.choice(names)) for _ in range(asked)]
        held = resident()
        print(f"then in random order: {middle(then)} (≤ {MEDIAN:g} ms)")
        print(
            f"99 of 100 within {statistics.quantiles([one.wall for one in then], n=100)[98]:.0f} ms"
        )
        print(f"memory {held:.2f} GiB (≤ {GIB:g})", flush=True)
        print(f"a write: {middle(map(write, range(30)))}")
    return statistics.median(one.wall for one in then) <= MEDIAN and held <= GIB


class Both:
    """The milliseconds since it was made: by the clock, and of the processor."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def over(self) -> Both:
        """Return itself, stopped."""
        self.wall = 1000 * (time.perf_counter() - self.wall)
        self.cpu = 1000 * (time.process_time() - self.cpu)
        return self

    def __str__(self) -> str:
        """Return seconds since it was made."""
        now = self.over()
        return f"{now.wall / 1000:.1f} s ({now.cpu / 1000:.1f} s of the processor)"


def middle(times: Iterable[Both]) -> str:
    """Return the medians of times."""
    every = list(times)
    wall, cpu = (
        statistics.median(part) for part in zip(*((t.wall, t.cpu) for t in every), strict=True)
    )
    return f"median {wall:.0f} ms ({cpu:.0f} ms of the processor)"


def main() -> int:
    """Measure and print; exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=0, help="wardrobes; 0: measure the server")
    parser.add_argument("--asked", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wearwhy-looks-") as made:
        if options.many:
            return 0 if many_wardrobes(Path(made), options.many, options.asked) else 1
        return 0 if served(Path(made), options.seconds, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
