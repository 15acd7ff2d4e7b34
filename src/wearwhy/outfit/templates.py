"""Slots and templates: which places a look has, as the ontology declares them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from wearwhy.rdf import SKOS, TYPE, WW
from wearwhy.walk.graph import Graph, named, number

UNORDERED = 10_000


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a look: its order from head to foot and from skin outwards, its capacity."""

    iri: NamedNode
    order: int
    most: int = 1


@dataclass(frozen=True, slots=True)
class Template:
    """A way to be dressed: the slots that must be filled, and those that may be.

    A template kept for some occasions serves no other; one kept for none serves any.
    """

    iri: NamedNode
    required: tuple[NamedNode, ...]
    optional: tuple[NamedNode, ...]
    occasions: tuple[NamedNode, ...] = ()

    def serves(self, occasions: Collection[NamedNode]) -> bool:
        """Say whether the template may be used for a request of these occasions."""
        return not self.occasions or any(occasion in occasions for occasion in self.occasions)


def slots(graph: Graph) -> Mapping[NamedNode, Slot]:
    """Return the declared slots by IRI, in their order."""
    found = []
    for iri in named(graph.subjects(SKOS.inScheme, WW["slot-scheme"])):
        order, most = number(graph, iri, WW.order), number(graph, iri, WW.maxItems)
        found.append(
            Slot(iri, UNORDERED if order is None else int(order), 1 if most is None else int(most))
        )
    found.sort(key=lambda slot: (slot.order, slot.iri.value))
    return {slot.iri: slot for slot in found}


def templates(graph: Graph) -> tuple[Template, ...]:
    """Return the declared templates, sorted by IRI; their slots stand in slot order."""
    order = {iri: n for n, iri in enumerate(slots(graph))}

    def sort(found: list[NamedNode]) -> tuple[NamedNode, ...]:
        return tuple(sorted(found, key=lambda iri: (order.get(iri, UNORDERED), iri.value)))

    return tuple(
        Template(
            iri,
            sort(named(graph.objects(iri, WW.requiresSlot))),
            sort(named(graph.objects(iri, WW.allowsSlot))),
            tuple(sorted(named(graph.objects(iri, WW.forOccasion)), key=lambda node: node.value)),
        )
        for iri in named(graph.subjects(TYPE, WW.Template))
    )
