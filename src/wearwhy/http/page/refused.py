"""Refusals that no route makes, told as pages: too many requests, too large a body, too busy."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wearwhy.errors import Refused, TooMany, WearwhyError
from wearwhy.http.page.frame import frame_of
from wearwhy.http.problems import FAULT, MEDIA_TYPE
from wearwhy.service.caller import Caller

_HTML: Final = "text/html"
_OURS: Final = frozenset((b"content-type", b"content-length"))
_MOST: Final = 256
_PLAIN: Final[Scope] = {
    "type": "http",
    "method": "GET",
    "scheme": "http",
    "path": "/page/looks",
    "query_string": b"",
    "headers": [],
}
"""What a page that tells a refusal is drawn for, whatever was asked for."""


class Readable:
    """An application whose problems are pages to who visits a page.

    What stands around the routes refuses before anybody knows who asks: the page shows nobody's
    name. A script of ours asks for a part of a page, and reads the problem itself. Each page is
    drawn once for all: nothing of the request that it answers may stand in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._drawn: dict[Hashable, Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if not _visits(scope):
            await self._app(scope, receive, send)
            return
        problem: Message | None = None
        body = bytearray()

        async def told(message: Message) -> None:
            nonlocal problem
            if message["type"] == "http.response.start" and _is_problem(message):
                problem = message
            elif problem is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    page = await self._page(scope, problem, json.loads(body))
                    await page(scope, receive, send)

        await self._app(scope, receive, told)

    async def _page(self, scope: Scope, start: Message, said: dict[str, Any]) -> Response:
        frame = await frame_of(Request(scope), Caller.nobody())
        status: int = start["status"]
        number = scope.get("state", {}).get("request_id", "") if said["code"] == FAULT.code else ""
        error = _error(start, said)
        wait = error.retry_after if isinstance(error, TooMany) else 0
        texts = error.code, error.sentence, error.note, error.hint
        key = (frame.language, frame.theme, status, number, wait, *texts)
        if key not in self._drawn:
            if len(self._drawn) >= _MOST:
                self._drawn.clear()
            plain = replace(frame, request=Request({**_PLAIN, "app": scope["app"]}))
            self._drawn[key] = plain.show(
                "error.html", status, error=error, request_id=number, part=False
            )
        drawn = self._drawn[key]
        answer = Response(drawn.body, status)
        further = [one for one in start["headers"] if one[0].lower() not in _OURS]
        answer.raw_headers = [*drawn.raw_headers, *further]
        return answer


def _visits(scope: Scope) -> bool:
    """Return whether somebody visits a page: by an address or a form, not by a script."""
    if scope["type"] != "http" or not scope["path"].startswith("/page/"):
        return False
    headers = Headers(scope=scope)
    return _HTML in headers.get("accept", "").lower() and "x-part" not in headers


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(MEDIA_TYPE)


def _error(start: Message, said: dict[str, Any]) -> WearwhyError:
    """Return the error that a problem tells of."""
    texts = {"note": said.get("note", ""), "hint": said.get("hint", "")}
    if start["status"] == 429:
        wait = float(Headers(raw=start["headers"]).get("retry-after", "1"))
        return TooMany(said["code"], said["title"], retry_after=wait, **texts)
    return Refused(said["code"], said["title"], start["status"], **texts)
