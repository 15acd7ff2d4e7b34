"""Plans as documents: what `week`, `pack` and `gap` print with --json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wearwhy.explain.document import look_json, node_json, request_json
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.sentences import LANGUAGES, shortage_sentence
from wearwhy.explain.terms import ExplainedLook
from wearwhy.outfit.refusal import Shortage
from wearwhy.rdf import NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.workspace.planning import Bag, ExplainedDay, Lack, Week

Json = dict[str, Any]


def week_json(found: Week, templates: Templates, language: str) -> Json:
    """Return what `week --json` prints: the days, their looks, and one proof for all."""
    return {
        "revision": found.revision,
        "days": [_day(one, templates, language) for one in found.days],
        **_looks([look for one in found.days for look in one.looks], templates, language),
    }


def pack_json(found: Bag, templates: Templates, language: str) -> Json:
    """Return what `pack --json` prints: the items, why they are the fewest, the days, the rest."""
    packed, named = found.packed, names(found.layer, None, templates, language)
    whole: Json = {
        "revision": found.revision,
        "items": [_item(named, item) for item in packed.items],
        "size": len(packed.items),
        "proved": packed.proved,
        "least": packed.least,
        "considered": packed.considered,
        "complete": packed.whole,
        "days": [_day(one, templates, language) for one in found.days],
        "left_out": [
            {**_item(named, one.item), "why": one.why, "rule": one.rule.value if one.rule else None}
            for one in packed.left
        ],
    }
    if packed.more is not None:
        item, gain = packed.more
        whole["one_more"] = {**_item(named, item), "gain": gain}
    looks = [look for one in found.days for look in one.looks]
    return {**whole, **_looks(looks, templates, language)}


def gap_json(found: Lack, templates: Templates, language: str) -> Json:
    """Return what `gap --json` prints: the items, what each unlocks, and one proof for all."""
    named = names(found.layer, None, templates, language)
    offers = [
        {
            "item": _item(named, offer.item),
            "unlocks": offer.count,
            "requests": [
                {
                    "request": request_json(new.request),
                    "unlocks": new.count,
                    "bar": new.bar,
                    "looks": [look.id for look in new.looks],
                }
                for new in offer.new
            ],
        }
        for offer in found.gap.offers
    ]
    return {
        "revision": found.revision,
        "offers": offers,
        "weighed": found.gap.catalogue,
        "counted": found.gap.counted,
        "complete": found.gap.whole,
        "undressed": [request_json(request) for request in found.gap.undressed],
        **_looks(found.looks.values(), templates, language),
    }


def _day(one: ExplainedDay, templates: Templates, language: str) -> Json:
    planned = one.planned
    named = names(planned.layer, None, templates, language)
    found: Json = {
        "date": planned.asked.on.isoformat(),
        "requests": [request_json(part.request) for part in planned.parts]
        or [request_json(event) for event in planned.asked.events],
        "looks": [look.look.id for look in one.looks],
    }
    if planned.refused is not None:
        told = planned.refused.as_dict()
        found["refused"] = {key: told[key] for key in ("code", "message", "note", "hint")}
    lacking = [
        shortage_json(part.layer, shortage, templates)
        for part in planned.parts
        for shortage in part.shortages
    ]
    if lacking:
        found["shortages"] = lacking
    if planned.day is not None and planned.day.forced:
        found["forced"] = [
            {"rule": f.rule.value, "about": f.about.value, "look": f.look.id}
            for f in planned.day.forced
        ]
    if planned.resting:
        found["resting"] = [
            {**_item(named, item), "until": until.isoformat()}
            for item, until in planned.resting.items()
        ]
    if planned.washed:
        found["washed"] = [_item(named, item) for item in planned.washed]
    if planned.asked.unrecognised:
        found["unrecognised"] = list(planned.asked.unrecognised)
    return found


def shortage_json(layer: Layer, shortage: Shortage, templates: Templates) -> Json:
    """Return a slot that nothing fitting fills, as documents hold it."""
    return {
        "slot": shortage.slot.value,
        "demanded_by": shortage.demanded_by.value,
        "nearest": shortage.nearest.value if shortage.nearest else None,
        "sentence": {
            lang: shortage_sentence(names(layer, None, templates, lang), shortage, templates)
            for lang in LANGUAGES
        },
    }


def _looks(looks: Iterable[ExplainedLook], templates: Templates, language: str) -> Json:
    """Return looks, each once, and the nodes that their terms rest on."""
    each = {look.look.id: look for look in looks}
    nodes = {
        name: node
        for look in each.values()
        for term in look.terms
        for name, node in term.evidence.nodes.items()
    }
    return {
        "looks": [look_json(look, templates, language) for look in each.values()],
        "proof": {"nodes": {name: node_json(nodes[name]) for name in sorted(nodes)}},
    }


def _item(named: Names, item: NamedNode) -> Json:
    return {"id": item.value, "label": named.of(item)}
