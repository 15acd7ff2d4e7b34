"""Facts to learn from: what an engine's layer offers, and a plain collection that offers the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol, cast, runtime_checkable

from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, Node


class Graph(Protocol):
    """Facts by pattern: a layer of the engine, or a `Table`."""

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit; None fits everything."""


@runtime_checkable
class Kinds(Protocol):
    """A graph that knows where a fact comes from."""

    def kind(self, fact: Fact, /) -> Kind:
        """Return the kind of a fact."""


class Table:
    """A plain collection of facts, all of them asserted, indexed for matching."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._all = dict.fromkeys(facts)
        self._of: dict[Node, list[Fact]] = defaultdict(list)
        self._with: dict[NamedNode, list[Fact]] = defaultdict(list)
        for fact in self._all:
            self._of[fact.subject].append(fact)
            self._with[fact.predicate].append(fact)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit; None fits everything."""
        if subject is not None:
            pool: Iterable[Fact] = self._of.get(subject, ())
        elif predicate is not None:
            pool = self._with.get(predicate, ())
        else:
            pool = self._all
        for fact in pool:
            if predicate in (None, fact.predicate) and object_ in (None, fact.object):
                yield fact

    def __contains__(self, fact: object) -> bool:
        """Return whether a fact stands in it."""
        return fact in self._all

    def objects(self, subject: Node, predicate: NamedNode) -> list[Node]:
        """Return the values of a property."""
        return [fact.object for fact in self.match(subject, predicate, None)]


def graph_of(source: Graph | Iterable[Fact]) -> Graph:
    """Return a graph to match in: a layer as it is, an iterable of facts as a `Table`."""
    if hasattr(source, "match"):
        return cast("Graph", source)
    return Table(source)


def asserted(graph: Graph, fact: Fact) -> bool:
    """Return whether somebody said so, as opposed to a rule or a model."""
    return graph.kind(fact) is Kind.ASSERTED if isinstance(graph, Kinds) else True
