"""Walks from one item of a look to another: what they were worn with, and what met in between.

Such a meta-path is declared with `ww:from ww:companion`. Between items *x* and *y* there are *n*
walks along it, in either direction, and it is worth

    w × ln(1 + n)

A walk does not turn back: it never takes the fact that it has just come by. So two things are in
company with a common third only by two outfits, not by one that holds all three.

The value is told by the node in the middle of the walk ("via outfit o12"): each has its share of
the n walks, weighed by idf(v) = ln(1 + N/df) / ln(1 + N), with df the number of nodes that the
step after it leads to and N the size of the collection. The shares add up to the value.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from pyoxigraph import NamedNode

from wearwhy.rdf import TYPE, WW, Fact, Node
from wearwhy.walk.graph import Graph, named
from wearwhy.walk.metapaths import MetaPath, Step, declaration, idf, starts_beside


def read(graph: Graph, weights: Mapping[NamedNode, float] | None = None) -> tuple[MetaPath, ...]:
    """Return the meta-paths between items that the graph declares, sorted by IRI.

    Args:
        graph: that declares them.
        weights: learned ones, which stand in for those declared.

    Raises:
        InputError: WW-WALK-LENGTH, WW-WALK-WEIGHT; as for any meta-path.
    """
    learned = weights or {}
    declared = named(graph.subjects(TYPE, WW.MetaPath))
    found = [declaration(graph, iri) for iri in declared if starts_beside(graph, iri)]
    return tuple(replace(path, weight=learned.get(path.iri, path.weight)) for path in found)


def head(path: MetaPath) -> tuple[Step, ...]:
    """Return the steps that lead from the first item to the middle of the walk."""
    return path.steps[: len(path.steps) // 2]


def tail(path: MetaPath) -> tuple[Step, ...]:
    """Return the steps that lead from the last item, backwards, to the middle of the walk."""
    return tuple(step.back for step in reversed(path.steps[len(path.steps) // 2 :]))


def mirrored(path: MetaPath) -> bool:
    """Return whether the walk is the same from either end: then it is counted once."""
    return head(path) == tail(path)


def turns(path: MetaPath) -> bool:
    """Return whether a walk could turn back in its middle."""
    middle = len(path.steps) // 2
    return path.steps[middle] == path.steps[middle - 1].back


@dataclass(frozen=True, slots=True)
class Half:
    """Where half of a walk leads from an item.

    Attributes:
        ways: for each middle node, in how many ways it is reached by each node before it.
        near: the nodes that the walk stepped on from; a change of no fact of theirs changes it.
    """

    ways: Mapping[Node, Mapping[Node, int]]
    near: frozenset[Node]


def half(
    graph: Graph, steps: Sequence[Step], item: NamedNode, aside: Collection[Node] = ()
) -> Half:
    """Return where one or two steps lead from an item, fact by fact.

    Args:
        graph: that is read.
        steps: `head` or `tail` of a meta-path.
        item: where the walk starts.
        aside: nodes that it does not enter.
    """
    first, *rest = steps
    reached = [n for n in first.targets(graph, item) if n not in aside]
    if not rest:
        return Half({node: {item: 1} for node in reached}, frozenset((item,)))
    (second,) = rest
    back = second == first.back
    ways: dict[Node, dict[Node, int]] = {}
    for before in reached:
        for node in second.targets(graph, before):
            if node not in aside and not (back and node == item):
                by = ways.setdefault(node, {})
                by[before] = by.get(before, 0) + 1
    return Half(ways, frozenset((item, *reached)))


Ends = tuple[Half, Half]
"""The two halves of a walk at one item: as its first item, and as its last."""


def ends(graph: Graph, path: MetaPath, item: NamedNode, aside: Collection[Node] = ()) -> Ends:
    """Return where the halves of a walk lead from an item."""
    first = half(graph, head(path), item, aside)
    return first, first if mirrored(path) else half(graph, tail(path), item, aside)


def reread(ends: Ends, path: MetaPath, changed: Collection[Fact]) -> bool:
    """Return whether some facts, gained or lost, may change where a walk's halves lead."""
    steps = {step.predicate for step in path.steps}
    near = ends[0].near | ends[1].near
    return any(f.predicate in steps and (f.subject in near or f.object in near) for f in changed)


@dataclass(frozen=True, slots=True)
class Via:
    """What passes through one node: how many walks, and their share of the value."""

    node: Node
    ways: int
    value: float


@dataclass(frozen=True, slots=True)
class Met:
    """What the walks between two items along one meta-path come to."""

    ways: int
    value: float
    via: tuple[Via, ...]


def passing(path: MetaPath, x: Ends, y: Ends) -> dict[Node, int]:
    """Return how many walks between two items pass through each node, in either direction."""
    found: dict[Node, int] = {}
    closed = turns(path)
    for start, end in ((x[0], y[1]),) if mirrored(path) else ((x[0], y[1]), (y[0], x[1])):
        for node in start.ways.keys() & end.ways.keys():
            before, after = start.ways[node], end.ways[node]
            ways = sum(before.values()) * sum(after.values())
            if closed:
                ways -= sum(before[a] * after[a] for a in before.keys() & after.keys())
            if ways:
                found[node] = found.get(node, 0) + ways
    return found


def worth(path: MetaPath, ways: float) -> float:
    """Return what so many walks along a path are worth."""
    return path.weight * math.log1p(ways)


def met(
    graph: Graph, path: MetaPath, x: Ends, y: Ends, *, size: int, aside: Collection[Node] = ()
) -> Met:
    """Return what a meta-path says of two items, told by the nodes in the middle.

    Args:
        graph: that the ends were read from.
        path: the meta-path.
        x: the ends of the one item, as `ends` returns them.
        y: those of the other.
        size: the number of items of the collection.
        aside: nodes that walks do not enter.
    """
    ways = passing(path, x, y)
    whole = sum(ways.values())
    value = worth(path, whole)
    onward = path.steps[len(path.steps) // 2]
    rare = {
        node: idf(sum(n not in aside for n in onward.targets(graph, node)), size) for node in ways
    }
    weighed = {node: n * (rare[node] or 1e-9) for node, n in ways.items()}
    over = math.fsum(weighed.values())
    told = [Via(node, ways[node], value * share / over) for node, share in weighed.items()]
    return Met(whole, value, tuple(sorted(told, key=lambda v: (-abs(v.value), str(v.node)))))


def trail(
    path: MetaPath, x: tuple[NamedNode, Ends], y: tuple[NamedNode, Ends], via: Node
) -> tuple[Fact, ...]:
    """Return the facts of one walk between two items through a node: the first in sorted order.

    Each item is given with its ends. Returns nothing where no walk passes there.
    """
    closed = turns(path)
    for (one, ahead), (other, behind) in ((x, y), (y, x)):
        before, after = ahead[0].ways.get(via, {}), behind[1].ways.get(via, {})
        for a, b in product(sorted(before, key=str), sorted(after, key=str)):
            if not (closed and a == b):
                there = _leg(head(path), one, a, via)
                return (*there, *reversed(_leg(tail(path), other, b, via)))
    return ()


def _leg(steps: Sequence[Step], item: NamedNode, before: Node, node: Node) -> tuple[Fact, ...]:
    if len(steps) == 1:
        return (steps[0].fact(item, node),)
    return (steps[0].fact(item, before), steps[1].fact(before, node))
