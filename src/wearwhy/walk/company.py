"""Walks between items as arrays: what `wearwhy.walk.companions` says, for many pairs at once.

The walks between items along one meta-path are counted by one sparse product of its two halves;
those that would turn back in the middle are taken off by a second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array

from wearwhy.walk import companions, matrix, metapaths
from wearwhy.walk.graph import Graph
from wearwhy.walk.matrix import Floats, Matrices
from wearwhy.walk.metapaths import MetaPath, Step

Ints = NDArray[np.int64]
SMALL = 1000
"""Up to so many items the walks between every two are counted once, on first use."""
ROWS = 64
"""Of a larger collection the values of so many items toward all others are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class _Half:
    """Half of a walk, from each item.

    Attributes:
        ways: to the middle nodes (items × nodes).
        before: to the nodes before those; the item itself where the half has one step.
        back: whether walks that return to the item were left out.
        across: `ways`, transposed.
        across_before: `before`, transposed.
    """

    ways: csr_array
    before: csr_array
    back: bool
    across: csr_array
    across_before: csr_array


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """One meta-path over the items.

    Attributes:
        path: with its weight.
        first: the half from its first item.
        last: the half from its last item.
        turned: of each node before the middle, how many walks would turn back after it; None where
            the path cannot turn back there.
    """

    path: MetaPath
    first: _Half
    last: _Half
    turned: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Companions:
    """The walks between the items of a collection.

    Attributes:
        items: that walks lead between.
        at: an item's number.
        paths: with their weights.
    """

    items: tuple[NamedNode, ...]
    at: Mapping[NamedNode, int]
    paths: tuple[MetaPath, ...]
    _walks: tuple[_Walk, ...]
    _kept: dict[int, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph, items: Sequence[NamedNode], paths: Sequence[MetaPath]) -> Companions:
        """Return the walks between items.

        Args:
            graph: that is walked, what is held out apart (see `wearwhy.walk.graph.Apart`).
            items: in any order, each once.
            paths: as `companions.read` returns them.
        """
        matrices = matrix.build(graph, metapaths.properties(paths))
        rows = matrices.rows(items)
        known = np.flatnonzero(rows >= 0)
        size = (len(items), len(matrices.nodes))
        place = csr_array((np.ones(len(known)), (known, rows[known])), shape=size)
        walks = tuple(_walk(matrices, place, path) for path in paths)
        return cls(tuple(items), {item: n for n, item in enumerate(items)}, tuple(paths), walks)

    def numbers(self, items: Sequence[NamedNode]) -> Ints:
        """Return the numbers of items.

        Raises:
            KeyError: for one that is not of the collection.
        """
        return np.array([self.at[item] for item in items], dtype=np.int64)

    def ways(self, number: int, xs: Ints, ys: Ints | None = None) -> Floats:
        """Return how many walks along one path lead between items, as a dense array.

        Args:
            number: of the path.
            xs: numbers of items.
            ys: numbers of other items; None for all. No walk leads from an item to itself.
        """
        found = np.asarray(self._sparse(number, xs, ys).toarray())
        others = np.arange(len(self.items)) if ys is None else ys
        found[xs[:, None] == others[None, :]] = 0.0
        return found

    def _sparse(self, number: int, xs: Ints, ys: Ints | None) -> csr_array:
        walk = self._walks[number]
        found = _counted(walk, walk.first, walk.last, xs, ys)
        if not companions.mirrored(walk.path):
            found = found + _counted(walk, walk.last, walk.first, xs, ys)
        return csr_array(found)

    def logs(self, items: Sequence[NamedNode]) -> Floats:
        """Return ln(1 + ways) of every pair of items along every path (paths × n × n)."""
        xs = self.numbers(items)
        if len(self.items) <= SMALL:
            return self._table()[:, xs[:, None], xs[None, :]]
        return self._logs(xs, xs)

    def worth(self, items: Sequence[NamedNode]) -> Floats:
        """Return what each path between each pair of items is worth (paths × n × n)."""
        return self.logs(items) * self.weights[:, None, None]

    @property
    def weights(self) -> Floats:
        """The paths' weights."""
        return np.array([path.weight for path in self.paths], dtype=np.float64)

    def features(self, firsts: Sequence[NamedNode], seconds: Sequence[NamedNode]) -> Floats:
        """Return ln(1 + ways) along every path for pairs of items given side by side (n × paths)."""
        xs, ys = self.numbers(firsts), self.numbers(seconds)
        found = np.zeros((len(xs), len(self.paths)))
        for n, walk in enumerate(self._walks):
            ways = _paired(walk, walk.first, walk.last, xs, ys)
            if not companions.mirrored(walk.path):
                ways += _paired(walk, walk.last, walk.first, xs, ys)
            found[:, n] = np.log1p(np.where(xs == ys, 0.0, ways))
        return found

    def matrix(self, items: Sequence[NamedNode]) -> Floats:
        """Return what the walks between each pair of items are worth; 0 on the diagonal."""
        return np.asarray(self.worth(items).sum(axis=0))

    def toward(
        self, given: Sequence[NamedNode], items: Sequence[NamedNode] | None = None
    ) -> Floats:
        """Return for each item what the walks between it and the given ones are worth, summed.

        Args:
            given: items.
            items: to value; None for the whole collection.
        """
        xs = self.numbers(given)
        if items is not None and len(self.items) > SMALL:
            return np.asarray(self._valued(xs, self.numbers(items)).sum(axis=0))
        rows = [self._row(int(x)) for x in xs]
        whole = np.sum(rows, axis=0) if rows else np.zeros(len(self.items))
        return np.asarray(whole if items is None else whole[self.numbers(items)])

    def _row(self, x: int) -> Floats:
        if len(self.items) <= SMALL:
            return np.asarray(self.weights @ self._table()[:, x])
        found = self._kept.get(x)
        if found is None:
            found = self._valued(np.array([x]), None)[0]
            while len(self._kept) >= ROWS:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[x] = found
        return found

    def _table(self) -> Floats:
        found = self._kept.get(-1)
        if found is None:
            every = np.arange(len(self.items))
            found = self._kept[-1] = self._logs(every, every)
        return found

    def _logs(self, xs: Ints, ys: Ints) -> Floats:
        """Return ln(1 + ways) by path, counted anew."""
        found = np.zeros((len(self.paths), len(xs), len(ys)))
        for n in range(len(self.paths)):
            found[n] = np.log1p(self.ways(n, xs, ys))
        return found

    def _valued(self, xs: Ints, ys: Ints | None) -> Floats:
        whole = np.zeros((len(xs), len(self.items) if ys is None else len(ys)))
        for n, path in enumerate(self.paths):
            if path.weight:
                found = self._sparse(n, xs, ys)
                found.data = path.weight * np.log1p(found.data)
                whole += found.toarray()
        others = np.arange(len(self.items)) if ys is None else ys
        whole[xs[:, None] == others[None, :]] = 0.0
        return whole


