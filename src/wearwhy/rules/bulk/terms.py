"""Terms as 32-bit integers that tell their kind: what is an IRI, what a literal, needs no join."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from wearwhy.rdf import BlankNode, Fact, Literal, NamedNode, Node, Triple
from wearwhy.rules.terms import Id, Row

Ints: TypeAlias = npt.NDArray[np.int32]

BITS: Final = 28
IRI, BLANK, LITERAL, TRIPLE = (kind << BITS for kind in range(4))
"""The first id of each kind; a kind has the ids up to the next one's first."""
_MASK: Final = (1 << BITS) - 1


def kind_of(node: Node) -> int:
    """Return the first id of a term's kind."""
    if isinstance(node, NamedNode):
        return IRI
    if isinstance(node, Literal):
        return LITERAL
    return BLANK if isinstance(node, BlankNode) else TRIPLE


class Terms:
    """A growing two-way table of terms."""

    __slots__ = ("_by_kind", "_ids", "nodes")

    def __init__(self) -> None:
        self._by_kind: tuple[list[Node], ...] = ([], [], [], [])
        self._ids: dict[Node, Id] = {}
        self.nodes: Sequence[Node] = _Nodes(self._by_kind)

    def __len__(self) -> int:
        return len(self._ids)

    def id(self, node: Node) -> Id:
        """Return the id of a term, giving it the next one of its kind if it is new."""
        found = self._ids.get(node)
        if found is None:
            kind = kind_of(node)
            those = self._by_kind[kind >> BITS]
            found = self._ids[node] = kind + len(those)
            those.append(node)
            if isinstance(node, Triple):
                self.parts(found)
        return found

    def find(self, node: Node) -> Id | None:
        """Return the id of a term, or None if no fact or rule has mentioned it."""
        return self._ids.get(node)

    def parts(self, term: Id) -> Row | None:
        """Return the three ids inside a triple term, or None if the term is not one."""
        node = self.nodes[term]
        if not isinstance(node, Triple):
            return None
        return self.id(node.subject), self.id(node.predicate), self.id(node.object)

    def kind(self, first: Id) -> Sequence[Node]:
        """Return the terms of a kind, in the order of their ids."""
        return self._by_kind[first >> BITS]

    def columns(self, facts: Iterable[Fact]) -> dict[Id, tuple[Ints, Ints]]:
        """Return for each predicate its facts as two arrays of ids; each fact as often as given."""
        get, new = self._ids.get, self.id
        found: dict[NamedNode, tuple[list[Id], list[Id]]] = {}
        for subject, predicate, obj in facts:
            s, o = get(subject), get(obj)
            pair = found.get(predicate)
            if pair is None:
                pair = found[predicate] = ([], [])
            pair[0].append(new(subject) if s is None else s)
            pair[1].append(new(obj) if o is None else o)
        return {
            new(predicate): (np.array(pair[0], dtype=np.int32), np.array(pair[1], dtype=np.int32))
            for predicate, pair in found.items()
        }

    def decode(self, ids: Ints) -> list[Node]:
        """Return the terms of many ids."""
        nodes = self.nodes
        return [nodes[number] for number in ids.tolist()]


class _Nodes(Sequence[Node]):
    """The terms by id."""

    __slots__ = ("_by_kind",)

    def __init__(self, by_kind: tuple[list[Node], ...]) -> None:
        self._by_kind = by_kind

    def __getitem__(self, number: int) -> Node:  # type: ignore[override]
        return self._by_kind[number >> BITS][number & _MASK]

    def __len__(self) -> int:
        return sum(map(len, self._by_kind))
