"""What every endpoint here does with what it was asked and what it found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from wearwhy.errors import InputError, Refused
from wearwhy.http.callers import caller_of, has_session
from wearwhy.http.sparql.media import content_type, graph_choice
from wearwhy.service.caller import Caller
from wearwhy.service.sparql import Changed

VARY: Final = "Accept, Authorization, Cookie"
_REVISION: Final = re.compile(r'\s*(?:W/)?"([0-9]{1,18})(?:-[a-z-]+)?"\s*')


async def asking(request: Request) -> Caller:
    """Return who asks, and leave the request's body to be read after that.

    Raises:
        NotSignedIn, NotAllowed, TooMany: as `http.callers` says.
    """
    if has_session(request):
        await request.body()  # kept with the request: a form's field may hold the session's token
    return await caller_of(request)


def not_acceptable(offered: Mapping[str, str]) -> Refused:
    """Return the error for an Accept header that names nothing of what is offered."""
    return Refused(
        "WW-HTTP-ACCEPT",
        "The Accept header names no form that this answer has.",
        406,
        note="It has: " + ", ".join(offered) + ".",
        hint="Name one of them, or */*.",
    )


def acceptable_graph(request: Request, offered: Mapping[str, str]) -> str:
    """Return the media type in which a client wants a graph.

    Raises:
        Refused: WW-HTTP-ACCEPT.
    """
    media = graph_choice(request.headers.get("accept", ""))
    if media is None:
        raise not_acceptable(offered)
    return media


def sent(
    request: Request, body: bytes, media: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response with a body; to HEAD, the same without it."""
    fields = {"vary": VARY, "content-type": content_type(media), **(headers or {})}
    if request.method == "HEAD":
        return Response(None, headers={**fields, "content-length": str(len(body))})
    return Response(body, headers=fields)


def etag(revision: int, form: str) -> str:
    """Return the entity tag of what a revision says in a format."""
    return f'"{revision}-{form}"'


def is_held(request: Request, tag: str) -> bool:
    """Return whether If-None-Match names an entity tag, as a proxy may have weakened it, or any."""
    said = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in said.split(",")[:50])


def wants_new(request: Request) -> bool:
    """Return whether a change is only to make what is not there yet: `If-None-Match: *`."""
    return request.headers.get("if-none-match", "").strip() == "*"


def expected_revision(request: Request) -> int | None:
    """Return the revision that If-Match names; None where it is not sent, or `*`.

    Raises:
        InputError: WW-HTTP-CONDITION, where it is not an entity tag of this service.
    """
    value = request.headers.get("if-match")
    if value is None or value.strip() == "*":
        return None
    found = _REVISION.fullmatch(value)
    if found is None:
        raise InputError(
            "WW-HTTP-CONDITION",
            "If-Match holds no entity tag of this service.",
            hint="Send the ETag of what you read, or leave the field out.",
        )
    return int(found[1])


def changed_headers(done: Changed) -> dict[str, str]:
    """Return what a response to a change says of it beside its status."""
    return {
        "etag": f'"{done.revision}"',
        "ww-added": str(done.added),
        "ww-removed": str(done.removed),
    }
