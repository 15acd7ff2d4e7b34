"""Closing a graph in bulk, and what comes of it."""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Self

import numpy as np

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Kind
from wearwhy.rdf import OWL, TYPE, Fact, NamedNode, Node
from wearwhy.rules.budget import Budget
from wearwhy.rules.bulk.database import Database, Limits
from wearwhy.rules.bulk.expressions import without_values
from wearwhy.rules.bulk.levels import Level, leveled
from wearwhy.rules.bulk.measuring import measured
from wearwhy.rules.bulk.relational import resident
from wearwhy.rules.bulk.rounds import Rounds
from wearwhy.rules.bulk.tables import Layout, Store
from wearwhy.rules.bulk.terms import Ints, Terms
from wearwhy.rules.bulk.ways import ASSERTED, Ways
from wearwhy.rules.equality import apart_from_sameness, merges
from wearwhy.rules.firing import firing
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Call, Filter, Firing, Negation, Rule, TriplePattern
from wearwhy.rules.specialise import schema_predicates, specialised
from wearwhy.rules.terms import Id


class Bulk:
    """A graph closed in bulk.

    Attributes:
        count: how many facts are visible, asserted ones included.
        asserted: how many of them were given.
        rounds: how many rounds it took.
        seconds: by part: reading terms, planning, loading, closing.
        derivations: whether every derived fact keeps its first derivation.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        ways: Ways,
        rules: Mapping[NamedNode, Rule],
        *,
        derivations: bool,
    ) -> None:
        self._database = database
        self._store = store
        self._ways = ways
        self._rules = rules
        self.derivations = derivations
        self.asserted = 0
        self.rounds = 0
        self.seconds: dict[str, float] = {}
        self._computed: dict[Fact, Firing] = {}
        self._sure: dict[Fact, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the tables."""
        self._database.close()

    @property
    def count(self) -> int:
        """How many facts are visible."""
        return sum(self._store.counts.values())

    @property
    def computed(self) -> int:
        """How many facts measures computed."""
        return len(self._computed)

    @property
    def counts(self) -> Mapping[NamedNode, int]:
        """How many facts each property has."""
        return self._store.counts

    def compute(self, measures: Iterable[Measure], level: Level) -> None:
        """Add what the measures of a level come to; run on relations pulled from the tables."""
        for measure in (one for one in measures if one in level.measures):
            self._computed.update(measured(measure, self._store, self._database))

    # -- reading -----------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """Yield every visible fact."""
        return self.match(None, None, None)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None
    ) -> Iterator[Fact]:
        """Yield the visible facts with the given terms; None matches any."""
        find, nodes = self._store.terms.find, self._store.terms.nodes
        conditions = []
        for column, node in (("s", subject), ("o", obj)):
            if node is not None:
                number = find(node)
                if number is None:
                    return
                conditions.append(f"{column} = {number}")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        for name in [predicate] if predicate is not None else list(self._store.counts):
            if not self._store.counts.get(name):
                continue
            found = self._database.arrays(f"SELECT s, o FROM {self._store.table(name)}{where}")
            for s, o in zip(found["s"].tolist(), found["o"].tolist(), strict=True):
                yield Fact(nodes[s], name, nodes[o])

    def holds(self, fact: Fact) -> bool:
        """Return whether a fact is visible."""
        return next(self.match(*fact), None) is not None

    def _kept(self, fact: Fact) -> tuple[int, list[Id]] | None:
        """Return the way to a fact and what is kept of it; None where it is not visible.

        Raises:
            NoAnswer: WW-BULK-LEDGER, where no derivations were kept.
        """
        if not self.derivations:
            raise NoAnswer(
                "WW-BULK-LEDGER",
                "This closure kept no derivations.",
                hint="Close it with `derivations=True`.",
            )
        find = self._store.terms.find
        s, o = find(fact.subject), find(fact.object)
        if s is None or o is None or not self._store.counts.get(fact.predicate):
            return None
        table, columns = self._store.table(fact.predicate), self._store.columns(fact.predicate)
        rows = self._database.rows(
            f"SELECT {', '.join(columns[2:])} FROM {table} WHERE s = {s} AND o = {o}"
        )
        return (rows[0][0], list(rows[0][1:])) if rows else None

    def kind(self, fact: Fact) -> Kind | None:
        """Return what kind of fact it is, or None if it does not hold.

        Raises:
            NoAnswer: WW-BULK-LEDGER.
        """
        found = self._kept(fact)
        if found is None:
            return None
        if found[0] == ASSERTED:
            return Kind.ASSERTED
        return Kind.DERIVED if found[0] > 0 else Kind.COMPUTED

    def firing(self, fact: Fact) -> Firing | None:
        """Return a fact's first derivation; None for a leaf or an absent fact.

        Raises:
            NoAnswer: WW-BULK-LEDGER.
        """
        found = self._kept(fact)
        if found is None or found[0] == ASSERTED:
            return None
        if found[0] < 0:
            return self._computed[fact]
        way = self._ways.all[found[0] - 1]
        nodes = self._store.terms.nodes
        kept = [nodes[number] for number in found[1][: len(way.kept)]]
        premises = []
        for atom in way.premises((fact.subject, fact.predicate, fact.object), kept):
            assert not isinstance(atom.subject, TriplePattern)
            premises.append(Fact(atom.subject, atom.predicate, atom.object))  # type: ignore[arg-type]
        return firing(way.rule, tuple(premises))

    def confidence(self, fact: Fact) -> float:
        """Return the product of the rules' confidences along the kept derivation.

        That is the first derivation, not the surest: what the resident reading keeps may be surer.
        """
        pending = [fact]
        while pending:
            one = pending[-1]
            if one in self._sure:
                pending.pop()
                continue
            found = self.firing(one)
            premises = found.premises if found else ()
            unknown = [premise for premise in premises if premise not in self._sure]
            if unknown:
                pending += unknown
                continue
            rule = self._rules.get(found.rule) if found else None
            value = rule.description.confidence if rule else 1.0
            for premise in premises:
                value *= self._sure[premise]
            self._sure[one] = value
            pending.pop()
        return self._sure[fact]

    def probability(self, fact: Fact) -> float | None:  # noqa: ARG002
        """Return None: what is closed in bulk holds no guesses."""
        return None

    def rule(self, iri: NamedNode) -> Rule | None:
        """Return a rule in force here by its IRI."""
        return self._rules.get(iri)


