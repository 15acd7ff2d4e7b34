"""The honest no: what is lacking, who demands it, and what would come nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from wearwhy.errors import NoAnswer
from wearwhy.outfit.candidates import Pool, Verdicts, verdicts
from wearwhy.outfit.index import Index
from wearwhy.outfit.labels import chosen, label
from wearwhy.outfit.request import Request
from wearwhy.outfit.templates import Template
from wearwhy.rdf import WW, Fact
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Layer


@dataclass(frozen=True, slots=True)
class Shortage:
    """A slot that must be filled and that nothing fitting fills.

    Attributes:
        slot: the empty slot.
        demanded_by: the rule that demands it, or the template.
        barred: what is at hand for it, each with a rule that forbids it.
        nearest: the best fitting item of the catalogues, if there is one.
    """

    slot: NamedNode
    demanded_by: NamedNode
    barred: tuple[tuple[NamedNode, NamedNode], ...] = ()
    nearest: NamedNode | None = None


def shortages(
    layer: Layer,
    request: Request,
    index: Index,
    pool: Pool,
    *,
    demanded: Sequence[NamedNode],
    templates: Sequence[Template],
) -> tuple[Shortage, ...]:
    """Return the demanded slots that stay empty, in slot order.

    A slot is demanded by a rule that concludes `ww:requiresSlot` of the request; if no template
    that serves can be followed, the slots that the nearest of them lack are told as well.
    """
    found = []
    for slot in demanded:
        if not pool.offered.get(slot):
            firing = layer.firing(Fact(request.iri, WW.requiresSlot, slot))
            found.append(
                _shortage(layer, index, pool, slot, firing.rule if firing else request.iri)
            )
    lacking = [[s for s in t.required if not pool.offered.get(s)] for t in templates]
    if templates and all(lacking):
        told = {shortage.slot for shortage in found}
        for template, slots in zip(templates, lacking, strict=True):
            # A way to dress that lacks all that another lacks, and more, teaches nothing.
            if any(set(other) < set(slots) for other in lacking):
                continue
            for slot in slots:
                if slot not in told:
                    told.add(slot)
                    found.append(_shortage(layer, index, pool, slot, template.iri))
    order = {slot: n for n, slot in enumerate(index.slots)}
    return tuple(sorted(found, key=lambda s: (order.get(s.slot, len(order)), s.slot.value)))


def _shortage(layer: Layer, index: Index, pool: Pool, slot: NamedNode, by: NamedNode) -> Shortage:
    barred = []
    for n, item in enumerate(pool.items):
        if slot in index.places[index.at[item]] and pool.verdicts.barred[n]:
            rule = next(v.rule.iri for v in pool.verdicts.of(n) if v.bars(index.scoring.certainty))
            barred.append((item, rule))
    shop = [
        item
        for n, item in enumerate(index.items)
        if index.catalogues[n] and slot in index.places[n]
    ]
    nearest = None
    if shop:
        found = verdicts(Batch(layer, shop).items(), index.scoring.certainty)
        fit = [n for n in range(len(shop)) if not found.barred[n]]
        if fit:
            nearest = shop[min(fit, key=lambda n: (-round(float(found.points[n]), 9), n))]
    return Shortage(slot, by, tuple(barred), nearest)


def called(layer: Layer, node: NamedNode) -> str:
    """Return a rule's label in English, or any other node's."""
    rule = layer.rule(node)
    return (chosen(rule.description.label, "en") if rule else "") or label(layer, node)


def tell(layer: Layer, shortage: Shortage) -> str:
    """Return a shortage as a sentence."""
    place, by = called(layer, shortage.slot), called(layer, shortage.demanded_by)
    parts = [f"Nothing at hand fits the slot '{place}', which '{by}' asks for."]
    if shortage.barred:
        item, rule = shortage.barred[0]
        others = f" (and {len(shortage.barred) - 1} more)" if len(shortage.barred) > 1 else ""
        parts.append(f"{label(layer, item)} is ruled out by '{called(layer, rule)}'{others}.")
    if shortage.nearest is not None:
        parts.append(f"The nearest in the catalogues is {label(layer, shortage.nearest)}.")
    return " ".join(parts)


def nothing(
    layer: Layer,
    request: Request,
    index: Index,
    pool: Pool,
    missing: Sequence[Shortage],
    *,
    on_looks: Verdicts | None = None,
) -> NoAnswer:
    """Return the answer that no look is possible, with what stands in the way."""
    lacking = [tell(layer, shortage) for shortage in missing]
    if not lacking and not pool.items:
        lacking = ["There are no items to choose from."]
    blockers: Counter[NamedNode] = Counter()
    if on_looks is not None:
        for row in range(len(on_looks.barred)):
            found = on_looks.of(row)
            blockers.update(v.rule.iri for v in found if v.bars(index.scoring.certainty))
    if blockers:
        rules = sorted(blockers, key=lambda rule: (-blockers[rule], rule.value))
        lacking.append(
            "Every look is forbidden by " + ", ".join(f"'{called(layer, r)}'" for r in rules) + "."
        )
    if not lacking:
        lacking = [
            "The items that fit do not go together: every combination holds a forbidden pair."
        ]
        if request.locked:
            lacking = [
                "The locked items fit no way to be dressed together with what else there is."
            ]
    return NoAnswer(
        "WW-LOOK-NONE",
        "No look is possible for this request.",
        note=" ".join(lacking),
        hint="Ask why an item is not in a look, or draw on a catalogue.",
        command="`wearwhy why-not ITEM` says it; --from catalogue:NAME draws on one.",
    )
