"""Rule bodies joined over whole properties: the pattern that narrows most comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from wearwhy.rules.budget import Meter
from wearwhy.rules.columnar.growing import LOW, WIDEST, Growing, TooWideError
from wearwhy.rules.columnar.units import End, Pattern, Test, Without, needs
from wearwhy.rules.columns import Bools, Columns, Ints, Table
from wearwhy.rules.model import Assign, Filter, Var
from wearwhy.rules.solver import Plan, Solver
from wearwhy.rules.terms import Id, Interner
from wearwhy.rules.virtual import Rows

_ROW: Final = Var(".row")
_NONE: Final[Ints] = np.empty(0, np.int64)


class Joiner:
    """Solves bodies over growing properties.

    Args:
        properties: a property's pairs; with True, those that somebody asserted.
        interner: the table of terms.
        meter: what the closing may cost.
    """

    __slots__ = ("_meter", "_properties", "_tests")

    def __init__(
        self,
        properties: Callable[[Id, bool], Growing],
        interner: Interner,
        meter: Meter,
    ) -> None:
        self._properties = properties
        self._meter = meter
        self._tests = Solver(_no_lookup, list, Rows(interner), {})

    def begin(self, pattern: Pattern, keys: Ints) -> Table:
        """Return the table of the pairs that a pattern matches."""
        subject, obj = pattern.subject, pattern.object
        if not isinstance(subject, Var):
            keys = keys[(keys >> 32) == subject]
        if not isinstance(obj, Var):
            keys = keys[(keys & LOW) == obj]
        if subject == obj and isinstance(obj, Var):
            keys = keys[(keys >> 32) == (keys & LOW)]
        columns: dict[Var, Ints] = {}
        if isinstance(subject, Var):
            columns[subject] = keys >> 32
        if isinstance(obj, Var):
            columns[obj] = keys & LOW
        return Table(len(keys), columns)

    def solve(
        self, table: Table, patterns: Sequence[Pattern], tests: Sequence[Test], *, data: bool
    ) -> Iterator[Table]:
        """Yield, in one or more parts, the solutions that extend a table's rows."""
        left, waiting = list(patterns), list(tests)
        while table.length:
            ready = next((t for t in waiting if needs(t) <= table.columns.keys()), None)
            if ready is not None:
                waiting.remove(ready)
                table = self._tested(table, ready)
                continue
            if not left:
                yield table
                return
            pattern = self._next(table, left, waiting, data=data)
            left.remove(pattern)
            pairs = self._properties(pattern.predicate, data)
            if not len(pairs):
                return
            try:
                table = _matched(table, pattern, pairs)
            except TooWideError as wide:
                parts = min(table.length, 2 + 4 * wide.matches // WIDEST)
                for rows in np.array_split(np.arange(table.length), parts):
                    self._meter.look()
                    # The pattern comes first again: it is the part that is smaller.
                    yield from self.solve(table.take(rows), [pattern, *left], waiting, data=data)
                return

    def _next(
        self, table: Table, left: list[Pattern], waiting: list[Test], *, data: bool
    ) -> Pattern:
        if len(left) == 1:
            return left[0]
        # A value that SET will compute is cheaper computed than searched for.
        pending = {t.var for t in waiting if isinstance(t, Assign)} - table.columns.keys()

        def cost(pattern: Pattern) -> tuple[bool, int, int]:
            pairs = self._properties(pattern.predicate, data)
            ends = (pattern.subject, pattern.object)
            joined = sum(e in table.columns for e in ends if isinstance(e, Var))
            free = sum(isinstance(e, Var) and e not in table.columns for e in ends)
            rank = 0 if not free else 1 if joined else 2
            size = len(pairs)
            if rank == 2 and free == 1:
                size = len(_constant(pattern, pairs))
            return not pattern.ends.isdisjoint(pending), rank, size

        return min(left, key=cost)

    def _tested(self, table: Table, test: Test) -> Table:
        if isinstance(test, Without):
            return table.take((~self.exists(table, test)).nonzero()[0])
        if isinstance(test, Filter):
            return self._tests.solve(Plan((test,)), table)
        return self._tests.solve(Plan((test,)), table)

    def exists(self, table: Table, test: Without) -> Bools:
        """Return for which rows the inner pattern of a NOT has a match."""
        shared = {v: table.columns[v] for v in test.shared}
        start = Table(table.length, {**shared, _ROW: np.arange(table.length)})
        found: Bools = np.zeros(table.length, dtype=bool)
        for part in self.solve(start, test.patterns, test.tests, data=test.data):
            found[part.columns[_ROW]] = True
        return found


def _no_lookup(_predicate: Id, _view: str) -> Columns:
    raise AssertionError("tests look up no facts")


def _constant(pattern: Pattern, pairs: Growing) -> Ints:
    if isinstance(pattern.subject, Var):
        assert not isinstance(pattern.object, Var)
        return pairs.subjects_of_one(pattern.object)
    return pairs.objects_of_one(pattern.subject)


def _column(end: End, table: Table) -> Ints | None:
    return table.columns.get(end) if isinstance(end, Var) else None


def _matched(table: Table, pattern: Pattern, pairs: Growing) -> Table:
    """Return the rows of a table extended by the pairs that match a pattern."""
    subject, obj = pattern.subject, pattern.object
    subjects, objects = _column(subject, table), _column(obj, table)
    s_open = isinstance(subject, Var) and subjects is None
    o_open = isinstance(obj, Var) and objects is None
    if not s_open and not o_open:
        return _held(table, pattern, pairs)
    row: Ints | None
    if subjects is not None:
        row, found = pairs.objects_of(subjects)
        return _extended(table, row, {obj: found})
    if objects is not None:
        row, found = pairs.subjects_of(objects)
        return _extended(table, row, {subject: found})
    if s_open and o_open:
        keys = pairs.keys
        if subject == obj:
            keys = keys[(keys >> 32) == (keys & LOW)]
        return _crossed(table, {subject: keys >> 32, obj: keys & LOW}, len(keys))
    ids = _constant(pattern, pairs)
    return _crossed(table, {subject if s_open else obj: ids}, len(ids))


def _held(table: Table, pattern: Pattern, pairs: Growing) -> Table:
    s, o = (
        np.full(table.length, end, np.int64) if column is None else column
        for end, column in (
            (pattern.subject, _column(pattern.subject, table)),
            (pattern.object, _column(pattern.object, table)),
        )
    )
    if not pattern.ends:
        one = bool(pairs.has((s[:1] << 32) | o[:1])[0])
        return table if one else table.take(_NONE)
    keep = pairs.has((s << 32) | o).nonzero()[0]
    return table if len(keep) == table.length else table.take(keep)


def _extended(table: Table, row: Ints | None, new: dict[End, Ints]) -> Table:
    result = Table(table.length, dict(table.columns)) if row is None else table.take(row)
    result.columns.update((v, c) for v, c in new.items() if isinstance(v, Var))
    return result


def _crossed(table: Table, new: dict[End, Ints], size: int) -> Table:
    if table.length * size > WIDEST and table.length > 1:
        raise TooWideError(table.length * size)
    if table.length == 1:
        row = np.zeros(size, np.int64)
    else:
        row = np.arange(table.length).repeat(size)
        new = {v: np.tile(c, table.length) for v, c in new.items()}
    return _extended(table, row, new)
