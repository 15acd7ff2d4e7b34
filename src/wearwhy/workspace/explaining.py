"""The firings behind any set of facts or looks, as a graph that SPARQL is asked of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from wearwhy.errors import InputError
from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.graph import evidence_facts, look_facts, rule_labels
from wearwhy.explain.terms import ExplainedLook, explain, explain_terms
from wearwhy.outfit.look import look_layer
from wearwhy.outfit.score import total
from wearwhy.proof.prove import Prover
from wearwhy.rdf import BlankNode, Fact, NamedNode, Triple
from wearwhy.rules.layer import Change, Layer
from wearwhy.store.answer import Answer
from wearwhy.store.quads import GRAPHS
from wearwhy.store.sparql import Limits, ask, dataset, require_query
from wearwhy.workspace import dataset as seen
from wearwhy.workspace.replay import look_from
from wearwhy.workspace.state import owner_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

EXPLANATIONS: Final = NamedNode(GRAPHS + "explanations")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be explained; nothing named means everything.

    Attributes:
        facts: a SELECT whose rows, or a CONSTRUCT whose triples, are the facts.
        looks: ids of looks that were shown.
        month: the looks asked for of its days, as YYYY-MM.
        closure: every derived, computed and guessed fact.
        needed: of looks, withdraw each cited fact to tell whether it is needed.
    """

    facts: str = ""
    looks: tuple[str, ...] = ()
    month: str = ""
    closure: bool = False
    needed: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing was named."""
        return not (self.facts or self.looks or self.month or self.closure)


def explanations(
    workspace: Workspace, scope: Scope | None = None, name: str | None = None
) -> dict[NamedNode, list[Fact]]:
    """Return the explanation graph of what is in scope, under its name.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN.
        InputError: WW-EXPLAIN-FACTS, where a query names no facts.
        NoAnswer: WW-WHY-ABSENT, where a named fact does not hold.
    """
    scope = scope or Scope()
    layer = workspace.layer(name)
    nodes: dict[str, EvidenceNode] = {}
    found: list[Fact] = []
    prover = Prover(layer)
    for fact in _facts(workspace, layer, scope, name):
        prover.node(fact)
    nodes.update(prover.nodes)
    for look in _looks(workspace, layer, scope, name):
        found += look_facts(look)
        for term in look.terms:
            nodes.update(term.evidence.nodes)
    origin = _origins(workspace, name)
    found += evidence_facts(nodes, lambda fact: origin.get(fact, ()))
    found += rule_labels(layer)
    return {EXPLANATIONS: list(dict.fromkeys(found))}


def explained(
    workspace: Workspace,
    text: str,
    scope: Scope | None = None,
    *,
    name: str | None = None,
    limits: Limits | None = None,
) -> Answer:
    """Return the answer to a SPARQL query over explanations and the facts they are about.

    Raises:
        QueryError: where it is refused, wrong or over its limits.
        UnknownName, InputError, NoAnswer: as `explanations`.
    """
    require_query(text)
    return ask(store(workspace, scope, name), text, limits=limits or Limits())


def store(workspace: Workspace, scope: Scope | None = None, name: str | None = None) -> ox.Store:
    """Return the explanations of what is in scope beside the visible facts, in memory."""
    graphs: dict[NamedNode, list[Fact]] = dict(explanations(workspace, scope, name))
    for kind in seen.KINDS:
        graphs.update(seen.graphs(workspace.layer(name), kind.value))
    return dataset(graphs)


def _facts(workspace: Workspace, layer: Layer, scope: Scope, name: str | None) -> Iterator[Fact]:
    if scope.closure or scope.everything:
        for fact in layer.facts():
            if layer.kind(fact) is not Kind.ASSERTED:
                yield fact
    if scope.facts:
        yield from _named(workspace.query(scope.facts, name=name), layer)


def _named(answer: Answer, layer: Layer) -> Iterator[Fact]:
    """Yield the facts that an answer's rows are: three terms each, or one triple term."""
    for row in answer.rows:
        cells: tuple[object, ...] = row
        if len(row) == 1 and isinstance(row[0], Triple):
            cells = (row[0].subject, row[0].predicate, row[0].object)
        if len(cells) != 3 or not isinstance(cells[1], NamedNode) or None in cells:
            raise InputError(
                "WW-EXPLAIN-FACTS",
                "This query names no facts to explain.",
                note="A row must be subject, predicate and object, or one triple term.",
                hint="SELECT ?s ?p ?o WHERE { ?s ?p ?o … }, or CONSTRUCT.",
            )
        fact = Fact(*cells)  # type: ignore[arg-type]
        # SPARQL answers with blank nodes of its own.
        if not isinstance(fact.subject, BlankNode) or layer.holds(fact):
            yield fact


def _looks(
    workspace: Workspace, layer: Layer, scope: Scope, name: str | None
) -> Iterator[ExplainedLook]:
    folder = workspace.looks(name)
    known = sorted(path.stem for path in folder.glob("look-*.json")) if folder.is_dir() else []
    wanted = list(scope.looks)
    if scope.everything or scope.month:
        wanted += known
    resources = workspace.resources
    items = resources.index(layer).at
    for look_id in dict.fromkeys(wanted):
        said = workspace.look(look_id, name)
        dated = str(said["request"].get("date", ""))
        if look_id not in scope.looks and not dated.startswith(scope.month):
            continue
        look = look_from(said, len(items))
        if not all(item in items for item in look.items):
            continue  # What it was made of has gone: nothing of it can be proved now.
        inside = layer.child(Change(add=look.request.facts()))
        terms = explain_terms(look_layer(inside, look), look, resources)
        full = replace(look, terms=terms, score=total(terms))
        yield explain(inside, full, resources, trials=scope.needed)


def _origins(workspace: Workspace, name: str | None) -> Mapping[Fact, list[NamedNode]]:
    """Return the graphs that each fact was read from, for a wardrobe and what it lies on.

    A file of the ontology counts as the graph that an edited copy of it would be kept in.
    """
    own = f"wardrobe/{workspace.wardrobe(name)}" if name or workspace.wardrobes() else ""
    found: dict[Fact, list[NamedNode]] = defaultdict(list)
    for path, file in workspace.bundle.ontology.items():
        for fact in file.facts:
            found[fact].append(NamedNode(f"{GRAPHS}base/ontology/{path}"))
    for graph, facts in workspace.state.graphs.items():
        owner, kind, _ = owner_of(graph)
        if kind == "asserted" and (owner == own or not owner.startswith("wardrobe/")):
            for fact in facts:
                found[fact].append(graph)
        elif kind == "predicted" and (owner == own or not owner.startswith("wardrobe/")):
            for fact in facts:
                if isinstance(fact.object, Triple):
                    triple = fact.object
                    found[Fact(triple.subject, triple.predicate, triple.object)].append(graph)
    return found
