"""The Model Context Protocol over streamable HTTP, at `/mcp`, with the same keys and scopes.

No session is kept between two messages: each is answered by itself, for whom its own key names.
The protocol's library takes as long to import as all the rest, so the first message brings it in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wearwhy.errors import NotAllowed, NotSignedIn, Refused, Unavailable, WearwhyError
from wearwhy.http.callers import caller_of, configuration_of, is_foreign
from wearwhy.http.problems import problem_of
from wearwhy.service.caller import Caller
from wearwhy.service.service import Service

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATH: Final = "/mcp"
_MEDIA: Final = "application/json"


class Agency:
    """Answers agents from their first message until the application stops."""

    def __init__(self, service: Service, body_bytes: int) -> None:
        self._service = service
        self._body_bytes = body_bytes
        self._stop = asyncio.Event()
        self._begun: asyncio.Future[StreamableHTTPSessionManager] | None = None
        self._task: asyncio.Task[None] | None = None

    async def manager(self) -> StreamableHTTPSessionManager:
        """Return what answers messages, begun by the first who asks."""
        if self._begun is None:
            self._begun = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._begun))
        return await asyncio.shield(self._begun)

    async def close(self) -> None:
        """Answer nobody any more."""
        self._stop.set()
        if self._task is not None:
            await self._task

    async def _run(self, begun: asyncio.Future[StreamableHTTPSessionManager]) -> None:
        # What answers must end in the task that it began in: no request's task may be that.
        try:
            manager = await asyncio.to_thread(_manager, self._service, self._body_bytes)
            async with manager.run():
                begun.set_result(manager)
                await self._stop.wait()
        except Exception as error:
            if begun.done():
                raise
            begun.set_exception(error)


def _manager(service: Service, body_bytes: int) -> StreamableHTTPSessionManager:
    from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415  # slow

    from wearwhy.mcp.server import make_server  # noqa: PLC0415  # slow

    server = make_server(service, _asking)
    server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        max_request_body_size=body_bytes,
        # Host and Origin are looked at here, by the rules that hold for every other path.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return server.session_manager


async def _asking(request: object | None) -> Caller:
    """Return who sent the message behind a call."""
    found = getattr(request.state, "caller", None) if isinstance(request, Request) else None
    if not isinstance(found, Caller):
        raise NotSignedIn("WW-ACCESS-KEY", "This needs a key.")
    return found


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """Answer agents as long as the block lasts."""
    agency = Agency(app.state.service, app.state.configuration.body_bytes)
    app.state.agents = agency
    try:
        yield
    finally:
        app.state.agents = None
        await agency.close()


class Agents:
    """Where messages of agents arrive: who sent one is known before any of it is read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a message."""
        request = Request(scope, receive)
        try:
            manager = await _admitted(request)
        except WearwhyError as error:
            await problem_of(request, error)(scope, receive, send)
            return
        await manager.handle_request(scope, receive, send)


async def _admitted(request: Request) -> StreamableHTTPSessionManager:
    origin = request.headers.get("origin")
    if is_foreign(request) and origin not in configuration_of(request).origins:
        raise NotAllowed("WW-ACCESS-CSRF", "This did not come from a page of this server.")
    await caller_of(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA:
        raise Refused("WW-HTTP-MEDIA", "A message is of the media type application/json.", 415)
    if not _takes_json(request.headers.get("accept", "")):
        raise Refused(
            "WW-HTTP-ACCEPT",
            "A message is answered as application/json, which is not accepted.",
            406,
            hint="Send `Accept: application/json, text/event-stream`.",
        )
    agency = getattr(request.app.state, "agents", None)
    if not isinstance(agency, Agency):
        raise Unavailable("WW-SERVICE-STOPPING", "The service is starting or stopping.")
    return await agency.manager()


def _takes_json(accept: str) -> bool:
    taken = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return bool(taken & {_MEDIA, "application/*", "*/*"})


routes: Final = [Route(PATH, Agents(), methods=["POST"])]
