"""Gradient-boosted trees: LightGBM, of the extra `peers`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from wearwhy.evaluate.controls.columns import Sparse
from wearwhy.learn.additive import Floats, Ints

HOW = "pip install 'wearwhy[peers]'"
ROUNDS = 400
PATIENCE = 20
LEAF = 20
SEED = 20261121


def installed() -> bool:
    """Return whether LightGBM is there."""
    return find_spec("lightgbm") is not None


@dataclass(frozen=True, slots=True)
class Boosted:
    """Trees, and the features that they may split on."""

    trees: Any
    kept: Ints

    def __call__(self, rows: Sparse) -> Floats:
        """Return the probabilities of values of rows."""
        found = self.trees.predict(rows[:, self.kept].astype(np.float32))
        return np.asarray(found, dtype=np.float64)


def boosted(
    rows: Sparse,
    truth: Ints,
    values: int,
    held: tuple[Sparse, Ints],
    *,
    step: Callable[[], None] = lambda: None,
) -> Boosted:
    """Return trees grown until held-out rows gain nothing any more.

    Args:
        rows: one row an item.
        truth: each row's value.
        values: how many values there are.
        held: rows to stop by, and their values.
        step: called after every round.
    """
    import lightgbm  # noqa: PLC0415 - of the extra `peers`

    # A feature of fewer rows than a leaf must hold can never be split on.
    kept = np.flatnonzero(np.asarray(rows.sum(axis=0)).ravel() >= LEAF)
    settings = {
        "objective": "multiclass",
        "num_class": values,
        "learning_rate": 0.1,
        # Without it, values of a few rows blow up.
        "lambda_l2": 1.0,
        "num_leaves": 31,
        "min_data_in_leaf": LEAF,
        "seed": SEED,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": int(os.environ.get("OMP_NUM_THREADS", "1")),
        "verbosity": -1,
    }
    fitted = lightgbm.Dataset(rows[:, kept].astype(np.float32), truth)
    stopped = lightgbm.Dataset(held[0][:, kept].astype(np.float32), held[1], reference=fitted)
    trees = lightgbm.train(
        settings,
        fitted,
        ROUNDS,
        valid_sets=[stopped],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False), lambda _: step()],
    )
    return Boosted(trees, kept)
