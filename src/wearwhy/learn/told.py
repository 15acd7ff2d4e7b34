"""A guess as evidence: the proposed fact, what speaks for it and how much, down to stated facts."""

from __future__ import annotations

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.learn.guess import Contribution, Guess
from wearwhy.proof.prove import identified
from wearwhy.rdf import Fact, curie

SMALLEST = 1e-12
"""Addends below this are not shown: they are zero but for rounding."""


def told(guess: Guess, *, model: str = "bundled") -> Evidence:
    """Return the evidence of a guess.

    Its root is the predicted fact, with the margin as value; the values of its premises, in
    log-odds, add up to it. Facts that speak together (two colours of one family) stand below a
    computed node that carries their common value; the embedding is one opaque node above the
    labels of the nearest known items.

    Args:
        guess: the guess.
        model: what its source is called.
    """
    nodes: dict[str, EvidenceNode] = {}

    def keep(node: EvidenceNode) -> str:
        known = identified(node)
        nodes[known.id] = known
        return known.id

    def part(one: Contribution) -> str:
        said = ", ".join(f"{token.relation} {token.value}" for token in one.tokens)
        if one.kind == "embedding":
            near = tuple(
                keep(
                    EvidenceNode(
                        "",
                        Kind.ASSERTED,
                        Fact(n.item, guess.fact.predicate, value),
                        note=f"cosine {n.cosine:.3f}",
                    )
                )
                for n in guess.neighbours
                for value in n.values
            )
            return keep(EvidenceNode("", Kind.OPAQUE, value=one.value, premises=near, source=model))
        if one.kind == "bias":
            return keep(
                EvidenceNode(
                    "", Kind.COMPUTED, value=one.value, source=model, note="how common the value is"
                )
            )
        if len(one.facts) == 1:
            return keep(EvidenceNode("", Kind.ASSERTED, one.facts[0], value=one.value, note=said))
        below = tuple(keep(EvidenceNode("", Kind.ASSERTED, fact)) for fact in one.facts)
        return keep(
            EvidenceNode(
                "", Kind.COMPUTED, value=one.value, premises=below, source=model, note=said
            )
        )

    shown = [one for one in guess.contributions if abs(one.value) > SMALLEST]
    over = curie(guess.runner_up) if guess.runner_up is not None else "its negation"
    root = keep(
        EvidenceNode(
            "",
            Kind.PREDICTED,
            guess.fact,
            value=guess.margin,
            probability=guess.probability,
            premises=tuple(part(one) for one in shown),
            source=model,
            note=f"ahead of {over}",
        )
    )
    return Evidence(root, nodes)
