"""The few reasons under a look: chosen for a wearer, not for their weight alone.

Terms that say the same of several things are one reason. A topic tells its best reason before any
topic tells a second; what a look before has told already counts for less; and what speaks most
against the look is told as well. Where not all that is owned is at hand, no reason speaks of what
is elsewhere.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence

from wearwhy.explain.merging import Group, grouped
from wearwhy.explain.naming import Names
from wearwhy.explain.reasons import Reason, reason
from wearwhy.explain.terms import ExplainedLook
from wearwhy.explain.topics import topics
from wearwhy.rdf import WW, Node


def choose(named: Names, look: ExplainedLook) -> list[Reason]:
    """Return the reasons to tell under a look, in the order of their topics.

    Which they are depends on no language. The last may be one that speaks against the look.
    """
    kept = look.kept.get(("chosen", named.language))
    if not isinstance(kept, list):
        groups = _groups(named, look)
        # Where sentences name the same slots in every language, so do the reasons that are chosen.
        key = ("chosen of", *(group.used(named) for group in groups))
        kept = look.kept.get(key)
        if not isinstance(kept, list):
            kept = look.kept[key] = _choose(named, look, groups)
        look.kept["chosen", named.language] = kept
    return kept


def _told(named: Names, look: ExplainedLook) -> list[Reason]:
    """Return what each term tells, in no language yet."""
    kept = look.kept.get("told")
    if not isinstance(kept, list):
        found = (reason(named, one) for one in look.terms if one.term.kind != "neural")
        kept = [one for one in found if look.taken is None or _at_hand(named, one, look.taken)]
        look.kept["told"] = kept
    return kept


def _at_hand(named: Names, one: Reason, taken: frozenset[Node]) -> bool:
    """Return whether all owned items that a rule's reason rests on are among those taken."""
    return one.rule is None or not any(
        node not in taken and named.layer.objects(node, WW.inWardrobe)
        for nodes in one.slots.values()
        for node in nodes
    )


def _groups(named: Names, look: ExplainedLook) -> list[Group]:
    """Return what the terms tell together, in no language yet; what has no topic is not told."""
    kept = look.kept.get("groups")
    if not isinstance(kept, list):
        kept = [group for group in grouped(_told(named, look)) if group.those[0].topic]
        look.kept["groups"] = kept
    return kept


def _choose(named: Names, look: ExplainedLook, groups: Sequence[Group]) -> list[Reason]:
    telling = named.templates["telling"]
    least, against, most = float(telling["least"]), float(telling["against"]), int(telling["most"])
    before = told_before(named, look)
    again, rather = float(telling["again"]), float(telling["rather"])
    declared = topics(named.templates)
    preferred = {key for topic in declared for key in topic.rather}

    def weight(key: str, value: float) -> float:
        more = rather if key in preferred else 1.0
        return round(abs(value) * more * again ** before.get(key, 0), 9)

    def for_it(one: Reason) -> bool:
        return one.value >= least or one.template.startswith("comfort")

    def ranked(some: Sequence[Group]) -> Iterator[Reason]:
        return _ranked(named, some, weight)

    good, bad = list[Group](), list[Group]()
    for group in groups:
        first = group.those[0]
        (good if first.value > 0 or first.template.startswith("comfort") else bad).append(group)
    last = next((one for one in ranked(bad) if one.value <= -against), None)
    room = most - (last is not None)
    order = {topic.name: n for n, topic in enumerate(declared)}
    chosen: list[Reason] = []
    for topic in declared:
        those = [group for group in good if group.those[0].topic == topic.name]
        if len(chosen) < room:
            chosen += itertools.islice(filter(for_it, ranked(those)), 1)
    limits = {topic.name: topic.most for topic in declared}
    for one in ranked(good) if len(chosen) < room else ():
        told = sum(other.topic == one.topic for other in chosen)
        if for_it(one) and one not in chosen and told < limits[one.topic]:
            chosen.append(one)
        if len(chosen) >= room:
            break
    chosen.sort(key=lambda r: order[r.topic])
    return [*chosen, *([last] if last is not None else [])]


def _ranked(
    named: Names, groups: Sequence[Group], weight: Callable[[str, float], float]
) -> Iterator[Reason]:
    """Yield what groups tell, by falling weight and then by name.

    A group is joined only when no other that is left could weigh more.
    """
    heap = []
    for n, group in enumerate(groups):
        key = group.those[0].key
        heap.append((-weight(key, group.most), False, key, n))
    heapq.heapify(heap)
    while heap:
        _, sure, key, n = heapq.heappop(heap)
        one = groups[n].joined(named)
        if sure:
            yield one
        else:
            heapq.heappush(heap, (-weight(key, one.value), True, key, n))


def told_before(named: Names, look: ExplainedLook) -> dict[str, int]:
    """Return how often the looks shown before this one have told each reason."""
    if look.before is None:
        return {}
    kept = look.kept.get("told before")
    if isinstance(kept, dict):
        return kept
    line: list[ExplainedLook] = []
    here: ExplainedLook | None = look.before
    while here is not None:
        line.append(here)
        here = here.before
    counted: dict[str, int] = {}
    for one in reversed(line):
        one.kept.setdefault("told before", dict(counted))
        at_look = Names(one.layer, named.language, {}, named.templates, one.look.items)
        for told in choose(at_look, one):
            counted[told.key] = counted.get(told.key, 0) + 1
    look.kept["told before"] = counted
    return counted
