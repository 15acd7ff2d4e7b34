"""Looks for a request, and why: recommendations, completions, explanations, why and why not."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import StringConstraints
from starlette.responses import Response

from wearwhy.errors import InputError
from wearwhy.http.callers import Asking, Serving
from wearwhy.http.models.wishes import (
    Compared,
    CompletionBody,
    Explanation,
    LookExplanation,
    Looks,
    RecommendationBody,
    Replayed,
    WhyNot,
    WhyNotBody,
)
from wearwhy.http.rest import ASKED, InWardrobe, Lang, answer, found, versioned, wished
from wearwhy.http.running import aside
from wearwhy.service import answering, looks, replaying
from wearwhy.service.looks import Form, Proof

router: Final = APIRouter(tags=["looks"])
Evidence = Annotated[
    bool, Query(description="With the whole evidence, as the command line: it takes seconds.")
]
Shown = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        description="The id of a look that was shown, or its place among those shown last.",
    ),
]
Word = Annotated[str, Query(min_length=1, max_length=500)]
_MEDIA: Final[dict[Form, str]] = {
    "turtle": "text/turtle; charset=utf-8; version=1.2",
    "mermaid": "text/vnd.mermaid; charset=utf-8",
    "svg": "image/svg+xml",
}


@router.post("/recommendations", response_model=Looks, responses=ASKED, summary="Recommend looks")
async def recommended(
    *,
    service: Serving,
    caller: Asking,
    lang: Lang,
    body: RecommendationBody,
    wardrobe: InWardrobe = None,
    evidence: Evidence = False,
) -> Response:
    """Answer looks for a request, each with the terms of its score and its reasons in words.

    Why a look, down to what somebody said, is at `/explanations/{id}`.
    """
    wish = await wished(service, caller, body)
    document = await answering.recommend(
        service, caller, wish, wardrobe=wardrobe, lang=lang, evidence=evidence
    )
    return answer(document, headers={"Content-Language": lang})


@router.post(
    "/completions", response_model=Looks, responses=ASKED, summary="Complete a partial outfit"
)
async def completed(
    *,
    service: Serving,
    caller: Asking,
    lang: Lang,
    body: CompletionBody,
    wardrobe: InWardrobe = None,
    evidence: Evidence = False,
) -> Response:
    """Answer for each empty slot the items that fit, best first: each as the look it makes."""
    wish = await wished(service, caller, body)
    document = await aside(service, looks.complete, caller, body.given, wish,
        slot=body.slot, wardrobe=wardrobe, lang=lang, evidence=evidence,
    )  # fmt: skip
    return answer(document, headers={"Content-Language": lang})


@router.get(
    "/explanations/{look}",
    response_model=LookExplanation,
    responses={
        **ASKED,
        200: {
            "description": "The evidence, as JSON or drawn.",
            "content": {media.partition(";")[0]: {} for media in _MEDIA.values()},
        },
    },
    summary="Why a look",
)
async def explained(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    look: Annotated[str, Path(max_length=200, description="The id of a look that was shown.")],
    wardrobe: InWardrobe = None,
    format: Annotated[Form | None, Query(description="Drawn, instead of JSON.")] = None,  # noqa: A002
    depth: Annotated[
        int | None, Query(ge=1, le=100, description="Of a picture: so many steps below the root.")
    ] = None,
) -> Response:
    """Answer the whole evidence of a look, from its score down to what somebody said."""
    if format is None:
        work = aside(service, looks.explain, caller, look, wardrobe=wardrobe, lang=lang)
        return versioned(request, await found("look", work), lang)
    text = await found(
        "look",
        aside(
            service, looks.drawn, caller, look, format, depth=depth, wardrobe=wardrobe, lang=lang
        ),
    )
    return Response(text, media_type=_MEDIA[format], headers={"Content-Language": lang})


@router.get("/why", response_model=Explanation, responses=ASKED, summary="Why a fact holds")
async def why(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    subject: Word,
    property: Word,  # noqa: A002
    value: Word,
    proof: Proof = "first",
    wardrobe: InWardrobe = None,
) -> Response:
    """Answer the proof of a fact, down to what somebody said or a model guessed."""
    document = await aside(
        service,
        looks.why,
        caller,
        subject,
        property,
        value,
        proof=proof,
        wardrobe=wardrobe,
        lang=lang,
    )
    return versioned(request, document, lang)


@router.post("/why-not", response_model=WhyNot, responses=ASKED, summary="Why not an item")
async def why_not(
    *, service: Serving, caller: Asking, lang: Lang, body: WhyNotBody, wardrobe: InWardrobe = None
) -> Response:
    """Answer why an item stands in no look, and the smallest change that would let it in.

    Of a fact that does not hold: which rules come nearest to it, and what they lack.
    """
    if (body.item is None) == (body.fact is None):
        raise InputError("WW-WHY-NOT-WHAT", "Say one of the two: an item, or a fact.")
    if body.fact is not None:
        document = await aside(
            service, looks.why_not_fact, caller, *body.fact, n=body.n, wardrobe=wardrobe
        )
        return answer(document)
    assert body.item is not None
    wish = await wished(service, caller, body)
    document = await aside(service, looks.why_not, caller, body.item, wish,
        given=body.given, slot=body.slot, exhaustive=body.exhaustive,
        wardrobe=wardrobe, lang=lang,
    )  # fmt: skip
    return answer(document, headers={"Content-Language": lang})


@router.get("/compare", response_model=Compared, responses=ASKED, summary="Compare two looks")
async def compared(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    lang: Lang,
    first: Shown,
    second: Shown,
    wardrobe: InWardrobe = None,
) -> Response:
    """Answer two looks held against each other: the differences of their terms add up."""
    work = aside(service, replaying.compare, caller, first, second, wardrobe=wardrobe, lang=lang)
    return versioned(request, await found("look", work), lang)


@router.get("/replay", response_model=Replayed, responses=ASKED, summary="Replay a look")
async def replayed(
    *,
    service: Serving,
    caller: Asking,
    lang: Lang,
    look: Shown,
    without: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=500)]],
        Query(
            max_length=50,
            description="Leave out embeddings, photos, guesses, walks, pairs, rules, comfort, "
            "taste, or a rule; may be given again.",
        ),
    ] = [],  # noqa: B006  # FastAPI copies it
    as_of: Annotated[
        int | None, Query(ge=0, lt=2**53, description="A revision of the history.")
    ] = None,
    wardrobe: InWardrobe = None,
) -> Response:
    """Answer a look as it is now, and what has changed against what was shown."""
    work = aside(
        service, replaying.replay, caller, look,
        without=tuple(without), as_of=as_of, wardrobe=wardrobe, lang=lang,
    )  # fmt: skip
    return answer(await found("look", work), headers={"Content-Language": lang})
