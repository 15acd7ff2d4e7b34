"""Errors as problems: RFC 9457 documents with the codes of the engine's own errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from wearwhy.errors import (
    DiskFull,
    InputError,
    Locked,
    Moved,
    NoAnswer,
    NotAllowed,
    NotInstalled,
    NotSignedIn,
    QueryError,
    Refused,
    RuleError,
    TooLarge,
    TooMany,
    Unavailable,
    WearwhyError,
)
from wearwhy.service.inputs import hint_of, wrongs

MEDIA_TYPE: Final = "application/problem+json"
Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
_LOG: Final = logging.getLogger("wearwhy.http")
_STATUS: Final[tuple[tuple[type[WearwhyError], int], ...]] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (TooMany, 429),
    (TooLarge, 413),
    (Unavailable, 503),
    (Locked, 503),
    (DiskFull, 507),
    (Moved, 409),
    (NoAnswer, 404),
    (NotInstalled, 501),
    (QueryError, 400),
    (RuleError, 400),
    (InputError, 400),
)
"""The first class that an error is of decides; any other is a fault of ours: 500."""
_BY_CODE: Final[Mapping[str, int]] = {
    # Names of resources: not to be found, where other unknown names are bad input.
    "WW-WARDROBE-NONE": 404,
    "WW-LOOK-UNKNOWN": 404,
    "WW-GRAPH-NONE": 404,
    "WW-ACCOUNT-UNKNOWN": 404,
    "WW-INVITATION-UNKNOWN": 404,
    "WW-KEY-UNKNOWN": 404,
    "WW-MEMBER-UNKNOWN": 404,
    "WW-REVISION-NONE": 404,
    "WW-SESSION-UNKNOWN": 404,
    "WW-UPLOAD-NONE": 404,
    "WW-PHOTOGRAPH-NONE": 404,
    "WW-UPLOAD-KIND": 415,
    "WW-UPLOAD-UNLIKE": 415,
    "WW-ACCOUNT-EXISTS": 409,
    "WW-ACCOUNT-LAST": 409,
    "WW-ITEM-EXISTS": 409,
    "WW-WARDROBE-EXISTS": 409,
    "WW-GRAPH-READ-ONLY": 403,
    "WW-QUERY-ACCEPT": 406,
    "WW-HTTP-ACCEPT": 406,
    "WW-HTTP-MEDIA": 415,
    "WW-RDF-FORMAT": 415,
    "WW-HTTP-METHOD": 405,
    "WW-HTTP-CONDITION": 412,
    # What is given up as too much is refused, as what takes too much memory is: the same again
    # would end the same way. 503 says that the server is busy or stopping.
    "WW-SERVICE-TIME": 413,
}
"""Codes that decide by themselves."""


FAULT: Final = WearwhyError(
    "WW-INTERNAL",
    "Something went wrong that should not.",
    note="Nothing is half done: a change is made whole or not at all.",
    hint="Tell whoever runs this server the request's id.",
)


def status_of(error: WearwhyError) -> int:
    """Return the HTTP status that an error is told with."""
    if isinstance(error, Refused):
        return error.status
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_of(
    request: Request, error: WearwhyError, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error as the problem document of a request, with further headers."""
    response = problem(request.scope, error)
    response.headers.update(headers or {})
    return response


