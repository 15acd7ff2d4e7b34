"""A table and its mapping to facts about items.

Rows become items, or variants of one item where the mapping groups them. Refusals (a duplicate
id, an unknown class, a negative price, a day that no calendar has) are collected and stop the
load as a whole; values that nothing names are reported and leave only their own cell out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from wearwhy import errors
from wearwhy.errors import UnknownName, ValueRefused
from wearwhy.feeds.cells import Cells, Value, mined, read_cell
from wearwhy.feeds.classes import Named, class_of, class_suggestion
from wearwhy.feeds.layout import Layout, layout
from wearwhy.feeds.loaded import Findings, Loaded, Skipped, Target
from wearwhy.feeds.mapping import Column, Mapping, Reference
from wearwhy.feeds.names import CLASSES, Names
from wearwhy.feeds.references import Known, referred
from wearwhy.feeds.source import column_node, described
from wearwhy.feeds.tables import Row, Table
from wearwhy.feeds.words import slug, words
from wearwhy.rdf import PREFIXES, SCHEMA, TYPE, Fact, Node, curie, expand

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Item:
    """What is known of one item while its rows are read."""

    node: NamedNode
    row: Row
    values: dict[NamedNode, list[Node]] = field(default_factory=dict)

    def add(self, pairs: Iterable[Value]) -> None:
        for prop, value in pairs:
            held = self.values.setdefault(prop, [])
            if value not in held:
                held.append(value)

    def facts(self) -> list[Fact]:
        return [Fact(self.node, prop, v) for prop, held in self.values.items() for v in held]


def convert(
    table: Table,
    mapping: Mapping,
    *,
    names: Names,
    into: Target,
    known: Iterable[Fact] = (),
    progress: Progress | None = None,
) -> Loaded:
    """Return the facts of a table.

    Args:
        table: The cells.
        mapping: What its columns mean.
        names: The ontology's words.
        into: Where the items go.
        known: Facts about items that cells may refer to (a log's wardrobe).
        progress: Called with (groups done, groups in all).

    Raises:
        InputError: what was refused, all of it; see `Findings.check`.
    """
    found = Findings(notes=list(table.notes))
    at = layout(table, mapping, found)
    known_items = Known.of(known, mapping, names)
    return _Reader(table, mapping, names, into, known_items, found, at).read(progress)


@dataclass(slots=True)
class _Reader:
    table: Table
    mapping: Mapping
    names: Names
    into: Target
    known: Known
    found: Findings
    layout: Layout
    cells: Cells = field(init=False)
    classes: dict[tuple[str, str], Named | None] = field(default_factory=dict)
    kept: dict[str, NamedNode] = field(default_factory=dict)
    groups: dict[NamedNode, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cells = Cells(self.names, self.found)

    def read(self, progress: Progress | None) -> Loaded:
        facts: list[Fact] = []
        items = 0
        groups = self._groups()
        for done, (step, rows) in enumerate(groups.items(), 1):
            made = self._item(step, rows)
            if made:
                facts += made
                items += 1
            if progress:
                progress(done, len(groups))
        self.found.check(self.table.file)
        for column in self.mapping.columns:
            if column.name in self.kept:
                facts += described(column, self.mapping)
        facts += (Fact(group, TYPE, SCHEMA.ProductGroup) for group in self.groups)
        return self.found.loaded(facts, items)

    # -- rows ----------------------------------------------------------------------------------

    def _groups(self) -> dict[str, list[Row]]:
        """Return the rows of each item by the last step of its IRI."""
        groups: dict[str, list[Row]] = {}
        said: dict[str, str] = {}
        for number, row in enumerate(self.table.rows):
            text, step = self.layout.id_of(row, number, self.mapping)
            if not step:
                self._refuse(row, "WW-TABLE-ID", f"Row {row.number} has no id.")
            elif step not in groups:
                groups[step], said[step] = [row], text
            elif self.mapping.group and self.layout.cell(row, self.mapping.group):
                groups[step].append(row)
            else:
                first = groups[step][0].number
                same = "" if said[step] == text else f" (as '{said[step]}')"
                self._refuse(
                    row,
                    "WW-TABLE-DUPLICATE",
                    f"The id '{text}' of row {row.number} was given in row {first} already{same}.",
                )
        return groups

    def _item(self, step: str, rows: list[Row]) -> list[Fact]:
        mapping, first = self.mapping, rows[0]
        item = _Item(self.into.item(step), first)
        kind = mapping.kind or self._class(first)
        if kind is None:
            return []
        item.add([(TYPE, kind)])
        for column in mapping.columns:
            if column.of == "item":
                row = self._telling(column, rows)
                if column.kind == "group":
                    item.add(self._grouped(column, row))
                else:
                    item.add(self._read(column, row))
                if column.keep:
                    item.add(self._kept(column, row))
        variants = self._variants(item, rows)
        if len(variants) == 1:
            item.add((p, v) for p, held in variants[0].values.items() for v in held)
        elif variants:
            item.add([(TYPE, SCHEMA.ProductGroup)])
            item.add((SCHEMA.hasVariant, variant.node) for variant in variants)
            self._lift(item, variants)
        for column in mapping.columns:
            if column.words:
                text = self.layout.cell(first, column.name)
                item.add(mined(text, column, self.names, item.values))
        item.add(self._constants(set(item.values)))
        if mapping.reference and not self._refer(item, mapping.reference, rows):
            return []
        if mapping.membership:
            item.add([(self.into.membership, self.into.node)])
        self._settle(item)
        facts = item.facts()
        for variant in variants if len(variants) > 1 else ():
            variant.add([(TYPE, SCHEMA.Product), (SCHEMA.isVariantOf, item.node)])
            self._settle(variant)
            facts += variant.facts()
        return facts

    def _settle(self, item: _Item) -> None:
        """Keep the first value of a property that the ontology gives one value; report the rest."""
        for prop, held in item.values.items():
            if len(held) > 1 and self.names.functional(prop):
                for value in held[1:]:
                    why = f"{curie(prop)} has one value, {curie(held[0])} was first"
                    self.found.skipped.append(Skipped(item.row.number, "", curie(value), why))
                del held[1:]

    def _refer(self, item: _Item, reference: Reference, rows: list[Row]) -> bool:
        """Add the items that the rows name; say whether there is one."""
        for row in rows:
            cells = {name: self.layout.cell(row, name) for name in reference.columns}
            named = referred(cells, reference, self.known, self.into, row)
            self.found.skipped.extend(named.skipped)
            item.add(named.values)
        if reference.to in item.values:
            return True
        self.found.skipped.append(Skipped(rows[0].number, "", "", "names no item that is known"))
        return False

    def _class(self, row: Row) -> NamedNode | None:
        texts = [(name, self.layout.cell(row, name)) for name in self.mapping.classes]
        found = class_of(texts, self.mapping, self.names, self.classes)
        if found.node is not None:
            for name, text in found.missed:
                known = self.found.seen(name, text)
                close = None if known else class_suggestion([text], self.names)
                self.found.report(name, text, row.number, close)
            for name, text, node in found.nearer:
                self.found.took(name, text, row.number, self.names.label(node))
            return found.node
        said = ", ".join(f"{name} '{text}'" for name, text in texts if text) or "nothing"
        name, text = next(((n, t) for n, t in texts if t), ("", ""))
        if self.mapping.without_class != "error":
            seen = self.found.seen(name, text)
            near = None if seen else class_suggestion([text for _, text in texts], self.names)
            self.found.report(name, text, row.number, near)
        if self.mapping.without_class == "keep":
            return CLASSES
        if self.mapping.without_class == "skip":
            self.found.skipped.append(Skipped(row.number, name, text, "nothing says what it is"))
        else:
            near = class_suggestion([text for _, text in texts], self.names)
            place = self.table.place(row.number)
            self.found.problems.append(
                UnknownName(
                    "WW-CLASS-UNKNOWN",
                    f"Row {row.number}: {said} names no kind of garment.",
                    hint=f"Did you mean '{near}'?" if near else "",
                    place=place,
                )
            )
        return None

    # -- cells ---------------------------------------------------------------------------------

    def _read(self, column: Column, row: Row) -> list[Value]:
        text = self.layout.cell(row, column.name)
        if not text:
            if column.required:
                self._refuse(
                    row,
                    "WW-TABLE-MISSING",
                    f"Row {row.number} has no '{column.name}'.",
                    column.name,
                )
            return []
        try:
            return self.cells.read(text, column, row.number)
        except ValueRefused as refused:
            self._refuse(
                row,
                refused.code,
                f"Row {row.number}, {column.name}: {refused.sentence}",
                column.name,
                refused.hint,
            )
            return []

    def _grouped(self, column: Column, row: Row) -> list[Value]:
        """Return the group of variants that a cell names, under each property of the column."""
        step = slug(self.layout.cell(row, column.name))
        if not step:
            return []
        group = self.into.item(f"{slug(column.name)}/{step}")
        self.groups[group] = None
        return [(prop, group) for prop in column.to]

    def _telling(self, column: Column, rows: list[Row]) -> Row:
        """Return the first row that has a cell of a column."""
        if len(rows) == 1:
            return rows[0]
        return next((row for row in rows if self.layout.cell(row, column.name)), rows[0])

    def _kept(self, column: Column, row: Row) -> list[Value]:
        text = self.layout.cell(row, column.name)
        if not text:
            return []
        node = self.kept.get(column.name) or column_node(self.mapping.name, column.name)
        self.kept[column.name] = node
        return [(node, Literal(text))]

    def _variants(self, item: _Item, rows: Sequence[Row]) -> list[_Item]:
        mapping = self.mapping
        own = [column for column in mapping.columns if column.of == "variant"]
        if not own and not mapping.options:
            return []
        option_names = {name: self.layout.cell(rows[0], name) for name, _ in mapping.options}
        variants: dict[str, _Item] = {}
        for number, row in enumerate(rows):
            needed = [column for column in own if column.required]
            if needed and not any(self.layout.cell(row, column.name) for column in needed):
                continue  # a row that only adds a picture
            step = ""
            for template in mapping.variant_ids:
                step = step or slug(
                    re.sub("-+", "-", self.layout.fill(template, row, number, gaps=True))
                )
            variant = _Item(NamedNode(f"{item.node.value}/{step or number}"), row)
            if step in variants:
                first = variants[step].row.number
                self._refuse(
                    row,
                    "WW-TABLE-DUPLICATE",
                    f"The variant '{step}' of row {row.number} was given in row {first} already.",
                )
                continue
            variants[step] = variant
            for column in own:
                variant.add(self._read(column, row))
            for name, value in mapping.options:
                variant.add(self._option(option_names[name], self.layout.cell(row, value), row))
        return list(variants.values())

    def _option(self, name: str, text: str, row: Row) -> list[Value]:
        if not name or not text:
            return []
        for known, prop in self.mapping.option_names.items():
            if words(known) == words(name):
                spelt = ((known in (c.name, *c.aliases), c) for c in self.mapping.columns)
                declared = next((c for same, c in spelt if same), None)
                column = declared or Column(known, to=(prop,))
                return read_cell(text, column, self.names, self.found, row.number)
        if words(name) != words("Title"):
            near = errors.nearest(name, self.mapping.option_names)
            self.found.report(name, text, row.number, near)
        return []

    def _lift(self, item: _Item, variants: Sequence[_Item]) -> None:
        """Say of the item what its variants share, or what the mapping picks among them."""
        for prop, how in self.mapping.lift.items():
            held = [tuple(v.values[prop]) for v in variants if prop in v.values]
            if not held or prop in item.values:
                continue
            if how == "min":
                flat = [v for values in held for v in values if isinstance(v, Literal)]
                item.add([(prop, min(flat, key=lambda v: float(v.value)))])
            elif how == "all":
                item.add((prop, v) for values in held for v in values)
            elif how == "first" or len(set(held)) == 1:
                item.add((prop, v) for v in held[0])

    def _constants(self, known: set[NamedNode]) -> list[Value]:
        out: list[Value] = []
        for prop, text in self.mapping.constants.items():
            if prop not in known:
                scope = self.names.scope(prop)
                node = self.names.find(text, scope) if scope else None
                if node is None and text.partition(":")[0] in PREFIXES:
                    node = expand(text)
                out.append((prop, node or Literal(text)))
        return out

    def _refuse(self, row: Row, code: str, sentence: str, column: str = "", hint: str = "") -> None:
        at = self.layout.at.get(column)
        place = self.table.place(row.number, self.table.headers[at] if at is not None else "")
        self.found.problems.append(ValueRefused(code, sentence, hint=hint, place=place))
