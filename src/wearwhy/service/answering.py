"""Looks, answered fast: those at hand at once, the others where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wearwhy.service import looks
from wearwhy.service.caller import Caller
from wearwhy.service.changing import readable
from wearwhy.service.documents import Json
from wearwhy.service.wishing import Wish
from wearwhy.workspace.remembered import shown_again

if TYPE_CHECKING:
    from wearwhy.service.service import Service


async def recommend(
    service: Service,
    caller: Caller,
    wish: Wish,
    *,
    wardrobe: str | None = None,
    lang: str = "en",
    evidence: bool = False,
) -> Json:
    """Return what `looks.recommend` returns; it must not be changed.

    Raises:
        Those of `looks.recommend`; Unavailable, TooMany.
    """
    name = readable(caller, wardrobe)
    if evidence:
        return await service.run_slow(
            looks.recommend, caller, wish, wardrobe=name, lang=lang, evidence=True
        )
    answered, key = service.answered, (name, lang, wish)
    workspace = service.workspace
    kept = answered.at(key, workspace.revision_of(name))
    if kept is not None:
        shown = [look["id"] for look in kept["looks"]]
        # Where a look of it was pruned meanwhile, it is made, and remembered, anew.
        if shown_again(workspace.looks(name), shown, kept["revision"]):
            return kept
    answered.made += 1
    document = await service.run_quick(looks.recommend, caller, wish, wardrobe=name, lang=lang)
    answered.keep(key, document)
    return document
