"""Looks for what was asked in words, explained, as one document or as lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from wearwhy.explain.document import document, look_json, node_json, request_json
from wearwhy.explain.drawing import joined, layout
from wearwhy.explain.mermaid import mermaid
from wearwhy.explain.naming import Templates, names
from wearwhy.explain.rdf import turtle
from wearwhy.explain.sentences import shortage_sentence
from wearwhy.explain.several import explain_several
from wearwhy.explain.terms import ExplainedLook, explain, in_a_row
from wearwhy.explain.text import look_text
from wearwhy.explain.whole import evidence_of
from wearwhy.feeds.names import Names
from wearwhy.outfit.complete import Completion, complete
from wearwhy.outfit.compose import Recommendation
from wearwhy.outfit.day import Forced, together
from wearwhy.outfit.index import Resources
from wearwhy.outfit.refusal import Shortage
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.workspace.asking import Wishes, concept

if TYPE_CHECKING:
    from wearwhy.outfit.decoding.ways import Decoding
    from wearwhy.workspace.workspace import Workspace

SLOTS = WW["slot-scheme"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The looks for one request: a whole day's, or those of a part of it."""

    request: Request
    layer: Layer
    looks: tuple[ExplainedLook, ...]
    shortages: tuple[Shortage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What wishes came to.

    Attributes:
        revision: of the graph.
        request: of the whole day.
        parts: one, or one for each part of the day where no look serves all.
        forced: the rules that forced a change during the day.
        unrecognised: calendar entries that name no known occasion.
    """

    revision: int
    request: Request
    parts: tuple[Part, ...]
    forced: tuple[Forced, ...] = ()
    unrecognised: tuple[str, ...] = ()


def outcome(
    workspace: Workspace,
    wishes: Wishes,
    name: str | None = None,
    *,
    tried: int | None = None,
    decoding: Decoding | None = None,
) -> Outcome:
    """Return looks for wishes, explained, and keep them so that `why` can be asked.

    Args:
        workspace: open.
        wishes: in words.
        name: the wardrobe.
        tried: of how many terms a look, the largest first, to say of each cited fact whether it
            is needed; None for all.
        decoding: how looks are found; None for beam search.

    Raises:
        InputError, UnknownName, ValueRefused: naming what was not understood.
        NoAnswer: WW-LOOK-NONE, saying what is lacking.
    """
    asked = workspace.ask(wishes, name)
    day = workspace.dress(asked.requests, name, decoding)
    found = day.parts if day.whole is None else (day.whole,)
    return Outcome(
        workspace.revision,
        together(asked.requests) if len(asked.requests) > 1 else asked.requests[0],
        tuple(_explained(workspace, one, tried) for one in found),
        day.forced,
        asked.unrecognised,
    )


def _explained(workspace: Workspace, found: Recommendation, tried: int | None) -> Part:
    looks = tuple(
        explain(found.layer, look, workspace.resources, trials=tried != 0, most=tried)
        for look in found.looks
    )
    return Part(found.request, found.layer, in_a_row(looks), found.shortages)


def as_json(found: Outcome, templates: Templates, language: str) -> Json:
    """Return what `recommend --json` prints: one list of looks and one proof for the day."""
    documents = [
        document(
            part.request,
            part.looks,
            templates,
            revision=found.revision,
            language=language,
            layer=part.layer,
            shortages=part.shortages,
        )
        for part in found.parts
    ]
    if len(documents) == 1 and not found.unrecognised:
        return documents[0]
    nodes = {k: v for one in documents for k, v in one["proof"]["nodes"].items()}
    looks = [
        {**look, "part": one["request"].get("part_of_day")} if len(documents) > 1 else look
        for one in documents
        for look in one["looks"]
    ]
    whole: Json = {
        "revision": found.revision,
        "request": request_json(found.request),
        "looks": looks,
        "proof": {"nodes": dict(sorted(nodes.items()))},
    }
    if len(documents) > 1:
        whole["parts"] = [
            {"request": one["request"], "looks": [look["id"] for look in one["looks"]]}
            for one in documents
        ]
        whole["forced"] = [forced_json(one) for one in found.forced]
    lacking = [one for part in documents for one in part.get("shortages", ())]
    if lacking:
        whole["shortages"] = lacking
    if found.unrecognised:
        whole["unrecognised"] = list(found.unrecognised)
    return whole


def forced_json(one: Forced) -> Json:
    """Return why one look does not serve all parts of a day."""
    return {
        "rule": one.rule.value,
        "about": one.about.value,
        "look": one.look.id,
        "part": request_json(one.part),
    }


def as_turtle(found: Outcome) -> str:
    """Return the whole evidence as Turtle: RDF 1.2 annotations and PROV-O."""
    return turtle(
        term.evidence for part in found.parts for look in part.looks for term in look.terms
    )


def as_mermaid(found: Outcome, templates: Templates, language: str) -> str:
    """Return the whole evidence as one Mermaid chart: a tree a look, its terms on the left."""
    drawn = [
        layout(names(look.layer, look.look, templates, language), evidence_of(look))
        for part in found.parts
        for look in part.looks
    ]
    ids = ", ".join(look.look.id for part in found.parts for look in part.looks)
    return mermaid(joined(drawn), ids)


def shortages(part: Part, templates: Templates, language: str) -> list[str]:
    """Return what is lacking, a sentence each."""
    named = names(part.layer, None, templates, language)
    return [shortage_sentence(named, one, templates) for one in part.shortages]


def look_lines(
    look: ExplainedLook,
    templates: Templates,
    language: str,
    *,
    evidence: bool = True,
    most: int | None = None,
    depth: int | None = None,
) -> list[str]:
    """Return a look as lines; `most` terms show their trees, `depth` steps of them; None for all."""
    shown = most if evidence else 0
    text = look_text(look, templates, language=language, evidence=shown, depth=depth)
    lines = text.split("\n")
    # Without evidence the last line would count every term as a smaller one.
    return lines if evidence or not look.terms else lines[:-1]


@dataclass(frozen=True, slots=True, eq=False)
class Completions:
    """For each empty slot of a partial outfit, the items that fit, best first."""

    revision: int
    request: Request
    layer: Layer
    by_slot: Mapping[NamedNode, Sequence[Completion]]
    explained: Mapping[str, ExplainedLook]


def completions(
    workspace: Workspace, wishes: Wishes, slot: str | None, n: int, name: str | None = None
) -> Completions:
    """Return what completes the locked items of wishes.

    Args:
        workspace: open.
        wishes: in words; its locked items are the partial outfit.
        slot: the label of the one slot to fill; None for all.
        n: how many items a slot.
        name: the wardrobe.

    Raises:
        InputError, UnknownName: naming what was not understood.
    """
    asked = workspace.ask(wishes, name)
    request = together(asked.requests) if len(asked.requests) > 1 else asked.requests[0]
    place = slot_of(workspace.names, slot) if slot else None

    def made(wardrobe: Layer, request: Request, resources: Resources) -> Completions:
        layer, found = complete(wardrobe, request, resources, slot=place, n=n)
        looks = [one.look for those in found.values() for one in those]
        told = explain_several(layer, looks, resources)
        explained = {look.id: one for look, one in zip(looks, told, strict=True)}
        return Completions(workspace.revision, request, layer, found, explained)

    answer = workspace.answers.of(
        ("complete", place, n),
        request,
        workspace.resources,
        wardrobe=workspace.meant(name),
        layer=partial(workspace.layer, name),
        make=made,
    )
    return replace(answer, revision=workspace.revision)


def slot_of(known: Names, text: str) -> NamedNode:
    """Return the slot that a label or a compact name means.

    Raises:
        UnknownName: WW-CONCEPT-UNKNOWN, with the nearest label.
    """
    return concept(known, text, SLOTS, "a slot")


def completions_json(found: Completions, templates: Templates, language: str) -> Json:
    """Return what `complete --json` prints: looks, each the outfit with one item more."""
    named = names(found.layer, None, templates, language)
    looks, nodes = [], {}
    for place, those in found.by_slot.items():
        for one in those:
            explained = found.explained[one.look.id]
            looks.append(
                {
                    **look_json(explained, templates, language),
                    "adds": {
                        "id": one.item.value,
                        "label": named.of(one.item),
                        "slot": place.value,
                    },
                }
            )
            for term in explained.terms:
                nodes.update({k: node_json(v) for k, v in term.evidence.nodes.items()})
    return {
        "revision": found.revision,
        "request": request_json(found.request),
        "looks": looks,
        "proof": {"nodes": dict(sorted(nodes.items()))},
    }
