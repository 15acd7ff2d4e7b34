"""What a term on two items rests on: attribute pairs and outfits that show them, walks between.

The root says what the pair is worth; the nodes beneath it add up to that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.coupled import share
from wearwhy.explain.resident import Ground
from wearwhy.outfit.pairs import values
from wearwhy.outfit.score import Term
from wearwhy.outfit.sightings import Sightings, Trait, sightings
from wearwhy.proof.prove import Prover
from wearwhy.rdf import TYPE, WW, Fact, Node, curie, literal
from wearwhy.walk import companions

if TYPE_CHECKING:
    from wearwhy.learn.outfits import Part

PARTS = 4
"""Of a pair, so many attribute pairs are told one by one."""
VIAS = 3
"""Of a walk between two items, so many nodes that it passes through are told one by one."""
NEIGHBOURS = 2

Bindings = tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A node of evidence without its name, and the facts that it rests on."""

    node: EvidenceNode
    facts: tuple[Fact, ...] = ()


def evidence(found: Ground, term: Term, prover: Prover) -> Evidence:
    """Return what a term on a pair of items rests on; its root is the pair.

    Args:
        found: of the look's own layer.
        term: coupled, of that look.
        prover: over that layer.
    """
    root, told = _walk(found, term) if term.kind == "walk" else _pair(found, term)
    nodes: dict[str, EvidenceNode] = {}
    premises = []
    for n, one in enumerate(told):
        proofs = [prover.evidence(fact) for fact in one.facts if found.layer.holds(fact)]
        for proof in proofs:
            nodes.update(proof.nodes)
        name = f"part {n}"
        below = tuple(dict.fromkeys(proof.root for proof in proofs))
        nodes[name] = replace(one.node, id=name, premises=below)
        premises.append(name)
    return Evidence("root", {**nodes, "root": replace(root, premises=tuple(premises))})


def root(found: Ground, term: Term) -> EvidenceNode:
    """Return the root of what a term on a pair of items rests on, by itself."""
    return (_walk(found, term) if term.kind == "walk" else _pair(found, term))[0]


# -- walks between two items -------------------------------------------------------------------


def _walk(found: Ground, term: Term) -> tuple[EvidenceNode, list[Told]]:
    path = next(path for path in found.coupled.paths if path.iri == term.source)
    x, y = term.about
    reached = found.coupled.reached
    one, other = (x, reached[path.iri, x]), (y, reached[path.iri, y])
    met = companions.met(
        found.layer, path, one[1], other[1], size=found.look.collection, aside=found.aside
    )
    part = share(found.coupled, "walk")
    told = [
        Told(
            EvidenceNode(
                "",
                Kind.PATH,
                rule=path.iri,
                value=part * via.value,
                bindings=(("via", via.node), ("ways", literal(via.ways))),
                note=f"{via.ways} of {met.ways} walks pass here; one of them is shown",
            ),
            companions.trail(path, one, other, via.node),
        )
        for via in met.via[:VIAS]
    ]
    left = met.via[VIAS:]
    if left:
        value = part * math.fsum(via.value for via in left)
        rest: Bindings = (
            ("others", literal(len(left))),
            ("ways", literal(sum(v.ways for v in left))),
        )
        note = f"and through {len(left)} others"
        told.append(
            Told(EvidenceNode("", Kind.PATH, rule=path.iri, value=value, bindings=rest, note=note))
        )
    bindings = (
        ("first", x),
        ("others", literal(len(met.via))),
        ("second", y),
        ("ways", literal(met.ways)),
    )
    note = f"{met.ways} walks lead from one to the other, through {len(met.via)} nodes"
    root = EvidenceNode(
        "root", Kind.PATH, rule=path.iri, value=term.value, bindings=bindings, note=note
    )
    return root, told


# -- what a model says of two items ------------------------------------------------------------


def _pair(found: Ground, term: Term) -> tuple[EvidenceNode, list[Told]]:
    pairing = found.coupled.pairing
    assert pairing is not None
    x, y = term.about
    part, seen = share(found.coupled, "pair"), sightings(found.layer)
    parts = pairing.parts(x, y)
    on_facts = [p for p in parts if p.first is not None and p.second is not None]
    told = [_attributes(seen, term, p, part) for p in on_facts[:PARTS]]
    left = on_facts[PARTS:]
    if left:
        value = part * math.fsum(p.value for p in left)
        bindings: Bindings = (("pairs", literal(len(left))),)
        note = f"and {len(left)} smaller attribute pairs"
        told.append(Told(EvidenceNode("", Kind.PAIR, value=value, bindings=bindings, note=note)))
    told += [Told(_opaque(found, term, p, part)) for p in parts if p.opaque]
    bindings = (("first", x), ("second", y), *_described(found, seen, term, on_facts))
    note = "learned from outfits, attribute pair by attribute pair"
    return EvidenceNode("root", Kind.PAIR, value=term.value, bindings=bindings, note=note), told


