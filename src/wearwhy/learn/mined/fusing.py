"""Rules and an embedding, put together: a ranking that neither does as well alone.

Each candidate of a question has a few features: what either parent says. Their weights are fitted
on validation triples, so that answers come before candidates that are none (`listwise`). Each
direction of each relation may depart from the weights all share, and is held back by a prior: with
few validation triples it stays where the others are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.additive import Floats, Ints, minimise
from wearwhy.learn.mined.listwise import listwise

COMMON = 0.1
"""Weight of the squared norm of the shared weights."""
OWN = 30.0
"""Weight of the squared distance of a group's weights from the shared ones."""


def log_softmax(scores: Floats) -> Floats:
    """Return scores as log-probabilities over the last axis."""
    top = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(top - np.log(np.exp(top).sum(axis=-1, keepdims=True)))


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of features.

    Attributes:
        groups: numbers of the groups that have weights of their own, ascending.
        weights: one row a group, and a last one for groups that are not among them.
        scale: what each feature is divided by.
    """

    groups: Ints
    weights: Floats
    scale: Floats

    def rows(self, groups: Ints) -> Ints:
        """Return which row of weights each group has."""
        place = np.searchsorted(self.groups, groups)
        within = place.clip(max=max(len(self.groups) - 1, 0))
        known = self.groups[within] == groups if len(self.groups) else np.zeros(len(groups), bool)
        return np.where(known, within, len(self.groups)).astype(np.int64)

    def logits(self, features: Sequence[Floats], groups: Ints) -> Floats:
        """Return the combined logit of each candidate.

        Args:
            features: each a table of questions and candidates, as they were fitted.
            groups: the group of each question.
        """
        weights = (self.weights / self.scale)[self.rows(groups)]
        total = np.zeros(np.shape(features[0]))
        for n, feature in enumerate(features):
            total += weights[:, n, None] * feature
        return total


def fuse(
    features: Sequence[Floats],
    groups: Ints,
    answers: Floats,
    aside: NDArray[np.bool_],
    *,
    common: float = COMMON,
    own: float = OWN,
) -> Fusion:
    """Return the weights that put answers first.

    Args:
        features: each a table of questions and candidates.
        groups: the group of each question: its relation and direction, say.
        answers: 0/1, which candidates are answers to find.
        aside: which candidates are no matter: answers known already.
        common: weight of the squared norm of the shared weights.
        own: weight of the squared distance of a group's weights from the shared ones.
    """
    stack = np.stack([np.asarray(feature, dtype=np.float64) for feature in features])
    scale = np.maximum(stack.std(axis=2).mean(axis=1), 1e-9)
    stack /= scale[:, None, None]
    distinct, place = np.unique(groups, return_inverse=True)
    count, width = len(distinct), len(stack)

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(count + 1, width)
        weights = table[-1] + table[place]
        logits = np.einsum("qf,fqc->qc", weights, stack)
        logits[aside] = -np.inf
        value, slope = listwise(logits, answers)
        each = np.einsum("qc,fqc->qf", slope, stack)
        away = np.zeros_like(table)
        np.add.at(away, place, each)
        away[-1] = each.sum(axis=0)
        pull = np.full((count + 1, 1), own)
        pull[-1] = common
        return value + 0.5 * float((pull * table**2).sum()), (away + pull * table).ravel()

    start = np.zeros((count + 1, width))
    start[-1] = 1.0 / width
    found = minimise(loss, start.ravel()).reshape(count + 1, width)
    own_weights = np.concatenate([found[:-1] + found[-1], found[-1:]])
    return Fusion(distinct, own_weights, scale)
