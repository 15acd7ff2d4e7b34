"""Parts of rules solved by themselves, for all candidates at once, and kept.

A part about an item that no request can change is kept with the layer that decides it, and so
serves every later request. A part that asks something of the request is kept with the layer below
it, under what the request says of what the part reads: it serves every request that says the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wearwhy.rdf import TYPE
from wearwhy.rules.columns import Bools, Floats, Ints, Table
from wearwhy.rules.lasting import touched
from wearwhy.rules.layer import Layer
from wearwhy.rules.ledger import Ledger
from wearwhy.rules.memory import Said, signature
from wearwhy.rules.model import Var
from wearwhy.rules.parts import ITEM, REQUEST, Part
from wearwhy.rules.schedule import Schedule
from wearwhy.rules.solver import Solver
from wearwhy.rules.terms import Id

MOST = 4096
"""How many answers are kept with a layer that depend on what is asked."""


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
    answers: dict[object, Answer]


class Alone:
    """Answers parts about one item or about the request.

    Args:
        layer: the request's layer.
        items: the candidates, rising, each once.
        request: the request.
        schedule: of the layer's program.
        solver: sees what holds in the layer.
        said: what the layer says, by property.
    """

    __slots__ = (
        "_answers",
        "_items",
        "_layer",
        "_own",
        "_places",
        "_request",
        "_said",
        "_schedule",
        "_solver",
    )

    def __init__(
        self,
        layer: Layer,
        items: Ints,
        request: Id,
        schedule: Schedule,
        solver: Solver,
        *,
        said: Said,
    ) -> None:
        self._layer = layer
        self._items = items
        self._request = request
        self._schedule = schedule
        self._solver = solver
        self._answers: dict[tuple[int, bool], Answer] = {}
        self._places: dict[int, tuple[_Kept, Ints]] = {}
        self._own: dict[int, frozenset[object]] = {}
        self._said = said

    def answer(self, part: Part) -> Answer:
        """Return of which candidates a part is true; of a part about the request, one answer."""
        at = (part.shape, part.key is not None)
        found = self._answers.get(at)
        if found is None:
            found = self._answers[at] = self._found(part)
        return found

    def _found(self, part: Part) -> Answer:
        if not part.asks and part.key is not None:
            kept, places = self._kept(self._decided(part))
            found = kept.answers.get(part.shape)
            if found is None:
                table = Table(len(kept.items), {ITEM: kept.items})
                found = kept.answers[part.shape] = self._solve(part, table, kept.items, ITEM)
            return found.of(places)
        below = self._layer.under
        if below is None or below.program is not self._layer.program or part.names:
            return self._about(part, self._items)
        kept, places = self._kept(below)
        at = (part.shape, part.key is not None, self._signature(part))
        found = kept.answers.get(at)
        if found is None:
            if len(kept.answers) > MOST:
                kept.answers.clear()
            found = kept.answers[at] = self._about(part, kept.items)
        return found if part.key is None else found.of(places)

    def _about(self, part: Part, items: Ints) -> Answer:
        """Solve a part that asks something of the request."""
        request = np.array([self._request], dtype=np.int64)
        if part.key is None:
            return self._solve(part, Table(1, {REQUEST: request}), request, REQUEST)
        table = Table(len(items), {ITEM: items, REQUEST: request.repeat(len(items))})
        return self._solve(part, table, items, ITEM)

    def _signature(self, part: Part) -> tuple[object, ...]:
        """Return what the request's layer says of what a part reads, whatever its name."""
        own, other = self._schedule.reads[part.shape]
        return signature(self._said, own | other)

    def _solve(self, part: Part, start: Table, domain: Ints, var: Var) -> Answer:
        return answered(self._solver.solve(part.plan, start), var, domain)

    def _decided(self, part: Part) -> Ledger:
        """Return the highest layer that says something of what a part reads."""
        own, other = self._schedule.reads[part.shape]
        layer: Ledger = self._layer
        while (
            layer.under is not None
            and other.isdisjoint(_said(layer))
            and (own.isdisjoint(_said(layer)) or own.isdisjoint(self._said_of_items(layer)))
        ):
            layer = layer.under
        return layer

    def _said_of_items(self, layer: Ledger) -> frozenset[object]:
        found = self._own.get(layer.number)
        if found is None:
            found = self._own[layer.number] = _said_of_items(layer, self._items)
        return found

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


def answered(table: Table, var: Var, domain: Ints) -> Answer:
    """Return for which nodes of a domain (rising) a variable has solutions, and how surely."""
    true = np.zeros(len(domain), dtype=bool)
    if not table.length:
        return Answer(true, None, any=False)
    at = domain.searchsorted(table.columns[var])
    true[at] = True
    sure = None
    if table.confidence is not None and (table.confidence < 1.0).any():
        sure = np.zeros(len(domain))
        np.maximum.at(sure, at, table.confidence)
    return Answer(true, sure, any=True)


def _said_of_items(layer: Ledger, items: Ints) -> frozenset[object]:
    """Return what a layer says of candidates, kept with it for those asked about last."""
    about = items.tobytes()
    kept = layer.cache.get("said of items")
    if isinstance(kept, tuple) and kept[0] == about:
        found: frozenset[object] = kept[1]
        return found
    own = touched(layer, items)[1]
    layer.cache["said of items"] = (about, own)
    return own


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
