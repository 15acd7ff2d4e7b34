"""Why an item is not among what completes an outfit, and what would let it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wearwhy.evidence import Evidence, EvidenceNode
from wearwhy.explain.naming import Templates
from wearwhy.explain.terms import explain
from wearwhy.outfit.complete import Completion, complete
from wearwhy.outfit.index import Index
from wearwhy.outfit.look import Look, Placed, look_layer
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import named
from wearwhy.workspace import changes, counterfactual
from wearwhy.workspace.answering import Fitting
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.changes import Case
from wearwhy.workspace.keptout import forbidding_look, home_of, kept_out, proofs, told
from wearwhy.workspace.outfits import slot_of
from wearwhy.workspace.whynot import Lost, WhyNot, lost_by, meant

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

RANKED: int = 2000
"""Of a larger collection is not told at which place an item comes: all would have to be scored."""

BySlot = Mapping[NamedNode, Sequence[Completion]]


def why_not_fit(
    workspace: Workspace,
    item: str,
    wishes: Wishes,
    slot: str | None,
    name: str | None,
    *,
    templates: Templates,
    lang: str,
    trials: int | None = None,
) -> WhyNot:
    """Return why an item is not among those that complete the locked items of some wishes.

    Args:
        workspace: open.
        item: in words.
        wishes: the request, in words; how many items a slot are shown is their `n`.
        slot: the one to fill, in words; None for all empty ones.
        name: the wardrobe.
        templates: of sentences.
        lang: of labels.
        trials: how often to complete at most, for the cheapest change; None: no limit.

    Raises:
        InputError, UnknownName: naming what was not understood.
    """
    layer, request, node = meant(workspace, item, wishes, name)
    place = slot_of(workspace.names, slot) if slot else None
    resources = workspace.resources
    request_layer, found = complete(layer, request, resources, slot=place, n=wishes.n)
    if any(one.item == node for those in found.values() for one in those):
        return WhyNot(node, layer, admitted=True, request=request)
    index = resources.index(layer)
    blocked = _kept_out(layer, request, node, index, place=place, found=found)
    inside, facts = changes.forbidding(layer, request, node, index.scoring.certainty)
    look = _with(request, node, found, index)
    if look is not None and not facts and not blocked:
        inside = look_layer(request_layer, look)
        facts = forbidding_look(inside, look, node, index.scoring.certainty)
    blocked += proofs(inside, facts)
    nodes = {n: e for one in blocked for n, e in one.nodes.items()}
    lost: tuple[Lost, ...] = ()
    note, rank = "", None
    if look is not None and not blocked:
        lost, more, note = _lost(
            workspace, request_layer, look, found, templates=templates, lang=lang
        )
        nodes |= more
        rank = _rank(workspace, layer, request, node, place)
    home = home_of(workspace, name)
    shown = tuple(one.look for those in found.values() for one in those)
    case = Case(
        layer,
        request,
        node,
        shown,
        tuple(dict.fromkeys(named(fact.object for fact in facts))),
        home,
        resources,
        workspace.names,
        frozenset(slot for slot, those in found.items() if not those),
        Fitting(place, wishes.n),
    )
    return WhyNot(
        node,
        layer,
        admitted=False,
        blocked=tuple(blocked),
        lost_by=lost,
        nodes=nodes,
        searched=counterfactual.smallest(case, trials=trials) if _may(blocked) else None,
        note=note,
        request=request,
        rank=rank,
    )


def _may(blocked: Sequence[Evidence]) -> bool:
    """Return whether a change could let an item in: none gives it another slot."""
    hopeless = {WW["told-given"], WW["told-other-slot"], WW["told-slotless"]}
    return all(one.nodes[one.root].rule not in hopeless for one in blocked)


def _kept_out(
    layer: Layer,
    request: Request,
    item: NamedNode,
    index: Index,
    *,
    place: NamedNode | None,
    found: BySlot,
) -> list[Evidence]:
    """Return what the request and the slots that are open say against an item."""
    if item in request.locked:
        return [told("given", "It is given already.")]
    blocked = kept_out(layer, request, item, index)
    fills = index.places[index.at[item]]
    facts = [Fact(item, WW.slot, slot) for slot in fills]
    if fills and place is not None and place not in fills:
        note = "It does not fill the slot that is asked for."
        blocked.append(told("other-slot", note, *proofs(layer, facts), item=item, slot=place))
    elif fills and not set(fills) & set(found):
        held = [
            Fact(given, WW.slot, slot)
            for given in request.locked
            for slot in fills
            if slot in index.places[index.at[given]]
        ]
        note = "The slots that it fills are not empty in an outfit of these items."
        known = proofs(layer, [*facts, *held])
        blocked.append(told("full", note, *known, item=item, slot=fills[0]))
    return blocked


def _with(request: Request, item: NamedNode, found: BySlot, index: Index) -> Look | None:
    """Return the outfit with the item in an open slot that it fills, scored as it is shown."""
    slots = [slot for slot in index.places[index.at[item]] if slot in found]
    if not slots:
        return None
    beside = next((one.look for one in found[slots[0]]), None)
    placed = {given: index.places[index.at[given]][0] for given in request.locked}
    if beside is not None:
        placed |= {p.item: p.slot for p in beside.placed if p.item in request.locked}
    placed[item] = slots[0]
    return Look(
        request,
        beside.template if beside is not None else index.templates[0].iri,
        tuple(Placed(i, placed[i]) for i in sorted(placed, key=index.order)),
        0.0,
        (),
        collection=len(index.items),
        seed=beside.seed if beside is not None else 0,
    )


def _lost(
    workspace: Workspace,
    request_layer: Layer,
    look: Look,
    found: BySlot,
    *,
    templates: Templates,
    lang: str,
) -> tuple[tuple[Lost, ...], dict[str, EvidenceNode], str]:
    """Return the terms by which the outfit with the item lost to the last one shown in its slot."""
    added = next(p for p in look.placed if p.item not in look.request.locked)
    shown = found[added.slot]
    if not shown:
        return (), {}, ""
    resources = workspace.resources
    mine = explain(request_layer, look, resources, trials=False)
    theirs = explain(request_layer, shown[-1].look, resources, trials=False)
    lost, nodes, behind = lost_by(mine, theirs, templates=templates, lang=lang)
    key = "behind-fit" if behind > 0 else "not-tried"
    return lost, nodes, templates[key][lang].format(points=f"{behind:.3f}", n=len(shown))


def _rank(
    workspace: Workspace,
    layer: Layer,
    request: Request,
    item: NamedNode,
    place: NamedNode | None,
) -> tuple[int, int] | None:
    """Return at which place an item comes among all that fit, and how many those are."""
    resources = workspace.resources
    most = len(resources.index(layer).items)
    if most > RANKED:
        return None
    _, found = complete(layer, request, resources, slot=place, n=most)
    for those in found.values():
        for number, one in enumerate(those, 1):
            if one.item == item:
                return number, len(those)
    return None
