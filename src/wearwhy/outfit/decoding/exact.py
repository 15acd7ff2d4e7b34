"""Trying everything: the best looks of a small wardrobe, for certain.

The oracle that quicker ways are measured by. The number of looks is counted before they are made;
what is more than can be tried is refused, never tried in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from pyoxigraph import NamedNode

from wearwhy.outfit.arena import Arena
from wearwhy.outfit.beam import Position
from wearwhy.outfit.search import Found, judged, positions, worths
from wearwhy.outfit.templates import Template

MOST = 400_000
AT_ONCE = 20_000

Members = tuple[int, ...]


def count(arena: Arena, templates: Sequence[Template], demanded: Sequence[NamedNode]) -> int:
    """Return how many looks there are at most, barred pairs among them."""
    places = [positions(arena, template, demanded) for template in templates]
    return sum(
        prod(len(p.choices) + p.optional for p in those) for those in places if those is not None
    )


def exhaustive(
    arena: Arena, templates: Sequence[Template], demanded: Sequence[NamedNode], n: int = 1
) -> list[Found] | None:
    """Return the n best looks of all there are, best first; None where there are too many.

    Args:
        arena: the candidates.
        templates: the ways to be dressed that serve the request.
        demanded: slots that a rule demands.
        n: how many.
    """
    if count(arena, templates, demanded) > MOST:
        return None
    best: list[Found] = []
    seen: set[Members] = set()
    for template in templates:
        places = positions(arena, template, demanded)
        if places is None or all(p.optional for p in places):
            continue
        drawn: list[Members] = []
        for members in _all(arena, places, ()):
            if members not in seen:
                seen.add(members)
                drawn.append(members)
            if len(drawn) == AT_ONCE:
                best = _best(arena, drawn, template, best, n)
                drawn = []
        best = _best(arena, drawn, template, best, n)
    return best


def _all(arena: Arena, places: Sequence[Position], held: Members) -> Iterator[Members]:
    """Yield every way to fill the places without a barred pair."""
    if not places:
        if held:
            yield tuple(sorted(held))
        return
    first, rest = places[0], places[1:]
    if first.optional:
        yield from _all(arena, rest, held)
    for choice in first.choices.tolist():
        if not held or not arena.space.barred[choice, list(held)].any():
            yield from _all(arena, rest, (*held, choice))


def _best(
    arena: Arena, drawn: list[Members], template: Template, best: list[Found], n: int
) -> list[Found]:
    locked = set(arena.pool.locked)
    some = [m for m in drawn if locked <= set(arena.whole(m))] if locked else drawn
    values = worths(arena, some)
    found, _ = judged(arena, {m: (value, template) for m, value in zip(some, values, strict=True)})
    return sorted((*best, *found), key=lambda f: (-round(f.rank, 9), f.members))[:n]
