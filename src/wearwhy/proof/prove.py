"""Firings to proofs: the evidence for a fact, down to what was asserted or guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, Protocol

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.proof.checker import ASSERTED, GUESSED, Ground
from wearwhy.proof.recompute import Declared
from wearwhy.rdf import OWL, RDFS, TYPE, Fact, Node, curie
from wearwhy.rules import sparql
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Expression,
    Filter,
    Firing,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
)


class Closed(Protocol):
    """What proving reads of a layer."""

    def holds(self, fact: Fact, /) -> bool:
        """Return whether a fact is visible."""

    def kind(self, fact: Fact, /) -> Kind | None:
        """Return what kind of fact it is."""

    def firing(self, fact: Fact, /) -> Firing | None:
        """Return its derivation, if it has one."""

    def confidence(self, fact: Fact, /) -> float:
        """Return its confidence."""

    def probability(self, fact: Fact, /) -> float | None:
        """Return a guess's probability."""

    def rule(self, iri: NamedNode, /) -> Rule | None:
        """Return a rule in force."""

    def facts(self) -> Iterator[Fact]:
        """Yield every visible fact."""


_LETTERS: Final = {
    Kind.ASSERTED: "a",
    Kind.DERIVED: "d",
    Kind.PREDICTED: "p",
    Kind.COMPUTED: "c",
    Kind.ABSENT: "n",
    Kind.BUILTIN: "b",
    Kind.SAME: "s",
    Kind.AXIOM: "x",
    Kind.PATH: "w",
    Kind.PAIR: "r",
    Kind.OPAQUE: "o",
}
_SCHEMA: Final = (str(OWL), str(RDFS))
_ANNOTATIONS: Final = frozenset(
    (RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy, OWL.sameAs, OWL.versionInfo)
)


def identified(node: EvidenceNode) -> EvidenceNode:
    """Return a node with the id that its content gives it.

    The id is the kind's letter and twelve hexadecimal digits of a SHA-256 over kind, statement,
    rule, bindings, numbers, premises and note: equal content has an equal id.
    """
    statement = "" if node.statement is None else "\t".join(map(str, node.statement))
    bindings = "\t".join(f"{name}={value}" for name, value in node.bindings)
    parts = (
        node.kind.value,
        statement,
        str(node.rule),
        bindings,
        f"{node.value} {node.confidence} {node.probability}",
        " ".join(node.premises),
        node.note or "",
    )
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return replace(node, id=_LETTERS[node.kind] + digest[:12])


def is_axiom(fact: Fact) -> bool:
    """Return whether a fact is stated in the vocabulary of RDFS or OWL, apart from annotations."""
    said = fact.object if fact.predicate == TYPE else fact.predicate
    return (
        isinstance(said, NamedNode)
        and said.value.startswith(_SCHEMA)
        and fact.predicate not in _ANNOTATIONS
    )


class Prover:
    """Proofs over one layer; what is proved once is kept.

    Args:
        layer: the closed graph.
        source: where an asserted fact or a guess came from, if anybody knows.
    """

    def __init__(
        self, layer: Closed, source: Callable[[Fact], str | None] = lambda _: None
    ) -> None:
        self._layer = layer
        self._source = source
        self._known: dict[Fact, str] = {}
        self.nodes: dict[str, EvidenceNode] = {}

    def node(self, fact: Fact) -> str:
        """Return the id of a fact's node in `nodes`, proving it first if need be.

        Raises:
            NoAnswer: WW-WHY-ABSENT, the fact does not hold here.
        """
        stack: list[Fact] = [fact]
        opened: set[Fact] = set()
        while stack:
            current = stack[-1]
            if current in self._known:
                stack.pop()
                continue
            firing = self._layer.firing(current)
            missing = [] if firing is None else _missing(firing.premises, self._known)
            if missing:
                assert current not in opened, "the ledger is acyclic"
                opened.add(current)
                stack += missing
                continue
            stack.pop()
            self._known[current] = self._keep(self._made(current, firing))
        return self._known[fact]

    def evidence(self, fact: Fact) -> Evidence:
        """Return the proof of a fact with every node it rests on.

        Raises:
            NoAnswer: as `node`.
        """
        return reachable(self.node(fact), self.nodes)

    def _keep(self, node: EvidenceNode) -> str:
        made = identified(node)
        self.nodes[made.id] = made
        return made.id

    def _made(self, fact: Fact, firing: Firing | None) -> EvidenceNode:
        kind = self._layer.kind(fact)
        if kind is None:
            text = " ".join(map(curie, fact))
            raise NoAnswer("WW-WHY-ABSENT", f"{text} does not hold here.")
        confidence = self._layer.confidence(fact)
        surest = confidence if confidence < 1.0 else None
        if firing is None:
            if kind is Kind.ASSERTED and is_axiom(fact):
                kind = Kind.AXIOM
            guess = self._layer.probability(fact) if kind is Kind.PREDICTED else None
            return EvidenceNode("", kind, fact, probability=guess, source=self._source(fact))
        rule = self._layer.rule(firing.rule)
        premises = iter([self._known[premise] for premise in firing.premises])
        if rule is None:
            return EvidenceNode(
                "", kind, fact, firing.rule, confidence=surest, premises=tuple(premises)
            )
        bindings = dict(firing.bindings)
        absences = iter(firing.absences)
        steps = [
            next(premises)
            if isinstance(element, Atom)
            else self._absent(next(absences))
            if isinstance(element, Negation)
            else self._builtin(element, bindings)
            for element in rule.body
        ]
        fresh = _fresh(rule, fact, bindings)
        return EvidenceNode(
            "",
            kind,
            fact,
            firing.rule,
            bindings=tuple(sorted((bindings | fresh).items())),
            confidence=surest,
            premises=tuple(steps),
        )

    def _absent(self, pattern: tuple[Atom | Filter, ...]) -> str:
        return self._keep(EvidenceNode("", Kind.ABSENT, note=sparql.pattern(pattern)))

    def _builtin(self, element: Filter | Assign, bindings: dict[str, Node]) -> str:
        note = sparql.expression(_valued(element.expression, bindings))
        if isinstance(element, Assign):
            note = f"{sparql.term(bindings[element.var.name])} = {note}"
        return self._keep(EvidenceNode("", Kind.BUILTIN, note=note))


