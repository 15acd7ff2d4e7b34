"""What was changed, and taking it back; what was guessed, and deciding it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from wearwhy.http.callers import Asking, Serving
from wearwhy.http.idempotent import Once
from wearwhy.http.models.changes import Changed, Difference, GuessBody
from wearwhy.http.models.lists import Predictions, Revision, Revisions
from wearwhy.http.rest import (
    ASKED,
    CHANGED,
    Cursor,
    InWardrobe,
    Lang,
    Limit,
    Making,
    answer,
    changed,
    found,
    versioned,
)
from wearwhy.http.running import change
from wearwhy.service import guessing, revising

router: Final = APIRouter(route_class=Once)


@router.get(
    "/revisions",
    response_model=Revisions,
    responses=ASKED,
    tags=["revisions"],
    summary="The history of a wardrobe",
)
async def revisions(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    wardrobe: InWardrobe = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Answer a page of the changes of a wardrobe, newest first."""
    document = await service.run(
        revising.revisions, caller, cursor=cursor, limit=limit, wardrobe=wardrobe
    )
    return versioned(request, document)


@router.get(
    "/revisions/{number}",
    response_model=Revision,
    responses=ASKED,
    tags=["revisions"],
    summary="One change",
)
async def revision(
    *,
    service: Serving,
    caller: Asking,
    number: Annotated[int, Path(ge=1, lt=2**53)],
    wardrobe: InWardrobe = None,
) -> Response:
    """Answer one change, with what it added and removed as N-Quads."""
    work = service.run(revising.revision, caller, number, wardrobe=wardrobe)
    return answer(await found("revision", work))


@router.post(
    "/revisions/undo",
    response_model=Changed | Difference,
    responses=CHANGED,
    tags=["revisions"],
    summary="Take back the newest change",
)
async def undone(
    *,
    service: Serving,
    caller: Asking,
    how: Making,
) -> Response:
    """Take back the newest change of the wardrobe that stands, as a new revision."""
    done = await change(service, revising.undo, caller, how=how)
    return changed(done, how)


@router.get(
    "/predictions",
    response_model=Predictions,
    responses=ASKED,
    tags=["predictions"],
    summary="What was guessed",
)
async def predictions(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    wardrobe: InWardrobe = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    """Answer a page of guesses, the least certain first."""
    document = await service.run(
        guessing.predictions, caller, cursor=cursor, limit=limit, wardrobe=wardrobe, lang=lang
    )
    return versioned(request, document, lang)


@router.post(
    "/predictions/confirm",
    response_model=Changed | Difference,
    responses=CHANGED,
    tags=["predictions"],
    summary="Confirm a guess",
)
async def confirmed(
    *,
    service: Serving,
    caller: Asking,
    body: GuessBody,
    how: Making,
) -> Response:
    """Make a guess an asserted fact; `follows` says what is surer, or of another kind, by it."""
    done = await change(
        service, guessing.confirm, caller, body.item, body.property, body.value, how=how
    )
    return changed(done, how)


@router.post(
    "/predictions/reject",
    response_model=Changed | Difference,
    responses=CHANGED,
    tags=["predictions"],
    summary="Reject a guess",
)
async def rejected(
    *,
    service: Serving,
    caller: Asking,
    body: GuessBody,
    how: Making,
) -> Response:
    """Deny a guess and retract what followed from it; no model proposes it again."""
    done = await change(
        service, guessing.reject, caller, body.item, body.property, body.value, how=how
    )
    return changed(done, how)
