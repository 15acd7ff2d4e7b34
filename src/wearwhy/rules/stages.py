"""One stage of a schedule solved over the facts that hold for candidates only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from wearwhy.rdf import WW, BlankNode, NamedNode
from wearwhy.rules.alone import Alone
from wearwhy.rules.arrays import columns_of, measured
from wearwhy.rules.columns import (
    Bools,
    Columns,
    Floats,
    Ints,
    Places,
    Table,
    distinct,
    joined,
    key,
    unit,
    without,
)
from wearwhy.rules.layer import Layer
from wearwhy.rules.measures import Measure
from wearwhy.rules.memory import Concluded, Memory
from wearwhy.rules.model import Rule, Term, TriplePattern, Var
from wearwhy.rules.opinions import Opinions, opinions, verdict_of
from wearwhy.rules.parts import Parted
from wearwhy.rules.schedule import Schedule, Stage
from wearwhy.rules.solver import Plan, Solver
from wearwhy.rules.terms import Id
from wearwhy.rules.values import ERROR, Values
from wearwhy.rules.virtual import FRESH

Facts: TypeAlias = dict[Id, Columns]


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What the stages of one request have in common.

    Attributes:
        layer: the request's layer.
        schedule: of the layer's program.
        items: the candidates, rising, each once.
        request: the request.
        alone: the answers of parts solved by themselves.
        places: where the candidates stand among `items`.
        sole: whether the layer has no other request.
        fresh: ids for nodes that rules make.
    """

    layer: Layer
    schedule: Schedule
    items: Ints
    request: Id
    alone: Alone
    places: Places
    sole: bool = False
    fresh: Iterator[int] = field(default_factory=lambda: itertools.count(FRESH))


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """The solutions of a frame: where each variable's value stands among the candidates."""

    table: Table
    places: dict[Var, Ints | None]
    asked: frozenset[Var]


