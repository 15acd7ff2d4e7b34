"""Why an item stands in no look, in words, with the smallest change that would let it in."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wearwhy.http.page.evidence import nodes_in_words
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names, sentences
from wearwhy.service.wishing import Wish, wishes
from wearwhy.workspace import whynot

TRIALS: Final = 40
"""How often looks are searched for under changes, before it is said that not all were tried."""
LEAST: Final = 0.01
MOST: Final = 8


def why_not(
    service: Service, caller: Caller, item: str, wish: Wish, *, wardrobe: str | None, language: str
) -> Json:
    """Return why an item is in no look for a wish, each reason in a sentence.

    Raises:
        UnknownName, InputError: naming what was not understood.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    workspace = service.workspace
    found = whynot.why_not(
        workspace,
        item,
        wishes(wish, workspace.names),
        name,
        templates=sentences(),
        lang=language,
        trials=TRIALS,
    )
    named = names(found.layer, language)
    called = named
    if found.request is not None:
        own = {**named.own, found.request.iri: sentences()["the-request"][language]}
        called = replace(named, own=own)
    searched = found.searched
    smallest = searched.smallest if searched else None
    return {
        "id": found.item.value,
        "item": named.of(found.item),
        "admitted": found.admitted,
        "blocked": [
            {"root": one.root, "nodes": nodes_in_words(called, one)} for one in found.blocked
        ],
        "lost": [one.as_dict() for one in found.lost_by if one.against - one.value >= LEAST][:MOST],
        "note": found.note,
        "changes": [whynot.change_line(one, named) for one in smallest.changes] if smallest else [],
        "others": [
            [whynot.change_line(step, named) for step in one.changes]
            for one in (searched.others if searched else ())
        ],
        "proved": searched is None or searched.complete,
        "tried": searched.recommended if searched else 0,
    }
