"""The ground that layers lie on: a graph closed as arrays, with the reason for each fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from wearwhy.rdf import NamedNode
from wearwhy.rules.columnar.frozen import Frozen
from wearwhy.rules.columnar.growing import ASSERTED, LOW
from wearwhy.rules.columnar.units import Unit
from wearwhy.rules.columns import Ints
from wearwhy.rules.ledger import ASSERTED as SAID
from wearwhy.rules.ledger import Because, Entry
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id, Row


class Ground:
    """Closed properties and their reasons; nothing here is ever in doubt.

    Attributes:
        relations: the pairs of each property.
        units: what concluded them, by number.
        alive: the numbers of the units that the graph is closed under.
    """

    __slots__ = ("_size", "alive", "relations", "units")

    def __init__(
        self, relations: dict[Id, Relation], units: Sequence[Unit], alive: frozenset[int]
    ) -> None:
        self.relations = relations
        self.units = units
        self.alive = alive
        self._size = sum(relation.size for relation in relations.values())

    @property
    def frozen(self) -> Mapping[Id, Frozen]:
        """The properties, as what they are."""
        return self.relations  # type: ignore[return-value]

    def __len__(self) -> int:
        return self._size

    def sees(self, row: Row) -> bool:
        """Return whether a row is there."""
        relation = self.relations.get(row[1])
        return relation is not None and relation.has(row[0], row[2])

    def entry(self, row: Row) -> Entry | None:
        """Return why a row is there, or None if it is not."""
        subject, predicate, obj = row
        relation = self.relations.get(predicate)
        if relation is None:
            return None
        assert isinstance(relation, Frozen)
        at = relation.find(subject, obj)
        if at < 0:
            return None
        number, extras = relation.reason(at)
        if number == ASSERTED:
            return SAID
        unit = self.units[number]
        return Because(unit.compiled, unit.premises(subject, obj, extras))

    def keys(self, predicate: Id, *, asserted: bool = False) -> Ints:
        """Return the pairs of a property as numbers, rising; or of those what was asserted."""
        relation = self.frozen.get(predicate)
        if relation is None:
            return np.empty(0, np.int64)
        return relation.asserted() if asserted else relation.keys

    def rows(self) -> Iterator[Row]:
        """Yield every row."""
        for predicate, relation in self.relations.items():
            for subject, obj in relation.pairs():
                yield subject, predicate, obj

    def made_by(self, iri: NamedNode) -> list[Row]:
        """Return the rows whose kept derivation is by a rule."""
        numbers = [n for n, unit in enumerate(self.units) if unit.compiled.rule.iri == iri]
        found: list[Row] = []
        for predicate in {self.units[n].head.predicate for n in numbers}:
            relation = self.frozen.get(predicate)
            if relation is None:
                continue
            whole = relation.whole()
            keys: Ints = whole.keys[np.isin(whole.units, numbers)]
            subjects, objects = (keys >> 32).tolist(), (keys & LOW).tolist()
            found += [(s, predicate, o) for s, o in zip(subjects, objects, strict=True)]
        return found
