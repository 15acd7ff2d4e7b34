"""Layers whose names are merged as soon as they say that two are of one thing (`merging`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.equality import merges
from wearwhy.rules.ledger import Change
from wearwhy.rules.merging import (
    SAME,
    Merged,
    Reason,
    Rows,
    chosen,
    confirmed,
    extended,
    imaged,
    moving,
    parting,
    resting,
    statements,
    told_apart,
)
from wearwhy.rules.names import Names
from wearwhy.rules.relation import Relation


class Settling(Rows, Protocol):
    """What is asked of a layer here, and written into it, once, when it is made.

    Attributes:
        merged: which names are one in it.
        over: the layer it was made over, where names are merged.
    """

    merged: Merged | None
    over: Any

    def relation(self, predicate: NamedNode) -> Relation:
        """Return the relation of a property."""

    def holds(self, fact: Fact) -> bool:
        """Return whether a fact is visible."""


L = TypeVar("L", bound=Settling)


def settled(layer: L, over: L | None, lay: Callable[[L, Change], L]) -> L:
    """Return a layer; where it says that two names are of one thing, with the names merged.

    Args:
        layer: closed, with no names merged.
        over: the layer it was made over.
        lay: closes a change over a layer, as its rows are kept.
    """
    if not layer.relation(SAME).size or not merges(layer.sources):
        return layer
    whole, names, reasons = layer, Names(), dict[Fact, Reason]()
    while found := statements(whole, names):
        steps = chosen(whole, found)
        resting(whole, steps, reasons)
        names = extended(layer, names, steps)
        change, merged = moving(layer, names, dict(reasons))
        whole = lay(layer, change)
        whole.merged, whole.over = confirmed(merged, whole), over
    return whole


def laid_over(layer: L, change: Change, lay: Callable[[L, Change], L]) -> L:
    """Return a layer closed over another, with those names merged that it says are the same."""
    merged = layer.merged
    if merged is None:
        return settled(lay(layer, change), layer, lay)
    kept = imaged(layer, merged, change)
    if kept is not None:
        above = lay(layer, kept[0])
        if not statements(above, merged.names):
            above.merged, above.over = confirmed(kept[1], above), layer
            return above
    return settled(lay(layer, parting(merged, change)), layer, lay)


def changes(
    layer: Settling, below: Settling, rows: Iterable[Fact]
) -> tuple[list[Fact], list[Fact]]:
    """Return the facts gained and lost against a layer, where names are merged in either.

    Args:
        layer: a layer.
        below: the one it was made over.
        rows: the facts of which one keeps a row, and the other does not.
    """
    found = list(told_apart(layer, below, rows))
    gained = [fact for fact in found if layer.holds(fact) and not below.holds(fact)]
    return gained, [fact for fact in found if below.holds(fact) and not layer.holds(fact)]
