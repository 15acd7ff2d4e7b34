"""The shortlist for an empty slot: every item that could fill it, worth as arrays, rules aside.

What an item would add to an outfit is known for all items at once from arrays kept with the
index: the pair term, the walks from the request and from the given items, comfort, tastes and
neighbourhood in the learned space. Only what rules say is not; it is asked of the first on the
list (`wearwhy.outfit.complete`). Where nothing else tells two items apart, the one worn in more
outfits goes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.outfit import comfort
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.neural import Vectors
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW
from wearwhy.rules.layer import Layer
from wearwhy.walk import metapaths
from wearwhy.walk.graph import as_date
from wearwhy.wearer import taste

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What a request brings to every item, whichever slot it is to fill.

    Attributes:
        vias: of each walk from the request, what passing through each node is worth.
        alone: what each item brings by itself: walks from the request, and tastes.
        paired: what each item brings with the given ones, summed over them; in single precision
            where a model learned it.
        tastes: the opinions that count.
        reached: the items that each opinion reaches.
        demand: the insulation that the weather asks for.
        clo: that of the given items together.
    """

    vias: tuple[Floats, ...]
    alone: Floats
    paired: Floats
    tastes: tuple[taste.Opinion, ...]
    reached: dict[tuple[NamedNode, NamedNode], frozenset[NamedNode]]
    demand: comfort.Demand | None
    clo: float


def brought(layer: Layer, request: Request, index: Index, resources: Resources) -> Brought:
    """Return what a request brings to every item of an index.

    Args:
        layer: the request's.
        request: with the given items locked.
        index: of the layer below.
        resources: comfort table and vectors.
    """
    share, given = index.scoring.multipliers, request.locked
    vias = metapaths.passed(layer, index.matrices, index.paths, request.iri, len(index.items))
    walk = np.append(metapaths.totals(index.matrices, index.paths, vias), 0.0)
    alone = share["walk"] * walk[index.rows]
    on = as_date(layer.value(request.iri, WW.date))
    tastes = taste.opinions(layer, on, request.wearer, index.scoring.half_life)
    reached = {}
    for opinion in tastes:
        hits = frozenset(index.at.keys() & taste.touched(layer, opinion).keys())
        reached[opinion.iri, opinion.about] = hits
        alone[[index.at[item] for item in hits]] += share["taste"] * opinion.weight
    paired = _together(index, resources, given)
    demand = comfort.asked(layer, resources.table, request.iri)
    clo = float(index.clo[[index.at[item] for item in given]].sum())
    return Brought(vias, alone, paired, tastes, reached, demand, clo)


def worth(
    found: Brought, index: Index, candidates: Ints, given: int, paired: Floats | None = None
) -> Floats:
    """Return what the outfit with each candidate scores, up to what is the same for all, and rules.

    Args:
        found: what the request brings.
        index: of the items.
        candidates: their numbers.
        given: how many items are there already.
        paired: what `exactly` says of the candidates; None: what the request brings.
    """
    value = found.alone[candidates] / (given + 1)
    value += (found.paired[candidates] if paired is None else paired) * (
        2.0 / (given * (given + 1))
    )
    if found.demand is not None:
        clo = found.clo + index.clo[candidates]
        points = comfort.points(clo, found.demand, index.scoring.comfort)
        value += index.scoring.multipliers["comfort"] * points
    return value


def exactly(
    index: Index, resources: Resources, given: Sequence[NamedNode], candidates: Ints
) -> Floats:
    """Return what `Brought.paired` holds of some items, in double precision."""
    items = [index.items[n] for n in candidates]
    return _together(index, resources, given, items)


def first(values: Floats, index: Index, candidates: Ints, n: int) -> Ints:
    """Return the first n of the candidates: by worth, by outfits worn in, in look order."""
    if n < len(values):
        least = np.partition(values, len(values) - n)[len(values) - n]
        kept = np.flatnonzero(values >= least - 1e-9)
        values, candidates = values[kept], candidates[kept]
    popular = _popular(index)[candidates]
    order = np.lexsort((index.rank[candidates], -popular, -np.round(values, 9)))
    return np.asarray(candidates[order[:n]])


def _popular(index: Index) -> Floats:
    """Return in how many outfits each item was worn."""

    def made() -> Floats:
        worn = index.matrices.step(WW.hasItem, inverse=True)
        return np.append(np.diff(worn.indptr).astype(np.float64), 0.0)[index.rows]

    return index.once("popular", made)


def _together(
    index: Index,
    resources: Resources,
    given: Sequence[NamedNode],
    items: Sequence[NamedNode] | None = None,
) -> Floats:
    """Return what items bring with the given ones, summed over them; None: every item."""
    share = index.scoring.multipliers
    found = np.zeros(len(index.items if items is None else items))
    if share["pair"]:
        found += share["pair"] * _pairs(index, given, items)
    if share["walk"] and index.companions.paths:
        found += share["walk"] * index.companions.toward(given, items)
    if share["neural"] and resources.vectors is not None:
        found += share["neural"] * _near(index, resources.vectors, given, items)
    return found


def _pairs(index: Index, given: Sequence[NamedNode], items: Sequence[NamedNode] | None) -> Floats:
    if index.pairing is not None:
        return np.asarray(index.pairing.toward(given, items), dtype=np.float64)
    rows = None if items is None else [index.at[item] for item in items]
    found = np.zeros(len(index.items if items is None else items))
    numbers = [index.at[item] for item in given]
    for weight, share, lift in index.once("counted", lambda: _counted(index)):
        toward = lift @ np.asarray(share[numbers].sum(axis=0)).ravel()
        found += weight * ((share if rows is None else share[rows]) @ toward)
    return found


def _counted(index: Index) -> list[tuple[float, csr_array, csr_array]]:
    """Return for each attribute its weight, the items' shares of its values, and their lifts."""
    tables = []
    for predicate, weight in index.scoring.attributes:
        lifts = index.lifted.get(predicate, {})
        if not lifts:
            continue
        known = sorted({value for pair in lifts for value in pair}, key=lambda value: value.value)
        at = {value: n for n, value in enumerate(known)}
        cells = [(at[a], at[b], value) for (a, b), value in lifts.items()]
        cells += [(b, a, value) for a, b, value in cells if a != b]
        held: list[tuple[int, int, float]] = []
        for n, item in enumerate(index.items):
            values = index.has[item, predicate]
            held += [(n, at[value], 1.0 / len(values)) for value in values if value in at]
        size = len(known)
        tables.append((weight, _table(held, len(index.items), size), _table(cells, size, size)))
    return tables


def _table(cells: Sequence[tuple[int, int, float]], height: int, width: int) -> csr_array:
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    places = (np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64))
    return csr_array((np.array(values, dtype=np.float64), places), shape=(height, width))


def _near(
    index: Index, vectors: Vectors, given: Sequence[NamedNode], items: Sequence[NamedNode] | None
) -> Floats:
    towards = np.asarray(vectors.matrix(given)).sum(axis=0)
    if items is not None:
        rows = np.asarray(vectors.matrix(items), dtype=np.float64)
        return np.asarray(rows @ towards.astype(np.float64))

    def made() -> tuple[Ints, NDArray[np.floating]]:
        whole = vectors.matrix(index.items)
        known = np.flatnonzero(np.any(whole, axis=1))
        return known, whole[known]

    known, kept = index.once(("vectors", id(vectors)), made)
    found = np.zeros(len(index.items))
    if len(known):
        found[known] = kept @ towards
    return found
