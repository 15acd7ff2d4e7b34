"""Rows that are happenings to items, counted: the item stays, the happenings do not.

People stand behind such rows. What leaves this module are numbers of rows by value, and only of
items that at least `least` rows speak of; no row, no date, no person.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError
from wearwhy.feeds.cells import named_whole
from wearwhy.feeds.layout import Layout, layout
from wearwhy.feeds.loaded import Findings, Loaded, Target
from wearwhy.feeds.mapping import Column, Mapping
from wearwhy.feeds.names import Names
from wearwhy.feeds.source import described, described_value, value_node
from wearwhy.feeds.tables import Row, Table
from wearwhy.rdf import XSD, Fact


@dataclass(slots=True)
class Happened:
    """What the rows of one item say: how many they are, and how many say what, by column."""

    first: Row
    number: int
    rows: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    said: dict[str, Counter[str]] = field(default_factory=dict)

    def usual(self, name: str) -> str:
        """Return what most rows say in a column; the first said of equals."""
        said = self.said.get(name)
        return said.most_common(1)[0][0] if said else ""


@dataclass(frozen=True, slots=True)
class Tally:
    """A table's rows by the step of their item's IRI, in the order of the table."""

    items: dict[str, Happened]
    columns: tuple[Column, ...]
    describing: tuple[Column, ...]


def tallied(table: Table, mapping: Mapping) -> Tally:
    """Return the rows of a table counted by item.

    Raises:
        InputError: WW-TABLE-ID, where a row names no item; those of `layout`.
    """
    found = Findings()
    at = layout(table, mapping, found)
    counted = tuple(c for c in mapping.columns if c.count and c.name in at.at)
    describing = tuple(c for c in mapping.columns if not c.count and c.name in at.at)
    items: dict[str, Happened] = {}
    steps: dict[str, str] = {}
    for number, row in enumerate(table.rows):
        step = _step(at, row, number, mapping, steps)
        if not step:
            found.problems.append(
                InputError(
                    "WW-TABLE-ID",
                    f"Row {row.number} has no id.",
                    place=table.place(row.number),
                )
            )
            continue
        item = items.get(step)
        if item is None:
            item = items[step] = Happened(row, number)
            item.counts = {column.name: Counter() for column in counted}
            item.said = {column.name: Counter() for column in describing}
        item.rows += 1
        for kind in (item.counts, item.said):
            for name, said in kind.items():
                text = row.cells[at.at[name]]
                if text:
                    said[text] += 1
    found.check(table.file)
    return Tally(items, counted, describing)


def _step(at: Layout, row: Row, number: int, mapping: Mapping, steps: dict[str, str]) -> str:
    """Return the step of a row's item; the slug of an id, which repeats, is made once."""
    text = next((one for t in mapping.ids if (one := at.fill(t, row, number))), "")
    if text not in steps:
        steps[text] = at.id_of(row, number, mapping)[1]
    return steps[text]


def as_items(table: Table, mapping: Mapping, tally: Tally) -> Table:
    """Return the table that has one row an item: what most of its rows say, nothing of one row.

    Columns that are counted or ignored are gone; those that the mapping does not know keep their
    header alone, so that they are reported.
    """
    found = Findings()
    at = layout(table, mapping, found)
    names = {index: name for name, index in at.at.items()}
    gone = {column.name for column in tally.columns} | set(mapping.ignored)
    kept = [i for i, _ in enumerate(table.headers) if names.get(i, "") not in gone]
    rows = tuple(
        Row(item.first.number, tuple(item.usual(names.get(i, "")) for i in kept))
        for item in tally.items.values()
    )
    return Table(table.file, tuple(table.headers[i] for i in kept), rows, table.notes)


def with_counts(
    loaded: Loaded, tally: Tally, mapping: Mapping, *, names: Names, into: Target
) -> Loaded:
    """Return what was loaded with the counts of its items and what the graph says of counts."""
    assert mapping.counts is not None
    there = {fact.subject for fact in loaded.facts}
    facts: list[Fact] = []
    occurring: dict[str, dict[str, NamedNode]] = {column.name: {} for column in tally.columns}
    few = 0
    for step, item in tally.items.items():
        node = into.item(step)
        if node not in there:
            continue
        if item.rows < mapping.least:
            few += 1
            continue
        facts.append(Fact(node, mapping.counts, _integer(item.rows)))
        for name, said in item.counts.items():
            known = occurring[name]
            for text in sorted(said):
                prop = known.setdefault(text, value_node(mapping.name, name, text))
                facts.append(Fact(node, prop, _integer(said[text])))
    for column in tally.columns:
        if occurring[column.name]:
            facts += described(column, mapping)
        for text in sorted(occurring[column.name]):
            facts += described_value(column, mapping, text, named_whole(text, column, names))
    note = f"{few} items have fewer than {mapping.least} rows and carry no counts"
    notes = (*loaded.notes, *((note,) if few else ()))
    return replace(loaded, facts=(*loaded.facts, *facts), notes=notes)


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)
