"""`/uploads` and `/photographs`: files in, previewed, then applied as one revision."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from wearwhy.errors import FormatError, TooLarge
from wearwhy.http.callers import Asking, Serving
from wearwhy.http.models.lists import Task
from wearwhy.http.rest import expected
from wearwhy.http.running import aside
from wearwhy.service.uploads import later, operations
from wearwhy.service.uploads.limits import FORMS, LARGEST
from wearwhy.service.uploads.targets import Meant

router: Final = APIRouter(tags=["uploads"])

_PARTS: Final = 8
_FIELD: Final = 4 * 1024
"""Fields and bytes of each that a form may have beside its file."""
_ID: Final = Path(description="The id that sending it answered with.", max_length=64)
_WARDROBE: Final = Query(description="The wardrobe; by default your only one.", max_length=100)
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            **{form.media[0]: {"schema": {"type": "string", "format": "binary"}} for form in FORMS},
        },
    }
}


def _meant(
    mapping: Annotated[
        str | None,
        Query(description="How it is read: wardrobe, catalogue, shopify, rdf …", max_length=100),
    ] = None,
    into: Annotated[
        str | None, Query(description="catalogue:NAME, by who runs the service.", max_length=120)
    ] = None,
    item: Annotated[
        str | None, Query(description="The item that a photograph shows.", max_length=500)
    ] = None,
    wardrobe: Annotated[str | None, _WARDROBE] = None,
    name: Annotated[str, Query(description="What you call the file.", max_length=300)] = "",
) -> Meant:
    del name  # it is told to the documentation here, and read from the address
    return Meant(mapping, into, item, wardrobe)


@router.post(
    "/uploads",
    status_code=201,
    summary="Send a file",
    openapi_extra=_BODY,
    responses={202: {"description": "It is read as a task.", "model": Task}},
)
async def send(
    *,
    request: Request,
    response: Response,
    service: Serving,
    caller: Asking,
    meant: Annotated[Meant, Depends(_meant)],
    prefer: Annotated[
        str,
        Header(
            max_length=200,
            description="`respond-async` (RFC 7240): the file is read as a task, which may take "
            "ten minutes; it is answered with 202, and the file's document is the task's result.",
        ),
    ] = "",
) -> dict[str, Any]:
    """Read a table, RDF, a photograph or a calendar and say what is in it; nothing changes yet.

    It is waited for half a minute. A large file is better read as a task: `Prefer: respond-async`.
    """
    body, called, media = await _file(request)
    name = called or request.query_params.get("name", "")[:300]
    if "respond-async" in (one.partition(";")[0].strip().lower() for one in prefer.split(",")):
        task = await later.send(service, caller, body, name=name, media=media, meant=meant)
        response.status_code = 202
        response.headers["Location"] = f"/tasks/{task['id']}"
        response.headers["Preference-Applied"] = "respond-async"
        return task
    found = await operations.send(service, caller, body, name=name, media=media, meant=meant)
    response.headers["Location"] = f"/uploads/{found['id']}"
    return found


@router.get("/uploads", summary="What you have sent")
async def uploads(service: Serving, caller: Asking) -> dict[str, Any]:
    """Return what you have sent, the newest first."""
    return await service.run(operations.uploads, caller)


@router.get("/uploads/{id}", summary="One file that you have sent")
async def upload(
    service: Serving,
    caller: Asking,
    id: Annotated[str, _ID],  # noqa: A002  # the name that the path shows
) -> dict[str, Any]:
    """Return what was found in a file."""
    return await service.run(operations.upload, caller, id)


@router.delete("/uploads/{id}", summary="Withdraw a file")
async def withdraw(
    service: Serving,
    caller: Asking,
    id: Annotated[str, _ID],  # noqa: A002
) -> dict[str, Any]:
    """Throw away what was sent; what was applied stays applied."""
    return await service.run(operations.withdraw, caller, id)


@router.post("/uploads/{id}/preview", summary="What a file would change")
async def preview(
    service: Serving,
    caller: Asking,
    id: Annotated[str, _ID],  # noqa: A002
    lang: Annotated[str, Query(max_length=8)] = "en",
) -> dict[str, Any]:
    """Return the facts and looks that applying it would gain and lose."""
    found: dict[str, Any] = await aside(
        service, operations.apply, caller, id, preview=True, lang=lang
    )
    return found


@router.post("/uploads/{id}/apply", summary="Apply a file")
async def apply(
    request: Request,
    service: Serving,
    caller: Asking,
    id: Annotated[str, _ID],  # noqa: A002
) -> dict[str, Any]:
    """Make one revision of what was sent; with If-Match, only at the revision that it names."""
    at = expected(request.headers.get("If-Match"))
    await aside(service, operations.tried, caller, id)  # what has no end is found aside
    return await service.run(operations.apply, caller, id, expected=at)


@router.get("/uploads/{id}/entries", summary="A day of a calendar that you have sent")
async def entries(
    service: Serving,
    caller: Asking,
    id: Annotated[str, _ID],  # noqa: A002
    on: Annotated[date, Query(description="The day.")],
) -> dict[str, Any]:
    """Return the entries of a day."""
    found = await service.run(operations.events, caller, id, on)
    return {
        "on": on.isoformat(),
        "entries": [
            {
                "summary": one.summary,
                "location": one.location,
                "start": one.start.isoformat() if one.start else None,
                "end": one.end.isoformat() if one.end else None,
            }
            for one in found
        ],
    }


@router.get(
    "/photographs/{name}",
    summary="A photograph of an item",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "image/png": {}}}},
)
async def photograph(
    service: Serving,
    caller: Asking,
    name: Annotated[str, Path(description="Its name, as the item says it.", max_length=64)],
    wardrobe: Annotated[str | None, _WARDROBE] = None,
) -> Response:
    """Return a photograph that was sent to a wardrobe which you may see."""
    data, media = await service.run(operations.photograph, caller, name, wardrobe=wardrobe)
    headers = {
        # The name is never used twice; who signs out must not leave it to the next one, though.
        "Cache-Control": "private, max-age=3600",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": f'inline; filename="photograph{media.replace("image/", ".")}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=media, headers=headers)


async def _file(request: Request) -> tuple[bytes, str, str]:
    """Return the bytes of a body's file, its name and its media type.

    Raises:
        TooLarge: WW-UPLOAD-SIZE, as soon as there is more than any file may have.
        FormatError: WW-UPLOAD-FORM.
    """
    media = request.headers.get("Content-Type", "")
    if media.partition(";")[0].strip().lower() != "multipart/form-data":
        return await _bounded(request), "", media
    try:
        form = await request.form(max_files=1, max_fields=_PARTS, max_part_size=_FIELD)
    except (HTTPException, KeyError, ValueError) as error:
        raise _no_form(type(error).__name__) from error
    try:
        found = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not found:
            raise _no_form("It has no part with a file name.")
        return await found[0].read(), found[0].filename or "", found[0].content_type or ""
    finally:
        await form.close()


def _no_form(why: str) -> FormatError:
    return FormatError(
        "WW-UPLOAD-FORM",
        "The form cannot be read.",
        note=why,
        hint="Send multipart/form-data with one part `file`, or the file itself as the body.",
    )


async def _bounded(request: Request) -> bytes:
    pieces, seen = [], 0
    async for piece in request.stream():
        seen += len(piece)
        if seen > LARGEST:
            raise TooLarge(
                "WW-UPLOAD-SIZE",
                f"The file has more than {LARGEST:,} bytes.",
                hint="Split it, or save it smaller.",
            )
        pieces.append(piece)
    return b"".join(pieces)
