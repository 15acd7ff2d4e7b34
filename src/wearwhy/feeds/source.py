"""Source columns: what a cell said, kept as it stood, beside what the ontology makes of it.

A source's own word ("Smart Casual") may name nothing of the ontology and still be what is to be
guessed of the next item. It stands as (item, ww:column/MAPPING/COLUMN, "text"); the property is
described once: a `ww:SourceColumn` with its name, what it `ww:fillsProperty`, and whether it is
`ww:learned`. A counted column is described as a `ww:CountedColumn`, each of its values as a
`ww:ValueCount` whose objects are numbers.
"""

from __future__ import annotations

from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from wearwhy.feeds.mapping import Column, Mapping
from wearwhy.rdf import RDFS, TYPE, WW, XSD, Fact

_TRUE = Literal("true", datatype=XSD.boolean)


def column_node(mapping: str, column: str) -> NamedNode:
    """Return the property that a mapping's column is in the graph."""
    return NamedNode(f"{WW}column/{quote(mapping, safe='')}/{quote(column, safe='')}")


def value_node(mapping: str, column: str, text: str) -> NamedNode:
    """Return the property that counts how often a column says a text."""
    return NamedNode(f"{column_node(mapping, column).value}/{quote(text, safe='')}")


def described(column: Column, mapping: Mapping) -> list[Fact]:
    """Return what the graph says of a column itself."""
    node = column_node(mapping.name, column.name)
    kind = WW.CountedColumn if column.count else WW.SourceColumn
    fills = [*column.to, *((TYPE,) if column.name in mapping.classes else ())]
    return [
        Fact(node, TYPE, kind),
        Fact(node, RDFS.label, Literal(column.name)),
        *(Fact(node, WW.fillsProperty, prop) for prop in dict.fromkeys(fills)),
        *((Fact(node, WW.learned, _TRUE),) if column.learn else ()),
    ]


def described_value(
    column: Column, mapping: Mapping, text: str, concept: NamedNode | None
) -> list[Fact]:
    """Return what the graph says of one counted value: its column, its text, what it means."""
    node = value_node(mapping.name, column.name, text)
    return [
        Fact(node, TYPE, WW.ValueCount),
        Fact(node, RDFS.label, Literal(f"{column.name}: {text}")),
        Fact(node, WW.countsIn, column_node(mapping.name, column.name)),
        Fact(node, WW.countedValue, Literal(text)),
        *((Fact(node, WW.countedConcept, concept),) if concept is not None else ()),
    ]
