"""What is seen of a request from outside: its id, its line in the log, its figures, its span.

This stands around everything else, so that a request refused at the door is seen like any other.
No text that a client chose becomes a label of a figure: a route is named by its pattern.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wearwhy.http.logging import request_id
from wearwhy.http.metrics import Metrics
from wearwhy.http.problems import FAULT, problem
from wearwhy.http.telemetry import ended, span, traced

REQUEST_ID: Final = b"x-request-id"
UNMATCHED: Final = "(none)"
METHODS: Final = frozenset(
    ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "CONNECT")
)
_LOG: Final = logging.getLogger("wearwhy.http")
_QUIET: Final = frozenset(("/healthz", "/readyz", "/metrics"))
_SECRET: Final = re.compile(r"[\w-]{24,}")
_LONGEST: Final = 120


class Observed:
    """An application whose requests are numbered, logged, counted and traced.

    Nothing that goes wrong below gets past it: it is logged with where it arose, and answered by a
    problem that says nothing of it but the request's id.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._traced = traced()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        number = str(uuid.uuid4())
        state = scope.setdefault("state", {})
        state["request_id"] = number
        token = request_id.set(number)
        seen = _Seen(send, number)
        self._metrics.in_flight.inc()
        try:
            if self._traced:
                with span(scope) as spanning:
                    await self._answered(scope, receive, seen)
                    ended(spanning, scope["method"], route_of(scope), seen.status)
            else:
                await self._answered(scope, receive, seen)
        finally:
            self._metrics.in_flight.dec()
            self._told(scope, seen, time.perf_counter() - begun)
            request_id.reset(token)

    async def _answered(self, scope: Scope, receive: Receive, seen: _Seen) -> None:
        try:
            await self._app(scope, receive, seen)
        except Exception:
            _LOG.exception("failed", extra={"route": route_of(scope)})
            if not seen.begun:
                await problem(scope, FAULT)(scope, receive, seen)
            elif not seen.complete:
                raise  # half an answer: the server ends the connection, so that nobody takes it

    def _told(self, scope: Scope, seen: _Seen, seconds: float) -> None:
        route, state = route_of(scope), scope["state"]
        method = scope["method"] if scope["method"] in METHODS else "other"
        code = state.get("problem", "")
        self._metrics.answered(method, route, seen.status, seconds, code)
        level = logging.DEBUG if route in _QUIET else logging.INFO
        if not _LOG.isEnabledFor(level):
            return
        line: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": seen.status,
            "ms": round(seconds * 1000, 1),
            "bytes": seen.bytes,
            "client": scope["client"][0] if scope.get("client") else "",
        }
        if route == UNMATCHED:
            line["path"] = _SECRET.sub("…", scope["path"][:_LONGEST])
        line |= {name: state[name] for name in ("account", "problem") if state.get(name)}
        _LOG.log(level, "request", extra=line)


class _Seen:
    """A `send` that adds the request's id to the answer and remembers what was sent."""

    def __init__(self, send: Send, number: str) -> None:
        self._send = send
        self._number = number.encode("ascii")
        self.begun = False
        self.complete = False
        self.status = 499  # the client went away before an answer; nginx's number for it
        self.bytes = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (REQUEST_ID, self._number)]
        else:
            self.bytes += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
        await self._send(message)


def route_of(scope: Scope) -> str:
    """Return the pattern of the route that a request took; one name for all that took none."""
    path = getattr(scope.get("route"), "path", None)
    if path is None and "app" in scope:
        # FastAPI's router names its own routes only; Starlette's are found by their endpoint.
        path = getattr(scope["app"].state, "paths", {}).get(scope.get("endpoint"))
    return path if isinstance(path, str) and path else UNMATCHED
