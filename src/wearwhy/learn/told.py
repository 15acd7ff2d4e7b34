"""A guess as evidence: the proposed fact, what speaks for it and how much, down to stated facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.learn.addends import Contribution
from wearwhy.learn.features import UNEMBEDDED, Token, above
from wearwhy.learn.guess import Guess
from wearwhy.learn.mined.witness import CAUTION
from wearwhy.proof.prove import identified
from wearwhy.rdf import Fact, Node, curie, expand, literal

SMALLEST: Final = 1e-12
"""Addends below this are not shown: they are zero but for rounding."""
SHOWN: Final = 8
"""Mined rules that are told one by one; the others are told together."""
WORDS: Final = frozenset(("word", *UNEMBEDDED))
"""Relations of tokens that are no properties: what a text is made of."""
Bindings = tuple[tuple[str, Node], ...]


def told(
    guess: Guess, *, model: str = "bundled", prove: Callable[[Fact], Evidence] | None = None
) -> Evidence:
    """Return the evidence of a guess.

    Its root is the predicted fact, with the margin as value; the values of its premises, in
    log-odds, add up to it. Facts that speak together (two colours of one family) stand below a
    computed node that carries their common value, as do the facts of a mined rule's body and what
    the stylist's rules conclude; the embedding is one opaque node above the labels of the nearest
    known items. What a node's note says in English its bindings say in data, for any language:
    `addend` what it is, and the numbers and tokens of it.

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
            bindings=_bound("margin", over=guess.runner_up),
            note=f"ahead of {over}",
        )
    )
    return Evidence(root, telling.nodes)


def rule_note(one: Contribution) -> str:
    """Return what a mined rule says, and how often it held among the labelled items."""
    body = " ∧ ".join(f"{token.relation} {token.value}" for token in one.tokens)
    return (
        f"mined rule: {body}, held for {_held(one)} of {one.support} items "
        f"(confidence {one.confidence:.2f})"
    )


def _held(one: Contribution) -> int:
    """Return for how many labelled items a mined rule held."""
    return round(one.confidence * (one.support + CAUTION))


def _bound(addend: str, **slots: Node | float | None) -> Bindings:
    """Return what a node is, and what there is of its slots, as bindings."""
    said = {
        name: literal(value) if isinstance(value, int | float) else value
        for name, value in slots.items()
        if value is not None
    }
    return (("addend", Literal(addend)), *said.items())


def _tokens(tokens: Sequence[Token], facts: Sequence[Fact]) -> Bindings:
    """Return tokens as bindings, numbered: relation, value and, of what stands above, the step.

    Relations and values are nodes where the facts that carry them say nodes; else words.
    """
    nodes = {fact.predicate for fact in facts if isinstance(fact.object, NamedNode)}
    found: list[tuple[str, Node]] = []
    for n, token in enumerate(tokens, 1):
        plain, step = token.relation, ""
        if above(token.relation):
            plain, _, step = token.relation.partition("/")
        relation = Literal(plain) if plain in WORDS else expand(plain)
        found.append((f"{n} relation", relation))
        if step:
            found.append((f"{n} step", expand(step)))
        value = expand(token.value) if relation in nodes else Literal(token.value)
        found.append((f"{n} value", value))
    return tuple(found)


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
            found.append(self._computed(value, tuple(facts), note, _bound("more", n=len(more))))
        return tuple(found)

    def _part(self, one: Contribution) -> str:
        if one.kind == "embedding":
            return self._embedding(one.value)
        if one.kind == "bias":
            return self._computed(one.value, (), "how common the value is", _bound("bias"))
        if one.kind == "rules":
            return self._concluded(one)
        if one.kind == "mined":
            held, support = _held(one), one.support
            bound = _bound("mined", held=held, support=support, confidence=round(one.confidence, 2))
            told = (*bound, *_tokens(one.tokens, one.facts))
            return self._computed(one.value, one.facts, rule_note(one), told)
        said = ", ".join(f"{token.relation} {token.value}" for token in one.tokens)
        told = (*_bound("facts"), *_tokens(one.tokens, one.facts))
        if len(one.facts) == 1:
            return self.keep(
                EvidenceNode(
                    "", Kind.ASSERTED, one.facts[0], bindings=told, value=one.value, note=said
                )
            )
        return self._computed(one.value, one.facts, said, told)

    def _computed(self, value: float, facts: Sequence[Fact], note: str, told: Bindings) -> str:
        below = tuple(self.keep(EvidenceNode("", Kind.ASSERTED, fact)) for fact in facts)
        return self.keep(
            EvidenceNode(
                "",
                Kind.COMPUTED,
                bindings=told,
                value=value,
                premises=below,
                source=self.model,
                note=note,
            )
        )

    def _embedding(self, value: float) -> str:
        near = tuple(
            self.keep(
                EvidenceNode(
                    "",
                    Kind.ASSERTED,
                    Fact(n.item, self.guess.fact.predicate, label),
                    bindings=_bound("near", cosine=round(n.cosine, 3)),
                    note=f"cosine {n.cosine:.3f}",
                )
            )
            for n in self.guess.neighbours
            for label in n.values
        )
        return self.keep(
            EvidenceNode(
                "",
                Kind.OPAQUE,
                bindings=_bound("embedding", known=len(self.guess.neighbours)),
                value=value,
                premises=near,
                source=self.model,
                note="learned vectors, which name no facts",
            )
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
                bindings=_bound("rules" if below else "silent"),
                value=one.value,
                premises=tuple(below),
                source=self.model,
                note=note,
            )
        )