def prove(
    layer: Closed, fact: Fact, source: Callable[[Fact], str | None] = lambda _: None
) -> Evidence:
    """Return the evidence for a fact: its firing, a proof for each premise, down to the leaves.

    Premises stand in the order of the rule's body: facts, BUILTIN nodes for FILTER and SET, ABSENT
    nodes for NOT, whose note is the pattern that had no match.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold in the layer.
    """
    return Prover(layer, source).evidence(fact)


def reachable(root: str, nodes: dict[str, EvidenceNode]) -> Evidence:
    """Return the document of the nodes that a root rests on; a conclusion before its premises."""
    found: dict[str, EvidenceNode] = {}
    stack = [root]
    while stack:
        name = stack.pop()
        if name not in found:
            found[name] = nodes[name]
            stack += reversed(nodes[name].premises)
    return Evidence(root, found)


def ground(layer: Closed, rules: Iterable[Rule], measures: Iterable[Declared] = ()) -> Ground:
    """Return what the checker checks against: the layer's facts by kind, and rules and measures.

    Facts about literals, which RDF cannot store, are left out of the store; no NOT sees them.
    """
    asserted: set[Fact] = set()
    predicted: dict[Fact, float] = {}
    quads: list[Quad] = []
    for fact in layer.facts():
        kind = layer.kind(fact)
        graphs: list[NamedNode | None] = [None]
        if kind is Kind.PREDICTED:
            predicted[fact] = layer.probability(fact) or 0.0
            graphs = [GUESSED]
        elif kind is Kind.ASSERTED:
            asserted.add(fact)
            graphs = [None, ASSERTED]
        if isinstance(fact.subject, NamedNode | BlankNode):
            quads += [Quad(fact.subject, fact.predicate, fact.object, graph) for graph in graphs]
    store = Store()
    store.bulk_extend(quads)
    return Ground(
        {rule.iri.value: rule for rule in rules},
        store,
        asserted,
        predicted,
        {measure.iri.value: measure for measure in measures},
    )


def _missing(premises: Iterable[Fact], known: dict[Fact, str]) -> list[Fact]:
    return [premise for premise in premises if premise not in known]


def _fresh(rule: Rule, fact: Fact, bindings: dict[str, Node]) -> dict[str, Node]:
    """Return the blank nodes that the head made for this fact, under `_:label`."""
    for atom in rule.head:
        found: dict[str, Node] = {}
        pairs = zip((atom.subject, atom.predicate, atom.object), fact, strict=True)
        if all(_fits(term, node, bindings, found) for term, node in pairs):
            return found
    return {}


def _fits(term: Term, node: Node, bindings: dict[str, Node], found: dict[str, Node]) -> bool:
    if isinstance(term, Var):
        return bindings.get(term.name) == node
    if isinstance(term, BlankNode):
        return found.setdefault(f"_:{term.value}", node) == node
    if isinstance(term, Triple | TriplePattern):
        return isinstance(node, Triple) and all(
            _fits(part, inner, bindings, found)
            for part, inner in zip(
                (term.subject, term.predicate, term.object),
                (node.subject, node.predicate, node.object),
                strict=True,
            )
        )
    return term == node


def _valued(expression: Expression, bindings: dict[str, Node]) -> Expression:
    if isinstance(expression, Call):
        return Call(expression.name, tuple(_valued(arg, bindings) for arg in expression.args))
    return bindings.get(expression.name, expression) if isinstance(expression, Var) else expression
