"""Looking things up in an RDF graph: what other rule languages are written in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from wearwhy.rdf import RDF, RDFS, TYPE, BlankNode, Fact, Literal, NamedNode, Node, Triple, curie
from wearwhy.rules.foreign.queries import Lost

LONGEST: Final = 10_000
"""The most members a list may have; a list may also be a circle."""


class Graph:
    """Statements by subject and predicate, in the order of the file."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._objects: dict[tuple[Node, NamedNode], dict[Node, None]] = defaultdict(dict)
        self._subjects: dict[tuple[NamedNode, Node], dict[Node, None]] = defaultdict(dict)
        self._predicates: dict[Node, dict[NamedNode, None]] = defaultdict(dict)
        for fact in facts:
            self._objects[fact.subject, fact.predicate][fact.object] = None
            self._subjects[fact.predicate, fact.object][fact.subject] = None
            self._predicates[fact.subject][fact.predicate] = None

    def objects(self, subject: Node, predicate: NamedNode) -> list[Node]:
        """Return the objects of a subject's property."""
        return list(self._objects.get((subject, predicate), ()))

    def subjects(self, predicate: NamedNode, value: Node) -> list[Node]:
        """Return the subjects that have a value."""
        return list(self._subjects.get((predicate, value), ()))

    def predicates(self, subject: Node) -> list[NamedNode]:
        """Return the properties that a subject has."""
        return list(self._predicates.get(subject, ()))

    def pairs(self, predicate: NamedNode) -> Iterator[tuple[Node, Node]]:
        """Yield the subjects and objects of a property."""
        for (subject, name), values in self._objects.items():
            if name == predicate:
                for value in values:
                    yield subject, value

    def one(self, subject: Node, predicate: NamedNode) -> Node | None:
        """Return the only object of a subject's property, or None.

        Raises:
            Lost: there are several.
        """
        found = self.objects(subject, predicate)
        if len(found) > 1:
            raise Lost(f"{curie(predicate)} is given more than once")
        return found[0] if found else None

    def is_a(self, subject: Node, kind: NamedNode) -> bool:
        """Return whether a subject is said to be of a class."""
        return kind in self._objects.get((subject, TYPE), {})

    def items(self, head: Node) -> list[Node]:
        """Return the members of a list.

        Raises:
            Lost: it is no list, or it has no end.
        """
        found: list[Node] = []
        while head != RDF.nil:
            first, rest = self.one(head, RDF.first), self.one(head, RDF.rest)
            if first is None or rest is None or len(found) >= LONGEST:
                raise Lost(f"{shown(head)} is no list")
            found.append(first)
            head = rest
        return found

    def label(self, subject: Node) -> tuple[tuple[str, str], ...]:
        """Return a subject's labels by language."""
        return tuple(
            sorted(
                {
                    (value.language or "en"): value.value
                    for value in self.objects(subject, RDFS.label)
                    if isinstance(value, Literal)
                }.items()
            )
        )


def shown(node: Node) -> str:
    """Return a node as a sentence names it."""
    if isinstance(node, BlankNode):
        return "a node without a name"
    return str(node) if isinstance(node, Triple) else curie(node)