def _walk(matrices: Matrices, place: csr_array, path: MetaPath) -> _Walk:
    first = _half(matrices, place, companions.head(path))
    same = companions.mirrored(path)
    last = first if same else _half(matrices, place, companions.tail(path))
    turned = None
    if companions.turns(path):
        step = path.steps[len(path.steps) // 2 - 1]
        onward = np.diff(matrices.step(step.predicate, inverse=step.inverse).indptr)
        turned = onward.astype(np.float64) - float(first.back) - float(last.back)
    return _Walk(path, first, last, turned)


def _half(matrices: Matrices, place: csr_array, steps: Sequence[Step]) -> _Half:
    first, *rest = steps
    ways, before, back = _step(matrices, place, first), place, False
    for second in rest:
        before, back = ways, second == first.back
        ways = _step(matrices, before, second)
        if back:
            ways = csr_array(ways - ways.multiply(place))
            ways.eliminate_zeros()
    return _Half(ways, before, back, csr_array(ways.T.tocsr()), csr_array(before.T.tocsr()))


def _step(matrices: Matrices, here: csr_array, step: Step) -> csr_array:
    return csr_array(here @ matrices.step(step.predicate, inverse=step.inverse))


def _counted(walk: _Walk, start: _Half, end: _Half, xs: Ints, ys: Ints | None) -> csr_array:
    """Return how many walks lead from items xs by one half and back from items ys by the other."""
    across = end.across if ys is None else end.ways[ys].T
    found = csr_array(start.ways[xs] @ across)
    if walk.turned is not None:
        over = end.across_before if ys is None else end.before[ys].T
        before = start.before[xs]
        before.data = before.data * walk.turned[before.indices]
        found = csr_array(found - before @ over)
    return found


def _paired(walk: _Walk, start: _Half, end: _Half, xs: Ints, ys: Ints) -> Floats:
    """Return the same for pairs of items given side by side."""
    found = np.asarray(start.ways[xs].multiply(end.ways[ys]).sum(axis=1)).ravel()
    if walk.turned is not None:
        shared = start.before[xs].multiply(end.before[ys])
        found = found - np.asarray(shared @ walk.turned).ravel()
    return np.asarray(found, dtype=np.float64)
