"""Long chains of layers made short: several overlays become one over the same ancestor.

A look-up passes through every layer that touches a property; after many edits those are many.
What the layers of a chain say together is one overlay again, as large as their changes.
"""

from __future__ import annotations

from wearwhy.rules.ledger import Ledger
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id


def chain(layer: Ledger, below: Ledger | None) -> list[Ledger]:
    """Return the layers from the one just above an ancestor up to a layer."""
    found: list[Ledger] = []
    one: Ledger | None = layer
    while one is not None and one is not below:
        found.append(one)
        one = one.below
    assert one is below, "an overlay is flattened onto a layer it lies on"
    found.reverse()
    return found


def merge(layers: list[Ledger], into: Ledger) -> None:
    """Say in one fresh layer what a chain of layers says.

    Args:
        layers: the chain, lowest first; each is kept as a change of the one before.
        into: a layer that says nothing yet, kept as a change of what the lowest is one of.
    """
    entries, uncertain, gone = into.entries, into.uncertain, into.gone
    origin = into.origin
    for layer in layers:
        for row in layer.gone:
            entries.pop(row, None)
            uncertain.pop(row, None)
            if origin is not None and origin.entry(row) is not None:
                gone[row] = None
        for old in (uncertain, gone):
            for row in layer.entries.keys() & old.keys():
                del old[row]
        entries.update(layer.entries)
        uncertain.update(layer.uncertain)
        into.predictions.update(layer.predictions)
        for premise, heads in layer.uses.items():
            into.uses.setdefault(premise, []).extend(heads)
    top = layers[-1]
    into.guessed, into.doubtful = top.guessed, top.doubtful
    if into.under is None:
        into.predictions = {row: p for row, p in into.predictions.items() if p is not None}
    _relate(into)


def _relate(into: Ledger) -> None:
    relations, origin = into.relations, into.origin
    own: dict[Id, Relation] = {}

    def relation(predicate: Id) -> Relation:
        found = own.get(predicate)
        if found is None:
            under = None if origin is None else origin.relations.get(predicate)
            found = own[predicate] = relations[predicate] = Relation(under)
        return found

    for row in into.gone:
        relation(row[1]).discard(row[0], row[2])
    for row in into.entries:
        if origin is None or origin.entry(row) is None:
            relation(row[1]).add(row[0], row[2])
