"""Rule bodies over columns: joins on arrays of ids, many rows at a time.

A `Table` holds one array for each bound variable, all of one length. A body is solved element by
element; FILTER and SET are evaluated once for each distinct combination of values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wearwhy.rules.model import (
    Assign,
    Atom,
    Expression,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import Match, apart, order
from wearwhy.rules.terms import Id, Interner
from wearwhy.rules.values import ERROR, Values

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


class Columns:
    """One property as arrays, sorted by subject and, when asked, by object."""

    __slots__ = ("_by_object", "_keys", "confidence", "objects", "subjects")

    def __init__(self, subjects: Ints, objects: Ints, confidence: Floats | None = None) -> None:
        by = np.lexsort((objects, subjects))
        self.subjects: Ints = subjects[by]
        self.objects: Ints = objects[by]
        self.confidence: Floats | None = None if confidence is None else confidence[by]
        self._by_object: tuple[Ints, Ints] | None = None
        self._keys: Ints | None = None

    def __len__(self) -> int:
        return len(self.subjects)

    def objects_of(self, subjects: Ints) -> tuple[Ints, Ints]:
        """Return, for each match, the row asked for and the position of the pair."""
        return _spread(self.subjects, subjects)

    def subjects_of(self, objects: Ints) -> tuple[Ints, Ints]:
        """Return, for each match, the row asked for and the position of the pair."""
        if self._by_object is None:
            by = np.argsort(self.objects, kind="stable")
            self._by_object = (self.objects[by], by)
        ordered, by = self._by_object
        row, position = _spread(ordered, objects)
        return row, by[position]

    def find(self, subjects: Ints, objects: Ints) -> tuple[Ints, Ints]:
        """Return, for each pair present, the row asked for and the position of the pair."""
        if self._keys is None:
            self._keys = _key(self.subjects, self.objects)
        asked = _key(subjects, objects)
        position = np.searchsorted(self._keys, asked)
        inside = position < len(self._keys)
        present = np.zeros(len(asked), dtype=bool)
        present[inside] = self._keys[position[inside]] == asked[inside]
        row = np.flatnonzero(present)
        return row, position[row]


def _key(subjects: Ints, objects: Ints) -> Ints:
    key: Ints = (subjects << 32) | objects
    return key


def _spread(ordered: Ints, asked: Ints) -> tuple[Ints, Ints]:
    low = np.searchsorted(ordered, asked, "left")
    count = np.searchsorted(ordered, asked, "right") - low
    row = np.repeat(np.arange(len(asked)), count)
    starts = np.repeat(low - np.concatenate(([0], np.cumsum(count)[:-1])), count)
    return row, starts + np.arange(len(row))


NOTHING = Columns(np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(slots=True)
class Table:
    """Solutions found so far: a column a variable, and what confidence they carry."""

    length: int
    columns: dict[Var, Ints]
    confidence: Floats | None = None

    def take(self, rows: Ints) -> Table:
        """Return the table of some rows, in that order."""
        confidence = None if self.confidence is None else self.confidence[rows]
        return Table(len(rows), {v: c[rows] for v, c in self.columns.items()}, confidence)


@dataclass(frozen=True, slots=True)
class Without:
    """A NOT with the plan of its inner pattern and the facts it looks at."""

    plan: Plan
    shared: frozenset[Var]
    view: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A body in the order in which it is solved."""

    steps: tuple[Match | Filter | Assign | Without, ...]


def plan(rule: Rule) -> Plan:
    """Return the plan of a rule's body, solved from nothing."""
    body = apart(rule.body)
    steps: list[Match | Filter | Assign | Without] = []
    known: set[Var] = set()
    for step in order(body):
        if isinstance(step, Negation):
            inner = order(step.body, known & variables(step))
            view = "all" if rule.description.reads_guesses else "firm"
            if step.data or rule.data:
                view = "asserted"
            kept = tuple(part for part in inner if isinstance(part, Match | Filter))
            steps.append(Without(Plan(kept), variables(step) & known, view))
        else:
            steps.append(step)
            known |= variables(step.atom if isinstance(step, Match) else step)
    return Plan(tuple(steps))


Lookup: TypeAlias = Callable[[Id, str], Columns]


