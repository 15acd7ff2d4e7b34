"""The aggregates of measures, over lists of terms: the reference reading of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from pyoxigraph import Literal

from wearwhy.rdf import Node
from wearwhy.rules.measures import Aggregate, decimal_node


def aggregate(
    kind: Aggregate, ends: Sequence[Node], others: Sequence[Node], asked: Node | None
) -> Literal | None:
    """Return the value of an aggregate over the ends of a path; None if it has none.

    Args:
        kind: which aggregate.
        ends: the terms at the path's end, one for each way along it.
        others: the same of the second path, for a difference.
        asked: the request's date, for the days since.
    """
    if kind is Aggregate.COUNT:
        return Literal(len(ends))
    if kind is Aggregate.COUNT_DISTINCT:
        return Literal(len(set(ends)))
    if kind is Aggregate.DAYS_SINCE:
        return _days_since(ends, asked)
    gaps = [gap(kind, one, two) for one in numbers(ends) for two in numbers(others)]
    if kind in (Aggregate.DIFFERENCE, Aggregate.ANGULAR_DISTANCE):
        return decimal_node(min(gaps)) if gaps else None
    values = numbers(ends)
    if not values:
        return None
    results = {
        Aggregate.SUM: sum(values, Decimal()),
        Aggregate.MIN: min(values),
        Aggregate.MAX: max(values),
        Aggregate.RANGE: max(values) - min(values),
    }
    return decimal_node(results[kind])


def numbers(nodes: Sequence[Node]) -> list[Decimal]:
    """Return the numbers among some terms."""
    found: list[Decimal] = []
    for node in nodes:
        if isinstance(node, Literal):
            try:
                value = Decimal(node.value)
            except InvalidOperation:
                continue
            if value.is_finite() and abs(value) < 1_000_000_000:
                found.append(value)
    return found


def gap(kind: Aggregate, one: Decimal, two: Decimal) -> Decimal:
    """Return how far two numbers are apart, along a line or (degrees) around a circle."""
    straight = abs(one - two)
    if kind is Aggregate.ANGULAR_DISTANCE:
        return min(straight % 360, 360 - straight % 360)
    return straight


def _day(node: Node | None) -> date | None:
    if not isinstance(node, Literal):
        return None
    try:
        return date.fromisoformat(node.value[:10])
    except ValueError:
        return None


def _days_since(ends: Sequence[Node], asked: Node | None) -> Literal | None:
    today = _day(asked)
    days = [day for node in ends if (day := _day(node)) is not None]
    past = [day for day in days if today is not None and day < today]
    return Literal((today - max(past)).days) if today is not None and past else None
