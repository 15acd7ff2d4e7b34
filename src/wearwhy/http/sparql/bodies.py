"""The documents in the body of a request to the Graph Store: one, or the parts of a form."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from wearwhy.errors import InputError, Refused
from wearwhy.http.sparql.media import GRAPHS, bare

MAX_PARTS: Final = 100
_MULTIPART: Final = "multipart/form-data"
Document = tuple[bytes, str]


async def documents(request: Request) -> list[Document]:
    """Return the documents of a body, at least one: each with its media type.

    Raises:
        Refused: WW-HTTP-MEDIA.
        InputError: WW-HTTP-MULTIPART.
    """
    media, _ = bare(request.headers.get("content-type", ""))
    multipart = media == _MULTIPART and request.method == "POST"
    if not multipart:
        _require_graph(request.headers.get("content-type", ""))
    body = await request.body()
    return await _parts(request, body) if multipart else [(body, media)]


async def _parts(request: Request, body: bytes) -> list[Document]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers,
        stream(),
        max_files=MAX_PARTS,
        max_fields=MAX_PARTS,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError, AssertionError) as error:
        raise InputError(
            "WW-HTTP-MULTIPART", "The body is no multipart form.", note=str(error)
        ) from None
    found = []
    try:
        for _, part in form.multi_items():
            if not isinstance(part, UploadFile):
                raise InputError(
                    "WW-HTTP-MULTIPART",
                    "A part of the form is a field, not a file.",
                    hint="Give each part a filename and a Content-Type.",
                )
            _require_graph(part.content_type or "")
            found.append((await part.read(), bare(part.content_type or "")[0]))
    finally:
        await form.close()
    if not found:
        raise InputError("WW-HTTP-MULTIPART", "The form has no part.")
    return found


def _require_graph(content_type: str) -> None:
    media, charset = bare(content_type)
    if media not in GRAPHS or charset not in ("", "utf-8", "utf8"):
        raise Refused(
            "WW-HTTP-MEDIA",
            f"A graph is not taken as {content_type[:100]}."
            if content_type
            else "The graph has no Content-Type.",
            415,
            note="Taken, in UTF-8: " + ", ".join(GRAPHS) + ".",
            headers={"accept": ", ".join(GRAPHS)},
        )
