"""What SQL cannot say, computed by the resident functions over the distinct inputs alone."""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from wearwhy.rdf import BlankNode, Node, Triple
from wearwhy.rules.bulk.database import Database
from wearwhy.rules.bulk.relational import (
    Absence,
    Made,
    Plan,
    Stage,
    blanks_of,
    fresh_nodes,
    fresh_variable,
    inputs,
    name,
    resident,
)
from wearwhy.rules.bulk.sql import present
from wearwhy.rules.bulk.tables import Store
from wearwhy.rules.bulk.terms import Terms
from wearwhy.rules.model import Assign, Atom, Filter, Rule, Term, TriplePattern, Var, variables
from wearwhy.rules.terms import Id
from wearwhy.rules.values import ERROR, Values

_PACE = 4096


class Residents:
    """Runs the steps of a plan that are not SQL's, on a table of what was found so far."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._terms: Terms = store.terms
        self._values = Values(store.terms)
        self._count = 0

    def run(self, plan: Plan, stage: Stage, table: str) -> str:
        """Return the table after a stage's steps; the one given is dropped."""
        bound = set(stage.binds)
        for step in stage.then:
            if isinstance(step, Absence):
                table = self._absent(step, table)
            elif isinstance(step, Filter):
                used = inputs(step, bound)
                test = self._values.truth(step.expression, used)
                table = self._kept(table, used, test)
            else:
                if isinstance(step, Assign):
                    used = inputs(step, bound)
                    compute = self._values.value(step.expression, used)
                else:
                    used, compute = self._maker(plan.rule, step)
                table = self._extended(table, used, step.var, compute, known=step.var in bound)
                bound.add(step.var)
        self._store.sync()
        return table

    def _new(self) -> str:
        self._count += 1
        return f"found{self._count}"

    def _distinct(self, table: str, used: Sequence[Var]) -> Iterator[tuple[Id, ...]]:
        if not used:
            # A constant has one value, if there is any row to have it.
            yield from [()] if self._database.rows(f"SELECT 1 FROM {table} LIMIT 1") else []
            return
        columns = [name(var) for var in used]
        found = self._database.arrays(f"SELECT DISTINCT {', '.join(columns)} FROM {table}")
        lists = [found[column].tolist() for column in columns]
        for number, row in enumerate(zip(*lists, strict=True)):
            if number % _PACE == 0:
                self._database.look()
            yield row

    def _kept(self, table: str, used: Sequence[Var], test: Callable[..., bool]) -> str:
        kept = [row for row in self._distinct(table, used) if test(*row)]
        return self._joined(table, used, kept, {})

    def _extended(
        self,
        table: str,
        used: Sequence[Var],
        var: Var,
        compute: Callable[..., Id],
        *,
        known: bool,
    ) -> str:
        rows, values = [], []
        for row in self._distinct(table, used):
            value = compute(*row)
            if value != ERROR:
                rows.append(row)
                values.append(value)
        column = name(var)
        return self._joined(table, used, rows, {column: values}, equal=column if known else None)

    def _joined(
        self,
        table: str,
        used: Sequence[Var],
        rows: Sequence[tuple[Id, ...]],
        more: dict[str, list[Id]],
        *,
        equal: str | None = None,
    ) -> str:
        """Return a table joined with what was computed for its distinct inputs."""
        made, result = self._new(), self._new()
        width = len(used)
        block = np.array(rows, dtype=np.int32).reshape(len(rows), width)
        arrays = {f"i{n}": np.ascontiguousarray(block[:, n]) for n in range(width)}
        arrays |= {f"w_{c}": np.array(values, dtype=np.int32) for c, values in more.items()}
        arrays = arrays or {"one": np.zeros(len(rows), dtype=np.int32)}
        self._database.take(made, arrays)
        conditions = [f"{made}.i{n} = {table}.{name(var)}" for n, var in enumerate(used)]
        if equal:
            conditions.append(f"{made}.w_{equal} = {table}.{equal}")
            more = {}
        chosen = ", ".join([f"{table}.*", *(f"{made}.w_{c} AS {c}" for c in more)])
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        self._database.run(f"CREATE TABLE {result} AS SELECT {chosen} FROM {table}, {made}{where}")
        self._database.run(f"DROP TABLE {table}")
        self._database.run(f"DROP TABLE {made}")
        return result

    def _absent(self, absence: Absence, table: str) -> str:
        said = resident_reason(absence, mixed=self._store.mixed) is None
        found = present(absence, self._store, table, test=said)
        if found is None:
            return table
        text, columns = found
        there = self._new()
        self._database.run(f"CREATE TABLE {there} AS {text}")
        if not said:
            for test in absence.tests:
                used = tuple(sorted(variables(test)))
                there = self._kept(there, used, self._values.truth(test, used))
        result = self._new()
        matches = " AND ".join(
            f"{there}.{name(var)} = {table}.{name(var)}" for var in columns if var in absence.shared
        )
        where = f" WHERE {matches}" if matches else ""
        self._database.run(
            f"CREATE TABLE {result} AS SELECT * FROM {table} "
            f"WHERE NOT EXISTS (SELECT 1 FROM {there}{where})"
        )
        self._database.run(f"DROP TABLE {table}")
        self._database.run(f"DROP TABLE {there}")
        return result

    # -- what a head makes -----------------------------------------------------------------

    def _maker(self, rule: Rule, made: Made) -> tuple[tuple[Var, ...], Callable[..., Id]]:
        if isinstance(made.term, BlankNode):
            return self._fresh(rule, made.term)
        pattern = made.term
        blanks = {b: fresh_variable(n) for n, b in enumerate(fresh_nodes(rule))}
        used = tuple(
            sorted(variables(pattern) | {blanks[b] for b in blanks_of(pattern) if b in blanks})
        )

        def compute(*ids: Id) -> Id:
            known = dict(zip(used, ids, strict=True))
            return self._instance(pattern, known, blanks)

        return used, compute

    def _instance(self, term: Term, known: dict[Var, Id], blanks: dict[BlankNode, Var]) -> Id:
        if isinstance(term, Var):
            return known[term]
        if isinstance(term, BlankNode) and term in blanks:
            return known[blanks[term]]
        if isinstance(term, TriplePattern | Triple):
            parts = (term.subject, term.predicate, term.object)
            return self._values.triple(*(self._instance(part, known, blanks) for part in parts))
        return self._terms.id(term)

    def _fresh(self, rule: Rule, label: BlankNode) -> tuple[tuple[Var, ...], Callable[..., Id]]:
        atoms = [element for element in rule.body if isinstance(element, Atom)]
        used = tuple(sorted(frozenset().union(*(variables(atom) for atom in atoms))))
        nodes, rename = self._terms.nodes, self._terms.id

        def text(term: Term, known: dict[Var, Node]) -> str:
            if isinstance(term, TriplePattern):
                return str(_filled(term, known))
            return str(known[term] if isinstance(term, Var) else term)

        def compute(*ids: Id) -> Id:
            known = {var: nodes[number] for var, number in zip(used, ids, strict=True)}
            # The name that the resident reading gives it: of the rule, the label, the premises.
            said = "\n".join(
                text(part, known)
                for atom in atoms
                for part in (atom.subject, atom.predicate, atom.object)
            )
            digest = hashlib.sha256(f"{rule.iri.value}\n{label}\n{said}".encode()).hexdigest()
            return rename(BlankNode(f"f{digest[:30]}"))

        return used, compute


def _filled(term: Term, known: dict[Var, Node]) -> Node:
    if isinstance(term, Var):
        return known[term]
    if isinstance(term, TriplePattern):
        parts = (term.subject, term.predicate, term.object)
        return Triple(*(_filled(part, known) for part in parts))  # type: ignore[arg-type]
    return term


def resident_reason(absence: Absence, *, mixed: bool) -> str | None:
    """Return why a NOT's tests are not SQL's; None if they are."""
    reasons = (resident(Filter(test), mixed=mixed) for test in absence.tests)
    return next((reason for reason in reasons if reason), None)
