"""The items of a wardrobe, and the words that describe them."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from wearwhy.http.callers import Asking, Serving
from wearwhy.http.idempotent import Once
from wearwhy.http.models.changes import Changed, CorrectionBody, Difference, ItemBody
from wearwhy.http.models.lists import Items, OneItem, Validation, Vocabulary
from wearwhy.http.rest import (
    ASKED,
    CHANGED,
    Cursor,
    Filter,
    InWardrobe,
    Lang,
    Limit,
    Making,
    changed,
    found,
    versioned,
)
from wearwhy.http.running import aside, change
from wearwhy.service import items, replaying, vocabulary

router: Final = APIRouter(tags=["items"], route_class=Once)
Name = Annotated[
    str,
    Path(max_length=500, description="An id, an IRI or a name.", examples=["w03"]),
]
Source = Annotated[str, Query(max_length=100, description="owned, or catalogue:NAME")]


@router.get("/items", response_model=Items, responses=ASKED, summary="The items of a wardrobe")
async def listed(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    wardrobe: InWardrobe = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    kind: Filter = None,
    slot: Filter = None,
    text: Filter = None,
    source: Source = "owned",
    whole: Annotated[bool, Query(description="With what rules conclude of them, too.")] = False,
) -> Response:
    """Answer a page of items, with what is known of each and from where."""
    document = await service.run(
        items.items, caller, cursor=cursor, limit=limit, kind=kind, slot=slot, text=text,
        source=source, whole=whole, wardrobe=wardrobe, lang=lang,
    )  # fmt: skip
    return versioned(request, document, lang)


@router.post(
    "/items",
    status_code=201,
    response_model=Changed | Difference,
    responses={**CHANGED, 200: {"model": Difference, "description": "What it would change."}},
    summary="Add an item",
)
async def added(
    *,
    service: Serving,
    caller: Asking,
    body: ItemBody,
    how: Making,
) -> Response:
    """Add an item; its id is made of its name."""
    done = await change(service, items.add, caller, body.type, body.name, body.pairs(), how=how)
    place = f"/items/{quote(done['item'], safe='')}"
    return changed(done, how, created=place)


@router.get("/items/{item:path}", response_model=OneItem, responses=ASKED, summary="One item")
async def one(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    item: Name,
    wardrobe: InWardrobe = None,
) -> Response:
    """Answer one item, with what is known of it and from where."""
    work = service.run(items.item, caller, item, wardrobe=wardrobe, lang=lang)
    return versioned(request, await found("item", work), lang)


@router.patch(
    "/items/{item:path}",
    response_model=Changed | Difference,
    responses=CHANGED,
    summary="Correct an item",
)
async def corrected(
    *,
    service: Serving,
    caller: Asking,
    item: Name,
    body: CorrectionBody,
    how: Making,
) -> Response:
    """Say what the values of properties are, in place of what was said before: one revision."""
    work = change(service, items.correct, caller, item, body.values, how=how)
    return changed(await found("item", work), how)


@router.delete(
    "/items/{item:path}",
    response_model=Changed | Difference,
    responses=CHANGED,
    summary="Take an item out",
)
async def removed(
    *,
    service: Serving,
    caller: Asking,
    item: Name,
    how: Making,
) -> Response:
    """Take an item out of the wardrobe; what it was worn with stays on record."""
    work = change(service, items.remove, caller, item, how=how)
    return changed(await found("item", work), how)


@router.get(
    "/vocabulary", response_model=Vocabulary, responses=ASKED, summary="The words of the ontology"
)
async def words(
    *, request: Request, service: Serving, caller: Asking, lang: Lang, wardrobe: InWardrobe = None
) -> Response:
    """Answer what forms offer: kinds of garment, properties and values, occasions, slots and so on."""
    document = await service.run(vocabulary.vocabulary, caller, wardrobe=wardrobe, lang=lang)
    return versioned(request, document, lang)


@router.get(
    "/validation", response_model=Validation, responses=ASKED, summary="Check a wardrobe's shape"
)
async def validated(
    *, request: Request, service: Serving, caller: Asking, lang: Lang, wardrobe: InWardrobe = None
) -> Response:
    """Answer what of the items, outfits and events breaks a shape, each in a sentence."""
    document = await aside(service, replaying.validate, caller, wardrobe=wardrobe, lang=lang)
    return versioned(request, document, lang)
