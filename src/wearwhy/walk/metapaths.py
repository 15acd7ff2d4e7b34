"""Meta-paths: declared walks from a request to an item, and what each is worth.

A walk from the request to item *x* along a meta-path of weight *w* passes, before its last step,
through a node *v*. Its value for *x* by way of *v* is

    w × share(v) × idf(v) × steps(v → x)

where share(v) is the part of all instances of the walk that reach *v* (so that a long log does
not outvote a short one; nodes from which the last step leads nowhere do not count), and idf(v) = ln(1 + N/df) / ln(1 + N), with df the number of nodes that
the last step reaches from *v* and N the size of the collection: what leads everywhere says
little. The item's walk value is the sum over *v* and meta-paths, so groups add up exactly.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError
from wearwhy.rdf import RDFS, TYPE, WW, Fact, Node, curie
from wearwhy.walk.graph import Graph, members, named, number
from wearwhy.walk.matrix import Floats, Matrices, pushed

MOST_STEPS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One step along a property, or against it."""

    predicate: NamedNode
    inverse: bool = False

    @property
    def back(self) -> Step:
        """Return the same step the other way."""
        return Step(self.predicate, not self.inverse)

    def fact(self, here: Node, there: Node) -> Fact:
        """Return the fact that a step from `here` to `there` uses."""
        return (
            Fact(there, self.predicate, here) if self.inverse else Fact(here, self.predicate, there)
        )

    def targets(self, graph: Graph, here: Node) -> list[Node]:
        """Return where the step leads from a node; literals are no places to walk to."""
        if self.inverse:
            return graph.subjects(self.predicate, here)
        return [n for n in graph.objects(here, self.predicate) if not isinstance(n, Literal)]


@dataclass(frozen=True, slots=True)
class MetaPath:
    """A declared walk: its steps from the request, its weight, its label by language."""

    iri: NamedNode
    steps: tuple[Step, ...]
    weight: float
    label: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """What the walks along one meta-path through one node bring each item that they reach."""

    path: NamedNode
    via: Node
    values: tuple[tuple[NamedNode, float], ...]


def read(graph: Graph) -> tuple[MetaPath, ...]:
    """Return the meta-paths from a request that the graph declares, sorted by IRI.

    Those that start at another item of the look are `wearwhy.walk.companions`'.

    Raises:
        InputError: WW-WALK-LENGTH, where a path has fewer than two steps or more than four;
            WW-WALK-WEIGHT, where its weight is missing or no number.
    """
    declared = named(graph.subjects(TYPE, WW.MetaPath))
    return tuple(declaration(graph, iri) for iri in declared if not starts_beside(graph, iri))


def starts_beside(graph: Graph, iri: NamedNode) -> bool:
    """Return whether a declared walk starts at another item of the look, not at the request."""
    return graph.holds(Fact(iri, WW["from"], WW.companion))


def declaration(graph: Graph, iri: NamedNode) -> MetaPath:
    """Return one meta-path as the graph declares it; raises as `read` does."""
    steps = []
    for node in members(graph, graph.value(iri, WW.path)):
        back = graph.value(node, WW.inverse)
        predicate = back if back is not None else node
        if isinstance(predicate, NamedNode):
            steps.append(Step(predicate, inverse=back is not None))
    if not 2 <= len(steps) <= MOST_STEPS:
        raise InputError(
            "WW-WALK-LENGTH",
            f"The walk {curie(iri)} has {len(steps)} steps.",
            note=f"A meta-path has two to {MOST_STEPS} steps: it passes through something, and a longer one explains nothing.",
        )
    weight = number(graph, iri, WW.weight)
    if weight is None or not math.isfinite(weight):
        raise InputError("WW-WALK-WEIGHT", f"The walk {curie(iri)} has no number for ww:weight.")
    labels = [n for n in graph.objects(iri, RDFS.label) if isinstance(n, Literal)]
    return MetaPath(
        iri, tuple(steps), weight, tuple(sorted((n.language or "", n.value) for n in labels))
    )


def properties(paths: Sequence[MetaPath]) -> frozenset[NamedNode]:
    """Return every property that the walks step along."""
    return frozenset(step.predicate for path in paths for step in path.steps)


def idf(reached: float, size: int) -> float:
    """Return how much a node tells that leads to `reached` others in a collection of `size`."""
    return math.log1p(size / reached) / math.log1p(size) if reached > 0 and size > 0 else 0.0


def passed(
    graph: Graph, matrices: Matrices, paths: Sequence[MetaPath], start: Node, size: int
) -> tuple[Floats, ...]:
    """Return for each walk what passing through each node is worth, by sparse products.

    Args:
        graph: the request's layer; the first step is read from it, the others from the matrices.
        matrices: the facts below the request.
        paths: the declared walks.
        start: the request.
        size: the number of items of the collection.
    """
    return tuple(_at_via(graph, matrices, path, start, size) for path in paths)


def totals(matrices: Matrices, paths: Sequence[MetaPath], vias: Sequence[Floats]) -> Floats:
    """Return the walk value of every node of the matrices, from what `passed` returns."""
    found = np.zeros(len(matrices.nodes))
    for path, weights in zip(paths, vias, strict=True):
        last = path.steps[-1]
        found += pushed(matrices.step(last.predicate, inverse=last.inverse), weights)
    return found


