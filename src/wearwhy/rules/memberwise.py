"""What look rules say of many looks, read off their members: counting instead of joining.

For one request the kinds of items that rules ask about are decided once over all candidates;
looks are then rows of a membership matrix, and "has an item of this kind" is a product with it.
Says what the general reading says (`Run`), for the rules of which `readable` is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wearwhy.rdf import NamedNode
from wearwhy.rules.alone import Answer, answered
from wearwhy.rules.arrays import Paths, decimal, numbered, walked, whole
from wearwhy.rules.columns import Bools, Floats, Ints, Table
from wearwhy.rules.measures import Aggregate, Measure
from wearwhy.rules.model import Var
from wearwhy.rules.parts import ITEM, REQUEST
from wearwhy.rules.readable import OTHER, Gap, Kind, Reading, Test
from wearwhy.rules.solver import Plan
from wearwhy.rules.stages import Run, Setting

Fired: TypeAlias = list[tuple[Ints, int, Floats]]
Matrix: TypeAlias = NDArray[np.float32]
_AT = Var(".at")
_COMPARED: Mapping[str, Callable[[Floats, float], Bools]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


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
class _Ends:
    """What a measure's path leads to from each candidate: which candidate, the node, a number."""

    row: Ints
    end: Ints
    value: Floats


