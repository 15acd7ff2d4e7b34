"""What photographs say of items, at answering time: their vectors, and which look alike.

numpy only: nothing is decoded or embedded here. Vectors are mapped from the file, so that asking
for ten items reads ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.images import files
from wearwhy.learn.images.parts import WIDTH
from wearwhy.learn.images.weights import Floats
from wearwhy.rdf import NamedNode

KEPT = 4096
"""Of so many items the neighbours are kept."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An item that looks like another, and how much: a cosine from -1 to 1."""

    item: NamedNode
    cosine: float


class Pictures:
    """The embedded photographs of a workspace's items.

    Attributes:
        digest: of everything here: names the state of the photographs.
        items: those with a photograph, by IRI.
    """

    def __init__(self, held: files.Held) -> None:
        self._held = held
        self.digest = held.digest
        self.items = tuple(NamedNode(iri) for iri in held.items)
        self._at = {item: n for n, item in enumerate(self.items)}
        self._near: dict[tuple[int, int], tuple[Alike, ...]] = {}

    @classmethod
    def load(cls, folder: Path) -> Pictures | None:
        """Return what was embedded in a folder of models; None where nothing was.

        Raises:
            FormatError: WW-IMAGES-FORMAT.
        """
        held = files.read(folder)
        return None if held is None or not held.items else cls(held)

    def __contains__(self, item: object) -> bool:
        return item in self._at

    def __len__(self) -> int:
        return len(self.items)

    def photographs(self, item: NamedNode) -> tuple[str, ...]:
        """Return the values of `schema:image` that an item's vector was made from."""
        n = self._at.get(item)
        if n is None:
            return ()
        return self._held.said[self._held.starts[n] : self._held.starts[n + 1]]

    def vector(self, item: NamedNode) -> Floats | None:
        """Return an item's raw vector, the mean over its photographs; None without one."""
        found, mask = self.matrix([item])
        return found[0] if mask[0] else None

    def matrix(self, items: Sequence[NamedNode]) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the raw vectors of items, one a row, and which have one; the others' are 0."""
        at = self._rows(items)
        mask = at >= 0
        out = np.zeros((len(items), WIDTH), np.float32)
        if mask.any():
            held = self._held
            out[mask] = files.mean_rows(held.vectors, held.starts, held.rows, at[mask])
        return out, mask

    def centred(self, items: Sequence[NamedNode]) -> tuple[Floats, NDArray[np.bool_]]:
        """Return what `matrix` does, less the mean over the workspace's items with photographs."""
        out, mask = self.matrix(items)
        out[mask] -= self._held.mean
        return out, mask

    def cosine(self, a: NamedNode, b: NamedNode) -> float:
        """Return how much two items look alike; 0 where one has no photograph."""
        if a not in self._at or b not in self._at:
            return 0.0
        return float(self._looks[self._at[a]] @ self._looks[self._at[b]])

    def neighbours(
        self, item: NamedNode, n: int = 3, among: Iterable[NamedNode] | None = None
    ) -> tuple[Alike, ...]:
        """Return the n other items that look most like one, best first; ties by IRI.

        Args:
            item: without a photograph, it looks like nothing.
            n: how many at most.
            among: which may be named; None for all that have a photograph.
        """
        own = self._at.get(item)
        if own is None:
            return ()
        if among is None:
            if (own, n) not in self._near:
                if len(self._near) >= KEPT:
                    self._near.clear()
                self._near[own, n] = self._nearest(own, n, np.arange(len(self.items)))
            return self._near[own, n]
        at = np.unique(self._rows(list(among)))
        return self._nearest(own, n, at[at >= 0])

    def _nearest(self, own: int, n: int, at: NDArray[np.intp]) -> tuple[Alike, ...]:
        whole = len(at) == len(self.items)
        cosine = (self._looks if whole else self._looks[at]) @ self._looks[own]
        others = at != own
        cosine[~others] = -np.inf
        best = np.argsort(-cosine, kind="stable")[: min(n, others.sum())]
        return tuple(Alike(self.items[at[k]], float(cosine[k])) for k in best)

    @cached_property
    def _looks(self) -> Floats:
        return self._held.looks.astype(np.float32)

    def _rows(self, items: Sequence[NamedNode]) -> NDArray[np.intp]:
        return np.array([self._at.get(item, -1) for item in items], np.intp)
