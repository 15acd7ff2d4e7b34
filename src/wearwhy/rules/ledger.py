"""The ledger: for every visible row why it is there, in one layer over those below.

A row's entry is a leaf (somebody asserted it, a model guessed it) or the derivation that is kept
for it. Rows, relations and entries of the layers below are read, never written.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.compile import Compiled
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Rule
from wearwhy.rules.program import Program
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id, Interner, Row

if TYPE_CHECKING:
    from wearwhy.rules.columnar.ground import Ground


class Asserted(NamedTuple):
    """A leaf: somebody said so."""


class Guess(NamedTuple):
    """A leaf: a model said so, with this probability."""

    probability: float


class Because(NamedTuple):
    """A firing: the rule and the rows its atoms matched, in written order."""

    rule: Compiled
    premises: tuple[Row, ...]


class Computed(NamedTuple):
    """A measure's result and the rows it was computed from."""

    measure: Measure
    premises: tuple[Row, ...]


Entry: TypeAlias = Asserted | Guess | Because | Computed
ASSERTED = Asserted()


@dataclass(frozen=True, slots=True)
class Change:
    """What a layer adds to and takes from the one below.

    Attributes:
        add: facts to assert.
        remove: asserted facts to withdraw (facts that are not asserted are left alone).
        predict: guesses with their probabilities.
        unpredict: guesses to withdraw.
        rules_add: rules to add, or to put in the place of those with the same IRI.
        rules_remove: rules to take away.
    """

    add: tuple[Fact, ...] = ()
    remove: tuple[Fact, ...] = ()
    predict: tuple[tuple[Fact, float], ...] = ()
    unpredict: tuple[Fact, ...] = ()
    rules_add: tuple[Rule, ...] = ()
    rules_remove: tuple[NamedNode, ...] = ()


class Ledger:
    """The rows of a layer and why each is visible.

    A layer is kept as what it changes in the layer under it, or in a ground: a graph closed as
    arrays. A layer with a ground of its own lies on another without being kept as its change.

    Attributes:
        below: the layer this one lies on, or None at the root.
        under: the layer whose rows are read through this one; None where the ground comes next.
        ground: the arrays that this layer, or the lowest one under it, is kept over.
        program: the rules and measures in force here.
        sources: the rules it was made from, before axioms were compiled in.
        number: unique in the process.
        relations: the visible pairs of each property.
        entries: the rows whose entry was written here.
        gone: rows that are visible under this layer and not here.
        uses: for a row the heads that an entry of this layer rests on it, where no rule can be run
            again to find them; may name stale ones.
        uncertain: the confidence of rows of `entries` where it is below 1.
        predictions: what a model said here; None where it was taken back.
        guessed: properties some guess was ever made of.
        doubtful: whether any row at all may have a confidence below 1.
        cache: what others computed from this layer and may keep with it.
    """

    _numbers = itertools.count(1)

    below: Ledger | None

    def __init__(
        self,
        below: Ledger | None,
        program: Program,
        sources: tuple[Rule, ...],
        ground: Ground | None = None,
    ) -> None:
        self.below = below
        under = self.under = below if ground is None else None
        self.ground: Ground | None = under.ground if under is not None else ground
        self.program = program
        self.sources = sources
        self.number = next(self._numbers)
        self.interner: Interner = program.interner
        origin = self.origin
        self.relations: dict[Id, Relation] = dict(origin.relations) if origin else {}
        self.entries: dict[Row, Entry] = {}
        self.gone: dict[Row, None] = {}
        self.uses: dict[Row, list[Row]] = {}
        self.uncertain: dict[Row, float] = {}
        self.predictions: dict[Row, float | None] = {}
        self.guessed: frozenset[Id] = under.guessed if under else frozenset()
        self.doubtful: bool = under.doubtful if under else False
        self.cache: dict[object, object] = {}

    @property
    def origin(self) -> Ledger | Ground | None:
        """What this layer is kept as a change of."""
        return self.under if self.under is not None else self.ground

    def entry(self, row: Row) -> Entry | None:
        """Return why a row is visible, or None if it is not."""
        layer: Ledger | None = self
        while layer is not None:
            found = layer.entries.get(row)
            if found is not None:
                return found
            if row in layer.gone:
                return None
            layer = layer.under
        return self.ground.entry(row) if self.ground is not None else None

    def sees(self, row: Row) -> bool:
        """Return whether a row is visible."""
        relation = self.relations.get(row[1])
        return relation is not None and relation.has(row[0], row[2])

    def settle(self) -> None:
        """Take less room: for a layer that is kept for long."""
        under = self.origin.relations if self.origin is not None else {}
        for predicate, relation in self.relations.items():
            if relation is not under.get(predicate):
                relation.settle()
        known = {row: row for row in self.entries}
        for row, said in self.entries.items():
            if isinstance(said, Because | Computed):
                premises = tuple([known.setdefault(one, one) for one in said.premises])
                self.entries[row] = said._replace(premises=premises)

    def own_rows(self) -> Iterator[Row]:
        """Yield the rows whose entry was written here, those of a ground of one's own included."""
        if self.under is None and self.ground is not None:
            entries, gone = self.entries, self.gone
            for row in self.ground.rows():
                if row not in entries and row not in gone:
                    yield row
        yield from self.entries

    def made_by(self, iri: NamedNode) -> list[Row]:
        """Return the visible rows whose kept derivation is by a rule."""
        rows: dict[Row, None] = {}
        layer: Ledger | None = self
        while layer is not None:
            for row, said in layer.entries.items():
                if isinstance(said, Because) and said.rule.rule.iri == iri:
                    rows[row] = None
            layer = layer.under
        if self.ground is not None:
            rows.update(dict.fromkeys(self.ground.made_by(iri)))
        return [
            row
            for row in rows
            if isinstance(entry := self.entry(row), Because) and entry.rule.rule.iri == iri
        ]

    def touched(self) -> frozenset[Id]:
        """Return the properties this layer says something of; all of them at the root."""
        found = self.cache.get("touched")
        if not isinstance(found, frozenset):
            rows = (self.entries, self.gone, self.predictions)
            found = frozenset(row[1] for part in rows for row in part)
            if self.under is None:
                found |= self.relations.keys()
            self.cache["touched"] = found
        return found

    def confidence_of(self, row: Row) -> float:
        """Return the product along the row's surest derivation; 1 unless a guess is in it."""
        layer: Ledger | None = self if self.doubtful else None
        while layer is not None:
            if row in layer.entries:
                return layer.uncertain.get(row, 1.0)
            layer = layer.under
        return 1.0

    def prediction(self, row: Row) -> float | None:
        """Return the probability a model gave a row, whether or not it is also derived."""
        layer: Ledger | None = self if self.guessed else None
        while layer is not None:
            if row in layer.predictions:
                return layer.predictions[row]
            layer = layer.under
        return None