def close(
    rules: Iterable[Rule],
    measures: Sequence[Measure],
    facts: Iterable[Fact],
    *,
    derivations: bool = False,
    budget: Budget | Limits | None = None,
) -> Bulk:
    """Return a graph closed under rules and measures.

    Args:
        rules: those switched off are left out.
        measures: run residently, on relations pulled from the tables.
        facts: asserted ones.
        derivations: keep for every derived fact its first derivation.
        budget: what it may cost.

    Raises:
        NotStratified: as the rules have it.
        BudgetExceeded: naming the rule at work; nothing is left behind.
        NotInstalled: WW-EXTRA-BULK, where duckdb is not.
    """
    started = time.perf_counter()
    terms = Terms()
    given = terms.columns(facts)
    read = time.perf_counter()
    active = [rule for rule in rules if not rule.description.off]
    same = terms.find(OWL.sameAs)
    apart = apart_from_sameness(active)
    database = Database(Limits.of(budget))
    try:
        if same in given:
            apart = tuple(active)
        found = _closed(database, apart, measures, terms, given, derivations=derivations)
        if merges(active) and len(apart) < len(active) and found.counts.get(OWL.sameAs):
            # Some name was found to be another's: the rules of equality are run as written.
            database.forget()
            found = _closed(database, active, measures, terms, given, derivations=derivations)
    except BaseException:
        database.close()
        raise
    found.seconds["terms"] = read - started
    return found


