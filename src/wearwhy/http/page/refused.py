"""Refusals that no route makes, told as pages: too many requests, too large a body, too busy."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wearwhy.errors import Refused, TooMany, WearwhyError
from wearwhy.http.page.frame import frame_of
from wearwhy.http.problems import MEDIA_TYPE
from wearwhy.service.caller import Caller

_HTML: Final = "text/html"
_OURS: Final = frozenset((b"content-type", b"content-length"))


class Readable:
    """An application whose problems are pages to who visits a page.

    What stands around the routes refuses before anybody knows who asks: the page shows nobody's
    name. A script of ours asks for a part of a page, and reads the problem itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if _visits(scope):
            await self._app(scope, receive, _Reader(scope, receive, send))
        else:
            await self._app(scope, receive, send)


class _Reader:
    """What an answer is sent to: a problem is held back whole, and a page is sent in its stead."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._problem: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._problem = message
        elif self._problem is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                page = await _page(self._scope, self._problem, json.loads(self._body))
                await page(self._scope, self._receive, self._send)


def _visits(scope: Scope) -> bool:
    """Return whether somebody visits a page: by an address or a form, not by a script."""
    if scope["type"] != "http" or not scope["path"].startswith("/page/"):
        return False
    headers = Headers(scope=scope)
    return _HTML in headers.get("accept", "").lower() and "x-part" not in headers


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


async def _page(scope: Scope, start: Message, said: dict[str, Any]) -> Response:
    frame = await frame_of(Request(scope), Caller.nobody())
    error = _error(start, said)
    answer = frame.show(
        "error.html",
        start["status"],
        error=error,
        request_id=scope.get("state", {}).get("request_id", ""),
        part=False,
    )
    answer.raw_headers += [one for one in start["headers"] if one[0].lower() not in _OURS]
    return answer


def _error(start: Message, said: dict[str, Any]) -> WearwhyError:
    """Return the error that a problem tells of."""
    texts = {"note": said.get("note", ""), "hint": said.get("hint", "")}
    if start["status"] == 429:
        wait = float(Headers(raw=start["headers"]).get("retry-after", "1"))
        return TooMany(said["code"], said["title"], retry_after=wait, **texts)
    return Refused(said["code"], said["title"], start["status"], **texts)
