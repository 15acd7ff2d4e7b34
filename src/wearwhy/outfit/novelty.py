"""How a look stands to what was worn and composed before: popular, related or novel.

The measures are those that `ontology/novelty.ttl` declares, with the thresholds that stand there.
Each is between 0 and 1, and returned with what it counted, so that it can be told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.errors import InputError
from wearwhy.outfit.look import Look
from wearwhy.outfit.pairs import ValuePair, value_pair, values
from wearwhy.rdf import TYPE, WW, curie
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import held_out, named, number
from wearwhy.wearer.taste import Opinion, link

POPULAR: Final = WW["label-popular"]
RELATED: Final = WW["label-related"]
NOVEL: Final = WW["label-novel"]
LABELS: Final = (POPULAR, RELATED, NOVEL)
_KEPT: Final = "what outfits hold"

Value = tuple[NamedNode, NamedNode]
Nearest = tuple[NamedNode, float]


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What the outfits of a graph hold, read once.

    Attributes:
        outfits: by IRI, those held out left aside.
        items: of each outfit.
        worn_in: the outfits that an item stands in, by number.
        has: the attribute values of every item of an outfit, and of every item asked about.
        counts: of outfits, one for each item that stands in any, sorted.
        table: outfits by attribute value, 1 where an item of the outfit has it.
        columns: the number of a value in the table.
        sizes: how many values each outfit has.
    """

    graph: Layer
    predicates: tuple[NamedNode, ...]
    outfits: tuple[NamedNode, ...]
    items: tuple[tuple[NamedNode, ...], ...]
    worn_in: Mapping[NamedNode, tuple[int, ...]]
    has: dict[NamedNode, frozenset[Value]]
    counts: Sequence[int]
    table: csr_array
    columns: Mapping[Value, int]
    sizes: NDArray[np.float64]
    _seen: dict[ValuePair, int | None] = field(default_factory=dict)

    def of(self, item: NamedNode) -> frozenset[Value]:
        """Return the attribute values of an item."""
        found = self.has.get(item)
        if found is None:
            found = self.has[item] = _values(self.graph, item, self.predicates)
        return found

    def seen(self, pair: ValuePair) -> int | None:
        """Return an outfit in which two items have a pair's values, by number; None: in none."""
        if pair not in self._seen:
            self._seen[pair] = self._outfit_with(pair)
        return self._seen[pair]

    def _outfit_with(self, pair: ValuePair) -> int | None:
        predicate, a, b = pair
        first, second = self.columns.get((predicate, a)), self.columns.get((predicate, b))
        if first is None or second is None:
            return None
        wanted = np.zeros(self.table.shape[1])
        wanted[first] = wanted[second] = 1.0
        both = self.table @ wanted >= (1.0 if first == second else 2.0)
        for n in np.flatnonzero(both):
            for x, y in combinations(self.items[n], 2):
                mine, yours = self.has[x], self.has[y]
                if ((predicate, a) in mine and (predicate, b) in yours) or (
                    (predicate, b) in mine and (predicate, a) in yours
                ):
                    return int(n)
        return None


def history(layer: Layer, predicates: Iterable[NamedNode]) -> History:
    """Return what the outfits of a wardrobe's layer hold in some attributes; read once a layer."""
    kept = layer.cache.get(_KEPT)
    if not isinstance(kept, History):
        kept = layer.cache[_KEPT] = _read(layer, tuple(predicates))
    return kept


def _read(layer: Layer, predicates: tuple[NamedNode, ...]) -> History:
    aside = held_out(layer)
    outfits = [o for o in named(layer.subjects(TYPE, WW.Outfit)) if o not in aside]
    items = [tuple(named(layer.objects(outfit, WW.hasItem))) for outfit in outfits]
    worn: dict[NamedNode, list[int]] = {}
    for n, those in enumerate(items):
        for item in those:
            worn.setdefault(item, []).append(n)
    has = {item: _values(layer, item, predicates) for item in worn}
    columns: dict[Value, int] = {}
    rows, at = [], []
    for n, those in enumerate(items):
        held = sorted({v for item in those for v in has[item]}, key=str)
        rows += [n] * len(held)
        at += [columns.setdefault(value, len(columns)) for value in held]
    shape = (len(outfits), max(len(columns), 1))
    table = csr_array((np.ones(len(rows)), (rows, at)), shape=shape)
    return History(
        layer,
        predicates,
        tuple(outfits),
        tuple(items),
        {item: tuple(those) for item, those in worn.items()},
        has,
        sorted(len(those) for those in worn.values()),
        table,
        columns,
        np.bincount(np.array(rows, dtype=np.int64), minlength=len(outfits)).astype(np.float64),
    )


def _values(layer: Layer, item: NamedNode, predicates: Iterable[NamedNode]) -> frozenset[Value]:
    return frozenset((p, v) for p in predicates for v in values(layer, item, p))


@dataclass(frozen=True, slots=True)
class Popular:
    """The measure, and for each item in how many outfits it stands and its share."""

    value: float
    items: tuple[tuple[NamedNode, int, float], ...]


