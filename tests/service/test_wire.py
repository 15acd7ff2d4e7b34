"""Connections to a server that listens, with clients that do not do as they should."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from wearwhy.errors import InputError
from wearwhy.http.server import Server, address_of, listening
from wearwhy.service.configuration import Configuration

SECONDS = 0.4
SIZE = 2000
PATIENCE = 60.0
"""Seconds that no busy machine takes."""


async def hello(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("hello")


async def until_it_is_told_to_stop(request: Request) -> Response:
    request.app.state.begun.set()
    await request.app.state.stopping.wait()
    return PlainTextResponse("done")


@contextmanager
def serving(seconds: float) -> Iterator[tuple[Server, int]]:
    """A server that waits so long for a head, and its port."""
    opened = listening("127.0.0.1", 0)
    routes = [
        Route("/", hello, methods=["GET", "POST", "QUERY"]),
        Route("/while", until_it_is_told_to_stop),
    ]
    app = Starlette(routes=routes)
    app.state.stopping, app.state.begun = asyncio.Event(), threading.Event()
    told = Configuration(header_seconds=seconds, header_bytes=SIZE, stop_seconds=PATIENCE)
    made = Server(app, told)
    thread = threading.Thread(target=made.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    yield made, opened.getsockname()[1]
    made.should_exit = True
    thread.join(2 * PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    with serving(PATIENCE) as found:
        yield found


@pytest.fixture
def hasty() -> Iterator[int]:
    """The port of a server that waits for no head for long."""
    with serving(SECONDS) as (_, port):
        yield port


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def answer(client: socket.socket) -> bytes:
    """Return all that comes until the server ends the connection."""
    found = b""
    while piece := client.recv(65536):
        found += piece
    return found


def heard(client: socket.socket, end: bytes) -> bool:
    """Return whether what comes ends so: head and body may come one after the other."""
    found = b""
    while not found.endswith(end):
        piece = client.recv(65536)
        if not piece:
            return False
        found += piece
    return True


def dripped(client: socket.socket, seconds: float) -> bool:
    """Send a head a byte at a time, and return whether the server ended it without a word."""
    client.settimeout(0.05)
    head = iter(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * SIZE)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            client.sendall(bytes([next(head)]))
            return client.recv(1) == b""
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def test_requests_are_answered_one_after_another_on_a_connection(
    server: tuple[Server, int],
) -> None:
    with connected(server[1]) as client:
        for method in (b"GET", b"POST", b"QUERY"):
            client.sendall(method + b" / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
            assert heard(client, b"hello")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GE"])
def test_a_head_that_does_not_end_in_time_ends_the_connection(hasty: int, sent: bytes) -> None:
    begun = time.monotonic()
    with connected(hasty) as client:
        client.sendall(sent)
        assert answer(client) == b""
        assert time.monotonic() - begun > SECONDS / 2


def test_a_head_that_comes_a_byte_at_a_time_has_no_more_time(hasty: int) -> None:
    with connected(hasty) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert heard(client, b"hello")
        assert dripped(client, PATIENCE)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * SIZE + b"\r\n\r\n",
        b"GET /" + b"x" * SIZE + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (SIZE // 4),
    ],
    ids=["header", "path", "endless"],
)
def test_a_head_that_is_too_long_is_refused(server: tuple[Server, int], head: bytes) -> None:
    with connected(server[1]) as client:
        client.sendall(head)
        found = answer(client)
    assert found.startswith(b"HTTP/1.1 431 ")
    assert json.loads(found.partition(b"\r\n\r\n")[2])["code"] == "WW-HTTP-HEAD"


@pytest.mark.parametrize(
    "sent",
    [
        b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=["method", "both lengths", "two lengths", "tls"],
)
def test_what_is_no_request_is_refused(server: tuple[Server, int], sent: bytes) -> None:
    with connected(server[1]) as client:
        client.sendall(sent)
        found = answer(client)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in found
    assert json.loads(found.partition(b"\r\n\r\n")[2])["code"] == "WW-HTTP-SYNTAX"


def test_what_runs_is_finished_when_the_server_is_told_to_stop(server: tuple[Server, int]) -> None:
    made, port = server
    with connected(port) as client, connected(port) as idle:
        client.sendall(b"GET /while HTTP/1.1\r\nHost: a\r\n\r\n")
        assert made.config.app.state.begun.wait(PATIENCE)  # type: ignore[union-attr]
        made.should_exit = True
        assert answer(client).endswith(b"done")
        assert answer(idle) == b""
    with pytest.raises(ConnectionRefusedError):
        connected(port)


def test_an_address_that_is_taken_or_is_none_is_told() -> None:
    with listening("127.0.0.1", 0) as first:
        assert address_of(first) == f"http://127.0.0.1:{first.getsockname()[1]}"
        with pytest.raises(InputError) as told:
            listening("127.0.0.1", first.getsockname()[1])
        assert told.value.code == "WW-SERVE-ADDRESS-TAKEN"
    with pytest.raises(InputError) as told:
        listening("192.0.2.1", 0)
    assert told.value.code == "WW-SERVE-ADDRESS-NONE"
