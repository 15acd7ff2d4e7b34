"""Why an item stands in no look: what forbids it, or by which terms its best look lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.document import fact_json, node_json, term_json
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.sentences import term_label
from wearwhy.explain.terms import ExplainedLook, explain, explain_terms
from wearwhy.explain.text import evidence_lines
from wearwhy.outfit.compose import Recommendation, recommend
from wearwhy.outfit.day import together
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look, Placed, look_layer
from wearwhy.outfit.request import Request
from wearwhy.outfit.score import total
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named
from wearwhy.workspace import changes, counterfactual, find
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.changes import Case, Step
from wearwhy.workspace.counterfactual import Searched
from wearwhy.workspace.keptout import forbidding_look, home_of, kept_out, proofs

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


AGAINST = 3
"""Of so many of the rules by which a look lost, the heaviest, switching them off is tried."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A term by which the item's best look is worth less than the last look shown.

    Attributes:
        kind, label: of the term.
        value, against: what it is worth in the one and in the other.
        evidence: the node of its evidence.
        source: what gives it, such as a rule.
    """

    kind: str
    label: str
    value: float
    against: float
    evidence: str
    source: NamedNode | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the term as `why-not --json` prints it."""
        return {
            "kind": self.kind,
            "label": self.label,
            "value": self.value,
            "against": self.against,
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True, eq=False)
class WhyNot:
    """The answer.

    Attributes:
        item: that was asked about.
        layer: of the wardrobe, for labels.
        admitted: whether it stands in one of the looks.
        blocked: evidence of what forbids it.
        lost_by: terms by which it lost, the largest first.
        nodes: of all evidence.
        searched: the cheapest change that lets it in, if there is one, and what was tried.
        note: what else is to be said.
        request: that it is not in for.
        rank: of a completion, its place among all that fit and how many those are.
    """

    item: NamedNode
    layer: Layer
    admitted: bool
    blocked: tuple[Evidence, ...] = ()
    lost_by: tuple[Lost, ...] = ()
    nodes: dict[str, EvidenceNode] = field(default_factory=dict)
    searched: Searched | None = None
    note: str = ""
    request: Request | None = None
    rank: tuple[int, int] | None = None


def meant(
    workspace: Workspace, item: str, wishes: Wishes, name: str | None
) -> tuple[Layer, Request, NamedNode]:
    """Return the wardrobe's layer, the one request that wishes come to, and the item in words."""
    layer = workspace.layer(name)
    asked = workspace.ask(wishes, name).requests
    return layer, together(asked) if len(asked) > 1 else asked[0], find.item(layer, item)


def why_not(
    workspace: Workspace,
    item: str,
    wishes: Wishes,
    name: str | None,
    *,
    templates: Templates,
    lang: str,
    trials: int | None = None,
) -> WhyNot:
    """Return why an item stands in no look for what is wished.

    Args:
        workspace: open.
        item: in words.
        wishes: the request, in words.
        name: the wardrobe.
        templates: of sentences.
        lang: of labels.
        trials: how often to search for looks at most, for the cheapest change; None: no limit.

    Raises:
        InputError, UnknownName: naming what was not understood.
    """
    layer, request, node = meant(workspace, item, wishes, name)
    try:
        found: Recommendation | None = recommend(layer, request, workspace.resources)
        note = ""
    except NoAnswer as answer:
        found, note = None, answer.note
    shown = found.looks if found else ()
    if any(node in look.items for look in shown):
        return WhyNot(node, layer, admitted=True)
    blocked, rules = _blocked(workspace, layer, request, node, shown)
    lost: tuple[Lost, ...] = ()
    nodes = {n: e for one in blocked for n, e in one.nodes.items()}
    if not blocked and found is not None:
        lost, more, note = _lost(workspace, layer, found, node, templates=templates, lang=lang)
        nodes.update(more)
    home = home_of(workspace, name)
    lacking = (
        frozenset(one.slot for one in found.shortages) if found is not None else all_slots(layer)
    )
    against = [one.source for one in lost if one.kind == "rule" and one.source is not None]
    case = Case(
        layer,
        request,
        node,
        shown,
        rules,
        home,
        workspace.resources,
        workspace.names,
        lacking,
        against=tuple(rule for rule in against if layer.rule(rule) is not None)[:AGAINST],
        cited=frozenset(
            one.statement for one in nodes.values() if one.kind is Kind.PREDICTED and one.statement
        ),
    )
    return WhyNot(
        node,
        layer,
        admitted=False,
        blocked=tuple(blocked),
        lost_by=lost,
        nodes=nodes,
        searched=counterfactual.smallest(case, trials=trials),
        note=note,
        request=request,
    )


