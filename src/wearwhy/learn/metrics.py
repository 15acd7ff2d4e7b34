"""How good guesses are: accuracy, log-loss, calibration, each with its interval.

A *case* is one decision of a model with a stated probability: the top value of a single-valued
attribute, or one yes-or-no of a many-valued one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.additive import Floats, Ints

Z90 = 1.2815515655446004
"""One-sided 90 % point of the normal distribution."""
BINS = 15
LEAST = 1e-12
LEAST_CASES = 5
"""Fewer held-out cases than this support no cutoff."""


def wilson(right: int, n: int, z: float = Z90) -> float:
    """Return the lower Wilson bound of a share (one-sided 90 % as it stands); 0 for no cases."""
    if n == 0:
        return 0.0
    share, square = right / n, z * z
    centre = share + square / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, float((centre - spread) / (1 + square / n)))


def calibration_error(sure: Floats, right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error of stated probabilities over 15 equal bins."""
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    total = 0.0
    for n in range(BINS):
        held = bins == n
        if held.any():
            total += float(held.sum()) * abs(float(sure[held].mean()) - float(right[held].mean()))
    return total / max(len(sure), 1)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its 95 % interval, by bootstrap over items."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_dict(self) -> dict[str, object]:
        """Return the figure as reports print it in JSON."""
        return {
            "value": round(self.value, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """What is measured of one model on one attribute."""

    items: int
    accuracy: Figure
    log_loss: Figure
    ece: Figure

    def as_dict(self) -> dict[str, object]:
        """Return the scores as reports print them in JSON."""
        return {
            "n": self.items,
            "accuracy": self.accuracy.as_dict(),
            "log_loss": self.log_loss.as_dict(),
            "ece": self.ece.as_dict(),
        }


def _figure(
    function: Callable[[Ints], float], items: int, rng: np.random.Generator, rounds: int
) -> Figure:
    whole = np.arange(items)
    drawn = [function(rng.integers(0, items, items)) for _ in range(rounds)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(function(whole), float(low), float(high))


def scores(
    probabilities: Floats, target: Floats, *, many: bool, seed: int = 0, rounds: int = 400
) -> Scores:
    """Return accuracy, log-loss and calibration error of held-out probabilities.

    Args:
        probabilities: one row an item, one column a value.
        target: 0/1, likewise.
        many: whether each column is a yes-or-no of its own; accuracy is then over all of them.
        seed: of the bootstrap.
        rounds: of the bootstrap.
    """
    rng = np.random.default_rng(seed)
    p = np.clip(probabilities, LEAST, 1 - LEAST)
    if many:
        right = (p >= 0.5) == (target > 0.5)
        sure = np.maximum(p, 1 - p)
        loss = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    else:
        top = p.argmax(axis=1)[:, None]
        right = np.take_along_axis(target, top, axis=1) > 0.5
        sure = np.take_along_axis(p, top, axis=1)
        loss = -np.log((p * target).sum(axis=1, keepdims=True) + LEAST)

    def error(rows: Ints) -> float:
        return calibration_error(sure[rows].ravel(), right[rows].ravel())

    n = len(p)
    return Scores(
        n,
        _figure(lambda rows: float(right[rows].mean()), n, rng, rounds),
        _figure(lambda rows: float(loss[rows].mean()), n, rng, rounds),
        _figure(error, n, rng, rounds),
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """Held-out precision above each probability: cutoffs falling, cases and right ones above."""

    cutoffs: tuple[float, ...]
    cases: tuple[int, ...]
    right: tuple[int, ...]

    def cutoff(self, threshold: float) -> float | None:
        """Return the least probability above which the lower 90 % bound passes; None for none."""
        passed = None
        for p, n, good in zip(self.cutoffs, self.cases, self.right, strict=True):
            if wilson(good, n) >= threshold:
                passed = p
        return passed


def curve(sure: Floats, right: NDArray[np.bool_], points: int = 40) -> Curve:
    """Return the precision curve of cases with their probabilities."""
    if len(sure) < LEAST_CASES:
        return Curve((), (), ())
    order = np.argsort(-sure, kind="stable")
    good = np.cumsum(right[order])
    at = np.unique(np.linspace(LEAST_CASES - 1, len(sure) - 1, points).astype(np.int64))
    return Curve(
        tuple(float(sure[order[n]]) for n in at),
        tuple(int(n) + 1 for n in at),
        tuple(int(good[n]) for n in at),
    )
