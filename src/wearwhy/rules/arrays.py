"""A layer's properties as columns, and measures over columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np

from wearwhy.rdf import WW, Literal
from wearwhy.rules.columns import NOTHING, Columns, Floats, Ints
from wearwhy.rules.layer import Layer
from wearwhy.rules.ledger import Asserted, Guess
from wearwhy.rules.measures import Aggregate, Measure, Step, decimal_node
from wearwhy.rules.terms import Id, Interner

Seen = Callable[[Id, str], Columns]


def columns_of(layer: Layer, predicate: Id, view: str) -> Columns:
    """Return a property in one view: `all`, `firm` (what NOT sees) or `asserted`.

    Columns are kept with the highest layer that says something of the property.
    """
    while layer.below is not None and predicate not in layer.touched():
        layer = layer.below
    if view == "firm" and predicate not in layer.guessed:
        view = "all"
    key = ("columns", predicate, view)
    found = layer.cache.get(key)
    if not isinstance(found, Columns):
        found = layer.cache[key] = _columns(layer, predicate, view)
    return found


def _columns(layer: Layer, predicate: Id, view: str) -> Columns:
    relation = layer.relations.get(predicate)
    if relation is None:
        return NOTHING
    pairs = list(relation.pairs())
    if view == "firm":
        pairs = [
            (s, o) for s, o in pairs if not isinstance(layer.entry((s, predicate, o)), Guess)
        ]
    elif view == "asserted":
        pairs = [(s, o) for s, o in pairs if isinstance(layer.entry((s, predicate, o)), Asserted)]
    if not pairs:
        return NOTHING
    both = np.array(pairs, dtype=np.int64)
    confidence: Floats | None = None
    if layer.doubtful:
        sure = np.array([layer.confidence_of((s, predicate, o)) for s, o in pairs])
        confidence = sure if (sure < 1.0).any() else None
    return Columns(both[:, 0], both[:, 1], confidence)


class _Paths:
    """Solutions of a path from many subjects: which subject, which end, how sure."""

    __slots__ = ("confidence", "end", "row")

    def __init__(self, subjects: Ints) -> None:
        self.row: Ints = np.arange(len(subjects))
        self.end: Ints = subjects
        self.confidence: Floats = np.ones(len(subjects))

    def walk(self, step: Step, seen: Seen, interner: Interner) -> None:
        pairs = seen(interner.id(step.predicate), "all")
        if step.inverse:
            row, position = pairs.subjects_of(self.end)
            ends = pairs.subjects[position]
        else:
            row, position = pairs.objects_of(self.end)
            ends = pairs.objects[position]
        self.confidence = self.confidence[row]
        if pairs.confidence is not None:
            self.confidence = self.confidence * pairs.confidence[position]
        self.row, self.end = self.row[row], ends

    def keep(self, mask: Ints) -> None:
        self.row, self.end = self.row[mask], self.end[mask]
        self.confidence = self.confidence[mask]


def measured(measure: Measure, seen: Seen, interner: Interner, subjects: Ints) -> Columns:
    """Return a measure's results over columns: the same as `Computation` gives, fact by fact."""
    ends = _walk(measure.path, seen, interner, subjects)
    n = len(subjects)
    kind = measure.aggregate
    if kind is Aggregate.COUNT:
        counts = np.bincount(ends.row, minlength=n)
        return _results(subjects, np.arange(n), counts, _whole, interner, _sure(ends, n))
    if kind is Aggregate.COUNT_DISTINCT:
        sure = _sure(ends, n)
        distinct = np.unique((ends.row << 32) | ends.end)
        counts = np.bincount(distinct >> 32, minlength=n)
        return _results(subjects, np.arange(n), counts, _whole, interner, sure)
    if kind is Aggregate.DAYS_SINCE:
        return _days(subjects, ends, seen, interner)
    values = _numbers(ends, interner)
    if kind in (Aggregate.DIFFERENCE, Aggregate.ANGULAR_DISTANCE):
        others = _walk(measure.path_to, seen, interner, subjects)
        return _apart(kind, subjects, ends, values, others, _numbers(others, interner), interner)
    if not len(values):
        return NOTHING
    rows = np.unique(ends.row)
    if kind is Aggregate.SUM:
        totals = np.bincount(ends.row, weights=values, minlength=n)[rows]
        return _results(subjects, rows, totals, _decimal, interner, _sure(ends, n)[rows])
    low, low_at = _extreme(ends.row, values, rows, -1)
    high, high_at = _extreme(ends.row, values, rows, 1)
    if kind is Aggregate.MIN:
        return _results(subjects, rows, low, _decimal, interner, ends.confidence[low_at])
    if kind is Aggregate.MAX:
        return _results(subjects, rows, high, _decimal, interner, ends.confidence[high_at])
    sure = ends.confidence[low_at] * ends.confidence[high_at]
    return _results(subjects, rows, high - low, _decimal, interner, sure)


