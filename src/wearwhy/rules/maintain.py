"""Incremental maintenance: from a change to the facts it brings and takes.

Stratum by stratum, after Gupta, Mumick and Subrahmanian's delete-and-rederive, with the ledger
deciding what a deletion touches: only facts whose kept derivation rests on a lost one are taken
away, and each is put back where another derivation stands. A closing from nothing is the same
algorithm with everything added.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Sequence

from wearwhy.rdf import BlankNode, NamedNode
from wearwhy.rules.budget import Budget, Meter
from wearwhy.rules.compile import Compiled
from wearwhy.rules.ledger import ASSERTED, Asserted, Because, Change, Computed, Guess, Ledger
from wearwhy.rules.measures import Computation, Measure
from wearwhy.rules.program import Stratum
from wearwhy.rules.relation import EMPTY, Relation
from wearwhy.rules.support import Found, Support
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


def maintain(
    layer: Ledger,
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
    # Thousands of small tuples are made here and kept: looking for cycles in them is in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        _Maintenance(layer, budget).run(change, lost_rules, new_rules)
    finally:
        if collecting:
            gc.enable()


class _Maintenance(Support):
    __slots__ = ("asserted_minus", "asserted_plus", "found", "keeper", "meter", "reached")

    def __init__(self, layer: Ledger, budget: Budget) -> None:
        super().__init__(layer)
        self.meter = Meter(budget)
        self.keeper = Keeper(layer, self.meter)
        self.asserted_plus: dict[Row, None] = {}
        self.asserted_minus: dict[Row, None] = {}
        self.found: list[Found] = []
        self.reached: list[Stratum] = []

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
        layer: Ledger | None = self.layer
        while layer is not None:
            rows.update(dict.fromkeys(layer.made.get(iri, ())))
            layer = layer.below
        return list(rows)

    def _predict(self, change: Change) -> None:
        layer = self.layer
        row = layer.interner.row
        for fact in change.unpredict:
            old = row(fact)
            if layer.prediction(old) is not None:
                layer.predictions[old] = None
                if isinstance(layer.entry(old), Guess):
                    self.withdraw(old)
        if change.predict:
            named = {layer.interner.id(f.predicate) for f, _ in change.predict}
            layer.guessed |= named
            layer.doubtful = True
            self.keeper = Keeper(layer, self.meter)
        for fact, probability in change.predict:
            new = row(fact)
            layer.predictions[new] = probability
            entry = layer.entry(new)
            if entry is None:
                self.guess(new, probability)
            elif isinstance(entry, Guess | Because):
                # It comes back as this guess, or as derived if that is surer.
                self.withdraw(new)

    def _assert(self, row: Row) -> None:
        if isinstance(self.entry(row), Asserted):
            return
        self.asserted_plus[row] = None
        self.insert(row, ASSERTED, 1.0)

    # -- one stratum -----------------------------------------------------------------------

    def _stratum(self, stratum: Stratum, fresh: list[Compiled]) -> None:
        for measure in stratum.measures:
            self._measure(measure)
        self._break_absences(stratum)
        for compiled in fresh:
            self._solve(compiled, compiled.full(), None)
        self._fulfil_absences(stratum)
        self.conclude(self._taken())
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

    def _emit(self, compiled: Compiled, head: Row, premises: tuple[Row, ...]) -> None:
        self.meter.tick()
        # Where nothing is in doubt, no second reason for a row is kept.
        if self.layer.doubtful or self.entry(head) is None:
            self.found.append((compiled, head, premises))

    def _emit_any(self, compiled: Compiled, head: Row, premises: tuple[Row, ...]) -> None:
        self.meter.tick()
        self.found.append((compiled, head, premises))

    def _taken(self) -> list[Found]:
        found, self.found = self.found, []
        return found

    def _solve(
        self,
        compiled: Compiled,
        function: Callable[..., None],
        row: Row | None,
        relations: dict[Id, Relation] | None = None,
    ) -> None:
        """Run a rule's function; what it finds is appended to `found`."""
        self.meter.rule = compiled.rule
        relations = self.layer.relations if relations is None else relations
        if row is None:
            function(relations, self.keeper, self._emit)
        else:
            function(relations, self.keeper, row, self._emit)

    def _forward(self, stratum: Stratum) -> None:
        of = stratum.triggers.of
        relations, keeper, meter, emit = self.layer.relations, self.keeper, self.meter, self._emit
        entry_of = self.entry
        while self.queue:
            batch, self.queue = self.queue, []
            for row in batch:
                if entry_of(row) is None:
                    continue
                for trigger in of(row):
                    meter.rule = trigger.compiled.rule
                    (trigger.function or trigger.make())(relations, keeper, row, emit)
                if self.found:
                    self.conclude(self._taken())
        meter.look()

    def _rederive(self) -> None:
        """Put back what another derivation of the strata reached so far supports, surest first."""
        for row in list(self.minus):
            entry = self.entry(row)
            # What came back from an earlier stratum may be surer from this one.
            if entry is not None and self.layer.confidence_of(row) >= 1.0:
                continue
            for stratum in self.reached:
                for compiled, head in stratum.heads.of(row):
                    self._solve(compiled, compiled.backward(head), row)
            same = [one for one in self._taken() if one[1] == row]
            if same:
                self.conclude([max(same, key=lambda one: self.confidence(one[0], one[2]))])

    # -- absences --------------------------------------------------------------------------

    def _seen(self, compiled: Compiled, row: Row) -> bool:
        """Return whether a rule's NOT sees a row."""
        entry = self.entry(row)
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
        asked: set[tuple[object, ...]] = set()
        for listeners, rows in (
            (stratum.absences, self.plus),
            (stratum.data_absences, self.asserted_plus),
        ):
            listens = listeners.listens()
            for row in list(rows):
                if listens is not None and row[1] not in listens:
                    continue
                for compiled, number, atom, places in listeners.of(row):
                    key = (compiled, number, atom, *(row[place] for place in places))
                    if key in asked or (rows is self.plus and not self._seen(compiled, row)):
                        continue
                    asked.add(key)
                    self.meter.rule = compiled.rule
                    compiled.broken(number, atom)(below.relations, self.keeper, row, self._emit_any)
        for compiled, head, premises in self._taken():
            entry = self.entry(head)
            if isinstance(entry, Because) and entry.rule is compiled and entry.premises == premises:
                self.withdraw(head)

    def _fulfil_absences(self, stratum: Stratum) -> None:
        """Find what an absence that has come about allows."""
        asked: set[tuple[object, ...]] = set()
        for listeners, rows in (
            (stratum.absences, self.minus),
            (stratum.data_absences, self.asserted_minus),
        ):
            for row in list(rows):
                for compiled, number, atom, places in listeners.of(row):
                    key = (compiled, number, atom, *(row[place] for place in places))
                    if key in asked or (rows is self.minus and self._seen(compiled, row)):
                        continue
                    asked.add(key)
                    self._solve(compiled, compiled.fulfilled(number, atom), row)

    # -- measures --------------------------------------------------------------------------

    def _measure(self, measure: Measure) -> None:
        """Compute a measure anew if anything it reads has changed."""
        layer = self.layer
        reads = {layer.interner.id(predicate) for predicate in measure.reads}
        if not any(row[1] in reads for rows in (self.plus, self.minus) for row in rows):
            return
        computation = Computation(layer.relations, layer.interner, layer.confidence_of)
        results = {result.row: result for result in computation.results(measure)}
        predicate = layer.interner.id(measure.iri)
        relation = layer.relations.get(predicate, EMPTY)
        for subject, obj in list(relation.pairs()):
            row = (subject, predicate, obj)
            entry = layer.entry(row)
            new = results.get(row)
            if isinstance(entry, Computed) and (
                new is None
                or entry.premises != new.premises
                or layer.confidence_of(row) != new.confidence
            ):
                self.withdraw(row)
        for row, result in results.items():
            if layer.entry(row) is None:
                self.insert(row, Computed(measure, result.premises), result.confidence)
