"""Semi-naive rounds: each asks the rules of a level for what the round before made possible."""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

from collections.abc import Mapping, Sequence

from wearwhy.rdf import NamedNode
from wearwhy.rules.bulk.database import Database
from wearwhy.rules.bulk.levels import Level, Leveled
from wearwhy.rules.bulk.relational import FOUND, Column, Operand, Plan, name, planned
from wearwhy.rules.bulk.resident import Residents
from wearwhy.rules.bulk.sql import Nothing, query
from wearwhy.rules.bulk.tables import Store
from wearwhy.rules.bulk.terms import BLANK
from wearwhy.rules.bulk.ways import Way, Ways
from wearwhy.rules.model import Atom, Rule, Var, variables

# A smaller budget than this is watched row by row.
_FEW = 5_000_000


class Rounds:
    """Closes levels in a store.

    Args:
        database: that the store is in.
        store: of facts.
        ways: of the program's rules.
    """

    def __init__(self, database: Database, store: Store, ways: Ways) -> None:
        self._database = database
        self._store = store
        self._ways = ways
        self._residents = Residents(database, store)
        self._plans: dict[tuple[NamedNode, int | None, bool], Plan] = {}
        self._asked: dict[NamedNode | None, list[tuple[Rule, str, bool]]] = {}
        self._waste: list[str] = []
        self._apart: dict[NamedNode, bool] = {}
        self.count = 0

    def close(self, level: Level) -> None:
        """Close one level."""
        for one in level.rules:
            self._enter(one, None)
        self._conclude()
        number = 0
        while self._store.new:
            number += 1
            self._database.spend_round(number)
            for one in level.rules:
                for atom in one.recursive:
                    self._enter(one, atom)
            self._conclude()
        self.count += number + 1

    # -- asking ------------------------------------------------------------------------------

    def _enter(self, one: Leveled, atom: int | None) -> None:
        self._database.rule = one.rule
        key = (one.rule.iri, atom, self._store.mixed)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = planned(
                one.rule, atom, others=one.others, mixed=self._store.mixed
            )
        try:
            self._ask(plan)
        except Nothing:
            return

    def _ask(self, plan: Plan) -> None:
        found: str | None = None
        *before, last = plan.stages
        for stage in before:
            outputs: dict[str, Operand] = {name(var): at for var, at in stage.binds.items()}
            text = query(stage, outputs, self._store, found=found)
            made = self._store.temporary()
            # Rows are sets of bindings: what a rule concludes twice it need not compute twice.
            text = self._limited(plan.rule, text.replace("SELECT", "SELECT DISTINCT", 1))
            count = self._database.run(f"CREATE TABLE {made} AS {text}")
            self._database.spend(count)
            found = self._residents.run(plan, stage, made)
            self._waste.append(found)
        for way, head in zip(self._ways.of[plan.rule.iri], plan.head, strict=True):
            subject, predicate, obj = head
            fixed = predicate if isinstance(predicate, NamedNode) else None
            if fixed is None and not isinstance(predicate, Column):
                continue  # a literal or a blank node is no property
            columns = self._store.columns(fixed) if fixed else self._store.any_columns()
            outputs = (
                {"s": subject, "o": obj} if fixed else {"s": subject, "o": obj, "p": predicate}
            )
            kept = {
                f"k{n}": last.binds[var] for n, var in enumerate(way.kept) if f"k{n}" in columns
            }
            text = query(last, {**outputs, **kept}, self._store, found=found)
            text = self._completed(text, way, columns, fixed=fixed)
            same = fixed is not None and _tells_all(way, last.binds)
            self._asked.setdefault(fixed, []).append((plan.rule, text, same))

    def _completed(
        self, text: str, way: Way, columns: Sequence[str], *, fixed: NamedNode | None
    ) -> str:
        """Return a query with all the columns of the table it is for, in their order."""
        if columns == ("s", "o") and fixed:
            return text
        chosen = []
        for column in columns:
            if column == "w":
                chosen.append(f"CAST({way.number} AS INTEGER) AS w")
            elif column.startswith("k") and int(column[1:]) >= len(way.kept):
                chosen.append(f"CAST(NULL AS INTEGER) AS {column}")
            else:
                chosen.append(column)
        if fixed is None:
            chosen.append("p")
        return f"SELECT {', '.join(chosen)} FROM ({text}) q"

    # -- concluding --------------------------------------------------------------------------

    def _conclude(self) -> None:
        """Make what the rules found one set for each property, and add what is new of it."""
        store, run = self._store, self._database.run
        asked, self._asked = self._asked, {}
        self._spread(asked)
        new: dict[NamedNode, str] = {}
        for predicate, found in asked.items():
            assert predicate is not None
            made, count = self._novel(predicate, found)
            if count:
                new[predicate] = made
                store.add(predicate, made, count)
            else:
                run(f"DROP TABLE {made}")
        for table in (*store.new.values(), *self._waste):
            run(f"DROP TABLE IF EXISTS {table}")
        self._waste.clear()
        store.new = new

    def _spread(self, asked: dict[NamedNode | None, list[tuple[Rule, str, bool]]]) -> None:
        """Give what rules found of any property to the properties."""
        anything = asked.pop(None, None)
        if not anything:
            return
        table = self._gathered(anything)
        self._waste.append(table)
        for (number,) in self._database.rows(f"SELECT DISTINCT p FROM {table} WHERE p < {BLANK}"):
            predicate = self._store.terms.nodes[number]
            assert isinstance(predicate, NamedNode)
            columns = ", ".join(self._store.columns(predicate))
            text = f"SELECT {columns} FROM {table} WHERE p = {number}"
            asked.setdefault(predicate, []).append((anything[0][0], text, False))

    def _gathered(self, found: Sequence[tuple[Rule, str, bool]]) -> str:
        table = self._store.temporary()
        for number, (rule, text, _) in enumerate(found):
            self._database.rule = rule
            start = f"INSERT INTO {table}" if number else f"CREATE TABLE {table} AS"
            self._database.spend(self._database.run(f"{start} {self._limited(rule, text)}"))
        return table

    def _is_limited(self, rule: Rule) -> bool:
        """Return whether a rule's rows are counted as they come: it costs a third of its time."""
        if self._database.limits.conclusions < _FEW:
            return True
        found = self._apart.get(rule.iri)
        if found is None:
            found = self._apart[rule.iri] = _in_pieces(rule)
        return found

    def _limited(self, rule: Rule, text: str) -> str:
        """Return a query that ends soon after it has more rows than the budget has left."""
        return f"{text} LIMIT {self._database.left + 1}" if self._is_limited(rule) else text

    def _novel(
        self, predicate: NamedNode, found: Sequence[tuple[Rule, str, bool]]
    ) -> tuple[str, int]:
        """Return a table of what was found and not known, each fact once, and its size."""
        made = self._store.temporary()
        columns = self._store.columns(predicate)
        each = ", ".join(f"c.{column}" for column in columns)
        if len(found) == 1 and not self._is_limited(found[0][0]):
            rule, text, once = found[0]
            self._database.rule = rule
            source, gathered = f"({text})", None
        else:
            source = gathered = self._gathered(found)
            once = False
        known = ""
        if self._store.counts.get(predicate):
            table = self._store.table(predicate)
            known = f" ANTI JOIN {table} t ON c.s = t.s AND c.o = t.o"
        distinct = "" if once else "DISTINCT " if len(columns) == 2 else "DISTINCT ON (c.s, c.o) "
        count = self._database.run(
            f"CREATE TABLE {made} AS SELECT {distinct}{each} FROM {source} c{known}"
        )
        if gathered:
            self._database.run(f"DROP TABLE {gathered}")
        else:
            self._database.spend(count)
        return made, count


def _in_pieces(rule: Rule) -> bool:
    """Return whether a body has patterns that no chain of variables joins."""
    left = [variables(element) for element in rule.body if isinstance(element, Atom)]
    reached = set(left.pop()) if left else set()
    while near := [one for one in left if one & reached or not one]:
        left = [one for one in left if one not in near]
        reached.update(*near)
    return bool(left)


def _tells_all(way: Way, binds: Mapping[Var, Operand]) -> bool:
    """Return whether no two solutions of a body conclude the same from one template."""
    template = way.template
    told = {part for part in (template.subject, template.object) if isinstance(part, Var)}
    found = any(isinstance(at, Column) and at.table == FOUND for at in binds.values())
    matched = variables(tuple(way.rule.body))
    return matched == told and not found
