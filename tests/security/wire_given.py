"""A server of few routes on a port of its own, and clients that write bytes."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from wearwhy.http.limits import Bounded
from wearwhy.http.problems import HANDLERS
from wearwhy.http.security import Secured
from wearwhy.http.server import Server, listening
from wearwhy.service.configuration import Configuration

HEAD = b"Host: 127.0.0.1\r\n"
LARGE = 12 << 20
"""Bytes of an answer that no system takes off a server's hands unread."""
PATIENCE = 60.0
"""Seconds that no busy machine takes for anything here."""


async def seen(request: Request) -> Response:
    """Answer what the request says of itself."""
    body = await request.body()
    return JSONResponse({"headers": dict(request.headers), "body": body.decode("latin1")})


async def large(request: Request) -> Response:
    del request
    return PlainTextResponse(b"x" * LARGE)


async def unread(request: Request) -> Response:
    """Answer without a look at the body."""
    del request
    return PlainTextResponse("done")


@contextmanager
def listening_server(told: Configuration) -> Iterator[tuple[Server, int]]:
    """Run a server in a thread; yields it and its port."""
    opened = listening("127.0.0.1", 0)
    app = Starlette(
        routes=[
            Route("/", seen, methods=["GET", "POST"]),
            Route("/large", large),
            Route("/unread", unread, methods=["GET", "POST"]),
        ],
        exception_handlers=HANDLERS,
    )
    app.state.stopping = asyncio.Event()
    app.add_middleware(Bounded, configuration=told)
    app.add_middleware(Secured, configuration=told)
    made = Server(app, told)
    thread = threading.Thread(target=made.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    try:
        yield made, opened.getsockname()[1]
    finally:
        made.should_exit = True
        thread.join(2 * PATIENCE)
    assert not thread.is_alive()


def connected(port: int, source: str = "127.0.0.1", small: bool = False) -> socket.socket:
    """Return a connection, from an address of this machine; `small` takes little unread."""
    made = socket.socket()
    if small:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(PATIENCE)
    made.bind((source, 0))
    made.connect(("127.0.0.1", port))
    return made


def answers(port: int, sent: bytes) -> list[int]:
    """Return the statuses of all answers to some bytes, until the server ends the connection."""
    with connected(port) as client:
        found = b""
        try:
            client.sendall(sent)
            while piece := client.recv(1 << 16):
                found += piece
        except ConnectionError:
            pass
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", found)]


def asked(port: int, head: bytes = b"GET / HTTP/1.1\r\n", more: bytes = b"") -> dict[str, object]:
    """Return what the server saw of a request that it answers with 200."""
    with connected(port) as client:
        client.sendall(head + HEAD + b"Connection: close\r\n" + more)
        found = b""
        while piece := client.recv(1 << 16):
            found += piece
    assert found.startswith(b"HTTP/1.1 200"), found[:200]
    told: dict[str, object] = json.loads(found.partition(b"\r\n\r\n")[2])
    return told


def is_answered(port: int) -> bool:
    """Return whether an honest client is answered."""
    try:
        return bool(asked(port, more=b"\r\n"))
    except (ConnectionError, TimeoutError, AssertionError):
        return False


def soon(true: Callable[[], bool]) -> bool:
    """Return whether something is true, or becomes it."""
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def ended(client: socket.socket) -> bool:
    """Return whether the server ends a connection, without reading its answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            client.send(b"1\r\nx\r\n")
        except OSError:
            return True
        time.sleep(0.05)
    return False
