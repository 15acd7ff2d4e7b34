"""Every way to fill the slots that a request must have filled, judged and scored as arrays.

A *core* is a look of those slots and no more. What a rule on whole looks forbids is tried with one
item more, which may lift the verdict. A plan that counts looks, or proves a set of items the
smallest, needs them all and not the best few that a beam keeps.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit import beam
from wearwhy.outfit.arena import Arena, enter
from wearwhy.outfit.candidates import gather, verdicts
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.request import Request
from wearwhy.outfit.search import positions
from wearwhy.outfit.templates import Template
from wearwhy.rdf import WW
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# How many cores a request is asked for, all its templates together, and how many items more.
LIMIT = 16_000
FULLER = 6_000


@dataclass(frozen=True, slots=True, eq=False)
class Cores:
    """The cores of one request that no rule forbids.

    Attributes:
        layer: the request's.
        arena: the candidates.
        members: of each core its items by their number in the pool, sorted.
        templates: which each follows.
        score: what each core's terms add up to.
        considered: how many were judged.
        whole: whether that was every one there is.
    """

    layer: Layer
    arena: Arena
    members: tuple[tuple[int, ...], ...]
    templates: tuple[Template, ...]
    score: Floats
    considered: int
    whole: bool

    def items(self, core: int) -> tuple[NamedNode, ...]:
        """Return a core's items in look order."""
        return tuple(self.arena.pool.items[n] for n in self.members[core])


def widened(index: Index) -> Index:
    """Return an index whose slots offer every item that no rule forbids."""
    most = len(index.items) + 1
    scoring = replace(index.scoring, per_slot=most, per_optional=most)
    return replace(index, scoring=scoring, _made={})


def bought(index: Index, items: Collection[NamedNode]) -> Index:
    """Return an index in which some items of catalogues are owned."""
    owned = index.owned.copy()
    owned[[index.at[item] for item in items]] = True
    return replace(index, owned=owned, _made={})


def cores(
    layer: Layer,
    request: Request,
    index: Index,
    resources: Resources,
    *,
    limit: int = LIMIT,
    new: Collection[NamedNode] = (),
) -> Cores:
    """Return the cores of a request.

    Args:
        layer: of the wardrobe.
        request: what to dress for.
        index: of the layer, as `widened` or with fewer candidates a slot.
        resources: as for recommending.
        limit: how many to judge at most; beyond it what is worth least alone is left out.
        new: items of which each core has exactly one; where there are none, it has what it likes.
    """
    asked = layer.child(Change(add=request.facts()))
    pool = gather(asked, request, index, resources)
    arena = enter(asked, request, index, resources, pool)
    demanded = named(asked.objects(request.iri, WW.requiresSlot))
    occasions = named(asked.objects(request.iri, WW.occasion))
    serving = [t for t in index.templates if t.serves(occasions)]
    fresh = np.array([pool.items[n] in new for n in arena.chosen], dtype=bool)
    drawn: dict[tuple[int, ...], tuple[float, Template]] = {}
    places: dict[NamedNode, Sequence[beam.Position]] = {}
    ways: list[tuple[Template, Sequence[beam.Position]]] = []
    for template in serving:
        found = positions(arena, template, demanded)
        if found is None:
            continue
        required = [p for p in found if not p.optional]
        places[template.iri] = [_only(p, ~fresh) for p in found if p.optional]
        varied = _with_one(required, fresh) if new else [required] if required else []
        ways += [(template, one) for one in varied]
    whole = sum(_combinations(way) for _, way in ways) <= limit
    share = limit if whole else limit // max(1, len(ways))
    for template, way in ways:
        shrunk = _shrunk(way, arena.space.item, share)
        states = beam.cores(arena.space, shrunk, (), 2 * limit)
        values = beam.worth(arena.space, states)
        for members, value in zip(states.looks(), values.tolist(), strict=True):
            if _holds(arena, members):
                drawn.setdefault(members, (value, template))
    return _judged(asked, arena, drawn, places, whole=whole)


def _only(place: beam.Position, kept: NDArray[np.bool_]) -> beam.Position:
    return replace(place, choices=place.choices[kept[place.choices]])


