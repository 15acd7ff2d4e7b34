"""The additive witness: logistic regression over an item's own tokens, with an L2 prior.

What a token adds to a logit is its weight, so contributions are exact by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Additive:
    """Weights of tokens (rows) for values (columns), and each value's own bias."""

    weights: Floats
    bias: Floats

    def logits(self, rows: list[Ints]) -> Floats:
        """Return the logits of items given as rows of token numbers."""
        out = np.tile(self.bias, (len(rows), 1))
        for n, row in enumerate(rows):
            out[n] += self.weights[row].sum(axis=0)
        return out


def design(rows: list[Ints], width: int) -> object:
    """Return the sparse 0/1 matrix of rows of token numbers."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - training only: half a second to import

    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    indices = np.concatenate([*rows, np.empty(0, dtype=np.int64)])
    return csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), width))


def softmax(logits: Floats) -> Floats:
    """Return the distribution over the last axis."""
    top = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return cast("Floats", top / top.sum(axis=-1, keepdims=True))


def sigmoid(logits: Floats) -> Floats:
    """Return the logistic function, without overflow."""
    return cast(
        "Floats",
        np.where(logits >= 0, 1.0, np.exp(-np.abs(logits))) / (1 + np.exp(-np.abs(logits))),
    )


def minimise(function: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Return where a smooth convex function (value, gradient) is least, by L-BFGS."""
    from scipy.optimize import minimize  # noqa: PLC0415 - training only

    found = minimize(
        function, start, jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-10}
    )
    return np.asarray(found.x, dtype=np.float64)


def fit(rows: list[Ints], width: int, target: Floats, *, many: bool, l2: float) -> Additive:
    """Return the weights that fit targets, one row an item and one column a value.

    Args:
        rows: token numbers of each item.
        width: how many tokens there are.
        target: 0/1; with `many` any number of ones in a row, else exactly one.
        many: one logistic regression a value, instead of one multinomial.
        l2: weight of the squared norm of the weights (biases are free).
    """
    matrix = design(rows, width)
    values = target.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(width + 1, values)
        logits = matrix @ table[:-1] + table[-1]  # type: ignore[operator]
        if many:
            nll = float((np.logaddexp(0, logits) - target * logits).sum())
            residual = sigmoid(logits) - target
        else:
            top = logits.max(axis=1, keepdims=True)
            norm = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
            nll = float(norm.sum() - (target * logits).sum())
            residual = softmax(logits) - target
        slope = np.vstack([matrix.T @ residual + l2 * table[:-1], residual.sum(axis=0)])  # type: ignore[attr-defined]
        return nll + 0.5 * l2 * float((table[:-1] ** 2).sum()), slope.ravel()

    share = np.clip(target.mean(axis=0), 1e-3, 1 - 1e-3)
    start = np.zeros((width + 1, values))
    start[-1] = np.log(share / (1 - share)) if many else np.log(share)
    table = minimise(loss, start.ravel()).reshape(width + 1, values)
    return Additive(table[:-1].copy(), table[-1].copy())
