"""Clients that send nothing, or take nothing: others are served, and nothing is kept for them."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.security.wire_given import (
    HEAD,
    LARGE,
    answers,
    connected,
    ended,
    is_answered,
    listening_server,
    soon,
)

from wearwhy.http import server as served
from wearwhy.http import wire
from wearwhy.http.server import Server
from wearwhy.service.configuration import Configuration

FAR = "127.0.0.9"
"""Another address of this machine: who makes trouble."""
BODY = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\n"
_LAST = b"GET / HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n"
TOLD = Configuration(
    header_seconds=1, body_seconds=1, request_seconds=5, in_flight=3, stop_seconds=2
)
PATIENT = 300.0


@pytest.fixture
def port() -> Iterator[int]:
    with listening_server(TOLD) as (_, found):
        yield found


def gone(made: Server) -> bool:
    """Return whether all connections are given back."""
    return soon(lambda: not made.server_state.connections)


def test_bodies_that_do_not_come_keep_nobody_out() -> None:
    told = Configuration(body_seconds=PATIENT, in_flight=2)
    with listening_server(told) as (made, port), ExitStack() as held:
        for _ in range(20):
            held.enter_context(connected(port, FAR)).sendall(BODY)
        assert is_answered(port)
        assert answers(port, BODY.replace(b"100", b"2") + b"{}" + _LAST) == [200, 200]
        # Of those that wait, the first gave way: what is held for them has a bound, too.
        assert soon(lambda: len(made.server_state.connections) <= 4)


def test_a_body_that_stops_coming_is_given_up(port: int) -> None:
    assert answers(port, BODY + b"half") == [408]


def test_what_comes_after_an_answer_has_an_end(port: int) -> None:
    head = b"POST /unread HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    with connected(port) as client:
        client.sendall(head)
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200")
        assert ended(client)
    assert answers(port, head) == [200]  # nor does it stay for a body that never comes


def test_an_answer_that_nobody_takes_is_thrown_away() -> None:
    with listening_server(TOLD) as (made, port), ExitStack() as held:
        for _ in range(8):
            client = held.enter_context(connected(port, FAR, small=True))
            client.sendall(b"GET /large HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert is_answered(port)
        assert gone(made)


def test_answers_that_nobody_takes_keep_nobody_out() -> None:
    told = Configuration(body_seconds=PATIENT, in_flight=2)
    with listening_server(told) as (_, port), ExitStack() as held:
        for _ in range(6):
            client = held.enter_context(connected(port, FAR, small=True))
            client.sendall(b"GET /large HTTP/1.1\r\n" + HEAD + b"\r\n" + _LAST)
        time.sleep(0.5)
        assert is_answered(port)


@pytest.mark.slow
def test_who_takes_an_answer_slowly_gets_all_of_it() -> None:
    told = Configuration(body_seconds=3, stop_seconds=2)
    with listening_server(told) as (_, port), connected(port) as client:
        client.sendall(b"GET /large HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n")
        taken, begun = 0, time.monotonic()
        while piece := client.recv(1 << 16):
            taken += len(piece)
            time.sleep(0.045)  # some seconds in all, longer than the server waits for a piece
        assert taken > LARGE
        assert time.monotonic() - begun > 2 * told.body_seconds


def test_answers_wait_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "UNREAD", 3 * LARGE)
    told = Configuration(body_seconds=PATIENT)
    with listening_server(told) as (made, port), ExitStack() as held:
        for _ in range(10):
            client = held.enter_context(connected(port, FAR, small=True))
            client.sendall(b"GET /large HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert is_answered(port)
        assert soon(lambda: 2 <= len(made.server_state.connections) <= 4)


def test_connections_that_stand_idle_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "CONNECTIONS", 10)
    told = Configuration(header_seconds=PATIENT)
    with listening_server(told) as (made, port), ExitStack() as held:
        honest = held.enter_context(connected(port, "127.0.0.8"))
        honest.sendall(b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert honest.recv(1 << 16).startswith(b"HTTP/1.1 200")
        for _ in range(30):
            held.enter_context(connected(port, FAR))
        assert is_answered(port)
        assert soon(lambda: len(made.server_state.connections) <= 11)
        # Whose address has many goes first: one that has one is still there.
        honest.sendall(b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert honest.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_what_is_sent_ahead_is_not_kept() -> None:
    with listening_server(TOLD) as (made, port), ExitStack() as held:
        client = held.enter_context(connected(port, FAR, small=True))
        with suppress(OSError):
            client.sendall((b"GET /large HTTP/1.1\r\n" + HEAD + b"\r\n") * 20_000)
        assert is_answered(port)
        waiting = [len(one.pipeline) for one in made.server_state.connections]  # type: ignore[union-attr]
        assert all(count <= wire.AHEAD for count in waiting)
        assert is_answered(port)
        assert gone(made)


def test_files_are_given_back() -> None:
    with listening_server(TOLD) as (made, port):
        assert is_answered(port)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for sent in (
            b"",
            b"GET",
            BODY,
            b"\x16\x03\x01",
            b"GET /large HTTP/1.1\r\n" + HEAD + b"\r\n",
        ):
            for _ in range(5):
                client = connected(port, FAR, small=True)
                client.sendall(sent)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                client.close()  # by a reset
        assert gone(made)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_there_are_files_for_as_many_connections_as_are_taken() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 900), hard))
        room = served.room_for(wire.CONNECTIONS)
        left = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert room < left
        assert room == min(wire.CONNECTIONS, left - 256)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
