"""Controls that only count: majority, mode by type, naive Bayes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wearwhy.evaluate.controls.columns import Sparse
from wearwhy.learn.additive import Floats, Ints, softmax

ALPHAS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Smoothings of naive Bayes that are tried."""


def shares(truth: Ints, values: int) -> Floats:
    """Return how often each value occurs, each counted once more than seen."""
    count = np.bincount(truth, minlength=values) + 1.0
    return np.asarray(count / count.sum())


def by_type(
    train: Sequence[str], truth: Ints, values: int, asked: Sequence[str], weight: float = 1.0
) -> Floats:
    """Return each asked row's shares of values among the rows of its type.

    Args:
        train: each row's type.
        truth: each row's value.
        values: how many values there are.
        asked: the types asked about; one never seen has the shares of all rows.
        weight: how many rows' worth the shares of all rows count in every type.
    """
    whole = shares(truth, values)
    places = {kind: n for n, kind in enumerate(dict.fromkeys(train))}
    count = np.zeros((len(places) + 1, values))
    np.add.at(count, (np.array([places[kind] for kind in train], dtype=np.int64), truth), 1.0)
    mixed = count + weight * whole
    mixed /= mixed.sum(axis=1, keepdims=True)
    return np.asarray(mixed[[places.get(kind, -1) for kind in asked]])


@dataclass(frozen=True, slots=True)
class Bayes:
    """Multinomial naive Bayes over 0/1 features."""

    weights: Floats
    prior: Floats

    def __call__(self, rows: Sparse) -> Floats:
        """Return the probabilities of values of rows."""
        return softmax(np.asarray(rows @ self.weights) + self.prior)


def bayes(rows: Sparse, truth: Ints, values: int, alpha: float) -> Bayes:
    """Return naive Bayes with a smoothing."""
    member = np.zeros((len(truth), values))
    member[np.arange(len(truth)), truth] = 1.0
    count = np.asarray(rows.T @ member) + alpha
    return Bayes(np.log(count / count.sum(axis=0)), np.log(shares(truth, values)))
