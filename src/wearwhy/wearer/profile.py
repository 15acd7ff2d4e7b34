"""What a wearer says of themselves, as facts: sizes, what stays covered, warmth, what they avoid.

Nothing here is guessed, and nothing follows from a person's sex: a size, a coverage or a dislike
holds because somebody said so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from wearwhy.rdf import SCHEMA, TYPE, WW, Fact, Node, literal
from wearwhy.walk.graph import Graph, named, number
from wearwhy.wearer.log import name_of


@dataclass(frozen=True, slots=True)
class Profile:
    """What is said of one wearer.

    Attributes:
        name: what they are called.
        sizes: the sizes they wear, by slot, as labels have them.
        covered: parts of the body that every look covers.
        warmth: by how many degrees the air feels warmer to them than it is; None: not said.
        hemisphere: where they live.
        dislikes: items, kinds and values that speak against a look.
        never: items, kinds and values that no look has.
    """

    name: str | None = None
    sizes: Mapping[NamedNode, Sequence[str]] = field(default_factory=dict)
    covered: tuple[NamedNode, ...] = ()
    warmth: float | None = None
    hemisphere: NamedNode | None = None
    dislikes: tuple[NamedNode, ...] = ()
    never: tuple[NamedNode, ...] = ()


def profile_facts(wearer: NamedNode, said: Profile) -> tuple[Fact, ...]:
    """Return the facts that say a profile of a wearer, sorted as they are told."""
    pairs: list[tuple[NamedNode, Node | None]] = [
        (TYPE, WW.Wearer),
        (SCHEMA.name, Literal(said.name) if said.name else None),
        (WW.warmthOffset, None if said.warmth is None else literal(float(said.warmth))),
        (WW.hemisphere, said.hemisphere),
    ]
    pairs += [(WW.keepsCovered, part) for part in named(said.covered)]
    pairs += [(WW.dislikes, thing) for thing in named(said.dislikes)]
    pairs += [(WW.neverWears, thing) for thing in named(said.never)]
    facts = [Fact(wearer, predicate, value) for predicate, value in pairs if value is not None]
    for slot in named(said.sizes):
        facts += sizing_facts(wearer, slot, said.sizes[slot])
    return tuple(facts)


def sizing_facts(wearer: NamedNode, slot: NamedNode, sizes: Sequence[str]) -> tuple[Fact, ...]:
    """Return the facts that say which sizes a wearer wears in a slot."""
    node = name_of("sizing", wearer, slot)
    return (
        Fact(wearer, WW.sizing, node),
        Fact(node, TYPE, WW.Sizing),
        Fact(node, WW.sizedSlot, slot),
        *(Fact(node, SCHEMA["size"], Literal(size)) for size in sorted(set(sizes))),
    )


def read_profile(graph: Graph, wearer: NamedNode) -> Profile:
    """Return what a graph says of a wearer."""
    sizes = {}
    for node in named(graph.objects(wearer, WW.sizing)):
        for slot in named(graph.objects(node, WW.sizedSlot)):
            found = graph.objects(node, SCHEMA["size"])
            sizes[slot] = tuple(sorted(o.value for o in found if isinstance(o, Literal)))
    name = graph.value(wearer, SCHEMA.name)
    return Profile(
        name=name.value if isinstance(name, Literal) else None,
        sizes=dict(sorted(sizes.items(), key=lambda one: one[0].value)),
        covered=tuple(named(graph.objects(wearer, WW.keepsCovered))),
        warmth=number(graph, wearer, WW.warmthOffset),
        hemisphere=next(iter(named(graph.objects(wearer, WW.hemisphere))), None),
        dislikes=tuple(named(graph.objects(wearer, WW.dislikes))),
        never=tuple(named(graph.objects(wearer, WW.neverWears))),
    )


def wearers(graph: Graph) -> tuple[NamedNode, ...]:
    """Return everybody that a graph says something of, sorted by IRI."""
    return tuple(named(graph.subjects(TYPE, WW.Wearer)))
