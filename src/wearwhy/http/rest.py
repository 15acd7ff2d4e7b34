"""What the routes of the REST interface share: parameters, versions, documents, problems."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from fastapi import Depends, Header, Query, Request
from starlette.responses import Response

from wearwhy.errors import Refused, UnknownName, ValueRefused
from wearwhy.http.models.wishes import WishBody
from wearwhy.http.problems import MEDIA_TYPE
from wearwhy.service.caller import Caller
from wearwhy.service.changing import How
from wearwhy.service.service import Service
from wearwhy.service.uploads.operations import events
from wearwhy.service.wishing import Wish

T = TypeVar("T")
Json: TypeAlias = dict[str, Any]
_TAG: Final = re.compile(r'(W/)?"r(\d{1,18})(?:-[^"]*)?"')
_VERSIONED: Final = "private, no-cache"

# -- parameters ----------------------------------------------------------------------------------

InWardrobe = Annotated[
    str | None,
    Query(alias="wardrobe", max_length=64, description="Which one; yours, if you have one only."),
]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="What the page before gave as `next`.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="Entries of a page.")]
Filter = Annotated[str | None, Query(max_length=500)]


def language(
    request: Request,
    lang: Annotated[
        Literal["en", "zh"] | None, Query(description="Of labels; else as Accept-Language says.")
    ] = None,
) -> str:
    """Return the language of an answer: the one asked for, the best accepted one, or English."""
    if lang is not None:
        return lang
    best, most = "en", 0.0
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        name = tag.partition("-")[0].strip().lower()
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        if name in ("en", "zh") and value > most:
            best, most = name, value
    return best


Lang = Annotated[str, Depends(language)]


def expected(
    if_match: Annotated[
        str | None,
        Header(
            max_length=1000,
            description="The ETag that the change is for: another one is 412.",
            examples=['"r17"'],
        ),
    ] = None,
) -> int | None:
    """Return the revision of a wardrobe that a change is for; None where none is named.

    Raises:
        ValueRefused: WW-HTTP-ETAG.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None or found[1]:
        raise ValueRefused(
            "WW-HTTP-ETAG",
            "If-Match names no revision.",
            note="It is one strong ETag, as an answer about the wardrobe carried it.",
            hint='Such as "r17".',
        )
    return int(found[2])


Expected = Annotated[int | None, Depends(expected)]
Preview = Annotated[
    bool, Query(description="Only look: answer what would change, and change nothing.")
]


def making(
    lang: Lang, expected: Expected, wardrobe: InWardrobe = None, preview: Preview = False
) -> How:
    """Return how a request wants a change to be made."""
    return How(wardrobe=wardrobe, preview=preview, expected=expected, lang=lang)


Making = Annotated[How, Depends(making)]


# -- problems ------------------------------------------------------------------------------------

_TOLD: Final[Mapping[int, str]] = {
    400: "What was sent is not understood, or refused.",
    401: "Nobody is signed in, or the key is not known.",
    403: "The key or the role is not for this.",
    404: "There is no such thing that you may see.",
    409: "Something else was quicker, or the request contradicts an earlier one.",
    412: "The wardrobe is at another revision than If-Match names.",
    415: "The body is of no media type that this takes.",
    413: "More was sent than is taken in one piece.",
    429: "Too many requests; Retry-After says when to go on.",
    503: "The service is busy or stopping; Retry-After says when to go on.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the documentation says of the problems that a route may answer."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _TOLD[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({400, 401, 403, 404, 429, 503, *statuses})
    }


ASKED: Final = problems()
CHANGED: Final = problems(409, 412, 413)


async def found(name: str, work: Awaitable[T]) -> T:
    """Return what work returns; the name that the path has is told as 404 if nothing has it.

    Args:
        name: that stands in the path: `item`, `topic` …
        work: looks it up.

    Raises:
        Refused: with the code of the unknown name.
    """
    try:
        return await work
    except UnknownName as error:
        codes = (f"WW-{name.upper()}-UNKNOWN", f"WW-{name.upper()}-NONE")
        if error.code not in codes:
            raise
        raise Refused(error.code, error.sentence, 404, note=error.note, hint=error.hint) from error


# -- answers -------------------------------------------------------------------------------------


def answer(
    document: object,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    media: str = "application/json",
) -> Response:
    """Return a document as JSON."""
    body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), status, headers=dict(headers or {}), media_type=media)


def versioned(
    request: Request, document: Json, lang: str = "en", *, variant: str | None = None
) -> Response:
    """Return a document about a wardrobe with its ETag; 304 where the client has it already.

    Args:
        request: whose If-None-Match counts.
        document: names the revision.
        lang: of its labels: another language is another representation.
        variant: what else the representation depends on.
    """
    tag = f'"r{document["revision"]}-{variant or lang}"'
    headers = {
        "ETag": tag,
        "Cache-Control": _VERSIONED,
        "Content-Language": lang,
        "Vary": "Accept-Language, Authorization, Cookie",
    }
    if _held(request, tag):
        return Response(status_code=304, headers=headers)
    return answer(document, headers=headers)


def _held(request: Request, tag: str) -> bool:
    said = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in said.split(",")[:50])


def changed(document: Json, how: How | None = None, *, created: str | None = None) -> Response:
    """Return what a change did, or what it would do.

    Args:
        document: of a revision, or of a difference.
        how: it was made; as usual, if None.
        created: the path of what was made; it is told with 201.
    """
    how = how or How()
    preview = how.get("preview", False)
    headers = {} if preview else {"ETag": f'"r{document["revision"]}"'}
    headers["Content-Language"] = how.get("lang", "en")
    if created is not None and not preview:
        return answer(document, 201, headers={**headers, "Location": created})
    return answer(document, headers=headers)


async def wished(service: Service, caller: Caller, body: WishBody) -> Wish:
    """Return what a body wishes for, with the entries of the calendar that it names.

    Raises:
        ValueRefused: WW-CALENDAR-DAY, a calendar without a day.
        UnknownName: WW-UPLOAD-NONE.
    """
    if not isinstance(body.calendar, str):
        return body.wish()
    if body.date is None:
        raise ValueRefused("WW-CALENDAR-DAY", "A calendar needs a day: say the date.")
    return body.wish(await service.run(events, caller, body.calendar, body.date))
