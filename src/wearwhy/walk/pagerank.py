"""Personalised PageRank by power iteration, one column a seed.

Source: Page, Brin, Motwani, Winograd (1999); personalised as by Haveliwala (2002). The walk goes
along facts in both directions; from a node without neighbours it starts again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from wearwhy.walk.matrix import Matrices

Floats32 = NDArray[np.float32]


def transition(matrices: Matrices) -> csr_array:
    """Return the matrix that moves a distribution one step, in single precision.

    Column n holds where the walk goes from node n, each neighbour alike.
    """
    size = len(matrices.nodes)
    around = csr_array((size, size))
    for matrix in matrices.forward.values():
        around = around + matrix + matrix.T
    degree: NDArray[np.float64] = np.asarray(around.sum(axis=0)).ravel()
    share = np.divide(1.0, degree, out=np.zeros(size), where=degree > 0)
    return csr_array((around @ diags_array(share)).tocsr().astype(np.float32))


def personalised(
    moves: csr_array, seeds: Sequence[int], *, damping: float = 0.85, rounds: int = 20
) -> Floats32:
    """Return, for each seed, how likely the walk is at each node.

    Args:
        moves: what `transition` returns.
        seeds: the rows that the walk starts from, one walk each.
        damping: the chance of walking on instead of starting again, in [0, 1).
        rounds: how often to step; the error is at most damping to this power.

    Returns:
        An array (nodes × seeds) whose columns add up to one.
    """
    size = moves.shape[0]
    start = np.zeros((size, len(seeds)), dtype=np.float32)
    start[list(seeds), range(len(seeds))] = 1.0
    found = start.copy()
    for _ in range(rounds):
        found = np.float32(damping) * (moves @ found)
        # What the damping and nodes without neighbours let go comes back at the seed.
        found += start * (1.0 - found.sum(axis=0))
    return found
