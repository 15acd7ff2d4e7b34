"""The additive witness: logistic regression over an item's own tokens, with an L2 prior.

What a token adds to a logit is its weight, so contributions are exact by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

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


def sparse(rows: Sequence[Ints], width: int) -> csr_matrix:
    """Return the sparse 0/1 matrix of rows of token numbers."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - training only: half a second to import

    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    indices = np.concatenate([*rows, np.empty(0, dtype=np.int64)])
    return csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), width))


def minimise(
    function: Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    tolerance: float = 1e-10,
    rounds: int = 500,
    *,
    positive: int = 0,
) -> Floats:
    """Return where a smooth convex function (value, gradient) is least, by L-BFGS.

    The first `positive` numbers are kept from falling below 0.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - training only

    found = minimize(
        function,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * positive + [(None, None)] * (len(start) - positive)
        if positive
        else None,
        options={"maxiter": rounds, "ftol": tolerance},
    )
    return np.asarray(found.x, dtype=np.float64)


def fit(
    rows: list[Ints], width: int, target: Floats, *, many: bool, l2: float, tolerance: float = 1e-10
) -> Additive:
    """Return the weights that fit targets, one row an item and one column a value.

    Args:
        rows: token numbers of each item.
        width: how many tokens there are.
        target: 0/1, or shares; without `many` each row sums to one.
        many: one logistic regression a value, instead of one multinomial.
        l2: weight of the squared norm of the weights (biases are free).
        tolerance: relative change of the loss at which to stop.
    """
    return fit_matrix(
        sparse(rows, width), target, many=many, l2=np.full(width, l2), tolerance=tolerance
    )


def fit_matrix(
    matrix: csr_matrix,
    target: Floats,
    *,
    many: bool,
    l2: Floats,
    tolerance: float = 1e-10,
    rounds: int = 500,
    start: Additive | None = None,
) -> Additive:
    """Return the weights that fit targets over the columns of a sparse matrix.

    Args:
        matrix: items × columns.
        target: items × values, as for `fit`.
        many: one logistic regression a value, instead of one multinomial.
        l2: for each column, the weight of the squared norm of its weights.
        tolerance: relative change of the loss at which to stop.
        rounds: of L-BFGS, at most.
        start: weights to start from, of a like problem.
    """
    width, values = matrix.shape[1], target.shape[1]
    across = matrix.T.tocsr()

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(width + 1, values)
        logits = matrix @ table[:-1] + table[-1]
        if many:
            nll = float((np.logaddexp(0, logits) - target * logits).sum())
            residual = sigmoid(logits) - target
        else:
            top = logits.max(axis=1, keepdims=True)
            grown = np.exp(logits - top)
            norm = grown.sum(axis=1, keepdims=True)
            nll = float((np.log(norm) + top).sum() - (target * logits).sum())
            residual = grown / norm - target
        pull = l2[:, None] * table[:-1]
        slope = np.vstack([across @ residual + pull, residual.sum(axis=0)])
        return nll + 0.5 * float((pull * table[:-1]).sum()), slope.ravel()

    if start is None:
        share = np.clip(target.mean(axis=0), 1e-3, 1 - 1e-3)
        begun = np.zeros((width + 1, values))
        begun[-1] = np.log(share / (1 - share)) if many else np.log(share)
    else:
        begun = np.vstack([start.weights, start.bias])
    table = minimise(loss, begun.ravel(), tolerance, rounds).reshape(width + 1, values)
    return Additive(table[:-1].copy(), table[-1].copy())