def popular(look: Look, past: History) -> Popular:
    """Return how much oftener than others a look's items stand in outfits."""
    found = []
    for item in look.items:
        times = len(past.worn_in.get(item, ()))
        fewer = bisect_left(past.counts, times)
        ties = bisect_right(past.counts, times) - fewer - 1
        others = max(len(past.counts) - 1, 1)
        share = (fewer + max(ties, 0) / 2) / others if times else 0.0
        found.append((item, times, min(share, 1.0)))
    return Popular(sum(share for *_, share in found) / max(len(found), 1), tuple(found))


@dataclass(frozen=True, slots=True)
class Related:
    """The measure, and what it is like.

    Attributes:
        value: the greatest of the likenesses.
        to: `worn`, `liked` or `locked`; empty where there is nothing that it could be like.
        outfit: the nearest one, where that is what it is like.
        shared: the values in common with it.
        items: else for each item the nearest thing that is liked, or locked, and the likeness.
    """

    value: float
    to: str = ""
    outfit: NamedNode | None = None
    shared: tuple[Value, ...] = ()
    items: tuple[tuple[NamedNode, NamedNode, float], ...] = ()


def related(look: Look, past: History, opinions: Sequence[Opinion]) -> Related:
    """Return how like a look is to the nearest of what was worn, liked or locked.

    Args:
        look: to place.
        past: of the wardrobe.
        opinions: that count on the day of the request.
    """
    found = [_worn(look, past)]
    liked = [one for one in opinions if one.weight > 0]
    if liked:
        found.append(_near(look.items, "liked", lambda item: _liked(item, liked, past)))
    locked = look.request.locked
    others = [item for item in look.items if item not in locked]
    if locked and others:
        found.append(_near(others, "locked", lambda item: _nearest(item, locked, past)))
    return max(found, key=lambda one: (round(one.value, 12), one.to == "worn", one.to))


def _worn(look: Look, past: History) -> Related:
    mine = frozenset(value for item in look.items for value in past.of(item))
    if not past.outfits or not mine:
        return Related(0.0)
    wanted = np.zeros(past.table.shape[1])
    wanted[[past.columns[v] for v in mine if v in past.columns]] = 1.0
    both = past.table @ wanted
    alike = both / (past.sizes + len(mine) - both)
    best = int(np.argmax(np.round(alike, 12)))
    held = {value for item in past.items[best] for value in past.has[item]}
    shared = tuple(sorted(mine & held, key=str))
    return Related(float(alike[best]), "worn", past.outfits[best], shared)


def _near(items: Sequence[NamedNode], to: str, nearest: Callable[[NamedNode], Nearest]) -> Related:
    """Return the mean likeness of items to the nearest thing, and which that is for each."""
    found = tuple((item, *nearest(item)) for item in items)
    return Related(sum(alike for *_, alike in found) / len(found), to, items=found)


def _liked(item: NamedNode, liked: Sequence[Opinion], past: History) -> Nearest:
    """Return the nearest liking: one that is on the item or on what it has, or on a like item."""
    reached = [
        (one.about, 1.0)
        for one in liked
        if item == one.about or link(past.graph, item, one) is not None
    ]
    return reached[0] if reached else _nearest(item, [one.about for one in liked], past)


def _nearest(item: NamedNode, others: Iterable[NamedNode], past: History) -> Nearest:
    mine = past.of(item)
    alike = [(other, _jaccard(mine, past.of(other))) for other in others]
    return max(alike, key=lambda one: (round(one[1], 12), one[0].value))


def _jaccard(a: frozenset[Value], b: frozenset[Value]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0


@dataclass(frozen=True, slots=True)
class Novel:
    """The measure, the value pairs that were never seen together, and of how many it is a share."""

    value: float
    unseen: tuple[ValuePair, ...]
    pairs: int


def novel(look: Look, past: History) -> Novel:
    """Return how much a look puts together that stands in no outfit."""
    found: Counter[ValuePair] = Counter()
    for x, y in combinations(look.items, 2):
        for p, a in past.of(x):
            found.update(value_pair(p, a, b) for q, b in past.of(y) if q == p)
    unseen = sorted(
        (pair for pair in found if past.seen(pair) is None),
        key=lambda pair: (-found[pair], *(node.value for node in pair)),
    )
    return Novel(len(unseen) / len(found) if found else 0.0, tuple(unseen), len(found))


def least(layer: Layer) -> dict[NamedNode, float]:
    """Return from which measure on a look bears each label, as the graph declares it.

    Raises:
        InputError: WW-LABEL, where a label has no number above 0.
    """
    found = {}
    for label in LABELS:
        from_ = number(layer, label, WW.atLeast)
        if from_ is None or not 0.0 < from_ <= 1.0:
            raise InputError(
                "WW-LABEL",
                f"The label {curie(label)} has no threshold.",
                note="ww:atLeast is a number above 0 and up to 1.",
                hint="See ontology/novelty.ttl.",
            )
        found[label] = from_
    return found
