"""The verdict: a logit-linear combination of the witnesses, fitted on items none of them had seen.

logit[v] = Σ weight[w] · score[w][v] + bias[v], over the witnesses w. No weight is below 0: what a
witness says for a value never speaks against it. The weights also set the
temperature, the bias corrects how common each value is: together they calibrate. Where an
attribute holds several values at once, each value has such a verdict of its own with the weights
in common; its embedding score is taken against the mean over all values, since only differences of
scores mean anything. Its runner-up is the value's own negation, whose logit is 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from wearwhy.learn.additive import Floats, minimise, sigmoid, softmax

PRIOR: Final = 1.0
"""Weight of the pull of weights towards where they start, and of biases towards 0."""
WITNESSES: Final = ("rules", "mined", "additive", "embeddings")
"""Who speaks: the stylist's rules, mined rules, the item's own facts, the embedding."""
START: Final = {"rules": 0.0, "mined": 1.0, "additive": 1.0, "embeddings": 0.0}
"""Mined rules and own facts are fitted together and begin at their word."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Weights of the witnesses for one attribute; a witness that is left out weighs 0."""

    weights: Mapping[str, float]
    bias: Floats

    def logits(self, scores: Mapping[str, Floats]) -> Floats:
        """Return the verdict's logits from the witnesses' (rows of items, columns of values)."""
        shape = next(iter(scores.values())).shape
        out = np.tile(self.bias, (shape[0], 1))
        for name, found in scores.items():
            if self.weights.get(name):
                out += self.weights[name] * found
        return out


def probabilities(logits: Floats, *, many: bool) -> Floats:
    """Return the probabilities that logits stand for."""
    return sigmoid(logits) if many else softmax(logits)


def centred(scores: Floats, *, many: bool) -> Floats:
    """Return embedding scores as a witness: for yes-or-no verdicts, against the mean value."""
    return scores - scores.mean(axis=-1, keepdims=True) if many else scores


def combine(
    scores: Mapping[str, Floats],
    target: Floats,
    *,
    many: bool,
    use: Collection[str] = WITNESSES,
) -> Combination:
    """Return the weights that fit held-out predictions best.

    Args:
        scores: for each witness, its held-out scores (items × values).
        target: 0/1, items × values.
        many: whether each column is a verdict of its own.
        use: which of the witnesses may speak.
    """
    names = [name for name in WITNESSES if name in scores and name in use]
    count, values = len(names), target.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        logits = np.tile(flat[count:], (len(target), 1))
        for n, name in enumerate(names):
            logits += flat[n] * scores[name]
        if many:
            nll = float((np.logaddexp(0, logits) - target * logits).sum())
            residual = sigmoid(logits) - target
        else:
            top = logits.max(axis=1, keepdims=True)
            norm = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
            nll = float(norm.sum() - (target * logits).sum())
            residual = softmax(logits) - target
        away = flat - start
        slope = np.concatenate(
            [[float((residual * scores[name]).sum()) for name in names], residual.sum(axis=0)]
        )
        return nll + 0.5 * PRIOR * float(away @ away), slope + PRIOR * away

    start = np.concatenate([[START[name] for name in names], np.zeros(values)])
    found = minimise(loss, start.copy(), positive=count)
    return Combination(
        {name: float(weight) for name, weight in zip(names, found[:count], strict=True)},
        found[count:].copy(),
    )
