"""The values of items that a model of outfits reads: of one item, or of a hundred thousand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pyoxigraph import Literal, NamedNode

from wearwhy.learn.outfits.model import Token
from wearwhy.learn.outfits.plan import Plan
from wearwhy.rdf import TYPE, WW, Fact, Node


class Graph(Protocol):
    """Facts by pattern, as a layer has them."""

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterable[Fact]:
        """Return the facts that fit; None fits everything."""


FEW = 64
"""Up to so many items are read one by one; more, property by property."""


def of(
    graph: Graph, items: Sequence[NamedNode], properties: Iterable[NamedNode]
) -> dict[NamedNode, list[Token]]:
    """Return the values of items, sorted; of classes only those of the ontology."""
    found: dict[NamedNode, list[Token]] = {item: [] for item in items}
    if len(items) <= FEW:
        facts = (f for item in items for p in properties for f in graph.match(item, p, None))
    else:
        facts = (f for p in properties for f in graph.match(None, p, None))
    for fact in facts:
        own = found.get(fact.subject) if isinstance(fact.subject, NamedNode) else None
        if own is not None and _told(fact.predicate, fact.object):
            own.append((fact.predicate, fact.object))  # type: ignore[arg-type]
    for own in found.values():
        own.sort(key=lambda token: (token[0].value, token[1].value))
    return found


def _told(predicate: NamedNode, value: Node) -> bool:
    if predicate == TYPE:
        return isinstance(value, NamedNode) and value.value.startswith(WW)
    return isinstance(value, NamedNode | Literal)


def properties(columns: Iterable[NamedNode], plan: Plan) -> tuple[NamedNode, ...]:
    """Return the properties that a plan reads: its own, and source columns if it says so."""
    kept = columns if plan.columns else ()
    return tuple(sorted({*plan.properties, *kept}, key=lambda p: p.value))


def vocabulary(values: Mapping[NamedNode, Sequence[Token]], plan: Plan) -> tuple[Token, ...]:
    """Return the tokens worth a vector: those that tell some items from others, sorted."""
    counts = Counter(token for own in values.values() for token in own)
    most = plan.common * len(values)
    kept = (token for token, n in counts.items() if plan.least <= n <= most)
    return tuple(sorted(kept, key=lambda token: (token[0].value, token[1].value)))
