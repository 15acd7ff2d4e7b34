"""The array reading: item, pair and look rules over all candidates of a request at once.

Rules that speak of items under consideration, of pairs or of looks, and the measures over them,
are solved on columns in the order of their strata. The resident engine, asked about one look in a
layer of its own, must say the same; it is what explanations are made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.rdf import TYPE, WW, NamedNode
from wearwhy.rules.arrays import columns_of, measured
from wearwhy.rules.columns import UNIT, Columns, Floats, Ints, Plan, Solver, Table, plan
from wearwhy.rules.layer import Layer
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Negation, Rule, Var, Verdict
from wearwhy.rules.program import Program
from wearwhy.rules.terms import Id

CERTAIN = 0.95
# Ids of looks and pairs that exist only in arrays lie above those of terms.
_VIRTUAL = 1 << 30

_VERDICTS = {
    WW.violates: Verdict.FORBID,
    WW.favouredBy: Verdict.FAVOUR,
    WW.disfavouredBy: Verdict.DISFAVOUR,
}
_ITEM = frozenset({WW.considers})
_PAIR = frozenset({WW.first, WW.second, WW.member})
_LOOK = frozenset({WW.hasItem, WW.hasPair, WW.forRequest})


def verdict_of(rule: Rule) -> Verdict | None:
    """Return what a rule says of its subject, or None for a rule that derives facts."""
    if len(rule.head) != 1:
        return None
    predicate = rule.head[0].predicate
    return _VERDICTS.get(predicate) if isinstance(predicate, NamedNode) else None


@dataclass(frozen=True, slots=True)
class Opinions:
    """What rules say of n rows: one entry for each (row, rule) that fired.

    Attributes:
        n: how many rows were asked about.
        rules: the verdict rules that may fire on them.
        row, rule: positions; `rule` indexes `rules`.
        confidence: of the surest firing.
    """

    n: int
    rules: tuple[Rule, ...]
    row: Ints
    rule: Ints
    confidence: Floats

    def _weights(self, certainty: float) -> tuple[Floats, NDArray[np.bool_]]:
        sign = {Verdict.FAVOUR: 1.0, Verdict.DISFAVOUR: -1.0, Verdict.FORBID: -1.0, None: 0.0}
        points = np.array([sign[verdict_of(r)] * r.description.points for r in self.rules])
        forbids = np.array([verdict_of(r) is Verdict.FORBID for r in self.rules], dtype=bool)
        if not len(self.rule):
            return np.zeros(0), np.zeros(0, dtype=bool)
        firm = forbids[self.rule] & (self.confidence >= certainty)
        value = np.where(firm, 0.0, points[self.rule] * self.confidence)
        return value, firm

    def points(self, certainty: float = CERTAIN) -> Floats:
        """Return for each row the sum of its opinions in log-odds.

        A prefer rule gives ±points × confidence; a forbid rule that rests on facts below the
        certainty takes points × confidence away.
        """
        value, _ = self._weights(certainty)
        return np.bincount(self.row, weights=value, minlength=self.n).astype(np.float64)

    def forbidden(
        self, *, hereditary_only: bool = False, certainty: float = CERTAIN
    ) -> NDArray[np.bool_]:
        """Return for each row whether a rule forbids it with certainty."""
        _, firm = self._weights(certainty)
        if hereditary_only and len(self.rule):
            inherits = np.array([r.description.hereditary for r in self.rules], dtype=bool)
            firm &= inherits[self.rule]
        result = np.zeros(self.n, dtype=bool)
        result[self.row[firm]] = True
        return result


@dataclass(frozen=True, slots=True)
class _Stage:
    """The rules and measures about one sort of subject, in the order of their strata."""

    steps: tuple[Rule | Measure, ...]
    verdicts: tuple[Rule, ...]


class Schedule:
    """Which rules and measures of a program speak of items, of pairs, of looks."""

    __slots__ = ("items", "looks", "memory", "pairs", "plans")

    def __init__(self, program: Program) -> None:
        sorts: dict[NamedNode, int] = dict.fromkeys(_ITEM, 1)
        sorts |= dict.fromkeys(_PAIR, 2)
        sorts |= dict.fromkeys(_LOOK, 3)
        over = {WW.Item: 1, WW.Pair: 2, WW.Look: 3}
        found: list[tuple[int, Rule | Measure]] = []
        for stratum in program.strata:
            for measure in stratum.measures:
                sorts[measure.iri] = over[measure.over]
                found.append((over[measure.over], measure))
            pending = [c.rule for c in stratum.rules]
            progress = True
            while progress:
                progress = False
                for rule in list(pending):
                    sort = max((_sort(e, sorts) for e in rule.body), default=0)
                    if sort:
                        pending.remove(rule)
                        progress = True
                        found.append((sort, rule))
                        if verdict_of(rule) is None:
                            heads = [h.predicate for h in rule.head]
                            for head in heads:
                                assert isinstance(head, NamedNode)
                                sorts[head] = max(sort, sorts.get(head, 0))
        self.items, self.pairs, self.looks = (_stage(found, sort) for sort in (1, 2, 3))
        self.plans: dict[NamedNode, Plan] = {
            step.iri: plan(step) for _, step in found if isinstance(step, Rule)
        }
        self.memory: dict[object, object] = {}


def _stage(found: list[tuple[int, Rule | Measure]], sort: int) -> _Stage:
    steps = tuple(step for kind, step in found if kind == sort)
    return _Stage(steps, tuple(s for s in steps if isinstance(s, Rule) and verdict_of(s)))


def _sort(element: object, sorts: dict[NamedNode, int]) -> int:
    if isinstance(element, Negation):
        return max((_sort(part, sorts) for part in element.body), default=0)
    if not isinstance(element, Atom) or not isinstance(element.predicate, NamedNode):
        return 0
    if element.predicate == TYPE:
        return {WW.Look: 3, WW.Pair: 2}.get(element.object, 0)  # type: ignore[call-overload]
    return sorts.get(element.predicate, 0)


def schedule(program: Program) -> Schedule:
    """Return a program's schedule, made once."""
    found = program.cache.get(Schedule)
    if not isinstance(found, Schedule):
        found = program.cache[Schedule] = Schedule(program)
    return found


