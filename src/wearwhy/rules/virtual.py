"""Terms that exist in arrays only: looks and pairs under consideration, nodes rules make of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wearwhy.rdf import Literal, NamedNode, Node
from wearwhy.rules.columns import Bools, Floats, Ints
from wearwhy.rules.measures import number
from wearwhy.rules.terms import Id, Interner

# Ids of what exists in arrays only lie above those of terms.
VIRTUAL = 1 << 30
# And those of nodes that rules make above these; all fit twice into a key.
FRESH = VIRTUAL + (1 << 29)
_NAME = "urn:wearwhy:row:"
# No number that a measure reads is infinite.
_UNREAD = -np.inf


class Rows:
    """The table of terms, with names for looks and pairs that exist in arrays only."""

    __slots__ = ("_interner", "_literal", "_numbers", "nodes", "parts", "values")

    def __init__(self, interner: Interner) -> None:
        self._interner = interner
        self.nodes: Sequence[Node] = _Nodes(interner.nodes)
        self.parts = interner.parts
        self._literal: Bools = np.zeros(0, dtype=bool)
        self._numbers: Floats = np.zeros(0)
        # The ids of what measures computed, by value and how it is written.
        self.values: dict[tuple[object, float], Id] = {}

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

    def numbers(self, ids: Ints) -> Floats:
        """Return the numbers that ids stand for, as `measures.number` reads them; NaN for others."""
        known, nodes = len(self._numbers), self._interner.nodes
        if len(nodes) > known:
            self._numbers = np.concatenate((self._numbers, np.full(len(nodes) - known, _UNREAD)))
        small = ids < VIRTUAL
        at = ids if bool(small.all()) else np.where(small, ids, 0)
        found = self._numbers[at]
        unread = found == _UNREAD
        if bool(unread.any()):
            for one in set(at[unread].tolist()):
                value = number(nodes[one])
                self._numbers[one] = np.nan if value is None else float(value)
            found = self._numbers[at]
        return found if at is ids else np.where(small, found, np.nan)


class _Nodes(Sequence[Node]):
    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    def __getitem__(self, number: int) -> Node:  # type: ignore[override]
        if number >= VIRTUAL:
            return NamedNode(f"{_NAME}{number}")
        return self._nodes[number]

    def __len__(self) -> int:
        return len(self._nodes)
