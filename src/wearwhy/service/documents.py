"""Documents that the command line and the service both answer with; what is said once is equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from wearwhy.explain.document import fact_json, look_json, node_json, request_json, term_json
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.sentences import label_of
from wearwhy.rdf import Fact, NamedNode, curie
from wearwhy.rules.layer import Layer
from wearwhy.store.quads import Revision
from wearwhy.wearer.profile import Profile
from wearwhy.workspace.consequences import Consequences, Standing
from wearwhy.workspace.difference import Difference, RuleChange
from wearwhy.workspace.guessed import Kept
from wearwhy.workspace.ranked import Ranked
from wearwhy.workspace.replay import Replayed
from wearwhy.workspace.shifts import Shift

Json: TypeAlias = dict[str, Any]


def revision_json(revision: Revision) -> Json:
    """Return what a change did."""
    found: Json = {
        "revision": revision.number,
        "message": revision.message,
        "scope": revision.scope,
        "added": len(revision.patch.add),
        "removed": len(revision.patch.remove),
    }
    if revision.undoes is not None:
        found["undoes"] = revision.undoes
    return found


def difference_json(found: Difference, names: Callable[[Layer], Names]) -> Json:
    """Return a difference in the shape that every preview has.

    Each fact names the node of its proof in `nodes`: of the graph that has it.

    Args:
        found: the difference.
        names: returns what things are called in a layer, in the language that is wanted.
    """
    assert found.before is not None
    assert found.after is not None
    old, new = names(found.before), names(found.after)
    proofs, nodes = found.proofs()

    def looks(ranked: Sequence[Ranked]) -> list[Json]:
        return [_ranked_json(one, old, new) for one in ranked]

    def facts(those: Sequence[Fact]) -> list[Json]:
        return [{**fact_json(fact), "proof": proofs.get(fact)} for fact in those]

    return {
        "revision": found.revision,
        "wardrobe": found.wardrobe or None,
        "requests": found.tried,
        "facts": {
            "gained": facts(found.gained),
            "lost": facts(found.lost),
            "shifted": _shifted(found.shifts),
        },
        "looks": {
            "gained": looks(found.looks_gained),
            "lost": looks(found.looks_lost),
            "reranked": looks(found.reranked),
        },
        "strayed": [request_json(one) for one in found.strayed],
        "rules": [_rule_json(one) for one in found.rules],
        "silenced": [
            {
                "request": request_json(one.request),
                "before": one.before.as_dict() if one.before else None,
                "after": one.after.as_dict() if one.after else None,
            }
            for one in found.silenced
        ],
        "nodes": {name: node_json(nodes[name]) for name in sorted(nodes)},
    }


def _rule_json(one: RuleChange) -> Json:
    return {
        "rule": one.rule.value,
        "in_force": {"before": one.before is not None, "after": one.after is not None},
        "changed": list(one.parts),
    }


def _ranked_json(one: Ranked, old: Names, new: Names) -> Json:
    named = new if one.after else old
    return {
        "request": request_json(one.request),
        "items": [{"id": item.value, "label": named.of(item)} for item in one.items],
        "before": one.before or None,
        "after": one.after or None,
        "was": one.was,
        "score": one.score,
        "terms": [
            {
                "kind": change.term.kind,
                "label": label_of(new if change.after else old, change.term),
                "before": change.before,
                "after": change.after,
            }
            for change in one.terms
        ],
        "forbidden_by": [rule.value for rule in one.forbidden],
    }


def guess_json(one: Kept) -> Json:
    """Return a guess as an object."""
    return {
        **fact_json(one.fact),
        "attribute": curie(one.fact.predicate).removeprefix("ww:"),
        "probability": one.probability,
        "runner_up": None if one.runner_up is None else term_json(one.runner_up),
        "margin": one.margin,
        "explained": one.explained,
        "model": one.model,
    }


def follows_json(found: Consequences) -> Json:
    """Return what comes, goes and is of another kind, each fact with how it stands."""
    return {
        "gained": [{**fact_json(fact), **_standing(one)} for fact, one in found.gained],
        "lost": [{**fact_json(fact), **_standing(one)} for fact, one in found.lost],
        "shifted": _shifted(found.shifts),
    }


def _shifted(shifts: Sequence[Shift]) -> list[Json]:
    return [
        {
            **fact_json(shift.fact),
            "before": _standing(shift.before),
            "after": _standing(shift.after),
        }
        for shift in shifts
    ]


def _standing(one: Standing) -> Json:
    return {
        "kind": one.kind.value,
        "confidence": one.sure,
        "rule": None if one.rule is None else one.rule.value,
    }


def wearer_json(node: NamedNode, said: Profile) -> Json:
    """Return what is said of a wearer."""
    return {
        "id": node.value,
        "name": said.name,
        "sizes": {slot.value: list(sizes) for slot, sizes in said.sizes.items()},
        "covers": [part.value for part in said.covered],
        "warmth_offset": said.warmth,
        "hemisphere": said.hemisphere.value if said.hemisphere else None,
        "dislikes": [thing.value for thing in said.dislikes],
        "never": [thing.value for thing in said.never],
    }


def replayed_json(found: Replayed, templates: Templates, language: str) -> Json:
    """Return a look that was replayed, with what has changed against what was shown."""
    look = found.look
    named = names(look.layer, look.look, templates, language)
    moved = [
        {
            "kind": one.term.kind,
            "label": label_of(named, one.term),
            "source": None if one.term.source is None else one.term.source.value,
            "verdict": None if one.term.verdict is None else fact_json(one.term.verdict),
            "via": [term_json(node) for node in one.term.via],
            "shown": one.shown,
            "now": one.now,
            "difference": one.difference,
        }
        for one in found.moved or ()
    ]
    return {
        "revision": found.revision,
        "shown_at": found.said["revision"],
        "without": [one if isinstance(one, str) else one.value for one in found.without],
        "same": found.same,
        "score": {"shown": found.said.get("score"), "now": look.look.score},
        "place": {"shown": found.said.get("place"), "now": found.place},
        "changed": None if found.moved is None else moved,
        "request": request_json(look.look.request),
        "look": look_json(look, templates, language),
        "proof": {"nodes": {name: node_json(node) for name, node in sorted(look.nodes.items())}},
    }
