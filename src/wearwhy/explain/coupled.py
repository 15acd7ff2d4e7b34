"""What pairs of a look's items say, read fact by fact: the learned pair term, walks between them.

A pair's value is told in parts that add up to it: attribute pairs and what names no facts; or the
nodes that the walks between the two pass through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.outfit import learned, score
from wearwhy.outfit.index import Resources
from wearwhy.outfit.score import Term
from wearwhy.outfit.scoring import Scoring
from wearwhy.rdf import Fact, Node
from wearwhy.rules.layer import Layer
from wearwhy.walk import companions
from wearwhy.walk.companions import Ends
from wearwhy.walk.metapaths import MetaPath

if TYPE_CHECKING:
    from wearwhy.learn.outfits import Pairing

Reached = Mapping[tuple[NamedNode, NamedNode], Ends]
"""Where the halves of walks lead, by (path, item)."""


@dataclass(frozen=True, slots=True, eq=False)
class Coupled:
    """What is read once of the pairs of a look's items.

    Attributes:
        items: of the look, in its order.
        scoring: parameters.
        resources: the model and its photographs.
        aside: nodes that walks do not enter.
        paths: the walks between items.
        reached: where their halves lead from each item.
        pairing: the model bound to the items; None where pairs are counted.
        walked: the terms of each path.
        paired: the learned pair terms.
    """

    items: tuple[NamedNode, ...]
    scoring: Scoring
    resources: Resources
    aside: frozenset[Node]
    paths: tuple[MetaPath, ...]
    reached: Reached
    pairing: Pairing | None
    walked: Sequence[Term]
    paired: Sequence[Term]


def nothing(scoring: Scoring, resources: Resources, aside: frozenset[Node]) -> Coupled:
    """Return what is read of pairs where no term is of one; arguments as below."""
    return Coupled((), scoring, resources, aside, (), {}, None, (), ())


def read(
    layer: Layer,
    items: tuple[NamedNode, ...],
    scoring: Scoring,
    resources: Resources,
    aside: frozenset[Node],
) -> Coupled:
    """Return what the pairs of a look's items say in its own layer.

    Args:
        layer: the look's.
        items: in its order.
        scoring: parameters, those of the model among them.
        resources: the model.
        aside: nodes that exist only to judge the look, and what is held out.
    """
    model = resources.pairing_model
    paths = learned.paths(layer, model)
    reached = {
        (path.iri, item): companions.ends(layer, path, item, aside)
        for path in paths
        for item in items
    }
    pairing = learned.pairing(layer, model, items, resources.pictures)
    return Coupled(
        items,
        scoring,
        resources,
        aside,
        paths,
        reached,
        pairing,
        _walked(paths, reached, items, scoring),
        _paired(pairing, items, scoring),
    )


def _walked(
    paths: Sequence[MetaPath], reached: Reached, items: tuple[NamedNode, ...], scoring: Scoring
) -> list[Term]:
    found = []
    for path in paths:
        worth = np.zeros((len(items), len(items)))
        for i, x in enumerate(items):
            for j, y in enumerate(items[i + 1 :], i + 1):
                ways = companions.passing(path, reached[path.iri, x], reached[path.iri, y])
                worth[i, j] = companions.worth(path, sum(ways.values()))
        found += score.coupled_terms("walk", path.iri, worth, items, scoring)
    return found


def _paired(pairing: Pairing | None, items: tuple[NamedNode, ...], scoring: Scoring) -> list[Term]:
    if pairing is None:
        return []
    return score.coupled_terms("pair", None, pairing.matrix(items), items, scoring)


def walked_again(found: Coupled, layer: Layer, changed: Sequence[Fact]) -> Sequence[Term]:
    """Return the terms of walks between items in a layer over the look's own.

    Args:
        found: of the look's own layer.
        layer: the one above it.
        changed: the facts that it gained or lost. Only what may differ is walked again.
    """
    moved = {
        (path.iri, item): companions.ends(layer, path, item, found.aside)
        for path in found.paths
        for item in found.items
        if companions.reread(found.reached[path.iri, item], path, changed)
    }
    if not moved:
        return found.walked
    return _walked(found.paths, {**found.reached, **moved}, found.items, found.scoring)


def paired_again(found: Coupled, layer: Layer, changed: Sequence[Fact]) -> Sequence[Term]:
    """Return the learned pair terms in a layer over the look's own; arguments as above."""
    if found.pairing is None or not any(f.subject in found.items for f in changed):
        return found.paired
    model, pictures = found.resources.pairing_model, found.resources.pictures
    pairing = learned.pairing(layer, model, found.items, pictures)
    return _paired(pairing, found.items, found.scoring)


def share(found: Coupled, kind: str) -> float:
    """Return what part of the score one point of one pair is: the multiplier over the pairs."""
    n = len(found.items)
    return found.scoring.multipliers[kind] / max(1, n * (n - 1) // 2)
