"""Rules and an embedding together, on questions where each knows a part of the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.fusing import fuse, log_softmax
from wearwhy.learn.mined.links import answered, mined, scorers
from wearwhy.learn.mined.listwise import listwise
from wearwhy.learn.mined.mining import Mining
from wearwhy.learn.mined.paths import HornRule
from wearwhy.learn.mined.scoring import Side, Witness
from wearwhy.learn.mined.triples import Triples


def reciprocal(scores: Floats, right: Ints) -> float:
    mine = scores[np.arange(len(right)), right][:, None]
    rank = 1 + (scores > mine).sum(axis=1) + ((scores == mine).sum(axis=1) - 1) / 2
    return float((1 / rank).mean())


def test_the_slope_of_the_loss_is_its_derivative() -> None:
    rng = np.random.default_rng(0)
    logits, answers = rng.normal(size=(4, 6)), (rng.random((4, 6)) < 0.3).astype(float)
    answers[:, 0] = 1
    _, slope = listwise(logits, answers)
    for place in np.ndindex(4, 6):
        step = np.zeros((4, 6))
        step[place] = 1e-6
        rise = listwise(logits + step, answers)[0] - listwise(logits - step, answers)[0]
        assert rise / 2e-6 == pytest.approx(slope[place], abs=1e-5)


def test_a_candidate_set_aside_neither_wins_nor_loses() -> None:
    logits, answers = np.array([[1.0, 2.0, -np.inf]]), np.array([[1.0, 0.0, 0.0]])
    loss, slope = listwise(logits, answers)
    assert loss == pytest.approx(np.log1p(np.e))
    assert slope[0, 2] == 0


@pytest.mark.parametrize("seed", range(5))
def test_two_half_blind_witnesses_rank_better_together_than_either_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    questions, candidates = 400, 30
    right = rng.integers(0, candidates, questions)
    target = np.eye(candidates)[right]
    parents = [
        log_softmax(3 * target * kind + rng.normal(size=target.shape)) for kind in (1.0, 0.8)
    ]
    groups = rng.integers(0, 5, questions)
    half = questions // 2
    fusion = fuse(
        [parent[:half] for parent in parents],
        groups[:half],
        target[:half],
        np.zeros((half, candidates), dtype=np.bool_),
    )
    both = fusion.logits([parent[half:] for parent in parents], groups[half:])
    assert reciprocal(both, right[half:]) > max(reciprocal(p[half:], right[half:]) for p in parents)


def test_a_group_never_fitted_takes_the_shared_weights() -> None:
    rng = np.random.default_rng(1)
    target = np.eye(6)[rng.integers(0, 6, 50)]
    feature = target + rng.normal(size=target.shape)
    fusion = fuse([feature], np.full(50, 3), target, np.zeros(target.shape, dtype=np.bool_))
    assert fusion.rows(np.array([3, 2, 9])).tolist() == [0, 1, 1]


def rule(body: tuple[int, ...], confidence: float) -> HornRule:
    return HornRule(0, None, body, None, 10, 5, confidence)


def test_the_surest_rule_decides_and_the_next_breaks_ties() -> None:
    # 0 reaches 1 by relation 1; 2 by relations 1 and 2; 3 by relations 2 and 3
    rows = np.array([[0, 1, 1], [0, 1, 2], [0, 2, 2], [0, 2, 3], [0, 3, 3]])
    witness = Witness(Triples.of(rows, 5, 4), [rule((1,), 0.8), rule((2,), 0.5), rule((3,), 0.7)])
    asked = np.array([[0, 0, 4]])
    scores = witness.max_plus(asked, "tail")[0]
    assert scores[2] > scores[1] > scores[3] > scores[4] == scores[0]
    chances = witness.noisy_or(asked, "tail")[0]
    assert chances == pytest.approx([0, 0.8, 0.9, 0.85, 0])
    assert witness.noisy_or(np.array([[4, 0, 2]]), "head")[0][0] == pytest.approx(0.9)


@dataclass(frozen=True)
class Split:
    entities: tuple[str, ...]
    relations: tuple[str, ...]
    train: Ints
    valid: Ints
    test: Ints


def family(seed: int) -> Split:
    """Return a graph where relation 2 is relation 0 followed by relation 1, mostly."""
    rng = np.random.default_rng(seed)
    n = 60
    rows = np.column_stack(
        [rng.integers(0, n, 200), np.repeat([0, 1], 100), rng.integers(0, n, 200)]
    )
    reached = Triples.of(rows, n, 3).connected((0, 1))
    kept = reached[rng.random(len(reached)) < 0.9]
    heads = rng.permutation(np.column_stack([kept[:, 0], np.full(len(kept), 2), kept[:, 1]]))
    third = len(heads) // 5
    return Split(
        tuple(map(str, range(n))),
        ("a", "b", "c"),
        np.concatenate([rows, heads[2 * third :]]),
        heads[:third],
        heads[third : 2 * third],
    )


class Dim:
    """An embedding that sees the answer through noise."""

    def __init__(self, split: Split, seed: int) -> None:
        self._split, self._rng = split, np.random.default_rng(seed)

    def scores(self, triples: Ints, side: Side) -> Floats:
        known = np.concatenate([self._split.train, self._split.valid, self._split.test])
        truth = answered(known, triples, side, len(self._split.entities))
        return 2.0 * truth + self._rng.normal(size=truth.shape)


def test_rules_and_an_embedding_find_missing_links_better_than_either() -> None:
    split = family(0)
    model, rules = Dim(split, 0), mined(split, Mining(most=50, most_constant=50))
    known = np.concatenate([split.train, split.valid, split.test])

    def figure(scores: Floats) -> float:
        right = split.test[:, 2]
        others = answered(known, split.test, "tail", len(split.entities))
        others[np.arange(len(right)), right] = False
        return reciprocal(np.where(others, -np.inf, scores), right)

    found = {
        name: figure(scores(split.test, "tail"))
        for name, scores in scorers(split, model, rules).items()
    }
    dim = figure(model.scores(split.test, "tail"))
    assert found["rules"] > 0.8
    assert found["rules and embedding"] >= max(found["rules"], dim)
