"""The kept derivations of every fact at once: numbered facts, each with its rule and premises.

One proof is asked of the ledger fact by fact; all of them together are arrays, made in a fraction
of the time the closing took.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wearwhy.rules.columnar.fold import folded
from wearwhy.rules.columnar.ground import Ground
from wearwhy.rules.columnar.growing import LOW, Numbers
from wearwhy.rules.columns import Ints
from wearwhy.rules.compile import Compiled
from wearwhy.rules.ledger import Because, Computed, Ledger
from wearwhy.rules.terms import Id, Row

LEAF = -1
"""The rule of a fact that no rule concluded."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Every visible fact, numbered from 0, and the derivation that is kept for it.

    Attributes:
        rows: of each fact the ids of subject, predicate and object; an array of three columns.
        rules: the rules that concluded something.
        rule: of each fact which of `rules` concluded it; LEAF for what was said, guessed, computed.
        begins: where each fact's premises begin in `premises`, and at last where they end.
        premises: the numbers of the facts that the rule's patterns matched, in written order.
    """

    rows: Numbers
    rules: tuple[Compiled, ...]
    rule: Numbers
    begins: Ints
    premises: Ints

    def of(self, number: int) -> Ints:
        """Return the numbers of a fact's premises."""
        return self.premises[self.begins[number] : self.begins[number + 1]]

    def heights(self) -> Numbers:
        """Return how many firings stand above each other in each fact's proof, 0 for a leaf."""
        found: Numbers = np.zeros(len(self.rule), np.int32)
        owner = np.arange(len(self.rule)).repeat(np.diff(self.begins))
        while True:
            above = found.copy()
            np.maximum.at(above, owner, found[self.premises] + 1)
            if (above == found).all():
                return found
            found = above


def forest(layer: Ledger) -> Forest:
    """Return the kept derivations of everything that a layer sees."""
    ground, missing = folded(layer)
    starts, total = {}, 0
    for predicate, relation in ground.frozen.items():
        starts[predicate] = total
        total += relation.size
    single = [
        (key >> 32, predicate, key & LOW)
        for predicate, keys in missing.items()
        for key in keys.tolist()
        if layer.sees((key >> 32, predicate, key & LOW))
    ]
    rules: dict[Compiled, int] = {}
    rows = np.empty((total + len(single), 3), np.int32)
    rule = np.full(len(rows), LEAF, np.int32)
    counts = np.zeros(len(rows), np.int64)
    parts = _ground(ground, starts, rules, (rows, rule, counts))
    numbers = {row: total + n for n, row in enumerate(single)}
    told = [_single(layer, row, ground, starts, numbers) for row in single]
    for (row, number), (compiled, found) in zip(numbers.items(), told, strict=True):
        rows[number] = row
        counts[number] = len(found)
        if compiled is not None:
            rule[number] = rules.setdefault(compiled, len(rules))
    begins = np.concatenate(([0], counts.cumsum()))
    premises = np.empty(int(begins[-1]), np.int64)
    for places, column, found_in in parts:
        premises[begins[places] + column] = found_in
    for number, (_, found) in zip(numbers.values(), told, strict=True):
        premises[begins[number] : begins[number + 1]] = found
    return Forest(rows, tuple(rules), rule, begins, premises)


def _ground(
    ground: Ground,
    starts: dict[Id, int],
    rules: dict[Compiled, int],
    into: tuple[Numbers, Numbers, Ints],
) -> list[tuple[Ints, int, Ints]]:
    """Fill in the facts of a ground; return, by place in the rule, where premises are found."""
    rows, rule, counts = into
    parts: list[tuple[Ints, int, Ints]] = []
    for predicate, relation in ground.frozen.items():
        start, whole = starts[predicate], relation.whole()
        end = start + relation.size
        rows[start:end, 0], rows[start:end, 1] = whole.keys >> 32, predicate
        rows[start:end, 2] = whole.keys & LOW
        order = whole.units.argsort(kind="stable")
        names, begins = np.unique(whole.units[order], return_index=True)
        for number, mine in zip(names.tolist(), np.split(order, begins[1:]), strict=False):
            if number < 0:
                continue
            unit, places = ground.units[number], start + mine
            rule[places] = rules.setdefault(unit.compiled, len(rules))
            counts[places] = len(unit.patterns)
            columns = unit.columns(whole.keys[mine], [e[mine] for e in whole.extras])
            for column, (pattern, keys) in enumerate(columns):
                known = ground.frozen[pattern.predicate].keys
                parts.append((places, column, starts[pattern.predicate] + known.searchsorted(keys)))
    return parts


def _single(
    layer: Ledger, row: Row, ground: Ground, starts: dict[Id, int], numbers: dict[Row, int]
) -> tuple[Compiled | None, list[int]]:
    """Return the rule and the premises of a fact that the ground leaves out."""
    entry = layer.entry(row)
    if not isinstance(entry, Because | Computed):
        return None, []
    found = []
    for premise in entry.premises:
        number = numbers.get(premise)
        if number is None:
            s, p, o = premise
            number = starts[p] + ground.frozen[p].find(s, o)
        found.append(number)
    return entry.rule if isinstance(entry, Because) else None, found
