"""A source's columns and texts as a sparse table of zeros and ones, for classifiers.

A feature is a cell of a column, a word of the text, or two words that stand side by side.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Ints

Sparse: TypeAlias = "csr_matrix[np.float64]"

LEAST = 3
"""A word or a pair must stand in this many rows."""
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
Feature = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Rows of a source; the same only as itself.

    Attributes:
        cells: one row an item (its IRI is the index), one column a source column; "" is empty.
        text: each row's title and whatever else is said in words.
    """

    cells: pd.DataFrame
    text: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.text)

    def rows(self, which: Ints) -> Sheet:
        """Return some of the rows."""
        return Sheet(self.cells.iloc[which], tuple(self.text[n] for n in which.tolist()))

    def under(self, columns: Sequence[str]) -> Sheet:
        """Return the rows with these columns alone; one that they lack is empty."""
        return Sheet(self.cells.reindex(columns=list(columns), fill_value=""), self.text)

    def saying(self, text: Sequence[str]) -> Sheet:
        """Return the rows with other texts."""
        return Sheet(self.cells, tuple(text))


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, numbers too: none is thrown away."""
    return _WORD.findall(text.casefold())


def _features(sheet: Sheet) -> Iterator[set[Feature]]:
    names = [str(name) for name in sheet.cells.columns]
    columns = [sheet.cells[name].tolist() for name in sheet.cells.columns]
    for n, text in enumerate(sheet.text):
        said = words_of(text)
        found = {(name, cells[n]) for name, cells in zip(names, columns, strict=True) if cells[n]}
        found.update((" word", word) for word in said)
        found.update((" pair", f"{a} {b}") for a, b in pairwise(said))
        yield found


def vocabulary(sheet: Sheet, least: int = LEAST) -> dict[Feature, int]:
    """Return the features that stand in at least so many rows, numbered in order."""
    count = Counter(feature for row in _features(sheet) for feature in row)
    kept = sorted(feature for feature, n in count.items() if n >= least)
    return {feature: n for n, feature in enumerate(kept)}


def table(sheet: Sheet, known: Mapping[Feature, int]) -> Sparse:
    """Return rows by features of a vocabulary: 1 where a row has the feature, else 0."""
    rows = [sorted(known[f] for f in row if f in known) for row in _features(sheet)]
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    flat = np.array([n for row in rows for n in row], dtype=np.int64)
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(rows), len(known)))


def numbers(labels: Iterable[str], values: Sequence[str]) -> Ints:
    """Return each label's place among values that hold it."""
    at = {value: n for n, value in enumerate(values)}
    return np.array([at[label] for label in labels], dtype=np.int64)


def parted(sheet: Sheet, share: float = 0.15, seed: int = 0) -> tuple[Ints, Ints]:
    """Return the rows to fit on and those to choose settings on; equal texts stay together."""
    text, _ = pd.factorize(np.array(sheet.text, dtype=object))
    drawn = np.random.default_rng(seed).random(int(text.max(initial=0)) + 1) < share
    held = drawn[text]
    return np.flatnonzero(~held), np.flatnonzero(held)