class Batch:
    """The opinions of a program on the candidates of one request.

    Args:
        layer: the request's layer: the request's own facts, considering nothing yet.
        candidates: the items under consideration; everything else names them by position.
    """

    def __init__(self, layer: Layer, candidates: Sequence[NamedNode]) -> None:
        self._layer = layer
        self._interner = layer.interner
        self._schedule = schedule(layer.program)
        self._ids: Ints = np.array([self._interner.id(c) for c in candidates], dtype=np.int64)
        requests = sorted(self._interner.id(r) for r in layer.instances(WW.Request))
        self._request = requests[0] if requests else self._interner.id(WW.request)
        self._item_facts: dict[Id, Columns] = {}
        self._item_opinions = self._consider()

    def items(self) -> Opinions:
        """Return the opinions on each candidate by itself."""
        return self._item_opinions

    def _consider(self) -> Opinions:
        requests = np.full(len(self._ids), self._request, np.int64)
        facts = {WW.considers: (requests, self._ids)}
        opinions, self._item_facts = self._run(self._schedule.items, facts, {}, self._ids)
        return opinions

    def pairs(self, first: Ints, second: Ints) -> Opinions:
        """Return the opinions on pairs of candidates, given by position, lower slot first."""
        rows = np.arange(len(first)) + _VIRTUAL
        opinions, _ = self._run(
            self._schedule.pairs, self._pair_facts(rows, first, second), self._item_facts, rows
        )
        return opinions

    def _pair_facts(
        self, rows: Ints, first: Ints, second: Ints
    ) -> dict[NamedNode, tuple[Ints, Ints]]:
        a, b = self._ids[first], self._ids[second]
        kind = np.full(len(rows), self._interner.id(WW.Pair), np.int64)
        return {
            TYPE: (rows, kind),
            WW.first: (rows, a),
            WW.second: (rows, b),
            WW.member: (np.concatenate((rows, rows)), np.concatenate((a, b))),
        }

    def looks(self, members: Sequence[Sequence[int]]) -> Opinions:
        """Return the opinions on looks, each given by the positions of its items in slot order."""
        rows = np.arange(len(members)) + _VIRTUAL
        sizes = np.array([len(m) for m in members], dtype=np.int64)
        flat = np.array([i for m in members for i in m], dtype=np.int64)
        owner = np.repeat(rows, sizes)
        pairs = [(k, a, b) for k, m in enumerate(members) for n, a in enumerate(m) for b in m[n + 1 :]]
        of = np.array([k for k, _, _ in pairs], dtype=np.int64)
        distinct: dict[tuple[int, int], int] = {}
        index = np.array(
            [distinct.setdefault((a, b), len(distinct)) for _, a, b in pairs], dtype=np.int64
        )
        names = np.arange(len(distinct)) + _VIRTUAL + len(rows)
        first = np.array([a for a, _ in distinct], dtype=np.int64)
        second = np.array([b for _, b in distinct], dtype=np.int64)
        about_pairs: dict[Id, Columns] = {}
        if self._schedule.pairs.steps:
            facts = self._pair_facts(names, first, second)
            _, about_pairs = self._run(
                self._schedule.pairs, facts, self._item_facts, names, verdicts=False
            )
        kind = np.full(len(rows), self._interner.id(WW.Look), np.int64)
        request = np.full(len(rows), self._request, np.int64)
        facts = {
            TYPE: (rows, kind),
            WW.forRequest: (rows, request),
            WW.hasItem: (owner, self._ids[flat]),
            WW.hasPair: (rows[of] if len(of) else of, names[index] if len(of) else of),
        }
        opinions, _ = self._run(
            self._schedule.looks, facts, {**self._item_facts, **about_pairs}, rows
        )
        return opinions

    def _run(
        self,
        stage: _Stage,
        facts: dict[NamedNode, tuple[Ints, Ints]],
        known: dict[Id, Columns],
        rows: Ints,
        *,
        verdicts: bool = True,
    ) -> tuple[Opinions, dict[Id, Columns]]:
        """Solve a stage's rules and measures; return opinions on rows, and facts found."""
        extra = dict(known)
        for predicate, (subjects, objects) in facts.items():
            number = self._interner.id(predicate)
            extra[number] = _joined(extra.get(number), Columns(subjects, objects))
        layer = self._layer

        merged: dict[tuple[Id, str], tuple[Columns, Columns]] = {}

        def seen(predicate: Id, view: str) -> Columns:
            own = extra.get(predicate)
            base = columns_of(layer, predicate, view)
            # Nobody asserted what arrays say: it holds for candidates only.
            if own is None or not len(own) or view == "asserted":
                return base
            if not len(base):
                return own
            found = merged.get((predicate, view))
            if found is None or found[0] is not own:
                found = merged[predicate, view] = (own, _joined(base, own))
            return found[1]

        solver = Solver(seen, self._interner, self._schedule.memory)
        fired: list[tuple[Ints, Ints, Floats]] = []
        for step in stage.steps:
            if isinstance(step, Measure):
                number = self._interner.id(step.iri)
                found = measured(step, seen, self._interner, self._subjects(step, rows))
                extra[number] = _joined(extra.get(number), found)
                continue
            if not verdicts and verdict_of(step):
                continue
            table = solver.solve(self._schedule.plans[step.iri], UNIT)
            if not table.length:
                continue
            if verdict_of(step):
                fired.append(self._fired(step, table, rows, stage.verdicts.index(step)))
            else:
                self._derive(step, table, extra)
        new = {p: c for p, c in extra.items() if self._interner.nodes[p] != TYPE}
        return _opinions(len(rows), stage.verdicts, fired), new

    def _subjects(self, measure: Measure, rows: Ints) -> Ints:
        return np.unique(self._ids) if measure.over == WW.Item else rows

    def _fired(
        self, rule: Rule, table: Table, rows: Ints, number: int
    ) -> tuple[Ints, Ints, Floats]:
        subject = rule.head[0].subject
        assert isinstance(subject, Var)
        ids = table.columns[subject]
        by = np.argsort(rows, kind="stable")
        place = np.searchsorted(rows[by], ids)
        inside = place < len(rows)
        inside[inside] = rows[by][place[inside]] == ids[inside]
        row = by[place[inside]]
        confidence = (
            np.ones(len(ids)) if table.confidence is None else table.confidence
        ) * rule.description.confidence
        return row, np.full(len(row), number, np.int64), confidence[inside]

    def _derive(self, rule: Rule, table: Table, extra: dict[Id, Columns]) -> None:
        for head in rule.head:
            ends = [
                table.columns[part]
                if isinstance(part, Var)
                else np.full(table.length, self._interner.id(part), np.int64)  # type: ignore[arg-type]
                for part in (head.subject, head.object)
            ]
            assert isinstance(head.predicate, NamedNode)
            number = self._interner.id(head.predicate)
            confidence = table.confidence
            if rule.description.confidence < 1.0:
                before = np.ones(table.length) if confidence is None else confidence
                confidence = before * rule.description.confidence
            found = _distinct(ends[0], ends[1], confidence)
            extra[number] = _joined(extra.get(number), found)


