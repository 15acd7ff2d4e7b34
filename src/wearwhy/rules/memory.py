"""What rules concluded for requests that said the same of what they read.

What a rule says of the candidates depends on the candidates, on the wardrobe, and on the request
only by what the rule reads of it: the day's weather is nothing to a rule about the dress code. So
conclusions are kept with the layer below the request, under what the request says of that.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from wearwhy.rdf import TYPE
from wearwhy.rules.columns import Columns, Floats, Ints
from wearwhy.rules.ledger import Asserted, Guess, Ledger
from wearwhy.rules.terms import Id

MOST = 8192
"""How many conclusions are kept with a layer."""
WIDE = 4096
"""Of how many candidates at most conclusions are kept."""

Said: TypeAlias = Mapping[object, tuple[object, ...]]


@dataclass(slots=True, eq=False)
class Concluded:
    """What one step concluded: an opinion on rows, and facts."""

    fired: tuple[Ints, Floats] | None = None
    facts: list[tuple[Id, Columns]] = field(default_factory=list)

    def names(self, node: Id) -> bool:
        """Return whether a conclusion is about a node."""
        return any(
            bool((c.subjects == node).any() or (c.objects == node).any()) for _, c in self.facts
        )


class Memory:
    """Conclusions of one request's like.

    Args:
        below: the layer under the request's.
        said: what the request's layer says, as `by_property` gives it.
        candidates: what tells the candidates and their order apart.
    """

    __slots__ = ("_candidates", "_kept", "_said", "_signatures")

    def __init__(self, below: Ledger, said: Said, candidates: bytes) -> None:
        found = below.cache.get("concluded")
        if not isinstance(found, OrderedDict):
            found = below.cache["concluded"] = OrderedDict()
        self._kept: OrderedDict[object, Any] = found
        self._said = said
        self._candidates = candidates
        self._signatures: dict[frozenset[object], tuple[object, ...]] = {}

    def under(self, step: object, reads: frozenset[object]) -> object:
        """Return what a step's conclusion is kept under."""
        said = self._signatures.get(reads)
        if said is None:
            said = self._signatures[reads] = signature(self._said, reads)
        return step, self._candidates, said

    def get(self, at: object) -> Any:
        """Return a conclusion that is known, as it was kept; None where none is."""
        found = self._kept.get(at)
        if found is not None:
            self._kept.move_to_end(at)
        return found

    def keep(self, at: object, found: object) -> None:
        """Keep a conclusion; the one not asked for longest gives way."""
        self._kept[at] = found
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)


def signature(said: Said, reads: frozenset[object]) -> tuple[object, ...]:
    """Return what is said of some properties and classes, as one value."""
    return tuple((at, rows) for at, rows in said.items() if at in reads)


def by_property(layer: Ledger, request: Id) -> dict[object, tuple[object, ...]]:
    """Return what a request's layer says, by property and class in order, its name left out."""
    found = told_by_property(layer, request)
    return {at: tuple(sorted(found[at])) for at in sorted(found, key=repr)}


def told_by_property(layer: Ledger, request: Id) -> dict[object, tuple[tuple[Any, ...], ...]]:
    """Return what `by_property` returns, in the order in which it came to be said."""
    kind = layer.interner.id(TYPE)
    found: dict[object, list[tuple[object, ...]]] = {}
    for row in (*layer.entries, *layer.gone):
        subject, predicate, obj = row
        entry = layer.entries.get(row)
        said = (
            -1 if subject == request else subject,
            -1 if obj == request else obj,
            entry is None,
            isinstance(entry, Asserted),
            isinstance(entry, Guess),
            layer.uncertain.get(row, 1.0),
        )
        found.setdefault(predicate, []).append(said)
        if predicate == kind:
            found.setdefault((predicate, obj), []).append(said)
    return {at: tuple(rows) for at, rows in found.items()}
