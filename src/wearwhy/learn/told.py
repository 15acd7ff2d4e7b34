"""A guess as evidence: the proposed fact, what speaks for it and how much, down to stated facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.learn.addends import Contribution
from wearwhy.learn.guess import Guess
from wearwhy.learn.mined.witness import CAUTION
from wearwhy.proof.prove import identified
from wearwhy.rdf import Fact, curie

SMALLEST: Final = 1e-12
"""Addends below this are not shown: they are zero but for rounding."""
SHOWN: Final = 8
"""Mined rules that are told one by one; the others are told together."""


def told(
    guess: Guess, *, model: str = "bundled", prove: Callable[[Fact], Evidence] | None = None
) -> Evidence:
    """Return the evidence of a guess.

    Its root is the predicted fact, with the margin as value; the values of its premises, in
    log-odds, add up to it. Facts that speak together (two colours of one family) stand below a
    computed node that carries their common value, as do the facts of a mined rule's body and what
    the stylist's rules conclude; the embedding is one opaque node above the labels of the nearest
    known items.

    Args:
        guess: the guess.
        model: what its source is called.
        prove: gives the proof of what the stylist's rules conclude; without it the conclusion
            stands unproved.
    """
    telling = _Telling(guess, model, prove)
    over = curie(guess.runner_up) if guess.runner_up is not None else "its negation"
    root = telling.keep(
        EvidenceNode(
            "",
            Kind.PREDICTED,
            guess.fact,
            value=guess.margin,
            probability=guess.probability,
            premises=telling.premises(),
            source=model,
            note=f"ahead of {over}",
        )
    )
    return Evidence(root, telling.nodes)


def rule_note(one: Contribution) -> str:
    """Return what a mined rule says, and how often it held among the labelled items."""
    body = " ∧ ".join(f"{token.relation} {token.value}" for token in one.tokens)
    held = round(one.confidence * (one.support + CAUTION))
    return (
        f"mined rule: {body}, held for {held} of {one.support} items "
        f"(confidence {one.confidence:.2f})"
    )


@dataclass(frozen=True, slots=True)
class _Telling:
    """The nodes of one guess's evidence, as they are made."""

    guess: Guess
    model: str
    prove: Callable[[Fact], Evidence] | None
    nodes: dict[str, EvidenceNode] = field(default_factory=dict)

    def keep(self, node: EvidenceNode) -> str:
        """Return the name of a node that is kept."""
        known = identified(node)
        self.nodes[known.id] = known
        return known.id

    def premises(self) -> tuple[str, ...]:
        """Return the addends as nodes, the weightiest first, mined rules beyond the first last."""
        heard = [one for one in self.guess.contributions if abs(one.value) > SMALLEST]
        rules = sorted(
            (n for n, one in enumerate(heard) if one.kind == "mined"),
            key=lambda n: -abs(heard[n].value),
        )
        more = rules[SHOWN:]
        found = [self._part(one) for n, one in enumerate(heard) if n not in more]
        if more:
            note = f"{len(more)} more mined rule{'s' if len(more) > 1 else ''}"
            value = sum(heard[n].value for n in more)
            facts = dict.fromkeys(fact for n in more for fact in heard[n].facts)
            found.append(self._computed(value, tuple(facts), note))
        return tuple(found)

    def _part(self, one: Contribution) -> str:
        if one.kind == "embedding":
            return self._embedding(one.value)
        if one.kind == "bias":
            return self._computed(one.value, (), "how common the value is")
        if one.kind == "rules":
            return self._concluded(one)
        if one.kind == "mined":
            return self._computed(one.value, one.facts, rule_note(one))
        said = ", ".join(f"{token.relation} {token.value}" for token in one.tokens)
        if len(one.facts) == 1:
            return self.keep(
                EvidenceNode("", Kind.ASSERTED, one.facts[0], value=one.value, note=said)
            )
        return self._computed(one.value, one.facts, said)

    def _computed(self, value: float, facts: Sequence[Fact], note: str) -> str:
        below = tuple(self.keep(EvidenceNode("", Kind.ASSERTED, fact)) for fact in facts)
        return self.keep(
            EvidenceNode(
                "", Kind.COMPUTED, value=value, premises=below, source=self.model, note=note
            )
        )

    def _embedding(self, value: float) -> str:
        near = tuple(
            self.keep(
                EvidenceNode(
                    "",
                    Kind.ASSERTED,
                    Fact(n.item, self.guess.fact.predicate, label),
                    note=f"cosine {n.cosine:.3f}",
                )
            )
            for n in self.guess.neighbours
            for label in n.values
        )
        return self.keep(
            EvidenceNode("", Kind.OPAQUE, value=value, premises=near, source=self.model)
        )

    def _concluded(self, one: Contribution) -> str:
        below = []
        for fact in one.facts:
            if self.prove is None:
                below.append(self.keep(EvidenceNode("", Kind.DERIVED, fact)))
                continue
            proof = self.prove(fact)
            self.nodes.update(proof.nodes)
            below.append(proof.root)
        note = "what the stylist's rules conclude" if below else "the stylist's rules are silent"
        return self.keep(
            EvidenceNode(
                "",
                Kind.COMPUTED,
                value=one.value,
                premises=tuple(below),
                source=self.model,
                note=note,
            )
        )
