"""Terms that exist in arrays only: looks and pairs under consideration, nodes rules make of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wearwhy.rdf import Literal, NamedNode, Node
from wearwhy.rules.columns import Bools, Ints
from wearwhy.rules.terms import Id, Interner

# Ids of what exists in arrays only lie above those of terms.
VIRTUAL = 1 << 30
# And those of nodes that rules make above these; all fit twice into a key.
FRESH = VIRTUAL + (1 << 29)
_NAME = "urn:wearwhy:row:"


class Rows:
    """The table of terms, with names for looks and pairs that exist in arrays only."""

    __slots__ = ("_interner", "_literal", "nodes", "parts")

    def __init__(self, interner: Interner) -> None:
        self._interner = interner
        self.nodes: Sequence[Node] = _Nodes(interner.nodes)
        self.parts = interner.parts
        self._literal: Bools = np.zeros(0, dtype=bool)

    def id(self, node: Node) -> Id:
        """Return the id of a term."""
        if isinstance(node, NamedNode) and node.value.startswith(_NAME):
            return int(node.value.removeprefix(_NAME))
        return self._interner.id(node)

    def literal(self, ids: Ints) -> Bools:
        """Return which ids stand for literals."""
        nodes, known = self._interner.nodes, len(self._literal)
        if len(nodes) > known:
            more = np.array([isinstance(node, Literal) for node in nodes[known:]], dtype=bool)
            self._literal = np.concatenate((self._literal, more))
        small = ids < VIRTUAL
        return small & self._literal[np.where(small, ids, 0)]


class _Nodes(Sequence[Node]):
    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    def __getitem__(self, number: int) -> Node:  # type: ignore[override]
        if number >= VIRTUAL:
            return NamedNode(f"{_NAME}{number}")
        return self._nodes[number]

    def __len__(self) -> int:
        return len(self._nodes)
