"""What `POST /recommendations` answers: looks with their reasons, the evidence left for later.

A document is kept, and dropped by exactly the changes that touch what it says: it stands for its
wishes in a wardrobe, in a language.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from wearwhy.explain.document import request_json, shortages_json
from wearwhy.explain.lean import look_json, outlined
from wearwhy.explain.naming import Templates
from wearwhy.explain.sentences import read
from wearwhy.outfit.compose import Recommendation
from wearwhy.outfit.day import Day, dress_day, together
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rules.collecting import without_collecting
from wearwhy.rules.layer import Layer
from wearwhy.settings import assets
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.outfits import forced_json

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

Json = dict[str, Any]


def lean(
    workspace: Workspace, wishes: Wishes, name: str | None = None, language: str = "en"
) -> Json:
    """Return looks for wishes, with reasons and without evidence, and keep them for `why`.

    It is `recommend --json` less its `proof`, and of each term less what its evidence says; a
    look's labels are left out too.

    Args:
        workspace: open.
        wishes: in words.
        name: the wardrobe.
        language: of labels; reasons are given in every language.

    Returns:
        A document that is kept: it is copied before it is changed.

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
        NoAnswer: WW-LOOK-NONE, saying what is lacking.
    """
    asked = workspace.ask(wishes, name)
    meant = workspace.meant(name)
    whole = together(asked.requests) if len(asked.requests) > 1 else asked.requests[0]

    def made(layer: Layer, _: Request, resources: Resources) -> tuple[Json, list[list[Look]]]:
        day = dress_day(layer, asked.requests, resources)
        return _document(day, whole, resources, language), _looks(day)

    with without_collecting():
        document, looks = workspace.answers.of(
            ("lean", language, asked.requests),
            whole,
            workspace.resources,
            wardrobe=meant,
            layer=lambda: workspace.layer(name),
            make=made,
        )
    workspace.remember(looks, name)
    found = {**document, "revision": workspace.revision}
    if asked.unrecognised:
        found["unrecognised"] = list(asked.unrecognised)
    return found


@cache
def _sentences() -> Templates:
    return read(assets() / "kg" / "sentences.toml")


def _looks(day: Day) -> list[list[Look]]:
    found = (day.whole, *day.parts)
    return [list(one.looks) for one in found if one is not None]


def _document(day: Day, whole: Request, resources: Resources, language: str) -> Json:
    parts = day.parts if day.whole is None else (day.whole,)
    told = [_part(one, resources, language) for one in parts]
    found: Json = {"revision": 0, "request": request_json(whole)}
    if len(parts) > 1:
        found["looks"] = [
            {**look, "part": one.request.part_of_day.value if one.request.part_of_day else None}
            for one, looks in zip(parts, told, strict=True)
            for look in looks
        ]
        found["parts"] = [
            {"request": request_json(one.request), "looks": [look["id"] for look in looks]}
            for one, looks in zip(parts, told, strict=True)
        ]
        found["forced"] = [forced_json(one) for one in day.forced]
    else:
        found["looks"] = [look for looks in told for look in looks]
    lacking = [
        said for one in parts for said in shortages_json(one.layer, one.shortages, _sentences())
    ]
    if lacking:
        found["shortages"] = lacking
    return found


def _part(found: Recommendation, resources: Resources, language: str) -> list[Json]:
    looks = outlined(found.layer, found.looks, resources, _sentences())
    return [look_json(look, _sentences(), language) for look in looks]