def _attributes(seen: Sightings, term: Term, part: Part, share: float) -> Told:
    """Return one attribute pair, with an outfit in which it was seen."""
    x, y = term.about
    first, second = part.first, part.second
    assert first is not None
    assert second is not None
    facts = [Fact(x, *first), Fact(y, *second)]
    outfits = seen.together((first,), (second,))
    for outfit in [seen.outfits[n] for n in outfits[:1]]:
        shown = seen.items(outfit, (first,), (second,))
        if shown is not None:
            one, other = shown
            facts += [Fact(outfit, WW.hasItem, one), Fact(one, *first)]
            facts += [Fact(outfit, WW.hasItem, other), Fact(other, *second)]
    bindings = (
        ("attribute", first[0]),
        ("first", first[1]),
        ("outfits", literal(len(outfits))),
        ("second", second[1]),
        ("second attribute", second[0]),
    )
    note = f"seen together in {len(outfits)} outfits"
    node = EvidenceNode("", Kind.PAIR, value=share * part.value, bindings=bindings, note=note)
    return Told(node, tuple(dict.fromkeys(facts)))


def _described(
    found: Ground, seen: Sightings, term: Term, parts: Sequence[Part]
) -> Iterator[tuple[str, Node]]:
    """Yield what the two items have in the largest parts, and in how many outfits such met.

    Parts that pull the other way are left out; so are attributes that pairs are not counted over.
    An item is called by its own class rather than by one above it. What no outfit shows together
    is told by less.
    """
    alike = [p for p in parts if p.value * term.value > 0][:PARTS]
    x, y = term.about
    for chosen, own in ((alike, True), (alike, False), (alike[:1], False)):
        one = _traits(found, [p.first for p in chosen], x, own=own)
        other = _traits(found, [p.second for p in chosen], y, own=own)
        outfits = len(seen.together(one.items(), other.items())) if one and other else 0
        if outfits:
            break
    if one and other:
        yield ("outfits", literal(outfits))
        yield from ((f"first {curie(p)}", value) for p, value in one.items())
        yield from ((f"second {curie(p)}", value) for p, value in other.items())


def _traits(
    found: Ground, given: Sequence[Trait | None], item: NamedNode, *, own: bool
) -> dict[NamedNode, Node]:
    """Return what an item has among some traits, one value an attribute; its class, if nothing.

    Args:
        found: of the look's own layer.
        given: by falling weight.
        item: that has them.
        own: whether the class that the item was said to be of stands in for one above it.
    """
    traits: dict[NamedNode, Node] = {}
    for trait in given:
        if trait is not None and trait[0] in found.predicates:
            traits.setdefault(*trait)
    kinds = values(found.layer, item, TYPE)[:1]
    if not traits or (own and TYPE in traits):
        traits.update((TYPE, kind) for kind in kinds)
    return traits


def _opaque(found: Ground, term: Term, part: Part, share: float) -> EvidenceNode:
    """Return a part that names no facts, with the items whose photographs are most like these."""
    bindings: list[tuple[str, Node]] = [("part", literal(part.opaque))]
    near: list[str] = []
    pictures = found.resources.pictures if part.opaque == "image" else None
    for n, item in enumerate(term.about, 1):
        alike = pictures.neighbours(item, NEIGHBOURS) if pictures is not None else ()
        bindings.append((f"{n} item", item))
        for k, other in enumerate(alike, 1):
            bindings += [
                (f"{n} like {k}", other.item),
                (f"{n} like {k} by", literal(round(other.cosine, 2))),
            ]
            near.append(f"{curie(item)} looks like {curie(other.item)} ({other.cosine:.2f})")
    note = "; ".join((f"what the model has of the two by their {part.opaque}", *near))
    return EvidenceNode(
        "", Kind.OPAQUE, value=share * part.value, bindings=tuple(bindings), note=note
    )


def neighbours(node: EvidenceNode) -> Mapping[NamedNode, Sequence[tuple[Node, Node]]]:
    """Return, of an opaque part, the items most like each of the two, with their cosines."""
    said = dict(node.bindings)
    found: dict[NamedNode, list[tuple[Node, Node]]] = {}
    for name, value in node.bindings:
        number, _, rest = name.partition(" ")
        if rest.startswith("like") and not rest.endswith(" by"):
            item = said[f"{number} item"]
            assert isinstance(item, NamedNode)
            found.setdefault(item, []).append((value, said[f"{name} by"]))
    return found