def all_slots(layer: Layer) -> frozenset[NamedNode]:
    """Return every slot: where no look is possible, any of them may be what is lacking."""
    return frozenset(named(fact.object for fact in layer.match(None, WW.requiresSlot, None)))


def _blocked(
    workspace: Workspace,
    layer: Layer,
    request: Request,
    item: NamedNode,
    shown: tuple[Look, ...],
) -> tuple[list[Evidence], tuple[NamedNode, ...]]:
    """Return the evidence of what forbids the item, and the rules among it."""
    index = workspace.resources.index(layer)
    certainty = index.scoring.certainty
    found = kept_out(layer, request, item, index)
    request = replace(request, excluded=tuple(i for i in request.excluded if i != item))
    inside, facts = changes.forbidding(layer, request, item, certainty)
    if not facts and not found:
        inside, facts = _of_looks(workspace, layer, request, item, shown, index=index)
    found += proofs(inside, facts)
    return found, tuple(dict.fromkeys(named(fact.object for fact in facts)))


def _of_looks(
    workspace: Workspace,
    layer: Layer,
    request: Request,
    item: NamedNode,
    shown: tuple[Look, ...],
    *,
    index: Index,
) -> tuple[Layer, list[Fact]]:
    """Return what forbids the best look with the item; nothing where such a look is allowed."""
    locked = replace(request, locked=(*request.locked, item), n=1)
    try:
        best = recommend(layer, locked, workspace.resources).looks[0]
        if not any(item in told.about for told in best.told):
            return layer, []
    except NoAnswer:
        if not shown:
            return layer, []
        best = _swapped(shown[0], item, index)
    best = replace(best, request=request)
    inside = look_layer(layer.child(Change(add=request.facts())), best)
    return inside, forbidding_look(inside, best, item, index.scoring.certainty)


def _swapped(look: Look, item: NamedNode, index: Index) -> Look:
    """Return a look with the item in the place of what fills its slot."""
    slot = index.places[index.at[item]][0]
    kept = [placed for placed in look.placed if placed.slot != slot]
    placed = sorted([*kept, Placed(item, slot)], key=lambda p: index.order(p.item))
    return replace(look, placed=tuple(placed))


def _lost(
    workspace: Workspace,
    layer: Layer,
    found: Recommendation,
    item: NamedNode,
    *,
    templates: Templates,
    lang: str,
) -> tuple[tuple[Lost, ...], dict[str, EvidenceNode], str]:
    """Return the terms by which the item's best look lost, their evidence, and what else is so."""
    resources = workspace.resources
    best = _best(layer, found, item, resources)
    if best is None:
        return (), {}, ""
    mine = explain(found.layer, best, resources, trials=False)
    theirs = explain(found.layer, found.looks[-1], resources, trials=False)
    lost, nodes, behind = lost_by(mine, theirs, templates=templates, lang=lang)
    note = templates["behind"][lang].format(points=f"{behind:.3f}")
    if behind <= 0:
        note = templates["too-like"][lang]
    return lost, nodes, note


def lost_by(
    mine: ExplainedLook, theirs: ExplainedLook, *, templates: Templates, lang: str
) -> tuple[tuple[Lost, ...], dict[str, EvidenceNode], float]:
    """Return the terms by which one look is worth less than another, and how much in all.

    The labels name terms by what they say, so those of one label are counted together.
    """
    ours, others = _by_label(mine, templates, lang), _by_label(theirs, templates, lang)
    nodes = {
        n: e for look in (mine, theirs) for t in look.terms for n, e in t.evidence.nodes.items()
    }
    lost = []
    for key in dict.fromkeys([*ours, *others]):
        value, evidence, source = ours.get(key, (0.0, "", None))
        against, other, theirs_by = others.get(key, (0.0, "", None))
        if value < against - 1e-9:
            lost.append(Lost(*key, value, against, evidence or other, source or theirs_by))
    lost.sort(key=lambda one: (one.value - one.against, one.kind, one.label))
    behind = total(t.term for t in theirs.terms) - total(t.term for t in mine.terms)
    return tuple(lost), nodes, behind


