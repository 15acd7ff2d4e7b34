"""Reasons that say the same of several things, told as one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from wearwhy.explain.filling import filling
from wearwhy.explain.naming import Names
from wearwhy.explain.reasons import SLOT, Reason, own
from wearwhy.rdf import WW, Node


class Group:
    """Reasons of one key and one sign, which differ in what fills their slots.

    Attributes:
        those: the reasons, one a term.
        most: more than this no telling of them together weighs, in points.
    """

    __slots__ = ("_joined", "most", "those")

    def __init__(self, those: Sequence[Reason]) -> None:
        self.those = those
        # A little more, since sums depend on their order.
        self.most = abs(sum(one.value for one in those)) * (1 + 1e-9)
        self._joined: dict[frozenset[str], Reason] = {}

    def used(self, named: Names) -> frozenset[str]:
        """Return which slots the sentence names on which it depends how they can be joined."""
        # What stands alone is told as it is, whatever fills it.
        return frozenset() if len(self.those) == 1 else slots_of(own(named, self.those[0]))

    def joined(self, named: Names) -> Reason:
        """Return them as one reason, where they differ in a single slot of items.

        Of those that cannot be told together the one with the most weight stands.
        """
        if len(self.those) == 1:
            return self.those[0]
        used = self.used(named)
        found = self._joined.get(used)
        if found is None:
            found = max(_joined(named, self.those, used), key=lambda r: abs(r.value))
            self._joined[used] = found
        return found


def grouped(found: Sequence[Reason]) -> list[Group]:
    """Return reasons by what they tell, in the order of the first of each group."""
    by: dict[tuple[str, bool], list[Reason]] = {}
    for one in found:
        by.setdefault((one.key, one.value > 0), []).append(one)
    return [Group(those) for those in by.values()]


def merged(named: Names, found: Sequence[Reason]) -> list[Reason]:
    """Return reasons of one key as one each; see `Group.joined`."""
    return [group.joined(named) for group in grouped(found)]


@lru_cache(maxsize=4096)
def slots_of(text: str) -> frozenset[str]:
    """Return the names of the slots of a sentence."""
    return frozenset(SLOT.findall(text))


def _joined(named: Names, those: Sequence[Reason], used: frozenset[str]) -> list[Reason]:
    """Return the ways to tell some of these together, each reason joined with all it can be."""
    known = sorted(used & those[0].slots.keys())
    told = [tuple(one.slots[name] for name in known) for one in those]
    # Of those that are alike but for one slot each leads to the same.
    alike: dict[tuple[str, tuple[tuple[Node, ...], ...]], list[Reason]] = {}
    for one, nodes in zip(those, told, strict=True):
        for n, slot in enumerate(known or [""]):
            alike.setdefault((slot, (*nodes[:n], *nodes[n + 1 :])), []).append(one)
    result = [_together(named, some, slot) for (slot, _), some in alike.items()]
    if those[0].template and len(those) > 1:
        result.append(_walked(named, those))
    return result


def _together(named: Names, alike: Sequence[Reason], slot: str) -> Reason:
    first = alike[0]
    if not slot or len(alike) == 1:
        return first
    nodes = tuple(dict.fromkeys(chain.from_iterable(one.slots[slot] for one in alike)))
    if any(node not in named.items for node in nodes) and len(nodes) > 1:
        return first
    placed = [item for item in named.items if item in nodes]
    value = sum(one.value for one in alike)
    slots = filling(first.slots, {slot: tuple(placed) if len(nodes) > 1 else nodes})
    return Reason(first.key, first.topic, value, first.template, first.rule, slots)


def _walked(named: Names, those: Sequence[Reason]) -> Reason:
    """Return walks along one path as one reason: what they bring, and through how many things."""
    first = those[0]
    about = set(chain.from_iterable(one.slots["items"] for one in those))
    items = tuple(item for item in named.items if item in about)
    via = tuple(dict.fromkeys(chain.from_iterable(one.slots.get("via", ()) for one in those)))
    more = {"items": items, "via": via}
    if via:
        more["last"] = _latest(named, via)
    slots = filling(first.slots, more)
    value = sum(one.value for one in those)
    several = f"{first.template}-last"
    template = several if len(via) > 1 and several in named.templates else first.template
    return Reason(first.key, first.topic, value, template, first.rule, slots)


def _latest(named: Names, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return which of some outfits was worn last; of things without a day, one of them."""
    return (max(nodes, key=lambda n: (str(named.layer.value(n, WW.wornOn) or ""), str(n))),)
