"""A change that is sent twice is made once: what a client names by `Idempotency-Key` is kept.

The header is of draft-ietf-httpapi-idempotency-key-header: a client that got no answer sends the
same request again with the same key, and gets the answer of the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from wearwhy.errors import Refused, ValueRefused, WearwhyError
from wearwhy.http.callers import caller_of, service_of
from wearwhy.http.problems import status_of
from wearwhy.service.idempotency import Answered

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255
_KEPT: Final = ("etag", "location", "content-language", "content-type")
_CHANGING: Final = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_NOT_BEGUN: Final = frozenset(("WW-BUSY", "WW-HTTP-BUSY", "WW-WORKER-START"))
"""Refusals of who has too much to do, to ask again: nothing was done."""
_PRINTABLE: Final = re.compile(r"[\t -~]+")
"""Blanks at the ends of a field are not of its value (RFC 9110, 5.5): within, they are."""
Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]


PARAMETER: Final[dict[str, Any]] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Of the client's choice, such as a UUID: sent again with the same key, the "
    "change is not made again, and the first answer is given. Kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[\\t -~]+$"},
}


class Once(APIRoute):
    """A route whose changes are made once for each key that a client gives."""

    def __init__(self, *args: Any, **given: Any) -> None:
        if _CHANGING & set(given.get("methods") or ()):
            given["openapi_extra"] = {
                "parameters": [PARAMETER],
                **(given.get("openapi_extra") or {}),
            }
        super().__init__(*args, **given)

    def get_route_handler(self) -> Handler:
        """Return the handler, which answers from what is kept where it can."""
        handler = super().get_route_handler()
        if not _CHANGING & set(self.methods or ()):
            return handler

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            return await handler(request) if key is None else await _once(request, key, handler)

        return once


async def _once(request: Request, key: str, handler: Handler) -> Response:
    if len(key) > LONGEST or not _PRINTABLE.fullmatch(key):
        raise ValueRefused(
            "WW-IDEMPOTENCY-KEY",
            f"An Idempotency-Key has 1 to {LONGEST} printable ASCII characters.",
            hint="A UUID will do.",
        )
    caller = await caller_of(request)
    kept = service_of(request).idempotency
    rights = " ".join(sorted(caller.scopes))
    whole = f"{rights} {request.method} {request.url.path}?{request.url.query}\n".encode()
    print_ = sha256(whole + await request.body()).hexdigest()
    found = kept.begin(caller.account, key, print_)
    if found is not None:
        if not found.body and "content-type" in found.headers:
            raise Refused(
                "WW-IDEMPOTENCY-FORGOTTEN",
                "The change was made; what was answered has been forgotten since.",
                HTTPStatus.CONFLICT,
                note="Somebody's forgetting takes all answers along that might have named them.",
                hint="Read what the change was about.",
            )
        headers = {**found.headers, "Idempotency-Replayed": "true"}
        return Response(found.body, found.status, headers=headers)
    try:
        response = await handler(request)
    except BaseException as error:
        if _refused(error):
            kept.drop(caller.account, key)
        else:
            kept.leave(caller.account, key)
        raise
    if isinstance(response, StreamingResponse) or response.status_code >= 400:
        kept.drop(caller.account, key)
        return response
    headers = {k: v for k, v in response.headers.items() if k.lower() in _KEPT}
    kept.keep(caller.account, key, Answered(response.status_code, headers, bytes(response.body)))
    return response


def _refused(error: BaseException) -> bool:
    """Return whether an error says that nothing was done; a fault or an interruption does not."""
    if isinstance(error, WearwhyError):
        return error.code in _NOT_BEGUN or 400 <= status_of(error) < 500
    return isinstance(error, HTTPException | RequestValidationError)
