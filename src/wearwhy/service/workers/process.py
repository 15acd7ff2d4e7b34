"""A process of the pool: it takes jobs from standard input, one after the other, until it ends.

Usage: `python -m wearwhy.service.workers.process PARENT ROOM MODULE…`. Standard input is one end of a
pair of sockets, and answers go out through it. The modules are imported, then the process is
confined, then it says that it is ready.
"""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias

from wearwhy.errors import WearwhyError
from wearwhy.service.workers.confine import Confined, die_with
from wearwhy.service.workers.frames import frame, opening, read_frame
from wearwhy.service.workers.going import GOING
from wearwhy.service.workers.held import HELD, LOAD_SECONDS

Job: TypeAlias = Callable[[dict[str, Any], bytes], tuple[Any, bytes]]
_LARGE = 1 << 16


def main() -> None:
    """Answer jobs until the other end is closed."""
    parent, room, *modules = sys.argv[1:]
    die_with(int(parent))
    gc.disable()  # what is imported stays: to look through it for garbage is in vain
    jobs = _jobs(modules)
    channel = socket.socket(fileno=0)
    source = channel.makefile("rb", _LARGE)
    confined = Confined(int(room))
    gc.freeze()
    gc.enable()
    GOING.tell = lambda done, total: channel.sendall(frame({"going": [done, total]}))
    channel.sendall(frame({"ready": confined.resident()}))
    allowed: object = None
    while True:
        message = read_frame(source)
        if message is None:
            break
        head, body = message
        if "job" not in head:
            confined.allow(2 * int(room))  # a graph larger than the room is held alone
            confined.allow_seconds(LOAD_SECONDS)
            HELD.take(head, body)
            allowed = None
            continue
        seconds, memory, size = head["limits"]
        if allowed != memory:
            confined.allow(memory)
            allowed = memory
        confined.allow_seconds(seconds)
        found, out = _answered(jobs, head, body)
        if len(out) > size:
            found, out = {"large": True}, b""
        if len(out) > _LARGE:
            channel.sendall(opening(found, len(out)))
            channel.sendall(out)
        else:
            channel.sendall(frame(found, out))


def _jobs(modules: list[str]) -> dict[str, Job]:
    jobs: dict[str, Job] = {}
    for name in modules:
        module = import_module(name)
        if hasattr(module, "prepare"):
            module.prepare()
        jobs.update((f"{name}:{job}", run) for job, run in module.JOBS.items())
    return jobs


def _answered(jobs: dict[str, Job], head: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    try:
        value, out = jobs[head["job"]](head["args"], body)
    except WearwhyError as error:
        return {"error": [type(error).__name__, error.as_dict()]}, b""
    except MemoryError:
        return {"memory": True}, b""
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told by its kind alone
        return {"failed": type(error).__name__}, b""
    return {"value": value}, out


if __name__ == "__main__":
    main()
