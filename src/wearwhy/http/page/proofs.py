"""The proof of a fact, in words."""

from __future__ import annotations

from wearwhy.http.page.evidence import nodes_in_words
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names
from wearwhy.workspace import find


def proof(
    service: Service,
    caller: Caller,
    subject: str,
    predicate: str,
    thing: str,
    *,
    wardrobe: str | None,
    language: str,
) -> Json:
    """Return the proof of a fact: `root`, and `nodes` in words by name.

    Raises:
        UnknownName, InputError: naming what was not understood.
        NoAnswer: WW-WHY-ABSENT.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    found = workspace.why(find.fact(layer, workspace.names, subject, predicate, thing), name)
    return {"root": found.root, "nodes": nodes_in_words(names(layer, language), found)}
