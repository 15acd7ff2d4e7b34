"""How the server is: whether it runs, whether it can answer, and its figures."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wearwhy.http import metrics
from wearwhy.http.security import is_near

router: Final = APIRouter(tags=["operation"])


@router.get("/healthz", summary="Whether the process runs")
async def healthz() -> dict[str, str]:
    """Answer that the process takes requests; it says nothing of what stands behind it."""
    return {"status": "ok"}


@router.get("/readyz", summary="Whether requests can be answered")
async def readyz(request: Request) -> Response:
    """Answer 200 where all parts are ready, else 503, and which are."""
    parts = request.app.state.readiness.parts()
    ready = all(parts.values())
    return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)


@router.get("/metrics", summary="Figures, as Prometheus reads them", include_in_schema=False)
async def figures(request: Request) -> Response:
    """Answer the figures, to whom the configuration lets read them; to others as if not there."""
    who = request.app.state.configuration.metrics
    if who == "off" or (who == "loopback" and not is_near(request.scope)):
        raise HTTPException(404)
    return Response(request.app.state.metrics.text(), media_type=metrics.MEDIA_TYPE)
