"""A set of rules and measures ready to run: strata, and who listens to which fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from wearwhy.rdf import BlankNode, NamedNode
from wearwhy.rules.compile import Compiled
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Rule, Term, TriplePattern, Var
from wearwhy.rules.stratify import MeasureEdge, stratify
from wearwhy.rules.terms import Id, Interner, Row

T = TypeVar("T")


class Listener(NamedTuple, Generic[T]):
    """What to do with a row, if it has these constants (None: any)."""

    subject: Id | None
    object: Id | None
    act: T


class Listeners(Generic[T]):
    """Listeners by predicate, for one stratum."""

    __slots__ = ("_any", "_by_predicate")

    def __init__(self) -> None:
        self._by_predicate: dict[Id, list[Listener[T]]] = defaultdict(list)
        self._any: list[Listener[T]] = []

    def add(self, atom: Atom, interner: Interner, act: T) -> None:
        """Listen to rows that an atom may match."""
        listener = Listener(_constant(atom.subject, interner), _constant(atom.object, interner), act)
        predicate = _constant(atom.predicate, interner)
        if predicate is None:
            self._any.append(listener)
        else:
            self._by_predicate[predicate].append(listener)

    def listens(self) -> frozenset[Id] | None:
        """Return the predicates listened to; None means all."""
        return None if self._any else frozenset(self._by_predicate)

    def of(self, row: Row) -> Iterator[T]:
        """Yield what to do with a row."""
        subject, predicate, obj = row
        for listener in self._by_predicate.get(predicate, ()):
            if (listener.subject is None or listener.subject == subject) and (
                listener.object is None or listener.object == obj
            ):
                yield listener.act
        for listener in self._any:
            if (listener.subject is None or listener.subject == subject) and (
                listener.object is None or listener.object == obj
            ):
                yield listener.act

    def __bool__(self) -> bool:
        return bool(self._by_predicate or self._any)


def _constant(term: Term, interner: Interner) -> Id | None:
    if isinstance(term, Var | TriplePattern | BlankNode):
        return None
    return interner.id(term)


class Absence(NamedTuple):
    """An atom inside a rule's NOT, and which places of a row bind variables of the body."""

    rule: Compiled
    negation: int
    atom: int
    places: tuple[int, ...]


@dataclass(slots=True)
class Stratum:
    """One stratum: its rules and what they listen to."""

    rules: list[Compiled] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    triggers: Listeners[tuple[Compiled, int]] = field(default_factory=Listeners)
    heads: Listeners[tuple[Compiled, int]] = field(default_factory=Listeners)
    absences: Listeners[Absence] = field(default_factory=Listeners)
    data_absences: Listeners[Absence] = field(default_factory=Listeners)


class Program:
    """Rules by IRI, measures, and their strata in order."""

    __slots__ = ("cache", "compiled", "interner", "measures", "strata")

    def __init__(
        self,
        rules: Iterable[Rule],
        measures: Sequence[Measure],
        interner: Interner,
        known: dict[NamedNode, Compiled] | None = None,
    ) -> None:
        """Stratify and index.

        Raises:
            NotStratified: a cycle of rules passes through a NOT, a SET or a fresh node.
        """
        known = known or {}
        self.cache: dict[object, object] = {}
        self.interner = interner
        self.measures = tuple(measures)
        self.compiled: dict[NamedNode, Compiled] = {}
        for rule in rules:
            if rule.description.off:
                continue
            old = known.get(rule.iri)
            same = old is not None and old.rule == rule and old.rule.description == rule.description
            self.compiled[rule.iri] = (
                old if same and old is not None else Compiled(rule, interner)
            )
        layout = stratify(
            [c.rule for c in self.compiled.values()],
            [MeasureEdge(m.iri, frozenset(m.reads), m.iri) for m in self.measures],
        )
        self.strata = [Stratum() for _ in range(max(1, layout.count))]
        for measure in self.measures:
            self.strata[layout.of[measure.iri]].measures.append(measure)
        for iri, compiled in self.compiled.items():
            self._register(self.strata[layout.of[iri]], compiled)

    def _register(self, stratum: Stratum, compiled: Compiled) -> None:
        interner = self.interner
        stratum.rules.append(compiled)
        for index, atom in enumerate(compiled.positives):
            stratum.triggers.add(atom, interner, (compiled, index))
        for index, head in enumerate(compiled.rule.head):
            stratum.heads.add(head, interner, (compiled, index))
        for number, negation in enumerate(compiled.negations):
            data = negation.data or compiled.rule.data
            listeners = stratum.data_absences if data else stratum.absences
            inner = [e for e in negation.body if isinstance(e, Atom)]
            for index, atom in enumerate(inner):
                places = compiled.seen_by(number, index)
                listeners.add(atom, interner, Absence(compiled, number, index, places))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on, in the order given."""
        return tuple(c.rule for c in self.compiled.values())

    def changed(self, add: Iterable[Rule], remove: Iterable[NamedNode]) -> Program:
        """Return the program with some rules replaced, added or taken away."""
        rules = {rule.iri: rule for rule in self.rules}
        for iri in remove:
            rules.pop(iri, None)
        for rule in add:
            rules[rule.iri] = rule
        return Program(rules.values(), self.measures, self.interner, self.compiled)
