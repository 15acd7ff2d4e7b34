"""Measures: declared aggregates along property paths, whose results are *computed* facts.

A measure says over what it runs (`ww:Look`, `ww:Pair`, or `ww:Item` as a request considers them),
along which path, and which aggregate it takes. Its IRI is the property of its result, and the
facts on the path are the premises. Sums and counts run over the solutions of the path, as a
multiset; everything is decimal arithmetic, rounded to six places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from wearwhy.errors import IllFormedRule, nearest
from wearwhy.rdf import RDF, RDFS, TYPE, WW, XSD, Fact, Literal, NamedNode, Node
from wearwhy.rules.relation import EMPTY, Relation
from wearwhy.rules.terms import Id, Interner, Row


class Aggregate(StrEnum):
    """What is taken of the values at the end of a path."""

    COUNT = "count"
    COUNT_DISTINCT = "countDistinct"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    RANGE = "range"
    DAYS_SINCE = "daysSince"
    DIFFERENCE = "difference"
    ANGULAR_DISTANCE = "angularDistance"


class Step(NamedTuple):
    """One step of a path; `inverse` walks from object to subject."""

    predicate: NamedNode
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A declared aggregate; `path_to` is the second path of a difference."""

    iri: NamedNode
    over: NamedNode
    aggregate: Aggregate
    path: tuple[Step, ...]
    path_to: tuple[Step, ...] = ()
    label: tuple[tuple[str, str], ...] = ()
    sentence: tuple[tuple[str, str], ...] = ()

    @property
    def reads(self) -> frozenset[NamedNode]:
        """Every property whose facts the result may rest on."""
        own = {WW.considers} if self.over == WW.Item else {TYPE}
        dated = {WW.date} if self.aggregate is Aggregate.DAYS_SINCE else set()
        return frozenset({s.predicate for s in (*self.path, *self.path_to)} | own | dated)


class Result(NamedTuple):
    """A computed fact, the rows it was computed from, and the product of their confidences."""

    row: Row
    premises: tuple[Row, ...]
    confidence: float


End: TypeAlias = tuple[Id, tuple[Row, ...]]
"""Where a path ends, and the rows it went along."""
Valued: TypeAlias = tuple[Decimal, tuple[Row, ...]]
Sure: TypeAlias = Callable[[Row], float]


_TWO_PATHS = {Aggregate.DIFFERENCE, Aggregate.ANGULAR_DISTANCE}
_PLACES = Decimal("0.000001")
# Numbers beyond this are no measure of clothes, and beyond what arrays hold to six places.
_LARGEST = Decimal("1e9")


def read_measures(facts: Iterable[Fact]) -> tuple[Measure, ...]:
    """Return the measures that facts declare, sorted by IRI.

    Raises:
        IllFormedRule: WW-MEASURE, where a part is missing or unknown.
    """
    about: dict[Node, dict[NamedNode, list[Node]]] = {}
    for fact in facts:
        about.setdefault(fact.subject, {}).setdefault(fact.predicate, []).append(fact.object)
    found = [
        _measure(node, about)
        for node, says in about.items()
        if isinstance(node, NamedNode) and WW.Measure in says.get(TYPE, ())
    ]
    return tuple(sorted(found, key=lambda m: m.iri.value))


