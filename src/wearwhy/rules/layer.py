"""Layers: additions and withdrawals over the layer below, closed under the rules.

Base ← wardrobe ← request ← trial: each is a `Layer` made by `child`, costs what it changes, and
is dropped by dropping the reference. Nothing of the layers below is ever written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wearwhy.evidence import Kind
from wearwhy.rdf import TYPE, Fact, NamedNode, Node
from wearwhy.rules.budget import Budget
from wearwhy.rules.compile import Compiled
from wearwhy.rules.firing import firing
from wearwhy.rules.ledger import Asserted, Because, Change, Computed, Guess, Ledger
from wearwhy.rules.maintain import maintain
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Firing, Rule
from wearwhy.rules.program import Program
from wearwhy.rules.relation import EMPTY, Relation
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
    """A closed graph over a closed graph; it never changes once it is made."""

    below: Layer | None

    @classmethod
    def root(
        cls,
        rules: Iterable[Rule],
        measures: Sequence[Measure],
        facts: Iterable[Fact],
        *,
        budget: Budget | None = None,
    ) -> Layer:
        """Return the closed bottom layer.

        Raises:
            NotStratified, BudgetExceeded: as the rules have it.
        """
        sources = tuple(rules)
        asserted = tuple(facts)
        interner = Interner()
        schema = [f for f in asserted if _is_schema(f)]
        program = Program(specialised(sources, schema), measures, interner)
        layer = cls(None, program, sources)
        # A rule that matches nothing is entered by no fact: it fires once, here.
        bare = tuple(c for c in program.compiled.values() if not c.positives)
        maintain(layer, Change(add=asserted), (), bare, budget or Budget())
        return layer

    def child(self, change: Change, *, budget: Budget | None = None) -> Layer:
        """Return a closed layer over this one; this one stays as it is.

        Raises:
            NotStratified, BudgetExceeded: as the changed rules have it; nothing is left behind.
        """
        program, sources = self.program, self.sources
        lost: tuple[NamedNode, ...] = ()
        new: tuple[Compiled, ...] = ()
        schema = any(_is_schema(f) for f in (*change.add, *change.remove))
        if change.rules_add or change.rules_remove or schema:
            sources = _replaced(sources, change)
            program = self._program(sources, change)
            before, after = self.program.compiled, program.compiled
            lost = tuple(iri for iri, c in before.items() if after.get(iri) is not c)
            new = tuple(c for iri, c in after.items() if before.get(iri) is not c)
        layer = Layer(self, program, sources)
        maintain(layer, change, lost, new, budget or Budget())
        return layer

    def _program(self, sources: tuple[Rule, ...], change: Change) -> Program:
        schema = {
            fact
            for predicate in schema_predicates()
            for fact in self.match(None, predicate, None)
            if _is_schema(fact) and self.kind(fact) is Kind.ASSERTED
        }
        schema -= set(change.remove)
        schema |= {f for f in change.add if _is_schema(f)}
        ordered = sorted(schema, key=lambda f: (str(f.subject), str(f.predicate), str(f.object)))
        return Program(
            specialised(sources, ordered),
            self.program.measures,
            self.interner,
            self.program.compiled,
        )

    def _row(self, fact: Fact) -> Row | None:
        find = self.interner.find
        s, p, o = find(fact.subject), find(fact.predicate), find(fact.object)
        return None if s is None or p is None or o is None else (s, p, o)

    def holds(self, fact: Fact) -> bool:
        """Return whether a fact is visible here."""
        row = self._row(fact)
        return row is not None and self.entry(row) is not None

    def kind(self, fact: Fact) -> Kind | None:
        """Return what kind of fact it is here, or None if it does not hold."""
        row = self._row(fact)
        entry = self.entry(row) if row else None
        if entry is None:
            return None
        return _KINDS[type(entry)]

    def firing(self, fact: Fact) -> Firing | None:
        """Return the derivation the ledger keeps, or None for a leaf or an absent fact."""
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
        row = self._row(fact)
        return self.prediction(row) if row else None

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None
    ) -> Iterator[Fact]:
        """Yield the visible facts with the given terms; None matches any."""
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
        """Return the relation of a property (empty if nothing says it)."""
        number = self.interner.find(predicate)
        return EMPTY if number is None else self.relations.get(number, EMPTY)

    def objects(self, subject: Node, predicate: NamedNode) -> list[Node]:
        """Return the objects a subject has for a property."""
        s = self.interner.find(subject)
        if s is None:
            return []
        return [self.interner.nodes[o] for o in self.relation(predicate).objects(s)]

    def subjects(self, predicate: NamedNode, obj: Node) -> list[Node]:
        """Return the subjects that have an object for a property."""
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
        return (self.interner.fact(row) for row in self.entries)

    def changes(self) -> tuple[list[Fact], list[Fact]]:
        """Return the facts gained and lost against the layer below."""
        below = self.below
        fact = self.interner.fact
        gained = [fact(r) for r in self.entries if below is None or below.entry(r) is None]
        return gained, [fact(row) for row in self.gone]

    def rule(self, iri: NamedNode) -> Rule | None:
        """Return a rule in force here by its IRI."""
        found = self.program.compiled.get(iri)
        return found.rule if found else None


def _is_schema(fact: Fact) -> bool:
    if fact.predicate == TYPE:
        return fact.object in schema_predicates(types=True)
    return fact.predicate in schema_predicates()


def _replaced(sources: tuple[Rule, ...], change: Change) -> tuple[Rule, ...]:
    rules = {rule.iri: rule for rule in sources}
    for iri in change.rules_remove:
        rules.pop(iri, None)
    rules.update((rule.iri, rule) for rule in change.rules_add)
    return tuple(rules.values())
