"""Candidates: which items each slot offers, what each is worth alone, and what brought it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.request import CATALOGUE, Request
from wearwhy.outfit.score import signed, verdict_of
from wearwhy.rdf import ID, WW, Node
from wearwhy.rules.batch import Batch, Opinions
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Rule
from wearwhy.walk import metapaths, pagerank
from wearwhy.walk.graph import as_date, named
from wearwhy.wearer import taste

Floats = NDArray[np.float64]
# Of a slot's candidates, one in so many is brought by a walk, and by the vectors.
BY_WALK = 4
BY_VECTOR = 6


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

    def of(self, row: int) -> tuple[Verdict, ...]:
        """Return the verdicts on a row, sorted by rule."""
        found = self.opinions
        begin, end = np.searchsorted(found.row, (row, row + 1))
        said = [
            Verdict(found.rules[found.rule[k]], predicate, float(found.confidence[k]))
            for k in range(begin, end)
            if (predicate := self.concluded[found.rule[k]]) is not None
        ]
        return tuple(sorted(said, key=lambda verdict: verdict.rule.iri.value))


def verdicts(found: Opinions, certainty: float) -> Verdicts:
    """Return opinions as sums; one that forbids counts as a penalty too, should its row be kept."""
    concluded = tuple(verdict_of(rule) for rule in found.rules)
    worth = np.array(
        [
            signed(predicate, rule.description.points, 1.0) if predicate is not None else 0.0
            for rule, predicate in zip(found.rules, concluded, strict=True)
        ]
    )
    forbids = np.array([predicate == WW.violates for predicate in concluded], dtype=bool)
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
    if request.source == "owned":
        drawn = index.owned
    elif request.source == "both":
        drawn = np.ones(len(index.items), dtype=bool)
    else:
        home = ID[f"catalogue/{request.source.removeprefix(CATALOGUE)}"]
        drawn = np.array([home in shops for shops in index.catalogues], dtype=bool)
    excluded, locked = set(request.excluded), set(request.locked)
    chosen = [
        item
        for n, item in enumerate(index.items)
        if item in locked or (drawn[n] and item not in excluded and index.places[n])
    ]
    return sorted(chosen, key=index.order)


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
    rows = index.matrices.rows(items)
    worth = worth + scoring.multipliers["walk"] * np.where(
        rows >= 0, np.append(walk, 0.0)[rows], 0.0
    )
    on = as_date(layer.value(request.iri, WW.date))
    tastes = taste.opinions(layer, on, request.wearer, scoring.half_life)
    at = {item: n for n, item in enumerate(items)}
    reached = {}
    for opinion in tastes:
        hits = frozenset(at.keys() & taste.touched(layer, opinion).keys())
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
    for slot in index.slots:
        fits = [n for n, item in enumerate(items) if slot in index.places[index.at[item]]]
        held = [n for n in fits if n in locked]
        free = [n for n in fits if n not in locked and not found.barred[n]]
        offered[slot] = (
            *held,
            *_choose(
                free,
                worth,
                mass,
                near,
                seeds=seeds,
                most=scoring.per_slot if slot in required else scoring.per_optional,
                brought=brought,
            ),
        )
    return Pool(tuple(items), found, vias, judge, worth, offered, locked, brought, tastes, reached)


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
    at = [index.matrices.row[seed] for seed in seeds]
    found = pagerank.personalised(
        index.moves, at, damping=index.scoring.damping, rounds=index.scoring.rounds
    )
    return np.where((rows >= 0)[:, None], found[rows], np.float32(0))


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
    free: Sequence[int],
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
        return list(free)
    by_worth = sorted(free, key=lambda n: (-round(float(worth[n]), 9), n))
    walks, vectors = most // BY_WALK, most // BY_VECTOR
    chosen = by_worth[: most - walks - vectors]
    left = by_worth[len(chosen) :]
    walked = sorted(left, key=lambda n: (-round(float(mass[n].max()), 7), n))[:walks]
    for n in walked:
        if seeds and mass[n].max() > 0:
            brought[n] = seeds[int(mass[n].argmax())]
    chosen += walked
    close = sorted(
        (n for n in left if n not in walked and n in near), key=lambda n: (-near[n][0], n)
    )
    for n in close[:vectors]:
        brought[n] = near[n][1]
    chosen += close[:vectors]
    rest = (n for n in left if n not in chosen)
    while len(chosen) < most:
        chosen.append(next(rest))
    return sorted(chosen)
