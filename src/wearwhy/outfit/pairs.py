"""The pair term: which values are worn together more, or less, often than chance would have it.

Counted on the outfits of the graph, value pair by value pair. Over all item pairs of all
outfits, n(a, b) is how many have value *a* on one side and *b* on the other, and E(a, b) how many
there would be if values fell on items independently. The log-lift is shrunk towards nothing:

    lift(a, b) = ln((n + κ) / (E + κ))

A pair seen in fewer outfits than the support says nothing: that two things were never seen
together in a small log is no evidence against them. An item pair's contribution is, for each
attribute, its weight × the mean lift over the items' values; so every part is one value pair.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.outfit.scoring import Scoring
from wearwhy.rdf import OWL, SCHEMA, TYPE, WW, Fact, Node
from wearwhy.walk.graph import Graph, named

Floats = NDArray[np.float64]
ValuePair = tuple[NamedNode, NamedNode, NamedNode]


Has = Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]]
"""The values of (item, attribute)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one outfit adds to the counts."""

    pairs: Mapping[ValuePair, int]
    singles: Mapping[tuple[NamedNode, NamedNode], int]
    items: tuple[NamedNode, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lifts:
    """Counts over outfits, kept by outfit so that a change recounts only what it touches."""

    by_outfit: Mapping[NamedNode, Counted]
    pairs: Mapping[ValuePair, int]
    outfits: Mapping[ValuePair, int]
    singles: Mapping[tuple[NamedNode, NamedNode], int]
    places: int
    item_pairs: int
    worn_in: Mapping[NamedNode, tuple[NamedNode, ...]] = field(default_factory=dict)
    has: Has = field(default_factory=dict)

    def lift(self, pair: ValuePair, scoring: Scoring) -> float:
        """Return the shrunk log-lift of a value pair; 0 below the support."""
        if self.outfits.get(pair, 0) < scoring.support:
            return 0.0
        predicate, a, b = pair
        q_a = self.singles.get((predicate, a), 0) / self.places
        q_b = self.singles.get((predicate, b), 0) / self.places
        expected = self.item_pairs * q_a * q_b * (1.0 if a == b else 2.0)
        return math.log((self.pairs[pair] + scoring.shrinkage) / (expected + scoring.shrinkage))


NOTHING = Lifts({}, {}, {}, {}, 0, 0)
"""No counts: of no outfit, or where a model says what pairs are worth."""


def value_pair(predicate: NamedNode, a: NamedNode, b: NamedNode) -> ValuePair:
    """Return a value pair in its one written order."""
    return (predicate, a, b) if a.value <= b.value else (predicate, b, a)


def values(graph: Graph, item: NamedNode, predicate: NamedNode) -> list[NamedNode]:
    """Return an item's values of an attribute, sorted.

    Of its classes only those that were asserted: the classes above them are on everything.
    """
    found = named(graph.objects(item, predicate))
    if predicate != TYPE:
        return found
    outside = (str(SCHEMA), str(OWL))
    return [
        kind
        for kind in found
        if not kind.value.startswith(outside)
        and graph.kind(Fact(item, TYPE, kind)) is Kind.ASSERTED
    ]


def count(graph: Graph, predicates: Sequence[NamedNode], aside: Collection[Node] = ()) -> Lifts:
    """Return the counts over every outfit of the graph but those aside."""
    has: dict[tuple[NamedNode, NamedNode], Sequence[NamedNode]] = {}
    found = {
        outfit: _counted(graph, outfit, predicates, has)
        for outfit in named(graph.subjects(TYPE, WW.Outfit))
        if outfit not in aside
    }
    return _sum(found, has)


def recount(
    before: Lifts,
    graph: Graph,
    predicates: Sequence[NamedNode],
    changed: Iterable[Fact],
    aside: Collection[Node] = (),
) -> Lifts:
    """Return the counts after a change, given the facts that it gained or lost."""
    touched: set[NamedNode] = set()
    facts = tuple(changed)
    for fact in facts:
        if not isinstance(fact.subject, NamedNode) or fact.subject in aside:
            continue
        if fact.predicate == WW.hasItem or (fact.predicate == TYPE and fact.object == WW.Outfit):
            touched.add(fact.subject)
        if fact.predicate in predicates:
            touched.update(before.worn_in.get(fact.subject, ()))
    if not touched:
        return before
    by_outfit, pairs, outfits = (
        dict(before.by_outfit),
        Counter(before.pairs),
        Counter(before.outfits),
    )
    singles, places, item_pairs = Counter(before.singles), before.places, before.item_pairs
    moved = {(fact.subject, fact.predicate) for fact in facts}
    has = {key: found for key, found in before.has.items() if key not in moved}
    for outfit in touched:
        for counted, sign in _swapped(by_outfit, graph, outfit, predicates, has):
            n = len(counted.items)
            places += sign * n
            item_pairs += sign * (n * (n - 1) // 2)
            for pair, times in counted.pairs.items():
                pairs[pair] += sign * times
                outfits[pair] += sign
            for single, times in counted.singles.items():
                singles[single] += sign * times
    return Lifts(by_outfit, pairs, outfits, singles, places, item_pairs, before.worn_in, has)


def _swapped(
    by_outfit: dict[NamedNode, Counted],
    graph: Graph,
    outfit: NamedNode,
    predicates: Sequence[NamedNode],
    has: dict[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
) -> list[tuple[Counted, int]]:
    """Put what an outfit adds now in the place of what it added; return both, with signs."""
    found = []
    old = by_outfit.pop(outfit, None)
    if old is not None:
        found.append((old, -1))
    if graph.holds(Fact(outfit, TYPE, WW.Outfit)):
        by_outfit[outfit] = _counted(graph, outfit, predicates, has)
        found.append((by_outfit[outfit], 1))
    return found


def _counted(
    graph: Graph,
    outfit: NamedNode,
    predicates: Sequence[NamedNode],
    has: dict[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
) -> Counted:
    """Return what an outfit adds; `has` holds the values known already, and takes the others."""
    items = named(graph.objects(outfit, WW.hasItem))
    for item in items:
        for p in predicates:
            if (item, p) not in has:
                has[item, p] = values(graph, item, p)
    pairs: Counter[ValuePair] = Counter()
    singles: Counter[tuple[NamedNode, NamedNode]] = Counter()
    for p in predicates:
        for item in items:
            singles.update((p, a) for a in has[item, p])
        for x, y in combinations(items, 2):
            pairs.update(value_pair(p, a, b) for a in has[x, p] for b in has[y, p])
    return Counted(pairs, singles, tuple(items))


def _sum(by_outfit: Mapping[NamedNode, Counted], has: Has) -> Lifts:
    pairs: Counter[ValuePair] = Counter()
    outfits: Counter[ValuePair] = Counter()
    singles: Counter[tuple[NamedNode, NamedNode]] = Counter()
    worn_in: dict[NamedNode, list[NamedNode]] = {}
    for outfit, counted in by_outfit.items():
        pairs.update(counted.pairs)
        outfits.update(counted.pairs.keys())
        singles.update(counted.singles)
        for item in counted.items:
            worn_in.setdefault(item, []).append(outfit)
    sizes = [len(counted.items) for counted in by_outfit.values()]
    return Lifts(
        by_outfit,
        pairs,
        outfits,
        singles,
        places=sum(sizes),
        item_pairs=sum(n * (n - 1) // 2 for n in sizes),
        worn_in={
            item: tuple(sorted(found, key=lambda o: o.value)) for item, found in worn_in.items()
        },
        has=has,
    )


def contributions(
    lifts: Lifts,
    scoring: Scoring,
    has: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
    x: NamedNode,
    y: NamedNode,
) -> dict[ValuePair, float]:
    """Return what each value pair adds to an item pair, before any multiplier.

    `has` holds the values of (item, attribute).
    """
    found: dict[ValuePair, float] = {}
    for p, weight in scoring.attributes:
        mine, yours = has[x, p], has[y, p]
        for a in mine:
            for b in yours:
                pair = value_pair(p, a, b)
                part = weight * lifts.lift(pair, scoring) / (len(mine) * len(yours))
                if part:
                    found[pair] = found.get(pair, 0.0) + part
    return found


def lifted(
    lifts: Lifts, scoring: Scoring
) -> Mapping[NamedNode, Mapping[tuple[NamedNode, NamedNode], float]]:
    """Return the lifts of every value pair that has the support, by attribute."""
    found: dict[NamedNode, dict[tuple[NamedNode, NamedNode], float]] = {}
    for pair, outfits in lifts.outfits.items():
        if outfits >= scoring.support:
            predicate, a, b = pair
            found.setdefault(predicate, {})[a, b] = lifts.lift(pair, scoring)
    return found


Table = Mapping[NamedNode, Mapping[tuple[NamedNode, NamedNode], float]]
"""The lifts of value pairs, by attribute."""


def matrix(
    table: Table,
    scoring: Scoring,
    has: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
    items: Sequence[NamedNode],
) -> Floats:
    """Return the sum of `contributions` for every pair of items, as array products."""
    whole = np.zeros((len(items), len(items)))
    for p, weight in scoring.attributes:
        share, lift = _arrays(table, has, items, p)
        whole += weight * (share @ lift @ share.T)
    return whole


def along(
    table: Table,
    scoring: Scoring,
    has: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
    items: Sequence[NamedNode],
    both: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Floats:
    """Return the sum of `contributions` for some pairs of items, given side by side by number."""
    whole = np.zeros(len(both[0]))
    for p, weight in scoring.attributes:
        share, lift = _arrays(table, has, items, p)
        whole += weight * ((share @ lift)[both[0]] * share[both[1]]).sum(axis=1)
    return whole


def _arrays(
    table: Table,
    has: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
    items: Sequence[NamedNode],
    p: NamedNode,
) -> tuple[Floats, Floats]:
    """Return the share that each item gives to each value of an attribute, and the lifts."""
    known = sorted({a for item in items for a in has[item, p]}, key=lambda a: a.value)
    at = {a: n for n, a in enumerate(known)}
    lift = np.zeros((len(known), len(known)))
    for (a, b), value in table.get(p, {}).items():
        if a in at and b in at:
            lift[at[a], at[b]] = lift[at[b], at[a]] = value
    share = np.zeros((len(items), len(known)))
    for n, item in enumerate(items):
        for a in has[item, p]:
            share[n, at[a]] = 1.0 / len(has[item, p])
    return share, lift
