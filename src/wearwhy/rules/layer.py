"""Layers: additions and withdrawals over the layer below, closed under the rules.

Base ← wardrobe ← request ← trial: each is a `Layer` made by `child`, costs what it changes, and
is dropped by dropping the reference. Nothing of the layers below is ever written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from wearwhy.evidence import Kind
from wearwhy.rdf import TYPE, Fact, NamedNode, Node
from wearwhy.rules import merging
from wearwhy.rules.budget import Budget, Meter
from wearwhy.rules.changing import (
    ARRAYS_FROM,
    EDITS_FROM,
    at_once,
    guesses,
    is_axiom,
    replaced,
)
from wearwhy.rules.collecting import without_collecting
from wearwhy.rules.columnar.edit import edited
from wearwhy.rules.columnar.start import grounded, told
from wearwhy.rules.compile import Compiled
from wearwhy.rules.equality import apart_from_sameness
from wearwhy.rules.firing import firing
from wearwhy.rules.flatten import chain, merge
from wearwhy.rules.ledger import Asserted, Because, Change, Computed, Guess, Ledger
from wearwhy.rules.maintain import maintain
from wearwhy.rules.measures import Measure
from wearwhy.rules.merging import Merged
from wearwhy.rules.model import Firing, Rule
from wearwhy.rules.program import Program
from wearwhy.rules.relation import EMPTY, Relation, rows_beyond
from wearwhy.rules.settling import changes, laid_over, settled
from wearwhy.rules.specialise import schema_predicates, specialised
from wearwhy.rules.terms import Interner, Row

__all__ = ["Change", "Layer"]

_KINDS: dict[type, Kind] = {
    Asserted: Kind.ASSERTED,
    Guess: Kind.PREDICTED,
    Because: Kind.DERIVED,
    Computed: Kind.COMPUTED,
}


class Layer(Ledger):
    """A closed graph over a closed graph; it never changes once it is made.

    Attributes:
        budget: what closing a layer over this one may cost, if nothing else is said.
        schema: the asserted axioms that rules are compiled against.
        merged: which names are one here; rows are kept, and rules run, for representatives.
        over: the layer this one was made over by `child`, where names are merged.
    """

    below: Layer | None
    budget: Budget = Budget()
    schema: frozenset[Fact] = frozenset()
    merged: Merged | None = None
    over: Layer | None = None

    @classmethod
    def root(
        cls,
        rules: Iterable[Rule],
        measures: Sequence[Measure],
        facts: Iterable[Fact],
        *,
        axioms: Iterable[Fact] = (),
        budget: Budget | None = None,
        arrays_from: int = ARRAYS_FROM,
    ) -> Layer:
        """Return the closed bottom layer.

        Args:
            rules: in force.
            measures: computed.
            facts: asserted.
            axioms: to compile in beside the asserted ones, because they will be derived.
            budget: what it may cost.
            arrays_from: from how many facts on whole properties are closed at once, as arrays.

        Raises:
            NotStratified, BudgetExceeded: as the rules have it.
        """
        sources = tuple(rules)
        asserted = tuple(facts)
        with without_collecting():
            closed = cls._closed(
                sources,
                measures,
                asserted,
                tuple(axioms),
                budget=budget or cls.budget,
                arrays_from=arrays_from,
            )
            return settled(closed, None, partial(cls._laid, budget=budget))

    @classmethod
    def _closed(
        cls,
        sources: tuple[Rule, ...],
        measures: Sequence[Measure],
        asserted: tuple[Fact, ...],
        axioms: tuple[Fact, ...],
        *,
        budget: Budget,
        arrays_from: int,
    ) -> Layer:
        interner = Interner()
        wide = len(asserted) >= arrays_from
        if wide:
            facts = told(interner, asserted)
            names, types = schema_predicates(), schema_predicates(types=True)
            where = facts.where(map(interner.id, names), map(interner.id, types), interner.id(TYPE))
            schema = [asserted[place] for place in where]
        else:
            schema = [f for f in asserted if is_axiom(f)]
        schema += axioms
        program = Program(specialised(apart_from_sameness(sources), schema), measures, interner)
        meter = Meter(budget, program.named)
        if wide:
            ground, left = grounded(program, facts, meter)
            layer = cls(None, program, sources, ground)
            change = Change()
        else:
            layer = cls(None, program, sources)
            # A rule that matches nothing is entered by no fact: it fires once, here.
            left = tuple(c for c in program.compiled.values() if not c.positives)
            change = Change(add=asserted)
        layer.budget, layer.schema = budget, frozenset(schema)
        maintain(layer, change, (), left, meter, whole=True)
        return layer

    def child(
        self,
        change: Change,
        *,
        budget: Budget | None = None,
        arrays_from: int = EDITS_FROM,
        idle: frozenset[NamedNode] = frozenset(),
    ) -> Layer:
        """Return a closed layer over this one; this one stays as it is.

        Args:
            change: what differs from this layer.
            budget: what closing may cost; that of this layer if none is given.
            arrays_from: over how many facts on a change of rules is carried out on whole
                properties at once, as arrays; and always a change of a tenth as many facts.
            idle: rules and measures that are left out, for who asks about none of their
                conclusions, nor about what may rest on those; nobody else may be handed the layer.

        Raises:
            NotStratified, BudgetExceeded: as the changed rules have it; nothing is left behind.
        """
        lay = partial(Layer._laid, budget=budget, arrays_from=arrays_from, idle=idle)
        return laid_over(self, change, lay)

    def _laid(
        self,
        change: Change,
        *,
        budget: Budget | None = None,
        arrays_from: int = EDITS_FROM,
        idle: frozenset[NamedNode] = frozenset(),
    ) -> Layer:
        """Return a layer over this one, closed as its rows are kept."""
        program, sources = self.program, self.sources
        lost: tuple[NamedNode, ...] = ()
        new: tuple[Compiled, ...] = ()
        schema = self.schema
        if any(is_axiom(f) for f in (*change.add, *change.remove)):
            schema = (schema - set(change.remove)) | {f for f in change.add if is_axiom(f)}
        if change.rules_add or change.rules_remove or schema is not self.schema:
            sources = replaced(sources, change)
            program = self._program(sources, schema)
            before, after = self.program.compiled, program.compiled
            lost = tuple(iri for iri, c in before.items() if after.get(iri) is not c)
            new = tuple(c for iri, c in after.items() if before.get(iri) is not c)
        allowed = budget or self.budget
        meter = Meter(allowed, program.named)
        if at_once(self, change, (*lost, *new), arrays_from):
            ground, left = edited(self, program, change, meter)
            layer = Layer(self, program, sources, ground)
            layer.budget, layer.schema = allowed, schema
            maintain(layer, Change(predict=guesses(self, change)), (), left, meter, whole=True)
            return layer
        layer = Layer(self, program, sources)
        layer.budget, layer.schema = allowed, schema
        maintain(layer, change, lost, new, meter, idle=program.left_out(idle))
        return layer

    def flattened(self, below: Layer | None = None) -> Layer:
        """Return an equal layer that lies on a given ancestor, or on nothing.

        It costs what the layers in between changed; over nothing, all that is kept fact by fact.

        Args:
            below: this layer's ancestor that the new one shall lie on; None makes a root.
        """
        if self.below is below:
            return self
        layers = chain(self, below)
        kept = max((n for n, one in enumerate(layers) if one.under is not one.below), default=0)
        ground = layers[kept].ground if layers[kept].under is None else None
        layer = Layer(below, self.program, self.sources, ground)
        layer.budget, layer.schema = self.budget, self.schema
        layer.merged, layer.over = self.merged, below
        merge(layers[kept:], layer)
        return layer

    def _program(self, sources: tuple[Rule, ...], schema: frozenset[Fact]) -> Program:
        ordered = sorted(schema, key=lambda f: (str(f.subject), str(f.predicate), str(f.object)))
        return Program(
            specialised(apart_from_sameness(sources), ordered),
            self.program.measures,
            self.interner,
            self.program.compiled,
        )

    def _row(self, fact: Fact) -> Row | None:
        if self.merged is not None:
            fact = self.merged.names.image(fact)
        find = self.interner.find
        s, p, o = find(fact.subject), find(fact.predicate), find(fact.object)
        return None if s is None or p is None or o is None else (s, p, o)

    def holds(self, fact: Fact) -> bool:
        """Return whether a fact is visible here."""
        row = self._row(fact)
        return row is not None and self.sees(row)

    def kind(self, fact: Fact) -> Kind | None:
        """Return what kind of fact it is here, or None if it does not hold."""
        return self.stored_kind(fact) if self.merged is None else merging.kind(self, fact)

    def stored_kind(self, fact: Fact) -> Kind | None:
        """Return the kind of the row that says a fact."""
        row = self._row(fact)
        entry = self.entry(row) if row else None
        if entry is None:
            return None
        return _KINDS[type(entry)]

    def firing(self, fact: Fact) -> Firing | None:
        """Return the derivation the ledger keeps, or None for a leaf or an absent fact."""
        return self.stored_firing(fact) if self.merged is None else merging.firing(self, fact)

    def stored_firing(self, fact: Fact) -> Firing | None:
        """Return the derivation of the row that says a fact."""
        row = self._row(fact)
        entry = self.entry(row) if row else None
        if isinstance(entry, Because):
            premises = tuple(self.interner.fact(r) for r in entry.premises)
            return firing(entry.rule.rule, premises)
        if isinstance(entry, Computed):
            premises = tuple(self.interner.fact(r) for r in entry.premises)
            return Firing(entry.measure.iri, premises)
        return None

    def confidence(self, fact: Fact) -> float:
        """Return the confidence of a visible fact; 1 unless it rests on a guess or unsure rule."""
        row = self._row(fact)
        return self.confidence_of(row) if row else 1.0

    def probability(self, fact: Fact) -> float | None:
        """Return the probability of a predicted fact."""
        if self.merged is not None:
            return merging.probability(self, fact)
        return self.stored_probability(fact)

    def stored_probability(self, fact: Fact) -> float | None:
        """Return the probability of the row that says a fact."""
        row = self._row(fact)
        return self.prediction(row) if row else None

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None
    ) -> Iterator[Fact]:
        """Yield the visible facts with the given terms; None matches any."""
        if self.merged is None:
            return self.stored(subject, predicate, obj)
        return merging.match(self, self.merged, subject, predicate, obj)

    def stored(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None
    ) -> Iterator[Fact]:
        """Yield the facts that rows with the given terms say; None matches any."""
        node = self.interner.nodes
        find = self.interner.find
        s = find(subject) if subject is not None else None
        o = find(obj) if obj is not None else None
        if (subject is not None and s is None) or (obj is not None and o is None):
            return
        if predicate is not None:
            p = find(predicate)
            chosen = [] if p is None or p not in self.relations else [(p, self.relations[p])]
        else:
            chosen = list(self.relations.items())
        for p, relation in chosen:
            name = node[p]
            assert isinstance(name, NamedNode)
            if s is not None and o is not None:
                if relation.has(s, o):
                    yield Fact(node[s], name, node[o])
            elif s is not None:
                yield from [Fact(node[s], name, node[x]) for x in relation.objects(s)]
            elif o is not None:
                yield from [Fact(node[x], name, node[o]) for x in relation.subjects(o)]
            else:
                yield from [Fact(node[a], name, node[b]) for a, b in relation.pairs()]

    def relation(self, predicate: NamedNode) -> Relation:
        """Return the relation of a property (empty if nothing says it), of representatives."""
        number = self.interner.find(predicate)
        return EMPTY if number is None else self.relations.get(number, EMPTY)

    def objects(self, subject: Node, predicate: NamedNode) -> list[Node]:
        """Return the objects a subject has for a property."""
        if self.merged is not None:
            return [fact.object for fact in self.match(subject, predicate, None)]
        s = self.interner.find(subject)
        if s is None:
            return []
        return [self.interner.nodes[o] for o in self.relation(predicate).objects(s)]

    def subjects(self, predicate: NamedNode, obj: Node) -> list[Node]:
        """Return the subjects that have an object for a property."""
        if self.merged is not None:
            return [fact.subject for fact in self.match(None, predicate, obj)]
        o = self.interner.find(obj)
        if o is None:
            return []
        return [self.interner.nodes[s] for s in self.relation(predicate).subjects(o)]

    def value(self, subject: Node, predicate: NamedNode) -> Node | None:
        """Return the first object in the order of their text, or None."""
        return min(self.objects(subject, predicate), key=str, default=None)

    def instances(self, cls: NamedNode) -> list[Node]:
        """Return the members of a class."""
        return self.subjects(TYPE, cls)

    def facts(self) -> Iterator[Fact]:
        """Yield every visible fact."""
        return self.match(None, None, None)

    def own(self) -> Iterator[Fact]:
        """Yield the facts whose entry this layer wrote: added here, or derived anew here."""
        return map(self.interner.fact, self.own_rows())

    def changes(self) -> tuple[list[Fact], list[Fact]]:
        """Return the facts gained and lost against the layer below."""
        below = self.below if self.over is None else self.over
        fact = self.interner.fact
        if below is not None and (self.merged is not None or below.merged is not None):
            one, other = self.relations, below.relations
            rows = (*rows_beyond(one, other), *rows_beyond(other, one))
            return changes(self, below, map(fact, rows))
        if self.merged is not None:
            return list(self.facts()), []
        if below is not None and self.under is not below:
            before, after = below.relations, self.relations
            return [fact(r) for r in rows_beyond(after, before)], [
                fact(r) for r in rows_beyond(before, after)
            ]
        gained = [fact(r) for r in self.own_rows() if below is None or not below.sees(r)]
        return gained, [fact(row) for row in self.gone] if below is not None else []

    def rule(self, iri: NamedNode) -> Rule | None:
        """Return a rule in force here by its IRI, or one that a merging rests on."""
        cited = None if self.merged is None else self.merged.cited.get(iri)
        return cited or self.program.named.get(iri)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that proofs of facts of this layer may cite."""
        cited = () if self.merged is None else self.merged.cited.values()
        return (*self.program.rules, *cited)
