"""Operations that put facts and terms of documents into words, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.explain.naming import Names
from wearwhy.explain.wording import said
from wearwhy.rdf import TYPE, WW, Fact, expand
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names
from wearwhy.service.vocabulary import vocabulary as words_of_forms
from wearwhy.store.answer import from_json

MOST = 60
"""So many facts of a list are told; how many more there are is said."""


def named_in(
    service: Service,
    caller: Caller,
    wardrobe: str | None,
    language: str,
    own: Mapping[str, str] | None = None,
) -> Names:
    """Return what things are called in a wardrobe.

    Args:
        service: that is asked.
        caller: who asks.
        wardrobe: whose names are used.
        language: of the names.
        own: names of what the graph does not know yet, by IRI.
    """
    caller.require(Scope.READ)
    named = names(service.workspace.layer(caller.wardrobe(wardrobe)), language)
    if own:
        named = replace(named, own={**named.own, **{NamedNode(k): v for k, v in own.items()}})
    return named


def sentences_with(named: Names, facts: Sequence[Json]) -> list[str]:
    """Return what facts say, each in a sentence, each once, the first of them at most.

    What kinds other vocabularies count a thing among is said last.
    """
    ordered = sorted(facts, key=_of_elsewhere)
    return list(dict.fromkeys(said(named, fact_of(one)) for one in ordered[:MOST]))


def _of_elsewhere(fact: Json) -> bool:
    """Return whether a fact counts a thing among a kind that is not of our own vocabulary."""
    kind = fact["predicate"]["value"] == TYPE.value
    return kind and not fact["object"]["value"].startswith(str(WW))


def labels_of(
    service: Service, caller: Caller, iris: Sequence[str], wardrobe: str | None, language: str
) -> dict[str, str]:
    """Return what IRIs are called, by IRI."""
    named = named_in(service, caller, wardrobe, language)
    return {iri: named.of(NamedNode(iri)) for iri in dict.fromkeys(iris)}


def vocabulary(service: Service, caller: Caller, *, wardrobe: str | None, lang: str) -> Json:
    """Return the words that forms offer, as `service.vocabulary` has them.

    Each property says whether rules conclude it: who describes an item need not say that.

    They are kept with the wardrobe's layer, which a change replaces: forms stand on many pages.
    """
    caller.require(Scope.READ)
    layer = service.workspace.layer(caller.wardrobe(wardrobe))
    key = ("page vocabulary", lang)
    found = layer.cache.get(key)
    if not isinstance(found, dict):
        found = words_of_forms(service, caller, wardrobe=wardrobe, lang=lang)
        heads = {head.predicate for rule in layer.sources for head in rule.head}
        properties = [
            {**one, "concluded": expand(one["id"]) in heads} for one in found["properties"]
        ]
        found = layer.cache[key] = {**found, "properties": properties}
    return found


def fact_of(said_of: Mapping[str, Any]) -> Fact:
    """Return the fact that a document's `subject`, `predicate`, `object` are."""
    subject, predicate, thing = (from_json(said_of[k]) for k in ("subject", "predicate", "object"))
    assert isinstance(predicate, NamedNode)
    return Fact(subject, predicate, thing)
