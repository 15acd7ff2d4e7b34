"""What a walk reads of a graph: a few look-ups, as a layer answers them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.evidence import Kind
from wearwhy.rdf import RDF, Fact, Node


class Graph(Protocol):
    """The look-ups of `wearwhy.rules.layer.Layer` that reading needs."""

    def holds(self, fact: Fact) -> bool:
        """Return whether the fact is visible."""

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> Iterable[Fact]:
        """Return the visible facts that fit; None fits anything."""

    def objects(self, subject: Node, predicate: NamedNode, /) -> list[Node]:
        """Return the objects of a subject and predicate."""

    def subjects(self, predicate: NamedNode, obj: Node, /) -> list[Node]:
        """Return the subjects of a predicate and object."""

    def value(self, subject: Node, predicate: NamedNode, /) -> Node | None:
        """Return the first object in sorted order, or None."""

    def kind(self, fact: Fact, /) -> Kind | None:
        """Return what kind of fact it is, or None if it does not hold."""

    def confidence(self, fact: Fact, /) -> float:
        """Return the product along the fact's surest proof; 1 where nothing uncertain is used."""


def number(graph: Graph, subject: Node, predicate: NamedNode) -> float | None:
    """Return a subject's number, or None where it has none or the literal is no number."""
    return as_number(graph.value(subject, predicate))


def as_number(node: Node | None) -> float | None:
    """Return a literal's value as a number, or None where it is none."""
    if not isinstance(node, Literal):
        return None
    try:
        return float(node.value)
    except ValueError:
        return None


def as_date(node: Node | None) -> date | None:
    """Return a literal's day, or None where it is none."""
    if not isinstance(node, Literal):
        return None
    try:
        return date.fromisoformat(node.value[:10])
    except ValueError:
        return None


def members(graph: Graph, head: Node | None) -> list[Node]:
    """Return the members of an RDF list in order; a list without end is cut where it repeats."""
    found: list[Node] = []
    seen: set[Node] = set()
    while isinstance(head, NamedNode | BlankNode) and head != RDF.nil and head not in seen:
        seen.add(head)
        first = graph.value(head, RDF.first)
        if first is not None:
            found.append(first)
        head = graph.value(head, RDF.rest)
    return found


def named(nodes: Iterable[Node]) -> list[NamedNode]:
    """Return the named nodes among `nodes`, each once, sorted by IRI."""
    return sorted({n for n in nodes if isinstance(n, NamedNode)}, key=lambda n: n.value)
