"""Rule bodies over columns: joins on arrays of ids, many rows at a time.

A body is solved element by element; FILTER and SET are evaluated once for each distinct
combination of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from wearwhy.rules.columns import Bools, Columns, Ints, Table, stacked
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Element,
    Expression,
    Filter,
    Negation,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import Match, order
from wearwhy.rules.terms import Id
from wearwhy.rules.values import ERROR, Values
from wearwhy.rules.virtual import Rows

Lookup: TypeAlias = Callable[[Id, str], Columns]
_ROW = Var(".row")
# Below this, distinct combinations cost more to find than they save.
_FEW = 64


@dataclass(frozen=True, slots=True)
class Without:
    """A NOT with the plan of its inner pattern and the facts it looks at."""

    plan: Plan
    shared: tuple[Var, ...]
    view: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A body in the order in which it is solved."""

    steps: tuple[Match | Filter | Assign | Without, ...]
    view: str = "all"


def plan(
    body: Sequence[Element], known: Iterable[Var] = (), *, data: bool = False, guesses: bool = False
) -> Plan:
    """Return the plan of a body (renamed apart).

    Args:
        body: elements in written order.
        known: variables that have a value at the start.
        data: whether only asserted facts are read.
        guesses: whether NOT looks at guesses.
    """
    bound = set(known)
    steps: list[Match | Filter | Assign | Without] = []
    for step in order(body, bound):
        if isinstance(step, Negation):
            shared = variables(step) & bound
            inner = tuple(s for s in order(step.body, shared) if isinstance(s, Match | Filter))
            view = "asserted" if step.data or data else ("all" if guesses else "firm")
            steps.append(Without(Plan(inner, view), tuple(sorted(shared)), view))
        else:
            steps.append(step)
            bound |= variables(step.atom if isinstance(step, Match) else step)
    return Plan(tuple(steps), "asserted" if data else "all")


