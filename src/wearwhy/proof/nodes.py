"""Nodes of evidence as proofs make them: named by their content, axioms told apart."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.rdf import OWL, RDFS, TYPE, Fact, Node
from wearwhy.rules.model import (
    Call,
    Expression,
    Rule,
    Term,
    TriplePattern,
    Var,
)

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
    name = content_id(
        node.kind,
        statement,
        str(node.rule),
        "\t".join([f"{name}={value}" for name, value in node.bindings]),
        f"{node.value} {node.confidence} {node.probability}",
        " ".join(node.premises),
        node.note or "",
    )
    return replace(node, id=name)


def content_id(kind: Kind, *content: str) -> str:
    """Return the id of a node of a kind with this content, each part as text."""
    text = "\n".join((kind.value, *content))
    return _LETTERS[kind] + hashlib.sha256(text.encode()).hexdigest()[:12]


def is_axiom(fact: Fact) -> bool:
    """Return whether a fact is stated in the vocabulary of RDFS or OWL, apart from annotations."""
    said = fact.object if fact.predicate == TYPE else fact.predicate
    return (
        isinstance(said, NamedNode)
        and said.value.startswith(_SCHEMA)
        and fact.predicate not in _ANNOTATIONS
    )


def reachable(root: str, nodes: dict[str, EvidenceNode]) -> Evidence:
    """Return the document of the nodes that a root rests on; a conclusion before its premises."""
    found: dict[str, EvidenceNode] = {}
    stack = [root]
    while stack:
        name = stack.pop()
        if name not in found:
            node = found[name] = nodes[name]
            stack += reversed(node.premises)
    return Evidence(root, found)


def fresh_nodes(rule: Rule, fact: Fact, bindings: dict[str, Node]) -> dict[str, Node]:
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
        named = f"_:{term.value}"
        return isinstance(node, BlankNode) and found.setdefault(named, node) == node
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


def valued(expression: Expression, bindings: dict[str, Node]) -> Expression:
    """Return an expression with its variables replaced by their values."""
    if isinstance(expression, Call):
        return Call(expression.name, tuple(valued(arg, bindings) for arg in expression.args))
    return bindings.get(expression.name, expression) if isinstance(expression, Var) else expression
