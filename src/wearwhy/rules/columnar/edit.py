"""A ground after a change, by the same delete-and-rederive as single facts, whole columns at a time.

Worth it where a change touches many facts: a rule added, taken away or edited, an axiom, a
delivery. What is not touched is shared with the ground before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from wearwhy.rules.budget import Meter
from wearwhy.rules.columnar.closing import Closing
from wearwhy.rules.columnar.fold import folded
from wearwhy.rules.columnar.frozen import Frozen
from wearwhy.rules.columnar.ground import Ground
from wearwhy.rules.columnar.growing import ASSERTED, LOW, Numbers, fresh, present, rising
from wearwhy.rules.columnar.start import divided, told
from wearwhy.rules.columnar.units import Unit, Without
from wearwhy.rules.columns import Bools, Ints, Table
from wearwhy.rules.compile import Compiled
from wearwhy.rules.ledger import Change, Ledger
from wearwhy.rules.model import Assign, Var
from wearwhy.rules.program import Program
from wearwhy.rules.terms import Id

Keys = Mapping[Id, Ints]


class Edit:
    """One change of a ground.

    Args:
        ground: stays as it is.
        program: in force after the change.
        cut: the units of the program's rules.
        meter: what the change may cost.
    """

    __slots__ = ("_alive", "_closing", "_ground", "_minus", "_numbers", "_plus", "_program")

    def __init__(
        self,
        ground: Ground,
        program: Program,
        cut: Mapping[Compiled, list[Unit]],
        meter: Meter,
    ) -> None:
        self._ground = ground
        self._program = program
        units = list(ground.units)
        known = {id(unit): number for number, unit in enumerate(units)}
        self._numbers: dict[Compiled, list[int]] = {}
        for compiled, members in cut.items():
            for unit in members:
                if id(unit) not in known:
                    known[id(unit)] = len(units)
                    units.append(unit)
            self._numbers[compiled] = [known[id(unit)] for unit in members]
        self._alive = frozenset(n for numbers in self._numbers.values() for n in numbers)
        properties = {p: relation.growing() for p, relation in ground.frozen.items()}
        self._closing = Closing(properties, units, program.interner, meter)
        self._plus: dict[Id, list[Ints]] = {}
        self._minus: dict[Id, list[Ints]] = {}

    def run(self, add: Keys, remove: Keys, missing: Keys) -> Ground:
        """Return the ground after a change.

        Args:
            add: pairs to assert, by property; sorted, each once.
            remove: pairs to withdraw, where they are asserted; likewise.
            missing: pairs that are not in the ground, though it may allow them; likewise.
        """
        closing = self._closing
        self._withdraw(self._made_by(self._ground.alive - self._alive))
        said = {}
        for predicate, keys in remove.items():
            pairs = closing.properties.get(predicate)
            if pairs is not None:
                whole = pairs.whole()
                said[predicate] = keys[present(keys, whole.keys[whole.units == ASSERTED])]
        self._withdraw(said)
        for predicate, keys in missing.items():
            self._minus.setdefault(predicate, []).append(keys)
        for predicate, keys in add.items():
            self._assert(predicate, keys)
        reached: list[int] = []
        data = bool(add or remove)
        for stratum in self._program.strata:
            numbers = [n for c in stratum.rules for n in self._numbers.get(c, ())]
            reached += numbers
            self._stratum(numbers, reached, self._alive - self._ground.alive, data=data)
        return self._result()

    def _result(self) -> Ground:
        closing, ground = self._closing, self._ground
        touched = self._plus.keys() | self._minus.keys() | closing.added.keys()
        relations = dict(ground.relations)
        for predicate in touched & closing.properties.keys():
            relations[predicate] = Frozen(closing.properties[predicate])
        return Ground(relations, closing.units, self._alive)

    # -- taking away ---------------------------------------------------------------------------

    def _made_by(self, numbers: frozenset[int]) -> dict[Id, Ints]:
        found: dict[Id, Ints] = {}
        units = self._closing.units
        for predicate in {units[n].head.predicate for n in numbers}:
            pairs = self._closing.properties.get(predicate)
            if pairs is not None:
                whole = pairs.whole()
                found[predicate] = whole.keys[_one_of(whole.units, numbers, len(units))]
        return found

    def _withdraw(self, dead: Mapping[Id, Ints]) -> None:
        """Take pairs away with everything whose kept derivation rests on them."""
        closing = self._closing
        front = {p: keys for p, keys in dead.items() if len(keys)}
        while front:
            for predicate, keys in front.items():
                closing.properties[predicate] = closing.properties[predicate].without(keys)
                self._minus.setdefault(predicate, []).append(keys)
            closing.meter.look()
            front = self._resting_on(front)

    def _resting_on(self, front: Mapping[Id, Ints]) -> dict[Id, Ints]:
        found: dict[Id, list[Ints]] = {}
        for number in range(len(self._closing.units)):
            unit = self._closing.units[number]
            head = self._closing.properties.get(unit.head.predicate)
            if (
                head is None
                or not len(head)
                or all(p.predicate not in front for p in unit.patterns)
            ):
                continue
            whole = head.whole()
            mine = (whole.units == number).nonzero()[0]
            if not len(mine):
                continue
            keys = whole.keys[mine]
            hit: Bools = np.zeros(len(mine), dtype=bool)
            for pattern, premises in unit.columns(keys, [e[mine] for e in whole.extras]):
                if pattern.predicate in front:
                    hit |= present(premises, front[pattern.predicate])
            if hit.any():
                found.setdefault(unit.head.predicate, []).append(keys[hit])
        return {p: np.sort(np.concatenate(parts)) for p, parts in found.items()}

    # -- bringing in ---------------------------------------------------------------------------

    def _assert(self, predicate: Id, keys: Ints) -> None:
        """Assert pairs: new ones, and those that were only derived."""
        closing = self._closing
        pairs = closing.to_grow(predicate)
        new, at = fresh(keys, pairs.keys)
        if len(new) < len(keys):
            whole = pairs.whole()
            units = whole.units.copy()
            units[present(whole.keys, keys)] = ASSERTED
            pairs = closing.properties[predicate] = pairs.replaced(units)
        if len(new):
            pairs.add(keys[new], at, np.full(len(new), ASSERTED, np.int32), ())
        self._plus.setdefault(predicate, []).append(keys[new])

    def _stratum(
        self, numbers: list[int], reached: list[int], begun: frozenset[int], *, data: bool
    ) -> None:
        closing = self._closing
        anew = set(begun)
        for number in numbers:
            if number not in begun and self._unsettled(closing.units[number], number, data=data):
                anew.add(number)
        plus = {
            p: _joined([*self._plus.get(p, ()), *closing.added.get(p, ())])
            for p in self._plus.keys() | closing.added.keys()
        }
        for number in numbers:
            closing.begin(number)
        for number in numbers:
            unit = closing.units[number]
            if number in anew:
                closing.conclude_all(number, Table(1, {}), unit.patterns)
                continue
            for n, pattern in enumerate(unit.patterns):
                new = plus.get(pattern.predicate)
                if new is None or not len(new):
                    continue
                held = new[present(new, closing.pairs(pattern.predicate).keys)]
                others = unit.patterns[:n] + unit.patterns[n + 1 :]
                closing.conclude_all(number, closing.table(pattern, held), others)
        self._rederive(reached)
        closing.stratum(numbers)

    def _rederive(self, reached: list[int]) -> None:
        """Put back what the units reached so far still conclude."""
        closing = self._closing
        for number in reached:
            unit = closing.units[number]
            lost = self._minus.get(unit.head.predicate)
            if lost is None:
                continue
            keys = _joined(lost)
            keys = keys[~present(keys, closing.pairs(unit.head.predicate).keys)]
            table = closing.table(unit.head, keys)
            if table.length:
                closing.conclude_all(number, table, unit.patterns)

    def _unsettled(self, unit: Unit, number: int, *, data: bool) -> bool:
        """Withdraw what a NOT now forbids; return whether the unit must be told of everything."""
        more = data and unit.compiled.rule.data
        nots = [test for test in unit.tests if isinstance(test, Without)]
        if not nots:
            return more
        reads = {p.predicate for test in nots for p in test.patterns}
        more |= any(test.data and data for test in nots)
        if more or reads & (self._plus.keys() | self._closing.added.keys()):
            made = self._made_by(frozenset((number,)))
            keys = made.get(unit.head.predicate)
            if keys is not None and len(keys):
                self._withdraw({unit.head.predicate: self._blocked(unit, number, keys)})
            # What SET gave is not kept: then all that the unit concluded is looked for again.
            more |= any(isinstance(test, Assign) for test in unit.tests)
        return more or bool(reads & self._minus.keys())

    def _blocked(self, unit: Unit, number: int, keys: Ints) -> Ints:
        if any(isinstance(test, Assign) for test in unit.tests):
            return keys
        whole = self._closing.properties[unit.head.predicate].whole()
        mine = (whole.units == number).nonzero()[0]
        columns: dict[Var, Ints] = {
            var: e[mine].astype(np.int64) for var, e in zip(unit.extras, whole.extras, strict=False)
        }
        head = ((unit.head.subject, keys >> 32), (unit.head.object, keys & LOW))
        columns.update((end, ids) for end, ids in head if isinstance(end, Var))
        return keys[self._closing.blocked(unit, Table(len(keys), columns))]


def _one_of(units: Numbers, numbers: frozenset[int], size: int) -> Bools:
    wanted = np.zeros(size + 1, dtype=bool)
    wanted[list(numbers)] = True
    # ASSERTED is -1: the last place, which is none of them.
    found: Bools = wanted[units]
    return found


def _joined(parts: list[Ints]) -> Ints:
    return parts[0] if len(parts) == 1 else rising(np.concatenate(parts))


def edited(
    layer: Ledger, program: Program, change: Change, meter: Meter
) -> tuple[Ground, tuple[Compiled, ...]]:
    """Return the ground of a layer after a change, and the rules that are left over.

    Guesses are no part of a ground: those of the layer and of the change are for the caller.
    """
    ground, missing = folded(layer)
    cut, left = divided(program)
    add = told(program.interner, change.add).pairs()
    remove = told(program.interner, change.remove).pairs()
    return Edit(ground, program, cut, meter).run(add, remove, missing), left
