"""The controls by name, each trained once on an attribute and then asked about any rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Literal

import numpy as np

from wearwhy.evaluate.controls import boosting
from wearwhy.evaluate.controls.boosting import boosted
from wearwhy.evaluate.controls.columns import (
    Sheet,
    Sparse,
    numbers,
    parted,
    table,
    vocabulary,
)
from wearwhy.evaluate.controls.counting import ALPHAS, Bayes, bayes, by_type, shares
from wearwhy.evaluate.controls.regression import STRENGTHS, regression
from wearwhy.learn.additive import Floats, Ints

MAJORITY: Final = "majority"
TYPE: Final = "mode by type"
BAYES: Final = "naive Bayes"
REGRESSION: Final = "logistic regression"
BOOSTING: Final = "LightGBM"
Which = Literal["none", "fast", "all"]
NAMES: Final[dict[Which, tuple[str, ...]]] = {
    "none": (),
    "fast": (MAJORITY, TYPE, BAYES),
    "all": (MAJORITY, TYPE, BAYES, REGRESSION, BOOSTING),
}
Progress = Callable[[str, int, int], None]
"""Called with what is done, steps done, steps at most."""
Model = Callable[[Sparse, Sequence[str]], Floats]
"""Gives the probabilities of rows, of which the types are told beside."""
Ask = Callable[[Sheet], Floats]


@dataclass(frozen=True, slots=True)
class Missing:
    """A control that is not installed, and how to install it."""

    how: str


@dataclass(frozen=True, slots=True)
class Control:
    """A trained control.

    Attributes:
        values: in the order of its columns.
        setting: what was chosen on held-out training rows; "" where nothing was.
        probabilities: of rows that have the same columns as those it was trained on.
    """

    values: tuple[str, ...]
    setting: str
    probabilities: Ask


@dataclass(frozen=True, slots=True)
class _Given:
    """Training rows as numbers: all, and parted in those fitted on and those chosen by."""

    rows: Sparse
    sort: Sequence[str]
    truth: Ints
    values: int
    fit: Ints
    held: Ints

    def loss(self, model: Callable[[Sparse], Floats]) -> float:
        found = model(self.rows[self.held])
        right = found[np.arange(len(self.held)), self.truth[self.held]]
        return float(-np.log(np.maximum(right, 1e-12)).mean())


def trained(
    which: Which,
    train: Sheet,
    labels: Sequence[str],
    kind: str | None,
    progress: Progress = lambda *_: None,
) -> Iterator[tuple[str, Control | Missing]]:
    """Yield controls by name as they are trained.

    Args:
        which: of them.
        train: the training rows, without the attribute.
        labels: each row's value of the attribute.
        kind: the column that says what sort of thing a row is; None leaves `mode by type` out.
        progress: told of steps.
    """
    names = [name for name in NAMES[which] if kind is not None or name != TYPE]
    if not names:
        return
    values = tuple(sorted(set(labels)))
    truth = numbers(labels, values)
    sort = () if kind is None else tuple(train.cells[kind])
    known = vocabulary(train)
    # Every control is asked about the same few sheets.
    read = lru_cache(maxsize=4)(partial(table, known=known))
    given = _Given(table(train, known), sort, truth, len(values), *parted(train))
    for name in names:
        if name == BOOSTING and not boosting.installed():
            yield name, Missing(boosting.HOW)
        else:
            setting, model = _MAKERS[name](given, progress)
            yield name, Control(values, setting, _asking(model, read, kind))


def _asking(model: Model, read: Callable[[Sheet], Sparse], kind: str | None) -> Ask:
    def ask(sheet: Sheet) -> Floats:
        sort = () if kind is None else tuple(sheet.cells[kind])
        return model(read(sheet), sort)

    return ask


def _majority(given: _Given, progress: Progress) -> tuple[str, Model]:
    del progress
    whole = shares(given.truth, given.values)
    return "", lambda rows, _: np.tile(whole, (rows.shape[0], 1))


def _type(given: _Given, progress: Progress) -> tuple[str, Model]:
    del progress
    return "", lambda _, sort: by_type(given.sort, given.truth, given.values, sort)


def _of_rows(model: Callable[[Sparse], Floats]) -> Model:
    return lambda rows, _: model(rows)


def _bayes(given: _Given, progress: Progress) -> tuple[str, Model]:
    def at(alpha: float, which: Ints) -> Bayes:
        return bayes(given.rows[which], given.truth[which], given.values, alpha)

    progress(BAYES, 0, 1)
    alpha = min(ALPHAS, key=lambda a: given.loss(at(a, given.fit)))
    return f"alpha {alpha:g}", _of_rows(at(alpha, np.arange(len(given.truth))))


def _regression(given: _Given, progress: Progress) -> tuple[str, Model]:
    """Go down the strengths while held-out log-loss falls, then fit all rows from there."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(REGRESSION, done, 0)

    rows, truth = given.rows[given.fit], given.truth[given.fit]
    best, least, model = STRENGTHS[0], np.inf, None
    for l2 in STRENGTHS:
        found = regression(rows, truth, given.values, l2, start=model, step=step)
        loss = given.loss(found)
        if loss >= least:
            break
        best, least, model = l2, loss, found
    whole = regression(given.rows, given.truth, given.values, best, start=model, step=step)
    return f"L2 {best:g}", _of_rows(whole)


def _boosting(given: _Given, progress: Progress) -> tuple[str, Model]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(BOOSTING, done, boosting.ROUNDS)

    found = boosted(
        given.rows[given.fit],
        given.truth[given.fit],
        given.values,
        (given.rows[given.held], given.truth[given.held]),
        step=step,
    )
    return f"{found.trees.best_iteration} rounds", _of_rows(found)


_MAKERS: Final[dict[str, Callable[[_Given, Progress], tuple[str, Model]]]] = {
    MAJORITY: _majority,
    TYPE: _type,
    BAYES: _bayes,
    REGRESSION: _regression,
    BOOSTING: _boosting,
}
