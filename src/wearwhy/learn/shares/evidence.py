"""What is known of an item whose shares are asked for: its tokens, and how often its rows say what.

A graph holds counts as facts (item, V, number): V counts one value of a column (`ww:countsIn`,
`ww:countedValue`), `ww:timesCounted` all rows. No row and no person stands in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from wearwhy.learn.features import Features, Tokens, hidden
from wearwhy.learn.source_columns import short_column
from wearwhy.learn.table import Graph, asserted
from wearwhy.rdf import RDFS, TYPE, WW, Fact, curie


@dataclass(frozen=True, slots=True)
class CountedColumn:
    """A column whose rows are counted by item.

    Attributes:
        iri: the column; no fact about an item has it as its property.
        label: its name in the source.
        fills: the properties that its values speak of; none, where it is evidence only.
        values: what each counting property counts, as the source said it.
    """

    iri: NamedNode
    label: str
    fills: frozenset[NamedNode]
    values: Mapping[NamedNode, str]

    @property
    def name(self) -> str:
        """Its short name: `ww:column/rentals/body_type`."""
        return short_column(self.iri)


def counted_columns(graph: Graph) -> tuple[CountedColumn, ...]:
    """Return the counted columns that a graph describes, sorted."""
    found = []
    for fact in graph.match(None, TYPE, WW.CountedColumn):
        column = fact.subject
        if not isinstance(column, NamedNode):
            continue
        labels = [f.object for f in graph.match(column, RDFS.label, None)]
        values = {
            one.subject: text.object.value
            for one in graph.match(None, WW.countsIn, column)
            if isinstance(one.subject, NamedNode)
            for text in graph.match(one.subject, WW.countedValue, None)
            if isinstance(text.object, Literal)
        }
        fills = graph.match(column, WW.fillsProperty, None)
        found.append(
            CountedColumn(
                column,
                next((n.value for n in labels if isinstance(n, Literal)), column.value),
                frozenset(f.object for f in fills if isinstance(f.object, NamedNode)),
                dict(sorted(values.items(), key=lambda pair: pair[0].value)),
            )
        )
    return tuple(sorted(found, key=lambda c: c.iri.value))


@dataclass(frozen=True, slots=True)
class Count:
    """A number that a fact states."""

    number: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one item.

    Attributes:
        item: which.
        tokens: what it says of itself, with the facts that carry it.
        counts: by short name of the column, by value: how often.
        rows: how many rows it has in all; None where that is not known.
    """

    item: NamedNode
    tokens: Tokens
    counts: Mapping[str, Mapping[str, Count]]
    rows: Count | None

    def facts(self) -> frozenset[Fact]:
        """Return every fact that something is read from."""
        counted = {c.fact for said in self.counts.values() for c in said.values()}
        told = {fact for facts in self.tokens.values() for fact in facts}
        return frozenset(counted | told | ({self.rows.fact} if self.rows else set()))

    def without(self, lost: Collection[Fact]) -> Evidence:
        """Return what is known once facts are deleted."""
        gone = frozenset(lost)
        counts = {
            column: {value: c for value, c in said.items() if c.fact not in gone}
            for column, said in self.counts.items()
        }
        return replace(
            self,
            tokens={
                token: kept
                for token, facts in self.tokens.items()
                if (kept := tuple(f for f in facts if f not in gone))
            },
            counts={column: said for column, said in counts.items() if said},
            rows=None if self.rows is not None and self.rows.fact in gone else self.rows,
        )

    def visible(self, hides: frozenset[str]) -> Evidence:
        """Return what may speak for a column: never itself, nor what it hides."""
        return replace(
            self,
            tokens={t: facts for t, facts in self.tokens.items() if not hidden(t.relation, hides)},
            counts={name: said for name, said in self.counts.items() if name not in hides},
        )


def hides(
    column: CountedColumn, columns: Iterable[CountedColumn], features: Features
) -> frozenset[str]:
    """Return the relations that are no evidence for a column: itself, what it speaks of, its like."""
    like = {c.name for c in columns if c.fills & column.fills}
    said = {one.relation for one in features.attributes() if one.said and one.hidden & column.fills}
    return frozenset({column.name, *like, *said, *(curie(one) for one in column.fills)})


def evidence(
    features: Features, items: Sequence[NamedNode], columns: Sequence[CountedColumn]
) -> list[Evidence]:
    """Return what a graph asserts of items."""
    graph = features.graph
    counting = {node: (c.name, text) for c in columns for node, text in c.values.items()}
    found = []
    for item in items:
        counts: dict[str, dict[str, Count]] = defaultdict(dict)
        rows = None
        for fact in graph.match(item, None, None):
            known = counting.get(fact.predicate)
            if (known is None and fact.predicate != WW.timesCounted) or not asserted(graph, fact):
                continue
            assert isinstance(fact.object, Literal)
            count = Count(int(fact.object.value), fact)
            if known is None:
                rows = count
            else:
                counts[known[0]][known[1]] = count
        found.append(Evidence(item, features.tokens(item), dict(counts), rows))
    return found