def _measure(node: NamedNode, about: Mapping[Node, Mapping[NamedNode, list[Node]]]) -> Measure:
    says = about[node]

    def refuse(sentence: str, hint: str = "") -> IllFormedRule:
        return IllFormedRule("WW-MEASURE", f"{node}: {sentence}", hint=hint)

    over = says.get(WW.over, [None])[0]
    if over not in (WW.Look, WW.Pair, WW.Item):
        raise refuse("ww:over must be ww:Look, ww:Pair or ww:Item.")
    assert isinstance(over, NamedNode)
    kind = says.get(WW.aggregate, [None])[0]
    name = kind.value.removeprefix(WW) if isinstance(kind, NamedNode) else ""
    if name not in list(Aggregate):
        raise refuse(
            f"'{name}' is not an aggregate.", f"Did you mean {nearest(name, list(Aggregate))}?"
        )
    aggregate = Aggregate(name)
    path = _path(says.get(WW.path, [None])[0], about)
    path_to = _path(says.get(WW.pathTo, [None])[0], about)
    if not path or (aggregate in _TWO_PATHS) != bool(path_to):
        raise refuse("ww:path, and for a difference ww:pathTo, must be lists of properties.")

    def texts(predicate: NamedNode) -> tuple[tuple[str, str], ...]:
        return tuple(
            sorted(
                (o.language, o.value)
                for o in says.get(predicate, ())
                if isinstance(o, Literal) and o.language
            )
        )

    return Measure(node, over, aggregate, path, path_to, texts(RDFS.label), texts(WW.sentence))


def _path(
    head: Node | None, about: Mapping[Node, Mapping[NamedNode, list[Node]]]
) -> tuple[Step, ...]:
    steps: list[Step] = []
    while head is not None and head != RDF.nil:
        cell = about.get(head, {})
        first = cell.get(RDF.first, [None])[0]
        back = about.get(first, {}).get(WW.inverse, [None])[0] if first is not None else None
        if isinstance(back, NamedNode):
            steps.append(Step(back, inverse=True))
        elif isinstance(first, NamedNode):
            steps.append(Step(first))
        else:
            return ()
        head = cell.get(RDF.rest, [None])[0]
    return tuple(steps)


def decimal_node(value: Decimal) -> Literal:
    """Return a decimal literal in its shortest form at six places."""
    rounded = value.quantize(_PLACES)
    text = format(rounded, "f").rstrip("0").rstrip(".")
    return Literal("0" if text in ("", "-0") else text, datatype=XSD.decimal)


def number(node: Node) -> Decimal | None:
    """Return the number a literal is, or None: not a number, not finite, or absurdly large."""
    if not isinstance(node, Literal):
        return None
    try:
        value = Decimal(node.value)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < _LARGEST else None


def day(node: Node) -> date | None:
    """Return the date a literal begins with, or None."""
    try:
        return date.fromisoformat(node.value[:10]) if isinstance(node, Literal) else None
    except ValueError:
        return None