class Solver:
    """Solves bodies over tables.

    Args:
        lookup: the columns of a property in one view: `all`, `firm` (no guesses), `asserted`.
        predicates: every property there is, for patterns that leave it open.
        terms: the table of terms.
        memory: compiled expressions by identity; lives as long as the plans they stand in.
    """

    __slots__ = ("_lookup", "_memory", "_predicates", "_terms", "_values")

    def __init__(
        self,
        lookup: Lookup,
        predicates: Callable[[], Sequence[Id]],
        terms: Rows,
        memory: dict[object, Callable[..., Id]],
    ) -> None:
        self._lookup = lookup
        self._predicates = predicates
        self._terms = terms
        self._values = Values(terms)
        self._memory = memory

    def solve(self, plan: Plan, start: Table) -> Table:
        """Return the solutions of a plan that extend a table's rows."""
        table = start
        for step in plan.steps:
            if not table.length:
                return table
            if isinstance(step, Match):
                table = self._match(step.atom, table, plan.view)
            elif isinstance(step, Filter):
                table = self._filter(step, table)
            elif isinstance(step, Assign):
                table = self._assign(step, table)
            else:
                table = self._absent(step, table)
        return table

    def _match(self, atom: Atom, table: Table, view: str) -> Table:
        predicate = atom.predicate
        assert not isinstance(predicate, TriplePattern), "a property has a name"
        if not isinstance(predicate, Var):
            return self._match_one(self._terms.id(predicate), atom, table, view)
        known = table.columns.get(predicate)
        names = self._predicates() if known is None else np.unique(known).tolist()
        found: list[Table] = []
        for name in names:
            if known is None:
                full = np.full(table.length, name, np.int64)
                part = Table(table.length, {**table.columns, predicate: full}, table.confidence)
            else:
                part = table.take((known == name).nonzero()[0])
            found.append(self._match_one(name, atom, part, view))
        some = [part for part in found if part.length]
        return stacked(some) if some else found[0] if found else table.take(_nothing())

    def _match_one(self, predicate: Id, atom: Atom, table: Table, view: str) -> Table:
        pairs = self._lookup(predicate, view)
        if not len(pairs):
            return _emptied(table, atom)
        subjects = self._column(atom.subject, table)
        objects = self._column(atom.object, table)
        if subjects is not None and objects is not None:
            row, position = pairs.find(subjects, objects)
        elif subjects is not None:
            row, position = pairs.objects_of(subjects)
        elif objects is not None:
            row, position = pairs.subjects_of(objects)
        else:
            row = np.arange(table.length).repeat(len(pairs))
            position = np.tile(np.arange(len(pairs)), table.length)
        result = table.take(row)
        if pairs.confidence is not None:
            result.times(pairs.confidence[position])
        ends = []
        if subjects is None:
            ends.append((atom.subject, pairs.subjects[position]))
        if objects is None:
            ends.append((atom.object, pairs.objects[position]))
        return self._bind(ends, result)

    def _column(self, term: Term, table: Table) -> Ints | None:
        if isinstance(term, Var):
            return table.columns.get(term)
        if isinstance(term, TriplePattern):
            return None
        return np.full(table.length, self._terms.id(term), np.int64)

    def _bind(self, ends: list[tuple[Term, Ints]], table: Table) -> Table:
        """Bind variables to what was found, or keep the rows where it is what they are."""
        pending = [*ends]
        while pending:
            term, found = pending.pop(0)
            if isinstance(term, TriplePattern):
                parts = [self._terms.parts(i) for i in found.tolist()]
                keep = np.array([n for n, p in enumerate(parts) if p is not None], dtype=np.int64)
                inner = np.array([parts[n] for n in keep], dtype=np.int64).reshape(-1, 3)
                table = table.take(keep)
                pending = [(t, ids[keep]) for t, ids in pending]
                pending += list(
                    zip((term.subject, term.predicate, term.object), inner.T, strict=True)
                )
                continue
            known = self._column(term, table)
            if known is None:
                assert isinstance(term, Var)
                table.columns[term] = found
                continue
            keep = (known == found).nonzero()[0]
            if len(keep) < table.length:
                table = table.take(keep)
                pending = [(t, ids[keep]) for t, ids in pending]
        return table

    def _each(self, expression: Expression, table: Table, kind: str) -> Ints:
        at = (kind, id(expression))
        function = self._memory.get(at)
        used = tuple(sorted(variables(expression)))
        if function is None:
            make = self._values.truth if kind == "truth" else self._values.value
            function = self._memory[at] = make(expression, used)
        if not used:
            return np.full(table.length, function(), np.int64)
        columns = [table.columns[v] for v in used]
        if table.length < _FEW:
            given = zip(*(c.tolist() for c in columns), strict=True)
            return np.array([function(*ids) for ids in given], dtype=np.int64)
        first, inverse = _combinations(columns)
        chosen = zip(*(c[first].tolist() for c in columns), strict=True)
        values = np.array([function(*ids) for ids in chosen], dtype=np.int64)
        return values[inverse]

    def _filter(self, step: Filter, table: Table) -> Table:
        match step.expression:
            case Call("=" | "!=" as name, (Var() as left, Var() as right)):
                return self._compared(
                    step, table, name, (table.columns[left], table.columns[right])
                )
        return table.take(self._each(step.expression, table, "truth").nonzero()[0])

    def _compared(self, step: Filter, table: Table, name: str, pair: tuple[Ints, Ints]) -> Table:
        """Compare names by their ids; literals may be equal and be written differently."""
        left, right = pair
        literal = self._terms.literal(left)
        doubtful = (literal & self._terms.literal(right)).nonzero()[0]
        keep = (left == right) == (name == "=")
        if len(doubtful):
            keep[doubtful] = self._each(step.expression, table.take(doubtful), "truth") != 0
        return table.take(keep.nonzero()[0])

    def _assign(self, step: Assign, table: Table) -> Table:
        values = self._each(step.expression, table, "value")
        if step.var in table.columns:
            return table.take((values == table.columns[step.var]).nonzero()[0])
        keep = (values != ERROR).nonzero()[0]
        result = table.take(keep)
        result.columns[step.var] = values[keep]
        return result

    def _absent(self, step: Without, table: Table) -> Table:
        shared = {v: table.columns[v] for v in step.shared}
        start = Table(table.length, {**shared, _ROW: np.arange(table.length)})
        found = self.solve(step.plan, start)
        if not found.length:
            return table
        keep: Bools = np.ones(table.length, dtype=bool)
        keep[found.columns[_ROW]] = False
        return table.take(keep.nonzero()[0])


def _nothing() -> Ints:
    return np.empty(0, np.int64)


def _emptied(table: Table, atom: Atom) -> Table:
    result = table.take(_nothing())
    for var in variables(atom):
        result.columns.setdefault(var, _nothing())
    return result


def _combinations(columns: list[Ints]) -> tuple[Ints, Ints]:
    """Return where each distinct combination of values first stands, and each row's combination."""
    code = columns[0]
    for column in columns[1:]:
        _, code = np.unique(code, return_inverse=True) if code is not columns[0] else (0, code)
        code = (code << 32) | column
    first: Ints
    inverse: Ints
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    return first, inverse
