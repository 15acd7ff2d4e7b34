"""One row at a time: making it visible for a reason, and taking it away with what rests on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from wearwhy.rdf import NamedNode
from wearwhy.rules.compile import Compiled
from wearwhy.rules.keeper import Keeper
from wearwhy.rules.ledger import Because, Entry, Guess, Ledger
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
        "keeper",
        "layer",
        "minus",
        "origin",
        "plus",
        "queue",
        "sees",
    )

    def __init__(self, layer: Ledger, keeper: Keeper) -> None:
        self.layer = layer
        self.keeper = keeper
        self.origin = layer.origin
        alone = self.origin is None
        self.entry: Callable[[Row], Entry | None] = layer.entries.get if alone else layer.entry
        self.sees: Callable[[Row], bool] = layer.entries.__contains__ if alone else layer.sees
        self.plus: dict[Row, None] = {}
        self.minus: dict[Row, None] = {}
        self.queue: list[Row] = []
        self.disturbed = False

    def insert(self, row: Row, entry: Entry, confidence: float) -> None:
        """Make a row visible for a reason, or give a visible row a better one."""
        if not self.sees(row):
            self._relation(row[1]).add(row[0], row[2])
        self._write(row, entry, confidence)

    def _write(self, row: Row, entry: Entry, confidence: float) -> None:
        layer = self.layer
        if layer.gone:
            layer.gone.pop(row, None)
        layer.entries[row] = entry
        if confidence < 1.0:
            layer.uncertain[row] = confidence
            layer.doubtful = True
        elif layer.uncertain:
            layer.uncertain.pop(row, None)
        if isinstance(entry, Because) and entry.rule.volatile:
            for premise in entry.premises:
                layer.uses.setdefault(premise, []).append(row)
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
            if not self.sees(gone):
                continue
            heads = self._resting_on(gone)
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
            if self.disturbed and not all(map(self.sees, premises)):
                continue
            if not self.sees(head):
                if isinstance(nodes[head[1]], NamedNode):
                    sure = self.confidence(compiled, premises)
                    self._relation(head[1]).add(head[0], head[2])
                    self._write(head, Because(compiled, premises), sure)
            elif layer.doubtful and isinstance(self.entry(head), Because | Guess):
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
        origin = self.origin
        if found is None:
            found = relations[predicate] = Relation()
        elif origin is not None and found is origin.relations.get(predicate):
            found = relations[predicate] = Relation(found)
        return found

    def _remove(self, row: Row) -> None:
        layer = self.layer
        self._relation(row[1]).discard(row[0], row[2])
        layer.entries.pop(row, None)
        layer.uncertain.pop(row, None)
        if self.origin is not None and self.origin.sees(row):
            layer.gone[row] = None
        self.minus[row] = None
        self.plus.pop(row, None)

    def _resting_on(self, row: Row) -> list[Row]:
        """Return the rows whose kept derivation rests on a visible row.

        The rules that may have derived them are run again from the row; only what a rule would
        not find twice is written down. What a measure computed is looked at when its turn comes.
        """
        layer = self.layer
        found: dict[Row, None] = {}

        def emit(_rule: Compiled, head: Row, _premises: tuple[Row, ...]) -> None:
            found[head] = None

        relations, keeper = layer.relations, self.keeper
        for stratum in layer.program.strata:
            for trigger in stratum.triggers.of(row):
                trigger.resting()(relations, keeper, row, emit)
        under: Ledger | None = layer
        while under is not None:
            if under.uses:
                found.update(dict.fromkeys(under.uses.get(row, ())))
            under = under.under
        return [
            head
            for head in found
            if isinstance(entry := self.entry(head), Because) and row in entry.premises
        ]