class Computation:
    """Evaluates measures on one layer's relations.

    Of several paths that give a least or greatest value, the surest is the premise; so is of several
    requests that consider an item the one that surest does.

    Args:
        relations: the layer's.
        interner: the table of terms.
        sure: the confidence of a row.
    """

    __slots__ = ("_interner", "_relations", "_sure")

    def __init__(self, relations: Mapping[Id, Relation], interner: Interner, sure: Sure) -> None:
        self._relations = relations
        self._interner = interner
        self._sure = sure

    def results(self, measure: Measure) -> Iterator[Result]:
        """Yield the computed facts of a measure, one for each subject that has a value."""
        predicate = self._interner.id(measure.iri)
        for subject, membership in self._subjects(measure):
            ends = self._walk(subject, measure.path)
            tos = self._walk(subject, measure.path_to) if measure.path_to else []
            found = self._aggregate(measure.aggregate, ends, tos)
            if found is None:
                continue
            value, rows = found
            premises = tuple(dict.fromkeys((membership, *rows)))
            row = (subject, predicate, self._interner.id(value))
            yield Result(row, premises, self._product(premises))

    def _product(self, rows: Iterable[Row]) -> float:
        product = 1.0
        for row in dict.fromkeys(rows):
            product *= self._sure(row)
        return product

    def _relation(self, predicate: NamedNode) -> tuple[Id, Relation]:
        name = self._interner.id(predicate)
        return name, self._relations.get(name, EMPTY)

    def _subjects(self, measure: Measure) -> Iterator[tuple[Id, Row]]:
        if measure.over == WW.Item:
            name, considers = self._relation(WW.considers)
            chosen: dict[Id, Row] = {}
            for request, item in considers.pairs():
                row = (request, name, item)
                known = chosen.get(item)
                if known is None or self._sure(row) > self._sure(known):
                    chosen[item] = row
            yield from chosen.items()
            return
        name, types = self._relation(TYPE)
        over = self._interner.id(measure.over)
        for subject in types.subjects(over):
            yield subject, (subject, name, over)

    def _walk(self, start: Id, path: tuple[Step, ...]) -> list[End]:
        fronts: list[End] = [(start, ())]
        for step in path:
            name, relation = self._relation(step.predicate)
            following: list[End] = []
            for node, rows in fronts:
                if step.inverse:
                    following += [(s, (*rows, (s, name, node))) for s in relation.subjects(node)]
                else:
                    following += [(o, (*rows, (node, name, o))) for o in relation.objects(node)]
            fronts = following
        return fronts

    def _numbers(self, ends: Iterable[End]) -> list[Valued]:
        nodes = self._interner.nodes
        return [(n, rows) for end, rows in ends if (n := number(nodes[end])) is not None]

    def _aggregate(
        self, aggregate: Aggregate, ends: list[End], tos: list[End]
    ) -> tuple[Literal, tuple[Row, ...]] | None:
        every = tuple(row for _, rows in ends for row in rows)
        if aggregate is Aggregate.COUNT:
            return Literal(len(ends)), every
        if aggregate is Aggregate.COUNT_DISTINCT:
            return Literal(len({end for end, _ in ends})), every
        if aggregate is Aggregate.DAYS_SINCE:
            return self._days_since(ends)
        numbers = self._numbers(ends)
        if not numbers:
            return None
        if aggregate in _TWO_PATHS:
            return self._nearest(aggregate, numbers, self._numbers(tos))
        if aggregate is Aggregate.SUM:
            rows = tuple(row for _, found in numbers for row in found)
            return decimal_node(sum((n for n, _ in numbers), Decimal())), rows
        low = min(numbers, key=lambda pair: (pair[0], -self._product(pair[1])))
        high = max(numbers, key=lambda pair: (pair[0], self._product(pair[1])))
        if aggregate is Aggregate.MIN:
            return decimal_node(low[0]), low[1]
        if aggregate is Aggregate.MAX:
            return decimal_node(high[0]), high[1]
        return decimal_node(high[0] - low[0]), (*low[1], *high[1])

    def _nearest(
        self, aggregate: Aggregate, ones: list[Valued], others: list[Valued]
    ) -> tuple[Literal, tuple[Row, ...]] | None:
        gaps = (
            (distance(aggregate, one, other), (*rows, *more))
            for one, rows in ones
            for other, more in others
        )
        best = min(gaps, key=lambda pair: (pair[0], -self._product(pair[1])), default=None)
        return None if best is None else (decimal_node(best[0]), best[1])

    def _days_since(self, ends: list[End]) -> tuple[Literal, tuple[Row, ...]] | None:
        asked = self.asked()
        if asked is None:
            return None
        today, said = asked
        nodes = self._interner.nodes
        days = ((day(nodes[end]), rows) for end, rows in ends)
        past = [(found, rows) for found, rows in days if found is not None and found < today]
        if not past:
            return None
        latest, rows = max(past, key=lambda pair: (pair[0], self._product(pair[1])))
        return Literal((today - latest).days), (*rows, said)

    def asked(self) -> tuple[date, Row] | None:
        """Return the request's date and the row that says it; of several the first by text."""
        name, dates = self._relation(WW.date)
        nodes = self._interner.nodes
        found = [
            (when, str(nodes[subject]), (subject, name, obj))
            for subject, obj in dates.pairs()
            if (when := day(nodes[obj])) is not None
        ]
        if not found:
            return None
        when, _, row = min(found, key=lambda one: one[:2])
        return when, row


def distance(aggregate: Aggregate, one: Decimal, other: Decimal) -> Decimal:
    """Return how far two numbers are apart, on a line or (degrees) on a circle."""
    gap = abs(one - other)
    if aggregate is Aggregate.DIFFERENCE:
        return gap
    gap %= 360
    return min(gap, 360 - gap)
