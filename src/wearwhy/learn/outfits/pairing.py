"""A model of outfits bound to the items of a graph: scores of pairs, and what they are sums of.

The score of a pair is the product of two vectors, and each vector a sum; so the score is a sum
over pairs of addends. What two values add is told by name. What a photograph or an item's residual
takes part in is opaque.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.learn.outfits import values
from wearwhy.learn.outfits.model import Floats, OutfitModel, Token

if TYPE_CHECKING:
    from wearwhy.learn.images.pictures import Pictures

CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a pair's score.

    Attributes:
        first: a value of the one item; None where opaque.
        second: a value of the other; None where opaque.
        value: what the two add.
        opaque: "image" for all that a photograph takes part in, "residual" for all else that an
            item's residual does; empty for a pair of values.
    """

    first: Token | None
    second: Token | None
    value: float
    opaque: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Items with their vectors.

    Attributes:
        items: in the order of rows.
        at: an item's row.
        tokens: of each item, the values that the model knows.
        named_vectors: the sums over values (n × d), single precision.
        vectors: those with photographs and residuals, single precision; for finding candidates.
    """

    model: OutfitModel
    items: tuple[NamedNode, ...]
    at: Mapping[NamedNode, int]
    tokens: tuple[tuple[Token, ...], ...]
    named_vectors: NDArray[np.float32]
    vectors: NDArray[np.float32]
    _pictures: Pictures | None

    @classmethod
    def of(
        cls,
        graph: values.Graph,
        model: OutfitModel,
        items: Sequence[NamedNode],
        pictures: Pictures | None = None,
    ) -> Pairing:
        """Return a model bound to items, by their facts as they stand."""
        read = values.of(graph, items, model.properties)
        tokens = tuple(tuple(t for t in read[item] if t in model.row) for item in items)
        named = np.zeros((len(items), model.width), dtype=np.float32)
        whole = np.zeros_like(named)
        for begin in range(0, len(items), CHUNK):
            part = slice(begin, begin + CHUNK)
            by_name, image, residual = _addends(model, items[part], tokens[part], pictures)
            named[part], whole[part] = by_name, by_name + image + residual
        at = {item: n for n, item in enumerate(items)}
        return cls(model, tuple(items), at, tokens, named, whole, pictures)

    def matrix(self, items: Sequence[NamedNode]) -> Floats:
        """Return the scores of all pairs of items (n × n), symmetric; an item's own is 0."""
        rows = self._exact(items)
        found = rows @ rows.T
        # A product's two halves may be rounded apart.
        found = (found + found.T) / 2
        np.fill_diagonal(found, 0.0)
        return np.asarray(found)

    def toward(
        self, given: Sequence[NamedNode], items: Sequence[NamedNode] | None = None
    ) -> Floats:
        """Return for each item the sum of its scores with the given ones.

        Args:
            given: a partial outfit.
            items: to score, in double precision; None: all, in single precision, as a shortlist
                needs them. A given item's score with itself is counted as 0.
        """
        toward = self._exact(given).sum(axis=0)
        if items is None:
            found = np.asarray(self.vectors @ toward.astype(np.float32), dtype=np.float64)
            own = [self.at[item] for item in given]
            found[own] -= np.einsum("ij,ij->i", self.vectors[own], self.vectors[own])
            return found
        rows = self._exact(items)
        found = np.asarray(rows @ toward)
        same = [n for n, item in enumerate(items) if item in set(given)]
        found[same] -= np.einsum("ij,ij->i", rows[same], rows[same])
        return found

    def parts(self, x: NamedNode, y: NamedNode) -> tuple[Part, ...]:
        """Return what a pair's score is a sum of, by falling magnitude; ties by name.

        The values of two properties that meet twice, the other way round, are two parts.
        """
        if x == y:
            return ()
        mine, yours = self.tokens[self.at[x]], self.tokens[self.at[y]]
        table = self._rows(mine) @ self._rows(yours).T
        found = [
            Part(a, b, float(table[i, j]))
            for i, a in enumerate(mine)
            for j, b in enumerate(yours)
            if table[i, j]
        ]
        (named_x, image_x, rest_x), (named_y, image_y, rest_y) = (
            tuple(rows[0] for rows in self._split([item])) for item in (x, y)
        )
        seen_x, seen_y = named_x + image_x, named_y + image_y
        image = float(seen_x @ seen_y - named_x @ named_y)
        residual = float((seen_x + rest_x) @ (seen_y + rest_y) - seen_x @ seen_y)
        opaque = (("image", image), ("residual", residual))
        found += [Part(None, None, value, name) for name, value in opaque if value]
        return tuple(sorted(found, key=_order))

    def named(self, items: Sequence[NamedNode]) -> Floats:
        """Return what `matrix` does, without the opaque parts."""
        rows = self._split(items)[0]
        found = (rows @ rows.T + (rows @ rows.T).T) / 2
        np.fill_diagonal(found, 0.0)
        return np.asarray(found)

    def _rows(self, tokens: Sequence[Token]) -> Floats:
        rows = [self.model.row[token] for token in tokens]
        return self.model.vectors[rows].astype(np.float64).reshape(len(rows), self.model.width)

    def _split(self, items: Sequence[NamedNode]) -> tuple[Floats, Floats, Floats]:
        tokens = [self.tokens[self.at[item]] for item in items]
        return _addends(self.model, items, tokens, self._pictures)

    def _exact(self, items: Sequence[NamedNode]) -> Floats:
        named, image, residual = self._split(items)
        return named + image + residual


def _order(part: Part) -> tuple[float, str, tuple[str, ...]]:
    tokens = tuple(text for token in (part.first, part.second) if token for text in map(str, token))
    return (-round(abs(part.value), 12), part.opaque, tokens)


def _addends(
    model: OutfitModel,
    items: Sequence[NamedNode],
    tokens: Sequence[Sequence[Token]],
    pictures: Pictures | None,
) -> tuple[Floats, Floats, Floats]:
    """Return for each item what its values, its photograph and its residual add."""
    size = (len(items), model.width)
    named, image, residual = np.zeros(size), np.zeros(size), np.zeros(size)
    rows = np.array([model.row[t] for own in tokens for t in own], dtype=np.int64)
    starts = np.cumsum([0, *(len(own) for own in tokens)])
    if len(rows):
        taken = model.vectors[rows].astype(np.float64)
        sums = np.add.reduceat(np.vstack([taken, np.zeros((1, model.width))]), starts[:-1], axis=0)
        named = np.where((np.diff(starts) > 0)[:, None], sums, 0.0)
    if pictures is not None and model.projection is not None:
        raw, mask = pictures.matrix(items)
        image[mask] = model.projection.of(raw[mask])
    for n, item in enumerate(items):
        own = model.residuals.get(item)
        if own is not None:
            residual[n] = own
    return named, image, residual