def _with_one(
    required: Sequence[beam.Position], fresh: NDArray[np.bool_]
) -> list[list[beam.Position]]:
    """Return the places once for each of them: it filled with what is new, the others with not."""
    found = []
    for n in range(len(required)):
        varied = [_only(p, fresh if k == n else ~fresh) for k, p in enumerate(required)]
        if all(len(p.choices) for p in varied):
            found.append(varied)
    return found


def _combinations(found: Sequence[beam.Position]) -> int:
    return math.prod(len(place.choices) for place in found)


def _shrunk(found: Sequence[beam.Position], worth: Floats, limit: int) -> list[beam.Position]:
    """Return places with so few choices that all their combinations are no more than a limit."""
    chosen = [p.choices[np.argsort(-worth[p.choices], kind="stable")] for p in found]
    while chosen and math.prod(map(len, chosen)) > limit:
        longest = max(range(len(chosen)), key=lambda n: len(chosen[n]))
        chosen[longest] = chosen[longest][:-1]
    return [beam.Position(np.sort(c), optional=False) for c in chosen]


def _holds(arena: Arena, members: Collection[int]) -> bool:
    return set(arena.pool.locked) <= set(arena.whole(tuple(members)))


def _judged(
    layer: Layer,
    arena: Arena,
    drawn: dict[tuple[int, ...], tuple[float, Template]],
    places: Mapping[NamedNode, Sequence[beam.Position]],
    *,
    whole: bool,
) -> Cores:
    certainty = arena.index.scoring.certainty
    share = arena.index.scoring.multipliers["rule"]
    found: dict[tuple[int, ...], tuple[float, Template]] = {}

    def judge(those: Mapping[tuple[int, ...], tuple[float, Template]]) -> list[tuple[int, ...]]:
        """Keep what no rule forbids, and return what one does."""
        if not those:
            return []
        told = verdicts(arena.pool.judge.looks([arena.whole(m) for m in those]), certainty)
        for k, (members, (value, template)) in enumerate(those.items()):
            if not told.barred[k]:
                found[members] = (value + share * float(told.points[k]), template)
        return [members for k, members in enumerate(those) if told.barred[k]]

    forbidden = judge(drawn)
    fuller: dict[tuple[int, ...], tuple[float, Template]] = {}
    for members in forbidden:
        template = drawn[members][1]
        for place in places[template.iri]:
            free = ~arena.space.barred[
                np.ix_(place.choices, np.array(members, dtype=np.int64))
            ].any(axis=1)
            for choice in place.choices[free].tolist():
                fuller.setdefault(tuple(sorted((*members, choice))), (0.0, template))
        if len(fuller) > FULLER:
            whole = False
            break
    fuller = {m: w for m, w in fuller.items() if m not in drawn}
    values = _worths(arena, list(fuller))
    judge({m: (values[k], t) for k, (m, (_, t)) in enumerate(fuller.items())})
    kept = sorted(found.items(), key=lambda one: (-round(one[1][0], 9), one[0]))
    return Cores(
        layer,
        arena,
        tuple(arena.whole(members) for members, _ in kept),
        tuple(template for _, (_, template) in kept),
        np.array([value for _, (value, _) in kept]),
        len(drawn) + len(fuller),
        whole,
    )


def _worths(arena: Arena, looks: Sequence[tuple[int, ...]]) -> list[float]:
    """Return what looks are worth, verdicts on them as a whole left out."""
    space, found = arena.space, np.zeros(len(looks))
    sizes = np.array([len(look) for look in looks], dtype=np.int64)
    for size in np.unique(sizes).tolist():
        at = np.flatnonzero(sizes == size)
        rows = np.array([looks[k] for k in at.tolist()], dtype=np.int64)
        first, second = np.triu_indices(size, 1)
        nothing = np.zeros(len(at), dtype=np.int64)
        states = beam.States(
            rows,
            nothing + size,
            space.item[rows].sum(axis=1),
            space.pair[rows[:, first], rows[:, second]].sum(axis=1),
            space.clo[rows].sum(axis=1),
            np.zeros(len(at)),
            nothing,
        )
        found[at] = beam.worth(space, states)
    return found.tolist()
