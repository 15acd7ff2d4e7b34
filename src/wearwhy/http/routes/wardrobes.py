"""Wardrobes: those that may be seen, a new one, and one that is given up."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from wearwhy.http.callers import Asking, Serving
from wearwhy.http.idempotent import Once
from wearwhy.http.models.changes import Changed, WardrobeBody
from wearwhy.http.models.lists import Wardrobe, Wardrobes
from wearwhy.http.rest import ASKED, CHANGED, Expected, answer, changed, versioned
from wearwhy.service import wardrobes

router: Final = APIRouter(tags=["wardrobes"], route_class=Once)
Name = Annotated[str, Path(min_length=1, max_length=64, examples=["mine"])]


@router.get("/wardrobes", response_model=Wardrobes, responses=ASKED, summary="Your wardrobes")
async def listed(*, service: Serving, caller: Asking) -> Response:
    """Answer the wardrobes that you may see, with your role in each."""
    return answer(await service.run(wardrobes.wardrobes, caller))


@router.post(
    "/wardrobes",
    status_code=201,
    response_model=Changed,
    responses=CHANGED,
    summary="Make a wardrobe",
)
async def made(*, service: Serving, caller: Asking, body: WardrobeBody) -> Response:
    """Make a wardrobe of your own, empty."""
    done = await service.run(wardrobes.create, caller, body.name, label=body.label)
    return changed(done, created=f"/wardrobes/{body.name}")


@router.get("/wardrobes/{name}", response_model=Wardrobe, responses=ASKED, summary="One wardrobe")
async def one(*, request: Request, service: Serving, caller: Asking, name: Name) -> Response:
    """Answer what there is of one wardrobe."""
    found = await service.run(wardrobes.wardrobe, caller, name)
    return versioned(request, found, variant=found["role"])


@router.delete(
    "/wardrobes/{name}", response_model=Changed, responses=CHANGED, summary="Give up a wardrobe"
)
async def gone(*, service: Serving, caller: Asking, name: Name, expected: Expected) -> Response:
    """Remove a wardrobe that is yours, with all that it holds."""
    return answer(await service.run(wardrobes.remove, caller, name, expected=expected))
