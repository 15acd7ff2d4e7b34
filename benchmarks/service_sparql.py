"""SPARQL point look-ups over HTTP, beside Oxigraph's own server and rdflib behind FastAPI.

    python -m benchmarks.service_sparql [--oxigraph PATH] [--seconds 5] [--rounds 3]

All three hold the same statements: what the demo's wardrobe sees. The load comes from another
process, `wrk`, with 8 connections; each request asks for one property of one thing. `again`: the
requests are 300 different ones, over and over, so that answers can be kept. `new`: no request is
like an earlier one. The servers take turns, and the medians of the rounds are compared. None
writes a line for each request. Beside the rate stands the processor's time for a request, of the
server with its workers, which others on the machine change less.

`--oxigraph` is the program of the package of that name on PyPI; by default the one in the PATH.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from benchmarks.service_start import demo, processor
from benchmarks.serving import Running

from wearwhy.service.views import Views
from wearwhy.workspace import Workspace

TARGETS: Final = {"oxigraph": 0.5, "rdflib": 5.0}
JSON: Final = "application/sparql-results+json"
CLIENTS: Final = 8
_WRK: Final = """
local asked, n, turn = {}, 0, tonumber(os.getenv("NEW"))
for line in io.lines(os.getenv("QUERIES")) do asked[#asked + 1] = line end
local start = os.getenv("WHERE") .. "?query="
request = function()
  n = n + 1
  local text = asked[n * 7 % #asked + 1]
  if turn > 0 then text = text:gsub("%%3Fo", "%%3Fo" .. turn .. "x" .. n) end
  return wrk.format("GET", start .. text, { Accept = os.getenv("ACCEPT") })
end
"""
_RDFLIB: Final = """
import sys
from fastapi import FastAPI, Request, Response
import rdflib, uvicorn
graph = rdflib.Graph()
graph.parse(sys.argv[1], format="nt")
app = FastAPI()
@app.get("/sparql")
def sparql(query: str):
    return Response(graph.query(query).serialize(format="json"), media_type=sys.argv[3])
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
"""


def statements(folder: Path) -> list[ox.Quad]:
    """Return what the wardrobe sees, each statement in its graph."""
    with Workspace.open(folder) as workspace:
        view = Views().closed(workspace, "mine")
    assert view.block is not None
    lines = (set(view.block.text.split(b"\n")) - view.gone) | view.own
    return list(ox.parse(b"\n".join(lines), ox.RdfFormat.N_QUADS))


def questions(quads: list[ox.Quad], most: int = 300) -> list[str]:
    """Return look-ups of one property of one thing, all with an answer."""
    pairs = sorted(
        {(str(q.subject), str(q.predicate)) for q in quads if isinstance(q.subject, ox.NamedNode)}
    )
    step = max(len(pairs) // most, 1)
    return [f"SELECT ?o WHERE {{ {s} {p} ?o }}" for s, p in pairs[::step][:most]]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(address: str) -> bytes:
    """Return what a server answers, once it does.

    Raises:
        TimeoutError: after a minute.
    """
    for _ in range(600):
        with contextlib.suppress(OSError):
            asked = urllib.request.Request(address, headers={"Accept": JSON})
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return bytes(answer.read())
        time.sleep(0.1)
    raise TimeoutError(address)


@contextlib.contextmanager
def started(*command: str) -> Iterator[int]:
    """Run a server for as long as the block lasts."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@contextlib.contextmanager
def oxigraph(program: str, data: Path) -> Iterator[tuple[str, int]]:
    """Serve the statements by Oxigraph's own server, from memory."""
    port = free_port()
    at = f"http://127.0.0.1:{port}"
    with started(program, "serve", "-b", f"127.0.0.1:{port}", "--union-default-graph") as pid:
        wait_for(f"{at}/query?query=ASK%7B%7D")
        put = urllib.request.Request(
            f"{at}/store",
            data.read_bytes(),
            {"Content-Type": "application/n-quads"},
            method="POST",
        )
        urllib.request.urlopen(put).close()
        yield f"{at}/query", pid


@contextlib.contextmanager
def rdflib(triples: Path) -> Iterator[tuple[str, int]]:
    """Serve the statements by an rdflib graph behind FastAPI."""
    port = free_port()
    with started(sys.executable, "-c", _RDFLIB, str(triples), str(port), JSON) as pid:
        yield f"http://127.0.0.1:{port}/sparql", pid


class Load:
    """What asks, from a process of its own."""

    def __init__(self, folder: Path, asked: list[str], seconds: int) -> None:
        self._script = folder / "load.lua"
        self._script.write_text(_WRK)
        self._queries = folder / "queries.txt"
        self._queries.write_text("".join(quote(text, safe="") + "\n" for text in asked))
        self._seconds = seconds
        self._turn = 0

    def rate(self, where: str, pid: int, *, new: bool) -> tuple[float, float]:
        """Return the answers a second, all of them good, and the processor's time for one.

        Raises:
            RuntimeError: where one was not.
        """
        self._turn += 1
        path = where.split("/", 3)[3]
        settings = {"QUERIES": str(self._queries), "WHERE": f"/{path}", "ACCEPT": JSON}
        before = processor(pid)
        run = subprocess.run(
            ("wrk", "-t1", f"-c{CLIENTS}", f"-d{self._seconds}s", "-s", str(self._script), where),
            env={**settings, "NEW": str(self._turn if new else 0)},
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)
        if found is None or "Non-2xx" in run.stdout:
            raise RuntimeError(run.stdout)
        answers = float(found[1])
        return answers, (processor(pid) - before) / (answers * self._seconds)


def main() -> int:
    """Measure and print; exit 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--oxigraph", default=shutil.which("oxigraph"))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wearwhy-sparql-") as made:
        return measured(Path(made), options)


def measured(folder: Path, options: Any) -> int:
    """Measure in a folder; return the exit status."""
    workspace = folder / "workspace"
    demo(workspace)
    quads = statements(workspace)
    data, triples = folder / "data.nq", folder / "data.nt"
    data.write_text("".join(f"{quad} .\n" for quad in quads))
    triples.write_text("".join(f"{line} .\n" for line in {str(q.triple) for q in plain(quads)}))
    load = Load(folder, questions(quads), options.seconds)
    print(f"{len(quads):,} statements, {CLIENTS} clients, {options.rounds} × {options.seconds} s")
    rates: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    with contextlib.ExitStack() as stack:
        running = Running.start(workspace, environment={"WEARWHY_SERVE_LOG_LEVEL": "warning"})
        stack.callback(running.stop)
        servers = {
            "wearwhy": (f"{running.url.rstrip('/')}/sparql", running.process.pid),
            "rdflib": stack.enter_context(rdflib(triples)),
        }
        if options.oxigraph:
            servers["oxigraph"] = stack.enter_context(oxigraph(options.oxigraph, data))
        for where, pid in servers.values():
            wait_for(f"{where}?query={quote(questions(quads)[0], safe='')}")
            load.rate(where, pid, new=False)
        for _ in range(options.rounds):
            for new in (False, True):
                for name, (where, pid) in servers.items():
                    rates.setdefault((name, new), []).append(load.rate(where, pid, new=new))
    return told({key: _median(found) for key, found in rates.items()})


def _median(found: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(f for f, _ in found), statistics.median(s for _, s in found)


def plain(quads: list[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield the statements that rdflib can read: without triple terms."""
    return (quad for quad in quads if not isinstance(quad.object, ox.Triple))


def told(rates: dict[tuple[str, bool], tuple[float, float]]) -> int:
    """Print the rates and their ratios; return the exit status."""
    missed = 0
    for new in (False, True):
        ours, cost = rates["wearwhy", new]
        kind = "new" if new else "again"
        print(f"{kind:6} wearwhy  {ours:9,.0f} a second, {cost * 1e6:6,.0f} µs of processor each")
        for name, target in TARGETS.items():
            if (name, new) in rates:
                rate, theirs = rates[name, new]
                ratio = ours / rate
                missed += ratio < target
                print(
                    f"{'':6} {name:8}{rate:10,.0f} a second, {theirs * 1e6:6,.0f} µs;"
                    f" ratio {ratio:.2f} (≥ {target:g}), of processor {theirs / cost:.2f}"
                )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
