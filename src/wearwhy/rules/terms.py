"""Terms as small integers, so that joins compare and hash machine words."""

from __future__ import annotations

from typing import TypeAlias

from pyoxigraph import NamedNode

from wearwhy.rdf import Fact, Node, Triple

Id: TypeAlias = int
Row: TypeAlias = tuple[Id, Id, Id]


class Interner:
    """A growing two-way table of terms; ids are dense and start at 0."""

    __slots__ = ("_ids", "nodes")

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._ids: dict[Node, Id] = {}

    def id(self, node: Node) -> Id:
        """Return the id of a term, giving it the next one if it is new."""
        found = self._ids.get(node)
        if found is None:
            found = self._ids[node] = len(self.nodes)
            self.nodes.append(node)
        return found

    def find(self, node: Node) -> Id | None:
        """Return the id of a term, or None if no fact or rule has mentioned it."""
        return self._ids.get(node)

    def row(self, fact: Fact) -> Row:
        """Return a fact as ids."""
        return self.id(fact.subject), self.id(fact.predicate), self.id(fact.object)

    def fact(self, row: Row) -> Fact:
        """Return ids as a fact."""
        subject, predicate, obj = row
        name = self.nodes[predicate]
        assert isinstance(name, NamedNode)
        return Fact(self.nodes[subject], name, self.nodes[obj])

    def parts(self, term: Id) -> Row | None:
        """Return the three ids inside a triple term, or None if the term is not one."""
        node = self.nodes[term]
        if not isinstance(node, Triple):
            return None
        return self.id(node.subject), self.id(node.predicate), self.id(node.object)
