"""Candidates: which items each slot offers, what each is worth alone, and what brought it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.request import Request
from wearwhy.outfit.score import signed, verdict_of
from wearwhy.rdf import WW, Node
from wearwhy.rules.batch import Batch, Opinions
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Rule
from wearwhy.walk import metapaths, pagerank
from wearwhy.walk.graph import as_date, named
from wearwhy.wearer import taste

Floats = NDArray[np.float64]
_Meaning: TypeAlias = tuple[tuple[NamedNode | None, ...], Floats, NDArray[np.bool_]]
# Of a slot's candidates, one in so many is brought by a walk, and by the vectors.
BY_WALK = 4
BY_VECTOR = 6
WALKED = 64
"""Of how many seeds the walks are kept with an index."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's verdict on one row of a batch."""

    rule: Rule
    predicate: NamedNode
    confidence: float

    @property
    def value(self) -> float:
        """Return the points it is worth, signed."""
        return signed(self.predicate, self.rule.description.points, self.confidence)

    def bars(self, certainty: float) -> bool:
        """Return whether it forbids outright."""
        return self.predicate == WW.violates and self.confidence >= certainty


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """The opinions on n rows: what they add up to, what they forbid, and each of them by row."""

    points: Floats
    barred: NDArray[np.bool_]
    opinions: Opinions
    concluded: tuple[NamedNode | None, ...]
    _begins: list[int] = field(default_factory=list)

    def of(self, row: int) -> tuple[Verdict, ...]:
        """Return the verdicts on a row, sorted by rule."""
        found = self.opinions
        begin, end = self.begins[row], self.begins[row + 1]
        if begin == end:
            return ()
        said = [
            Verdict(found.rules[rule], predicate, sure)
            for rule, sure in zip(
                found.rule[begin:end].tolist(), found.confidence[begin:end].tolist(), strict=True
            )
            if (predicate := self.concluded[rule]) is not None
        ]
        return tuple(sorted(said, key=lambda verdict: verdict.rule.iri.value))

    @property
    def begins(self) -> Sequence[int]:
        """Where the opinions on each row begin; one number more tells where the last end."""
        if not self._begins:
            rows = np.arange(self.opinions.n + 1)
            self._begins.extend(np.searchsorted(self.opinions.row, rows).tolist())
        return self._begins


_MEANT: OrderedDict[int, tuple[tuple[Rule, ...], _Meaning]] = OrderedDict()


def _meaning(rules: tuple[Rule, ...]) -> _Meaning:
    """Return what rules conclude, what that is worth, and whether it forbids; kept for a few."""
    known = _MEANT.get(id(rules))
    if known is not None and known[0] is rules:
        return known[1]
    concluded = tuple(verdict_of(rule) for rule in rules)
    worth = np.array(
        [
            signed(predicate, rule.description.points, 1.0) if predicate is not None else 0.0
            for rule, predicate in zip(rules, concluded, strict=True)
        ]
    )
    found = (concluded, worth, np.array([p == WW.violates for p in concluded], dtype=bool))
    _MEANT[id(rules)] = (rules, found)
    while len(_MEANT) > WALKED:
        _MEANT.popitem(last=False)
    return found


