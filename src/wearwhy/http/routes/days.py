"""A wearer's days: feedback of what was worn, washed and liked; and who dresses."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from wearwhy.http.callers import Asking, Serving
from wearwhy.http.idempotent import Once
from wearwhy.http.models.changes import Changed, Difference, FeedbackBody, WearerBody
from wearwhy.http.models.lists import Events, Wearers
from wearwhy.http.rest import (
    ASKED,
    CHANGED,
    Cursor,
    InWardrobe,
    Lang,
    Limit,
    Making,
    changed,
    found,
    versioned,
)
from wearwhy.http.running import change
from wearwhy.service import feedback, wearers

router: Final = APIRouter(route_class=Once)
Who = Annotated[str, Path(max_length=500, description="An id, an IRI or a name.")]


@router.get(
    "/feedback",
    response_model=Events,
    responses=ASKED,
    tags=["feedback"],
    summary="What was recorded",
)
async def events(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    wardrobe: InWardrobe = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Answer a page of what was worn, washed, liked …, newest day first."""
    document = await service.run(
        feedback.events, caller, cursor=cursor, limit=limit, wardrobe=wardrobe, lang=lang
    )
    return versioned(request, document, lang)


@router.post(
    "/feedback",
    response_model=Changed | Difference,
    responses=CHANGED,
    tags=["feedback"],
    summary="Record what was worn, washed, liked …",
)
async def recorded(
    *,
    service: Serving,
    caller: Asking,
    body: FeedbackBody,
    how: Making,
) -> Response:
    """Record one of wore, wash, like, dislike, view and skip, as one revision."""
    done = await change(
        service,
        feedback.record,
        caller,
        body.verb,
        body.things,
        look=body.look,
        on=body.date,
        occasions=body.occasions,
        strength=body.strength,
        wearer=body.wearer,
        how=how,
    )
    return changed(done, how)


@router.get(
    "/wearers", response_model=Wearers, responses=ASKED, tags=["wearers"], summary="Who dresses"
)
async def everybody(
    *, request: Request, service: Serving, caller: Asking, wardrobe: InWardrobe = None
) -> Response:
    """Answer what is said of everybody: sizes, coverage, warmth, what they avoid."""
    return versioned(request, await service.run(wearers.wearers, caller, wardrobe=wardrobe))


@router.get(
    "/wearers/{who:path}",
    response_model=Wearers,
    responses=ASKED,
    tags=["wearers"],
    summary="One wearer",
)
async def one(
    *, request: Request, service: Serving, caller: Asking, who: Who, wardrobe: InWardrobe = None
) -> Response:
    """Answer what is said of one wearer."""
    work = service.run(wearers.wearers, caller, who=who, wardrobe=wardrobe)
    return versioned(request, await found("wearer", work))


@router.patch(
    "/wearers/{who:path}",
    response_model=Changed | Difference,
    responses=CHANGED,
    tags=["wearers"],
    summary="Say something of a wearer",
)
async def said(
    *,
    service: Serving,
    caller: Asking,
    who: Who,
    body: WearerBody,
    how: Making,
) -> Response:
    """Say something of a wearer; one whom nobody knows yet is made."""
    done = await change(service, wearers.say, caller, who, body.said(), how=how)
    return changed(done, how)


@router.delete(
    "/wearers/{who:path}",
    response_model=Changed | Difference,
    responses=CHANGED,
    tags=["wearers"],
    summary="Take back what is said of a wearer",
)
async def forgotten(
    *,
    service: Serving,
    caller: Asking,
    who: Who,
    how: Making,
) -> Response:
    """Take back everything that was said of a wearer."""
    work = change(service, wearers.forget, caller, who, how=how)
    return changed(await found("wearer", work), how)
