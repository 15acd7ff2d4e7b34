"""Incremental maintenance: from a change to the facts it brings and takes.

Stratum by stratum, after Gupta, Mumick and Subrahmanian's delete-and-rederive, with the ledger
deciding what a deletion touches: only facts whose kept derivation rests on a lost one are taken
away, and each is put back where another derivation stands. A closing from nothing is the same
algorithm with everything added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from wearwhy.rdf import BlankNode, NamedNode
from wearwhy.rules.budget import Budget, Meter
from wearwhy.rules.compile import Compiled
from wearwhy.rules.layer import ASSERTED, Asserted, Because, Change, Computed, Entry, Guess, Layer
from wearwhy.rules.measures import Computation
from wearwhy.rules.program import Stratum
from wearwhy.rules.relation import EMPTY, Relation
from wearwhy.rules.terms import Id, Row

T = TypeVar("T")


class Keeper:
    """What generated functions ask of a layer besides its relations."""

    __slots__ = ("_entry", "_guessed", "_interner", "relations", "watch")

    def __init__(self, layer: Layer, watch: Callable[[Iterable[T]], Iterator[T]]) -> None:
        self._entry = layer.entry
        self._interner = layer.interner
        self._guessed = layer.guessed
        self.relations = layer.relations
        self.watch = watch

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


def maintain(
    layer: Layer,
    change: Change,
    lost_rules: Sequence[NamedNode],
    new_rules: Sequence[Compiled],
    budget: Budget,
) -> None:
    """Close a fresh layer under a change.

    Args:
        layer: a layer that says nothing yet, over a closed one (or over nothing).
        change: facts and guesses to add and to take away.
        lost_rules: rules of the program below that are not in force here.
        new_rules: rules in force here that were not below.
        budget: what it may cost.

    Raises:
        BudgetExceeded: with the rule at work.
    """
    _Maintenance(layer, budget).run(change, lost_rules, new_rules)


class _Maintenance:
    def __init__(self, layer: Layer, budget: Budget) -> None:
        self.layer = layer
        self.meter = Meter(budget)
        self.keeper = Keeper(layer, self.meter.watch)
        # Rows that became visible, or visible for a better reason, in order.
        self.plus: dict[Row, None] = {}
        # Rows that were visible at some time and whose reason has gone.
        self.minus: dict[Row, None] = {}
        self.asserted_plus: dict[Row, None] = {}
        self.asserted_minus: dict[Row, None] = {}
        self.queue: list[Row] = []
        self.reached: list[Stratum] = []
        self.disturbed = False

    def run(
        self, change: Change, lost_rules: Sequence[NamedNode], new_rules: Sequence[Compiled]
    ) -> None:
        layer = self.layer
        row = layer.interner.row
        for iri in lost_rules:
            for made in self._made_by(iri):
                entry = layer.entry(made)
                if isinstance(entry, Because) and entry.rule.rule.iri == iri:
                    self.withdraw(made)
        self._predict(change)
        for fact in change.remove:
            gone = row(fact)
            if isinstance(layer.entry(gone), Asserted):
                self.asserted_minus[gone] = None
                self.withdraw(gone)
        for fact in change.add:
            self._assert(row(fact))
        fresh = set(new_rules)
        for stratum in layer.program.strata:
            self.reached.append(stratum)
            self._stratum(stratum, [c for c in stratum.rules if c in fresh])

    def _made_by(self, iri: NamedNode) -> list[Row]:
        rows: dict[Row, None] = {}
        layer: Layer | None = self.layer
        while layer is not None:
            rows.update(dict.fromkeys(layer.made.get(iri, ())))
            layer = layer.below
        return list(rows)

    def _predict(self, change: Change) -> None:
        layer = self.layer
        row = layer.interner.row
        for fact in change.unpredict:
            old = row(fact)
            layer.predictions[old] = None
            if isinstance(layer.entry(old), Guess):
                self.withdraw(old)
        if change.predict:
            named = {layer.interner.id(f.predicate) for f, _ in change.predict}
            layer.guessed |= named
            layer.doubtful = True
            self.keeper = Keeper(layer, self.meter.watch)
        for fact, probability in change.predict:
            new = row(fact)
            layer.predictions[new] = probability
            entry = layer.entry(new)
            if isinstance(entry, Guess):
                self.withdraw(new)
            elif entry is None:
                self.insert(new, Guess(probability), probability)

    def _assert(self, row: Row) -> None:
        entry = self.layer.entry(row)
        if isinstance(entry, Asserted):
            return
        self.asserted_plus[row] = None
        self.insert(row, ASSERTED, 1.0)

    # -- one row ---------------------------------------------------------------------------

    def insert(self, row: Row, entry: Entry, confidence: float) -> None:
        """Make a row visible for a reason, or give a visible row a better one."""
        layer = self.layer
        if layer.entry(row) is None:
            self._relation(row[1]).add(row[0], row[2])
        layer.gone.pop(row, None)
        layer.entries[row] = entry
        if confidence < 1.0:
            layer.uncertain[row] = confidence
            layer.doubtful = True
        else:
            layer.uncertain.pop(row, None)
        if isinstance(entry, Because | Computed):
            for premise in entry.premises:
                layer.uses.setdefault(premise, []).append(row)
            if isinstance(entry, Because):
                layer.made.setdefault(entry.rule.rule.iri, []).append(row)
        self.plus[row] = None
        self.queue.append(row)

    def _relation(self, predicate: Id) -> Relation:
        relations = self.layer.relations
        found = relations.get(predicate)
        below = self.layer.below
        if found is None:
            found = relations[predicate] = Relation()
        elif below is not None and found is below.relations.get(predicate):
            found = relations[predicate] = Relation(found)
        return found

    def withdraw(self, row: Row) -> None:
        """Take a row away with everything whose kept derivation rests on it.

        A row that a model predicted stays as a guess; whatever else supports the others is found
        when their stratum is reached.
        """
        layer = self.layer
        pending = [row]
        while pending:
            gone = pending.pop()
            if layer.entry(gone) is None:
                continue
            heads = list(self._resting_on(gone))
            self._remove(gone)
            self.minus[gone] = None
            self.plus.pop(gone, None)
            pending.extend(heads)
            probability = layer.prediction(gone)
            if probability is not None:
                self.insert(gone, Guess(probability), probability)
        self.disturbed = True

    def _remove(self, row: Row) -> None:
        layer = self.layer
        self._relation(row[1]).discard(row[0], row[2])
        layer.entries.pop(row, None)
        layer.uncertain.pop(row, None)
        if layer.below is not None and layer.below.entry(row) is not None:
            layer.gone[row] = None

    def _resting_on(self, row: Row) -> Iterator[Row]:
        layer: Layer | None = self.layer
        while layer is not None:
            for head in layer.uses.get(row, ()):
                entry = self.layer.entry(head)
                if isinstance(entry, Because | Computed) and row in entry.premises:
                    yield head
            layer = layer.below

    def _confidence(self, rule: Compiled, premises: tuple[Row, ...]) -> float:
        value = rule.rule.description.confidence
        if self.layer.doubtful:
            for premise in premises:
                value *= self.layer.confidence_of(premise)
        return value

    # -- one stratum -----------------------------------------------------------------------

    def _stratum(self, stratum: Stratum, fresh: list[Compiled]) -> None:
        self._measure(stratum)
        self._break_absences(stratum)
        found: list[tuple[Compiled, Row, tuple[Row, ...]]] = []
        for compiled in fresh:
            self._solve(compiled, compiled.full(), None, found)
        self._fulfil_absences(stratum, found)
        self._conclude(found)
        self.queue = self._heard(stratum)
        while True:
            self.disturbed = False
            self._rederive()
            self._forward(stratum)
            if not self.disturbed:
                return

    def _heard(self, stratum: Stratum) -> list[Row]:
        listens = stratum.triggers.listens()
        if listens is None:
            return list(self.plus)
        return [row for row in self.plus if row[1] in listens]

    def _solve(
        self,
        compiled: Compiled,
        function: Callable[..., None],
        row: Row | None,
        found: list[tuple[Compiled, Row, tuple[Row, ...]]],
        relations: dict[Id, Relation] | None = None,
    ) -> None:
        meter = self.meter
        relations = self.layer.relations if relations is None else relations
        meter.rule, meter.place = compiled.rule.iri, compiled.rule.place

        def emit(head: Row, premises: tuple[Row, ...]) -> None:
            meter.tick()
            found.append((compiled, head, premises))

        if row is None:
            function(relations, self.keeper, emit)
        else:
            function(relations, self.keeper, row, emit)

    def _conclude(self, found: Iterable[tuple[Compiled, Row, tuple[Row, ...]]]) -> None:
        """Put conclusions into the graph that are new, or surer than what is there."""
        layer = self.layer
        nodes = layer.interner.nodes
        for compiled, head, premises in found:
            entry = layer.entry(head)
            if self.disturbed and any(layer.entry(premise) is None for premise in premises):
                continue
            if entry is None:
                if isinstance(nodes[head[1]], NamedNode):
                    confidence = self._confidence(compiled, premises)
                    self.insert(head, Because(compiled, premises), confidence)
            elif isinstance(entry, Guess):
                # A derivation beats a guess. What rested on the guess is told anew.
                self._take_over(head, Because(compiled, premises))
            elif layer.doubtful and isinstance(entry, Because):
                confidence = self._confidence(compiled, premises)
                if confidence > layer.confidence_of(head):
                    self.insert(head, Because(compiled, premises), confidence)

    def _take_over(self, head: Row, entry: Because) -> None:
        if self._circular(head, entry):
            return
        for dependent in list(self._resting_on(head)):
            self.withdraw(dependent)
        self._remove(head)
        self.minus[head] = None
        self.insert(head, entry, self._confidence(entry.rule, entry.premises))
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
                below = self.layer.entry(row)
                if isinstance(below, Because | Computed):
                    pending.extend(below.premises)
        return False

    def _forward(self, stratum: Stratum) -> None:
        triggers = stratum.triggers
        relations, keeper, meter = self.layer.relations, self.keeper, self.meter
        entry_of = self.layer.entry
        while self.queue:
            batch, self.queue = self.queue, []
            for row in batch:
                if entry_of(row) is None:
                    continue
                found: list[tuple[Compiled, Row, tuple[Row, ...]]] = []
                for compiled, atom in triggers.of(row):
                    meter.rule, meter.place = compiled.rule.iri, compiled.rule.place
                    compiled.trigger(atom)(relations, keeper, row, _sink(compiled, found, meter))
                if found:
                    self._conclude(found)
        meter.look()

    def _rederive(self) -> None:
        """Put back what another derivation of the strata reached so far supports, surest first."""
        for row in list(self.minus):
            entry = self.layer.entry(row)
            if entry is not None and not isinstance(entry, Guess):
                continue
            found: list[tuple[Compiled, Row, tuple[Row, ...]]] = []
            for stratum in self.reached:
                for compiled, head in stratum.heads.of(row):
                    self._solve(compiled, compiled.backward(head), row, found)
            same = [one for one in found if one[1] == row]
            if same:
                self._conclude([max(same, key=lambda one: self._confidence(one[0], one[2]))])

    def _seen(self, compiled: Compiled, row: Row) -> bool:
        """Return whether a rule's NOT sees a row."""
        entry = self.layer.entry(row)
        if entry is None:
            return False
        return compiled.rule.description.reads_guesses or not isinstance(entry, Guess)

    def _break_absences(self, stratum: Stratum) -> None:
        """Take away what rested on an absence that is no longer one.

        Rules of this stratum have not fired yet in this change, so that only what the layer below
        derived can be broken: its patterns are matched there, and NOT looks here.
        """
        below = self.layer.below
        if below is None:
            return
        found: list[tuple[Compiled, Row, tuple[Row, ...]]] = []
        asked: set[tuple[object, ...]] = set()
        for listeners, rows in (
            (stratum.absences, self.plus),
            (stratum.data_absences, self.asserted_plus),
        ):
            if not listeners:
                continue
            for row in list(rows):
                for compiled, number, atom, places in listeners.of(row):
                    key = (compiled, number, atom, *(row[place] for place in places))
                    if key in asked or (rows is self.plus and not self._seen(compiled, row)):
                        continue
                    asked.add(key)
                    function = compiled.broken(number, atom)
                    self._solve(compiled, function, row, found, below.relations)
        for compiled, head, premises in found:
            entry = self.layer.entry(head)
            if isinstance(entry, Because) and entry.rule is compiled and entry.premises == premises:
                self.withdraw(head)

    def _fulfil_absences(
        self, stratum: Stratum, found: list[tuple[Compiled, Row, tuple[Row, ...]]]
    ) -> None:
        """Find what an absence that has come about allows."""
        asked: set[tuple[object, ...]] = set()
        for listeners, rows in (
            (stratum.absences, self.minus),
            (stratum.data_absences, self.asserted_minus),
        ):
            if not listeners:
                continue
            for row in list(rows):
                for compiled, number, atom, places in listeners.of(row):
                    key = (compiled, number, atom, *(row[place] for place in places))
                    if key in asked or (rows is self.minus and self._seen(compiled, row)):
                        continue
                    asked.add(key)
                    self._solve(compiled, compiled.fulfilled(number, atom), row, found)

    def _measure(self, stratum: Stratum) -> None:
        """Compute anew the measures that read what has changed."""
        layer = self.layer
        if not stratum.measures:
            return
        touched = {row[1] for row in (*self.plus, *self.minus)}
        for measure in stratum.measures:
            reads = {layer.interner.id(predicate) for predicate in measure.reads}
            if not reads & touched:
                continue
            computation = Computation(layer.relations, layer.interner)
            results = {result.row: result for result in computation.results(measure)}
            relation = layer.relations.get(layer.interner.id(measure.iri), EMPTY)
            predicate = layer.interner.id(measure.iri)
            for subject, obj in list(relation.pairs()):
                row = (subject, predicate, obj)
                entry = layer.entry(row)
                new = results.get(row)
                stale = new is None or (
                    isinstance(entry, Computed) and entry.premises != new.premises
                )
                if isinstance(entry, Computed) and stale:
                    self.withdraw(row)
            for row, result in results.items():
                if layer.entry(row) is None:
                    confidence = 1.0
                    for premise in result.premises:
                        confidence *= layer.confidence_of(premise)
                    self.insert(row, Computed(measure, result.premises), confidence)


def _sink(
    compiled: Compiled, found: list[tuple[Compiled, Row, tuple[Row, ...]]], meter: Meter
) -> Callable[[Row, tuple[Row, ...]], None]:
    def emit(head: Row, premises: tuple[Row, ...]) -> None:
        meter.tick()
        found.append((compiled, head, premises))

    return emit
