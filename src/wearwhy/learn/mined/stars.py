"""Rules about one item: what holds of items on which two or three things are true together.

A body is two or three tokens of one item; with a value as its head it is a Horn rule,

    usage(X, Formal) ← word(X, checked), type(X, Shirt)

as AnyBURL's acyclic rules are, joined at the item (Meilicke and others, "Anytime bottom-up rule
learning", IJCAI 2019). So many bodies are kept, the best first, by the log-likelihood that they
gain over the better of their parts on the items they hold for; a least gain may be asked for, and
is not by default: fitted together with its parts, a body that tells less than one of them may
still tell what they do not. All counts are exact. Of bodies that hold for just the same items one
stands for all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, hstack

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.witness import CAUTION

BLOCK = 4096
"""Bodies that are counted at a time."""


@dataclass(frozen=True, slots=True)
class Stars:
    """Bodies with the values they speak of.

    Attributes:
        bodies: token numbers, ascending; −1 in the third place where there are two.
        counts: bodies × values: for how many items the body and the value hold.
        gain: log-likelihood gained over the better of its parts, in nats; of three tokens the parts
            are a pair and the third that it grew by.
        ways: how many bodies hold for just the same items; one of them stands for all.
    """

    bodies: Ints
    counts: Floats
    gain: Floats
    ways: Floats

    @property
    def support(self) -> Floats:
        """For how many labelled items each body holds."""
        return np.asarray(self.counts.sum(axis=1))

    def confidence(self) -> Floats:
        """Return bodies × values: the share of a body's items with the value, cautiously."""
        return np.asarray(self.counts / (self.support[:, None] + CAUTION))


@dataclass(frozen=True, slots=True)
class Mining:
    """How rules are mined.

    Attributes:
        least: items that a body must hold for.
        gain: least gain, in nats; below 0 a body tells less than the better of its parts.
        pairs: bodies of two that are kept at most; the best by gain.
        triples: bodies of three, likewise; 0 for none.
        seeds: bodies of two that are tried with a third token.
    """

    least: int = 5
    gain: float = -math.inf
    pairs: int = 20_000
    triples: int = 2_000
    seeds: int = 300


def holds(matrix: csr_matrix, bodies: Ints) -> csr_matrix:
    """Return items × bodies: 1 where all tokens of a body stand."""
    columns = csc_matrix(matrix)
    blocks = []
    for start in range(0, len(bodies), BLOCK):
        part = bodies[start : start + BLOCK]
        block = columns[:, part[:, 0]].multiply(columns[:, part[:, 1]])
        third = part[:, 2] >= 0
        if third.any():
            # A body of two is met again by one of its own tokens.
            again = np.where(third, part[:, 2], part[:, 1])
            block = block.multiply(columns[:, again])
        blocks.append(csc_matrix(block))
    if not blocks:
        return csr_matrix((matrix.shape[0], 0))
    return csr_matrix(hstack(blocks, format="csr"))


def _often(left: csr_matrix, right: csr_matrix, least: int) -> tuple[Ints, Ints]:
    """Return the pairs of columns that stand together in enough items."""
    count = (left.T @ right).tocoo()
    often = np.flatnonzero(count.data >= least)
    often = often[np.lexsort((count.col[often], count.row[often]))]
    return count.row[often].astype(np.int64), count.col[often].astype(np.int64)


def _together(narrow: csr_matrix, weights: Floats, a: Ints, b: Ints) -> Floats:
    """Return, for pairs of columns, the sums of each column of weights over the items of both."""
    out = np.zeros((len(a), weights.shape[1]))
    for n in range(weights.shape[1]):
        some = np.flatnonzero(weights[:, n])
        rows = narrow[some]
        both = csr_matrix(rows.T @ rows.multiply(weights[some, n][:, None]))
        out[:, n] = np.asarray(both[a, b]).ravel()
    return out


def _gained(counts: Floats, parts: list[Floats]) -> Floats:
    """Return how much better counts are told by their own shares than by the best part's."""
    width = counts.shape[1]
    own = np.log((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5 * width))
    told = [
        (counts * (own - np.log((p + 0.5) / (p.sum(axis=1, keepdims=True) + 0.5 * width)))).sum(
            axis=1
        )
        for p in parts
    ]
    return np.asarray(np.min(told, axis=0))


