"""Jobs of a pool under test: they misbehave when they are asked to."""

from __future__ import annotations

import ctypes
import os
import socket
import time
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import FormatError, Place
from wearwhy.service.workers.held import Held


def prepare() -> None:
    """Where it is asked for, have the process compute for so long when it is given `late`."""
    seconds = float(os.environ.get("LOADING", "0"))
    if not seconds:
        return
    take = Held.take

    def late(self: Held, head: dict[str, Any], body: bytes) -> None:
        until = time.process_time() + seconds * (head.get("view") == "late")
        while time.process_time() < until:
            sum(range(100))
        take(self, head, body)

    Held.take = late  # type: ignore[method-assign]


def echo(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    return {**args, "pid": os.getpid(), "text": "é"}, body[::-1]


def sleep(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    time.sleep(args["seconds"])
    return os.getpid(), body


def spin(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Compute, for seconds of the processor."""
    until = time.process_time() + args["seconds"]
    while time.process_time() < until:
        body = body[::-1]
    return os.getpid(), body


def eat(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    held = [bytearray(1 << 20) for _ in range(args["mebibytes"])]
    return len(held), body


def grow(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    return None, body * args["times"]


def fault(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    ctypes.string_at(0)
    return None, body


def refuse(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    raise FormatError("WW-TEST", "It is refused.", note="n", hint="h", place=Place("f", 1, 2))


def slip(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    raise ZeroDivisionError("a secret")


def reach(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Try all ways out, and return what each of them came to."""

    def tried(way: str) -> str:
        try:
            if way == "read":
                Path("/etc/hostname").read_bytes()
            elif way == "write":
                Path("/tmp/worker-was-here").write_bytes(b"x")
            elif way == "connect":
                socket.create_connection(("127.0.0.1", args["port"]), timeout=1)
            elif way == "pipe":
                os.pipe()
        except OSError as error:
            return type(error).__name__
        return "done"

    return {way: tried(way) for way in ("read", "write", "connect", "pipe")}, body


def babble(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    os.write(0, b"\xff" * 64)
    time.sleep(5)
    return None, body


JOBS: Final = {
    job.__name__: job for job in (echo, sleep, spin, eat, grow, fault, refuse, slip, reach, babble)
}
