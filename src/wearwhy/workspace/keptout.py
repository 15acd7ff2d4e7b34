"""What keeps an item out of an answer: the request's own words, its form, and rules' verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.cited import gathered, named_by_content
from wearwhy.outfit.filters import refused
from wearwhy.outfit.index import Index
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.proof.prove import prove
from wearwhy.rdf import WW, Fact, Literal, NamedNode, Node, literal
from wearwhy.rules.layer import Layer
from wearwhy.workspace import changes

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


def told(what: str, note: str, *facts: Evidence, **slots: Node) -> Evidence:
    """Return what the request itself, or the answer's form, says against an item.

    Args:
        what: names the sentence `note ww:told-…` of `kg/sentences.toml`.
        note: the same for programs.
        facts: that it rests on.
        slots: of the sentence.
    """
    node = EvidenceNode(
        id="told",
        kind=Kind.BUILTIN,
        rule=WW[f"told-{what}"],
        bindings=tuple(sorted(slots.items())),
        note=note,
    )
    return named_by_content(gathered(node, facts), {})[0]


def proofs(layer: Layer, facts: Iterable[Fact]) -> list[Evidence]:
    """Return the proof of each fact."""
    return [named_by_content(prove(layer, fact), {})[0] for fact in facts]


def home_of(workspace: Workspace, name: str | None) -> NamedNode:
    """Return the wardrobe that what is bought would join; the usual one, where there is none yet."""
    known = workspace.wardrobe(name) if name or workspace.wardrobes() else None
    chosen = known or workspace.settings.default_wardrobe
    return NamedNode(f"{workspace.settings.base_iri}wardrobe/{chosen}")


def kept_out(layer: Layer, request: Request, item: NamedNode, index: Index) -> list[Evidence]:
    """Return what the request says against an item, whatever rules say."""
    found: list[Evidence] = []
    if item in request.excluded:
        found.append(told("excluded", "The request excludes it."))
    if not changes.drawn_on(layer, request, item):
        homes = [
            fact
            for predicate in (WW.inWardrobe, WW.inCatalogue)
            for fact in layer.match(item, predicate, None)
        ]
        note = f"It is not among what the request draws on: {request.source}."
        source = literal(request.source)
        found.append(told("source", note, *proofs(layer, homes), source=source))
    for one in refused(layer, request.filters, item):
        wanted = literal(", ".join(_said(value) for _, value in one.wanted))
        known = [] if one.fact is None else proofs(layer, [one.fact])
        name = f"filter-{one.filter}" + ("" if known else "-unknown")
        slots: dict[str, Node] = {"item": item, "wanted": wanted}
        if one.fact is not None:
            slots["known"] = one.fact.object
        note = f"The filter {one.filter} refuses it."
        found.append(told(name, note, *known, **slots))
    if not index.places[index.at[item]]:
        found.append(told("slotless", "Nothing says which slot it fills."))
    return found


def _said(node: Node) -> str:
    return node.value if isinstance(node, Literal | NamedNode) else str(node)


def forbidding_look(inside: Layer, look: Look, item: NamedNode, certainty: float) -> list[Fact]:
    """Return what forbids a look in its own layer, or a pair of it that an item is of."""
    subjects: list[Node] = [look.iri, *inside.objects(look.iri, WW.hasPair)]
    return [
        fact
        for subject in sorted(subjects, key=str)
        for fact in inside.match(subject, WW.violates, None)
        if inside.confidence(fact) >= certainty
        and (subject == look.iri or inside.holds(Fact(subject, WW.member, item)))
    ]
