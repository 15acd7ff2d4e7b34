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
from wearwhy.rules.columns import Columns, Floats, Ints, Places, distinct, key
from wearwhy.rules.lasting import Kept, kept, touched
from wearwhy.rules.layer import Layer
from wearwhy.rules.memberwise import Memberwise
from wearwhy.rules.memory import WIDE, Memory, by_property, signature
from wearwhy.rules.opinions import Opinions, merged, opinions, verdict_of
from wearwhy.rules.schedule import Remainder, Stage, schedule
from wearwhy.rules.solver import Solver
from wearwhy.rules.stages import Facts, Run, Setting
from wearwhy.rules.terms import Id
from wearwhy.rules.virtual import VIRTUAL

__all__ = ["Batch", "Opinions", "verdict_of"]

REQUESTS = 64
"""Of how many sorts of requests opinions on pairs are kept."""

AHEAD = 20_000
"""How many pairs are solved at once, at most, that nobody has asked about yet."""


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
        self._at = items.searchsorted(self._ids)
        solver = Solver(seen, lambda: list(layer.relations), self._terms, self._schedule.memory)
        said = by_property(layer, self._request)
        alone = Alone(layer, items, self._request, self._schedule, solver, said=said)
        self._setting = Setting(
            layer,
            self._schedule,
            items,
            self._request,
            alone,
            Places(items),
            sole=len(requests) == 1,
        )
        considered = (np.full(len(self._ids), self._request, np.int64), self._ids)
        self._given: Facts = {}
        self._given = self._columns({WW.considers: considered})
        run = Run(self._setting, self._given, {}, self._ids)
        self._memory: Memory | None = None
        below = layer.under
        if below is not None and below.program is layer.program and len(self._ids) <= WIDE:
            self._memory = Memory(below, said, self._ids.tobytes())
        self._said = said
        self._items = run.opinions(self._schedule.items, self._memory)
        self._known = run.facts
        self._quick: Memberwise | None = None

    def items(self) -> Opinions:
        """Return the opinions on each candidate by itself."""
        return self._items

    def pairs(self, first: Ints, second: Ints) -> Opinions:
        """Return the opinions on pairs of candidates, given by position, lower slot first."""
        layer, schedule = self._setting.layer, self._schedule
        below = layer.under
        if below is None or below.program is not layer.program:
            return self._solved(schedule.pairs, first, second)
        lasting, passing = schedule.divided(*touched(layer, self._setting.items))
        keys = key(self._ids[first], self._ids[second])
        found = [self._kept(kept(below, lasting), lasting, keys, first, second)]
        for stage in schedule.apart(passing, frozenset(self._said)):
            rests = schedule.rests(stage)
            if rests is None:
                now = self._solved(stage, first, second)
                found.append((now.row, now.rule, now.confidence))
            else:
                said = kept(below, (stage, signature(self._said, rests)), most=REQUESTS)
                found.append(self._kept(said, stage, keys, first, second))
        row, rule, sure = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return merged(len(first), schedule.pairs.verdicts, row, rule, sure)

    def _kept(
        self, known: Kept, stage: Stage, keys: Ints, first: Ints, second: Ints
    ) -> tuple[Ints, Ints, Floats]:
        """Return the opinions of a stage on pairs; those that nobody asked about are added."""
        unknown = known.unknown(keys)
        if len(unknown):
            first, second = self._with_all(known, first[unknown], second[unknown])
            keys_of = key(self._ids[first], self._ids[second])
            new, at = np.unique(keys_of, return_index=True)
            known.add(new, self._solved(stage, first[at], second[at]))
        return known.of(keys)

    def _with_all(self, known: Kept, first: Ints, second: Ints) -> tuple[Ints, Ints]:
        """Return unknown pairs, and those of their items with all that were ever asked about.

        They will be asked about soon, and cost next to nothing beside the others.
        """
        new = np.unique(np.concatenate((first, second)))
        old = np.isin(self._ids, np.concatenate((known.items, self._ids[new]))).nonzero()[0]
        if len(new) * len(old) > AHEAD:
            return first, second
        a, b = new.repeat(len(old)), np.tile(old, len(new))
        a, b = np.minimum(a, b), np.maximum(a, b)
        fresh = known.unknown(key(self._ids[a], self._ids[b]))
        fresh = fresh[a[fresh] != b[fresh]]
        return np.concatenate((first, a[fresh])), np.concatenate((second, b[fresh]))

    def _solved(self, stage: Stage, first: Ints, second: Ints) -> Opinions:
        """Return the opinions of a stage on pairs."""
        rows = np.arange(len(first)) + VIRTUAL
        facts = self._columns(self._paired(rows, first, second))
        return Run(self._setting, facts, self._known, rows).opinions(stage)

    def looks(self, members: Sequence[Sequence[int]]) -> Opinions:
        """Return the opinions on looks, each given by the positions of its items in slot order."""
        count = np.fromiter(map(len, members), np.int64, len(members))
        flat = np.fromiter(itertools.chain.from_iterable(members), np.int64, int(count.sum()))
        quick = self._memberwise()
        fired = quick.fired(self._at[flat], count)
        rest = self._schedule.remainder(frozenset(quick.missed))
        if rest is not None:
            joined = self._joined(rest, flat, count)
            fired += [
                (joined.row[mine], int(number), joined.confidence[mine])
                for number in np.unique(joined.rule)
                for mine in [(joined.rule == number).nonzero()[0]]
            ]
        return opinions(len(members), self._schedule.looks.verdicts, fired)

    def _memberwise(self) -> Memberwise:
        if self._quick is None:
            schedule = self._schedule
            run = Run(self._setting, self._given, self._known, self._ids[:0])
            run.opinions(schedule.before)
            self._quick = Memberwise(
                self._setting, run, schedule.readings, schedule.counted, self._memory
            )
        return self._quick

    def _joined(self, rest: Remainder, flat: Ints, count: Ints) -> Opinions:
        """Return the opinions of the rules that are not read off the members."""
        rows = np.arange(len(count)) + VIRTUAL
        facts: dict[NamedNode, tuple[Ints, Ints]] = {}
        kinds = (rows, np.full(len(rows), self._terms.id(WW.Look), np.int64))
        known = self._known
        if rest.pairs:
            of, first, second = _pairs_of(flat, count)
            names = np.arange(len(of)) + VIRTUAL + len(rows)
            facts = self._paired(names, first, second)
            if rest.paired.groups:
                run = Run(self._setting, self._columns(facts), known, names)
                run.opinions(rest.paired)
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
        return run.opinions(rest.stage)

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
