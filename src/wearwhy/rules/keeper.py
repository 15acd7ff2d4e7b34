"""What generated functions ask of a layer besides its relations."""

from __future__ import annotations

import hashlib

from wearwhy.rdf import BlankNode
from wearwhy.rules.budget import Meter
from wearwhy.rules.ledger import Asserted, Guess, Ledger
from wearwhy.rules.terms import Id, Row


class Keeper:
    """What generated functions ask of a layer besides its relations."""

    __slots__ = ("_entry", "_guessed", "_interner", "relations", "rest", "watch")

    def __init__(self, layer: Ledger, meter: Meter) -> None:
        self._entry = layer.entry
        self._interner = layer.interner
        self._guessed = layer.guessed
        self.relations = layer.relations
        self.watch = meter.watch
        self.rest = meter.rest

    def asserted(self, row: Row) -> bool:
        """Return whether somebody asserted a row."""
        return isinstance(self._entry(row), Asserted)

    def firm(self, row: Row) -> bool:
        """Return whether NOT sees a visible row: it is not merely a guess."""
        return row[1] not in self._guessed or not isinstance(self._entry(row), Guess)

    def fresh(self, rule: str, label: str, premises: tuple[Row, ...]) -> Id:
        """Return the node a head's blank node stands for: one for each solution."""
        nodes = self._interner.nodes
        text = "\n".join(str(nodes[i]) for row in premises for i in row)
        digest = hashlib.sha256(f"{rule}\n{label}\n{text}".encode()).hexdigest()
        return self._interner.id(BlankNode(f"f{digest[:30]}"))
