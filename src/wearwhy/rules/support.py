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


class Support:
    """The rows of one layer while it is being made.

    Attributes:
        plus: rows that became visible, or visible for a better reason, in order.
        minus: rows that were visible at some time and whose reason has gone.
        queue: rows of `plus` that rules have not yet been told.
        disturbed: whether something was withdrawn since this was last set to False.
        alternatives: whether a row that rests on a guess was concluded in another, less sure way.
        refused: guesses that kept a derivation from taking over, as it rests on them.
        suppressed: guesses that are left out for a trial.
    """

    __slots__ = (
        "alternatives",
        "disturbed",
        "entry",
        "layer",
        "minus",
        "plus",
        "queue",
        "refused",
        "suppressed",
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
        self.alternatives = False
        self.refused: set[Row] = set()
        self.suppressed: set[Row] = set()

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
        """Make a row visible because a model predicted it."""
        self.insert(row, Guess(probability), probability)

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
            if probability is not None and gone not in self.suppressed:
                self.guess(gone, probability)
        self.disturbed = True

    def conclude(self, found: Iterable[Found]) -> None:
        """Put conclusions into the graph that are new, or surer than what is there."""
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
            elif not layer.doubtful:
                continue
            elif isinstance(entry, Guess):
                # A derivation beats a guess. What rested on the guess is told anew.
                self._take_over(head, Because(compiled, premises))
            elif isinstance(entry, Because):
                sure, kept = self.confidence(compiled, premises), layer.confidence_of(head)
                if sure > kept:
                    self.insert(head, Because(compiled, premises), sure)
                elif kept < 1.0:
                    self.alternatives = True

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

    def _take_over(self, head: Row, entry: Because) -> None:
        if self._circular(head, entry):
            self.layer.contested[head] = None
            self.refused.add(head)
            return
        for dependent in list(self._resting_on(head)):
            self.withdraw(dependent)
        if any(self.entry(premise) is None for premise in entry.premises):
            return
        self._remove(head)
        self.insert(head, entry, self.confidence(entry.rule, entry.premises))
        self.disturbed = True

    def _circular(self, head: Row, entry: Because) -> bool:
        """Return whether a derivation rests on the very row it concludes."""
        seen: set[Row] = set()
        pending = list(entry.premises)
        while pending:
            row = pending.pop()
            if row == head:
                return True
            if row not in seen:
                seen.add(row)
                below = self.entry(row)
                if isinstance(below, Because | Computed):
                    pending.extend(below.premises)
        return False