def problem(scope: Scope, error: WearwhyError, **more: object) -> Response:
    """Return an error as a problem document.

    A fault of ours is logged whole and told without a word of what it was.

    Args:
        scope: of the request; its state is told the code, for the log and the figures.
        error: what went wrong.
        more: further members of the document.
    """
    status = status_of(error)
    if status == 500 and error.code != FAULT.code:
        _LOG.error("fault", exc_info=error, extra={"code": error.code})
        error = FAULT
    if isinstance(error, Moved) and any(name == b"if-match" for name, _ in scope["headers"]):
        status = 412
    state = scope.setdefault("state", {})
    state["problem"] = error.code
    said: dict[str, object] = {
        "type": f"/errors/{error.code}",
        "title": error.sentence,
        "status": status,
        "code": error.code,
    }
    if error.note:
        said["detail"] = error.note
    said |= {key: text for key, text in (("note", error.note), ("hint", error.hint)) if text}
    if error.place is not None:
        place = error.place
        said["place"] = {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "end": place.end,
        }
    if "request_id" in state:
        said["instance"] = f"urn:uuid:{state['request_id']}"
    return JSONResponse(said | more, status, headers=_headers(error, status), media_type=MEDIA_TYPE)


def _headers(error: WearwhyError, status: int) -> dict[str, str]:
    headers = dict(error.headers) if isinstance(error, Refused) else {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    elif status == 503:
        headers.setdefault("Retry-After", "1")
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="wearwhy"'
    return headers


async def told(request: Request, error: Exception) -> Response:
    """Return one of the engine's errors as a problem; for `add_exception_handler`."""
    assert isinstance(error, WearwhyError)
    return problem_of(request, error)


async def told_status(request: Request, error: Exception) -> Response:
    """Return what the router refuses as a problem: no such path, no such method."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, WearwhyError):  # what reading the body met, wrapped on its way
        return problem_of(request, error.__cause__)
    if error.status_code in _ROUTED:
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_allowed(request))
        return problem_of(request, _ROUTED[error.status_code], headers=headers)
    refused = Refused(
        "WW-HTTP-REFUSED",
        f"{HTTPStatus(error.status_code).phrase}.",
        error.status_code,
        headers=error.headers,
    )
    return problem_of(request, refused)


def _allowed(request: Request) -> list[str]:
    """Return the methods that any route of a path takes: the router tells those of one only."""
    routes: list[BaseRoute] = request.app.router.routes
    asked = {**request.scope, "path_params": {}}
    return [
        method
        for method in _METHODS
        if any(route.matches({**asked, "method": method})[0] is Match.FULL for route in routes)
    ]


_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
_ROUTED: Final[Mapping[int, Refused]] = {
    400: Refused(
        "WW-HTTP-BODY-WRONG",
        "The request's body cannot be read.",
        400,
        hint="/docs shows what each request takes.",
    ),
    404: Refused(
        "WW-HTTP-PATH", "There is nothing at this path.", 404, hint="/docs lists what there is."
    ),
    405: Refused(
        "WW-HTTP-METHOD", "This path does not take that method.", 405, hint="See the header Allow."
    ),
}


async def told_input(request: Request, error: Exception) -> Response:
    """Return what a request's parameters or body lack as a problem, each with its place."""
    assert isinstance(error, RequestValidationError)
    found = wrongs(error.errors(), _shape(request), outer=1)
    wrong = [{key: text for key, text in asdict(one).items() if text} for one in found]
    refused = Refused(
        "WW-HTTP-INPUT",
        "The request does not say what is needed.",
        400,
        note=str(found[0]) if found else "the request: it cannot be read",
        hint=hint_of(found) or "/docs shows what each request takes.",
    )
    return problem(request.scope, refused, errors=wrong)


def _shape(request: Request) -> object:
    """Return the model of the body that a request's route takes; None, where it takes none."""
    body = getattr(request.scope.get("route"), "body_field", None)
    return None if body is None else body.field_info.annotation


async def told_fault(request: Request, error: Exception) -> Response:
    """Return what nobody foresaw as a problem that says nothing of it; whoever catches it logs it."""
    return problem(request.scope, error if isinstance(error, WearwhyError) else FAULT)


HANDLERS: Final[Mapping[int | type[Exception], Handler]] = {
    WearwhyError: told,
    HTTPException: told_status,
    RequestValidationError: told_input,
    Exception: told_fault,
}
"""For every application of ours: each kind of error with what tells it."""
