"""Search: beams over the templates that serve, led by what rules say of whole looks.

Verdicts on whole looks cannot be added up item by item, so they are asked of the cores, and of one
core with each optional item, which tells what that item is expected to change; then of the looks
found; then of what lies near the best of them, until nothing near is better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit import beam
from wearwhy.outfit.arena import Arena
from wearwhy.outfit.candidates import Verdicts, verdicts
from wearwhy.outfit.improving import improve
from wearwhy.outfit.templates import Template

Floats = NDArray[np.float64]
CORES = 4
ENOUGH = 8
# What a forbidden core is set back by: another item may yet lift the verdict.
BARRED = 10.0

Members = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A look that no rule forbids.

    Attributes:
        members: its items by their number in the pool.
        template: the way to be dressed that it follows.
        score: what its terms add up to.
        rank: the score, less the least gain for each item that the template does not require.
        verdicts: on whole looks, of which `row` is this one's.
    """

    members: Members
    template: Template
    score: float
    rank: float
    verdicts: Verdicts
    row: int


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What a search found, and what was forbidden when it found nothing."""

    looks: tuple[Found, ...]
    refused: Verdicts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    template: Template
    places: tuple[beam.Position, ...]
    optional: tuple[beam.Position, ...]
    states: beam.States


def search(
    arena: Arena,
    templates: Sequence[Template],
    demanded: Sequence[NamedNode],
    *,
    improving: bool = True,
) -> Search:
    """Return the looks found, best first.

    Args:
        arena: the candidates.
        templates: the ways to be dressed that serve the request.
        demanded: slots that a rule demands.
        improving: whether what lies near the best looks is tried too.
    """
    width = arena.index.scoring.beam
    starts = []
    for template in templates:
        places = positions(arena, template, demanded)
        if places is None:
            continue
        required = [p for p in places if not p.optional]
        optional = tuple(p for p in places if p.optional)
        states = beam.cores(arena.space, required, optional, width)
        if len(states) and required:
            starts.append(_Start(template, tuple(places), optional, states))
    if not starts:
        return Search(())
    led, starts = _led(arena, starts)
    drawn: dict[Members, tuple[float, Template]] = {}
    for start in starts:
        chosen = start.states.take(np.arange(min(CORES, len(start.states))))
        states = beam.vary(led, chosen, start.optional, width)
        _add(drawn, arena, states, start.template)
    found, on_looks = judged(arena, drawn)
    if len(found) < ENOUGH:
        # Too few of the varied looks are allowed: try them with one item less, and the bare cores.
        fewer: dict[Members, tuple[float, Template]] = {}
        for start in starts:
            _add(
                fewer,
                arena,
                start.states.take(np.arange(min(CORES, len(start.states)))),
                start.template,
            )
        less = _fewer(arena, dict(list(drawn.items())[:CORES]))
        for members, value in zip(less, worths(arena, list(less)), strict=True):
            fewer.setdefault(members, (value, less[members]))
        more, _ = judged(arena, {m: w for m, w in fewer.items() if m not in drawn})
        found += more
    if improving:
        found += _improved(arena, starts, found)
    found.sort(key=lambda f: (-round(f.rank, 9), f.members))
    return Search(tuple(found), on_looks)


def _improved(arena: Arena, starts: Sequence[_Start], found: Sequence[Found]) -> list[Found]:
    """Return what else is found by changing one item of the best looks."""

    def judge(drawn: Mapping[Members, Template]) -> dict[Members, Found]:
        asked = list(drawn)
        values = worths(arena, asked)
        looks, _ = judged(arena, {m: (v, drawn[m]) for m, v in zip(asked, values, strict=True)})
        return {asked[look.row]: look for look in looks}

    more = improve(
        arena.space,
        {start.template.iri: start.places for start in starts},
        {_columns(arena, look): look for look in found},
        judge,
        locked=frozenset(arena.column[n] for n in arena.pool.locked),
        least_gain=arena.index.scoring.least_gain,
    )
    return [look for look in more.values() if isinstance(look, Found)]


def _columns(arena: Arena, look: Found) -> Members:
    return tuple(arena.column[n] for n in look.members)


def _led(arena: Arena, starts: Sequence[_Start]) -> tuple[beam.Space, list[_Start]]:
    """Return the space and the cores with what rules say of whole looks as a bonus."""
    share = arena.index.scoring.multipliers["rule"]
    space = arena.space
    best = max(
        starts,
        key=lambda s: (round(float(beam.worth(space, s.states)[0]), 9), s.template.iri.value),
    )
    core = best.states.looks()[0]
    probes = sorted({int(c) for s in starts for p in s.optional for c in p.choices} - set(core))
    looks = [members for start in starts for members in start.states.looks()]
    looks += [core, *(tuple(sorted((*core, probe))) for probe in probes)]
    on_looks = verdicts(
        arena.pool.judge.looks([arena.whole(m) for m in looks]), arena.index.scoring.certainty
    )
    points = share * on_looks.points
    bonus = np.full(len(space.bonus), -arena.index.scoring.least_gain)
    base = len(looks) - len(probes)
    bonus[probes] += points[base:] - points[base - 1]
    if not on_looks.barred[base - 1]:
        bonus[probes] -= BARRED * on_looks.barred[base:]
    ranked, at = [], 0
    for start in starts:
        rows = slice(at, at + len(start.states))
        at += len(start.states)
        told = points[rows] - BARRED * on_looks.barred[rows]
        value = np.round(beam.worth(space, start.states) + told, 9)
        order = np.argsort(-value, kind="stable")
        states = replace(start.states, bonus=told).take(order)
        ranked.append(replace(start, states=states))
    return replace(space, bonus=bonus), ranked


def _add(
    drawn: dict[Members, tuple[float, Template]],
    arena: Arena,
    states: beam.States,
    template: Template,
) -> None:
    """Add looks that hold every locked item, each once, with what they are worth."""
    locked = set(arena.pool.locked)
    values = beam.worth(arena.space, states).tolist()
    for members, value in zip(states.looks(), values, strict=True):
        if not locked or locked <= set(arena.whole(members)):
            drawn.setdefault(members, (value, template))


def _fewer(
    arena: Arena, drawn: Mapping[Members, tuple[float, Template]]
) -> dict[Members, Template]:
    """Return looks without each of their items that their template does not require."""
    locked = set(arena.pool.locked)
    found: dict[Members, Template] = {}
    for members, (_, template) in drawn.items():
        for gone in members:
            item = arena.chosen[gone]
            places = arena.index.places[arena.index.at[arena.pool.items[item]]]
            if item not in locked and not any(place in template.required for place in places):
                found.setdefault(tuple(m for m in members if m != gone), template)
    return found


def worths(arena: Arena, looks: Sequence[Members]) -> list[float]:
    """Return what looks are worth, verdicts on them as a whole left out."""
    found: list[float] = beam.worth(arena.space, beam.states_of(arena.space, looks)).tolist()
    return found


def judged(
    arena: Arena, drawn: Mapping[Members, tuple[float, Template]]
) -> tuple[list[Found], Verdicts]:
    """Return the looks that no rule forbids, with their scores, and the verdicts on all."""
    scoring = arena.index.scoring
    looks = [arena.whole(members) for members in drawn]
    on_looks = verdicts(arena.pool.judge.looks(looks), scoring.certainty)
    points = scoring.multipliers["rule"] * on_looks.points
    found = []
    for k, (value, template) in enumerate(drawn.values()):
        if not on_looks.barred[k]:
            score = value + float(points[k])
            more = max(0, len(looks[k]) - len(template.required) - len(arena.pool.locked))
            rank = score - scoring.least_gain * more
            found.append(Found(looks[k], template, score, rank, on_looks, k))
    return found, on_looks


def positions(
    arena: Arena, template: Template, demanded: Sequence[NamedNode]
) -> list[beam.Position] | None:
    """Return the places of a template to fill, or None where a required one stays empty.

    A slot with a locked item offers only that, as often as it is locked; a slot that a rule
    demands must be filled if anything can. More than one item a slot is only what was locked.
    """
    index, pool, column = arena.index, arena.pool, arena.column
    locked = {n: index.places[index.at[pool.items[n]]] for n in pool.locked}
    inside = (*template.required, *template.optional)
    if any(not set(places) & set(inside) for places in locked.values()):
        return None
    found = []
    for slot in inside:
        offered = pool.offered.get(slot, ())
        held = [
            n for n in offered if n in locked and next(p for p in locked[n] if p in inside) == slot
        ]
        most = index.slots[slot].most if slot in index.slots else 1
        if len(held) > most:
            return None
        found += [_place([n], column, optional=False) for n in held]
        required = slot in template.required or (slot in demanded and bool(offered))
        free = [n for n in offered if n not in locked]
        if held:
            continue
        if free:
            found.append(_place(free, column, optional=not required))
        elif slot in template.required:
            return None
    return found


def _place(free: Sequence[int], column: Mapping[int, int], *, optional: bool) -> beam.Position:
    return beam.Position(np.array([column[n] for n in free], dtype=np.int64), optional)
