"""The graph as SPARQL sees it: one named graph for each kind of fact, and one that says why."""

from __future__ import annotations

from collections.abc import Iterator

from wearwhy.errors import InputError, nearest
from wearwhy.evidence import Kind
from wearwhy.rdf import RDF, RDFS, WW, BlankNode, Fact, Literal, NamedNode, Triple, literal
from wearwhy.rules.layer import Layer
from wearwhy.store.quads import GRAPHS

KINDS = (Kind.ASSERTED, Kind.DERIVED, Kind.COMPUTED, Kind.PREDICTED)
WHY = NamedNode(GRAPHS + "why")


def graph_of(kind: Kind) -> NamedNode:
    """Return the named graph that a kind's facts are seen in."""
    return NamedNode(GRAPHS + kind.value)


def graphs(layer: Layer, over: str = "all") -> dict[NamedNode, list[Fact]]:
    """Return the visible facts by kind; `over` is one kind or `all`, which adds the reasons.

    Raises:
        InputError: WW-OVER, where `over` is no kind.
    """
    known = [kind.value for kind in KINDS]
    if over != "all" and over not in known:
        near = nearest(over, [*known, "all"])
        raise InputError(
            "WW-OVER",
            f"'{over}' is not a kind of fact.",
            hint=f"Did you mean '{near}'?" if near else "One of: all, " + ", ".join(known) + ".",
        )
    wanted = [kind for kind in KINDS if over in ("all", kind.value)]
    found: dict[NamedNode, list[Fact]] = {graph_of(kind): [] for kind in wanted}
    for fact in layer.facts():
        kind = layer.kind(fact)
        # What holds by another name follows from what was said by the first.
        kind = Kind.DERIVED if kind is Kind.SAME else kind
        if kind in wanted and isinstance(fact.subject, NamedNode | BlankNode):
            found[graph_of(kind)].append(fact)
    if over == "all":
        found[WHY] = [*_why(layer), *_labels(layer)]
    return found


def _labels(layer: Layer) -> Iterator[Fact]:
    """Yield what the rules in force are called."""
    for rule in layer.program.rules:
        for language, text in rule.description.label:
            yield Fact(rule.iri, RDFS.label, Literal(text, language=language))


def _why(layer: Layer) -> Iterator[Fact]:
    """Yield, for each derived, computed and predicted fact, a reifier that says where it is from."""
    number = 0
    for fact in layer.facts():
        kind = layer.kind(fact)
        if kind is Kind.ASSERTED or not isinstance(fact.subject, NamedNode):
            continue
        number += 1
        node = BlankNode(f"why{number}")
        yield Fact(node, RDF.reifies, Triple(fact.subject, fact.predicate, fact.object))
        yield Fact(node, WW.about, fact.subject)
        yield Fact(node, WW.kind, Literal(str(kind)))
        if kind is Kind.PREDICTED:
            yield Fact(node, WW.probability, literal(layer.probability(fact) or 0.0))
            continue
        firing = layer.firing(fact)
        if firing is not None:
            yield Fact(node, WW.byRule, firing.rule)
        confidence = layer.confidence(fact)
        if confidence < 1.0:
            yield Fact(node, WW.confidence, literal(round(confidence, 6)))
