"""What a model says of items: every witness's scores, the verdict, and how much of it is explained.

Guessing runs on numpy; nothing here knows torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.features import Token, Tokens, spoken_for
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.verdict import centred, probabilities
from wearwhy.rdf import Fact


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the witnesses say of items, one row an item and one column a value.

    Attributes:
        vectors: the items in the embedding, without what may not speak.
        scores: each witness's.
        logits: the verdict's.
    """

    vectors: Floats
    scores: dict[str, Floats]
    logits: Floats


@dataclass(frozen=True, slots=True)
class Predicted:
    """Probabilities of the values, and the share of each margin that rests on named facts.

    Attributes:
        values: as tokens spell them, in the order of columns.
        probabilities: items × values.
        explained: for each item, 0 to 1.
    """

    values: tuple[str, ...]
    probabilities: Floats
    explained: Floats


def weigh(model: Model, learned: Learned, rows: list[Ints], ruled: Floats | None = None) -> Weighed:
    """Return what the witnesses say of items, and the verdict.

    Args:
        model: the model.
        learned: the attribute's part of it.
        rows: the items' tokens that may speak, as numbers.
        ruled: items × values: 1 where the stylist's rules conclude the value; None for nowhere.
    """
    weights = learned.combination.weights
    scores = {"additive": learned.additive.logits(rows), "mined": learned.mined.logits(rows)}
    vectors = np.zeros((len(rows), model.embedding.rows.shape[1]))
    if weights.get("embeddings") and rows:
        vectors = model.fold(rows)
        wanted = np.array(
            [model.number[Token(learned.relation, v)] for v in learned.values], dtype=np.int64
        )
        near = model.embedding.scores(vectors, wanted)
        scores["embeddings"] = centred(near, many=learned.many)
    if ruled is not None and weights.get("rules"):
        scores["rules"] = ruled
    return Weighed(vectors, scores, learned.combination.logits(scores))


def predicted(model: Model, name: str, spoken: Sequence[Tokens]) -> Predicted:
    """Return what a model says of an attribute of items, given all that they say of themselves.

    Args:
        model: the model.
        name: the attribute, as `model.learned` names it.
        spoken: each item's tokens; what the attribute hides is left out here.
    """
    learned = model.learned[name]
    rows = [spoken_for(tokens, learned.hides, model.number) for tokens in spoken]
    found = weigh(model, learned, rows)
    return Predicted(
        learned.values,
        probabilities(found.logits, many=learned.many),
        explained(model, learned, rows, spoken, found),
    )


def explained(
    model: Model,
    learned: Learned,
    rows: Sequence[Ints],
    spoken: Sequence[Tokens],
    found: Weighed,
) -> Floats:
    """Return the share of each item's margin, addend by addend, that rests on named facts.

    The margin is that of the first value over the second (many: over its negation); the addends
    are those of `addends.taken_apart`: tokens carried by the same facts together, rules one by
    one, the stylist's conclusions, and, naming no fact, the embedding and the bias.
    """
    out = np.zeros(len(rows))
    weights, bias = learned.combination.weights, learned.combination.bias
    own, mined = weights.get("additive", 0.0), weights.get("mined", 0.0)
    for n, row in enumerate(rows):
        order = np.argsort(-found.logits[n], kind="stable")
        first, second = int(order[0]), None if learned.many else int(order[1])

        def over(table: Floats, first: int = first, second: int | None = second) -> Floats:
            return np.asarray(table[..., first] - (0.0 if second is None else table[..., second]))

        together = _together(model, row, spoken[n])
        said = np.bincount(together, weights=over(learned.additive.weights[row]))
        named = abs(own) * np.abs(said).sum()
        fired = over(learned.mined.weights[learned.mined.fired(row)])
        named += abs(mined) * np.abs(fired).sum()
        blind = abs(float(over(own * learned.additive.bias + bias)))
        for name, scores in found.scores.items():
            told = abs(weights.get(name, 0.0) * float(over(scores[n])))
            if name == "rules":
                named += told
            elif name == "embeddings":
                blind += told
        out[n] = named / (named + blind) if named + blind else 0.0
    return out


def _together(model: Model, row: Ints, spoken: Tokens) -> Ints:
    """Return, for each token of a row, the number of the facts that carry it."""
    numbers: dict[tuple[Fact, ...], int] = {}
    tokens = (model.tokens[int(n)] for n in row)
    return np.array(
        [numbers.setdefault(spoken[token], len(numbers)) for token in tokens], dtype=np.int64
    )
