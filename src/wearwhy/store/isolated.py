"""Asking in a process that can be killed, for text that nobody vouches for.

Oxigraph cannot be interrupted, and some queries end the process they run in. A worker gets the
data and the text over its standard input, limits its own memory, opens nothing more, and is
killed when its time is up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import Place, QueryError
from wearwhy.rdf import Node
from wearwhy.store.answer import Answer, from_json
from wearwhy.store.died import Died
from wearwhy.store.guard import guard, with_bindings
from wearwhy.store.sparql import Limits, over_budget

_COMMAND: Final = (sys.executable, "-m", "wearwhy.store.worker")
_SOURCES: Final = str(Path(__file__).parents[2])


def ask_isolated(
    graph: ox.Store | Path,
    text: str,
    *,
    limits: Limits | None = None,
    bindings: Mapping[str, Node] | None = None,
) -> Answer:
    """Answer a query in a worker process; see `sparql.ask`.

    Args:
        graph: a dataset, which is handed over whole, or a folder that nobody writes to: a
            workspace's copy for readers.
        text: the query.
        limits: all of them are held to; the worker is killed where it cannot stop itself.
        bindings: terms to stand where the text has these variables.

    Raises:
        QueryError: WW-QUERY-BUDGET, out of time, memory or size; WW-QUERY-CRASH, the worker died;
            and those of `sparql.ask`.
    """
    limits = limits or Limits()
    known = None
    if isinstance(graph, ox.Store):
        known = {name.value for name in graph.named_graphs() if isinstance(name, NamedNode)}
    text = guard(with_bindings(text, bindings or {}), known)
    task = {
        "text": text,
        "folder": str(graph) if isinstance(graph, Path) else None,
        "limits": [limits.seconds, limits.rows, limits.size, limits.memory],
    }
    data = b"" if isinstance(graph, Path) else ox.Store.dump(graph, format=ox.RdfFormat.N_QUADS)
    try:
        out = _run(json.dumps(task).encode() + b"\n" + (data or b""), limits)
    except Died as death:
        raise _told(death, limits) from None
    return _read(out, limits)


def _run(message: bytes, limits: Limits) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": _SOURCES,
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "2",  # an arena a thread would count against the memory limit
    }
    with subprocess.Popen(  # noqa: S603  # our own interpreter and module
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as worker:
        try:
            out, words = worker.communicate(message, timeout=limits.seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.communicate()
            raise over_budget(f"it took longer than {limits.seconds:g} s") from None
        except BaseException:  # Ctrl-C: leaving the block would wait for its end
            worker.kill()
            raise
    if not out.endswith(b"\n"):
        raise Died(words.decode("utf-8", "replace").strip(), worker.returncode)
    return out


def _told(death: Died, limits: Limits) -> QueryError:
    if death.of_computing:
        return over_budget(f"it computed for longer than {limits.seconds:g} s")
    if death.of_memory:
        return _out_of_memory(limits)
    last = (death.words.splitlines() or [""])[-1]
    return QueryError(
        "WW-QUERY-CRASH",
        "The query ended the process that ran it.",
        note=f"Exit status {death.code}. {last}".strip(),
        hint="It nests too deep, or is too large to be read: ask for less at a time.",
    )


def _out_of_memory(limits: Limits) -> QueryError:
    return over_budget(f"it needed more than {limits.memory >> 20:,} MiB")


def _read(out: bytes, limits: Limits) -> Answer:
    found: dict[str, Any] = json.loads(out)
    if "memory" in found:
        raise _out_of_memory(limits)
    if "error" in found:
        error = found["error"]
        place = Place(error["file"], error["line"], error["column"]) if error["line"] else None
        raise QueryError(
            error["code"], error["message"], note=error["note"], hint=error["hint"], place=place
        )
    rows = tuple(
        tuple(None if cell is None else from_json(cell) for cell in row) for row in found["rows"]
    )
    return Answer(found["kind"], tuple(found["columns"]), rows, found["truncated"])
