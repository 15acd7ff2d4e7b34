"""What the tests of safety share: a network that nothing may reach."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tests.security.world import World, made, running

LOCAL = ("127.0.0.1", "::1", "localhost", "testserver")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Make every way out of the process fail; return what was tried, which must stay empty."""
    tried: list[object] = []

    def refuse(self: socket.socket, address: Any, *rest: Any) -> None:
        tried.append(address)
        raise PermissionError("a test may not reach the network")

    def looked_up(host: Any, *rest: Any, **given: Any) -> None:
        tried.append(host)
        raise PermissionError("a test may not look names up")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket.socket, "sendto", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "gethostbyname", looked_up)
    monkeypatch.setattr(socket, "create_connection", looked_up)
    return tried


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running service that the tests of one module share."""
    with running(made(tmp_path_factory.mktemp("world") / "w")) as found:
        yield found