def columns(
    matrices: Matrices,
    paths: Sequence[MetaPath],
    vias: Sequence[Floats],
    items: Sequence[NamedNode],
) -> list[Group]:
    """Return the groups of some items, from what `passed` returns; they add up to `totals`."""
    found = []
    rows = matrices.rows(items)
    known = [n for n, row in enumerate(rows) if row >= 0]
    for path, weights in zip(paths, vias, strict=True):
        last = path.steps[-1]
        into = matrices.step(last.predicate, inverse=not last.inverse)
        by_via: dict[int, list[tuple[NamedNode, float]]] = {}
        for n in known:
            begin, end = into.indptr[rows[n]], into.indptr[rows[n] + 1]
            for via, steps in zip(into.indices[begin:end], into.data[begin:end], strict=True):
                if weights[via]:
                    by_via.setdefault(int(via), []).append((items[n], float(weights[via] * steps)))
        found += [
            Group(path.iri, matrices.nodes[via], tuple(by_via[via])) for via in sorted(by_via)
        ]
    return found


def _at_via(graph: Graph, matrices: Matrices, path: MetaPath, start: Node, size: int) -> Floats:
    """Return weight × share × idf for each node that the walk passes through."""
    first = path.steps[0].targets(graph, start)
    if not first:
        return np.zeros(len(matrices.nodes))
    counts = matrices.vector(dict.fromkeys(first, 1.0))
    for step in path.steps[1:-1]:
        counts = pushed(matrices.step(step.predicate, inverse=step.inverse), counts)
    last = path.steps[-1]
    reached = np.diff(matrices.step(last.predicate, inverse=last.inverse).indptr)
    counts = np.where(reached > 0, counts, 0.0)
    whole = counts.sum()
    found: NDArray[np.float64] = np.zeros(len(counts))
    for via in np.flatnonzero(counts):
        found[via] = path.weight * (counts[via] / whole) * idf(float(reached[via]), size)
    return found


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a walk leads from its start, fact by fact.

    Attributes:
        ways: for each node before the last step, in how many ways it is reached.
        onward: of those, where the last step leads from each; what leads nowhere is left out.
        whole: how many ways lead anywhere.
    """

    ways: Mapping[Node, int]
    onward: Mapping[Node, frozenset[Node]]
    whole: int


def spread(graph: Graph, path: MetaPath, start: Node, aside: Collection[Node] = ()) -> Spread:
    """Return where a walk leads; `aside` holds nodes that it does not enter."""
    ways = passing(graph, path, start, aside)
    last = path.steps[-1]
    onward = {
        via: frozenset(there)
        for via in ways
        if (there := [n for n in last.targets(graph, via) if n not in aside])
    }
    return Spread(ways, onward, sum(ways[via] for via in onward))


def told(path: MetaPath, found: Spread, size: int, items: Collection[NamedNode]) -> list[Group]:
    """Return the groups of some items along a path, from where it leads."""
    groups = []
    for via in sorted(found.onward, key=str):
        targets = found.onward[via]
        worth = path.weight * (found.ways[via] / found.whole) * idf(len(targets), size)
        hits = tuple((n, worth) for n in sorted(set(items) & targets, key=str))
        if hits and worth:
            groups.append(Group(path.iri, via, hits))
    return groups


def groups(
    graph: Graph,
    paths: Sequence[MetaPath],
    start: Node,
    size: int,
    items: Collection[NamedNode],
    *,
    aside: Collection[Node] = (),
) -> list[Group]:
    """Return the groups of some items, read from the graph fact by fact.

    It says what `columns` says, without matrices: for one look it costs little, and it sees a
    layer's changes. `aside` holds nodes that the walk does not enter: the look under judgement
    is itself a thing with items, and would vouch for itself.
    """
    return [
        group
        for path in paths
        for group in told(path, spread(graph, path, start, aside), size, items)
    ]


def passing(
    graph: Graph, path: MetaPath, start: Node, aside: Collection[Node] = ()
) -> Mapping[Node, int]:
    """Return the nodes before the last step, with the number of ways the walk reaches each."""
    counts: dict[Node, int] = {start: 1}
    for step in path.steps[:-1]:
        ahead: dict[Node, int] = {}
        for node, ways in counts.items():
            for target in step.targets(graph, node):
                if target not in aside:
                    ahead[target] = ahead.get(target, 0) + ways
        counts = ahead
    return counts


def trail(
    graph: Graph, path: MetaPath, start: Node, via: Node, aside: Collection[Node] = ()
) -> tuple[Fact, ...]:
    """Return the facts of one walk from the start to `via`: the first in sorted order.

    Returns nothing where there is no such walk.
    """

    def walk(node: Node, steps: tuple[Step, ...]) -> tuple[Fact, ...] | None:
        if not steps:
            return () if node == via else None
        if len(steps) == 1:
            hop = steps[0].fact(node, via)
            return (hop,) if graph.holds(hop) else None
        for target in sorted(steps[0].targets(graph, node), key=str):
            if target not in aside:
                rest = walk(target, steps[1:])
                if rest is not None:
                    return (steps[0].fact(node, target), *rest)
        return None

    return walk(start, path.steps[:-1]) or ()