def verdicts(found: Opinions, certainty: float) -> Verdicts:
    """Return opinions as sums; one that forbids counts as a penalty too, should its row be kept."""
    concluded, worth, forbids = _meaning(found.rules)
    barred = np.zeros(found.n, dtype=bool)
    if not len(found.row):
        return Verdicts(np.zeros(found.n), barred, found, concluded)
    points = np.bincount(found.row, weights=worth[found.rule] * found.confidence, minlength=found.n)
    barred[found.row[forbids[found.rule] & (found.confidence >= certainty)]] = True
    return Verdicts(points.astype(np.float64), barred, found, concluded)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The items that a request may use, and their verdicts and worth.

    Attributes:
        items: sorted by their place in a look, so that a pair's first is its lower number.
        worth: what each adds to the mean over items: rules, walks, tastes, with multipliers.
        vias: for each meta-path what passing through each node is worth.
        offered: the numbers of the chosen items of each slot.
        brought: why an item was chosen that its worth alone would not have brought, by number:
            the seed of the walk, the locked item it lies near, or the opinion.
    """

    items: tuple[NamedNode, ...]
    verdicts: Verdicts
    vias: tuple[Floats, ...]
    judge: Batch
    worth: Floats
    offered: Mapping[NamedNode, tuple[int, ...]]
    locked: tuple[int, ...]
    brought: Mapping[int, Node]
    tastes: tuple[taste.Opinion, ...]
    reached: Mapping[tuple[NamedNode, NamedNode], frozenset[NamedNode]]


def eligible(request: Request, index: Index) -> list[NamedNode]:
    """Return the items that a request draws on, and those it locks, in look order."""
    chosen = index.drawn_on(request).copy()
    chosen[[index.at[item] for item in request.locked]] = True
    numbers = np.flatnonzero(chosen)
    return [index.items[n] for n in numbers[np.argsort(index.rank[numbers])]]


def gather(layer: Layer, request: Request, index: Index, resources: Resources) -> Pool:
    """Return the candidates of a request.

    Args:
        layer: the request's layer.
        request: what is dressed for.
        index: of the layer below.
        resources: vectors, where there are any.
    """
    items = eligible(request, index)
    scoring = index.scoring
    judge = Batch(layer, items)
    found = verdicts(judge.items(), scoring.certainty)
    worth = scoring.multipliers["rule"] * found.points
    vias = metapaths.passed(layer, index.matrices, index.paths, request.iri, len(index.items))
    walk = metapaths.totals(index.matrices, index.paths, vias)
    rows = index.rows[[index.at[item] for item in items]]
    worth = worth + scoring.multipliers["walk"] * np.where(
        rows >= 0, np.append(walk, 0.0)[rows], 0.0
    )
    on = as_date(layer.value(request.iri, WW.date))
    tastes = taste.opinions(layer, on, request.wearer, scoring.half_life)
    at = {item: n for n, item in enumerate(items)}
    reached = {}
    for opinion in tastes:
        hits = frozenset(at.keys() & _touched(layer, index, opinion).keys())
        reached[opinion.iri, opinion.about] = hits
        for item in hits:
            worth[at[item]] += scoring.multipliers["taste"] * opinion.weight
    locked = tuple(sorted(at[item] for item in request.locked))
    brought: dict[int, Node] = {}
    seeds = _seeds(layer, request, tastes, index)
    mass = _mass(index, rows, seeds)
    near = _near(resources, request, at)
    offered = {}
    occasions = named(layer.objects(request.iri, WW.occasion))
    serving = [template for template in index.templates if template.serves(occasions)]
    required = {slot for template in serving for slot in template.required}
    demanded = set(named(layer.objects(request.iri, WW.requiresSlot)))
    place = np.full(len(index.items), -1, dtype=np.int64)
    place[[index.at[item] for item in items]] = np.arange(len(items))
    held = np.zeros(len(items), dtype=bool)
    held[list(locked)] = True
    choose = partial(_choose, worth=worth, mass=mass, near=near, seeds=seeds, brought=brought)
    for slot in index.slots:
        fits = np.sort(place[index.fitting(slot)])
        fits = fits[fits >= 0]
        free = fits[~held[fits] & ~found.barred[fits]]
        most = scoring.per_slot if slot in required | demanded else scoring.per_optional
        chosen: list[int] = []
        if slot in demanded and len(free) > most:
            # What has another slot as well, a blazer in the cold, may not be what is demanded.
            own = [n for n in free.tolist() if index.places[index.at[items[n]]] == (slot,)]
            chosen = choose(np.array(own, dtype=np.int64), most=most // 2)
            free = free[~np.isin(free, chosen)]
        chosen = sorted([*chosen, *choose(free, most=most - len(chosen))])
        offered[slot] = (*fits[held[fits]].tolist(), *chosen)
    return Pool(tuple(items), found, vias, judge, worth, offered, locked, brought, tastes, reached)


def _touched(layer: Layer, index: Index, opinion: taste.Opinion) -> Mapping[NamedNode, object]:
    """Return the things that an opinion is on: what the index keeps, and what the request adds."""
    below = layer.below if layer.over is None else layer.over
    if below is not index.layer:
        return taste.touched(layer, opinion)
    gained, lost = layer.changes()
    if any(fact.object == opinion.about for fact in lost):
        return taste.touched(layer, opinion)
    kept: dict[NamedNode, object] = index.once(
        ("touched", opinion.about), lambda: {**taste.touched(index.layer, opinion)}
    )
    new = [fact.subject for fact in gained if fact.object == opinion.about]
    return {**kept, **{node: None for node in new if isinstance(node, NamedNode)}} if new else kept


def _seeds(
    layer: Layer, request: Request, tastes: Sequence[taste.Opinion], index: Index
) -> list[Node]:
    """Return what walks start from: occasions, seasons, locked items, what is liked."""
    found: list[Node] = [
        *request.occasions,
        *layer.objects(request.iri, WW.season),
        *request.locked,
    ]
    found += [opinion.about for opinion in tastes if opinion.weight > 0]
    return sorted({node for node in found if node in index.matrices.row}, key=str)


def _mass(index: Index, rows: NDArray[np.int64], seeds: Sequence[Node]) -> NDArray[np.float32]:
    """Return how likely a walk from each seed is at each item (items × seeds)."""
    if not seeds:
        return np.zeros((len(rows), 1), dtype=np.float32)
    kept = index.once("walked from", _Walked)
    new = [seed for seed in seeds if seed not in kept]
    if new:
        found = pagerank.personalised(
            index.moves,
            [index.matrices.row[seed] for seed in new],
            damping=index.scoring.damping,
            rounds=index.scoring.rounds,
        )
        for n, seed in enumerate(new):
            kept[seed] = np.ascontiguousarray(found[:, n])
    columns = [kept[seed] for seed in seeds]
    while len(kept) > WALKED:
        kept.popitem(last=False)
    for seed in seeds:
        if seed in kept:
            kept.move_to_end(seed)
    at = np.maximum(rows, 0)
    return np.where((rows >= 0)[:, None], np.stack([c[at] for c in columns], 1), np.float32(0))


class _Walked(OrderedDict[Node, NDArray[np.float32]]):
    """The last walks of an index, by the seed they start from."""


def _near(
    resources: Resources, request: Request, at: Mapping[NamedNode, int]
) -> dict[int, tuple[float, NamedNode]]:
    """Return the items that lie near a locked one, with the cosine and that item."""
    found: dict[int, tuple[float, NamedNode]] = {}
    if resources.vectors is None:
        return found
    for item in sorted(request.locked, key=lambda n: n.value):
        for other, cosine in resources.vectors.neighbours(item, 50):
            number = at.get(other)
            if number is not None and cosine > found.get(number, (0.0, item))[0]:
                found[number] = (cosine, item)
    return found


def _choose(
    free: NDArray[np.int64],
    worth: Floats,
    mass: NDArray[np.float32],
    near: Mapping[int, tuple[float, NamedNode]],
    *,
    seeds: Sequence[Node],
    most: int,
    brought: dict[int, Node],
) -> list[int]:
    """Return a slot's items: most by worth, some by the walk from a seed, some by vectors."""
    if len(free) <= most:
        return [int(n) for n in free]
    by_worth = free[np.lexsort((free, -np.round(worth[free], 9)))]
    walks, vectors = most // BY_WALK, most // BY_VECTOR
    chosen: list[int] = by_worth[: most - walks - vectors].tolist()
    left = by_worth[len(chosen) :]
    reach = mass[left].max(axis=1)
    walked = left[np.lexsort((left, -np.round(reach.astype(np.float64), 7)))][:walks].tolist()
    for n in walked:
        if seeds and mass[n].max() > 0:
            brought[n] = seeds[int(mass[n].argmax())]
    chosen += walked
    if near:
        close = sorted(
            (n for n in left.tolist() if n not in walked and n in near),
            key=lambda n: (-near[n][0], n),
        )
        for n in close[:vectors]:
            brought[n] = near[n][1]
        chosen += close[:vectors]
    rest = (n for n in left.tolist() if n not in chosen)
    while len(chosen) < most:
        chosen.append(next(rest))
    return sorted(chosen)
