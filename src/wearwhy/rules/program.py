"""A set of rules and measures ready to run: strata, and who listens to which fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from wearwhy.rdf import BlankNode, NamedNode
from wearwhy.rules.compile import Compiled, Entry
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Rule, Term, TriplePattern, Var
from wearwhy.rules.stratify import MeasureEdge, stratify
from wearwhy.rules.terms import Id, Interner, Row

T = TypeVar("T")


class Listener(NamedTuple, Generic[T]):
    """What to do with a row, if it has this subject (None: any)."""

    subject: Id | None
    act: T


class Listeners(Generic[T]):
    """Listeners by predicate and object, for one stratum."""

    __slots__ = ("_any", "_by_object", "_by_predicate", "_predicates")

    def __init__(self) -> None:
        self._by_object: dict[tuple[Id, Id], list[Listener[T]]] = defaultdict(list)
        self._by_predicate: dict[Id, list[Listener[T]]] = defaultdict(list)
        self._any: list[tuple[Id | None, Listener[T]]] = []
        self._predicates: set[Id] = set()

    def add(self, atom: Atom, interner: Interner, act: T) -> None:
        """Listen to rows that an atom may match."""
        listener = Listener(_constant(atom.subject, interner), act)
        predicate, obj = _constant(atom.predicate, interner), _constant(atom.object, interner)
        if predicate is None:
            self._any.append((obj, listener))
            return
        self._predicates.add(predicate)
        if obj is None:
            self._by_predicate[predicate].append(listener)
        else:
            self._by_object[predicate, obj].append(listener)

    def listens(self) -> AbstractSet[Id] | None:
        """Return the predicates listened to; None means all."""
        return None if self._any else self._predicates

    def of(self, row: Row) -> list[T]:
        """Return what to do with a row."""
        subject, predicate, obj = row
        heard = [
            listener.act
            for found in (
                self._by_object.get((predicate, obj), ()),
                self._by_predicate.get(predicate, ()),
            )
            for listener in found
            if listener.subject is None or listener.subject == subject
        ]
        for wanted, listener in self._any:
            if (wanted is None or wanted == obj) and listener.subject in (None, subject):
                heard.append(listener.act)
        return heard


def _constant(term: Term, interner: Interner) -> Id | None:
    if isinstance(term, Var | TriplePattern | BlankNode):
        return None
    return interner.id(term)


class Trigger:
    """A rule entered by one of its atoms; the function is generated when it is first needed."""

    __slots__ = ("_atom", "compiled", "function")

    def __init__(self, compiled: Compiled, atom: int) -> None:
        self.compiled = compiled
        self.function: Entry | None = None
        self._atom = atom

    def make(self) -> Entry:
        """Return the function, generated now."""
        self.function = self.compiled.trigger(self._atom)
        return self.function


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
    triggers: Listeners[Trigger] = field(default_factory=Listeners)
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
            # A description may carry a confidence; where a rule stands in its file is no matter.
            same = old and old.rule == rule and old.rule.description == rule.description
            self.compiled[rule.iri] = old if old and same else Compiled(rule, interner)
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
            stratum.triggers.add(atom, interner, Trigger(compiled, index))
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
