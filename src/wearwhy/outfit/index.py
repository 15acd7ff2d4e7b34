"""What composing needs and no request changes: read once a revision, kept beside its layer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit import comfort, learned, pairs, scoring
from wearwhy.outfit.filters import Shelf, shelf
from wearwhy.outfit.neural import Vectors
from wearwhy.outfit.request import CATALOGUE, Request
from wearwhy.outfit.templates import UNORDERED, Slot, Template, slots, templates
from wearwhy.rdf import ID, TYPE, WW
from wearwhy.rules.layer import Layer
from wearwhy.walk import matrix, metapaths, pagerank
from wearwhy.walk.company import Companions
from wearwhy.walk.graph import Apart, held_out, named

if TYPE_CHECKING:
    from wearwhy.learn.images.pictures import Pictures
    from wearwhy.learn.outfits import OutfitModel, Pairing

KEPT_LAYERS = 4
"""Of how many layers the indices are kept, however many items they have."""
KEPT_ITEMS = 60_000
"""Of how many items altogether the indices of further layers are kept."""
HOT = 64
"""Of how many, those asked for last, what was made for them is kept too."""
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
T = TypeVar("T")


class Values(dict[tuple[NamedNode, NamedNode], Sequence[NamedNode]]):
    """The values of (item, pair attribute) in a layer, each read when it is first asked for."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._layer = layer

    def __missing__(self, key: tuple[NamedNode, NamedNode]) -> Sequence[NamedNode]:
        """Read what is not known yet."""
        found = self[key] = pairs.values(self._layer, *key)
        return found


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
        moves: the graph as walks from a seed read it.
        companions: the walks between items.
        pairing: what a model says of pairs; None where pairs are counted.
        layer: what it is an index of.
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
    moves: pagerank.Moves
    companions: Companions
    pairing: Pairing | None
    layer: Layer
    _made: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what is made once for this index, on first use."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def cool(self) -> None:
        """Give up what can be made again."""
        self._made.clear()
        if isinstance(self.has, Values):
            self.has.clear()

    @property
    def shelf(self) -> Shelf:
        """What filters read of the items."""
        return self.once("shelf", lambda: shelf(self.layer, self.at, self.owned))

    @property
    def rank(self) -> Ints:
        """Each item's place in the order of a look."""

        def made() -> Ints:
            found = np.empty(len(self.items), dtype=np.int64)
            order = sorted(range(len(self.items)), key=lambda n: self.order(self.items[n]))
            found[np.array(order, dtype=np.int64)] = np.arange(len(order))
            return found

        return self.once("rank", made)

    @property
    def rows(self) -> Ints:
        """Each item's row in the matrices; −1 where no fact mentions it."""
        return self.once("rows", lambda: self.matrices.rows(self.items))

    @property
    def shops(self) -> frozenset[NamedNode]:
        """The catalogues that hold something."""
        return self.once("shops", lambda: frozenset(s for those in self.catalogues for s in those))

    def fitting(self, slot: NamedNode) -> Ints:
        """Return the numbers of the items that fit a slot, rising."""

        def made() -> dict[NamedNode, Ints]:
            found: dict[NamedNode, list[int]] = {}
            for n, fits in enumerate(self.places):
                for place in fits:
                    found.setdefault(place, []).append(n)
            return {place: np.array(those, dtype=np.int64) for place, those in found.items()}

        return self.once("fitting", made).get(slot, np.zeros(0, dtype=np.int64))

    def drawn_on(self, request: Request) -> Bools:
        """Return which items a request draws on: those of its source that its filters let pass.

        What it excludes is left out, and what no slot fits; of what it locks nothing is said.
        """
        found = self.once(("source", request.source), lambda: self._of(request.source))
        if request.filters:
            found = found & self.shelf.passing(request.filters)
        excluded = [self.at[item] for item in request.excluded if item in self.at]
        if excluded:
            found = found.copy()
            found[excluded] = False
        return found

    def _of(self, source: str) -> Bools:
        placed = np.array([bool(fits) for fits in self.places], dtype=bool)
        if source == "owned":
            return placed & self.owned
        if source == "both":
            return placed
        home = ID[f"catalogue/{source.removeprefix(CATALOGUE)}"]
        held = np.array([home in shops for shops in self.catalogues], dtype=bool)
        return np.asarray(placed & held)

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
        pairing_model: what was learned from outfits; None: pairs are counted.
        pictures: the photographs that it sees; None: it goes without.
        seed: of anything sampled; recorded with every look.
    """

    table: comfort.Table | None = None
    vectors: Vectors | None = None
    seed: int = 0
    pairing_model: OutfitModel | None = None
    pictures: Pictures | None = None
    _kept: OrderedDict[int, tuple[Layer, Index]] = field(default_factory=OrderedDict)

    def index(self, layer: Layer) -> Index:
        """Return the layer's index, made on first use; the last few layers' are kept."""
        found = self._kept.get(id(layer))
        if found is None:
            found = (layer, build(layer, self.pairing_model, self.pictures))
            self._kept[id(layer)] = found
            self._make_room()
            if len(self._kept) > HOT:
                next(islice(reversed(self._kept.values()), HOT, None))[1].cool()
        self._kept.move_to_end(id(layer))
        return found[1]

    def _make_room(self) -> None:
        """Keep the last few, and of those before them as many as have few enough items."""
        many = sum(len(index.items) for _, index in self._kept.values())
        while len(self._kept) > KEPT_LAYERS and many > KEPT_ITEMS:
            _, (_, oldest) = self._kept.popitem(last=False)
            many -= len(oldest.items)

    def forget(self, layer: int | None) -> None:
        """Drop the index of a layer that is not asked any more, given by its `id`, if there is."""
        if layer is not None:
            self._kept.pop(layer, None)

    def forget_all(self) -> None:
        """Drop every index."""
        self._kept.clear()

    def known(self, layer: Layer) -> Index | None:
        """Return the index kept of a layer, or of the nearest one that it lies on."""
        here: Layer | None = layer
        while here is not None:
            found = self._kept.get(id(here))
            if found is not None:
                return found[1]
            here = here.below if here.over is None else here.over
        return None


def build(
    layer: Layer, model: OutfitModel | None = None, pictures: Pictures | None = None
) -> Index:
    """Return the index of a layer; outfits that are held out are left out.

    Args:
        layer: a wardrobe's, or the base.
        model: what was learned from outfits.
        pictures: the photographs that it sees.

    Raises:
        InputError: as `scoring.read` and `metapaths.read` say.
    """
    declared = learned.parameters(layer, model)
    seen = Apart(layer, held_out(layer))
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
    matrices = matrix.build(seen, walked)
    lifts = pairs.NOTHING if model is not None else pairs.count(seen, predicates)
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
        has=Values(layer),
        lifts=lifts,
        lifted=pairs.lifted(lifts, declared),
        paths=paths,
        matrices=matrices,
        companions=Companions.of(seen, items, learned.paths(layer, model)),
        pairing=learned.pairing(layer, model, items, pictures),
        moves=pagerank.transition(matrices),
        layer=layer,
    )
