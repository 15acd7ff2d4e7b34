"""The checker's own reading of measures: each aggregate one SPARQL query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Protocol, TypeAlias

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    Store,
    Variable,
)

from wearwhy.rdf import TYPE, WW, XSD, Fact, Node


class Declared(Protocol):
    """What the checker reads of a measure's declaration."""

    @property
    def iri(self) -> NamedNode:
        """The property of its results."""

    @property
    def over(self) -> NamedNode:
        """The class of its subjects."""

    @property
    def aggregate(self) -> str:
        """What is taken of the values at the path's end."""

    @property
    def path(self) -> Sequence[tuple[NamedNode, bool]]:
        """Properties to follow, and whether backwards."""

    @property
    def path_to(self) -> Sequence[tuple[NamedNode, bool]]:
        """The second path of a difference."""


Graphs: TypeAlias = list[NamedNode | BlankNode | DefaultGraph]

_DATE: Final = f"<{XSD.date.value}>(SUBSTR(STR(?{{}}), 1, 10))"
_NUMBER: Final = f"<{XSD.decimal.value}>(STR(?{{}}))"
_GAP: Final = "ABS(?v - ?w)"
_TURN: Final = f"({_GAP} - 360 * FLOOR({_GAP} / 360))"
_AGGREGATES: Final = {
    "count": "COUNT(?end)",
    "countDistinct": "COUNT(DISTINCT ?end)",
    "sum": "SUM(?v)",
    "min": "MIN(?v)",
    "max": "MAX(?v)",
    "range": "(MAX(?v) - MIN(?v))",
    "daysSince": "STR(MIN(?today - ?day))",
    "difference": f"MIN({_GAP})",
    "angularDistance": f"MIN(IF({_TURN} > 180, 360 - {_TURN}, {_TURN}))",
}
_HALF_PLACE: Final = Decimal("0.0000005")


def agrees(
    measure: Declared, fact: Fact, premises: Iterable[Fact], graph: Store, graphs: Graphs
) -> bool:
    """Return whether a measure has the stated value, over its premises and over the graph.

    Args:
        measure: its declaration.
        fact: the computed fact.
        premises: the facts it is said to rest on.
        graph: the visible facts.
        graphs: those of the store's graphs that measures read.
    """
    alone = Store()
    alone.extend(Quad(*premise) for premise in premises)  # type: ignore[arg-type]
    subject = fact.subject
    return (
        _is_member(measure, subject, alone)
        and _same(measure, fact.object, _value(measure, subject, alone, [DefaultGraph()]))
        and _same(measure, fact.object, _value(measure, subject, graph, graphs))
    )


def _is_member(measure: Declared, subject: Node, store: Store) -> bool:
    over = measure.over
    member = (None, WW.considers, subject) if over == WW.Item else (subject, TYPE, over)
    return next(store.quads_for_pattern(*member), None) is not None


def _path(steps: Sequence[tuple[NamedNode, bool]], end: str) -> str:
    names = ["?subject", *(f"?{end}{number}" for number in range(1, len(steps))), f"?{end}"]
    return " ".join(
        f"{there} {predicate} {here} ." if inverse else f"{here} {predicate} {there} ."
        for (predicate, inverse), here, there in zip(steps, names, names[1:], strict=False)
    )


def _value(measure: Declared, subject: Node, store: Store, graphs: Graphs) -> Literal | None:
    kind = str(measure.aggregate)
    pattern = _path(measure.path, "end")
    if kind == "daysSince":
        pattern += f" ?request {WW.date} ?asked BIND({_DATE.format('end')} AS ?day)"
        pattern += f" BIND({_DATE.format('asked')} AS ?today) FILTER(?day < ?today)"
    elif not kind.startswith("count"):
        pattern += f" BIND({_NUMBER.format('end')} AS ?v) FILTER(BOUND(?v))"
    if measure.path_to:
        pattern += f" {_path(measure.path_to, 'other')}"
        pattern += f" BIND({_NUMBER.format('other')} AS ?w) FILTER(BOUND(?w))"
    rows = store.query(
        f"SELECT ?subject ({_AGGREGATES[kind]} AS ?value) WHERE {{ {pattern} }} GROUP BY ?subject",
        substitutions={Variable("subject"): subject},
        default_graph=graphs,
    )
    assert isinstance(rows, QuerySolutions)
    row = next(iter(rows), None)
    found = row["value"] if row else Literal(0) if kind.startswith("count") else None
    return found if isinstance(found, Literal) else None


def _same(measure: Declared, stated: Node, found: Literal | None) -> bool:
    if not isinstance(stated, Literal) or found is None:
        return False
    if measure.aggregate == "daysSince":
        return found.value == f"P{stated.value}D"
    return abs(Decimal(found.value) - Decimal(stated.value)) <= _HALF_PLACE
