"""Several looks of one request explained together, nothing withdrawn.

All are put before the rules in one layer, and one prover serves them: what they share, the items
that each of them has, is proved once. Each look leaves the others aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

from wearwhy.explain import cited, labelled, resident
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, scaffold
from wearwhy.outfit.score import total
from wearwhy.proof.prove import Prover
from wearwhy.rdf import NamedNode
from wearwhy.rules.layer import Change, Layer


def explain_several(
    request_layer: Layer, looks: Sequence[Look], resources: Resources
) -> tuple[ExplainedLook, ...]:
    """Return looks with the evidence of each term; nothing is said of what is needed.

    Args:
        request_layer: the layer of their request.
        looks: of that request.
        resources: as they were found with.
    """
    placed = (fact for look in looks for fact in scaffold(look.request.iri, look.items))
    layer = request_layer.child(Change(add=tuple(dict.fromkeys(placed))))
    every = frozenset(look.iri for look in looks)
    prover, made = Prover(layer), cited.Made()
    return tuple(
        _explained(look, resources, prover, made, beside=every, layers=(request_layer, layer))
        for look in looks
    )


def _explained(
    look: Look,
    resources: Resources,
    prover: Prover,
    made: cited.Made,
    *,
    beside: frozenset[NamedNode],
    layers: tuple[Layer, Layer],
) -> ExplainedLook:
    request_layer, layer = layers
    found = resident.ground(layer, look, resources, beside=beside)
    terms = resident.terms(found)
    explained = []
    for term in terms:
        document, _ = cited.named_by_content(cited.evidence(found, term, prover), {}, made)
        explained.append(ExplainedTerm(term, document, None, None, {}))
    told = replace(look, terms=terms, score=total(terms))
    labelling = cache(partial(labelled.labels, request_layer, told, resources))
    return ExplainedLook(told, layer, tuple(explained), labelling=labelling)
