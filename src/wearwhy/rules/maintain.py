"""Incremental maintenance: from a change to the facts it brings and takes.

Stratum by stratum, after Gupta, Mumick and Subrahmanian's delete-and-rederive, with the ledger
deciding what a deletion touches: only facts whose kept derivation rests on a lost one are taken
away, and each is put back where another derivation stands. A closing from nothing is the same
algorithm with everything added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wearwhy.rdf import NamedNode
from wearwhy.rules.budget import Meter
from wearwhy.rules.collecting import without_collecting
from wearwhy.rules.compile import Compiled
from wearwhy.rules.keeper import Keeper
from wearwhy.rules.ledger import ASSERTED, Asserted, Because, Change, Computed, Guess, Ledger
from wearwhy.rules.measures import Computation, Measure
from wearwhy.rules.program import Stratum
from wearwhy.rules.relation import EMPTY, Relation
from wearwhy.rules.support import Found, Support
from wearwhy.rules.terms import Id, Row


def maintain(
    layer: Ledger,
    change: Change,
    lost_rules: Sequence[NamedNode],
    new_rules: Sequence[Compiled],
    meter: Meter,
    *,
    whole: bool = False,
    idle: frozenset[Compiled | NamedNode] = frozenset(),
) -> None:
    """Close a fresh layer under a change.

    Args:
        layer: a layer that says nothing yet, over a closed one (or over nothing).
        change: facts and guesses to add and to take away.
        lost_rules: rules of the program below that are not in force here.
        new_rules: rules in force here that were not below.
        meter: what it may cost.
        whole: whether measures were never computed, so that all of them must be.
        idle: rules, and names of measures, that are not asked for.

    Raises:
        BudgetExceeded: with the rule at work.
    """
    with without_collecting():
        _Maintenance(layer, meter, whole=whole, idle=idle).run(change, lost_rules, new_rules)


class _Sure(Exception):
    """A derivation that none can be surer than."""

    def __init__(self, found: Found) -> None:
        self.found = found


class _Maintenance(Support):
    __slots__ = ("asserted_minus", "asserted_plus", "found", "idle", "meter", "reached", "whole")

    def __init__(
        self,
        layer: Ledger,
        meter: Meter,
        *,
        whole: bool,
        idle: frozenset[Compiled | NamedNode] = frozenset(),
    ) -> None:
        super().__init__(layer, Keeper(layer, meter))
        self.idle = idle
        self.meter = meter
        self.whole = whole
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
            for made in layer.made_by(iri):
                entry = self.entry(made)
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
        if stratum.measures:
            changed = {row[1] for rows in (self.plus, self.minus) for row in rows}
            for measure in stratum.measures:
                if measure.iri not in self.idle:
                    self._measure(measure, changed)
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
        if self.layer.doubtful or not self.sees(head):
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
        while self.queue:
            meter.turn()
            batch, self.queue = self.queue, []
            # A property that comes up meanwhile wakes its rules by its own rows, in a later batch.
            idle, left_out = stratum.idle(relations.keys()), self.idle
            for row in batch:
                for trigger in of(row):
                    if trigger.compiled in idle or trigger.compiled in left_out:
                        continue
                    meter.rule = trigger.compiled.rule
                    (trigger.function or trigger.make())(relations, keeper, row, emit)
                if self.found:
                    self.conclude(self._taken())
        meter.look()

    def _rederive(self) -> None:
        """Put back what another derivation of the strata reached so far supports, surest first."""
        for row in list(self.minus):
            # What came back from an earlier stratum may be surer from this one.
            if self.sees(row) and self.layer.confidence_of(row) >= 1.0:
                continue
            try:
                self._backward(row)
            except _Sure as sure:
                self.found.clear()
                self.conclude([sure.found])
                continue
            same = [one for one in self._taken() if one[1] == row]
            if same:
                self.conclude([max(same, key=lambda one: self.confidence(one[0], one[2]))])

    def _backward(self, row: Row) -> None:
        """Find what concludes a row; where nothing is in doubt, the first that does.

        Raises:
            _Sure: with what was found, where nothing can be surer.
        """
        doubtful = self.layer.doubtful
        relations, keeper, meter = self.layer.relations, self.keeper, self.meter

        def emit(compiled: Compiled, head: Row, premises: tuple[Row, ...]) -> None:
            meter.tick()
            if head == row:
                found = (compiled, head, premises)
                if not doubtful and compiled.rule.description.confidence >= 1.0:
                    raise _Sure(found)
                self.found.append(found)

        for stratum in self.reached:
            for compiled, head in stratum.heads.of(row):
                meter.rule = compiled.rule
                compiled.backward(head)(relations, keeper, row, emit)

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
        below = self.layer.origin
        if below is None:
            return
        asked: set[tuple[object, ...]] = set()
        idle = stratum.idle(below.relations.keys())
        for listeners, rows in (
            (stratum.absences, self.plus),
            (stratum.data_absences, self.asserted_plus),
        ):
            listens = listeners.listens()
            for row in list(rows):
                if listens is not None and row[1] not in listens:
                    continue
                for compiled, number, atom, places in listeners.of(row):
                    if compiled in idle:
                        continue
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

    def _measure(self, measure: Measure, changed: set[Id]) -> None:
        """Compute a measure anew if any property it reads has changed."""
        layer = self.layer
        if not self.whole and changed.isdisjoint(map(layer.interner.id, measure.reads)):
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
