"""One verdict of two witnesses: logit-linear, calibrated, and taken apart again.

logit(value) = a · additive(value) + b · embedding(value) + bias(value). The factors are fitted on
held-out predictions of both witnesses: `a` is an inverse temperature, the biases are the class
biases. The margin over the runner-up is a difference of logits, so it falls apart exactly into the
additive weights of tokens, one opaque part of the embedding, and the bias.

A single-valued attribute is a ranking: probabilities over its values, the runner-up is the second.
A many-valued one (seasons, occasions) has one yes-or-no verdict a value: a coat for autumn *and*
winter would split a ranking's probability between two right answers. Its runner-up is the value's
own negation, whose logit is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wearwhy.learn.additive import Floats, minimise, sigmoid, softmax

PRIOR = 1.0
"""Weight of the pull of (a, b, bias) towards (1, 0, 0)."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Weights of the witnesses for one attribute."""

    additive: float
    embedding: float
    bias: Floats

    def logits(self, additive: Floats, embedding: Floats) -> Floats:
        """Return the verdict's logits from the witnesses' (rows of items, columns of values)."""
        return self.additive * additive + self.embedding * embedding + self.bias


def probabilities(logits: Floats, *, many: bool) -> Floats:
    """Return the probabilities that logits stand for."""
    return sigmoid(logits) if many else softmax(logits)


def centred(scores: Floats, *, many: bool) -> Floats:
    """Return embedding scores as a witness: for yes-or-no verdicts, against the mean value."""
    return scores - scores.mean(axis=-1, keepdims=True) if many else scores


def combine(
    additive: Floats,
    embedding: Floats,
    target: Floats,
    *,
    many: bool,
    use: tuple[bool, bool] = (True, True),
) -> Combination:
    """Return the weights that fit held-out predictions best.

    Args:
        additive: held-out logits of the additive model.
        embedding: held-out scores of the embedding.
        target: 0/1.
        many: whether each column is a verdict of its own.
        use: which of the two witnesses may speak.
    """
    values = target.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        a, b, bias = flat[0] * use[0], flat[1] * use[1], flat[2:]
        logits = a * additive + b * embedding + bias
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
            [
                [use[0] * float((residual * additive).sum())],
                [use[1] * float((residual * embedding).sum())],
                residual.sum(axis=0),
            ]
        )
        return nll + 0.5 * PRIOR * float(away @ away), slope + PRIOR * away

    start = np.concatenate([[1.0, 0.0], np.zeros(values)])
    found = minimise(loss, start.copy())
    return Combination(float(found[0] * use[0]), float(found[1] * use[1]), found[2:].copy())
