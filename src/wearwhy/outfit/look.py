"""A recommended look, and the facts that say of it what rules read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

from pyoxigraph import NamedNode

from wearwhy.outfit.request import Request
from wearwhy.outfit.score import Term
from wearwhy.rdf import ID, TYPE, WW, Fact, Node
from wearwhy.rules.layer import Change, Layer


@dataclass(frozen=True, slots=True)
class Placed:
    """An item in its slot."""

    item: NamedNode
    slot: NamedNode


@dataclass(frozen=True, slots=True)
class Told:
    """A forbidding verdict that a locked item stays in spite of."""

    rule: NamedNode
    about: tuple[NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A recommended look; its terms add up to its score.

    Attributes:
        request: what it is for.
        template: the way to be dressed that it follows.
        placed: its items in look order, each with its slot.
        score: the sum of its terms.
        terms: by falling magnitude.
        told: what forbids a locked item of it.
        brought: for items that a walk or a neighbourhood brought, the node it started from.
        seed: recorded for replay.
        collection: how many items the workspace held, which walks weigh by.
    """

    request: Request
    template: NamedNode
    placed: tuple[Placed, ...]
    score: float
    terms: tuple[Term, ...]
    told: tuple[Told, ...] = ()
    brought: Mapping[NamedNode, Node] = field(default_factory=dict, hash=False)
    seed: int = 0
    collection: int = 0

    @property
    def items(self) -> tuple[NamedNode, ...]:
        """Return its items in look order."""
        return tuple(placed.item for placed in self.placed)

    @property
    def id(self) -> str:
        """Return a short name made from the request and the items."""
        return look_id(self.request.iri, self.items)

    @property
    def iri(self) -> NamedNode:
        """Return the node that the look is."""
        return look_iri(self.request.iri, self.items)


@lru_cache(maxsize=1024)
def look_id(request: NamedNode, items: tuple[NamedNode, ...]) -> str:
    """Return a short name made from the request and the items."""
    text = "\n".join([request.value, *sorted(item.value for item in items)])
    return "look-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def look_iri(request: NamedNode, items: tuple[NamedNode, ...]) -> NamedNode:
    """Return the node of a look of these items for this request."""
    return ID[f"look/{look_id(request, items).removeprefix('look-')}"]


@lru_cache(maxsize=4096)
def pair_iri(look: NamedNode, first: NamedNode, second: NamedNode) -> NamedNode:
    """Return the node of a pair of a look's items."""
    text = f"{first.value}\n{second.value}"
    return NamedNode(f"{look.value}/pair/{hashlib.sha256(text.encode()).hexdigest()[:12]}")


def scaffold(request: NamedNode, items: tuple[NamedNode, ...]) -> tuple[Fact, ...]:
    """Return the facts that put a look before the rules: what is considered, its pairs, itself.

    `items` stand in look order: the first of a pair is the one nearer to the head or the skin.
    """
    look = look_iri(request, items)
    facts = [*of_items(request, look, items)]
    for first, second in combinations(items, 2):
        facts += of_pair(look, pair_iri(look, first, second), first, second)
    return tuple(facts)


def of_items(request: NamedNode, look: NamedNode, items: tuple[NamedNode, ...]) -> tuple[Fact, ...]:
    """Return what the scaffold of a look says, less what it says of pairs."""
    facts = [Fact(look, TYPE, WW.Look), Fact(look, WW.forRequest, request)]
    for item in items:
        facts += [Fact(request, WW.considers, item), Fact(look, WW.hasItem, item)]
    return tuple(facts)


def of_pair(
    look: NamedNode, pair: NamedNode, first: NamedNode, second: NamedNode
) -> tuple[Fact, ...]:
    """Return what the scaffold of a look says of a pair of its items."""
    return (
        Fact(look, WW.hasPair, pair),
        Fact(pair, TYPE, WW.Pair),
        Fact(pair, WW.first, first),
        Fact(pair, WW.second, second),
        Fact(pair, WW.member, first),
        Fact(pair, WW.member, second),
    )


def look_layer(request_layer: Layer, look: Look) -> Layer:
    """Return the layer of one look, over the layer of its request."""
    return request_layer.child(Change(add=scaffold(look.request.iri, look.items)))
