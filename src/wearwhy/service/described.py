"""An item as a document: what it is called, what it is, and what is known of it, and from where."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal

from wearwhy.evidence import Kind
from wearwhy.explain.document import term_json
from wearwhy.explain.naming import Names
from wearwhy.feeds.names import Names as Words
from wearwhy.rdf import RDFS, SCHEMA, TYPE, WW, Fact, NamedNode, Node, curie
from wearwhy.rules.layer import Layer
from wearwhy.service.documents import Json
from wearwhy.service.uploads.photographs import is_ours

_APART: Final = frozenset((TYPE, SCHEMA.name, SCHEMA.image, WW.inWardrobe))
_SAID: Final = (Kind.ASSERTED, Kind.PREDICTED)
_TOLD: Final = (Kind.ASSERTED, Kind.DERIVED, Kind.COMPUTED, Kind.PREDICTED)


def item_json(
    layer: Layer, words: Words, named: Names, item: NamedNode, wardrobe: str, *, whole: bool
) -> Json:
    """Return an item; kept with the layer, whose facts do not change.

    Args:
        layer: the closed wardrobe.
        words: of the ontology: which properties take which values.
        named: what things are called.
        item: that is described.
        wardrobe: whose layer it is.
        whole: whether with what rules conclude, besides what was said and guessed.
    """
    key = ("item document", item, named.language, whole)
    found = layer.cache.get(key)
    if not isinstance(found, dict):
        kinds = _TOLD if whole else _SAID
        found = layer.cache[key] = _item_json(layer, words, named, item, wardrobe, kinds=kinds)
    return found


def _item_json(
    layer: Layer,
    words: Words,
    named: Names,
    item: NamedNode,
    wardrobe: str,
    *,
    kinds: tuple[Kind, ...],
) -> Json:
    attributes: dict[NamedNode, list[tuple[Node, Kind]]] = {}
    for fact in layer.match(item, None, None):
        kind = layer.kind(fact)
        if kind in kinds and fact.predicate not in _APART and _known(words, fact.predicate):
            attributes.setdefault(fact.predicate, []).append((fact.object, kind))
    name, image = (layer.value(item, p) for p in (SCHEMA.name, SCHEMA.image))
    return {
        "id": item.value,
        "name": name.value if isinstance(name, Literal) else None,
        "label": named.of(item),
        "type": _type(layer, named, item),
        "slots": _told(named, layer.objects(item, WW.slot)),
        "attributes": {
            curie(prop): {
                "label": named.of(prop),
                "values": [
                    _value(layer, named, Fact(item, prop, value), kind)
                    for value, kind in sorted(attributes[prop], key=lambda one: str(one[0]))
                ],
            }
            for prop in sorted(attributes, key=curie)
        },
        # What a table or a stranger's RDF says of a picture is no address to be fetched from.
        "photograph": image.value
        if isinstance(image, Literal) and is_ours(image.value, wardrobe)
        else None,
    }


def _known(words: Words, prop: NamedNode) -> bool:
    """Return whether a property is one that people read: of a scheme, a datatype, or schema.org."""
    valued = words.scope(prop) is not None or words.datatype(prop) is not None
    return valued or (prop.value.startswith(SCHEMA) and words.knows(prop))


def _value(layer: Layer, named: Names, fact: Fact, kind: Kind) -> Json:
    found: Json = {
        "term": term_json(fact.object),
        "label": named.of(fact.object),
        "kind": kind.value,
    }
    if kind is Kind.PREDICTED:
        found["probability"] = layer.probability(fact)
    return found


def _told(named: Names, nodes: list[Node]) -> list[Json]:
    return [
        {"id": node.value, "label": named.of(node)}
        for node in sorted(nodes, key=str)
        if isinstance(node, NamedNode)
    ]


def _type(layer: Layer, named: Names, item: NamedNode) -> Json | None:
    """Return the kind of garment that somebody said it is; of several the most special one."""
    said = [
        node
        for node in sorted(layer.objects(item, TYPE), key=str)
        if isinstance(node, NamedNode)
        and node.value.startswith(WW)
        and layer.kind(Fact(item, TYPE, node)) is Kind.ASSERTED
    ]
    best = [
        node
        for node in said
        if not any(Fact(o, RDFS.subClassOf, node) in _sub(layer, o) for o in said if o != node)
    ]
    return _told(named, [*best[:1]])[0] if best else None


def _sub(layer: Layer, node: NamedNode) -> set[Fact]:
    return set(layer.match(node, RDFS.subClassOf, None))
