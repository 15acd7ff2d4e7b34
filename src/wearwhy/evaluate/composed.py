"""The outfits that may be learned from, as counts: how often items stand in them, and together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.evidence import Kind
from wearwhy.learn.additive import Floats, Ints
from wearwhy.rdf import SCHEMA, TYPE, WW, Node
from wearwhy.walk.graph import Graph, held_out


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """Outfits of a graph that are not held out, over some items.

    Attributes:
        items: by position.
        at: an item's position.
        outfits: how many there are.
        times: in how many of them each item stands.
        together: in how many of them two items stand; nothing on the diagonal.
        kinds: each item's kind of garment, by position among all kinds.
        words: which values each item has (items × values): its attributes, its classes as they
            were stated, its model, and what its source's own columns say.
    """

    items: tuple[NamedNode, ...]
    at: Mapping[NamedNode, int]
    outfits: int
    times: Floats
    together: csr_array
    kinds: Ints
    words: csr_array


def composed(
    graph: Graph,
    items: Sequence[NamedNode],
    attributes: Collection[NamedNode],
    aside: Collection[Node] = (),
) -> Composed:
    """Return the counts over the outfits that are neither held out nor aside.

    Args:
        graph: to read.
        items: which count.
        attributes: the properties whose values are read.
        aside: outfits that are not counted.
    """
    at = {item: n for n, item in enumerate(items)}
    hidden = held_out(graph).union(aside)
    outfits: dict[Node, int] = {}
    row, column = [], []
    for fact in graph.match(None, WW.hasItem, None):
        if fact.object in at and fact.subject not in hidden:
            row.append(at[fact.object])  # type: ignore[index]  # it is in `at`
            column.append(outfits.setdefault(fact.subject, len(outfits)))
    shape = (len(items), max(len(outfits), 1))
    held = csr_array((np.ones(len(row)), (row, column)), shape=shape)
    held.data[:] = 1.0
    together = csr_array(held @ held.T)
    times = together.diagonal()
    together.setdiag(0.0)
    together.eliminate_zeros()
    kinds, words = _said(graph, at, attributes)
    return Composed(tuple(items), at, len(outfits), times, together, kinds, words)


def _said(
    graph: Graph, at: Mapping[NamedNode, int], attributes: Collection[NamedNode]
) -> tuple[Ints, csr_array]:
    columns = [f.subject for f in graph.match(None, TYPE, WW.SourceColumn)]
    wanted = {*attributes, *columns, SCHEMA.isVariantOf} - {TYPE}
    values: dict[tuple[Node, Node], int] = {}
    row, column = [], []

    def add(item: NamedNode, predicate: Node, value: Node) -> None:
        row.append(at[item])
        column.append(values.setdefault((predicate, value), len(values)))

    named: dict[NamedNode, list[str]] = {}
    for predicate in sorted(wanted, key=str):
        if isinstance(predicate, NamedNode):
            for fact in graph.match(None, predicate, None):
                if fact.subject in at:
                    add(fact.subject, predicate, fact.object)  # type: ignore[arg-type]
    for fact in graph.match(None, TYPE, None):
        if fact.subject in at and graph.kind(fact) is Kind.ASSERTED:
            add(fact.subject, TYPE, fact.object)  # type: ignore[arg-type]
            named.setdefault(fact.subject, []).append(str(fact.object))  # type: ignore[arg-type]
    table = {kinds: n for n, kinds in enumerate(sorted({tuple(sorted(k)) for k in named.values()}))}
    kinds = np.array([table.get(tuple(sorted(named.get(item, ()))), -1) for item in at])
    words = csr_array((np.ones(len(row)), (row, column)), shape=(len(at), max(len(values), 1)))
    words.sum_duplicates()
    words.data[:] = 1.0
    return kinds, words
