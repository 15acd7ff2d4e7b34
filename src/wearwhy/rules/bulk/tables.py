"""Where facts stand: one table a property, with what is new in it beside.

A table has the columns s and o; where derivations are kept, or a rule needs to know what is its
own, also w, the way to the fact (see `ways.py`); where derivations are kept, k0, k1 … besides.
"""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from wearwhy.rdf import NamedNode, Node
from wearwhy.rules.bulk.database import Database
from wearwhy.rules.bulk.relational import Scan, Source
from wearwhy.rules.bulk.sql import PARTS, TERMS
from wearwhy.rules.bulk.terms import IRI, LITERAL, TRIPLE, Ints, Terms
from wearwhy.rules.bulk.values import COLUMNS, described
from wearwhy.rules.bulk.ways import ASSERTED
from wearwhy.rules.terms import Id

# DuckDB takes a NaN in an array for an absent value.
_READ: Final = {
    name: f"CASE WHEN rank IS NOT NULL THEN COALESCE({name}, 'NaN') END AS {name}"
    for name in ("real", "single")
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns tables have.

    Attributes:
        marked: properties whose facts know their way; None for all.
        widths: how many kept values facts of a property have.
        others: and facts of any other property.
    """

    marked: frozenset[NamedNode] | None = frozenset()
    widths: dict[NamedNode, int] = field(default_factory=dict, hash=False)
    others: int = 0

    def columns(self, predicate: NamedNode) -> tuple[str, ...]:
        """Return the columns of a property's table."""
        if self.marked is not None:
            return ("s", "o", "w") if predicate in self.marked else ("s", "o")
        width = self.widths.get(predicate, self.others)
        return ("s", "o", "w", *(f"k{n}" for n in range(width)))

    def any_columns(self) -> tuple[str, ...]:
        """Return the columns of facts that no rule names the property of."""
        if self.marked is not None:
            return ("s", "o", "w") if self.marked else ("s", "o")
        width = max([self.others, *self.widths.values()])
        return ("s", "o", "w", *(f"k{n}" for n in range(width)))


class Store:
    """Tables of facts and terms in a database.

    Attributes:
        terms: the table of terms.
        counts: how many facts each property has.
        new: for a property the table of what the last round brought.
        mixed: whether some literal is not held exactly by SQL's columns, or a triple term exists.
    """

    def __init__(self, database: Database, layout: Layout, terms: Terms) -> None:
        self.terms = terms
        self.counts: dict[NamedNode, int] = {}
        self.new: dict[NamedNode, str] = {}
        self.mixed = False
        self._database = database
        self._layout = layout
        self._numbers: dict[NamedNode, int] = {}
        self._given: set[NamedNode] = set()
        self._highest: dict[tuple[NamedNode, str], tuple[int, bool]] = {}
        self._described: dict[int, int] | None = None
        self._texts = False
        self._triples = -1
        self._made = 0

    # -- names -----------------------------------------------------------------------------

    def table(self, predicate: NamedNode) -> str:
        """Return the name of a property's table, there or not."""
        return f"t{self._numbers.setdefault(predicate, len(self._numbers))}"

    def temporary(self) -> str:
        """Return an unused name."""
        self._made += 1
        return f"n{self._made}"

    def columns(self, predicate: NamedNode) -> tuple[str, ...]:
        """Return the columns of a property's table."""
        return self._layout.columns(predicate)

    def any_columns(self) -> tuple[str, ...]:
        """Return the columns of facts of any property, besides p."""
        return self._layout.any_columns()

    # -- as plans ask for them ---------------------------------------------------------------

    def find(self, node: Node) -> int | None:
        """Return the id of a term; None if no fact mentions it."""
        return self.terms.find(node)

    def id(self, node: Node) -> int:
        """Return the id of a term, new or not."""
        return self.terms.id(node)

    def facts(self, scan: Scan) -> str | None:
        """Return the table, or subquery, that a scan reads; None if it is empty."""
        if scan.predicate is not None:
            return self._of(scan.predicate, scan)
        parts = []
        for predicate in self._read(scan.source):
            table = self._of(predicate, scan)
            if table:
                number = self.terms.id(predicate)
                parts.append(f"SELECT s, o, CAST({number} AS INTEGER) AS p FROM {table} x")
        return f"({' UNION ALL '.join(parts)})" if parts else None

    def _read(self, source: Source) -> Collection[NamedNode]:
        if source is Source.NEW:
            return list(self.new)
        return list(self._given) if source is Source.GIVEN else list(self.counts)

    def _of(self, predicate: NamedNode, scan: Scan) -> str | None:
        if scan.source is Source.GIVEN:
            return f"g_{self.table(predicate)}" if predicate in self._given else None
        if scan.source is Source.NEW:
            return self.new.get(predicate)
        return self.table(predicate) if self.counts.get(predicate) else None

    def literals(self, scan: Scan, column: str) -> bool:
        """Return whether literals may stand in a column of a scan."""
        if scan.predicate is None:
            return True
        key = (scan.predicate, column)
        count = self.counts.get(scan.predicate, 0)
        known = self._highest.get(key)
        if known is None or known[0] != count:
            table = self.table(scan.predicate)
            found = self._database.rows(f"SELECT max({column}) >= {LITERAL} FROM {table}")
            known = self._highest[key] = (count, bool(found[0][0]))
        return known[1]

    # -- filling -----------------------------------------------------------------------------

    def load(
        self, facts: Mapping[Id, tuple[Ints, Ints]], *, given: Collection[NamedNode] | None
    ) -> int:
        """Take in the asserted facts; return how many there are, each counted once.

        Args:
            facts: by property, as `Terms.columns` gives them.
            given: properties whose asserted facts some rule reads apart; None for all.
        """
        run, total = self._database.run, 0
        for number, (subjects, objects) in facts.items():
            predicate = self.terms.nodes[number]
            assert isinstance(predicate, NamedNode)
            table = self.table(predicate)
            columns = self.columns(predicate)
            extra = "".join(f", CAST({_default(c)} AS INTEGER) AS {c}" for c in columns[2:])
            distinct = "(SELECT DISTINCT s, o FROM given)"
            count = self._database.take(
                table, {"s": subjects, "o": objects}, f"s, o{extra}", source=distinct
            )
            self.counts[predicate] = count
            total += count
            if given is None or predicate in given:
                run(f"CREATE TABLE g_{table} AS SELECT s, o FROM {table}")
                self._given.add(predicate)
        return total

    def add(self, predicate: NamedNode, table: str, count: int) -> None:
        """Add a table of facts, none of which is there yet, to a property's."""
        name = self.table(predicate)
        if predicate in self.counts:
            self._database.run(f"INSERT INTO {name} SELECT * FROM {table}")
        else:
            self._database.run(f"CREATE TABLE {name} AS SELECT * FROM {table}")
        self.counts[predicate] = self.counts.get(predicate, 0) + count

    # -- terms as SQL sees them --------------------------------------------------------------

    def describe(self, *, texts: bool) -> None:
        """Give literals (and for texts IRIs) their row of typed columns, now and from now on."""
        kinds = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        self._database.run(f"CREATE TABLE {TERMS} (id INTEGER, {kinds})")
        self._described = {LITERAL: 0, **({IRI: 0} if texts else {})}
        self.sync()

    def follow_triples(self) -> None:
        """Keep the parts of triple terms in a table, now and from now on."""
        self._database.run(f"CREATE TABLE {PARTS} (id INTEGER, s INTEGER, p INTEGER, o INTEGER)")
        self._triples = 0
        self.sync()

    def sync(self) -> None:
        """Bring the tables of terms up to date with terms made since."""
        triples = self.terms.kind(TRIPLE)
        self.mixed = self.mixed or bool(triples)
        if 0 <= self._triples < len(triples):
            start = self._triples
            self._triples = len(triples)
            ids = range(TRIPLE + start, TRIPLE + self._triples)
            rows = [(number, *(self.terms.parts(number) or ())) for number in ids]
            block = np.array(rows, dtype=np.int32)
            arrays = {c: np.ascontiguousarray(block[:, n]) for n, c in enumerate(("id", *"spo"))}
            self._append(PARTS, arrays, ("id", *"spo"))
        for kind, done in (self._described or {}).items():
            some = self.terms.kind(kind)[done:]
            if not some:
                continue
            assert self._described is not None
            self._described[kind] = done + len(some)
            if kind == LITERAL:
                # A datatype's id is an IRI's: it may be a new one.
                found = described(some, LITERAL + done, self._datatype)
                self.mixed = self.mixed or found.inexact
                self._append(TERMS, found.arrays, ("id", *COLUMNS))
            else:
                texts = np.array([_text(node) for node in some], dtype=object)
                ids_ = np.arange(IRI + done, IRI + done + len(some), dtype=np.int32)
                self._append(TERMS, {"id": ids_, "lexical": texts}, ("id", "lexical"))

    def _datatype(self, node: Node) -> Id:
        return self.terms.id(node)

    def _append(self, table: str, arrays: Mapping[str, object], columns: Iterable[str]) -> None:
        staging = self.temporary()
        self._database.take(staging, arrays)
        names = ", ".join(columns)
        chosen = ", ".join(_READ.get(column, column) for column in columns)
        self._database.run(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {staging}")
        self._database.run(f"DROP TABLE {staging}")


def _default(column: str) -> str:
    return str(ASSERTED) if column == "w" else "NULL"


def _text(node: Node) -> str:
    assert isinstance(node, NamedNode)
    return node.value
