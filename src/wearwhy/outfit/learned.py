"""What a model learned from outfits, as scoring reads it: pairs of items, multipliers, walks.

Without a model pairs are counted (`wearwhy.outfit.pairs`) and walks between items are worth what
`ontology/walks.ttl` declares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from wearwhy.outfit import scoring
from wearwhy.outfit.scoring import Scoring
from wearwhy.walk import companions
from wearwhy.walk.graph import Graph
from wearwhy.walk.metapaths import MetaPath

if TYPE_CHECKING:
    from wearwhy.learn.images.pictures import Pictures
    from wearwhy.learn.outfits import OutfitModel, Pairing


def parameters(graph: Graph, model: OutfitModel | None) -> Scoring:
    """Return the parameters of scoring: as the graph declares them, with learned multipliers.

    Raises:
        InputError: WW-SCORING.
    """
    declared = scoring.read(graph)
    return declared if model is None else scoring.fitted(declared, model.multipliers)


def paths(graph: Graph, model: OutfitModel | None) -> tuple[MetaPath, ...]:
    """Return the walks between items that are worth anything, with their weights.

    Raises:
        InputError: WW-WALK-LENGTH, WW-WALK-WEIGHT.
    """
    declared = companions.read(graph, None if model is None else model.walks)
    return tuple(path for path in declared if path.weight)


def without(
    model: OutfitModel | None, *, residuals: bool = False, photographs: bool = False
) -> OutfitModel | None:
    """Return a model without what it learned of the very items, or without its photographs."""
    if model is not None and residuals:
        model = replace(model, residuals={})
    if model is not None and photographs:
        model = replace(model, projection=None)
    return model


def pairing(
    graph: Graph,
    model: OutfitModel | None,
    items: Sequence[NamedNode],
    pictures: Pictures | None = None,
) -> Pairing | None:
    """Return the model bound to items of a graph, or None without a model."""
    if model is None:
        return None
    from wearwhy.learn.outfits import Pairing  # noqa: PLC0415 (only where there is a model)

    return Pairing.of(graph, model, items, pictures)