def _best(gain: Floats, least: float, most: int) -> Ints:
    kept = np.flatnonzero(gain > least)
    return np.sort(kept[np.argsort(-gain[kept], kind="stable")[:most]])


def mine(
    matrix: csr_matrix, table: Floats, seeds: NDArray[np.bool_], mining: Mining | None = None
) -> Stars:
    """Return the bodies that tell most of a table's values.

    Args:
        matrix: labelled items × tokens, 0 or 1, only of tokens that may speak.
        table: items × values, 0 or 1.
        seeds: which tokens bodies are made of.
        mining: how.
    """
    how = mining or Mining()
    often = np.asarray(matrix.sum(axis=0)).ravel() >= how.least
    tokens = np.flatnonzero(often & seeds)
    narrow = csr_matrix(matrix[:, tokens])
    alone = np.asarray(narrow.T @ table)
    a, b = _often(narrow, narrow, how.least)
    a, b = a[a < b], b[a < b]
    counts = _together(narrow, table, a, b)
    pairs = np.column_stack([a, b, np.full(len(a), -1)]).astype(np.int64)
    found = _kept(narrow, pairs, counts, [alone[a], alone[b]], (how.gain, how.pairs))
    if how.triples and len(found.bodies):
        more = _longer(narrow, table, alone, found, how)
        found = Stars(
            np.vstack([found.bodies, more.bodies]),
            np.vstack([found.counts, more.counts]),
            np.concatenate([found.gain, more.gain]),
            np.concatenate([found.ways, more.ways]),
        )
    bodies = np.where(found.bodies >= 0, tokens[found.bodies], -1)
    return Stars(bodies, found.counts, found.gain, found.ways)


def _marks(matrix: csr_matrix) -> Floats:
    """Return a number for each column that is the same where the same items stand in it."""
    # Whole numbers whose sums stay exact: columns alike in number are alike in items.
    rows = max(matrix.shape[0], 1)
    drawn = np.random.default_rng(0).integers(2**53 // rows, size=rows).astype(np.float64)
    return np.asarray(matrix.T @ drawn)


def different(matrix: csr_matrix) -> tuple[Ints, Floats]:
    """Return columns that hold for different items, the first of those alike, and how many are."""
    _, first, ways = np.unique(_marks(matrix), return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order], ways[order].astype(np.float64)


def _kept(
    narrow: csr_matrix,
    bodies: Ints,
    counts: Floats,
    parts: list[Floats],
    limits: tuple[float, int],
) -> Stars:
    """Return the bodies that gain enough, the best of them, one for each set of items."""
    if not len(bodies):
        return Stars(bodies, counts, np.zeros(0), np.zeros(0))
    gain = _gained(counts, parts)
    some = _best(gain, limits[0], limits[1] * 3)
    first, ways = different(holds(narrow, bodies[some]))
    kept = _best(gain[some[first]], limits[0], limits[1])
    chosen = some[first[kept]]
    return Stars(bodies[chosen], counts[chosen], gain[chosen], ways[kept])


def _longer(narrow: csr_matrix, table: Floats, alone: Floats, found: Stars, how: Mining) -> Stars:
    """Return bodies of three that grow from the best of two."""
    top = np.sort(np.argsort(-found.gain, kind="stable")[: how.seeds])
    base = found.bodies[top]
    rows, third = _often(holds(narrow, base), narrow, how.least)
    fresh = (third != base[rows, 0]) & (third != base[rows, 1])
    rows, third = rows[fresh], third[fresh]
    grown = np.sort(np.column_stack([base[rows, :2], third]), axis=1)
    _, first = np.unique(grown, axis=0, return_index=True)
    counts = np.zeros((len(first), table.shape[1]))
    for start in range(0, len(first), BLOCK):
        part = grown[first[start : start + BLOCK]]
        counts[start : start + BLOCK] = holds(narrow, part).T @ table
    # A third token that every item of the pair has adds nothing to it.
    tells = counts.sum(axis=1) < found.support[top][rows[first]]
    first, counts = first[tells], counts[tells]
    parts = [found.counts[top][rows[first]], alone[third[first]]]
    return _kept(narrow, grown[first], counts, parts, (how.gain, how.triples))
