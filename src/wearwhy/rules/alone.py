"""Parts of rules solved by themselves, for all candidates at once, and kept.

A part about an item that no request can change is kept with the layer that decides it, and so
serves every later request.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wearwhy.rdf import TYPE
from wearwhy.rules.columns import Bools, Floats, Ints, Table
from wearwhy.rules.layer import Layer
from wearwhy.rules.ledger import Ledger
from wearwhy.rules.parts import ITEM, REQUEST, Part
from wearwhy.rules.schedule import Schedule
from wearwhy.rules.solver import Solver
from wearwhy.rules.terms import Id


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Of which candidates a part is true, and how surely; `sure` is None where all are certain."""

    true: Bools
    sure: Floats | None
    any: bool

    def of(self, positions: Ints) -> Answer:
        """Return the answer for some candidates."""
        true = self.true[positions]
        return Answer(true, None if self.sure is None else self.sure[positions], bool(true.any()))


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """The answers kept with a layer: for each part, over all items it was ever asked about."""

    items: Ints
    answers: dict[int, Answer]


class Alone:
    """Answers parts about one item or about the request.

    Args:
        layer: the request's layer.
        items: the candidates, rising, each once.
        request: the request.
        schedule: of the layer's program.
        solver: sees what holds in the layer.
    """

    __slots__ = ("_answers", "_items", "_layer", "_places", "_request", "_schedule", "_solver")

    def __init__(
        self, layer: Layer, items: Ints, request: Id, schedule: Schedule, solver: Solver
    ) -> None:
        self._layer = layer
        self._items = items
        self._request = request
        self._schedule = schedule
        self._solver = solver
        self._answers: dict[tuple[int, bool], Answer] = {}
        self._places: dict[int, tuple[_Kept, Ints]] = {}

    def answer(self, part: Part) -> Answer:
        """Return of which candidates a part is true; of a part about the request, one answer."""
        at = (part.shape, part.key is not None)
        found = self._answers.get(at)
        if found is None:
            found = self._answers[at] = self._found(part)
        return found

    def _found(self, part: Part) -> Answer:
        request = np.array([self._request], dtype=np.int64)
        if part.key is None:
            return self._solve(part, Table(1, {REQUEST: request}), request, REQUEST)
        if part.asks:
            asked = request.repeat(len(self._items))
            table = Table(len(self._items), {ITEM: self._items, REQUEST: asked})
            return self._solve(part, table, self._items, ITEM)
        kept, places = self._kept(self._decided(self._schedule.reads[part.shape]))
        found = kept.answers.get(part.shape)
        if found is None:
            table = Table(len(kept.items), {ITEM: kept.items})
            found = self._solve(part, table, kept.items, ITEM)
            kept.answers[part.shape] = found
        return found.of(places)

    def _solve(self, part: Part, start: Table, domain: Ints, var: object) -> Answer:
        table = self._solver.solve(part.plan, start)
        true = np.zeros(len(domain), dtype=bool)
        if not table.length:
            return Answer(true, None, any=False)
        at = domain.searchsorted(table.columns[ITEM if var is ITEM else REQUEST])
        true[at] = True
        sure = None
        if table.confidence is not None and (table.confidence < 1.0).any():
            sure = np.zeros(len(domain))
            np.maximum.at(sure, at, table.confidence)
        return Answer(true, sure, any=True)

    def _decided(self, reads: frozenset[object]) -> Ledger:
        """Return the highest layer that says something of what a part reads."""
        layer: Ledger = self._layer
        while layer.under is not None and reads.isdisjoint(_said(layer)):
            layer = layer.under
        return layer

    def _kept(self, layer: Ledger) -> tuple[_Kept, Ints]:
        found = self._places.get(layer.number)
        if found is None:
            kept = layer.cache.get("alone")
            if not isinstance(kept, _Kept) or not np.isin(self._items, kept.items).all():
                known = kept.items if isinstance(kept, _Kept) else self._items[:0]
                kept = _Kept(np.union1d(known, self._items), {})
                layer.cache["alone"] = kept
            found = self._places[layer.number] = (kept, kept.items.searchsorted(self._items))
        return found


def _said(layer: Ledger) -> frozenset[object]:
    """Return the properties a layer says something of, and the classes."""
    found = layer.cache.get("said of")
    if not isinstance(found, frozenset):
        kind = layer.interner.id(TYPE)
        rows = [row for part in (layer.entries, layer.gone) for row in part]
        classes = {(p, o) for _, p, o in rows if p == kind}
        found = frozenset({p for _, p, _ in rows} | classes)
        layer.cache["said of"] = found
    return found
