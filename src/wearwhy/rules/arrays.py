"""A layer's properties as columns, and measures over columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np

from wearwhy.rdf import WW, Literal
from wearwhy.rules.columns import (
    NOTHING,
    Columns,
    Floats,
    Ints,
    distinct,
    joined,
    key,
    rising,
    without,
)
from wearwhy.rules.ledger import Asserted, Guess, Ledger
from wearwhy.rules.measures import Aggregate, Measure, Step, day, decimal_node
from wearwhy.rules.terms import Id, Row
from wearwhy.rules.virtual import Rows

Seen = Callable[[Id, str], Columns]
_NEVER = -1


def columns_of(layer: Ledger, predicate: Id, view: str) -> Columns:
    """Return a property in one view: `all`, `firm` (what NOT sees) or `asserted`.

    Columns are kept with the highest layer that says something of the property, and are those of
    the layer below with what it changes.
    """
    while layer.under is not None and predicate not in layer.touched():
        layer = layer.under
    if view == "firm" and predicate not in layer.guessed:
        view = "all"
    at = ("columns", predicate, view)
    found = layer.cache.get(at)
    if not isinstance(found, Columns):
        found = layer.cache[at] = _columns(layer, predicate, view)
    return found


def _columns(layer: Ledger, predicate: Id, view: str) -> Columns:
    written, gone = _said(layer).get(predicate, ((), ()))
    rows = written
    if view == "firm":
        rows = [row for row in written if not isinstance(layer.entries[row], Guess)]
    elif view == "asserted":
        rows = [row for row in written if isinstance(layer.entries[row], Asserted)]
    sure = None
    if layer.uncertain:
        sure = np.array([layer.uncertain.get(row, 1.0) for row in rows])
    own = distinct(_keys(rows), sure)
    if layer.origin is None:
        return own
    if layer.under is not None:
        below = columns_of(layer.under, predicate, view)
    else:
        assert layer.ground is not None
        below = Columns(layer.ground.keys(predicate, asserted=view == "asserted"))
    return joined(without(below, _keys((*written, *gone))), own)


def _keys(rows: list[Row] | tuple[Row, ...]) -> Ints:
    return np.array([(s << 32) | o for s, _, o in rows], dtype=np.int64)


class _Said(dict[Id, tuple[list[Row], list[Row]]]):
    """By property the rows whose entry a layer wrote, and those it took away."""


def _said(layer: Ledger) -> _Said:
    found = layer.cache.get("said")
    if not isinstance(found, _Said):
        found = layer.cache["said"] = _Said()
        for row in layer.entries:
            found.setdefault(row[1], ([], []))[0].append(row)
        for row in layer.gone:
            found.setdefault(row[1], ([], []))[1].append(row)
    return found


class Paths:
    """Ways along a path from many subjects: which subject, which end, over which uncertain rows."""

    __slots__ = ("end", "row", "trail")

    def __init__(self, row: Ints, end: Ints, trail: list[tuple[Id, Ints, Floats]]) -> None:
        self.row = row
        self.end = end
        # For each step that meets uncertain facts: its property, their positions and confidence.
        self.trail = trail

    def walk(self, step: Step, seen: Seen, terms: Rows) -> Paths:
        """Return the ways one step further."""
        predicate = terms.id(step.predicate)
        pairs = seen(predicate, "all")
        if step.inverse:
            row, position = pairs.subjects_of(self.end)
            ends = pairs.subjects[position]
        else:
            row, position = pairs.objects_of(self.end)
            ends = pairs.objects[position]
        trail = [(p, at[row], sure[row]) for p, at, sure in self.trail]
        if pairs.confidence is not None:
            trail.append((predicate, position, pairs.confidence[position]))
        return Paths(self.row[row], ends, trail)

    def take(self, chosen: Ints) -> Paths:
        """Return some of the ways."""
        trail = [(p, at[chosen], sure[chosen]) for p, at, sure in self.trail]
        return Paths(self.row[chosen], self.end[chosen], trail)

    def sure(self) -> Floats | None:
        """Return each way's confidence: the product over the facts on it, each once."""
        if not self.trail:
            return None
        result = np.ones(len(self.row))
        for n, (predicate, at, sure) in enumerate(self.trail):
            again = np.zeros(len(self.row), dtype=bool)
            for earlier, where, _ in self.trail[:n]:
                if earlier == predicate:
                    again |= where == at
            result *= np.where(again, 1.0, sure)
        return result

    def together(self, n: int) -> Floats | None:
        """Return for each subject the product over the facts on all its ways, each once."""
        if not self.trail:
            return None
        result = np.ones(n)
        for predicate in {p for p, _, _ in self.trail}:
            mine = [(at, sure) for p, at, sure in self.trail if p == predicate]
            rows = np.tile(self.row, len(mine))
            at = np.concatenate([at for at, _ in mine])
            sure = np.concatenate([sure for _, sure in mine])
            _, first = np.unique((rows << 32) | at, return_index=True)
            np.multiply.at(result, rows[first], sure[first])
        return result


