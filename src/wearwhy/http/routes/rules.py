"""The stylist's rules: read, checked as one types, previewed, applied."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from wearwhy.http.callers import Asking, Serving
from wearwhy.http.idempotent import Once
from wearwhy.http.models.changes import (
    ApplyBody,
    Changed,
    CheckBody,
    Checked,
    Difference,
    PreviewBody,
)
from wearwhy.http.models.lists import Rules, Topic
from wearwhy.http.rest import (
    ASKED,
    CHANGED,
    Expected,
    InWardrobe,
    Lang,
    answer,
    changed,
    found,
    versioned,
    wished,
)
from wearwhy.http.running import aside
from wearwhy.service import rulebook

router: Final = APIRouter(tags=["rules"], route_class=Once)


@router.get("/rules", response_model=Rules, responses=ASKED, summary="The rules in force")
async def listed(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    wardrobe: InWardrobe = None,
    what: Annotated[
        str | None, Query(max_length=500, description="A rule's name, or a topic.")
    ] = None,
) -> Response:
    """Answer the rules that hold in a wardrobe: bundled, everybody's and its own."""
    work = service.run(rulebook.rules, caller, what=what, wardrobe=wardrobe)
    return versioned(request, await found("rule", work))


@router.post("/rules", response_model=Changed, responses=CHANGED, summary="Apply a change of rules")
async def applied(
    *,
    service: Serving,
    caller: Asking,
    expected: Expected,
    body: ApplyBody,
    wardrobe: InWardrobe = None,
) -> Response:
    """Make a change of rules as one revision: a wardrobe's own, or with `admin` everybody's.

    With `preview`, only if it is exactly what that preview showed.
    """
    # Rules that do not end are found aside, where nobody waits for them.
    await aside(service, rulebook.tried, caller, body.change(), wardrobe=wardrobe)
    done = await service.run(
        rulebook.apply, caller, body.change(),
        expect=body.preview, expected=expected, wardrobe=wardrobe,
    )  # fmt: skip
    return changed(done)


@router.post(
    "/rules/preview", response_model=Difference, responses=CHANGED, summary="What it would change"
)
async def previewed(
    *, service: Serving, caller: Asking, lang: Lang, body: PreviewBody, wardrobe: InWardrobe = None
) -> Response:
    """Answer the facts and looks that a change of rules gains, loses and re-ranks; change nothing."""
    wish = None if body.request is None else await wished(service, caller, body.request)
    document = await aside(
        service, rulebook.preview, caller, body.change(), wish=wish, wardrobe=wardrobe, lang=lang
    )
    return answer(document, headers={"Content-Language": lang})


@router.post("/rules/check", response_model=Checked, responses=CHANGED, summary="Check a rule text")
async def checked(
    *, service: Serving, caller: Asking, body: CheckBody, wardrobe: InWardrobe = None
) -> Response:
    """Answer everything that is wrong with a rule text, each with its place, its law and a hint."""
    document = await aside(
        service, rulebook.check, caller, body.text, topic=body.topic, wardrobe=wardrobe
    )
    return answer(document)


@router.get("/rules/{topic:path}", response_model=Topic, responses=ASKED, summary="A rule file")
async def one(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    topic: Annotated[str, Path(max_length=500, examples=["colour"])],
    wardrobe: InWardrobe = None,
) -> Response:
    """Answer the text of a topic that is in force in a wardrobe, and whose it is."""
    work = service.run(rulebook.topic, caller, topic, wardrobe=wardrobe)
    return versioned(request, await found("topic", work))
