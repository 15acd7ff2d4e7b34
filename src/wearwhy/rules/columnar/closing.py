"""Semi-naive closing over arrays: strata of units, a property's rules at a time.

Every unit remembers which batches of each property it was told of. In a turn all units that
conclude one property are told of what is new, and what they conclude becomes one batch; a
property that feeds itself has its turn again at once. A kept firing has premises of earlier
batches only, so that no derivation rests on itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from wearwhy.rules.budget import Meter
from wearwhy.rules.columnar.growing import ASSERTED, Batch, Growing, Numbers, first_of_each, fresh
from wearwhy.rules.columnar.joins import Joiner
from wearwhy.rules.columnar.units import Pattern, Unit, Without
from wearwhy.rules.columns import Ints, Table
from wearwhy.rules.model import Var
from wearwhy.rules.terms import Id, Interner

_EMPTY = Growing()
# From how many conclusions on repetitions are dropped before others are waited for.
_MANY: Final = 1 << 20


class Closing:
    """The properties of a graph while it is being closed.

    Attributes:
        properties: the pairs of each property.
        units: every unit that may stand as a reason, by its number.
        added: what was concluded, by property.
    """

    __slots__ = ("_asserted", "_joiner", "_seen", "added", "meter", "properties", "units")

    def __init__(
        self,
        properties: dict[Id, Growing],
        units: list[Unit],
        interner: Interner,
        meter: Meter,
    ) -> None:
        self.properties = properties
        self._asserted: dict[Id, Growing] = {}
        # How many batches of each pattern's property a unit was told of; None: of nothing.
        self._seen: dict[int, list[int] | None] = {}
        self.units = units
        self.meter = meter
        self.added: dict[Id, list[Ints]] = {}
        self._joiner = Joiner(self.pairs, interner, meter)

    def pairs(self, predicate: Id, asserted: bool = False) -> Growing:
        """Return a property's pairs, or of those what somebody asserted."""
        if not asserted:
            return self.properties.get(predicate, _EMPTY)
        found = self._asserted.get(predicate)
        if found is None:
            whole = self.properties.get(predicate, _EMPTY).whole()
            keys = whole.keys[whole.units == ASSERTED]
            found = self._asserted[predicate] = Growing(asserted_batch(keys))
        return found

    def to_grow(self, predicate: Id) -> Growing:
        """Return a property's pairs, which are none at first."""
        found = self.properties.get(predicate)
        if found is None:
            found = self.properties[predicate] = Growing()
        return found

    def begin(self, number: int) -> None:
        """Take a unit to have been told of everything there is."""
        unit = self.units[number]
        data = unit.compiled.rule.data
        self._seen[number] = [len(self.pairs(p.predicate, data).log) for p in unit.patterns]

    def table(self, pattern: Pattern, keys: Ints) -> Table:
        """Return the table of those among some pairs that a pattern matches."""
        return self._joiner.begin(pattern, keys)

    def stratum(self, numbers: Iterable[int]) -> None:
        """Close the graph under the units of one stratum, given by their numbers."""
        groups: dict[Id, list[int]] = defaultdict(list)
        for number in numbers:
            groups[self.units[number].head.predicate].append(number)
        reads = {
            head: {p.predicate for n in members for p in self.units[n].patterns}
            for head, members in groups.items()
        }
        turns = _turns(reads)
        again = True
        while again:
            again = False
            for head in turns:
                while self._turn(head, groups[head]):
                    self.meter.turn()
                    again = True
                    if head not in reads[head]:
                        break

    def _turn(self, head: Id, numbers: list[int]) -> bool:
        """Tell a property's units what is new; return whether they concluded anything new."""
        self.meter.turn()
        keys: list[Ints] = []
        by: list[int] = []
        extras: list[list[Ints]] = []
        for number in numbers:
            unit = self.units[number]
            self.meter.rule = unit.compiled.rule
            for table in self._told(number):
                self._hear(unit, table, keys, extras)
                by.append(number)
        return self._conclude(head, keys, by, extras) if keys else False

    def conclude_all(self, number: int, table: Table, patterns: tuple[Pattern, ...]) -> None:
        """Conclude what solutions that extend a table allow a unit."""
        unit = self.units[number]
        self.meter.rule = unit.compiled.rule
        keys: list[Ints] = []
        extras: list[list[Ints]] = []
        for solved in self._solutions(unit, table, patterns):
            self._hear(unit, solved, keys, extras)
        if keys:
            self._conclude(unit.head.predicate, keys, [number] * len(keys), extras)

    def _hear(self, unit: Unit, table: Table, keys: list[Ints], extras: list[list[Ints]]) -> None:
        """Note what solutions conclude; of very many, each conclusion once."""
        found = head_keys(unit, table)
        self.meter.spend(len(found))
        if len(found) > _MANY:
            first = first_of_each(found)
            found, table = found[first], table.take(first)
        keys.append(found)
        extras.append([table.columns[v] for v in unit.extras])

    def _told(self, number: int) -> Iterator[Table]:
        unit = self.units[number]
        data = unit.compiled.rule.data
        logs = [len(self.pairs(p.predicate, data).log) for p in unit.patterns]
        seen = self._seen.get(number)
        self._seen[number] = logs if all(logs) else None
        if not all(logs):
            return
        if seen is None:
            yield from self._solutions(unit, Table(1, {}), unit.patterns)
            return
        for n, pattern in enumerate(unit.patterns):
            if seen[n] == logs[n]:
                continue
            new = self.pairs(pattern.predicate, data).since(seen[n])
            table = self._joiner.begin(pattern, new)
            if table.length:
                others = unit.patterns[:n] + unit.patterns[n + 1 :]
                yield from self._solutions(unit, table, others)

    def _solutions(
        self, unit: Unit, table: Table, patterns: tuple[Pattern, ...]
    ) -> Iterator[Table]:
        data = unit.compiled.rule.data
        return self._joiner.solve(table, patterns, unit.tests, data=data)

    def blocked(self, unit: Unit, table: Table) -> Ints:
        """Return the rows of a table of solutions that some NOT of the unit forbids."""
        found = np.zeros(table.length, dtype=bool)
        for test in unit.tests:
            if isinstance(test, Without):
                found |= self._joiner.exists(table, test)
        return found.nonzero()[0]

    def _conclude(
        self, head: Id, keys: list[Ints], by: list[int], extras: list[list[Ints]]
    ) -> bool:
        """Add what is new among conclusions of one property, each for the first reason given."""
        every = keys[0] if len(keys) == 1 else np.concatenate(keys)
        first = first_of_each(every)
        once = every[first]
        pairs = self.to_grow(head)
        new, at = fresh(once, pairs.keys)
        if not len(new):
            return False
        chosen = first[new]
        sizes = [len(k) for k in keys]
        units = np.repeat(np.array(by, dtype=np.int32), sizes)[chosen]
        width = max(map(len, extras))
        columns: list[Numbers] = []
        for n in range(width):
            parts = [
                e[n] if n < len(e) else np.zeros(size, np.int64)
                for e, size in zip(extras, sizes, strict=True)
            ]
            whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
            columns.append(whole[chosen].astype(np.int32))
        pairs.add(once[new], at, units, tuple(columns))
        self.added.setdefault(head, []).append(once[new])
        return True


def head_keys(unit: Unit, table: Table) -> Ints:
    """Return the pairs that solutions of a unit conclude."""
    s, o = (
        table.columns[end] if isinstance(end, Var) else np.full(table.length, end, np.int64)
        for end in (unit.head.subject, unit.head.object)
    )
    keys: Ints = (s << 32) | o
    return keys


def asserted_batch(keys: Ints) -> Batch:
    """Return asserted pairs (sorted, each once) as a first batch."""
    return Batch(keys, np.full(len(keys), ASSERTED, np.int32), ())


def _turns(reads: dict[Id, set[Id]]) -> list[Id]:
    """Return the properties so that, cycles apart, each comes after those it is concluded from."""
    done: dict[Id, None] = {}
    opened: set[Id] = set()
    for start, first in reads.items():
        if start in opened:
            continue
        stack = [(start, iter(sorted(first)))]
        opened.add(start)
        while stack:
            node, following = stack[-1]
            after = next((n for n in following if n in reads and n not in opened), None)
            if after is None:
                stack.pop()
                done[node] = None
            else:
                opened.add(after)
                stack.append((after, iter(sorted(reads[after]))))
    return list(done)
