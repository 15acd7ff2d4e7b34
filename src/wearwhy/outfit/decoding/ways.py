"""Three ways to decode looks, and how they are asked for.

*beam* is the search that answers by default. *greedy* takes the best item slot by slot and adds
what helps. *sample* draws items with a chance that grows with what they are worth: the same seed
gives the same looks, and a higher temperature more different ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.errors import ValueRefused, nearest
from wearwhy.outfit import beam
from wearwhy.outfit.arena import Arena
from wearwhy.outfit.candidates import Verdicts
from wearwhy.outfit.improving import Members, Seats, neighbours
from wearwhy.outfit.search import Found, Search, judged, positions, search, worths
from wearwhy.outfit.templates import Template

WAYS: Final = ("beam", "greedy", "sample")
DRAWS: Final = 64
STARTS: Final = 8
"""With how many first items a greedy look is begun."""
STEPS: Final = 12


@dataclass(frozen=True, slots=True)
class Decoding:
    """How looks are decoded.

    Attributes:
        way: `beam`, `greedy` or `sample`.
        temperature: of sampling, in points: a look worth so much less is e times as rare.
        seed: of sampling.
        draws: how many looks are drawn.
    """

    way: str = "beam"
    temperature: float = 0.1
    seed: int = 0
    draws: int = DRAWS

    def __post_init__(self) -> None:
        """Refuse what is no way to decode.

        Raises:
            ValueRefused: WW-DECODING-WAY, WW-DECODING-TEMPERATURE.
        """
        if self.way not in WAYS:
            near = nearest(self.way, WAYS)
            raise ValueRefused(
                "WW-DECODING-WAY",
                f"'{self.way}' is no way to decode looks.",
                note=f"There are {', '.join(WAYS)}.",
                hint=f"Did you mean {near}?" if near else "",
            )
        if not 0 < self.temperature < np.inf:
            raise ValueRefused(
                "WW-DECODING-TEMPERATURE",
                f"{self.temperature} is no temperature.",
                note="It is in points, and more than 0.",
                hint="0.1 draws good looks, 1 draws freely.",
            )


def decode(
    arena: Arena,
    templates: Sequence[Template],
    demanded: Sequence[NamedNode],
    decoding: Decoding | None = None,
) -> Search:
    """Return the looks that a way of decoding finds, best first.

    Args:
        arena: the candidates.
        templates: the ways to be dressed that serve the request.
        demanded: slots that a rule demands.
        decoding: None for the default.
    """
    if decoding is None or decoding.way == "beam":
        return search(arena, templates, demanded)
    placed = [(t, p) for t in templates if (p := positions(arena, t, demanded)) is not None]
    placed = [(t, p) for t, p in placed if any(not one.optional for one in p)]
    if decoding.way == "greedy":
        return _greedy(arena, placed)
    return _sampled(arena, placed, decoding)


Placed = list[tuple[Template, list[beam.Position]]]


def _greedy(arena: Arena, placed: Placed) -> Search:
    """Return looks begun with each of the best first items, filled and then added to greedily."""
    drawn: dict[Members, Template] = {}
    for template, places in placed:
        required = [p for p in places if not p.optional]
        optional = [p for p in places if p.optional]
        first = required[0]
        order = np.lexsort((first.choices, -np.round(arena.space.item[first.choices], 9)))
        for choice in first.choices[order][:STARTS]:
            begun = [replace(first, choices=np.array([choice])), *required[1:]]
            for members in beam.cores(arena.space, begun, optional, 1).looks():
                drawn.setdefault(members, template)
    found, refused = _of(arena, drawn)
    by = {template.iri: places for template, places in placed}
    best = {look.members: look for look in found}
    for look in found:
        best.update(_added(arena, look, by[look.template.iri]))
    return Search(_ordered(best.values()), refused)


def _added(arena: Arena, look: Found, places: Sequence[beam.Position]) -> dict[Members, Found]:
    """Return a look with the item more that helps most, again and again."""
    seen: dict[Members, Found] = {}
    for _ in range(STEPS):
        columns = tuple(arena.column[n] for n in look.members)
        more = [m for m in neighbours(arena.space, Seats(places), columns) if len(m) > len(columns)]
        found, _ = _of(arena, dict.fromkeys(more, look.template))
        best = min(found, key=lambda f: (-round(f.rank, 9), f.members), default=look)
        if best.rank <= look.rank + 1e-9:
            break
        look = seen[best.members] = best
    return seen


def _sampled(arena: Arena, placed: Placed, decoding: Decoding) -> Search:
    """Return looks drawn item by item."""
    rng = np.random.default_rng(decoding.seed)
    drawn: dict[Members, Template] = {}
    for n in range(decoding.draws if placed else 0):
        template, places = placed[n % len(placed)]
        members = _draw(arena, places, decoding.temperature, rng)
        if members is not None:
            drawn.setdefault(members, template)
    found, refused = _of(arena, drawn)
    return Search(_ordered(found), refused)


def _draw(
    arena: Arena, places: Sequence[beam.Position], temperature: float, rng: np.random.Generator
) -> Members | None:
    """Return one look; None where the draw ran into a place that nothing left fills."""
    space, held = arena.space, list[int]()
    for place in sorted(places, key=lambda p: p.optional):
        free = [c for c in place.choices.tolist() if not space.barred[c, held].any()]
        options = [tuple(sorted((*held, c))) for c in free]
        if place.optional:
            if any(m in place.choices for m in held):
                continue
            options.append(tuple(held))
        if not options:
            return None
        worth = np.array(worths(arena, options))
        worth -= arena.index.scoring.least_gain * np.array([len(m) for m in options])
        chance = np.exp((worth - worth.max()) / temperature)
        held = list(options[int(rng.choice(len(options), p=chance / chance.sum()))])
    return tuple(held)


def _of(arena: Arena, drawn: dict[Members, Template]) -> tuple[list[Found], Verdicts]:
    """Return the looks that no rule forbids and that hold what is locked."""
    locked = set(arena.pool.locked)
    some = {m: t for m, t in drawn.items() if locked <= set(arena.whole(m))}
    values = worths(arena, list(some))
    return judged(arena, {m: (v, some[m]) for m, v in zip(some, values, strict=True)})


def _ordered(found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(sorted(found, key=lambda f: (-round(f.rank, 9), f.members)))
