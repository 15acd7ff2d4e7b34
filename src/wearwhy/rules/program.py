"""A set of rules and measures ready to run: strata, and who listens to which fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from wearwhy.rdf import NamedNode
from wearwhy.rules.compile import Compiled, Constants, Entry
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Rule
from wearwhy.rules.stratify import MeasureEdge, stratify
from wearwhy.rules.terms import Id, Interner, Row

T = TypeVar("T")

KEPT = 256
"""Of how many sets of rules that were left out it is kept which functions they are."""


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

    def add(self, constants: Constants, act: T) -> None:
        """Listen to rows that an atom with some constants may match."""
        subject, predicate, obj = constants
        listener = Listener(subject, act)
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


class Trigger:
    """A rule entered by one of its atoms; the function is generated when it is first needed."""

    __slots__ = ("_atom", "_resting", "compiled", "function")

    def __init__(self, compiled: Compiled, atom: int) -> None:
        self.compiled = compiled
        self.function: Entry | None = None
        self._resting: Entry | None = None
        self._atom = atom

    def resting(self) -> Entry:
        """Return the function that finds what may rest on a row, whatever NOT says by now."""
        if self._resting is None:
            self._resting = self.compiled.resting(self._atom)
        return self._resting

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
    readers: dict[Id, list[Compiled]] = field(default_factory=dict)
    _idle: dict[frozenset[Id], frozenset[Compiled]] = field(default_factory=dict)

    def idle(self, known: AbstractSet[Id]) -> frozenset[Compiled]:
        """Return the rules that cannot fire, because some property they read is not known.

        Most rules speak of a request or a look, and most changes are made where there is none.
        """
        missing = frozenset(self.readers.keys() - known)
        found = self._idle.get(missing)
        if found is None:
            found = frozenset(c for predicate in missing for c in self.readers[predicate])
            self._idle[missing] = found
        return found


class Program:
    """Rules by IRI, measures, and their strata in order.

    Attributes:
        named: the rules that are switched on, as they were given last.
        compiled: their functions, made when a rule was first given in this meaning; of what a rule
            says of itself, they know only its confidence and what its NOT reads.
    """

    __slots__ = ("cache", "compiled", "interner", "measures", "named", "strata")

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
        self.named = {rule.iri: rule for rule in rules if not rule.description.off}
        self.compiled: dict[NamedNode, Compiled] = {}
        for rule in self.named.values():
            old = known.get(rule.iri)
            self.compiled[rule.iri] = old if old and _same(old, rule) else Compiled(rule, interner)
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
        if compiled.listening is None:
            compiled.listening = _listening(compiled)
        known: _Listening = compiled.listening
        stratum.rules.append(compiled)
        for constants, trigger in known.triggers:
            stratum.triggers.add(constants, trigger)
            if constants[1] is not None:
                stratum.readers.setdefault(constants[1], []).append(compiled)
        for constants, head in known.heads:
            stratum.heads.add(constants, head)
        for constants, absence in known.absences:
            stratum.absences.add(constants, absence)
        for constants, absence in known.data_absences:
            stratum.data_absences.add(constants, absence)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are switched on, in the order given."""
        return tuple(self.named.values())

    @property
    def reads(self) -> frozenset[NamedNode] | None:
        """Every property that a rule's condition or a measure reads; None where one reads any."""
        if "reads" not in self.cache:
            self.cache["reads"] = self._reads()
        found = self.cache["reads"]
        return found if isinstance(found, frozenset) else None

    def left_out(self, idle: frozenset[NamedNode]) -> frozenset[Compiled | NamedNode]:
        """Return rules that are left out as compiled, and measures by name; a few are kept."""
        if not idle:
            return frozenset()
        shelf = self.cache.setdefault("left out", {})
        assert isinstance(shelf, dict)
        found: frozenset[Compiled | NamedNode] | None = shelf.get(idle)
        if found is None:
            if len(shelf) >= KEPT:
                shelf.clear()
            found = shelf[idle] = frozenset(self.compiled.get(iri, iri) for iri in idle)
        return found

    def _reads(self) -> frozenset[NamedNode] | None:
        found = {p for measure in self.measures for p in measure.reads}
        for compiled in self.compiled.values():
            known: _Listening = compiled.listening
            for group in (known.triggers, known.absences, known.data_absences):
                for constants, _ in group:
                    name = None if constants[1] is None else self.interner.nodes[constants[1]]
                    if not isinstance(name, NamedNode):
                        return None
                    found.add(name)
        return frozenset(found)


def _same(old: Compiled, rule: Rule) -> bool:
    """Return whether a rule concludes what an old one did, and as surely."""
    was, now = old.rule.description, rule.description
    return (
        old.rule == rule
        and was.confidence == now.confidence
        and was.reads_guesses == now.reads_guesses
    )


class _Listening(NamedTuple):
    """What a rule listens to, wherever it stands in a program."""

    triggers: list[tuple[Constants, Trigger]]
    heads: list[tuple[Constants, tuple[Compiled, int]]]
    absences: list[tuple[Constants, Absence]]
    data_absences: list[tuple[Constants, Absence]]


def _listening(compiled: Compiled) -> _Listening:
    constants = compiled.constants
    found = _Listening(
        [(constants(a), Trigger(compiled, n)) for n, a in enumerate(compiled.positives)],
        [(constants(a), (compiled, n)) for n, a in enumerate(compiled.rule.head)],
        [],
        [],
    )
    for number, negation in enumerate(compiled.negations):
        data = negation.data or compiled.rule.data
        listeners = found.data_absences if data else found.absences
        inner = [e for e in negation.body if isinstance(e, Atom)]
        for index, atom in enumerate(inner):
            places = compiled.seen_by(number, index)
            listeners.append((constants(atom), Absence(compiled, number, index, places)))
    return found
