"""The documentation as pages, and what an error code means; nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from wearwhy.errors import Refused, UnknownName
from wearwhy.http.documentation import pages

router: Final = APIRouter(include_in_schema=False)
_KEPT: Final = {"Cache-Control": "public, max-age=3600"}


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Answer the OpenAPI document as a page, which is made once."""
    state = request.app.state
    if not hasattr(state, "documentation"):
        state.documentation = pages.page(request.app.openapi())
    return HTMLResponse(state.documentation, headers=_KEPT)


@router.get("/openapi.json")
async def document(request: Request) -> Response:
    """Answer the OpenAPI document, which is made once: whoever asks costs next to nothing."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        state.openapi = JSONResponse(request.app.openapi()).body
    return Response(state.openapi, media_type="application/json")


@router.get("/docs/docs.css")
async def style() -> Response:
    """Answer the style of the pages."""
    return FileResponse(pages.STYLE, media_type="text/css", headers=_KEPT)


@router.get("/errors/{code}")
async def code(code: Annotated[str, Path(max_length=100)]) -> Response:
    """Answer what an error code means: the law behind it, what is wrong and what is right."""
    try:
        return HTMLResponse(pages.error_page(code), headers=_KEPT)
    except UnknownName as error:
        raise Refused(error.code, error.sentence, 404, hint=error.hint) from error
