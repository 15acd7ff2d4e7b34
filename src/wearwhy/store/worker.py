"""The process that `isolated` starts: one query, one answer, nothing else.

It reads one line of JSON (the task) and then N-Quads from standard input, and writes one line of
JSON. It imports no more of the package than it needs to answer.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

import pyoxigraph as ox

from wearwhy.errors import QueryError
from wearwhy.store.answer import as_json
from wearwhy.store.guard import guard
from wearwhy.store.sparql import Limits, answer


def main() -> None:
    """Answer the task on standard input."""
    task: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    limits = Limits(*task["limits"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(limits.seconds) + 1, int(limits.seconds) + 2))
    _limit_memory(limits.memory)
    try:
        if task["folder"] is None:
            graph = ox.Store()
            graph.bulk_load(sys.stdin.buffer, ox.RdfFormat.N_QUADS)
        else:
            graph = ox.Store.read_only(task["folder"])
        # No file and no socket from here on: what the guard missed could still reach nothing.
        free = os.dup(0)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))
        out = _answered(graph, task, limits)
    except MemoryError:
        out = {"memory": True}
    sys.stdout.buffer.write(json.dumps(out).encode() + b"\n")
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing here is worth tearing down


def _limit_memory(size: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size + used, size + used))


def _answered(graph: ox.Store, task: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        found = answer(graph, guard(task["text"]), limits)
    except QueryError as error:
        return {"error": error.as_dict()}
    rows = [[None if cell is None else as_json(cell) for cell in row] for row in found.rows]
    return {
        "kind": found.kind,
        "columns": found.columns,
        "rows": rows,
        "truncated": found.truncated,
    }


if __name__ == "__main__":
    main()
