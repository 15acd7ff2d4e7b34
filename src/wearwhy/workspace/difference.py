"""What a change would change: facts gained and lost, looks gained, lost and re-ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wearwhy.errors import NoAnswer
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.index import Resources
from wearwhy.outfit.request import Request
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Layer

Outfit = tuple[NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A look of one request: what it is of and where it stands (1 is first; 0: nowhere)."""

    request: Request
    items: Outfit
    before: int
    after: int
    score: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What one graph has and shows that another does not.

    Attributes:
        revision: the revision that the change was looked at from.
        gained, lost: facts, asserted ones among them, sorted.
        looks_gained, looks_lost, reranked: over the requests tried.
    """

    revision: int
    gained: tuple[Fact, ...]
    lost: tuple[Fact, ...]
    looks_gained: tuple[Ranked, ...] = ()
    looks_lost: tuple[Ranked, ...] = ()
    reranked: tuple[Ranked, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.gained or self.lost or self.looks_gained or self.looks_lost or self.reranked
        )


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: tuple(str(part) for part in fact)))


def facts_between(before: Layer, after: Layer) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Return the facts gained and lost from one layer to another of the same base."""
    if after.below is before:
        gained, lost = after.changes()
        return _sorted(gained), _sorted(lost)
    old, new = set(before.facts()), set(after.facts())
    return _sorted(new - old), _sorted(old - new)


def shown(
    layer: Layer, requests: Sequence[Request], resources: Resources
) -> list[dict[Outfit, float]]:
    """Return the looks of each request by their items, best first; none where there is no answer."""
    found = []
    for request in requests:
        try:
            looks = recommend(layer, request, resources).looks
        except NoAnswer:
            looks = ()
        found.append({look.items: look.score for look in looks})
    return found


def between(
    before: Layer,
    after: Layer,
    requests: Sequence[Request],
    resources: Resources,
    revision: int,
) -> Difference:
    """Return what changes from one layer to another, in facts and in looks."""
    gained, lost = facts_between(before, after)
    if not gained and not lost and before.program is after.program:
        return Difference(revision, (), ())
    looks_gained: list[Ranked] = []
    looks_lost: list[Ranked] = []
    reranked: list[Ranked] = []
    pairs = zip(
        requests,
        shown(before, requests, resources),
        shown(after, requests, resources),
        strict=True,
    )
    for request, old, new in pairs:
        was, now = _places(old), _places(new)
        for items in [*new, *(i for i in old if i not in new)]:
            score = new.get(items, old.get(items, 0.0))
            one = Ranked(request, items, was.get(items, 0), now.get(items, 0), score)
            if not one.before:
                looks_gained.append(one)
            elif not one.after:
                looks_lost.append(one)
            elif one.before != one.after:
                reranked.append(one)
    return Difference(
        revision, gained, lost, tuple(looks_gained), tuple(looks_lost), tuple(reranked)
    )


def _places(looks: Mapping[Outfit, float]) -> dict[Outfit, int]:
    return {items: place for place, items in enumerate(looks, 1)}
