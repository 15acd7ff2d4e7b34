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


PRECISION = 0.95
"""What the surest rows must come to for `coverage`."""
_CHUNK = 50


@dataclass(frozen=True, slots=True)
class Cases:
    """One decision a row, right or wrong, and what was staked on it.

    Attributes:
        truth: the number of each row's value; values that the model never saw have the numbers
            after its own.
        said: the number of the value that the model put first.
        sure: its probability.
        loss: minus the logarithm of the probability of the true value.
    """

    truth: Ints
    said: Ints
    sure: Floats
    loss: Floats

    @property
    def right(self) -> NDArray[np.bool_]:
        """Where the value put first is the true one."""
        return np.asarray(self.truth == self.said)

    def rows(self, which: Ints) -> Cases:
        """Return some of the rows."""
        return Cases(self.truth[which], self.said[which], self.sure[which], self.loss[which])


def cases(probabilities: Floats, truth: Ints) -> Cases:
    """Return the decisions of probabilities: one row an item, one column a value.

    A value that the model never saw (its number has no column) costs as much as probability 1e-12.
    """
    rows, known = np.arange(len(truth)), truth < probabilities.shape[1]
    said = probabilities.argmax(axis=1)
    given = np.zeros(len(truth))
    given[known] = probabilities[rows[known], truth[known]]
    return Cases(truth, said, probabilities[rows, said], -np.log(np.clip(given, LEAST, 1.0)))


def accuracy(found: Cases, weights: Floats) -> Floats:
    """Return the share of rows that are right, for each row of weights."""
    return np.asarray(weights @ found.right / weights.sum(axis=1))


def macro_f1(found: Cases, weights: Floats) -> Floats:
    """Return the mean F1 over the values that occur in truth, for each row of weights.

    A value that is never put first has F1 0, as in scikit-learn with `zero_division=0`.
    """
    size = int(max(found.truth.max(initial=0), found.said.max(initial=0))) + 1
    there, put = _sums(weights, found.truth, size), _sums(weights, found.said, size)
    hit = np.flatnonzero(found.right)
    both = _sums(weights[:, hit], found.truth[hit], size)
    f1, occurs = 2 * both / np.maximum(there + put, LEAST), there > 0
    return np.asarray((f1 * occurs).sum(axis=1) / occurs.sum(axis=1))


def _sums(weights: Floats, groups: Ints, size: int) -> Floats:
    """Return the sums of columns that are of one group; a column a group."""
    found = np.zeros((len(weights), size))
    if len(groups):
        order = np.argsort(groups, kind="stable")
        kinds, starts = np.unique(groups[order], return_index=True)
        found[:, kinds] = np.add.reduceat(weights[:, order], starts, axis=1)
    return found


def log_loss(found: Cases, weights: Floats) -> Floats:
    """Return the mean loss, in nats, for each row of weights."""
    return np.asarray(weights @ found.loss / weights.sum(axis=1))


def ece(found: Cases, weights: Floats) -> Floats:
    """Return the calibration error over 15 equal bins of the top probability, likewise."""
    bins = np.minimum((found.sure * BINS).astype(np.int64), BINS - 1)
    gaps = _sums(weights * (found.sure - found.right), bins, BINS)
    return np.asarray(np.abs(gaps).sum(axis=1) / weights.sum(axis=1))


def coverage(found: Cases, weights: Floats, precision: float = PRECISION) -> Floats:
    """Return the largest share of rows, surest first, whose precision is at least .95, likewise.

    Rows of one probability stand or fall together. The cutoff is chosen on the very rows that it
    is measured on, so that this is a bound; `above` measures a cutoff that was chosen elsewhere.
    """
    order = np.argsort(-found.sure, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(found.sure[order]) != 0))
    shown = np.add.reduceat(weights[:, order], starts, axis=1)
    good = np.add.reduceat(weights[:, order] * found.right[order], starts, axis=1)
    shown, good = np.cumsum(shown, axis=1), np.cumsum(good, axis=1)
    kept = np.where(good >= precision * shown - 1e-9, shown, 0.0)
    return np.asarray(kept.max(axis=1) / weights.sum(axis=1))


MEASURES: dict[str, Callable[[Cases, Floats], Floats]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "log_loss": log_loss,
    "ece": ece,
    "coverage_at_95": coverage,
}


def measured(found: Cases, *, seed: int = 0, rounds: int = 400) -> dict[str, Figure]:
    """Return every figure of `MEASURES` with its interval, by bootstrap over rows.

    The same seed draws the same rows: figures of several models on the same rows are paired.
    """
    rng, n = np.random.default_rng(seed), len(found.truth)
    drawn: dict[str, list[Floats]] = {name: [] for name in MEASURES}
    for start in range(0, rounds, _CHUNK):
        rows = rng.integers(0, n, (min(_CHUNK, rounds - start), n))
        weights = np.stack([np.bincount(row, minlength=n) for row in rows]).astype(np.float64)
        for name, measure in MEASURES.items():
            drawn[name].append(measure(found, weights))
    figures = {}
    for name, measure in MEASURES.items():
        low, high = np.quantile(np.concatenate(drawn[name]), [0.025, 0.975])
        whole = float(measure(found, np.ones((1, n)))[0])
        figures[name] = Figure(whole, float(low), float(high))
    return figures


def above(found: Cases, cutoff: float | None) -> tuple[float, float | None]:
    """Return the share of rows at or above a cutoff, and the precision there (None for no row)."""
    shown = found.sure >= cutoff if cutoff is not None else np.zeros(len(found.sure), dtype=bool)
    if not shown.any():
        return 0.0, None
    return float(shown.mean()), float(found.right[shown].mean())