def measured(measure: Measure, seen: Seen, terms: Rows, subjects: Ints) -> Columns:
    """Return a measure's results over columns: the same as `Computation` gives, fact by fact.

    Args:
        measure: what is computed.
        seen: the columns of a property.
        terms: the table of terms.
        subjects: what it is computed of, rising, each once.
    """
    ends = walked(measure.path, seen, terms, subjects)
    n = len(subjects)
    kind = measure.aggregate
    if kind is Aggregate.COUNT:
        counts = np.bincount(ends.row, minlength=n)
        return _results(subjects, counts, whole, terms, ends.together(n))
    if kind is Aggregate.COUNT_DISTINCT:
        once = rising((ends.row << 32) | ends.end)
        counts = np.bincount(once >> 32, minlength=n)
        return _results(subjects, counts, whole, terms, ends.together(n))
    if kind is Aggregate.DAYS_SINCE:
        return _days(subjects, ends, seen, terms)
    ends, values = numbered(ends, terms)
    if not len(values):
        return NOTHING
    if kind in (Aggregate.DIFFERENCE, Aggregate.ANGULAR_DISTANCE):
        others, far = numbered(walked(measure.path_to, seen, terms, subjects), terms)
        return _apart(kind, subjects, (ends, values), (others, far), terms)
    rows = _present(ends.row, n)
    if kind is Aggregate.SUM:
        totals = np.bincount(ends.row, weights=values, minlength=n)[rows]
        sure = ends.together(n)
        return _results(
            subjects[rows], totals, decimal, terms, None if sure is None else sure[rows]
        )
    low, high = (
        None if kind is unwanted else _extreme(ends, sign * values)
        for unwanted, sign in ((Aggregate.MAX, 1), (Aggregate.MIN, -1))
    )
    if low is not None and high is not None:
        both = Paths(ends.row[low], ends.end[low], ends.take(low).trail + ends.take(high).trail)
        return _results(subjects[rows], values[high] - values[low], decimal, terms, both.sure())
    chosen = low if low is not None else high
    assert chosen is not None
    sure = ends.take(chosen).sure()
    return _results(subjects[rows], values[chosen], decimal, terms, sure)


def walked(path: tuple[Step, ...], seen: Seen, terms: Rows, subjects: Ints) -> Paths:
    """Return the ways along a path from subjects."""
    paths = Paths(np.arange(len(subjects)), subjects, [])
    for step in path:
        paths = paths.walk(step, seen, terms)
    return paths


def _present(row: Ints, n: int) -> Ints:
    return np.bincount(row, minlength=n).nonzero()[0]


def _extreme(ends: Paths, values: Floats) -> Ints:
    """Return for each subject that has values where its least one stands; of equals the surest."""
    sure = ends.sure()
    if sure is None:
        # Ways stand in the order of their subjects: the least of each is that of a stretch.
        start = _first(ends.row)
        least = np.minimum.reduceat(values, start)
        stretch = np.diff(start, append=len(values))
        at = (values == least.repeat(stretch)).nonzero()[0]
    else:
        at = np.lexsort((-sure, values, ends.row))
    chosen: Ints = at[_first(ends.row[at])]
    return chosen


