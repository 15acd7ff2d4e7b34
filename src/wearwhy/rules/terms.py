"""Terms as small integers, so that joins compare and hash machine words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from pyoxigraph import NamedNode

from wearwhy.rdf import Fact, Node, Triple

Id: TypeAlias = int
Row: TypeAlias = tuple[Id, Id, Id]


class _Ids(dict[Node, Id]):
    """Ids by term; a term that is looked up and not there gets the next one."""

    __slots__ = ("nodes",)

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []

    def __missing__(self, node: Node) -> Id:
        found = len(self.nodes)
        # In this order an interrupt in between leaves a number that nobody uses, and no wrong one.
        self.nodes.append(node)
        self[node] = found
        return found


class Interner:
    """A growing two-way table of terms; ids are dense and start at 0."""

    __slots__ = ("_ids", "id", "nodes")

    def __init__(self) -> None:
        self._ids = _Ids()
        self.nodes: list[Node] = self._ids.nodes
        # Return the id of a term, giving it the next one if it is new.
        self.id: Callable[[Node], Id] = self._ids.__getitem__

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
