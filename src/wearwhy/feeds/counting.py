"""Counts of a source by item, as tables to work with; nothing is written.

`counted` reads a file or a frame through a mapping that counts, all of its items and rows;
`counted_in` gives the same of a graph, where items of few rows carry no counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError
from wearwhy.feeds.load import named, table_of
from wearwhy.feeds.mapping import Mapping
from wearwhy.feeds.source import column_node
from wearwhy.feeds.tally import tallied
from wearwhy.rdf import WW, Fact

if TYPE_CHECKING:
    import pandas as pd

_MEMBER = (WW.inCatalogue, WW.inWardrobe)


@dataclass(frozen=True, slots=True)
class Counted:
    """Items and how often their rows say what.

    Attributes:
        items: one row an item, the index "item" the last step of its IRI, in the source's order;
            "rows" their number (int64); a text column for each that describes the item, "" where
            nothing says it.
        counts: by column, items × values as said, sorted (int64); the index is that of `items`.
    """

    items: pd.DataFrame
    counts: dict[str, pd.DataFrame]


def counted(
    source: Path | pd.DataFrame, mapping: str | Mapping, *, mappings: Path | None = None
) -> Counted:
    """Return the counts of a source; see `Counted`.

    Args:
        source: a file or a DataFrame.
        mapping: a mapping with `counts`, or the name of one in the folder `mappings`.
        mappings: the folder of mapping files.

    Raises:
        InputError: WW-MAPPING-COUNTS, where the mapping counts nothing; those of reading.
    """
    chosen = mapping if isinstance(mapping, Mapping) else named(mapping, mappings)
    if chosen.counts is None:
        raise InputError(
            "WW-MAPPING-COUNTS",
            f"The mapping '{chosen.name}' counts nothing.",
            hint='A mapping counts rows where its [item] says counts = "ww:timesCounted".',
        )
    tally = tallied(table_of(source, chosen), chosen)
    index = list(tally.items)
    described = {
        column.name: [item.usual(column.name) for item in tally.items.values()]
        for column in tally.describing
    }
    counts = {
        column.name: {
            step: dict(item.counts[column.name])
            for step, item in tally.items.items()
        }
        for column in tally.columns
    }  # fmt: skip
    rows = [item.rows for item in tally.items.values()]
    return _table(index, rows, described, counts)


def counted_in(facts: Iterable[Fact], mapping: str) -> Counted:
    """Return the counts that a graph holds of what a mapping loaded; see `Counted`.

    Args:
        facts: of the graph, or of several: what is no count and describes no item is passed over.
        mapping: the name of the mapping that loaded them.
    """
    base = column_node(mapping, "").value
    held: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    described: dict[str, dict[str, str]] = {}
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for subject, predicate, value in facts:
        if not isinstance(subject, NamedNode) or not isinstance(value, Literal | NamedNode):
            continue
        step = subject.value.rpartition("/")[2]
        inside = predicate.value.removeprefix(base)
        column, _, said = inside.partition("/")
        if predicate in _MEMBER:
            held.setdefault(step, {})
        elif predicate == WW.timesCounted:
            rows[step] = int(value.value)
        elif predicate == WW["split"]:  # `WW.split` is a method of strings
            described.setdefault("split", {})[step] = value.value
        elif inside != predicate.value and said:
            counts.setdefault(unquote(column), {}).setdefault(step, {})[unquote(said)] = int(
                value.value
            )
        elif inside != predicate.value:
            described.setdefault(unquote(column), {})[step] = value.value
    index = list(held)
    return _table(
        index,
        [rows.get(step, 0) for step in index],
        {name: [said.get(step, "") for step in index] for name, said in described.items()},
        counts,
    )


def _table(
    index: list[str],
    rows: list[int],
    described: dict[str, list[str]],
    counts: dict[str, dict[str, dict[str, int]]],
) -> Counted:
    import numpy as np  # noqa: PLC0415 (a load needs no frames)
    import pandas as pd  # noqa: PLC0415

    steps = pd.Index(index, name="item", dtype="str")
    items = pd.DataFrame({"rows": np.array(rows, dtype=np.int64), **described}, index=steps)
    at = {step: n for n, step in enumerate(index)}
    tables: dict[str, pd.DataFrame] = {}
    for name, by_item in counts.items():
        values = sorted({text for said in by_item.values() for text in said})
        place = {text: n for n, text in enumerate(values)}
        cells = np.zeros((len(index), len(values)), dtype=np.int64)
        for step, said in by_item.items():
            for text, number in said.items():
                cells[at[step], place[text]] = number
        tables[name] = pd.DataFrame(cells, index=steps, columns=pd.Index(values, dtype="str"))
    return Counted(items, tables)
