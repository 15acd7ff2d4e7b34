"""In which outfits things of two kinds were seen together: what a learned pair is shown by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.rdf import TYPE, WW, Node
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import Apart, Graph, held_out, named

Trait = tuple[NamedNode, Node]
"""A property and a value of it."""
Has = NDArray[np.bool_]
Ints = NDArray[np.int64]
_KEPT = "sightings"


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """The outfits of a graph by the items in them.

    Attributes:
        outfits: sorted by IRI; what is held out is left out.
        row: an item's number, of those that are in an outfit.
        worn: entry (outfit, item) is 1 where the outfit has the item.
    """

    graph: Graph
    outfits: tuple[NamedNode, ...]
    row: Mapping[Node, int]
    worn: csr_array
    _has: dict[Trait, Has] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph) -> Sightings:
        """Return the outfits of a graph."""
        outfits = named(graph.subjects(TYPE, WW.Outfit))
        at = {outfit: n for n, outfit in enumerate(outfits)}
        held = [
            (at[f.subject], f.object)
            for f in graph.match(None, WW.hasItem, None)
            if isinstance(f.subject, NamedNode) and f.subject in at
        ]
        row = {item: n for n, item in enumerate(dict.fromkeys(item for _, item in held))}
        cells = np.array([(n, row[item]) for n, item in held], dtype=np.int64).reshape(-1, 2)
        shape = (len(outfits), len(row))
        worn = csr_array((np.ones(len(cells)), (cells[:, 0], cells[:, 1])), shape=shape)
        return cls(graph, tuple(outfits), row, worn)

    def together(self, first: Collection[Trait], second: Collection[Trait]) -> Ints:
        """Return the numbers of the outfits in which one item has the first traits, another the second."""
        a, b = self._all(first), self._all(second)
        one, other = self.worn @ a.astype(np.float64), self.worn @ b.astype(np.float64)
        both = self.worn @ (a & b).astype(np.float64)
        return np.flatnonzero(one * other - both > 0)

    def items(
        self, outfit: NamedNode, first: Collection[Trait], second: Collection[Trait]
    ) -> tuple[NamedNode, NamedNode] | None:
        """Return two items of an outfit, the one with the first traits and the other with the second."""
        inside = named(self.graph.objects(outfit, WW.hasItem))
        a, b = self._all(first), self._all(second)
        return next(
            (
                (x, y)
                for x in inside
                for y in inside
                if x != y and a[self.row[x]] and b[self.row[y]]
            ),
            None,
        )

    def _all(self, traits: Collection[Trait]) -> Has:
        found = np.ones(len(self.row), dtype=bool)
        for trait in traits:
            found &= self._column(trait)
        return found

    def _column(self, trait: Trait) -> Has:
        found = self._has.get(trait)
        if found is None:
            found = np.zeros(len(self.row), dtype=bool)
            known = (self.row.get(subject) for subject in self.graph.subjects(*trait))
            found[[n for n in known if n is not None]] = True
            self._has[trait] = found
        return found


def sightings(layer: Layer) -> Sightings:
    """Return the outfits below the layer of one look, kept with the lowest layer that has them."""
    home = layer.below if layer.below is not None else layer
    held = home.relation(WW.hasItem)
    while home.below is not None and home.below.relation(WW.hasItem) is held:
        home = home.below
    found = home.cache.get(_KEPT)
    if not isinstance(found, Sightings):
        found = home.cache[_KEPT] = Sightings.of(Apart(home, held_out(home)))
    return found
