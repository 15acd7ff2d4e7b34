"""Vectors of items for the *neural* term of a look, and their nearest neighbours.

Every vector is folded from the item's own facts in the frozen embedding, so an item added a
moment ago has one like any other. Neighbours are found exactly up to 50,000 items
(`wearwhy.learn.nearest`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.learn.features import Features, numbered
from wearwhy.learn.model_files import Model
from wearwhy.learn.nearest import Nearest, nearest_of
from wearwhy.learn.plan import Plan
from wearwhy.learn.table import Graph, graph_of
from wearwhy.rdf import Fact


class Vectors:
    """Unit vectors of items; an item without any known token has none."""

    def __init__(self, items: Sequence[NamedNode], vectors: NDArray[np.float64]) -> None:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._rows = np.where(lengths > 1e-9, vectors / np.maximum(lengths, 1e-9), 0.0)
        self._near: Nearest | None = None
        self._items = tuple(items)
        self._row = {item: n for n, item in enumerate(self._items)}

    @classmethod
    def of(
        cls,
        source: Graph | Iterable[Fact],
        model: Model,
        items: Sequence[NamedNode],
        plan: Plan,
    ) -> Vectors:
        """Return the vectors of items of a graph, folded from their facts as they stand."""
        features = Features(graph_of(source), plan)
        rows = [numbered(features.tokens(item), model.number) for item in items]
        vectors = model.fold(rows) if rows else np.zeros((0, model.embedding.rows.shape[1]))
        vectors[[not len(row) for row in rows]] = 0.0
        return cls(items, vectors)

    @classmethod
    def known(cls, model: Model) -> Vectors:
        """Return the vectors of the items that a model was trained on."""
        return cls(model.known, model.vectors)

    def __contains__(self, item: object) -> bool:
        return item in self._row

    def __len__(self) -> int:
        return len(self._items)

    def cosine(self, a: NamedNode, b: NamedNode) -> float:
        """Return the cosine of two items' vectors; 0 where one has none."""
        if a not in self._row or b not in self._row:
            return 0.0
        return float(self._rows[self._row[a]] @ self._rows[self._row[b]])

    def matrix(self, items: Sequence[NamedNode]) -> NDArray[np.float64]:
        """Return the vectors of items, one row each, of length 1; a row of 0 where one has none."""
        out = np.zeros((len(items), self._rows.shape[1]))
        for n, item in enumerate(items):
            row = self._row.get(item)
            if row is not None:
                out[n] = self._rows[row]
        return out

    def neighbours(self, item: NamedNode, n: int) -> list[tuple[NamedNode, float]]:
        """Return the n nearest other items, best first, with their cosines."""
        at = self._row.get(item)
        if at is None:
            return []
        if self._near is None:
            self._near = nearest_of(self._rows)
        rows, _ = self._near.nearest(self._rows[at], n + 1)
        others = rows[rows != at]
        cosine = self._rows[others] @ self._rows[at]
        order = np.lexsort((others, -cosine))[:n]
        return [(self._items[others[k]], float(cosine[k])) for k in order]
