"""The words that a form offers: kinds of garment, properties and their values, occasions, slots."""

from __future__ import annotations

from typing import Final

from wearwhy.evidence import Kind
from wearwhy.explain.naming import Names as Spoken
from wearwhy.feeds.names import CLASSES, Names
from wearwhy.rdf import RDFS, SCHEMA, TYPE, WW, Fact, NamedNode, curie
from wearwhy.rules.layer import Layer
from wearwhy.service.caller import Caller
from wearwhy.service.changing import readable
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names
from wearwhy.wearer.profile import wearers

_SCHEMES: Final = {
    "occasions": WW["occasion-scheme"],
    "dress_codes": WW["dress-code-scheme"],
    "parts": WW["part-of-day-scheme"],
    "weather": WW["weather-scheme"],
    "slots": WW["slot-scheme"],
    "body_parts": WW["body-part-scheme"],
    "hemispheres": WW["hemisphere-scheme"],
}
_PLAIN: Final = (SCHEMA.name, SCHEMA.brand, SCHEMA.price, SCHEMA["size"])


def vocabulary(
    service: Service, caller: Caller, *, wardrobe: str | None = None, lang: str = "en"
) -> Json:
    """Return what the ontology in force has words for, in one language, and who and what is there.

    Raises:
        UnknownName: WW-WARDROBE-NONE, WW-LANGUAGE.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    key = ("vocabulary", lang)
    found = layer.cache.get(key)
    if not isinstance(found, dict):
        found = layer.cache[key] = _told(service, layer, lang)
    return {"revision": workspace.revision_of(name), "wardrobe": name, **found}


def _told(service: Service, layer: Layer, lang: str) -> Json:
    """Return the words; kept with the layer, which another ontology or wearer makes anew."""
    words, named = service.workspace.names, names(layer, lang)
    return {
        "types": [
            {**_word(words, node, lang), "broader": _broader(words, node)}
            for node in words.members(CLASSES)
        ],
        "properties": _properties(words, named, lang),
        **{key: _words(words, scheme, lang) for key, scheme in _SCHEMES.items()},
        "catalogues": service.workspace.state.owners("catalogue"),
        "wearers": [
            {"id": node.value, "label": named.of(node)}
            for node in wearers(layer)
            if layer.kind(Fact(node, TYPE, WW.Wearer)) is Kind.ASSERTED
        ],
    }


def _word(words: Names, node: NamedNode, lang: str) -> Json:
    return {"id": node.value, "label": words.label(node, lang)}


def _words(words: Names, scheme: NamedNode, lang: str) -> list[Json]:
    return [_word(words, node, lang) for node in words.members(scheme)]


def _broader(words: Names, node: NamedNode) -> str | None:
    above = words.facts.get(node, {}).get(RDFS.subClassOf, ())
    known = [up.value for up in above if isinstance(up, NamedNode) and words.is_a(up, CLASSES)]
    return known[0] if known else None


def _properties(words: Names, named: Spoken, lang: str) -> list[Json]:
    """Return the properties of items that take a value of a scheme, a number, a date or a text."""
    found = []
    for prop in sorted({*words.facts, *_PLAIN}, key=curie):
        about = words.facts.get(prop, {})
        domains = [node for node in about.get(RDFS.domain, ()) if isinstance(node, NamedNode)]
        of_items = any(words.is_a(node, CLASSES) or node == CLASSES for node in domains)
        scope, datatype = words.scope(prop), words.datatype(prop)
        if prop not in _PLAIN and not (of_items and (scope is not None or datatype is not None)):
            continue
        if scope == CLASSES:
            continue
        found.append(
            {
                "id": curie(prop),
                "label": named.of(prop),
                "values": _words(words, scope, lang) if scope is not None else None,
                "datatype": curie(datatype) if datatype is not None else None,
                "several": not words.functional(prop),
            }
        )
    return found
