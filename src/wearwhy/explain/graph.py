"""Explanations as a graph to be queried: firings in PROV-O, statements as RDF 1.2 triple terms.

Each fact is an entity that reifies it, `ww:about` its subject; each firing an activity that used
the entities of its premises and generated that of its conclusion, its plan the rule. Leaves point
to the graph they were read from. A look has terms, each with its value and what it was derived
from. The words are in `ontology/explanations.ttl`. It is an export: the ledger stays where it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.terms import ExplainedLook
from wearwhy.outfit.score import Term
from wearwhy.rdf import (
    ID,
    PROV,
    RDF,
    RDFS,
    TYPE,
    WW,
    XSD,
    BlankNode,
    Fact,
    Literal,
    NamedNode,
    Node,
    Triple,
)
from wearwhy.rules.layer import Layer

Sources = Callable[[Fact], Iterable[NamedNode]]

_ENTITY: Final = PROV.Entity
_ACTIVITY: Final = PROV.Activity
_KIND: Final = {kind: WW[f"evidence-{kind.value}"] for kind in Kind}
_LEAVES: Final = (Kind.ASSERTED, Kind.AXIOM, Kind.PREDICTED)
_USED: Final = PROV.used
_GENERATED: Final = PROV.wasGeneratedBy
_DERIVED: Final = PROV.wasDerivedFrom
_SOURCE: Final = PROV.hadPrimarySource
_ASSOCIATION: Final = PROV.qualifiedAssociation


def entity(node: EvidenceNode) -> NamedNode:
    """Return the entity that a node of evidence is: the same for the same statement."""
    if node.statement is None:
        return ID[f"evidence/{node.id}"]
    text = "\t".join(map(str, node.statement))
    return ID[f"fact/{hashlib.sha256(text.encode()).hexdigest()[:20]}"]


def evidence_facts(
    nodes: Mapping[str, EvidenceNode], sources: Sources = lambda _: ()
) -> Iterator[Fact]:
    """Yield what evidence says, as facts about entities and activities.

    Args:
        nodes: by id, the premises of each among them.
        sources: the graphs that a leaf was read from.
    """
    names = {key: entity(node) for key, node in nodes.items()}
    absences = {key: node.note or "" for key, node in nodes.items() if node.kind is Kind.ABSENT}
    plans: dict[NamedNode, NamedNode] = {}
    told: set[NamedNode] = set()
    for key, node in nodes.items():
        if key in absences:
            continue
        here = names[key]
        # A fact may stand in several documents, once needed and once not; it is one entity.
        if here not in told:
            told.add(here)
            yield from _entity(here, node)
            if node.kind in _LEAVES and node.statement is not None:
                for graph in sources(node.statement):
                    yield Fact(here, _SOURCE, graph)
        made = [names[premise] for premise in node.premises if premise not in absences]
        if isinstance(node.rule, NamedNode):
            firing = _firing(node, made)
            yield Fact(here, WW.byRule, node.rule)
            yield Fact(here, _GENERATED, firing)
            # A rule with several heads generates several facts by one firing.
            if firing not in told:
                told.add(firing)
                plan = plans.get(node.rule)
                if plan is None:
                    plan = plans[node.rule] = ID[f"plan/{_digest(node.rule.value)}"]
                    yield from _plan(plan, node.rule)
                absent = [absences[one] for one in node.premises if one in absences]
                yield from _fired(firing, plan, made, absent)
        for used in made:
            yield Fact(here, _DERIVED, used)


def _entity(here: NamedNode, node: EvidenceNode) -> Iterator[Fact]:
    yield Fact(here, TYPE, _ENTITY)
    yield Fact(here, WW.evidenceKind, _KIND[node.kind])
    fact = node.statement
    if fact is not None:
        # RDF has no literal subjects; such a conclusion is told, not reified.
        if isinstance(fact.subject, NamedNode | BlankNode):
            yield Fact(here, RDF.reifies, Triple(fact.subject, fact.predicate, fact.object))
            yield Fact(here, WW.about, fact.subject)
        else:
            yield Fact(here, RDFS.comment, Literal(" ".join(map(str, fact))))
    for predicate, value in (
        (WW.value, node.value),
        (WW.confidence, node.confidence),
        (WW.probability, node.probability),
    ):
        if value is not None:
            yield Fact(here, predicate, _number(value))
    if node.note:
        yield Fact(here, RDFS.comment, Literal(node.note))


def _plan(plan: NamedNode, rule: NamedNode) -> Iterator[Fact]:
    yield Fact(plan, TYPE, PROV.Association)
    yield Fact(plan, PROV.hadPlan, rule)
    yield Fact(plan, PROV.agent, WW.reasoner)


def _fired(
    firing: NamedNode, plan: NamedNode, used: Iterable[NamedNode], absent: Iterable[str]
) -> Iterator[Fact]:
    yield Fact(firing, TYPE, _ACTIVITY)
    yield Fact(firing, TYPE, WW.Firing)
    yield Fact(firing, _ASSOCIATION, plan)
    for premise in used:
        yield Fact(firing, _USED, premise)
    for pattern in absent:
        yield Fact(firing, WW.restsOnAbsence, Literal(pattern))


def _firing(node: EvidenceNode, premises: Iterable[NamedNode]) -> NamedNode:
    text = "\n".join([str(node.rule), *map(str, premises), *(f"{n}={v}" for n, v in node.bindings)])
    return ID[f"firing/{_digest(text)}"]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _number(value: float) -> Literal:
    return Literal(repr(float(value)), datatype=XSD.double)


def look_facts(look: ExplainedLook) -> Iterator[Fact]:
    """Yield what a look is, and its terms: kind, value, rule, evidence, what each needs.

    The evidence itself is told by `evidence_facts` of the look's nodes.
    """
    node, request = look.look.iri, look.look.request
    yield Fact(node, TYPE, WW.Look)
    yield Fact(node, TYPE, _ENTITY)
    yield Fact(node, RDFS.label, Literal(look.look.id))
    yield Fact(node, WW.value, _number(look.look.score))
    yield Fact(node, WW.forRequest, request.iri)
    if request.date is not None:
        yield Fact(request.iri, WW.date, Literal(request.date.isoformat(), datatype=XSD.date))
    for occasion in request.occasions:
        yield Fact(request.iri, WW.occasion, occasion)
    for item in look.look.items:
        yield Fact(node, WW.hasItem, item)
    for number, told in enumerate(look.terms, 1):
        here = NamedNode(f"{node.value}/term/{number}")
        yield Fact(node, WW.hasTerm, here)
        yield from _term(here, told.term)
        nodes = told.evidence.nodes
        yield Fact(here, _DERIVED, entity(nodes[told.evidence.root]))
        for leaf in nodes.values():
            if leaf.needed is not None:
                yield Fact(here, WW.needs if leaf.needed else WW.doesWithout, entity(leaf))


def _term(here: NamedNode, term: Term) -> Iterator[Fact]:
    yield Fact(here, TYPE, WW.Term)
    yield Fact(here, WW.termKind, Literal(term.kind))
    yield Fact(here, WW.value, _number(term.value))
    rule: Node | None = term.verdict.object if term.verdict is not None else None
    if rule is not None:
        yield Fact(here, WW.byRule, rule)
    for item in term.about:
        yield Fact(here, WW.termAbout, item)


def rule_labels(layer: Layer) -> Iterator[Fact]:
    """Yield what the rules in force are called."""
    for rule in layer.program.rules:
        for language, text in rule.description.label:
            yield Fact(rule.iri, RDFS.label, Literal(text, language=language))
