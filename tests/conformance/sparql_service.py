"""The service that the SPARQL suites are run against: in this process, and behind a port."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import uvicorn

from wearwhy.http.app import Application, create_app
from wearwhy.service.caller import Role, Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service
from wearwhy.store import Store

WARDROBE, LIBRARY = "suite", "library"
"""The wardrobe that tests change, and the one that holds what queries are asked of."""
PATIENCE = 60.0
GENEROUS = Configuration(query_seconds=60.0, request_seconds=120.0)
"""So that a busy machine is no fault of the service's."""


@dataclass(frozen=True)
class Told:
    """What a server answered; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server(Protocol):
    """A server that requests can be sent to; `keys` may do everything, each in its wardrobe."""

    @property
    def origin(self) -> str: ...

    @property
    def keys(self) -> Mapping[str, str]: ...

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Told: ...


def asked(
    server: Server,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | str = b"",
    *,
    wardrobe: str = WARDROBE,
) -> Told:
    """Return what a server answers to whom a wardrobe belongs."""
    given = {"authorization": f"Bearer {server.keys[wardrobe]}", **(headers or {})}
    return server.send(method, target, given, body.encode() if isinstance(body, str) else body)


@dataclass
class InProcess:
    """The application, called as a server would call it."""

    app: Application
    keys: Mapping[str, str]
    runner: asyncio.Runner
    origin: str = "http://127.0.0.1"

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Told:
        return self.runner.run(self._sent(method, target, headers, body))

    async def _sent(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Told:
        path, _, query = target.partition("?")
        given = {"host": "127.0.0.1", "content-length": str(len(body)), **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
        }
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        over = asyncio.Event()
        found = _Collected()

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            found.take(message)

        await self.app(scope, receive, send)
        over.set()
        return found.told()


@dataclass
class _Collected:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)

    def take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {n.decode().lower(): v.decode() for n, v in message["headers"]}
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))

    def told(self) -> Told:
        return Told(self.status, self.headers, b"".join(self.parts))


@dataclass
class Live:
    """A server behind a port of this machine, asked over one connection."""

    origin: str
    keys: Mapping[str, str]
    _connection: http.client.HTTPConnection | None = None

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Told:
        if self._connection is None:
            at = urlsplit(self.origin)
            self._connection = http.client.HTTPConnection(at.netloc, timeout=PATIENCE)
        self._connection.request(method, target, body or None, dict(headers))
        response = self._connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Told(response.status, told, response.read())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def opened(folder: Path, told: Configuration | None = None) -> tuple[Service, Mapping[str, str]]:
    """Return a service over a new workspace, and for each wardrobe a key of its owner."""
    Store.create(folder)
    service = Service.open(folder, told or GENEROUS)
    keys = {}
    for wardrobe in (WARDROBE, LIBRARY):
        owner = service.accounts.add(f"of-{wardrobe}", password=None, scopes=frozenset(Scope))
        service.accounts.grant(wardrobe, owner.id, Role.OWNER)
        keys[wardrobe] = service.accounts.new_key(owner.id, label="suite").secret
    return service, keys


@contextmanager
def in_process(folder: Path, told: Configuration | None = None) -> Iterator[InProcess]:
    """Serve a new workspace without a port."""
    service, keys = opened(folder, told)
    with asyncio.Runner() as runner:
        runner.run(service.start())
        try:
            yield InProcess(create_app(service, service.configuration), keys, runner)
        finally:
            runner.run(service.close())


@contextmanager
def live(folder: Path, told: Configuration | None = None) -> Iterator[Live]:
    """Serve a new workspace behind a free port."""
    service, keys = opened(folder, told)
    app = create_app(service, service.configuration)
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, log_config=None, access_log=False, timeout_keep_alive=int(10 * PATIENCE)
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    client = None
    try:
        until = time.monotonic() + PATIENCE
        while not server.started:
            assert thread.is_alive(), "the server ended before it listened"
            assert time.monotonic() < until, "the server did not begin to listen"
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        client = Live(f"http://127.0.0.1:{port}", keys)
        yield client
    finally:
        if client is not None:
            client.close()
        server.should_exit = True
        thread.join(PATIENCE)
