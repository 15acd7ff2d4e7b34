"""The additive and the mined witness, fitted together: own facts and rules in one log-linear model.

Fitted apart they would count the same evidence twice. Together a rule weighs what it tells beyond
its parts, and each witness is the part of the sum that its columns make.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from wearwhy.learn.additive import Additive, Floats, fit_matrix
from wearwhy.learn.mined.stars import Mining, Stars, holds, mine
from wearwhy.learn.mined.witness import Mined

STRENGTHS: Final = ((10.0, 10.0), (3.0, 10.0), (1.0, 10.0), (0.4, 4.0))
"""Weights of the L2 prior that are tried, on tokens and on rules; held-out log-loss chooses."""
TOLERANCE: Final = 1e-6
ROUNDS: Final = 120
"""Of L-BFGS; half as many where the weights of a weaker prior are started from."""
ROOM: Final = 100_000
"""Bodies × values, at most: many values have fewer rules each. Few items have few rules as well."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Items to fit to.

    Attributes:
        matrix: items × tokens.
        table: items × values.
        many: whether each value is a verdict of its own.
        stars: the bodies mined from them; None where rules are left out.
        fired: items × bodies.
    """

    matrix: csr_matrix
    table: Floats
    many: bool
    stars: Stars | None
    fired: csr_matrix | None


def prepared(
    matrix: csr_matrix,
    table: Floats,
    seeds: NDArray[np.bool_],
    *,
    many: bool,
    mining: Mining | None,
) -> Prepared:
    """Return items with the rules mined from them; without `mining` there are none."""
    if mining is None:
        return Prepared(matrix, table, many, None, None)
    pairs = min(mining.pairs, ROOM // table.shape[1], 2 * table.shape[0])
    stars = mine(
        matrix, table, seeds, replace(mining, pairs=pairs, triples=min(mining.triples, pairs // 5))
    )
    return Prepared(matrix, table, many, stars, holds(matrix, stars.bodies))


@dataclass(frozen=True, slots=True)
class Joint:
    """Both witnesses, fitted together."""

    additive: Additive
    mined: Mined
    whole: Additive


def fitted(
    data: Prepared, strength: tuple[float, float], *, own: bool = True, start: Joint | None = None
) -> Joint:
    """Return the witnesses that fit items best.

    Args:
        data: the items.
        strength: of the prior on tokens, and on rules.
        own: whether tokens speak for themselves; if not, only rules do.
        start: of another strength, to start from.
    """
    width, values = data.matrix.shape[1], data.table.shape[1]
    parts, l2 = [], []
    if own:
        parts.append(data.matrix)
        l2.append(np.full(width, strength[0]))
    if data.fired is not None:
        parts.append(data.fired)
        # One that stands for many may weigh as much as they would together.
        ways = data.stars.ways if data.stars is not None else 1.0
        l2.append(strength[1] / ways * np.ones(data.fired.shape[1]))
    if not parts:
        return Joint(_usual(data), Mined.none(values), _usual(data))
    whole = fit_matrix(
        csr_matrix(hstack(parts, format="csr")),
        data.table,
        many=data.many,
        l2=np.concatenate(l2),
        tolerance=TOLERANCE,
        rounds=ROUNDS if start is None else ROUNDS // 2,
        start=None if start is None else start.whole,
    )
    cut = width if own else 0
    empty = np.zeros((width, values))
    additive = Additive(whole.weights[:cut] if own else empty, whole.bias)
    if data.stars is None:
        return Joint(additive, Mined.none(values), whole)
    stars = data.stars
    return Joint(
        additive,
        Mined(stars.bodies, whole.weights[cut:], stars.counts, np.zeros_like(stars.counts)),
        whole,
    )


def _usual(data: Prepared) -> Additive:
    """Return what is said of items where nothing may speak: how common each value is."""
    share = np.clip(data.table.mean(axis=0), 1e-3, 1 - 1e-3)
    bias = np.log(share / (1 - share)) if data.many else np.log(share)
    return Additive(np.zeros((data.matrix.shape[1], data.table.shape[1])), bias)


def scores(joint: Joint, matrix: csr_matrix) -> tuple[Floats, Floats]:
    """Return what own facts and what rules say of items, with the bias among the former."""
    mined = joint.mined
    own = np.asarray(matrix @ joint.additive.weights + joint.additive.bias)
    if not len(mined.bodies):
        return own, np.zeros_like(own)
    return own, np.asarray(holds(matrix, mined.bodies) @ mined.weights)
