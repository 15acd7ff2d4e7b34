"""Figures of completed rows: against scikit-learn, against counting by hand, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.learn.additive import Ints
from wearwhy.learn.metrics import MEASURES, Cases, above, cases, measured


def one(truth: list[int], said: list[int], sure: list[float] | None = None) -> Cases:
    stated = np.array(sure if sure is not None else [0.9] * len(truth))
    right = np.array(truth) == np.array(said)
    loss = -np.log(np.where(right, stated, 0.05))
    return Cases(np.array(truth), np.array(said), stated, loss)


def value(name: str, found: Cases) -> float:
    return float(MEASURES[name](found, np.ones((1, len(found.truth))))[0])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=80))
def test_macro_f1_is_scikit_learns_over_the_values_of_truth(pairs: list[tuple[int, int]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is of the extra `peers`")
    truth, said = (list(side) for side in zip(*pairs, strict=True))
    theirs = metrics.f1_score(
        truth, said, labels=sorted(set(truth)), average="macro", zero_division=0
    )
    assert value("macro_f1", one(truth, said)) == pytest.approx(theirs, abs=1e-12)


def test_a_value_that_the_model_never_saw_counts_as_zero() -> None:
    # 0: two of two found, and once said wrongly; 5: never said.
    assert value("macro_f1", one([0, 0, 5], [0, 0, 0])) == pytest.approx((0.8 + 0) / 2)


def test_a_value_that_only_the_model_says_is_no_value_of_truth() -> None:
    assert value("macro_f1", one([0, 0], [0, 3])) == pytest.approx(2 / 3)


def test_a_true_value_without_a_column_costs_as_much_as_next_to_nothing() -> None:
    found = cases(np.array([[0.7, 0.3], [0.7, 0.3]]), np.array([0, 2]))
    assert found.loss[0] == pytest.approx(-np.log(0.7))
    assert found.loss[1] == pytest.approx(-np.log(1e-12))
    assert found.right.tolist() == [True, False]


def test_coverage_goes_as_far_down_as_ninety_five_percent_hold() -> None:
    # 19 of the surest 20 are right, then one wrong, then right ones that lift it over again.
    truth = [0] * 60
    said = [0] * 19 + [1, 1] + [0] * 39
    sure = list(np.linspace(0.99, 0.4, 60))
    assert value("coverage_at_95", one(truth, said, sure)) == 1.0
    assert value("coverage_at_95", one(truth[:25], said[:25], sure[:25])) == pytest.approx(20 / 25)
    assert value("coverage_at_95", one([0, 0], [1, 1])) == 0.0


def test_rows_of_one_probability_stand_or_fall_together() -> None:
    assert value("coverage_at_95", one([0] * 4, [0, 0, 0, 1])) == 0.0
    assert value("coverage_at_95", one([0] * 4, [0, 1, 0, 0], [0.9, 0.5, 0.5, 0.5])) == 0.25


def test_calibration_error_is_how_far_stated_and_true_shares_lie_apart() -> None:
    assert value("ece", one([0] * 10, [0] * 9 + [1])) == pytest.approx(0.0)
    assert value("ece", one([0] * 10, [0] * 5 + [1] * 5)) == pytest.approx(0.4)


def test_every_figure_lies_in_its_interval_and_comes_again() -> None:
    rng = np.random.default_rng(1)
    stated = rng.dirichlet(np.ones(4), 300)
    truth: Ints = np.array([rng.choice(4, p=row) for row in stated])
    found = measured(cases(stated, truth), rounds=200)
    assert list(found) == list(MEASURES)
    for name in ("accuracy", "macro_f1", "log_loss"):
        assert found[name].low < found[name].value < found[name].high
    assert found == measured(cases(stated, truth), rounds=200)
    assert found["accuracy"].value == pytest.approx((stated.argmax(axis=1) == truth).mean())


def test_a_cutoff_set_elsewhere_is_measured_as_it_is() -> None:
    found = one([0] * 4, [0, 0, 1, 1], [0.9, 0.8, 0.8, 0.3])
    share, precision = above(found, 0.8)
    assert share == 0.75
    assert precision == pytest.approx(2 / 3)
    assert above(found, 0.95) == (0.0, None)
    assert above(found, None) == (0.0, None)
