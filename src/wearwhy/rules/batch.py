"""The array reading: item, pair and look rules over all candidates of a request at once.

Rules that speak of items under consideration, of pairs or of looks, and the measures over them,
are solved on columns in the order of their strata. The resident engine, asked about one look in a
layer of its own, must say the same; it is what explanations are made from.

What a rule says of an item or a pair may not depend on the look it stands in, and what is
concluded from a look is said of that look.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from wearwhy.rdf import TYPE, WW, NamedNode
from wearwhy.rules.alone import Alone
from wearwhy.rules.arrays import columns_of
from wearwhy.rules.columns import Columns, Ints, Places, distinct, key
from wearwhy.rules.layer import Layer
from wearwhy.rules.opinions import Opinions, verdict_of
from wearwhy.rules.schedule import schedule
from wearwhy.rules.solver import Solver
from wearwhy.rules.stages import Facts, Run, Setting
from wearwhy.rules.terms import Id
from wearwhy.rules.virtual import VIRTUAL

__all__ = ["Batch", "Opinions", "verdict_of"]


class Batch:
    """The opinions of a program on the candidates of one request.

    Args:
        layer: the request's layer: the request's own facts, considering nothing yet.
        candidates: the items under consideration; everything else names them by position.
    """

    def __init__(self, layer: Layer, candidates: Sequence[NamedNode]) -> None:
        self._schedule = schedule(layer.program)
        self._terms = self._schedule.terms
        of = self._terms.id
        self._ids: Ints = np.array([of(c) for c in candidates], dtype=np.int64)
        requests = sorted(layer.instances(WW.Request), key=str)
        self._request = of(requests[0] if requests else WW.request)

        def seen(predicate: Id, view: str) -> Columns:
            return columns_of(layer, predicate, view)

        items = np.unique(self._ids)
        solver = Solver(seen, lambda: list(layer.relations), self._terms, self._schedule.memory)
        alone = Alone(layer, items, self._request, self._schedule, solver)
        self._setting = Setting(layer, self._schedule, items, self._request, alone, Places(items))
        considered = (np.full(len(self._ids), self._request, np.int64), self._ids)
        self._given: Facts = {}
        self._given = self._columns({WW.considers: considered})
        run = Run(self._setting, self._given, {}, self._ids)
        self._items = run.opinions(self._schedule.items)
        self._known = run.facts

    def items(self) -> Opinions:
        """Return the opinions on each candidate by itself."""
        return self._items

    def pairs(self, first: Ints, second: Ints) -> Opinions:
        """Return the opinions on pairs of candidates, given by position, lower slot first."""
        rows = np.arange(len(first)) + VIRTUAL
        run = Run(
            self._setting, self._columns(self._paired(rows, first, second)), self._known, rows
        )
        return run.opinions(self._schedule.pairs)

    def looks(self, members: Sequence[Sequence[int]]) -> Opinions:
        """Return the opinions on looks, each given by the positions of its items in slot order."""
        rows = np.arange(len(members)) + VIRTUAL
        count = np.fromiter(map(len, members), np.int64, len(members))
        flat = np.fromiter(itertools.chain.from_iterable(members), np.int64, int(count.sum()))
        facts: dict[NamedNode, tuple[Ints, Ints]] = {}
        kinds = (rows, np.full(len(rows), self._terms.id(WW.Look), np.int64))
        known = self._known
        if self._schedule.pairs_of_looks:
            of, first, second = _pairs_of(flat, count)
            names = np.arange(len(of)) + VIRTUAL + len(rows)
            facts = self._paired(names, first, second)
            if self._schedule.paired.groups:
                run = Run(self._setting, self._columns(facts), known, names)
                run.opinions(self._schedule.paired)
                known = run.facts
            of_pairs = facts[TYPE]
            kinds = (
                np.concatenate((rows, of_pairs[0])),
                np.concatenate((kinds[1], of_pairs[1])),
            )
            facts[WW.hasPair] = (rows[of], names)
        facts |= {
            TYPE: kinds,
            WW.forRequest: (rows, np.full(len(rows), self._request, np.int64)),
            WW.hasItem: (rows.repeat(count), self._ids[flat]),
        }
        run = Run(self._setting, self._columns(facts), known, rows)
        return run.opinions(self._schedule.looks)

    def _paired(self, rows: Ints, first: Ints, second: Ints) -> dict[NamedNode, tuple[Ints, Ints]]:
        a, b = self._ids[first], self._ids[second]
        return {
            TYPE: (rows, np.full(len(rows), self._terms.id(WW.Pair), np.int64)),
            WW.first: (rows, a),
            WW.second: (rows, b),
            WW.member: (np.concatenate((rows, rows)), np.concatenate((a, b))),
        }

    def _columns(self, facts: dict[NamedNode, tuple[Ints, Ints]]) -> Facts:
        columns = {self._terms.id(p): distinct(key(s, o)) for p, (s, o) in facts.items()}
        return self._given | columns


def _pairs_of(flat: Ints, count: Ints) -> tuple[Ints, Ints, Ints]:
    """Return each pair of each look: the look's position, and its two items in their order.

    Args:
        flat: the items of all looks, look by look.
        count: how many items each look has.
    """
    start = count.cumsum() - count
    many = count * (count - 1) // 2
    place = many.cumsum() - many
    of = np.arange(len(count)).repeat(many)
    first, second = np.empty(len(of), np.int64), np.empty(len(of), np.int64)
    for size in np.flatnonzero(np.bincount(count, minlength=1)).tolist():
        if size > 1:
            looks = (count == size).nonzero()[0]
            one, other = np.triu_indices(size, 1)
            at = place[looks][:, None] + np.arange(len(one))
            first[at] = flat[start[looks][:, None] + one]
            second[at] = flat[start[looks][:, None] + other]
    return of, first, second
