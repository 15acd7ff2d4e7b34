"""What composing needs and no request changes: read once a revision, kept beside its layer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.outfit import comfort, pairs, scoring
from wearwhy.outfit.neural import Vectors
from wearwhy.outfit.templates import UNORDERED, Slot, Template, slots, templates
from wearwhy.rdf import TYPE, WW
from wearwhy.rules.layer import Layer
from wearwhy.walk import matrix, metapaths, pagerank
from wearwhy.walk.graph import named

KEPT_LAYERS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """One layer as composing reads it.

    Attributes:
        items: every owned or catalogued item, sorted by IRI.
        at: an item's number.
        owned: whether an item is in a wardrobe.
        catalogues: the catalogues that an item is in.
        places: the slots that an item fits, in slot order.
        clo: the insulation of each item.
        has: the values of (item, pair attribute).
    """

    scoring: scoring.Scoring
    slots: Mapping[NamedNode, Slot]
    templates: tuple[Template, ...]
    items: tuple[NamedNode, ...]
    at: Mapping[NamedNode, int]
    owned: NDArray[np.bool_]
    catalogues: tuple[tuple[NamedNode, ...], ...]
    places: tuple[tuple[NamedNode, ...], ...]
    clo: NDArray[np.float64]
    has: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]]
    lifts: pairs.Lifts
    lifted: Mapping[NamedNode, Mapping[tuple[NamedNode, NamedNode], float]]
    paths: tuple[metapaths.MetaPath, ...]
    matrices: matrix.Matrices
    moves: csr_array

    def order(self, item: NamedNode) -> tuple[int, str]:
        """Return where an item stands in a look: by its first slot, then by IRI."""
        found = self.places[self.at[item]] if item in self.at else ()
        return (self.slots[found[0]].order if found else UNORDERED, item.value)


@dataclass(frozen=True, slots=True, eq=False)
class Resources:
    """What a process keeps to answer requests.

    Attributes:
        table: what insulation the weather asks for; None: looks have no comfort term.
        vectors: embedding vectors; None: looks have no neural term.
        seed: of anything sampled; recorded with every look.
    """

    table: comfort.Table | None = None
    vectors: Vectors | None = None
    seed: int = 0
    _kept: OrderedDict[int, tuple[Layer, Index]] = field(default_factory=OrderedDict)

    def index(self, layer: Layer) -> Index:
        """Return the layer's index, made on first use; the last few layers' are kept."""
        found = self._kept.get(id(layer))
        if found is None:
            found = (layer, build(layer))
            self._kept[id(layer)] = found
            while len(self._kept) > KEPT_LAYERS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(id(layer))
        return found[1]


def build(layer: Layer) -> Index:
    """Return the index of a layer.

    Raises:
        InputError: as `scoring.read` and `metapaths.read` say.
    """
    declared = scoring.read(layer)
    places = slots(layer)
    order = {iri: n for n, iri in enumerate(places)}
    homes = {f.subject for f in layer.match(None, WW.inWardrobe, None)}
    shops: dict[NamedNode, set[NamedNode]] = {}
    for fact in layer.match(None, WW.inCatalogue, None):
        if isinstance(fact.subject, NamedNode) and isinstance(fact.object, NamedNode):
            shops.setdefault(fact.subject, set()).add(fact.object)
    items = tuple(named([*homes, *shops]))
    predicates = [p for p, _ in declared.attributes]
    fitted: dict[NamedNode, list[NamedNode]] = {}
    for fact in layer.match(None, WW.slot, None):
        if (
            isinstance(fact.subject, NamedNode)
            and isinstance(fact.object, NamedNode)
            and fact.object in order
        ):
            fitted.setdefault(fact.subject, []).append(fact.object)
    paths = metapaths.read(layer)
    walked = {*metapaths.properties(paths), WW.hasItem, *(p for p in predicates if p != TYPE)}
    matrices = matrix.build(layer, walked)
    lifts = pairs.count(layer, predicates)
    return Index(
        scoring=declared,
        slots=places,
        templates=templates(layer),
        items=items,
        at={item: n for n, item in enumerate(items)},
        owned=np.array([item in homes for item in items], dtype=bool),
        catalogues=tuple(tuple(named(shops.get(item, ()))) for item in items),
        places=tuple(tuple(sorted(fitted.get(item, ()), key=order.__getitem__)) for item in items),
        clo=np.array(comfort.worn(layer, items)),
        has={(item, p): pairs.values(layer, item, p) for item in items for p in predicates},
        lifts=lifts,
        lifted=pairs.lifted(lifts, declared),
        paths=paths,
        matrices=matrices,
        moves=pagerank.transition(matrices),
    )