def _closed(
    database: Database,
    rules: Sequence[Rule],
    measures: Sequence[Measure],
    terms: Terms,
    given: Mapping[Id, tuple[Ints, Ints]],
    *,
    derivations: bool,
) -> Bulk:
    clock = [time.perf_counter()]
    special = specialised(rules, _schema(terms, given))
    levels = leveled(special, measures)
    ways = Ways(special)
    widths, others = ways.widths()
    marked = frozenset(
        head.predicate
        for level in levels
        for one in level.rules
        if one.others
        for head in one.rule.head
        if isinstance(head.predicate, NamedNode)
    )
    layout = Layout(None if derivations else marked, widths, others)
    store = Store(database, layout, terms)
    bulk = Bulk(database, store, ways, {r.iri: r for r in special}, derivations=derivations)
    clock.append(time.perf_counter())
    bulk.asserted = store.load(given, given=_read_given(special))
    _describe(store, special)
    clock.append(time.perf_counter())
    rounds = Rounds(database, store, ways)
    for level in levels:
        bulk.compute(measures, level)
        rounds.close(level)
    clock.append(time.perf_counter())
    bulk.rounds = rounds.count
    parts = ("planning", "loading", "closing")
    bulk.seconds = dict(zip(parts, np.diff(clock).tolist(), strict=True))
    database.unlimited()
    return bulk


def _schema(terms: Terms, given: Mapping[Id, tuple[Ints, Ints]]) -> list[Fact]:
    """Return the axioms among the facts."""
    types = [n for n in map(terms.find, schema_predicates(types=True)) if n is not None]
    found: list[Fact] = []
    for predicate in schema_predicates():
        number = terms.find(predicate)
        pair = given.get(number) if number is not None else None
        if pair is None:
            continue
        subjects, objects = pair
        if predicate == TYPE:
            chosen = np.isin(objects, types)
            subjects, objects = subjects[chosen], objects[chosen]
        found += [
            Fact(s, predicate, o)
            for s, o in zip(terms.decode(subjects), terms.decode(objects), strict=True)
        ]
    return found


def _read_given(rules: Iterable[Rule]) -> Collection[NamedNode] | None:
    """Return the properties whose asserted facts some rule reads apart; None for all."""
    found: set[NamedNode] = set()
    for rule in rules:
        for element in rule.body:
            atoms: Sequence[object] = ()
            if isinstance(element, Negation) and (element.data or rule.data):
                atoms = element.body
            elif isinstance(element, Atom) and rule.data:
                atoms = (element,)
            for atom in atoms:
                if isinstance(atom, Atom):
                    if not isinstance(atom.predicate, NamedNode):
                        return None
                    found.add(atom.predicate)
    return found


def _describe(store: Store, rules: Iterable[Rule]) -> None:
    """Prepare the tables of terms, as far as some rule asks for them."""
    texts = values = triples = False
    for rule in rules:
        triples = triples or _has_pattern(rule.body)
        for element in rule.body:
            parts = element.body if isinstance(element, Negation) else (element,)
            for part in parts:
                if isinstance(part, Filter) and resident(part) is None:
                    values = values or not without_values(part.expression)
                    texts = texts or _asks_text(part.expression)
    if values:
        store.describe(texts=texts)
    if triples:
        store.follow_triples()


def _has_pattern(body: Iterable[object]) -> bool:
    return any(
        isinstance(part, TriplePattern)
        for element in body
        for atom in (element.body if isinstance(element, Negation) else (element,))
        if isinstance(atom, Atom)
        for part in (atom.subject, atom.object)
    )


def _asks_text(expression: object) -> bool:
    if not isinstance(expression, Call):
        return False
    return expression.name.upper() == "STR" or any(map(_asks_text, expression.args))
