"""Columns of a source that the graph keeps as they stood: evidence, and things to guess.

A shop's own words ("Smart Casual") are finer or coarser than the ontology's; what a shop leaves
out is guessed in its own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from wearwhy.learn.table import Graph
from wearwhy.rdf import RDFS, TYPE, WW, Node, curie

PREFIX: Final = "ww:column/"
"""How relations of source columns begin."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column that the graph keeps as its source said it.

    Attributes:
        iri: the property.
        label: the column's name in the source.
        fills: properties of ours that its cells were read into.
        learned: whether its missing cells are guessed.
    """

    iri: NamedNode
    label: str
    fills: frozenset[NamedNode]
    learned: bool


def columns(graph: Graph) -> tuple[SourceColumn, ...]:
    """Return the source columns a graph keeps, sorted."""
    found = []
    for fact in graph.match(None, TYPE, WW.SourceColumn):
        column = fact.subject
        if not isinstance(column, NamedNode):
            continue
        labels = [f.object for f in graph.match(column, RDFS.label, None)]
        found.append(
            SourceColumn(
                column,
                next((n.value for n in labels if isinstance(n, Literal)), column.value),
                frozenset(
                    f.object
                    for f in graph.match(column, WW.fillsProperty, None)
                    if isinstance(f.object, NamedNode)
                ),
                any(True for _ in graph.match(column, WW.learned, None)),
            )
        )
    return tuple(sorted(found, key=lambda c: c.iri.value))


def short_column(column: NamedNode) -> str:
    """Return the relation of a source column's tokens: `ww:column/myntra/usage`."""
    return "ww:" + column.value.removeprefix(str(WW))


def spelt(value: Node) -> str:
    """Return a value as tokens spell it: a node by its short name, a literal as it stands."""
    return value.value.strip() if isinstance(value, Literal) else curie(value)
