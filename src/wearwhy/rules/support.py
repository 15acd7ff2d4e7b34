"""One row at a time: making it visible for a reason, and taking it away with what rests on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from wearwhy.rdf import NamedNode
from wearwhy.rules.compile import Compiled
from wearwhy.rules.ledger import Because, Computed, Entry, Guess, Ledger
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id, Row

Found: TypeAlias = tuple[Compiled, Row, tuple[Row, ...]]
"""A solution of a rule's body: the rule, a head row, the rows its atoms matched."""


# What a derivation from asserted facts is surer than.
_ALMOST = 1 - 1e-9


class Support:
    """The rows of one layer while it is being made.

    Attributes:
        plus: rows that became visible, or visible for a better reason, in order.
        minus: rows that were visible at some time and whose reason has gone.
        queue: rows of `plus` that rules have not yet been told.
        disturbed: whether something was withdrawn since this was last set to False.
    """

    __slots__ = (
        "disturbed",
        "entry",
        "layer",
        "minus",
        "plus",
        "queue",
    )

    def __init__(self, layer: Ledger) -> None:
        self.layer = layer
        self.entry: Callable[[Row], Entry | None] = (
            layer.entry if layer.below is not None else layer.entries.get
        )
        self.plus: dict[Row, None] = {}
        self.minus: dict[Row, None] = {}
        self.queue: list[Row] = []
        self.disturbed = False

    def insert(self, row: Row, entry: Entry, confidence: float) -> None:
        """Make a row visible for a reason, or give a visible row a better one."""
        layer = self.layer
        if self.entry(row) is None:
            self._relation(row[1]).add(row[0], row[2])
        layer.gone.pop(row, None)
        layer.entries[row] = entry
        if confidence < 1.0:
            layer.uncertain[row] = confidence
            layer.doubtful = True
        elif layer.uncertain:
            layer.uncertain.pop(row, None)
        if isinstance(entry, Because | Computed):
            uses = layer.uses
            for premise in entry.premises:
                heads = uses.get(premise)
                if heads is None:
                    uses[premise] = [row]
                else:
                    heads.append(row)
            if isinstance(entry, Because):
                layer.made.setdefault(entry.rule.rule.iri, []).append(row)
        self.plus[row] = None
        self.queue.append(row)

    def guess(self, row: Row, probability: float) -> None:
        """Make a row visible because a model predicted it; a guess is never quite certain."""
        self.insert(row, Guess(probability), min(probability, _ALMOST))

    def withdraw(self, row: Row) -> None:
        """Take a row away with everything whose kept derivation rests on it.

        A row that a model predicted stays as a guess; whatever else supports the others is found
        when their stratum is reached.
        """
        layer = self.layer
        pending = [row]
        while pending:
            gone = pending.pop()
            if self.entry(gone) is None:
                continue
            heads = list(self._resting_on(gone))
            self._remove(gone)
            pending.extend(heads)
            probability = layer.prediction(gone)
            if probability is not None:
                self.guess(gone, probability)
        self.disturbed = True

    def conclude(self, found: Iterable[Found]) -> None:
        """Put conclusions into the graph that are new, or surer than what is there.

        A guess too gives way to what is surer than it, and to nothing else: so no derivation that
        is kept can rest on the row it concludes, and which is kept does not depend on the order.
        """
        layer = self.layer
        nodes = layer.interner.nodes
        for compiled, head, premises in found:
            entry = self.entry(head)
            if self.disturbed and any(self.entry(premise) is None for premise in premises):
                continue
            if entry is None:
                if isinstance(nodes[head[1]], NamedNode):
                    sure = self.confidence(compiled, premises)
                    self.insert(head, Because(compiled, premises), sure)
            elif layer.doubtful and isinstance(entry, Because | Guess):
                sure = self.confidence(compiled, premises)
                if sure > layer.confidence_of(head):
                    self.insert(head, Because(compiled, premises), sure)

    def confidence(self, rule: Compiled, premises: tuple[Row, ...]) -> float:
        """Return the rule's confidence times that of its premises."""
        value = rule.rule.description.confidence
        if self.layer.doubtful:
            for premise in premises:
                value *= self.layer.confidence_of(premise)
        return value

    def _relation(self, predicate: Id) -> Relation:
        relations = self.layer.relations
        found = relations.get(predicate)
        below = self.layer.below
        if found is None:
            found = relations[predicate] = Relation()
        elif below is not None and found is below.relations.get(predicate):
            found = relations[predicate] = Relation(found)
        return found

    def _remove(self, row: Row) -> None:
        layer = self.layer
        self._relation(row[1]).discard(row[0], row[2])
        layer.entries.pop(row, None)
        layer.uncertain.pop(row, None)
        if layer.below is not None and layer.below.entry(row) is not None:
            layer.gone[row] = None
        self.minus[row] = None
        self.plus.pop(row, None)

    def _resting_on(self, row: Row) -> Iterator[Row]:
        layer: Ledger | None = self.layer
        while layer is not None:
            for head in layer.uses.get(row, ()):
                entry = self.entry(head)
                if isinstance(entry, Because | Computed) and row in entry.premises:
                    yield head
            layer = layer.below
