"""What a shop would tell shares by: all its rows, its categories, or boosted trees."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.features import Token
from wearwhy.learn.shares.evidence import Evidence
from wearwhy.learn.source_columns import PREFIX

SMOOTH = 10.0
"""How many rows' worth the shares of all rows count in every category."""
ROUNDS = 400
PATIENCE = 20
NAMED: Final[dict[str, tuple[str, ...] | None]] = {
    "LightGBM": ("body_type",),
    "LightGBM, all counts": None,
}
"""Trees on categories, words and body types; and on every count that ours may see as well."""


@dataclass(frozen=True, slots=True)
class Known:
    """Items, and how often their rows say each value: one row an item, one column a value."""

    evidence: tuple[Evidence, ...]
    counts: Floats


def _widened(shares: Floats, values: int) -> Floats:
    """Return shares with a column of nothing for each value that training never saw."""
    return np.pad(shares, ((0, 0), (0, values - shares.shape[1])))


def shop_wide(train: Known, test: Known) -> Floats:
    """Return the shares of all training rows, for every test item."""
    whole = _smoothed(train.counts.sum(axis=0), np.full(train.counts.shape[1], 1.0))
    return _widened(np.tile(whole, (len(test.evidence), 1)), test.counts.shape[1])


def _smoothed(counts: Floats, prior: Floats) -> Floats:
    mixed = counts + prior
    return np.asarray(mixed / mixed.sum())


def category(one: Evidence) -> frozenset[Token]:
    """Return what an item is: its own class, and the columns that its source keeps of it."""
    return frozenset(
        t for t in one.tokens if t.relation == "rdf:type" or t.relation.startswith(PREFIX)
    )


def by_category(train: Known, test: Known) -> Floats:
    """Return the shares of the training rows of each test item's category."""
    values = train.counts.shape[1]
    whole = _smoothed(train.counts.sum(axis=0), np.full(values, 1.0))
    of: dict[frozenset[Token], Floats] = defaultdict(lambda: np.zeros(values))
    for one, counts in zip(train.evidence, train.counts, strict=True):
        kind = category(one)
        of[kind] = of[kind] + counts
    told = [
        _smoothed(of.get(category(one), np.zeros(values)), SMOOTH * whole) for one in test.evidence
    ]
    return _widened(np.array(told), test.counts.shape[1])


def grown(train: Known, test: Known, columns: tuple[str, ...] | None, seed: int = 0) -> Floats:
    """Return the shares that LightGBM tells of test items.

    A training row of the trees is an item and a value, weighed by how often the value was said;
    features are an item's tokens as zeros and ones and the shares of each column of counts.
    Rounds stop by 15 % of the training items.

    Args:
        train: items to learn from.
        test: items to tell shares of.
        columns: last steps of the columns of counts that are features; None: all, and how many rows.
        seed: of the trees, and of the items to stop by.
    """
    import lightgbm  # noqa: PLC0415 - of the extra `peers`

    read = _Columns.of(train.evidence, columns)
    table, values = read.table(train.evidence), train.counts.shape[1]
    held = np.random.default_rng(seed).random(len(table)) < 0.15

    def rows(which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[Floats, Ints, Floats]:
        weight = train.counts[which].ravel()
        said = weight > 0
        items = np.repeat(table[which], values, axis=0)[said]
        return (
            items,
            np.tile(np.arange(values, dtype=np.int64), int(which.sum()))[said],
            weight[said],
        )

    into, out = rows(~held), rows(held)
    fitted = lightgbm.Dataset(into[0], into[1], weight=into[2])
    trees = lightgbm.train(
        {
            "objective": "multiclass",
            "num_class": values,
            "learning_rate": 0.05,
            "num_leaves": 15,
            "min_data_in_leaf": 50,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": int(os.environ.get("OMP_NUM_THREADS", "1")),
            "verbosity": -1,
        },
        fitted,
        ROUNDS,
        valid_sets=[lightgbm.Dataset(out[0], out[1], weight=out[2], reference=fitted)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    told = np.asarray(trees.predict(read.table(test.evidence)), dtype=np.float64)
    return _widened(told, test.counts.shape[1])


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands in the columns of a table for trees."""

    tokens: tuple[Token, ...]
    counts: tuple[tuple[str, tuple[str, ...]], ...]
    rows: bool

    @classmethod
    def of(cls, known: Sequence[Evidence], columns: tuple[str, ...] | None) -> _Columns:
        said: dict[str, set[str]] = defaultdict(set)
        for one in known:
            for name, counts in one.counts.items():
                if columns is None or name.rpartition("/")[2] in columns:
                    said[name].update(counts)
        return cls(
            tuple(sorted({token for one in known for token in one.tokens})),
            tuple((name, tuple(sorted(said[name]))) for name in sorted(said)),
            columns is None,
        )

    def table(self, known: Sequence[Evidence]) -> Floats:
        """Return tokens, then shares of counts (of all rows, where their number is known)."""
        at = {token: n for n, token in enumerate(self.tokens)}
        tokens = np.zeros((len(known), len(at)))
        for n, one in enumerate(known):
            tokens[n, [at[t] for t in one.tokens if t in at]] = 1.0
        blocks = [tokens]
        for name, values in self.counts:
            block = np.full((len(known), len(values)), np.nan)
            for n, one in enumerate(known):
                counts = one.counts.get(name, {})
                total = one.rows.number if one.rows else sum(c.number for c in counts.values())
                if total:
                    block[n] = [c.number / total if (c := counts.get(v)) else 0.0 for v in values]
            blocks.append(block)
        if self.rows:
            blocks.append(np.array([[one.rows.number if one.rows else np.nan] for one in known]))
        return np.hstack(blocks)
