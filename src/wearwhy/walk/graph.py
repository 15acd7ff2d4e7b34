"""What a walk reads of a graph: a few look-ups, as a layer answers them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Final, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.evidence import Kind
from wearwhy.rdf import RDF, TYPE, WW, Fact, Node
from wearwhy.rules.layer import Layer

TRAIN: Final = "train"
"""The split whose outfits are read; those of any other are for evaluation alone."""
_HELD: Final = "held out"


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


def held_out(graph: Graph) -> frozenset[Node]:
    """Return the outfits that a source keeps for evaluation: with a `ww:split` other than "train".

    Neither walks nor counts nor learning read an outfit that is held out. Of a layer the answer is
    kept with the lowest one under it that says the same.
    """
    if not isinstance(graph, Layer):
        return _held_out(graph)
    home, said = graph, graph.relation(WW["split"])
    while home.below is not None and home.below.relation(WW["split"]) is said:
        home = home.below
    found = home.cache.get(_HELD)
    if not isinstance(found, frozenset):
        found = home.cache[_HELD] = _held_out(home)
    return found


def _held_out(graph: Graph) -> frozenset[Node]:
    said = graph.match(None, WW["split"], None)
    return frozenset(
        f.subject
        for f in said
        if (not isinstance(f.object, Literal) or f.object.value != TRAIN)
        and graph.holds(Fact(f.subject, TYPE, WW.Outfit))
    )


class Apart:
    """A graph without the facts of some nodes: what is held out, or under judgement."""

    def __init__(self, graph: Graph, aside: Collection[Node]) -> None:
        self._graph = graph
        self._aside = frozenset(aside)

    def _seen(self, fact: Fact) -> bool:
        return fact.subject not in self._aside and fact.object not in self._aside

    def holds(self, fact: Fact) -> bool:
        """Return whether the fact is visible."""
        return self._seen(fact) and self._graph.holds(fact)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> Iterable[Fact]:
        """Return the visible facts that fit; None fits anything."""
        found = self._graph.match(subject, predicate, obj)
        return filter(self._seen, found) if self._aside else found

    def objects(self, subject: Node, predicate: NamedNode, /) -> list[Node]:
        """Return the objects of a subject and predicate."""
        if subject in self._aside:
            return []
        return [o for o in self._graph.objects(subject, predicate) if o not in self._aside]

    def subjects(self, predicate: NamedNode, obj: Node, /) -> list[Node]:
        """Return the subjects of a predicate and object."""
        if obj in self._aside:
            return []
        return [s for s in self._graph.subjects(predicate, obj) if s not in self._aside]

    def value(self, subject: Node, predicate: NamedNode, /) -> Node | None:
        """Return the first object in sorted order, or None."""
        return min(self.objects(subject, predicate), key=str, default=None)

    def kind(self, fact: Fact, /) -> Kind | None:
        """Return what kind of fact it is, or None if it does not hold."""
        return self._graph.kind(fact) if self._seen(fact) else None

    def confidence(self, fact: Fact, /) -> float:
        """Return the product along the fact's surest proof; 1 where nothing uncertain is used."""
        return self._graph.confidence(fact)
