"""Local improvement: the best looks with one item exchanged, added or left at home.

A beam decides slot by slot and is told of verdicts on whole looks only where it asked. What it
misses is most often one item away from what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.outfit import beam
from wearwhy.outfit.templates import Template

BEST = 2
"""Of how many of the best looks the neighbours are tried in a round."""
NEAR = 120
"""How many neighbours of a look are judged, by what they are worth before verdicts."""
ROUNDS = 12

Members = tuple[int, ...]
Places = Mapping[NamedNode, Sequence[beam.Position]]


class Ranked(Protocol):
    """A look that was found: its template and its rank."""

    @property
    def template(self) -> Template:
        """The way to be dressed that it follows."""

    @property
    def rank(self) -> float:
        """What it is chosen by."""


def improve(
    space: beam.Space,
    places: Places,
    found: Mapping[Members, Ranked],
    judge: Callable[[Mapping[Members, Template]], Mapping[Members, Ranked]],
    *,
    locked: frozenset[int],
    least_gain: float,
    rounds: int | None = None,
) -> dict[Members, Ranked]:
    """Return the looks of the neighbourhood that no rule forbids, those given left out.

    Args:
        space: the candidates.
        places: the places of each template.
        found: looks by their items' rows.
        judge: which of some looks no rule forbids, with their ranks.
        locked: rows of items that stay.
        least_gain: what an item that need not be must add.
        rounds: at most so many.
    """
    known: dict[Members, Ranked] = dict(found)
    tried: set[Members] = set()
    seen = set(known)
    new: dict[Members, Ranked] = {}
    order = _ordered(known)
    seated: dict[NamedNode, Seats] = {}
    for turn in range(ROUNDS if rounds is None else rounds):
        start = [m for _, m in order[:BEST] if m not in tried][:1]
        if not turn:
            start = _first([m for _, m in order], known)
        if not start:
            break
        drawn: dict[Members, Template] = {}
        for members in start:
            tried.add(members)
            template = known[members].template
            if template.iri not in seated:
                seated[template.iri] = Seats(places[template.iri])
            for one in _nearest(space, seated[template.iri], members, locked, least_gain):
                if one not in seen:
                    seen.add(one)
                    drawn[one] = template
        fresh = judge(drawn)
        known.update(fresh)
        new.update(fresh)
        order = sorted(order + _ordered(fresh))
    return new


def _ordered(looks: Mapping[Members, Ranked]) -> list[tuple[float, Members]]:
    """Return looks best first, equal ones by their items' numbers; with what they are ordered by."""
    return sorted((-round(look.rank, 9), members) for members, look in looks.items())


def _first(order: Sequence[Members], known: Mapping[Members, Ranked]) -> list[Members]:
    """Return the best look of each template."""
    found: dict[NamedNode, Members] = {}
    for members in order:
        found.setdefault(known[members].template.iri, members)
    return list(found.values())


def _nearest(
    space: beam.Space,
    seats: Seats,
    members: Members,
    locked: frozenset[int],
    least_gain: float,
) -> list[Members]:
    """Return the neighbours of a look that are worth most before verdicts, best first."""
    found = sorted(set(neighbours(space, seats, members, locked)))
    if len(found) > NEAR:
        worths = beam.worth(space, beam.states_of(space, found))
        size = np.array([len(one) for one in found])
        value = np.round(worths - least_gain * size, 9)
        found = [found[n] for n in np.argsort(-value, kind="stable")[:NEAR].tolist()]
    return found


class Seats:
    """Which places of a template each item fits, and which items can be worn together.

    Args:
        places: of the template.
    """

    def __init__(self, places: Sequence[beam.Position]) -> None:
        self.choices = [(set(place.choices.tolist()), place.optional) for place in places]
        self.fits: dict[int, int] = {}
        self.needed = 0
        self._known: dict[tuple[int, ...], bool] = {}
        for n, (those, optional) in enumerate(self.choices):
            if not optional:
                self.needed |= 1 << n
            for item in those:
                self.fits[item] = self.fits.get(item, 0) | 1 << n

    def instead(self, item: int) -> set[int]:
        """Return what fits some place that an item fits."""
        own = self.fits[item]
        return set().union(*(those for n, (those, _) in enumerate(self.choices) if own >> n & 1))

    def wearable(self, members: Members) -> bool:
        """Return what `wearable` says, which depends on the places that the items fit alone."""
        key = tuple(sorted(self.fits.get(item, 0) for item in members))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = wearable(self.choices, members)
        return found


def neighbours(
    space: beam.Space,
    seats: Seats,
    members: Members,
    locked: frozenset[int] = frozenset(),
) -> Iterator[Members]:
    """Yield the looks that differ from one in one item and can be worn."""
    worn, fits = set(members), seats.fits
    for one in members:
        if one in locked:
            continue
        rest = tuple(m for m in members if m != one)
        bars, own = _barred(space, rest), fits[one]
        if rest and (not seats.needed & own or seats.wearable(rest)):
            yield rest
        for other in sorted(seats.instead(one) - worn):
            # What fits wherever the other fitted can take its place.
            if not bars[other]:
                changed = tuple(sorted((*rest, other)))
                if not own & ~fits[other] or seats.wearable(changed):
                    yield changed
    bars = _barred(space, members)
    for those, _ in seats.choices:
        free = those.isdisjoint(worn)
        for other in sorted(those - worn):
            if not bars[other]:
                more = tuple(sorted((*members, other)))
                if free or seats.wearable(more):
                    yield more


def _barred(space: beam.Space, members: Members) -> list[bool]:
    """Return which items may not join a look."""
    found = np.asarray(space.barred[list(members)].any(axis=0))
    return list(map(bool, found))


def wearable(choices: Sequence[tuple[set[int], bool]], members: Members) -> bool:
    """Return whether every item has a place of its own, and every place that must be filled one."""
    taken: dict[int, int] = {}

    def seat(item: int, visited: set[int]) -> bool:
        for n, (those, _) in enumerate(choices):
            if item in those and n not in visited:
                visited.add(n)
                if n not in taken or seat(taken[n], visited):
                    taken[n] = item
                    return True
        return False

    if not all(seat(item, set()) for item in members):
        return False
    need = [n for n, (_, optional) in enumerate(choices) if not optional]
    return all(n in taken for n in need) or _filled(choices, members, need)


def _filled(choices: Sequence[tuple[set[int], bool]], members: Members, need: list[int]) -> bool:
    """Return whether the places that must be filled can be, by items of their own."""
    taken: dict[int, int] = {}

    def fill(place: int, visited: set[int]) -> bool:
        for item in members:
            if item in choices[place][0] and item not in visited:
                visited.add(item)
                if item not in taken or fill(taken[item], visited):
                    taken[item] = place
                    return True
        return False

    # By the exchange of matchings, both being possible each by itself is enough for both at once.
    return all(fill(place, set()) for place in need)
