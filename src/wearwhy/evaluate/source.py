"""A source's rows as its columns gave them: read off facts, cell by cell.

A mapping that keeps a column makes of every cell a fact (item, ww:column/MAPPING/NAME, "cell"),
and says of the property that it is a ww:SourceColumn, what it is called, what it fills, and
whether it is learned.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wearwhy.errors import InputError, nearest
from wearwhy.evaluate.controls.columns import Sheet
from wearwhy.feeds.mapping import Mapping as Format
from wearwhy.feeds.words import words
from wearwhy.learn.additive import Ints
from wearwhy.rdf import RDFS, SCHEMA, TYPE, WW, Fact, Literal, NamedNode, Node

LEAKS = frozenset({"id", "ids", "identifier", "year", "years", "sku", "gtin", "ean", "upc"})
"""A column with one of these words in its name identifies a row or gives labels away."""
_SPLIT = WW["split"]
_HAN = re.compile(r"[\u3400-\u9fff]")
_YEARS = frozenset({WW.year, WW.launchYear, SCHEMA.releaseDate})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a source, kept as it stood.

    Attributes:
        node: the property that holds its cells.
        name: as the source calls it.
        fills: the properties that its cells become.
        learned: whether it is an attribute that is guessed.
    """

    node: NamedNode
    name: str
    fills: frozenset[NamedNode]
    learned: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a source.

    Attributes:
        columns: by the property that holds their cells.
        items: what each row describes.
        facts: each row's facts.
        sheet: each row's cells, and all its texts in one.
        titles: each row's title, "" where it has none.
        split: what the source says a row is for, "" where it says nothing.
    """

    columns: Mapping[NamedNode, Column]
    items: tuple[NamedNode, ...]
    facts: tuple[tuple[Fact, ...], ...]
    sheet: Sheet
    titles: tuple[str, ...]
    split: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.items)

    def column(self, name: str) -> Column:
        """Return the learned column of a name.

        Raises:
            InputError: WW-LEARN-LEAK, where it identifies rows; WW-LEARN-ATTRIBUTE, with the
                nearest name.
        """
        refuse_leak(name)
        learned = {c.name: c for c in self.columns.values() if c.learned}
        if name in learned:
            return learned[name]
        near = nearest(name, learned)
        raise InputError(
            "WW-LEARN-ATTRIBUTE",
            f"'{name}' is not an attribute that is guessed.",
            hint=f"Did you mean '{near}'?"
            if near
            else "Known: " + ", ".join(sorted(learned)) + "."
            if learned
            else "No column of this format is marked `learn = true`.",
        )

    def beside(self, column: Column) -> list[str]:
        """Return the columns that may speak for one: neither it nor what fills the same."""
        return [
            c.name
            for c in self.columns.values()
            if c.name != column.name and not c.fills & column.fills
        ]

    def kind(self, beside: Collection[str]) -> str | None:
        """Return the column that says most finely what sort of thing a row is, if one does."""
        found = [c.name for c in self.columns.values() if TYPE in c.fills and c.name in beside]
        return max(found, key=lambda name: self.sheet.cells[name].nunique(), default=None)

    def rows(self, which: Ints) -> Rows:
        """Return some of the rows."""
        kept = which.tolist()
        return Rows(
            self.columns,
            tuple(self.items[n] for n in kept),
            tuple(self.facts[n] for n in kept),
            self.sheet.rows(which),
            tuple(self.titles[n] for n in kept),
            tuple(self.split[n] for n in kept),
        )

    def training(self) -> Rows:
        """Return the rows that may be learned from: those marked `train`, or all if none is."""
        if not any(self.split):
            return self
        return self.rows(np.flatnonzero(np.array(self.split) == "train"))


def refuse_leak(name: str, why: str = "It identifies a row or gives its label away.") -> None:
    """Refuse the name of a column that identifies rows.

    Raises:
        InputError: WW-LEARN-LEAK.
    """
    if LEAKS & set(words(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name))):
        raise InputError(
            "WW-LEARN-LEAK",
            f"'{name}' may be neither guessed nor a feature.",
            note=why,
            hint="Take it out of the attributes, and let the mapping list it under [ignored].",
        )


def refuse_leaks(mapping: Format, read: Collection[NamedNode]) -> None:
    """Refuse a format that makes a year a fact, or an identifier one that learning reads.

    Args:
        mapping: the format.
        read: the properties that learning reads.

    Raises:
        InputError: WW-LEARN-LEAK.
    """
    for column in mapping.columns:
        to = set(column.to)
        dated = "year" in words(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", column.name))
        if (dated and to) or to & _YEARS or to & set(read) or column.keep:
            refuse_leak("year" if to & _YEARS else column.name)


def columns_of(facts: Iterable[Fact]) -> dict[NamedNode, Column]:
    """Return the source columns that facts declare.

    Raises:
        InputError: WW-LEARN-LEAK, where one identifies rows.
    """
    said: dict[Node, list[Fact]] = defaultdict(list)
    for fact in facts:
        said[fact.subject].append(fact)
    return _columns(said)


def _columns(said: Mapping[Node, list[Fact]]) -> dict[NamedNode, Column]:
    found = {}
    for node, about in said.items():
        if isinstance(node, NamedNode) and Fact(node, TYPE, WW.SourceColumn) in about:
            name = next(
                (
                    f.object.value
                    for f in about
                    if f.predicate == RDFS.label and isinstance(f.object, Literal)
                ),
                node.value.rpartition("/")[2],
            )
            fills = frozenset(
                f.object
                for f in about
                if f.predicate == WW.fillsProperty and isinstance(f.object, NamedNode)
            )
            learned = any(f.predicate == WW.learned and _true(f.object) for f in about)
            refuse_leak(name)
            found[node] = Column(node, name, fills, learned)
    return dict(sorted(found.items(), key=lambda pair: pair[0].value))


def _true(node: Node) -> bool:
    return isinstance(node, Literal) and node.value in ("true", "1")


def rows_of(facts: Iterable[Fact], texts: Collection[NamedNode]) -> Rows:
    """Return the rows that facts describe: the subjects that have a cell, sorted.

    Args:
        facts: of a source, those that declare its columns among them.
        texts: properties whose values are read as words.

    Raises:
        InputError: WW-LEARN-LEAK, where a column identifies rows.
    """
    said: dict[Node, list[Fact]] = defaultdict(list)
    for fact in facts:
        said[fact.subject].append(fact)
    columns = _columns(said)
    items = sorted(
        (
            node
            for node, about in said.items()
            if isinstance(node, NamedNode) and any(f.predicate in columns for f in about)
        ),
        key=lambda node: node.value,
    )
    cells = {c.name: [""] * len(items) for c in columns.values()}
    text, titles, split = [], [], []
    for n, item in enumerate(items):
        values: dict[NamedNode, list[str]] = defaultdict(list)
        for fact in said[item]:
            if isinstance(fact.object, Literal):
                values[fact.predicate].append(fact.object.value.strip())
        for node, column in columns.items():
            cells[column.name][n] = values[node][0] if node in values else ""
        order = sorted((p for p in values if p in texts), key=lambda p: (p != SCHEMA.name, str(p)))
        text.append("\n".join(v for p in order for v in values[p]))
        titles.append(values[SCHEMA.name][0] if SCHEMA.name in values else "")
        split.append(values[_SPLIT][0] if _SPLIT in values else "")
    frame = pd.DataFrame(cells, index=[item.value for item in items], dtype=object)
    return Rows(
        columns,
        tuple(items),
        tuple(tuple(said[item]) for item in items),
        Sheet(frame, tuple(text)),
        tuple(titles),
        tuple(split),
    )


def masked(text: str, label: str) -> str:
    """Return a text without any of a label's words, whole and whatever their case."""
    for word in re.findall(r"\w+", label):
        # Chinese writes no spaces: a word of it stands anywhere.
        edge = (r"(?<!\w)", r"(?!\w)") if word.isascii() or not _HAN.search(word) else ("", "")
        text = re.sub(re.escape(word).join(edge), " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def masked_facts(
    facts: tuple[Fact, ...], label: str, texts: Collection[NamedNode]
) -> tuple[Fact, ...]:
    """Return a row's facts with a label's words taken out of its texts."""
    return tuple(
        f._replace(object=Literal(masked(f.object.value, label), language=f.object.language))
        if f.predicate in texts and isinstance(f.object, Literal)
        else f
        for f in facts
    )
