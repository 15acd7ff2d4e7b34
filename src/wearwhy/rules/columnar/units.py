"""Rules cut into units, one for each head template, and how a unit's firing is kept.

Of a firing the ledger keeps what the head does not tell: the values of the variables that stand
in the body alone. Head and extras together give the premises back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from wearwhy.rdf import BlankNode
from wearwhy.rules.columnar.growing import LOW, Numbers
from wearwhy.rules.columns import Ints
from wearwhy.rules.compile import Compiled
from wearwhy.rules.model import Assign, Atom, Filter, Negation, Term, TriplePattern, Var, variables
from wearwhy.rules.plan import outer
from wearwhy.rules.terms import Id, Interner, Row
from wearwhy.rules.values import volatile

End: TypeAlias = Var | Id
Place: TypeAlias = int | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """An atom with its constants as ids."""

    predicate: Id
    subject: End
    object: End

    @property
    def ends(self) -> frozenset[Var]:
        """Its variables."""
        return frozenset(e for e in (self.subject, self.object) if isinstance(e, Var))


@dataclass(frozen=True, slots=True, eq=False)
class Without:
    """A NOT: patterns and tests, the variables it shares, whether it reads what is asserted."""

    patterns: tuple[Pattern, ...]
    tests: tuple[Filter, ...]
    shared: frozenset[Var]
    data: bool


Test: TypeAlias = Filter | Assign | Without


@dataclass(slots=True, eq=False)
class Unit:
    """One head template of a rule, ready for arrays.

    Attributes:
        compiled: the rule.
        head: the template.
        patterns: the body's atoms, in written order.
        tests: the rest of the body.
        extras: variables of the patterns that the head does not hold.
    """

    compiled: Compiled
    head: Pattern
    patterns: tuple[Pattern, ...]
    tests: tuple[Test, ...]
    extras: tuple[Var, ...]
    _back: list[tuple[int, Id, int]] = field(default_factory=list)
    _constants: tuple[Id, ...] = ()

    def premises(self, subject: Id, obj: Id, extras: Sequence[Id]) -> tuple[Row, ...]:
        """Return the rows its atoms matched when it concluded a pair."""
        if not self._back:
            self._prepare()
        values = (subject, obj, *extras[: len(self.extras)], *self._constants)
        return tuple([(values[s], p, values[o]) for s, p, o in self._back])

    def columns(self, keys: Ints, extras: Sequence[Numbers]) -> Iterator[tuple[Pattern, Ints]]:
        """Yield for each pattern the pairs it matched when the unit concluded some pairs."""
        known: dict[End, Ints | Numbers] = {
            self.head.subject: keys >> 32,
            self.head.object: keys & LOW,
            **dict(zip(self.extras, extras, strict=False)),
        }
        for pattern in self.patterns:
            s, o = (
                known[e].astype(np.int64) if isinstance(e, Var) else np.int64(e)
                for e in (pattern.subject, pattern.object)
            )
            yield pattern, np.broadcast_to((s << 32) | o, len(keys))

    def _prepare(self) -> None:
        head = (self.head.subject, self.head.object)
        places = {end: n for n, end in enumerate((*head, *self.extras)) if isinstance(end, Var)}
        constants: list[Id] = []

        def place(end: End) -> int:
            if isinstance(end, Var):
                return places[end]
            constants.append(end)
            return 1 + len(self.extras) + len(constants)

        self._back = [(place(p.subject), p.predicate, place(p.object)) for p in self.patterns]
        self._constants = tuple(constants)


def kept_units(compiled: Compiled) -> list[Unit] | None:
    """Return a rule's units, made once."""
    if compiled.arrays is False:
        compiled.arrays = units(compiled)
    found: list[Unit] | None = compiled.arrays
    return found


def units(compiled: Compiled) -> list[Unit] | None:
    """Return a rule's units, or None where arrays cannot say it.

    They cannot: a variable for a property, a triple term with variables, a fresh node in the
    head, a function that answers differently each time, a confidence below 1.
    """
    rule, interner = compiled.rule, compiled.interner
    if rule.description.confidence < 1.0 or not compiled.positives:
        return None
    patterns = [_pattern(atom, interner) for atom in compiled.positives]
    heads = [_pattern(atom, interner) for atom in rule.head]
    tests = [_test(e, compiled) for e in compiled.body if not isinstance(e, Atom)]
    if None in patterns or None in heads or None in tests:
        return None
    body = tuple(p for p in patterns if p is not None)
    rest = tuple(t for t in tests if t is not None)
    found: list[Unit] = []
    own: frozenset[Var] = frozenset().union(*(p.ends for p in body))
    for head in heads:
        assert head is not None
        if any(
            isinstance(part, BlankNode)
            for part in (rule.head[len(found)].subject, rule.head[len(found)].object)
        ):
            return None
        extras = tuple(sorted(own - head.ends))
        found.append(Unit(compiled, head, body, rest, extras))
    return found


def _pattern(atom: Atom, interner: Interner) -> Pattern | None:
    predicate = atom.predicate
    if isinstance(predicate, Var | TriplePattern | BlankNode):
        return None
    subject, obj = _end(atom.subject, interner), _end(atom.object, interner)
    if subject is None or obj is None:
        return None
    return Pattern(interner.id(predicate), subject, obj)


def _end(term: Term, interner: Interner) -> End | None:
    if isinstance(term, Var):
        return term
    return None if isinstance(term, TriplePattern) else interner.id(term)


def _test(element: object, compiled: Compiled) -> Test | None:
    if isinstance(element, Filter | Assign):
        return None if volatile(element.expression) else element
    assert isinstance(element, Negation)
    patterns = [_pattern(e, compiled.interner) for e in element.body if isinstance(e, Atom)]
    tests = tuple(e for e in element.body if isinstance(e, Filter))
    if None in patterns or any(volatile(t.expression) for t in tests):
        return None
    return Without(
        tuple(p for p in patterns if p is not None),
        tests,
        outer(element, compiled.body),
        element.data or compiled.rule.data,
    )


def needs(test: Test) -> frozenset[Var]:
    """Return the variables that must have a value before a test can be made."""
    if isinstance(test, Without):
        return test.shared
    return variables(test.expression)