class Memberwise:
    """The readable rules of one request.

    Args:
        setting: what the stages of the request share.
        run: solves over what is known of the candidates.
        readings: the rules, each with its number among the stage's verdicts.
        measures: those that the rules test.

    Attributes:
        missed: rules that rest on uncertain facts in a way that counting does not follow.
    """

    __slots__ = (
        "_active",
        "_ends",
        "_measures",
        "_places",
        "_rounded",
        "_run",
        "_setting",
        "missed",
    )

    def __init__(
        self,
        setting: Setting,
        run: Run,
        readings: tuple[tuple[int, Reading], ...],
        measures: Mapping[NamedNode, Measure],
    ) -> None:
        self._setting = setting
        self._run = run
        self._measures = measures
        self._ends: dict[tuple[object, ...], _Ends | None] = {}
        self._rounded: dict[float, float] = {}
        self._active: list[_Active] = []
        self.missed: list[int] = []
        for number, reading in readings:
            if not self._add(number, reading):
                self.missed.append(number)

    # -- once a request --------------------------------------------------------------------

    def _add(self, number: int, reading: Reading) -> bool:
        """Prepare a rule; return whether it can be followed."""
        sure = self._sure(reading)
        if not sure:
            return True
        has = [self._kind(kind) for kind in reading.has]
        if not all(kind.any for kind in has):
            return True
        together = None
        if reading.apart or reading.both:
            if any(kind.sure is not None for kind in has):
                return False
            pairs = self._together(reading, has)
            if pairs is None:
                return False
            if not len(pairs[0]):
                return True
            together, has = pairs, []
        if any(self._of(self._measures[test.measure]) is None for test in reading.tests):
            return False
        gaps = []
        for gap in reading.gaps:
            served = self._gap(gap)
            if served is None:
                return False
            if not served:
                return True
            gaps.append(served)
        lacks = tuple(self._kind(kind).true for kind in reading.lacks)
        self._active.append(
            _Active(number, sure, tuple(has), together, lacks, tuple(gaps), reading.tests)
        )
        return True

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

    def _of(self, measure: Measure) -> _Ends | None:
        """Return what a measure's path leads to from each candidate; None where it is uncertain."""
        numeric = measure.aggregate not in (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)
        at = (measure.path, numeric)
        if at in self._ends:
            return self._ends[at]
        terms = self._setting.schedule.terms
        ends: Paths = walked(measure.path[1:], self._run.seen, terms, self._setting.items)
        found: _Ends | None = None
        if not ends.trail:
            value = np.ones(len(ends.row))
            if numeric:
                ends, value = numbered(ends, terms)
            found = _Ends(ends.row, ends.end, value)
        self._ends[at] = found
        return found

    # -- for each set of looks -------------------------------------------------------------

    def fired(self, flat: Ints, count: Ints) -> Fired:
        """Return which rules fire on which looks, and how surely.

        Args:
            flat: the members of all looks, look by look, as places among the candidates.
            count: how many members each look has.
        """
        used, column = np.unique(flat, return_inverse=True)
        members = np.zeros((len(count), len(used)), dtype=np.float32)
        members[np.arange(len(count)).repeat(count), column] = 1.0
        values: dict[NamedNode, Floats] = {}
        result: Fired = []
        for rule in self._active:
            true = np.ones(len(count), dtype=bool)
            sure: Floats | None = None
            for kind in rule.has:
                true &= _any(members, kind.true[used])
                if kind.sure is not None:
                    most = (members * np.where(kind.true, kind.sure, 0.0)[used]).max(
                        axis=1, initial=0
                    )
                    sure = most if sure is None else sure * most
            if rule.together is not None:
                true &= _both(members, used, rule.together)
            for lack in rule.lacks:
                true &= ~_any(members, lack[used])
            for gap in rule.gaps:
                true &= ~np.logical_and.reduce([_any(members, served[used]) for served in gap])
            for test in rule.tests:
                if test.measure not in values:
                    measure = self._measures[test.measure]
                    values[test.measure] = self._values(measure, members, used)
                true &= self._passes(test, values[test.measure])
            rows = true.nonzero()[0]
            if len(rows):
                own = np.ones(len(rows)) if sure is None else sure[rows]
                result.append((rows, rule.number, own * rule.confidence))
        return result

    def _values(self, measure: Measure, members: Matrix, used: Ints) -> Floats:
        """Return a measure over each look, as its literal would be read; NaN where it has none."""
        ends = self._of(measure)
        assert ends is not None
        kind, looks = measure.aggregate, len(members)
        place = np.minimum(used.searchsorted(ends.row), max(0, len(used) - 1))
        inside = (used[place] == ends.row).nonzero()[0] if len(used) else place[:0]
        column, value = place[inside], ends.value[inside]
        if kind is Aggregate.COUNT:
            return np.asarray(members @ np.bincount(column, minlength=len(used)), dtype=np.float64)
        if kind is Aggregate.COUNT_DISTINCT:
            nodes, node = np.unique(ends.end[inside], return_inverse=True)
            holds = np.zeros((len(used), len(nodes)), dtype=np.float32)
            holds[column, node] = 1.0
            return np.asarray((members @ holds > 0).sum(axis=1), dtype=np.float64)
        known = np.bincount(column, minlength=len(used)) > 0
        present = _any(members, known)
        if kind is Aggregate.SUM:
            own = np.bincount(column, weights=value, minlength=len(used))
            found = members.astype(np.float64) @ own
        else:
            low, high = np.full(len(used), np.inf), np.full(len(used), -np.inf)
            np.minimum.at(low, column, value)
            np.maximum.at(high, column, value)
            held = members > 0
            least = np.where(held, low, np.inf).min(axis=1, initial=np.inf)
            most = np.where(held, high, -np.inf).max(axis=1, initial=-np.inf)
            if kind is Aggregate.RANGE:
                found = np.where(present, most, 0.0) - np.where(present, least, 0.0)
            else:
                found = least if kind is Aggregate.MIN else most
        result = np.full(looks, np.nan)
        for n in present.nonzero()[0].tolist():
            result[n] = self._round(float(found[n]))
        return result

    def _round(self, value: float) -> float:
        known = self._rounded.get(value)
        if known is None:
            known = self._rounded[value] = float(Decimal(decimal(value).value))
        return known

    def _passes(self, test: Test, values: Floats) -> Bools:
        if test.name == "known":
            return ~np.isnan(values)
        if test.name != "is":
            with np.errstate(invalid="ignore"):
                found = _COMPARED[test.name](values, test.bound)
            return found & ~np.isnan(values)
        counting = (Aggregate.COUNT, Aggregate.COUNT_DISTINCT)
        literal = whole if self._measures[test.measure].aggregate in counting else decimal
        same = [
            v for v in np.unique(values[~np.isnan(values)]).tolist() if literal(v) == test.written
        ]
        return np.isin(values, same)


def _any(members: Matrix, kind: Bools) -> Bools:
    """Return which looks have a member of a kind."""
    return np.asarray(members[:, kind].any(axis=1), dtype=bool)


def _both(members: Matrix, used: Ints, pairs: tuple[Ints, Ints]) -> Bools:
    """Return which looks hold both candidates of some pair."""
    inside = np.isin(pairs[0], used) & np.isin(pairs[1], used)
    a, b = (used.searchsorted(side[inside]) for side in pairs)
    both = (members[:, a] > 0) & (members[:, b] > 0)
    return np.asarray(both.any(axis=1), dtype=bool)
