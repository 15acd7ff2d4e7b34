"""A made-up model of outfits: vectors drawn from names, and walks between items that weigh."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.outfits import OutfitModel, values
from wearwhy.rdf import TYPE, WW, NamedNode
from wearwhy.walk.graph import Graph

READ = (WW.colour, WW.material, WW.pattern, WW.style, TYPE)
WALKS = {
    WW["walk-met"]: 0.3,
    WW["walk-model-met"]: 0.2,
    WW["walk-models-met"]: 0.1,
    WW["walk-company"]: 0.05,
}
WIDTH = 6


def drawn(text: str, size: float) -> NDArray[np.float32]:
    """Return a vector that is always the same for a text."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return (np.random.default_rng(seed).normal(size=WIDTH) * size).astype(np.float32)


def made_up(graph: Graph, items: Sequence[NamedNode]) -> OutfitModel:
    """Return a model that knows the values of items, and every other item itself."""
    read = values.of(graph, items, READ)
    tokens = tuple(sorted({t for own in read.values() for t in own}, key=str))
    vectors = np.array([drawn(f"{p} {v}", 0.3) for p, v in tokens], dtype=np.float32)
    residuals = {item: drawn(item.value, 0.1) for item in items[::2]}
    weighed = {"pair": 0.8, "walk": 0.9}
    return OutfitModel(tokens, vectors, None, residuals, weighed, WALKS, {})
