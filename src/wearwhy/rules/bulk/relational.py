"""A rule as a relational plan: joins, selections, anti-joins for NOT, computed columns.

A plan is a sequence of stages. A stage joins tables to what the stage before found, selects what
its tests allow, and takes away what a NOT matches; what SQL cannot say exactly is then computed
by the resident functions, over the distinct inputs alone. A plan names no table: which facts a
scan reads is said by its source, and filled in when the plan is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from wearwhy.rdf import BlankNode, NamedNode, Node, Triple
from wearwhy.rules.bulk.expressions import refusal
from wearwhy.rules.model import (
    Assign,
    Atom,
    Expression,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import Match, Step, apart, order, outer
from wearwhy.rules.values import volatile


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a scan; of `FOUND`, a variable that an earlier stage bound."""

    table: str
    name: str


Operand: TypeAlias = Column | Node
FOUND = "b"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class Source(StrEnum):
    """Which facts a scan reads."""

    ALL = "all"
    NEW = "new"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Scan:
    """The facts of one property, or of every one.

    Attributes:
        alias: what its columns are named after: s and o, and p where any property is read.
        predicate: the property; None for all.
        source: which of its facts.
        others: only facts that the rule itself has not concluded.
    """

    alias: str
    predicate: NamedNode | None
    source: Source
    others: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """The triple terms, with the columns id, s, p and o."""

    alias: str


