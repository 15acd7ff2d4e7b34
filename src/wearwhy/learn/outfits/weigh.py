"""What the pair term, each walk between items and the rules are weighed by.

Fitted on outfits that the item vectors were not: how pairs and walks stand to each other, and then
what rules say to the two, by which item completes an outfit; the scale of all together by what
tells an outfit from one with every item exchanged, so that a score is in log-odds. No weight is
negative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.additive import minimise
from wearwhy.learn.outfits.material import Ints, Material, Rivals
from wearwhy.learn.outfits.plan import Weighing

Floats = NDArray[np.float64]
Walked = Callable[[Ints, Ints], Floats]
"""Features of pairs of items, given by number: pairs × walks."""
Ruled = Callable[[Sequence[Sequence[int]]], Floats]
"""What rules say of sets of items, in points; empty where rules are left out."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was fitted.

    Attributes:
        pair: of the pair term.
        walks: of each walk.
        rule: of the rules; 1 where they were left out.
        accuracy: of the right item among the options, on the outfits it was fitted on.
        questions: how many that were.
    """

    pair: float
    walks: tuple[float, ...]
    rule: float
    accuracy: float
    questions: int


def weigh(
    vectors: Floats | None,
    held: Material,
    against: Rivals,
    *,
    walked: Walked,
    ruled: Ruled | None,
    settings: Weighing,
    rng: np.random.Generator,
) -> Weights:
    """Return the weights that tell held-out outfits best.

    Args:
        vectors: of items, fitted without the held-out outfits; None: without the pair term.
        held: those outfits.
        against: rivals of items by the outfits fitted on.
        walked: walks that do not pass through the held-out outfits.
        ruled: None: rules are left out.
        settings: how.
        rng: draws wrong options.
    """
    completing = [
        _options(outfit, n, against, settings.options, rng)
        for outfit in held.outfits
        for n in range(len(outfit))
    ]
    completing = [one for one in completing if len(one[1]) > 1]
    table = _features(
        [(given, option) for given, options in completing for option in options], vectors, walked
    )
    starts = np.cumsum([0, *(len(options) for _, options in completing)])[:-1]
    spread = np.maximum(table.std(axis=0), 1e-9)
    ratio = _conditional(table / spread, starts, settings.ridge) / spread
    right = _first_is_best(table @ ratio, starts)
    rule = 1.0
    if ruled is not None:
        some = completing[:: max(1, len(completing) // max(1, settings.asked))]
        rule = _beside(some, vectors, walked=walked, ruled=ruled, ratio=ratio, settings=settings)
    sets, labels = _sets(held, against, settings.sets, rng)
    score = np.array([_mean(one, vectors, walked) for one in sets]).reshape(len(sets), -1) @ ratio
    if ruled is not None:
        score = score + rule * ruled(sets)
    scale = float(_logistic(score, labels, settings.ridge))
    weights = scale * ratio
    first = 0 if vectors is None else 1
    return Weights(
        pair=float(weights[0]) if first else 0.0,
        walks=tuple(float(w) for w in weights[first:]),
        rule=scale * rule if ruled is not None else 1.0,
        accuracy=float(right.mean()) if len(right) else float("nan"),
        questions=len(right),
    )


def _beside(
    asked: Sequence[tuple[Ints, list[int]]],
    vectors: Floats | None,
    *,
    walked: Walked,
    ruled: Ruled,
    ratio: Floats,
    settings: Weighing,
) -> float:
    """Return what a point of a rule is worth beside pairs and walks, weighed by `ratio`."""
    few = [(given, options[: settings.beside + 1]) for given, options in asked]
    sets = [[*given.tolist(), option] for given, options in few for option in options]
    learned = np.array([_mean(one, vectors, walked) for one in sets]) @ ratio
    table = np.column_stack((learned, ruled(sets)))
    starts = np.cumsum([0, *(len(options) for _, options in few)])[:-1]
    spread = np.maximum(table.std(axis=0), 1e-9)
    found = _conditional(table / spread, starts, settings.ridge) / spread
    return float(found[1] / max(found[0], 1e-9))


def _options(
    outfit: Ints, n: int, against: Rivals, most: int, rng: np.random.Generator
) -> tuple[Ints, list[int]]:
    answer = int(outfit[n])
    drawn = against.drawn(np.array([answer]), most, rng)[0].tolist()
    wrong = [one for one in dict.fromkeys(drawn) if one not in set(outfit.tolist())]
    return np.delete(outfit, n), [answer, *wrong]


def _pairs(firsts: Ints, seconds: Ints, vectors: Floats | None, walked: Walked) -> Floats:
    walks = walked(firsts, seconds)
    if vectors is None:
        return walks
    learned = np.einsum("ij,ij->i", vectors[firsts], vectors[seconds])
    return np.column_stack((learned, walks))


def _features(asked: Sequence[tuple[Ints, int]], vectors: Floats | None, walked: Walked) -> Floats:
    """Return for each (given, option) the sum over the given, by the root of their number."""
    counts = np.array([len(given) for given, _ in asked])
    firsts = np.concatenate([given for given, _ in asked])
    seconds = np.repeat(np.array([option for _, option in asked], dtype=np.int64), counts)
    found = _pairs(firsts, seconds, vectors, walked)
    starts = np.cumsum([0, *counts.tolist()])[:-1]
    return np.asarray(np.add.reduceat(found, starts, axis=0) / np.sqrt(counts)[:, None])


def _mean(one: Sequence[int], vectors: Floats | None, walked: Walked) -> Floats:
    both = np.array(list(combinations(one, 2)), dtype=np.int64)
    return np.asarray(_pairs(both[:, 0], both[:, 1], vectors, walked).mean(axis=0))


def _sets(
    held: Material, against: Rivals, most: int, rng: np.random.Generator
) -> tuple[list[list[int]], Floats]:
    """Return outfits and as many with every item exchanged, with 1 for the former."""
    chosen = [outfit for outfit in held.outfits if len(outfit) > 1][:most]
    wrong = [sorted(set(against.drawn(outfit, 1, rng)[:, 0].tolist())) for outfit in chosen]
    kept = [
        (outfit.tolist(), other)
        for outfit, other in zip(chosen, wrong, strict=True)
        if len(other) > 1
    ]
    sets = [those for pair in kept for those in pair]
    return sets, np.tile([1.0, 0.0], len(kept))


def _first_is_best(scores: Floats, starts: Ints) -> NDArray[np.bool_]:
    best = np.maximum.reduceat(scores, starts)
    return np.asarray(scores[starts] >= best)


def _conditional(table: Floats, starts: Ints, ridge: float) -> Floats:
    """Return the weights of a conditional logistic regression: each question's first is right."""
    counts = np.diff([*starts.tolist(), len(table)])
    of = np.repeat(np.arange(len(starts)), counts)

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = table @ weights
        highest = np.maximum.reduceat(scores, starts)
        odds = np.exp(scores - highest[of])
        whole = np.add.reduceat(odds, starts)
        value = float(np.mean(np.log(whole) + highest - scores[starts]))
        share = odds / whole[of]
        slope = (share @ table - table[starts].sum(axis=0)) / len(starts)
        return value + ridge * float(weights @ weights), slope + 2 * ridge * weights

    start = np.full(table.shape[1], 0.1)
    return minimise(loss, start, positive=len(start))


def _logistic(scores: Floats, labels: Floats, ridge: float) -> float:
    """Return what scores are multiplied by to be log-odds, not below 0, with an intercept fitted."""
    spread = max(float(scores.std()), 1e-9)
    table = np.column_stack((scores / spread, np.ones(len(scores))))

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = table @ weights
        value = float(np.mean(np.logaddexp(0.0, odds) - labels * odds))
        slope = table.T @ (1.0 / (1.0 + np.exp(-odds)) - labels) / len(labels)
        penalty = np.array([weights[0], 0.0])
        return value + ridge * float(penalty @ penalty), slope + 2 * ridge * penalty

    return float(minimise(loss, np.array([1.0, 0.0]), positive=1)[0]) / spread