class Run:
    """Solves a stage.

    Args:
        setting: what the stages of a request share.
        given: what counts as asserted of candidates.
        known: what earlier stages found.
        rows: the subjects whose opinions are asked for.
    """

    __slots__ = (
        "_by",
        "_frames",
        "_given",
        "_log",
        "_merged",
        "_rising",
        "_rows",
        "_setting",
        "_solver",
        "facts",
    )

    def __init__(self, setting: Setting, given: Facts, known: Facts, rows: Ints) -> None:
        self._setting = setting
        self._given = given
        self._rows = rows
        self._by: Ints = rows.argsort(kind="stable")
        self._rising: Ints = rows[self._by]
        self.facts: Facts = dict(known)
        for predicate, columns in given.items():
            self.facts[predicate] = joined(self.facts.get(predicate), columns)
        self._merged: dict[tuple[Id, str], tuple[Columns, Columns]] = {}
        self._frames: dict[int, _Frame] = {}
        self._log: list[tuple[Id, Columns]] | None = None
        schedule = setting.schedule
        self._solver = Solver(self.seen, self._predicates, schedule.terms, schedule.memory)

    def opinions(self, stage: Stage, memory: Memory | None = None) -> Opinions:
        """Return what the rules of a stage say of the rows; what else is found is in `facts`.

        Args:
            stage: to be solved.
            memory: what the steps of the stage concluded before.
        """
        fired: dict[NamedNode, tuple[Ints, Floats]] = {}
        for group in stage.groups:
            while True:
                before = self._size() if group.again else 0
                for step in group.steps:
                    reads = None
                    if memory is not None and not group.again:
                        reads = self._setting.schedule.resting.get(step)
                    if memory is None or reads is None:
                        self._take(step, fired)
                    else:
                        self._remember(step, fired, memory, memory.under(step, reads))
                if not group.again or self._size() == before:
                    break
        numbers = {rule.iri: n for n, rule in enumerate(stage.verdicts)}
        found = [(rows, numbers[iri], sure) for iri, (rows, sure) in fired.items()]
        return opinions(len(self._rows), stage.verdicts, found)

    def _take(self, step: Parted | Measure, fired: dict[NamedNode, tuple[Ints, Floats]]) -> None:
        if isinstance(step, Measure):
            self._measure(step)
            return
        table = self._solve(step)
        if table.length:
            self._told(step.rule, table, fired)

    def _remember(
        self,
        step: Parted | Measure,
        fired: dict[NamedNode, tuple[Ints, Floats]],
        memory: Memory,
        at: object,
    ) -> None:
        """Take a step, or repeat what it concluded for a request that said the same."""
        iri = step.iri if isinstance(step, Measure) else step.rule.iri
        known: Concluded | None = memory.get(at)
        if known is None:
            self._log = []
            self._take(step, fired)
            known = Concluded(fired.get(iri), self._log)
            self._log = None
            if not known.names(self._setting.request):
                memory.keep(at, known)
            return
        if known.fired is not None:
            fired[iri] = known.fired
        for predicate, columns in known.facts:
            self._add(predicate, columns)

    def solve(self, plan: Plan, start: Table) -> Table:
        """Return the solutions of a plan over what is known of candidates."""
        return self._solver.solve(plan, start)

    def _size(self) -> int:
        return sum(map(len, self.facts.values()))

    # -- what holds ------------------------------------------------------------------------

    def seen(self, predicate: Id, view: str) -> Columns:
        """Return the columns of a property, with what is known of candidates."""
        own = kept = (self._given if view == "asserted" else self.facts).get(predicate)
        layer = self._setting.layer
        base = columns_of(layer, predicate, view)
        if own is None or kept is None or not len(own):
            return base
        found = self._merged.get((predicate, view))
        if found is None or found[0] is not kept:
            if view == "firm" and predicate in layer.guessed:
                own = _surer(own, columns_of(layer, predicate, "all"), base)
            found = self._merged[predicate, view] = (kept, joined(base, own))
        return found[1]

    def _predicates(self) -> list[Id]:
        return sorted({*self._setting.layer.relations, *self.facts})

    def _measure(self, measure: Measure) -> None:
        setting = self._setting
        subjects = setting.items if measure.over == WW.Item else self._rows
        terms = setting.schedule.terms
        found = measured(measure, self.seen, terms, subjects)
        self._add(terms.id(measure.iri), found)

    def _add(self, predicate: Id, found: Columns) -> None:
        if self._log is not None:
            self._log.append((predicate, found))
        self.facts[predicate] = joined(self.facts.get(predicate), found)

    # -- one rule --------------------------------------------------------------------------

    def _solve(self, step: Parted) -> Table:
        """Return the solutions of a rule's body."""
        if self._setting.sole and self._idle(step):
            return Table(0, {})
        frame = self._frame(step)
        if not frame.table.length:
            return frame.table
        names, old = step.names, step.framed
        usable = step.request is None or old[step.request] in frame.asked
        if not usable or any(p.key and frame.places[old[p.key]] is None for p in step.alone):
            whole = self._setting.schedule.whole(step.rule)
            return self._solver.solve(whole, unit())
        answer = self._setting.alone.answer
        mask: Bools | None = None
        factors: list[tuple[Ints | None, Floats]] = []
        for part in step.alone:
            found = answer(part)
            if not found.any:
                return Table(0, {})
            places = frame.places[old[part.key]] if part.key else None
            if found.sure is not None:
                factors.append((places, found.sure))
            if places is not None:
                true = found.true[places]
                mask = true if mask is None else mask & true
        table = frame.table
        if mask is not None:
            chosen = mask.nonzero()[0]
            table = table.take(chosen)
            factors = [(None if p is None else p[chosen], sure) for p, sure in factors]
        start = Table(
            table.length, {names[v]: c for v, c in table.columns.items()}, table.confidence
        )
        for at, sure in factors:
            start.times(sure.repeat(start.length) if at is None else sure[at])
        return self._solver.solve(step.rest, start)

    def _idle(self, step: Parted) -> bool:
        """Return whether what a rule asks of the request alone is not so."""
        answer = self._setting.alone.answer
        return any(not answer(part).any for part in step.alone if part.key is None)

    def _frame(self, step: Parted) -> _Frame:
        found = self._frames.get(step.shape)
        if found is None:
            table = self._solver.solve(step.frame, unit())
            setting = self._setting
            places = {v: _places(setting.places, ids) for v, ids in table.columns.items()}
            asked = frozenset(
                v for v, ids in table.columns.items() if (ids == setting.request).all()
            )
            found = self._frames[step.shape] = _Frame(table, places, asked)
        return found

    def _told(self, rule: Rule, table: Table, fired: dict[NamedNode, tuple[Ints, Floats]]) -> None:
        """Keep what a rule concludes: an opinion on a row, or facts."""
        sure = table.confidence
        if rule.description.confidence < 1.0:
            sure = table.sure() * rule.description.confidence
        if verdict_of(rule):
            ids = self._values(rule.head[0].subject, table, {})
            rows, by = self._rising, self._by
            place = rows.searchsorted(ids)
            place[place == len(rows)] = 0
            inside = (rows[place] == ids).nonzero()[0] if len(rows) else place[:0]
            value = np.ones(len(inside)) if sure is None else sure[inside]
            if len(inside):
                fired[rule.iri] = (by[place[inside]], value)
            if rule.head[0].predicate not in self._setting.schedule.told:
                return
        made: dict[Term, Ints] = {}
        for head in rule.head:
            subjects, objects = (
                self._values(part, table, made) for part in (head.subject, head.object)
            )
            good = (subjects != ERROR) & (objects != ERROR)
            if isinstance(head.predicate, NamedNode) and bool(good.all()):
                name = self._setting.schedule.terms.id(head.predicate)
                self._add(name, distinct(key(subjects, objects), sure))
                continue
            predicates = self._values(head.predicate, table, made)
            nodes = self._setting.schedule.terms.nodes
            for predicate in np.unique(predicates).tolist():
                if not isinstance(nodes[predicate], NamedNode):
                    continue
                at = ((predicates == predicate) & good).nonzero()[0]
                keys = key(subjects[at], objects[at])
                self._add(predicate, distinct(keys, None if sure is None else sure[at]))

    def _values(self, term: Term, table: Table, made: dict[Term, Ints]) -> Ints:
        """Return what a head's term is in each solution."""
        if isinstance(term, Var):
            return table.columns[term]
        terms = self._setting.schedule.terms
        if isinstance(term, BlankNode):
            if term not in made:
                fresh = itertools.islice(self._setting.fresh, table.length)
                made[term] = np.array(list(fresh), dtype=np.int64)
            return made[term]
        if isinstance(term, TriplePattern):
            parts = (
                self._values(part, table, made).tolist()
                for part in (term.subject, term.predicate, term.object)
            )
            triple = Values(terms).triple
            return np.array([triple(*ids) for ids in zip(*parts, strict=True)], dtype=np.int64)
        return np.full(table.length, terms.id(term), np.int64)


def _surer(own: Columns, every: Columns, firm: Columns) -> Columns:
    """Return what is derived of candidates, less what a model guesses no less surely."""
    guesses = without(every, firm.keys)
    row, at = guesses.find(own.subjects, own.objects)
    if not len(row) or guesses.confidence is None:
        return own
    mine = np.ones(len(own)) if own.confidence is None else own.confidence
    return without(own, own.keys[row[mine[row] <= guesses.confidence[at]]])


def _places(items: Places, ids: Ints) -> Ints | None:
    """Return where ids stand among the candidates, or None if any is none of them."""
    # What a variable stands for is of one sort: the first tells of looks and requests.
    if not len(items) or not items.has(ids[:1]):
        return None if len(ids) else ids
    at = items.among(ids)
    return at if len(at) == len(ids) else None
