"""The graph as a matrix: one sparse matrix a property over one index of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode
from scipy.sparse import csr_array

from wearwhy.rdf import Node
from wearwhy.walk.graph import Graph

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """Facts as matrices.

    Attributes:
        nodes: every node of the facts read, sorted by text.
        row: a node's row (and column).
        forward: for each property, entry (s, o) is 1 where `s p o` holds.
        backward: the transposes, so that a step against a property is as cheap.
    """

    nodes: tuple[Node, ...]
    row: Mapping[Node, int]
    forward: Mapping[NamedNode, csr_array]
    backward: Mapping[NamedNode, csr_array]

    def step(self, predicate: NamedNode, *, inverse: bool) -> csr_array:
        """Return the matrix of one step along or against a property; empty if it has no facts."""
        table = self.backward if inverse else self.forward
        found = table.get(predicate)
        return csr_array((len(self.nodes), len(self.nodes))) if found is None else found

    def vector(self, weights: Mapping[Node, float]) -> Floats:
        """Return a vector over all nodes; nodes that no fact mentions are left out."""
        found = np.zeros(len(self.nodes))
        for node, weight in weights.items():
            at = self.row.get(node)
            if at is not None:
                found[at] += weight
        return found

    def rows(self, nodes: Sequence[Node]) -> NDArray[np.int64]:
        """Return the rows of nodes; −1 for a node that no fact mentions."""
        return np.array([self.row.get(node, -1) for node in nodes], dtype=np.int64)


def pushed(table: csr_array, weights: Floats) -> Floats:
    """Return weights over nodes after a step: the transpose of its matrix times them.

    A walk has been at few nodes: only their rows are read.
    """
    at = np.flatnonzero(weights)
    begin, end = table.indptr[at], table.indptr[at + 1]
    many = end - begin
    if 4 * int(many.sum()) > table.nnz:
        return np.asarray(table.T @ weights)
    found = np.zeros(table.shape[1])
    offsets = np.repeat(begin - (many.cumsum() - many), many)
    places = offsets + np.arange(int(many.sum()))
    np.add.at(found, table.indices[places], table.data[places] * np.repeat(weights[at], many))
    return found


def build(graph: Graph, properties: Iterable[NamedNode]) -> Matrices:
    """Return the matrices of the graph's facts with these properties.

    Facts whose object is a literal are left out: a walk passes through things, not values.
    """
    order = sorted(set(properties), key=lambda p: p.value)
    pairs = {
        p: [
            (f.subject, f.object)
            for f in graph.match(None, p, None)
            if not isinstance(f.object, Literal)
        ]
        for p in order
    }
    nodes = tuple(
        sorted({node for found in pairs.values() for pair in found for node in pair}, key=str)
    )
    row = {node: n for n, node in enumerate(nodes)}
    forward = {p: _matrix(found, row) for p, found in pairs.items()}
    backward = {p: csr_array(matrix.T.tocsr()) for p, matrix in forward.items()}
    return Matrices(nodes, row, forward, backward)


def _matrix(pairs: Sequence[tuple[Node, Node]], row: Mapping[Node, int]) -> csr_array:
    found = np.array([(row[s], row[o]) for s, o in pairs], dtype=np.int64).reshape(-1, 2)
    size = (len(row), len(row))
    matrix = csr_array((np.ones(len(found)), (found[:, 0], found[:, 1])), shape=size)
    matrix.sort_indices()
    return matrix
