"""Looks and evidence as JSON, in the shapes that section 7 of the design fixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.evidence import Evidence, EvidenceNode
from wearwhy.explain.labelled import labels_json
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.sentences import LANGUAGES, reasons, shortage_sentence, term_label
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm, in_a_row
from wearwhy.outfit.refusal import Shortage
from wearwhy.outfit.request import Request
from wearwhy.rdf import XSD, Fact, Node
from wearwhy.rules.layer import Layer

Json = dict[str, Any]


def term_json(node: Node) -> Json:
    """Return an RDF term as SPARQL 1.1 JSON results have it (triple terms as SPARQL 1.2's)."""
    if isinstance(node, NamedNode):
        return {"type": "uri", "value": node.value}
    if isinstance(node, BlankNode):
        return {"type": "bnode", "value": node.value}
    if isinstance(node, Triple):
        inner = {
            "subject": term_json(node.subject),
            "predicate": term_json(node.predicate),
            "object": term_json(node.object),
        }
        return {"type": "triple", "value": inner}
    found: Json = {"type": "literal", "value": node.value}
    if node.language:
        found["xml:lang"] = node.language
    elif node.datatype != XSD.string:
        found["datatype"] = node.datatype.value
    return found


def fact_json(fact: Fact) -> Json:
    """Return a statement as an object of three terms."""
    return {
        "subject": term_json(fact.subject),
        "predicate": term_json(fact.predicate),
        "object": term_json(fact.object),
    }


def node_json(node: EvidenceNode) -> Json:
    """Return a node of evidence; what does not apply is left out."""
    found: Json = {"kind": node.kind.value}
    if node.statement is not None:
        found["statement"] = fact_json(node.statement)
    if node.rule is not None:
        found["rule"] = node.rule.value if isinstance(node.rule, NamedNode) else str(node.rule)
    if node.bindings:
        found["bindings"] = {name: term_json(value) for name, value in node.bindings}
    for name in ("value", "confidence", "probability", "needed", "source", "note"):
        value = getattr(node, name)
        if value is not None:
            found[name] = value
    found["premises"] = list(node.premises)
    return found


def evidence_json(found: Evidence) -> Json:
    """Return one piece of evidence as `why --json` prints it."""
    return {
        "root": found.root,
        "nodes": {name: node_json(found.nodes[name]) for name in sorted(found.nodes)},
    }


def request_json(request: Request) -> Json:
    """Return a request; what was not said is left out."""
    found: Json = {
        "id": request.iri.value,
        "occasions": [node.value for node in request.occasions],
        "source": request.source,
        "n": request.n,
    }
    if request.date is not None:
        found["date"] = request.date.isoformat()
    for name in ("wearer", "part_of_day", "dress_code"):
        node = getattr(request, name)
        if node is not None:
            found[name] = node.value
    for name in ("locked", "excluded"):
        nodes = getattr(request, name)
        if nodes:
            found[name] = [node.value for node in nodes]
    if request.filters:
        found["filters"] = request.filters.as_json()
    if request.entries:
        found["entries"] = list(request.entries)
    weather = request.weather
    if weather is not None:
        figures: Mapping[str, float | None] = {
            "temperature": weather.temperature,
            "low": weather.low,
            "high": weather.high,
            "rainfall": weather.rainfall,
            "wind": weather.wind,
        }
        found["weather"] = {name: value for name, value in figures.items() if value is not None}
        found["weather"]["conditions"] = [node.value for node in weather.conditions]
    return found


def look_json(look: ExplainedLook, templates: Templates, language: str) -> Json:
    """Return a look with its terms and reasons."""
    named = names(look.layer, look.look, templates, language)
    return {
        "id": look.look.id,
        "score": look.look.score,
        "template": look.look.template.value,
        "items": [
            {"id": p.item.value, "label": named.of(p.item), "slot": p.slot.value}
            for p in look.look.placed
        ],
        "terms": [_term_json(named, term) for term in look.terms],
        "reasons": {lang: reasons(look, templates, lang) for lang in LANGUAGES},
        "labels": labels_json(
            {lang: names(look.layer, look.look, templates, lang) for lang in LANGUAGES},
            look.labels,
        ),
    }


def _term_json(named: Names, term: ExplainedTerm) -> Json:
    return {
        "kind": term.term.kind,
        "label": term_label(named, term),
        "value": term.term.value,
        "without": term.without,
        "evidence": term.evidence.root,
        "withouts": dict(sorted(term.withouts.items())),
    }


def document(
    request: Request,
    looks: Sequence[ExplainedLook],
    templates: Templates,
    *,
    revision: int,
    language: str = "en",
    layer: Layer | None = None,
    shortages: Iterable[Shortage] = (),
) -> Json:
    """Return what `recommend --json` prints.

    Args:
        request: what was asked.
        looks: in the order of choice.
        templates: sentences of terms that are no rules'.
        revision: of the graph and its rules.
        language: of labels; reasons are given in every language.
        layer: the request's layer; needed where there are shortages.
        shortages: slots that nothing fitting fills.
    """
    nodes = {name: node for look in looks for name, node in look.nodes.items()}
    found: Json = {
        "revision": revision,
        "request": request_json(request),
        "looks": [look_json(look, templates, language) for look in in_a_row(looks)],
        "proof": {"nodes": {name: node_json(nodes[name]) for name in sorted(nodes)}},
    }
    lacking = shortages_json(layer, shortages, templates) if layer is not None else []
    if lacking:
        found["shortages"] = lacking
    return found


def shortages_json(layer: Layer, found: Iterable[Shortage], templates: Templates) -> list[Json]:
    """Return what is lacking: slots that nothing fitting fills.

    Args:
        layer: the request's.
        found: the shortages.
        templates: their sentences.
    """
    return [
        {
            "slot": s.slot.value,
            "demanded_by": s.demanded_by.value,
            "barred": [{"item": item.value, "rule": rule.value} for item, rule in s.barred],
            "nearest": s.nearest.value if s.nearest else None,
            "sentence": {
                lang: shortage_sentence(names(layer, None, templates, lang), s, templates)
                for lang in LANGUAGES
            },
        }
        for s in found
    ]