def _joined(one: Columns | None, other: Columns) -> Columns:
    """Return two relations as one, each pair once, with the surer confidence."""
    if one is None or not len(one):
        return other
    subjects = np.concatenate((one.subjects, other.subjects))
    objects = np.concatenate((one.objects, other.objects))
    if one.confidence is None and other.confidence is None:
        return _distinct(subjects, objects, None)
    confidence = np.concatenate(
        [np.ones(len(c)) if c.confidence is None else c.confidence for c in (one, other)]
    )
    return _distinct(subjects, objects, confidence)


def _distinct(subjects: Ints, objects: Ints, confidence: Floats | None) -> Columns:
    if confidence is None:
        keys = np.unique((subjects << 32) | objects)
        return Columns(keys >> 32, keys & 0xFFFFFFFF)
    by = np.lexsort((-confidence, objects, subjects))
    s, o, c = subjects[by], objects[by], confidence[by]
    keep = np.ones(len(s), dtype=bool)
    keep[1:] = (s[1:] != s[:-1]) | (o[1:] != o[:-1])
    return Columns(s[keep], o[keep], c[keep])


def _opinions(
    n: int, rules: tuple[Rule, ...], fired: list[tuple[Ints, Ints, Floats]]
) -> Opinions:
    if not fired:
        none = np.empty(0, np.int64)
        return Opinions(n, rules, none, none, np.empty(0))
    row, rule, confidence = (np.concatenate(parts) for parts in zip(*fired, strict=True))
    by = np.lexsort((-confidence, rule, row))
    row, rule, confidence = row[by], rule[by], confidence[by]
    keep = np.ones(len(row), dtype=bool)
    keep[1:] = (row[1:] != row[:-1]) | (rule[1:] != rule[:-1])
    return Opinions(n, rules, row[keep], rule[keep], confidence[keep])
