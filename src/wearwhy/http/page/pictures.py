"""Pictures of items and looks: photographs that were sent, else drawings."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from wearwhy.errors import UnknownName
from wearwhy.http.page.evidence import drawn
from wearwhy.http.page.figures import hanger, item_picture, look_picture
from wearwhy.http.page.frame import Looking
from wearwhy.http.page.route import pages
from wearwhy.service.caller import Caller
from wearwhy.service.items import item as item_document
from wearwhy.service.service import Service
from wearwhy.service.uploads import operations, photographs

SVG: Final = "image/svg+xml"
DEEPEST: Final = 6
WHOLE: Final = 2
"""Steps of the whole score that are drawn: it has a hundred terms and more."""
router = pages()


def picture_of(
    service: Service, caller: Caller, item: str, wardrobe: str | None
) -> tuple[bytes, str]:
    """Return the picture of an item and its media type: a photograph that was sent, or a drawing.

    What a table or RDF says of photographs is not opened: only what was sent as one is shown.

    Raises:
        UnknownName: WW-WARDROBE-NONE, WW-ITEM-UNKNOWN.
    """
    found = item_document(service, caller, item, wardrobe=wardrobe)
    said, own = found["photograph"], found["wardrobe"]
    if said and photographs.is_ours(said, own):
        return operations.photograph(service, caller, said.rpartition("/")[2], wardrobe=own)
    try:
        return item_picture(service, caller, item, own).encode(), SVG
    except UnknownName as error:
        if error.code != "WW-SILHOUETTE-NONE":
            raise
        return hanger().encode(), SVG


@router.get("/page/pictures/{item:path}")
async def item(frame: Looking, item: str) -> Response:
    """Return the picture of an item."""
    body, kind = await frame.run(picture_of, item, frame.wardrobe)
    return _picture(frame.request, body, kind)


@router.get("/page/looks/{look}/figure.svg")
async def figure(frame: Looking, look: str) -> Response:
    """Return somebody dressed in a look."""
    found = await frame.run(look_picture, look, frame.wardrobe)
    return _picture(frame.request, found.encode(), SVG)


@router.get("/page/looks/{look}/graph.svg")
async def graph(frame: Looking, look: str, term: str = "", depth: int = 2) -> Response:
    """Return what a term of a look, or its score, rests on as a picture, so many steps deep."""
    depth = min(DEEPEST if term else WHOLE, max(1, depth))
    found = await frame.slow(
        drawn, look, term, depth=depth, wardrobe=frame.wardrobe, language=frame.language
    )
    return _picture(frame.request, found.encode(), SVG)


def _picture(request: Request, body: bytes, kind: str) -> Response:
    """Return a picture for the one who asked: kept for a while, and shown as nothing else."""
    tag = f'"{sha256(body).hexdigest()[:20]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=300"
        if "r" in request.query_params
        else "private, no-cache",
        "Vary": "Cookie",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("If-None-Match") == tag:
        return Response(None, 304, headers=headers)
    return Response(body, media_type=kind, headers=headers)
