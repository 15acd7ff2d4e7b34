"""Personalised PageRank by conjugate gradients, one column a seed.

Source: Page, Brin, Motwani, Winograd (1999); personalised as by Haveliwala (2002). The walk goes
along facts in both directions; from a node without neighbours it starts again. So the matrix of
its moves is A·D⁻¹ with A symmetric, and x = (1 − d)·e + d·A·D⁻¹·x is, with y = D^(−½)·x,

    (I − d·S)·y = (1 − d)·D^(−½)·e        S = D^(−½)·A·D^(−½)

a symmetric system whose eigenvalues lie in [1 − d, 1 + d]. Conjugate gradients (Hestenes and
Stiefel, 1952) need at most the rounds of Chebyshev semi-iteration, whose error falls by
(1 − √(1 − d²)) / d a round (.56 for d = .85, where a plain power round leaves .85), and far fewer
where the graph mixes well. The part along √D, the only slow direction that every graph has, is
known beforehand and is where they start.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from wearwhy.walk.matrix import Matrices

Floats32 = NDArray[np.float32]
# How many seeds are walked from at a time: more of them no longer fit the cache.
TOGETHER = 16
# How many such batches are worked on side by side, at the most.
THREADS = 4
# How many numbers of a vector are worked on at a time.
BLOCK = 1 << 17
# Below this share of where it began, a residual no longer changes who is among the first hundred.
WITHIN = 1.5e-5


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """A graph as walks read it.

    Attributes:
        between: S, in single precision; entry (m, n) is 1/√(degrees of both) for each fact.
        root: the square root of each node's degree.
        along: `root` at length 1: where a walk that never starts again ends up.
    """

    between: csr_array
    root: Floats32
    along: Floats32

    @property
    def size(self) -> int:
        """Return the number of nodes."""
        return len(self.root)


def transition(matrices: Matrices) -> Moves:
    """Return what walks along the facts of matrices, in both directions, read."""
    size = len(matrices.nodes)
    around = csr_array((size, size))
    for matrix in matrices.forward.values():
        around = around + matrix
    return moves_of(csr_array(around))


def moves_of(edges: csr_array) -> Moves:
    """Return what walks along the entries of a square matrix, in both directions, read."""
    around = csr_array(edges + edges.T)
    degree = np.asarray(around.sum(axis=0), dtype=np.float64).ravel()
    share = np.divide(1.0, np.sqrt(degree), out=np.zeros(len(degree)), where=degree > 0)
    between = csr_array((diags_array(share) @ around @ diags_array(share)).tocsr())
    between.sort_indices()
    length = float(np.sqrt(degree.sum())) or 1.0
    root = np.sqrt(degree)
    return Moves(
        csr_array(
            (
                between.data.astype(np.float32),
                between.indices.astype(np.int32),
                between.indptr.astype(np.int32),
            ),
            shape=between.shape,
        ),
        root.astype(np.float32),
        (root / length).astype(np.float32),
    )


def personalised(
    moves: Moves,
    seeds: Sequence[int],
    *,
    damping: float = 0.85,
    rounds: int = 40,
    within: float = WITHIN,
) -> Floats32:
    """Return, for each seed, how likely the walk is at each node.

    Args:
        moves: what `transition` returns.
        seeds: the rows that the walk starts from, one walk each.
        damping: the chance of walking on instead of starting again, in [0, 1).
        rounds: at the most; each costs one product with the graph.
        within: of where it began, the share of the residual at which it is enough.

    Returns:
        An array (nodes × seeds) whose columns add up to one.
    """
    found = np.zeros((moves.size, len(seeds)), dtype=np.float32)

    def solve(begin: int) -> None:
        some = np.asarray(seeds[begin : begin + TOGETHER], dtype=np.int64)
        found[:, begin : begin + len(some)] = _solved(moves, some, damping, rounds, within)

    begins = range(0, len(seeds), TOGETHER)
    if len(begins) < 2:
        for begin in begins:
            solve(begin)
    else:
        # Products with the graph let other threads run; what is solved together does not hang on
        # how many there are, and neither does the answer.
        with ThreadPoolExecutor(min(len(begins), os.cpu_count() or 1, THREADS)) as pool:
            list(pool.map(solve, begins))
    return found


def _solved(
    moves: Moves, seeds: NDArray[np.int64], damping: float, rounds: int, within: float
) -> Floats32:
    columns = np.arange(len(seeds))
    root, along = moves.root[:, None], moves.along[:, None]
    lone = moves.root[seeds] == 0
    degree = np.where(lone, 1.0, moves.root[seeds])
    start: Floats32 = np.where(lone, 0.0, (1.0 - damping) / degree).astype(np.float32)
    share: Floats32 = start * moves.along[seeds]
    found: Floats32 = along * (share / np.float32(1.0 - damping))
    left: Floats32 = -along * share
    left[seeds, columns] += start
    ahead = left.copy()
    # A few rows at a time stay in the cache from one operation to the next.
    height = max(1, BLOCK // len(seeds))
    blocks = [slice(n, n + height) for n in range(0, moves.size, height)]
    size = _squares(left, left)
    enough = (np.float32(within) * start) ** 2
    for done in range(rounds):
        if (size <= enough).all():
            break
        # The first product is known: the seed's own row, and nothing new along √D.
        moved = _first(moves, seeds, start, share) if not done else _product(moves, ahead)
        bent = np.zeros_like(size)
        for rows in blocks:
            part = moved[rows]
            part *= np.float32(-damping)
            part += ahead[rows]
            bent += _squares(ahead[rows], part)
        step = np.divide(size, bent, out=np.zeros_like(size), where=(bent > 0) & (size > enough))
        before, size = size, np.zeros_like(size)
        for rows in blocks:
            part = moved[rows]
            part *= step
            left[rows] -= part
            size += _squares(left[rows], left[rows])
            found[rows] += np.multiply(ahead[rows], step, out=part)
        again = np.divide(size, before, out=np.zeros_like(size), where=before > 0)
        for rows in blocks:
            part = ahead[rows]
            part *= again
            part += left[rows]
    found *= root
    # A node without neighbours keeps its walk.
    found[seeds[lone], columns[lone]] = 1.0
    return found


def _first(
    moves: Moves, seeds: NDArray[np.int64], start: Floats32, share: Floats32
) -> NDArray[np.float32]:
    between = moves.between
    moved = -moves.along[:, None] * share
    for column, seed in enumerate(seeds.tolist()):
        row = slice(between.indptr[seed], between.indptr[seed + 1])
        moved[between.indices[row], column] += start[column] * between.data[row]
    return moved


def _product(moves: Moves, ahead: Floats32) -> Floats32:
    if ahead.shape[1] == 1:
        return np.asarray(moves.between @ ahead[:, 0])[:, None]
    return np.asarray(moves.between @ ahead)


def _squares(first: Floats32, second: Floats32) -> Floats32:
    """Return the inner product of each column with the other's."""
    if first.shape[1] == 1:
        return np.array([np.dot(first[:, 0], second[:, 0])], dtype=np.float32)
    return np.asarray(np.einsum("ij,ij->j", first, second))