def _best(
    layer: Layer, found: Recommendation, item: NamedNode, resources: Resources
) -> Look | None:
    """Return the best allowed look with the item: of those searched with it, and shown ones."""
    request = replace(found.request, locked=(*found.request.locked, item))
    try:
        looks = list(recommend(layer, request, resources).looks)
    except NoAnswer:
        looks = []
    index = resources.index(layer)
    tried: list[tuple[float, Look]] = []
    for look in [*looks, *(_swapped(one, item, index) for one in found.looks)]:
        mine = replace(look, request=found.request)
        inside = look_layer(found.layer, mine)
        if not look.told and not _forbidden(inside, mine, index.scoring.certainty):
            tried.append((total(explain_terms(inside, mine, resources)), mine))
    return max(tried, key=lambda one: (one[0], one[1].id))[1] if tried else None


def _forbidden(inside: Layer, look: Look, certainty: float) -> bool:
    subjects = [look.iri, *look.items, *inside.objects(look.iri, WW.hasPair)]
    return any(
        inside.confidence(fact) >= certainty
        for subject in subjects
        for fact in inside.match(subject, WW.violates, None)
    )


def _by_label(
    look: ExplainedLook, templates: Templates, lang: str
) -> dict[tuple[str, str], tuple[float, str, NamedNode | None]]:
    named_ = names(look.layer, look.look, templates, lang)
    found: dict[tuple[str, str], tuple[float, str, NamedNode | None]] = {}
    for term in look.terms:
        key = (term.term.kind, term_label(named_, term))
        value, evidence, source = found.get(key, (0.0, term.evidence.root, term.term.source))
        found[key] = (value + term.term.value, evidence, source)
    return found


def as_json(found: WhyNot) -> dict[str, Any]:
    """Return what `why-not --json` prints."""
    searched = found.searched
    smallest = searched.smallest if searched is not None else None
    return {
        "item": found.item.value,
        "admitted": found.admitted,
        "blocked_by": [one.root for one in found.blocked],
        "lost_by": [one.as_dict() for one in found.lost_by],
        "smallest_change": None
        if smallest is None
        else {
            "cost": smallest.cost,
            "changes": [_change_json(step) for step in smallest.changes],
            "verified": True,
        },
        "other_changes": []
        if searched is None
        else [
            {"cost": one.cost, "changes": [_change_json(step) for step in one.changes]}
            for one in searched.others
        ],
        "complete": searched is None or searched.complete,
        "searched": None
        if searched is None
        else {
            "changes": searched.steps,
            "most": searched.most,
            "checked": searched.checks,
            "recommended": searched.recommended,
        },
        "note": found.note,
        **({} if found.rank is None else {"rank": found.rank[0], "of": found.rank[1]}),
        "nodes": {name: node_json(found.nodes[name]) for name in sorted(found.nodes)},
    }


def _change_json(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind.value.rpartition("#")[2].removeprefix("change-"),
        "statement": None if step.statement is None else fact_json(step.statement),
        "from": None if step.before is None else term_json(step.before),
        "to": None if step.after is None else term_json(step.after),
    }


def blocked_lines(found: WhyNot, named_: Names, templates: Templates) -> list[str]:
    """Return what forbids the item as trees."""
    own = dict(named_.own)
    if found.request is not None:
        own[found.request.iri] = templates["the-request"][named_.language]
    called = replace(named_, own=own)
    return [
        f"  {line}" for one in found.blocked for line in evidence_lines(called, one, stage=False)
    ]


def change_line(step: Step, named_: Names) -> str:
    """Return a change in one line: what kind, of what, from what to what."""
    parts = [named_.of(step.kind)]
    if step.statement is not None and step.asking is None:
        parts.append(named_.of(step.statement.subject))
        parts.append(named_.of(step.statement.predicate))
    before = named_.of(step.before) if step.before is not None else ""
    after = named_.of(step.after) if step.after is not None else ""
    if step.kind == WW["change-add-layer"] and isinstance(step.after, NamedNode):
        kinds = [
            named_.of(kind) for kind in named(named_.layer.objects(step.after, WW.statedClass))
        ]
        after += f" ({', '.join(sorted(kinds))})" if kinds else ""
    change = f"{before} → {after}" if before and after else after or before
    return f"{parts[0]}: {' '.join([*parts[1:], change])}".rstrip()
