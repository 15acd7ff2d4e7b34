"""A margin taken apart: what each token, rule, the embedding and the bias add to it, exactly.

Tokens carried by the same facts are one addend: they fall together. A mined rule is an addend of
its own, carried by the facts of its body; so is each conclusion of the stylist's rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.learn.additive import Floats
from wearwhy.learn.features import Token, Tokens, numbered
from wearwhy.learn.model_files import Learned, Model
from wearwhy.rdf import Fact

NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """One addend of a margin.

    Attributes:
        kind: `facts`, `mined`, `rules`, `embedding` (opaque) or `bias`.
        value: what it adds, in log-odds.
        tokens: what was weighed; for a mined rule its body.
        facts: the item's own facts that carry these tokens; for `rules` what they concluded;
            empty for the other kinds.
        support: of a mined rule: labelled items its body held for.
        confidence: of a mined rule: the share of them with the value ahead, cautiously.
    """

    kind: str
    value: float
    tokens: tuple[Token, ...] = ()
    facts: tuple[Fact, ...] = ()
    support: int = 0
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known item near in the embedding, and what somebody said of it."""

    item: NamedNode
    cosine: float
    values: tuple[NamedNode | Literal, ...]


def taken_apart(
    model: Model,
    learned: Learned,
    spoken: Tokens,
    scores: Mapping[str, Floats],
    concluded: tuple[Fact, ...] = (),
    *,
    ahead: int,
    second: int | None,
) -> tuple[Contribution, ...]:
    """Return the addends of the margin of value `ahead` over `second` (None: its negation).

    Args:
        model: the model.
        learned: the attribute's part of it.
        spoken: the item's tokens that may speak.
        scores: each witness's scores of the item's values.
        concluded: what the stylist's rules conclude of the attribute.
        ahead: the value's column.
        second: the runner-up's.
    """
    weights, bias = learned.combination.weights, learned.combination.bias

    def over(row: Floats) -> float:
        return float(row[ahead] - (row[second] if second is not None else 0.0))

    carried: dict[tuple[Fact, ...], list[Token]] = defaultdict(list)
    for token, facts in spoken.items():
        if token in model.number:
            carried[facts].append(token)
    own = weights.get("additive", 0.0)
    table = learned.additive.weights
    parts = [
        Contribution(
            "facts",
            own * sum(over(table[model.number[t]]) for t in tokens),
            tuple(sorted(tokens)),
            facts,
        )
        for facts, tokens in carried.items()
    ]
    parts += _rules(model, learned, spoken, ahead=ahead, second=second)
    if "rules" in scores:
        parts.append(
            Contribution("rules", weights["rules"] * over(scores["rules"]), facts=concluded)
        )
    if "embeddings" in scores:
        parts.append(Contribution("embedding", weights["embeddings"] * over(scores["embeddings"])))
    parts.append(Contribution("bias", over(own * learned.additive.bias + bias)))
    return tuple(sorted(parts, key=lambda c: (-abs(c.value), c.kind, str(c.tokens))))


def _rules(
    model: Model, learned: Learned, spoken: Tokens, *, ahead: int, second: int | None
) -> list[Contribution]:
    weight, mined = learned.combination.weights.get("mined", 0.0), learned.mined
    if not weight:
        return []
    found = []
    for body in mined.fired(numbered(spoken, model.number)):
        row = mined.weights[body]
        tokens = tuple(model.tokens[t] for t in mined.bodies[body] if t >= 0)
        facts = dict.fromkeys(fact for token in tokens for fact in spoken[token])
        found.append(
            Contribution(
                "mined",
                weight * float(row[ahead] - (row[second] if second is not None else 0.0)),
                tokens,
                tuple(facts),
                int(mined.counts[body].sum()),
                mined.confidence(int(body), ahead),
            )
        )
    return found


def nearest_known(
    model: Model, name: str, vector: Floats, item: NamedNode, count: int = NEIGHBOURS
) -> tuple[Neighbour, ...]:
    """Return the nearest items trained on that carry a label of the attribute."""
    learned, labels = model.learned[name], model.labels[name]
    if not len(labels) or not model.vectors.shape[1]:
        return ()
    lengths = np.sqrt(np.einsum("ij,ij->i", model.vectors, model.vectors))
    cosine = model.vectors @ vector / np.maximum(lengths * np.linalg.norm(vector), 1e-12)
    labelled = np.zeros(len(cosine), dtype=bool)
    labelled[labels[:, 0]] = True
    cosine[~labelled] = -np.inf
    # One more than asked for, should the item itself be among them.
    near = np.flatnonzero(cosine >= _least(cosine, count + 1))
    best = near[np.lexsort((near, -cosine[near]))][: count + 1]
    return tuple(
        Neighbour(
            model.known[n],
            round(float(cosine[n]), 6),
            tuple(learned.node(learned.values[v]) for v in labels[labels[:, 0] == n, 1]),
        )
        for n in best.tolist()
        if model.known[n] != item and labelled[n]
    )[:count]


def _least(found: Floats, count: int) -> float:
    """Return the least of the greatest `count` numbers."""
    if count >= len(found):
        return -np.inf
    return float(np.partition(found, -count)[-count])
