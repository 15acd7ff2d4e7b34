"""A look that was shown before, replayed on the graph as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wearwhy.explain.terms import ExplainedLook, explain, explain_terms
from wearwhy.outfit.look import Look, Placed, look_layer
from wearwhy.outfit.score import total
from wearwhy.rdf import NamedNode
from wearwhy.rules.layer import Change
from wearwhy.workspace.remembered import request_from

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


def replay(workspace: Workspace, look_id: str, name: str | None = None) -> ExplainedLook:
    """Return a remembered look with the evidence of each term, as the graph has it now.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN.
    """
    said = workspace.look(look_id)
    layer = workspace.layer(name).child(Change(add=request_from(said["request"]).facts()))
    resources = workspace.resources
    look = look_from(said, len(resources.index(workspace.layer(name)).items))
    terms = explain_terms(look_layer(layer, look), look, resources)
    return explain(layer, replace(look, terms=terms, score=total(terms)), resources)


def look_from(said: dict[str, Any], collection: int) -> Look:
    """Return the look that was written down, its terms still to be counted."""
    return Look(
        request=request_from(said["request"]),
        template=NamedNode(said["template"]),
        placed=tuple(Placed(NamedNode(p["item"]), NamedNode(p["slot"])) for p in said["items"]),
        score=0.0,
        terms=(),
        seed=said["seed"],
        collection=collection,
    )
