"""What things are called in an explanation: labels, and words for the engine's own nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from pyoxigraph import NamedNode

from wearwhy.outfit.labels import chosen, label
from wearwhy.outfit.look import Look, pair_iri
from wearwhy.rdf import Node
from wearwhy.rules.layer import Layer

Templates = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Names in one language, as a layer has them; `own` names the look, its request, its pairs."""

    layer: Layer
    language: str
    own: Mapping[Node, str]

    def of(self, node: Node) -> str:
        """Return a node's name: its own word, its rule's label, its label, or its compact IRI."""
        found = self.own.get(node)
        if found is None and isinstance(node, NamedNode):
            rule = self.layer.rule(node)
            found = chosen(rule.description.label, self.language) if rule else None
        return found or label(self.layer, node, self.language)


def names(layer: Layer, look: Look | None, templates: Templates, language: str) -> Names:
    """Return the names for explaining a look (or anything else) in a language."""
    own: dict[Node, str] = {}
    if look is not None:
        own[look.iri] = templates["the-look"][language]
        own[look.request.iri] = templates["the-request"][language]
        for first, second in combinations(look.items, 2):
            own[pair_iri(look.iri, first, second)] = templates["the-pair"][language].format(
                first=label(layer, first, language), second=label(layer, second, language)
            )
    return Names(layer, language, own)
