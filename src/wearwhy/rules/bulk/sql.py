"""Relational plans as DuckDB's SQL.

Everything in a statement is a number, a name made here, or a constant quoted by `values.quoted`:
no text of a user's stands in it as it is.
"""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from wearwhy.rdf import Node
from wearwhy.rules.bulk.expressions import Said, as_ids, truth, variable, without_values
from wearwhy.rules.bulk.relational import (
    FOUND,
    Absence,
    Column,
    Join,
    Operand,
    Parts,
    Scan,
    Stage,
    name,
)
from wearwhy.rules.model import Expression, Var, variables

TERMS = "term"
PARTS = "part"


class Tables(Protocol):
    """Where facts and terms stand."""

    def find(self, node: Node, /) -> int | None:
        """Return the id of a term; None if no fact mentions it."""

    def id(self, node: Node, /) -> int:
        """Return the id of a term, new or not."""

    def facts(self, scan: Scan, /) -> str | None:
        """Return the table, or subquery, that a scan reads; None if it is empty."""

    def literals(self, scan: Scan, column: str, /) -> bool:
        """Return whether literals may stand in a column of a scan."""


class Nothing(Exception):
    """The query has no rows: a table is empty, or a constant is in no fact."""


def operand(value: Operand, tables: Tables) -> str:
    """Return a column or the id of a term."""
    if isinstance(value, Column):
        return f"{value.table}.{value.name}"
    return str(tables.id(value))


def query(
    stage: Stage, outputs: Mapping[str, Operand], tables: Tables, *, found: str | None
) -> str:
    """Return the SELECT of a stage.

    Args:
        stage: what to select.
        outputs: the columns of the result, by name.
        tables: where facts stand.
        found: the table of what the stage before found.

    Raises:
        Nothing: the result is empty, and no query need be asked.
    """
    sources, conditions = _joined(stage.join, tables, found)
    for absence in stage.absences:
        missing = _missing(absence, tables)
        if missing:
            conditions.append(missing)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    if not stage.tests:
        return f"SELECT {_outputs(outputs, tables)} FROM {', '.join(sources)}{where}"
    used = sorted(frozenset().union(*(variables(test) for test in stage.tests)))
    seen = {name(var): stage.binds[var] for var in used}
    inner = (
        f"SELECT {_outputs({**seen, **{f'q_{c}': o for c, o in outputs.items()}}, tables)} "
        f"FROM {', '.join(sources)}{where}"
    )
    chosen = ", ".join(f"b.q_{column} AS {column}" for column in outputs) or "1 AS one"
    return f"SELECT {chosen} FROM ({inner}) b{tested(stage.tests, stage, tables)}"


def tested(tests: Sequence[Expression], stage: Stage | Absence, tables: Tables) -> str:
    """Return the joins and the WHERE that tests over the columns of `b` need."""
    joins: dict[Var, str] = {}
    plain = _not_literal(stage, tables)

    def look(var: Var) -> Said:
        column = f"b.{name(var)}"
        if var in plain:
            return as_ids(variable(column, ""))
        return variable(column, joins.setdefault(var, f"l{len(joins)}"))

    def by_id(var: Var) -> Said:
        return variable(f"b.{name(var)}", "")

    parts = [truth(test, by_id if without_values(test) else look, tables.id) for test in tests]
    text = "".join(
        f" LEFT JOIN {TERMS} {alias} ON {alias}.id = b.{name(var)}" for var, alias in joins.items()
    )
    return f"{text} WHERE {' AND '.join(f'({part})' for part in parts)}"


def _not_literal(stage: Stage | Absence, tables: Tables) -> frozenset[Var]:
    """Return the variables bound where no literal stands, and whose text nobody asks for."""
    scans = {one.alias: one for one in stage.join.tables if isinstance(one, Scan)}
    plain = {
        var
        for var, where in stage.binds.items()
        if isinstance(where, Column) and where.table in scans and where.name in {"s", "o"}
        if not tables.literals(scans[where.table], where.name)
    }
    asked = frozenset().union(
        *(variables(test) for test in stage.tests if _asks_text(test)), frozenset()
    )
    return frozenset(plain) - asked


def _asks_text(expression: object) -> bool:
    called = getattr(expression, "name", None)
    args = getattr(expression, "args", ())
    return (called is not None and str(called).upper() == "STR") or any(map(_asks_text, args))


def _outputs(outputs: Mapping[str, Operand], tables: Tables) -> str:
    found = ", ".join(f"{operand(value, tables)} AS {column}" for column, value in outputs.items())
    return found or "1 AS one"


def _joined(join: Join, tables: Tables, found: str | None) -> tuple[list[str], list[str]]:
    sources = [f"{found} {FOUND}"] if found else []
    for one in join.tables:
        if isinstance(one, Parts):
            sources.append(f"{PARTS} {one.alias}")
            continue
        table = tables.facts(one)
        if table is None:
            raise Nothing
        sources.append(f"{table} {one.alias}")
    return sources or ["(SELECT 1 AS one) nothing"], _equalities(join, tables)


def _equalities(join: Join, tables: Tables) -> list[str]:
    conditions = []
    for left, right in join.equal:
        sides = []
        for side in (left, right):
            if isinstance(side, Column):
                sides.append(f"{side.table}.{side.name}")
            else:
                number = tables.find(side)
                if number is None:
                    raise Nothing
                sides.append(str(number))
        conditions.append(" = ".join(sides))
    return conditions


def _missing(absence: Absence, tables: Tables) -> str | None:
    try:
        sources, conditions = _joined(absence.join, tables, None)
    except Nothing:
        return None
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"NOT EXISTS (SELECT 1 FROM {', '.join(sources)}{where})"


def present(
    absence: Absence, tables: Tables, found: str, *, test: bool
) -> tuple[str, tuple[Var, ...]] | None:
    """Return the query for the rows that a NOT with tests matches, and its columns; None: no row.

    Args:
        absence: the NOT.
        tables: where facts stand.
        found: the table of what was found before it.
        test: whether SQL tests; else the columns are those that its tests need, too.
    """
    try:
        sources, conditions = _joined(absence.join, tables, found)
    except Nothing:
        return None
    used = frozenset().union(*(variables(one) for one in absence.tests))
    columns = tuple(sorted(used | set(absence.shared)))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    outputs = {name(var): absence.binds[var] for var in columns}
    inner = f"SELECT DISTINCT {_outputs(outputs, tables)} FROM {', '.join(sources)}{where}"
    if not test:
        return inner, columns
    chosen = ", ".join(f"b.{name(var)}" for var in absence.shared) or "1 AS one"
    return (
        f"SELECT DISTINCT {chosen} FROM ({inner}) b{tested(absence.tests, absence, tables)}",
        absence.shared,
    )
