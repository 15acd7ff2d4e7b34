"""How well scores rank: the share of right choices, and the area under the ROC curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.metrics import Figure

ROUNDS: Final = 1000
"""Of the bootstrap."""
DIGITS: Final = 9
"""Scores that agree to so many digits are a tie: sums of floats in another order are no reason."""


def credit(scores: Floats, answer: int) -> float:
    """Return 1 where the answer has the best score, a share of it where others tie, else 0."""
    rounded = np.round(scores, DIGITS)
    best = rounded == rounded.max()
    return float(best[answer]) / float(best.sum())


def auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Return how often one of the positive cases scores above one of the others; ties count half.

    It is not a number where all cases are of one kind.
    """
    ranks = rankdata(np.round(scores, DIGITS))
    n = int(positive.sum())
    others = len(positive) - n
    if not n or not others:
        return float("nan")
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * others))


def mean(values: Floats, *, seed: int = 0, rounds: int = ROUNDS) -> Figure:
    """Return a mean with its 95 % interval, by bootstrap over the values."""

    def of(rows: Ints) -> float:
        return float(values[rows].mean())

    return bootstrapped(of, len(values), seed=seed, rounds=rounds)


def area(
    scores: Floats, positive: NDArray[np.bool_], *, seed: int = 0, rounds: int = ROUNDS
) -> Figure:
    """Return the area under the ROC curve with its 95 % interval, by bootstrap over the cases."""

    def of(rows: Ints) -> float:
        return auc(scores[rows], positive[rows])

    return bootstrapped(of, len(scores), seed=seed, rounds=rounds)


def bootstrapped(
    of: Callable[[Ints], float], cases: int, *, seed: int = 0, rounds: int = ROUNDS
) -> Figure:
    """Return a figure of all cases with its 95 % interval over cases drawn with replacement.

    Args:
        of: the figure of some cases, given by number; draws of which it is no number are left out.
        cases: how many there are.
        seed: of the draws.
        rounds: how many; 0 gives the figure itself as its interval.
    """
    whole = of(np.arange(cases))
    random = np.random.default_rng(seed)
    drawn = [of(random.integers(0, cases, cases)) for _ in range(rounds)]
    kept = [one for one in drawn if one == one] or [whole]  # noqa: PLR0124  # NaN differs from itself
    low, high = np.quantile(kept, [0.025, 0.975])
    return Figure(whole, float(low), float(high))