def _first(row: Ints) -> Ints:
    """Return where each number of a rising sequence stands first."""
    new = np.ones(len(row), dtype=bool)
    np.not_equal(row[1:], row[:-1], out=new[1:])
    first: Ints = new.nonzero()[0]
    return first


def numbered(ends: Paths, terms: Rows) -> tuple[Paths, Floats]:
    """Return the ways whose ends are numbers, and those."""
    values = terms.numbers(ends.end)
    missing = np.isnan(values)
    if not bool(missing.any()):
        return ends, values
    keep = (~missing).nonzero()[0]
    return ends.take(keep), values[keep]


def whole(value: float) -> Literal:
    """Return a count as a literal."""
    return Literal(int(value))


def decimal(value: float) -> Literal:
    """Return a measured number as a literal."""
    return decimal_node(Decimal(repr(round(value, 9))))


def _results(
    subjects: Ints,
    values: Floats | Ints,
    literal: Callable[[float], Literal],
    terms: Rows,
    sure: Floats | None,
) -> Columns:
    once, inverse = np.unique(values, return_inverse=True)
    known = terms.values
    for value in once.tolist():
        if (literal, value) not in known:
            known[literal, value] = terms.id(literal(value))
    ids = np.array([known[literal, value] for value in once.tolist()], dtype=np.int64)
    confidence = sure if sure is not None and (sure < 1.0).any() else None
    return Columns(key(subjects, ids[inverse]), confidence) if len(ids) else NOTHING


def _apart(
    kind: Aggregate,
    subjects: Ints,
    one: tuple[Paths, Floats],
    two: tuple[Paths, Floats],
    terms: Rows,
) -> Columns:
    """Join two paths on their subject and take the least distance for each."""
    ones, left = one
    others, right = two
    pairs = Columns((others.row << 32) | np.arange(len(others.row)))
    at, position = pairs.objects_of(ones.row)
    if not len(at):
        return NOTHING
    to = pairs.objects[position]
    gap = np.abs(left[at] - right[to])
    if kind is Aggregate.ANGULAR_DISTANCE:
        gap = gap % 360
        gap = np.minimum(gap, 360 - gap)
    gap = gap.round(9)
    joint = Paths(ones.row[at], to, ones.take(at).trail + others.take(to).trail)
    chosen = _extreme(joint, gap)
    sure = joint.take(chosen).sure()
    return _results(subjects[joint.row[chosen]], gap[chosen], decimal, terms, sure)


def _days(subjects: Ints, ends: Paths, seen: Seen, terms: Rows) -> Columns:
    asked = seen(terms.id(WW.date), "all")
    found = [
        (when, str(terms.nodes[subject]), n)
        for n, (subject, obj) in enumerate(
            zip(asked.subjects.tolist(), asked.objects.tolist(), strict=True)
        )
        if (when := day(terms.nodes[obj])) is not None
    ]
    if not found:
        return NOTHING
    when, _, said = min(found)
    today = when.toordinal()
    once, inverse = np.unique(ends.end, return_inverse=True)
    ordinals = [_ordinal(day(terms.nodes[i])) for i in once.tolist()]
    days = np.array(ordinals, dtype=np.int64)[inverse]
    keep = ((days != _NEVER) & (days < today)).nonzero()[0]
    if not len(keep):
        return NOTHING
    ends = ends.take(keep)
    since = (today - days[keep]).astype(np.float64)
    chosen = _extreme(ends, since)
    nearest = ends.take(chosen)
    sure = nearest.sure()
    if asked.confidence is not None:
        sure = (1.0 if sure is None else sure) * np.full(len(chosen), asked.confidence[said])
    return _results(subjects[nearest.row], since[chosen], whole, terms, sure)


def _ordinal(when: date | None) -> int:
    return _NEVER if when is None else when.toordinal()
