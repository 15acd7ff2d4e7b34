"""Multinomial logistic regression over sparse features, with an L2 prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wearwhy.evaluate.controls.columns import Sparse
from wearwhy.learn.additive import Floats, Ints, softmax

STRENGTHS = (4.0, 2.0, 1.0, 0.5, 0.25)
"""Weights of the squared norm that are tried, each from where the one before ended."""
STEPS = 300


@dataclass(frozen=True, slots=True)
class Regression:
    """Weights (features and a last row for the bias, by values)."""

    weights: Floats

    def __call__(self, rows: Sparse) -> Floats:
        """Return the probabilities of values of rows."""
        return softmax(np.asarray(rows @ self.weights[:-1]) + self.weights[-1])


def regression(
    rows: Sparse,
    truth: Ints,
    values: int,
    l2: float,
    *,
    start: Regression | None = None,
    step: Callable[[], None] = lambda: None,
) -> Regression:
    """Return the weights that fit.

    Args:
        rows: one row an item.
        truth: each row's value.
        values: how many values there are.
        l2: weight of half the squared norm; biases are free.
        start: weights to begin with.
        step: called after every step.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - half a second to import

    width = rows.shape[1]
    back = rows.T.tocsr()
    every = np.arange(len(truth))

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(width + 1, values)
        found = softmax(np.asarray(rows @ weights[:-1]) + weights[-1])
        nll = -float(np.log(np.maximum(found[every, truth], 1e-300)).sum())
        found[every, truth] -= 1.0
        slope = np.vstack([back @ found + l2 * weights[:-1], found.sum(axis=0)])
        return nll + 0.5 * l2 * float(np.vdot(weights[:-1], weights[:-1])), slope.ravel()

    begun = np.zeros((width + 1, values)) if start is None else start.weights
    found = minimize(
        loss,
        begun.ravel(),
        jac=True,
        method="L-BFGS-B",
        callback=lambda _: step(),
        options={"maxiter": STEPS, "ftol": 1e-6, "maxcor": 20},
    )
    return Regression(np.asarray(found.x).reshape(width + 1, values))
