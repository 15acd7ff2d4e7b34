"""Overlays folded into the ground they lie on: single facts become parts of columns again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from wearwhy.rules.columnar.frozen import Frozen
from wearwhy.rules.columnar.ground import Ground
from wearwhy.rules.columnar.growing import ASSERTED, Growing, Numbers, fresh, rising
from wearwhy.rules.columnar.start import divided
from wearwhy.rules.columnar.units import Unit
from wearwhy.rules.columns import Ints
from wearwhy.rules.ledger import Asserted, Because, Entry, Ledger
from wearwhy.rules.model import Var
from wearwhy.rules.relation import Relation
from wearwhy.rules.terms import Id, Row


def folded(layer: Ledger) -> tuple[Ground, dict[Id, Ints]]:
    """Return a ground that says what a layer says surely, and which pairs it leaves out.

    Left out is what rests on a guess or on a rule that is not closed as arrays, and what a
    measure computed. The ground is closed under the rules that are, but for pairs left out.
    """
    cut, _ = divided(layer.program)
    ground = layer.ground or Ground({}, (), frozenset())
    units = list(ground.units)
    known = {id(unit): number for number, unit in enumerate(units)}
    for unit in (unit for members in cut.values() for unit in members):
        if id(unit) not in known:
            known[id(unit)] = len(units)
            units.append(unit)
    # A rule that has come to read what is unsure is closed as arrays no longer, and yet what it
    # concluded before stands in the ground.
    alive = frozenset(known[id(unit)] for members in cut.values() for unit in members)
    alive |= ground.alive
    entries, gone = _said(layer)
    kept: dict[Row, tuple[int, tuple[Id, ...]]] = {}
    for row, entry in entries.items():
        if isinstance(entry, Asserted):
            kept[row] = (ASSERTED, ())
        elif isinstance(entry, Because) and layer.confidence_of(row) >= 1.0:
            told = _told(row, entry, cut.get(entry.rule, ()))
            if told is not None:
                kept[row] = (known[id(told[0])], told[1])
    relations: dict[Id, Relation] = dict(ground.relations)
    touched: dict[Id, dict[Row, None]] = defaultdict(dict)
    for row in (*entries, *gone):
        touched[row[1]][row] = None
    missing: dict[Id, Ints] = {}
    for predicate, rows in touched.items():
        frozen = ground.frozen.get(predicate)
        pairs = Growing() if frozen is None else frozen.growing()
        if len(pairs):
            pairs = pairs.without(_sorted(rows))
        said = [(row, *kept[row]) for row in rows if row in kept]
        if said:
            _add(pairs, said)
        if len(said) < len(rows):
            missing[predicate] = _sorted(row for row in rows if row not in kept)
        relations[predicate] = Frozen(pairs)
    return Ground(relations, units, alive), missing


def _said(layer: Ledger) -> tuple[dict[Row, Entry], dict[Row, None]]:
    """Return what the overlays above the ground say together."""
    entries: dict[Row, Entry] = {}
    gone: dict[Row, None] = {}
    for one in reversed(list(_overlays(layer))):
        for row in one.gone:
            entries.pop(row, None)
            gone[row] = None
        entries.update(one.entries)
    return entries, gone


def _overlays(layer: Ledger) -> Iterable[Ledger]:
    one: Ledger | None = layer
    while one is not None:
        yield one
        one = one.under


def _sorted(rows: Iterable[Row]) -> Ints:
    return rising(np.array([(s << 32) | o for s, _, o in rows], dtype=np.int64))


def _add(pairs: Growing, said: list[tuple[Row, int, tuple[Id, ...]]]) -> None:
    said.sort(key=lambda one: (one[0][0], one[0][2]))
    keys = _sorted(row for row, _, _ in said)
    units = np.array([number for _, number, _ in said], dtype=np.int32)
    width = max(len(extras) for _, _, extras in said)
    filled = [(*extras, *(0 for _ in range(width - len(extras)))) for _, _, extras in said]
    table: Numbers = np.array(filled, dtype=np.int32).reshape(len(said), width)
    _, at = fresh(keys, pairs.keys)
    pairs.add(keys, at, units, tuple([np.ascontiguousarray(table[:, n]) for n in range(width)]))


def _told(row: Row, entry: Because, units: Iterable[Unit]) -> tuple[Unit, tuple[Id, ...]] | None:
    """Return which unit concluded a row, and its extras."""
    for unit in units:
        bound: dict[object, Id] = {}
        for pattern, (s, _, o) in zip(unit.patterns, entry.premises, strict=True):
            bound[pattern.subject], bound[pattern.object] = s, o
        subject, obj = (
            bound.get(end) if isinstance(end, Var) else end
            for end in (unit.head.subject, unit.head.object)
        )
        # What a SET gave stands in the head alone, and fits whatever it is.
        if unit.head.predicate == row[1] and subject in (row[0], None) and obj in (row[2], None):
            return unit, tuple([bound[v] for v in unit.extras])
    return None