@dataclass(frozen=True, slots=True)
class Join:
    """Tables side by side, and which columns are equal to which columns or terms."""

    tables: tuple[Scan | Parts, ...]
    equal: tuple[tuple[Operand, Operand], ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """A NOT: no row of a join that fits the solution may pass the tests.

    Attributes:
        join: of its patterns; their outer variables are columns of the stage.
        shared: the variables it has in common with the rest of the body.
        binds: where its variables stand, shared ones too.
        tests: the filters inside.
    """

    join: Join
    shared: tuple[Var, ...]
    binds: Mapping[Var, Operand] = field(hash=False)
    tests: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A term that the head makes for each solution: a fresh node, or a triple term."""

    var: Var
    term: BlankNode | TriplePattern | Triple


Then: TypeAlias = Filter | Assign | Absence | Made


@dataclass(frozen=True, slots=True)
class Stage:
    """One query, and what is computed after it.

    Attributes:
        join: the tables; those of the stage before are columns of `FOUND`.
        tests: what SQL tests.
        absences: what must not be there, without tests of their own.
        binds: where each variable bound so far stands.
        then: what the resident functions compute or test of the rows found.
    """

    join: Join
    tests: tuple[Expression, ...]
    absences: tuple[Absence, ...]
    binds: Mapping[Var, Operand] = field(hash=False)
    then: tuple[Then, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule entered in one way.

    Attributes:
        rule: the rule.
        stages: in order; the last computes nothing after it.
        head: for each template its three terms as operands.
    """

    rule: Rule
    stages: tuple[Stage, ...]
    head: tuple[tuple[Operand, Operand, Operand], ...]


def resident(element: object, *, mixed: bool = False) -> str | None:
    """Return why SQL cannot say a step; None if it can.

    Args:
        element: a Filter, Assign or Negation.
        mixed: whether the graph holds literals that SQL's columns do not hold exactly.
    """
    if isinstance(element, Assign):
        return "SET makes terms"
    if isinstance(element, Filter):
        return refusal(element.expression, mixed=mixed)
    if isinstance(element, Negation):
        reasons = (resident(part, mixed=mixed) for part in element.body)
        return next((reason for reason in reasons if reason), None)
    return None


class _Joining:
    """Tables and equalities under construction."""

    __slots__ = ("_prefix", "binds", "equal", "tables")

    def __init__(self, binds: Mapping[Var, Operand], prefix: str) -> None:
        self.binds = dict(binds)
        self.tables: list[Scan | Parts] = []
        self.equal: list[tuple[Operand, Operand]] = []
        self._prefix = prefix

    def match(self, atom: Atom, source: Source, *, others: bool = False) -> None:
        alias = f"{self._prefix}{len(self.tables)}"
        predicate = atom.predicate
        named = isinstance(predicate, NamedNode)
        self.tables.append(
            Scan(alias, predicate if isinstance(predicate, NamedNode) else None, source, others)
        )
        if not named:
            self._unify(predicate, Column(alias, "p"))
        self._unify(atom.subject, Column(alias, "s"))
        self._unify(atom.object, Column(alias, "o"))

    def _unify(self, term: Term, column: Column) -> None:
        if isinstance(term, Var):
            if term in self.binds:
                self.equal.append((self.binds[term], column))
            else:
                self.binds[term] = column
        elif isinstance(term, TriplePattern):
            alias = f"{self._prefix}{len(self.tables)}"
            self.tables.append(Parts(alias))
            self.equal.append((column, Column(alias, "id")))
            self._unify(term.subject, Column(alias, "s"))
            self._unify(term.predicate, Column(alias, "p"))
            self._unify(term.object, Column(alias, "o"))
        else:
            self.equal.append((column, term))

    def join(self) -> Join:
        return Join(tuple(self.tables), tuple(self.equal))


class _Planning:
    """Stages under construction."""

    __slots__ = ("_absences", "_joining", "_mixed", "_tests", "_then", "rule", "stages")

    def __init__(self, rule: Rule, *, mixed: bool) -> None:
        self.rule = rule
        self.stages: list[Stage] = []
        self._mixed = mixed
        self._open({})

    def _open(self, binds: Mapping[Var, Operand]) -> None:
        self._joining = _Joining(binds, f"a{len(self.stages)}_")
        self._tests: list[Expression] = []
        self._absences: list[Absence] = []
        self._then: list[Then] = []

    def close(self) -> None:
        """Close the stage; what it bound is found in columns of the next."""
        binds = self._joining.binds
        self.stages.append(
            Stage(
                self._joining.join(),
                tuple(self._tests),
                tuple(self._absences),
                dict(binds),
                tuple(self._then),
            )
        )
        made = (step.var for step in self._then if isinstance(step, Assign | Made))
        self._open({var: Column(FOUND, name(var)) for var in (*binds, *made)})

    def ready(self) -> None:
        """Close the stage if something is computed after it."""
        if self._then:
            self.close()

    def add(self, step: Step, source: Source, *, others: bool, body: Sequence[object]) -> None:
        """Add a step of the body."""
        if isinstance(step, Match):
            self.ready()
            self._joining.match(step.atom, source, others=others)
        elif isinstance(step, Negation):
            self._negation(step, body)
        elif resident(step, mixed=self._mixed):
            self._then.append(step)
        else:
            assert isinstance(step, Filter)
            self.ready()
            self._tests.append(step.expression)

    def _negation(self, step: Negation, body: Sequence[object]) -> None:
        tests = tuple(part.expression for part in step.body if isinstance(part, Filter))
        if tests:
            # Its tests see one row each of what was found and of its own patterns.
            self.close()
        else:
            self.ready()
        number = len(self._absences) + len(self.stages)
        inner = _Joining(self._joining.binds, f"n{number}_")
        source = Source.GIVEN if step.data or self.rule.data else Source.ALL
        for part in step.body:
            if isinstance(part, Atom):
                inner.match(part, source)
        shared = tuple(sorted(outer(step, body)))  # type: ignore[arg-type]
        absence = Absence(inner.join(), shared, inner.binds, tests)
        if tests:
            self._then.append(absence)
        else:
            self._absences.append(absence)

    def make(self, made: Made) -> None:
        """Make a term of the head after the stage."""
        self._then.append(made)

    @property
    def binds(self) -> Mapping[Var, Operand]:
        """Where each variable stands."""
        return self._joining.binds


def name(var: Var) -> str:
    """Return the column that a variable has once it is found; SQL tells no case apart."""
    return "v_" + "".join(c if c in _PLAIN else f"_{ord(c):x}_" for c in var.name)


def planned(
    rule: Rule,
    entry: int | None = None,
    *,
    others: frozenset[int] = frozenset(),
    mixed: bool = False,
) -> Plan:
    """Return the plan of a rule.

    Args:
        rule: the rule.
        entry: the number of the atom that reads only what is new; None reads all everywhere.
        others: numbers of atoms that need not read what the rule itself concluded.
        mixed: whether the graph holds literals that SQL's columns do not hold exactly.
    """
    body = apart(rule.body)
    planning = _Planning(rule, mixed=mixed)
    for step in _late(order(body), mixed=mixed):
        source = Source.GIVEN if rule.data else Source.ALL
        if isinstance(step, Match) and step.index == entry:
            source = Source.NEW
        own = isinstance(step, Match) and step.index in others
        planning.add(step, source, others=own, body=body)
    made = _makes(rule)
    for one in made:
        planning.make(one)
    planning.ready()
    terms: dict[Term, Operand] = {one.term: planning.binds[one.var] for one in made}
    head = tuple(
        (
            _operand(atom.subject, planning.binds, terms),
            _operand(atom.predicate, planning.binds, terms),
            _operand(atom.object, planning.binds, terms),
        )
        for atom in rule.head
    )
    planning.close()
    return Plan(rule, tuple(planning.stages), head)


def _late(steps: Iterable[Step], *, mixed: bool) -> list[Step]:
    """Put tests that SQL cannot say after all joins that need no SET: each costs a stage."""
    result: list[Step] = []
    waiting: list[Step] = []
    for step in steps:
        if isinstance(step, Filter) and resident(step, mixed=mixed):
            waiting.append(step)
            continue
        if isinstance(step, Assign):
            result += waiting
            waiting = []
        result.append(step)
    return result + waiting


def _makes(rule: Rule) -> list[Made]:
    """Return what the head makes: fresh nodes first, since triple terms may hold them."""
    blanks = [Made(fresh_variable(n), blank) for n, blank in enumerate(fresh_nodes(rule))]
    triples: dict[Term, Made] = {}
    for atom in rule.head:
        for part in (atom.subject, atom.predicate, atom.object):
            if isinstance(part, TriplePattern) or (isinstance(part, Triple) and blanks_of(part)):
                triples.setdefault(part, Made(Var(f".triple{len(triples)}"), part))
    return [*blanks, *triples.values()]


def fresh_variable(number: int) -> Var:
    """Return the variable that stands for a fresh node of a head."""
    return Var(f".fresh{number}")


def fresh_nodes(rule: Rule) -> list[BlankNode]:
    """Return the blank nodes of a head, in the order they are made in."""
    found = {b for atom in rule.head for b in blanks_of(atom)}
    return sorted(found, key=str)


def blanks_of(term: Atom | Term) -> list[BlankNode]:
    """Return the blank nodes in a template or term."""
    if isinstance(term, BlankNode):
        return [term]
    if isinstance(term, Atom | TriplePattern | Triple):
        return [b for p in (term.subject, term.predicate, term.object) for b in blanks_of(p)]
    return []


def _operand(term: Term, binds: Mapping[Var, Operand], made: Mapping[Term, Operand]) -> Operand:
    if term in made:
        return made[term]
    if isinstance(term, Var):
        return binds[term]
    assert not isinstance(term, TriplePattern)
    return term


def inputs(step: Filter | Assign, bound: Iterable[Var]) -> tuple[Var, ...]:
    """Return the variables that a step's value depends on: all, where no two values are alike."""
    return tuple(sorted(bound if volatile(step.expression) else variables(step.expression)))