class Solver:
    """Solves bodies over tables.

    Args:
        lookup: the columns of a property in one view: `all`, `firm` (no guesses), `asserted`.
        interner: the table of terms.
        memory: compiled expressions, kept by the caller between solvers.
    """

    __slots__ = ("_interner", "_lookup", "_memory", "_values")

    def __init__(self, lookup: Lookup, interner: Interner, memory: dict[object, object]) -> None:
        self._lookup = lookup
        self._interner = interner
        self._values = Values(interner)
        self._memory = memory

    def solve(self, plan: Plan, start: Table, *, view: str = "all") -> Table:
        """Return the solutions of a plan that extend a table's rows."""
        table = start
        for step in plan.steps:
            if not table.length:
                return table
            if isinstance(step, Match):
                table = self._match(step.atom, table, view)
            elif isinstance(step, Filter):
                table = self._filter(step.expression, table)
            elif isinstance(step, Assign):
                table = self._assign(step, table)
            else:
                table = self._absent(step, table)
        return table

    def _column(self, term: Term, table: Table) -> Ints | None:
        if isinstance(term, Var):
            return table.columns.get(term)
        if isinstance(term, TriplePattern):
            return None
        return np.full(table.length, self._interner.id(term), np.int64)

    def _match(self, atom: Atom, table: Table, view: str) -> Table:
        predicate = atom.predicate
        assert not isinstance(predicate, Var | TriplePattern)
        pairs = self._lookup(self._interner.id(predicate), view)
        subjects = self._column(atom.subject, table)
        objects = self._column(atom.object, table)
        if subjects is not None and objects is not None:
            row, position = pairs.find(subjects, objects)
        elif subjects is not None:
            row, position = pairs.objects_of(subjects)
        elif objects is not None:
            row, position = pairs.subjects_of(objects)
        else:
            row = np.repeat(np.arange(table.length), len(pairs))
            position = np.tile(np.arange(len(pairs)), table.length)
        result = table.take(row)
        if isinstance(atom.subject, Var) and subjects is None:
            result.columns[atom.subject] = pairs.subjects[position]
        if isinstance(atom.object, Var) and objects is None:
            found = pairs.objects[position]
            if atom.object == atom.subject:
                keep = np.flatnonzero(result.columns[atom.object] == found)
                return result.take(keep)
            result.columns[atom.object] = found
        if pairs.confidence is not None:
            own = pairs.confidence[position]
            result.confidence = own if result.confidence is None else result.confidence * own
        return result

    def _each(
        self, expression: Expression, table: Table, kind: str
    ) -> Ints | NDArray[np.bool_]:
        used = tuple(sorted(variables(expression)))
        key = (kind, expression, used)
        function = self._memory.get(key)
        if function is None:
            make = self._values.truth if kind == "truth" else self._values.value
            function = self._memory[key] = make(expression, used)
        assert callable(function)
        if not used:
            return np.full(table.length, function())
        columns = [table.columns[v] for v in used]
        if table.length < 64:
            return np.array([function(*ids) for ids in zip(*(c.tolist() for c in columns), strict=True)])
        first, inverse = _combinations(columns)
        chosen = zip(*(c[first].tolist() for c in columns), strict=True)
        return np.array([function(*ids) for ids in chosen])[inverse]

    def _filter(self, expression: Expression, table: Table) -> Table:
        return table.take(np.flatnonzero(self._each(expression, table, "truth")))

    def _assign(self, step: Assign, table: Table) -> Table:
        values = np.asarray(self._each(step.expression, table, "value"), dtype=np.int64)
        if step.var in table.columns:
            return table.take(np.flatnonzero(values == table.columns[step.var]))
        keep = np.flatnonzero(values != ERROR)
        result = table.take(keep)
        result.columns[step.var] = values[keep]
        return result

    def _absent(self, step: Without, table: Table) -> Table:
        row = Var(".row")
        shared = {v: c for v, c in table.columns.items() if v in step.shared}
        start = Table(table.length, {**shared, row: np.arange(table.length)})
        found = self.solve(step.plan, start, view=step.view)
        keep = np.ones(table.length, dtype=bool)
        if found.length:
            keep[found.columns[row]] = False
        return table.take(np.flatnonzero(keep))


def _combinations(columns: list[Ints]) -> tuple[Ints, Ints]:
    """Return where each distinct combination of values first stands, and each row's combination."""
    code: Ints = np.zeros(len(columns[0]), np.int64)
    first: Ints = code[:1]
    for column in columns:
        values, ranks = np.unique(column, return_inverse=True)
        _, first, code = np.unique(code * len(values) + ranks, return_index=True, return_inverse=True)
    return first, code


UNIT = Table(1, {})
