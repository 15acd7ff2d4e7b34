"""Many sets of items judged at once, for no request: what rules, walks and a model say of them.

It is the score of a look without what only a request brings (occasion, comfort, taste, the walks
from it), as arrays over sets: for filling in blanks, for telling outfits from chance, and for
fitting the multipliers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.errors import InputError
from wearwhy.outfit import learned
from wearwhy.outfit import pairs as counted
from wearwhy.outfit.candidates import verdicts
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.request import Request
from wearwhy.rdf import curie
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Change, Layer

if TYPE_CHECKING:
    from wearwhy.learn.outfits import Pairing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PARTS = ("photos", "walks", "neural", "rules")
"""What a judgement can go without."""
CHUNK = 4096
"""So many sets are put before the rules at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Breakdown:
    """What sets of items are worth, by kind, multipliers applied; an entry each set.

    Attributes:
        rule: the rules on the set, the mean over its items, the mean over its pairs.
        walk: the walks between its items.
        pair: what its attribute pairs are worth: to the model, or by counts where there is none.
        image: what their photographs are; opaque.
        residual: what was learned of the very items; opaque.
        spoken: the sum of magnitudes of what rests on named facts: verdicts on the set, on an item
            and on a pair, walks along a path and attribute pairs, each by the pair of items.
        unspoken: the same of what is opaque.
    """

    rule: Floats
    walk: Floats
    pair: Floats
    image: Floats
    residual: Floats
    spoken: Floats
    unspoken: Floats

    @property
    def named(self) -> Floats:
        """What rests on named facts."""
        return np.asarray(self.rule + self.walk + self.pair)

    @property
    def total(self) -> Floats:
        """The sum of all kinds."""
        return np.asarray(self.named + self.image + self.residual)

    @property
    def explained(self) -> Floats:
        """The share of magnitudes that rests on named facts; 1 where nothing counts at all."""
        whole = self.spoken + self.unspoken
        return np.divide(self.spoken, whole, out=np.ones_like(whole), where=whole > 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """Sets of items by number, with every pair of items in one of them once.

    Attributes:
        items: every item of a set, in look order.
        members: of each set, numbers of items, in that order.
        first: of each pair, the number of the item that stands first.
        second: that of the other.
        of: for each pair of each set, the number of the set.
        pair: for each pair of each set, the number of the pair.
    """

    items: tuple[NamedNode, ...]
    members: tuple[tuple[int, ...], ...]
    first: Ints
    second: Ints
    of: Ints
    pair: Ints

    def mean_over_pairs(self, values: Floats) -> Floats:
        """Return for each set the mean over its pairs; 0 where it has none."""
        return _mean(self.of, values[self.pair], len(self.members))

    def mean_over_items(self, values: Floats) -> Floats:
        """Return for each set the mean over its items; 0 where it has none."""
        of = np.repeat(np.arange(len(self.members)), [len(m) for m in self.members])
        flat = np.array([n for m in self.members for n in m], dtype=np.int64)
        return _mean(of, values[flat], len(self.members))


def judged(
    layer: Layer,
    index: Index,
    resources: Resources,
    sets: Sequence[Sequence[NamedNode]],
    *,
    without: Collection[str] = frozenset(),
) -> Breakdown:
    """Return what sets of items are worth.

    Args:
        layer: a wardrobe's, or the base.
        index: of it, as `resources.index` makes it.
        resources: with the model.
        sets: of items of the index; an item given twice counts once.
        without: any of `PARTS`: goes without photographs, walks between items, all that a model
            says of pairs, rules.

    Raises:
        InputError: WW-JUDGE-PART, for another part; WW-JUDGE-ITEM, for an item that the layer has
            not.
    """
    for part in sorted(set(without) - set(PARTS)):
        raise InputError(
            "WW-JUDGE-PART",
            f"'{part}' is no part of a judgement.",
            hint="Parts are " + ", ".join(PARTS) + ".",
        )
    found = _sets(index, sets)
    pairs, nothing = np.zeros(len(found.first)), np.zeros(len(found.members))
    share = index.scoring.multipliers
    rule = spoken = unspoken = nothing
    if "rules" not in without:
        rule, spoken = _rules(layer, index, found)
    walk = nothing
    if "walks" not in without and index.companions.paths:
        firsts = [found.items[n] for n in found.first]
        seconds = [found.items[n] for n in found.second]
        worth = index.companions.features(firsts, seconds) * index.companions.weights
        walk = share["walk"] * found.mean_over_pairs(worth.sum(axis=1))
        size = abs(share["walk"]) * found.mean_over_pairs(np.abs(worth).sum(axis=1))
        spoken = spoken + size
    pair = image = residual = pairs
    if "neural" not in without and resources.pairing_model is not None:
        pair, image, residual = _learned(layer, resources, found, photos="photos" not in without)
    elif "neural" not in without:
        both = (found.first, found.second)
        pair = counted.along(index.lifted, index.scoring, index.has, found.items, both)
    scale = share["pair"]
    spoken = spoken + abs(scale) * found.mean_over_pairs(np.abs(pair))
    unspoken = abs(scale) * found.mean_over_pairs(np.abs(image) + np.abs(residual))
    return Breakdown(
        rule,
        walk,
        scale * found.mean_over_pairs(pair),
        scale * found.mean_over_pairs(image),
        scale * found.mean_over_pairs(residual),
        spoken,
        unspoken,
    )


def _sets(index: Index, sets: Sequence[Sequence[NamedNode]]) -> _Sets:
    every = {item for items in sets for item in items}
    for item in sorted(every - index.at.keys(), key=str):
        raise InputError(
            "WW-JUDGE-ITEM", f"{curie(item)} is no item of this wardrobe or its shops."
        )
    items = tuple(sorted(every, key=index.order))
    at = {item: n for n, item in enumerate(items)}
    members = tuple(tuple(sorted({at[item] for item in some})) for some in sets)
    places = [(n, a, b) for n, those in enumerate(members) for a, b in combinations(those, 2)]
    table = np.array(places, dtype=np.int64).reshape(-1, 3)
    keys, pair = np.unique(table[:, 1] * max(1, len(items)) + table[:, 2], return_inverse=True)
    first, second = np.divmod(keys, max(1, len(items)))
    return _Sets(items, members, first, second, table[:, 0], pair)


def _mean(of: Ints, values: Floats, n: int) -> Floats:
    count = np.maximum(np.bincount(of, minlength=n), 1)
    return np.asarray(np.bincount(of, weights=values, minlength=n) / count)


def _rules(layer: Layer, index: Index, found: _Sets) -> tuple[Floats, Floats]:
    """Return what rules say of each set, and the sum of the magnitudes of what they say."""
    asked = layer.child(Change(add=Request().facts()))
    certainty, share = index.scoring.certainty, index.scoring.multipliers["rule"]
    judge = Batch(asked, found.items)
    items = verdicts(judge.items(), certainty).points
    pairs = np.zeros(len(found.first))
    for begin in range(0, len(pairs), CHUNK):
        part = slice(begin, begin + CHUNK)
        said = judge.pairs(found.first[part], found.second[part])
        pairs[part] = verdicts(said, certainty).points
    looks = np.zeros(len(found.members))
    for begin in range(0, len(looks), CHUNK):
        part = slice(begin, begin + CHUNK)
        looks[part] = verdicts(judge.looks(found.members[part]), certainty).points
    worth = looks + found.mean_over_items(items) + found.mean_over_pairs(pairs)
    size = np.abs(looks) + found.mean_over_items(np.abs(items))
    size += found.mean_over_pairs(np.abs(pairs))
    return share * worth, abs(share) * size


def _learned(
    layer: Layer, resources: Resources, found: _Sets, *, photos: bool
) -> tuple[Floats, Floats, Floats]:
    """Return what the model says of each pair by attributes, by photographs, by the items."""
    model, pictures = resources.pairing_model, resources.pictures if photos else None

    def scores(residuals: bool, seen: bool) -> Floats:
        bare = learned.without(model, residuals=not residuals, photographs=not seen)
        bound = learned.pairing(layer, bare, found.items, pictures)
        return np.zeros(len(found.first)) if bound is None else _along(bound, found)

    named, seen, whole = (scores(*which) for which in ((False, False), (False, True), (True, True)))
    return named, seen - named, whole - seen


def _along(bound: Pairing, found: _Sets) -> Floats:
    """Return the score of each pair: those of one first item at once."""
    values = np.zeros(len(found.first))
    starts = np.flatnonzero(np.diff(found.first, prepend=-1))
    for begin, end in zip(starts, [*starts[1:], len(values)], strict=True):
        seconds = [found.items[n] for n in found.second[begin:end]]
        values[begin:end] = bound.toward([found.items[found.first[begin]]], seconds)
    return values