def _walk(path: tuple[Step, ...], seen: Seen, interner: Interner, subjects: Ints) -> _Paths:
    paths = _Paths(subjects)
    for step in path:
        paths.walk(step, seen, interner)
    return paths


def _sure(ends: _Paths, n: int) -> Floats:
    result = np.ones(n)
    np.multiply.at(result, ends.row, ends.confidence)
    return result


def _extreme(row: Ints, values: Floats, rows: Ints, sign: int) -> tuple[Floats, Ints]:
    """Return for each row its least (sign −1) or greatest value and where that stands."""
    by = np.lexsort((np.arange(len(row)), -sign * values, row))
    first = by[np.searchsorted(row[by], rows)]
    return values[first], first


def _numbers(ends: _Paths, interner: Interner) -> Floats:
    """Return the ends as numbers, dropping those that are none."""
    distinct, inverse = np.unique(ends.end, return_inverse=True)
    decoded = np.array([_number(interner, int(i)) for i in distinct], dtype=np.float64)
    values = decoded[inverse] if len(distinct) else np.empty(0)
    keep = np.flatnonzero(~np.isnan(values))
    ends.keep(keep)
    kept: Floats = values[keep]
    return kept


def _number(interner: Interner, node: Id) -> float:
    term = interner.nodes[node]
    try:
        return float(term.value) if isinstance(term, Literal) else float("nan")
    except ValueError:
        return float("nan")


def _whole(value: float) -> Literal:
    return Literal(int(value))


def _decimal(value: float) -> Literal:
    return decimal_node(Decimal(repr(round(value, 9))))


def _results(
    subjects: Ints,
    rows: Ints,
    values: Floats | Ints,
    literal: Callable[[float], Literal],
    interner: Interner,
    sure: Floats,
) -> Columns:
    distinct, inverse = np.unique(values, return_inverse=True)
    ids = np.array([interner.id(literal(v)) for v in distinct.tolist()], dtype=np.int64)
    objects = ids[inverse] if len(ids) else np.empty(0, np.int64)
    confidence = sure if (sure < 1.0).any() else None
    return Columns(subjects[rows], objects, confidence)


def _apart(
    kind: Aggregate,
    subjects: Ints,
    ones: _Paths,
    left: Floats,
    others: _Paths,
    right: Floats,
    interner: Interner,
) -> Columns:
    """Join two paths on their subject and take the least distance for each."""
    other = Columns(others.row, np.arange(len(others.row)))
    at, position = other.objects_of(ones.row)
    if not len(at):
        return NOTHING
    to = other.objects[position]
    gap = np.abs(left[at] - right[to])
    if kind is Aggregate.ANGULAR_DISTANCE:
        gap = gap % 360
        gap = np.minimum(gap, 360 - gap)
    row = ones.row[at]
    rows = np.unique(row)
    least, where = _extreme(row, gap, rows, -1)
    sure = ones.confidence[at][where] * others.confidence[to][where]
    return _results(subjects, rows, least, _decimal, interner, sure)


def _days(subjects: Ints, ends: _Paths, seen: Seen, interner: Interner) -> Columns:
    asked = seen(interner.id(WW.date), "all")
    if not len(asked):
        return NOTHING
    today = _day(interner, int(asked.objects[0]))
    distinct, inverse = np.unique(ends.end, return_inverse=True)
    ordinals = np.array([_day(interner, int(i)) for i in distinct], dtype=np.int64)
    days = ordinals[inverse] if len(distinct) else np.empty(0, np.int64)
    keep = np.flatnonzero((days >= 0) & (days < today))
    if today < 0 or not len(keep):
        return NOTHING
    ends.keep(keep)
    since = (today - days[keep]).astype(np.float64)
    rows = np.unique(ends.row)
    least, where = _extreme(ends.row, since, rows, -1)
    return _results(subjects, rows, least, _whole, interner, ends.confidence[where])


def _day(interner: Interner, node: Id) -> int:
    """Return a date's ordinal, or -1."""
    term = interner.nodes[node]
    try:
        return date.fromisoformat(term.value[:10]).toordinal() if isinstance(term, Literal) else -1
    except ValueError:
        return -1
