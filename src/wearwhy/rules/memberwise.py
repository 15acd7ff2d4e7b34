"""What look rules say of many looks, read off their members: counting instead of joining.

For one request the kinds of items that rules ask about are decided once over all candidates;
looks are then rows of a membership matrix, and "has an item of this kind" is a product with it.
Says what the general reading says (`Run`), for the rules of which `readable` is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from wearwhy.rdf import Literal, NamedNode
from wearwhy.rules.alone import Answer, answered
from wearwhy.rules.arrays import Paths, decimal, numbered, walked, whole
from wearwhy.rules.columns import Bools, Floats, Ints, Table
from wearwhy.rules.measures import Aggregate, Measure
from wearwhy.rules.memory import Memory
from wearwhy.rules.model import Var
from wearwhy.rules.parts import ITEM, REQUEST
from wearwhy.rules.readable import OTHER, Gap, Kind, Reading, Test
from wearwhy.rules.solver import Plan
from wearwhy.rules.stages import Run, Setting
from wearwhy.rules.summed import Ends, Matrix, Summary, summary

Fired: TypeAlias = list[tuple[Ints, int, Floats]]
FEW = 256
"""Up to so many candidates each is a column of every membership matrix."""
_AT = Var(".at")
_COUNTING = (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)
_COMPARED: Mapping[str, Callable[[Floats, float], Bools]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


class _Not(Enum):
    """Why a rule is not prepared: the request rules it out, or counting does not follow it."""

    OUT = "out"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, eq=False)
class _Active:
    """A rule that the request does not rule out, over the candidates."""

    number: int
    confidence: float
    has: tuple[Answer, ...]
    together: tuple[Ints, Ints] | None
    lacks: tuple[Bools, ...]
    gaps: tuple[tuple[Bools, ...], ...]
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """What the active rules ask the members of a look for, as columns.

    Attributes:
        of: which candidate (row) is of which kind (column).
        has: which kinds (row) a look must hold by which rule (column); `many` of them a rule.
        many: how many kinds each rule wants held.
        lacks: which kinds (row) a look must not hold by which rule (column).
        gaps: of each rule, for each of its gaps the kinds of which one must be missing.
    """

    of: Matrix
    has: Matrix
    many: Matrix
    lacks: Matrix
    gaps: tuple[tuple[Ints, ...], ...]


def _kinds(active: Sequence[_Active], items: int) -> _Kinds:
    at: dict[bytes, int] = {}
    columns: list[Bools] = []

    def column(true: Bools) -> int:
        found = at.setdefault(true.tobytes(), len(columns))
        if found == len(columns):
            columns.append(true)
        return found

    wanted = [sorted({column(kind.true) for kind in rule.has}) for rule in active]
    barred = [[column(true) for true in rule.lacks] for rule in active]
    gaps = tuple(
        tuple(np.array([column(true) for true in gap], dtype=np.int64) for gap in rule.gaps)
        for rule in active
    )

    def told(those: Sequence[Sequence[int]]) -> Matrix:
        found = np.zeros((len(columns), len(active)), dtype=np.float32)
        for n, kinds in enumerate(those):
            found[list(kinds), n] = 1.0
        return found

    of = np.zeros((items, len(columns)), dtype=np.float32)
    for n, true in enumerate(columns):
        of[:, n] = true
    many = np.array([len(one) for one in wanted], dtype=np.float32)
    return _Kinds(of, told(wanted), many, told(barred), gaps)


class Memberwise:
    """The readable rules of one request.

    Args:
        setting: what the stages of the request share.
        run: solves over what is known of the candidates.
        readings: the rules, each with its number among the stage's verdicts.
        measures: those that the rules test.
        memory: what the rules come to for requests that say the same of what they read.

    Attributes:
        missed: rules that rest on uncertain facts in a way that counting does not follow.
    """

    __slots__ = (
        "_active",
        "_ends",
        "_kinds",
        "_measures",
        "_rounded",
        "_run",
        "_setting",
        "_summed",
        "_used",
        "missed",
    )

    def __init__(
        self,
        setting: Setting,
        run: Run,
        readings: tuple[tuple[int, Reading], ...],
        measures: Mapping[NamedNode, Measure],
        memory: Memory | None = None,
    ) -> None:
        self._setting = setting
        self._run = run
        self._measures = measures
        self._ends: dict[tuple[object, ...], Ends | None] = {}
        self._rounded: dict[float, float] = {}
        self._active: list[_Active] = []
        self.missed: list[int] = []
        for number, reading in readings:
            prepared = self._remembered(number, reading, memory)
            if isinstance(prepared, _Active):
                self._active.append(prepared)
            elif prepared is _Not.MISSED:
                self.missed.append(number)
        self._kinds = _kinds(self._active, len(setting.items))
        few = len(setting.items) <= FEW
        self._used = np.arange(len(setting.items)) if few else None
        self._summed: dict[NamedNode, Summary] = {}

    # -- once a request --------------------------------------------------------------------

    def _remembered(self, number: int, reading: Reading, memory: Memory | None) -> _Not | _Active:
        """Return a rule prepared, now or for a request that said the same of what it reads."""
        reads = self._setting.schedule.resting.get(reading.rule)
        if memory is None or reads is None:
            return self._prepared(number, reading)
        at = memory.under(reading, reads)
        found: _Not | _Active | None = memory.get(at)
        if found is None:
            found = self._prepared(number, reading)
            memory.keep(at, found)
        return found

    def _prepared(self, number: int, reading: Reading) -> _Not | _Active:
        """Return a rule prepared."""
        sure = self._sure(reading)
        if not sure:
            return _Not.OUT
        has = [self._kind(kind) for kind in reading.has]
        if not all(kind.any for kind in has):
            return _Not.OUT
        together = None
        if reading.apart or reading.both:
            if any(kind.sure is not None for kind in has):
                return _Not.MISSED
            pairs = self._together(reading, has)
            if pairs is None:
                return _Not.MISSED
            if not len(pairs[0]):
                return _Not.OUT
            together, has = pairs, []
        if any(self._of(self._measures[test.measure]) is None for test in reading.tests):
            return _Not.MISSED
        gaps = []
        for gap in reading.gaps:
            served = self._gap(gap)
            if served is None:
                return _Not.MISSED
            if not served:
                return _Not.OUT
            gaps.append(served)
        lacks = tuple(self._kind(kind).true for kind in reading.lacks)
        return _Active(number, sure, tuple(has), together, lacks, tuple(gaps), reading.tests)

    def _gap(self, gap: Gap) -> tuple[Bools, ...] | None:
        """Return for each thing that the request says which candidates serve it."""
        table = self._run.solve(gap.said, self._asked())
        if table.confidence is not None and (table.confidence < 1.0).any():
            return None
        said = {tuple(int(table.columns[v][n]) for v in gap.shared) for n in range(table.length)}
        items = self._setting.items
        asked = np.full(len(items), self._setting.request, np.int64)
        found = []
        for ids in sorted(said):
            start = {
                v: np.full(len(items), n, np.int64) for v, n in zip(gap.shared, ids, strict=True)
            }
            start |= {ITEM: items, REQUEST: asked}
            found.append(
                answered(self._run.solve(gap.item, Table(len(items), start)), ITEM, items).true
            )
        return tuple(found)

    def _sure(self, reading: Reading) -> float:
        """Return how surely what a rule asks of the request is so; 0 where it is not."""
        sure = reading.rule.rule.description.confidence
        for part in reading.asked:
            found = self._setting.alone.answer(part)
            if not found.any:
                return 0.0
            if found.sure is not None:
                sure *= float(found.sure[0])
        for plan in reading.plans:
            table = self._run.solve(plan, self._asked())
            if not table.length:
                return 0.0
            if table.confidence is not None:
                sure *= float(table.confidence.max())
        return sure

    def _asked(self) -> Table:
        return Table(1, {REQUEST: np.array([self._setting.request], dtype=np.int64)})

    def _kind(self, kind: Kind) -> Answer:
        """Return which candidates are of a kind."""
        items = self._setting.items
        true = np.ones(len(items), dtype=bool)
        sure: Floats | None = None
        for part in kind.parts:
            found = self._setting.alone.answer(part)
            true = true & found.true
            if found.sure is not None:
                sure = found.sure if sure is None else sure * found.sure
        for plan in kind.plans:
            left = true.nonzero()[0]
            if not len(left):
                break
            found = self._solved(plan, items[left])
            true = np.zeros(len(items), dtype=bool)
            true[left] = found.true
            if found.sure is not None:
                own = np.ones(len(items))
                own[left] = found.sure
                sure = own if sure is None else sure * own
        return Answer(true, sure, bool(true.any()))

    def _solved(self, plan: Plan, items: Ints) -> Answer:
        asked = np.full(len(items), self._setting.request, np.int64)
        table = self._run.solve(plan, Table(len(items), {ITEM: items, REQUEST: asked}))
        return answered(table, ITEM, items)

    def _together(self, reading: Reading, has: list[Answer]) -> tuple[Ints, Ints] | None:
        """Return the pairs of candidates that a rule asks for; None where that is not certain."""
        items = self._setting.items
        one, other = (kind.true.nonzero()[0] for kind in has)
        a, b = one.repeat(len(other)), np.tile(other, len(one))
        if reading.apart:
            keep = a != b
            a, b = a[keep], b[keep]
        for plan in reading.both:
            asked = np.full(len(a), self._setting.request, np.int64)
            start = {ITEM: items[a], OTHER: items[b], REQUEST: asked, _AT: np.arange(len(a))}
            table = self._run.solve(plan, Table(len(a), start))
            if table.confidence is not None and (table.confidence < 1.0).any():
                return None
            at = np.unique(table.columns[_AT])
            a, b = a[at], b[at]
        return a, b

    def _of(self, measure: Measure) -> Ends | None:
        """Return what a measure's path leads to from each candidate; None where it is uncertain."""
        numeric = measure.aggregate not in _COUNTING
        at = (measure.path, numeric)
        if at in self._ends:
            return self._ends[at]
        terms = self._setting.schedule.terms
        ends: Paths = walked(measure.path[1:], self._run.seen, terms, self._setting.items)
        found: Ends | None = None
        if not ends.trail:
            value = np.ones(len(ends.row))
            if numeric:
                ends, value = numbered(ends, terms)
            found = Ends(ends.row, ends.end, value)
        self._ends[at] = found
        return found

    # -- for each set of looks -------------------------------------------------------------

    def fired(self, flat: Ints, count: Ints) -> Fired:
        """Return which rules fire on which looks, and how surely.

        Args:
            flat: the members of all looks, look by look, as places among the candidates.
            count: how many members each look has.
        """
        if self._used is None:
            used, column = np.unique(flat, return_inverse=True)
        else:
            used, column = self._used, flat
        members = np.zeros((len(count), len(used)), dtype=np.float32)
        members[np.arange(len(count)).repeat(count), column] = 1.0
        kinds = self._kinds
        has = members @ (kinds.of if self._used is not None else kinds.of[used]) > 0
        held = has.astype(np.float32)
        whole = (held @ kinds.has >= kinds.many) & (held @ kinds.lacks == 0)
        values: dict[NamedNode, Floats] = {}
        result: Fired = []
        for at in whole.any(axis=0).nonzero()[0].tolist():
            rule = self._active[at]
            true = whole[:, at]
            if rule.together is not None:
                true = true & self._both(members, used, rule.together)
            for gap in kinds.gaps[at]:
                true = true & ~has[:, gap].all(axis=1)
            for test in rule.tests:
                if test.measure not in values:
                    measure = self._measures[test.measure]
                    values[test.measure] = self._values(measure, members, used)
                true = true & self._passes(test, values[test.measure])
            rows = true.nonzero()[0]
            if len(rows):
                sure = np.full(len(rows), rule.confidence)
                for kind in rule.has:
                    if kind.sure is not None:
                        those = np.where(kind.true, kind.sure, 0.0)[used]
                        sure *= (members[rows] * those).max(axis=1, initial=0)
                result.append((rows, rule.number, sure))
        return result

    def _values(self, measure: Measure, members: Matrix, used: Ints) -> Floats:
        """Return a measure over each look, as its literal would be read; NaN where it has none."""
        summed = self._summed.get(measure.iri)
        if summed is None:
            ends = self._of(measure)
            assert ends is not None
            summed = summary(measure.aggregate, ends, used)
            if self._used is not None:
                self._summed[measure.iri] = summed
        return summed.over(members, self._rounded)

    def _passes(self, test: Test, values: Floats) -> Bools:
        if test.name == "known":
            return ~np.isnan(values)
        if test.name != "is":
            # Of what is no number only != is true.
            found = _COMPARED[test.name](values, test.bound)
            return found & ~np.isnan(values) if test.name == "!=" else found
        counting = self._measures[test.measure].aggregate in _COUNTING
        return np.asarray(values == _number(test.written, counting=counting))

    def _both(self, members: Matrix, used: Ints, pairs: tuple[Ints, Ints]) -> Bools:
        """Return which looks hold both candidates of some pair."""
        a, b = pairs
        if self._used is None:
            inside = np.isin(a, used) & np.isin(b, used)
            a, b = (used.searchsorted(side[inside]) for side in pairs)
        both = (members[:, a] > 0) & (members[:, b] > 0)
        return np.asarray(both.any(axis=1), dtype=bool)


@lru_cache(maxsize=1024)
def _number(written: Literal | None, *, counting: bool) -> float:
    """Return the value of a measure whose literal is the one written; NaN where there is none."""
    try:
        value = float(written.value) if written is not None else np.nan
        same = (whole if counting else decimal)(value) == written
    except (ValueError, OverflowError, ArithmeticError):
        return np.nan
    return value if same else np.nan
