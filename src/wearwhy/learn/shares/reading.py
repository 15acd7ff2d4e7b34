"""Evidence as numbers: what each named fact, or group of facts, puts into a row.

A part of a row stands or falls with the facts that carry it, and what is not known counts as what
is usual: it puts in nothing. So what a part adds to a logit is exactly what goes with its facts.

A column's counts enter as shares, drawn towards the usual ones as if `PRIOR` more rows had said
the usual, under a square root (which makes the spread of a rare and of a common value alike), and
once more times how many rows there are: the same share of two rows and of two hundred is not the
same evidence. The number of rows enters by straight lines between `KNOTS`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.features import Token
from wearwhy.learn.shares.evidence import Count, Evidence
from wearwhy.rdf import Fact

PRIOR = 40.0
LEAST = 3
"""A token must stand in this many items."""
KNOTS = (1, 3, 10, 30, 100, 300, 1000)
WITH_NUMBER = 0.5
"""The scale of a share times a number of rows: a stronger prior than that of the share alone."""
UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Part:
    """What some facts put into a row.

    Attributes:
        tokens: what the facts say, named.
        facts: all must stand for the part to stand.
        at: columns of the row.
        values: what stands there.
    """

    tokens: tuple[Token, ...]
    facts: tuple[Fact, ...]
    at: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class Measure:
    """How one column of counts is read.

    Attributes:
        name: short name of the column, or of it and `unsaid`.
        values: in the order of `usual`.
        usual: the shares of all training rows.
        spread: of the square roots of shares, over training items.
        centre: mean logarithm of an item's number of rows.
        width: its standard deviation.
    """

    name: str
    values: tuple[str, ...]
    usual: tuple[float, ...]
    spread: float
    centre: float
    width: float

    @property
    def size(self) -> int:
        """How many columns of a row it fills."""
        return 2 * len(self.values)

    def read(self, counts: Mapping[str, int]) -> Floats:
        """Return what counts put into a row; values never seen in training are passed over."""
        usual = np.array(self.usual)
        number = np.array([counts.get(value, 0) for value in self.values], dtype=np.float64)
        total = number.sum()
        if total <= 0:
            return np.zeros(self.size)
        shares = (number + PRIOR * usual) / (total + PRIOR)
        off = (np.sqrt(shares) - np.sqrt(usual)) / self.spread
        many = WITH_NUMBER * (np.log(total) - self.centre) / self.width
        return np.concatenate([off, off * many])


def _measure(name: str, counts: Sequence[Mapping[str, int]]) -> Measure | None:
    values = tuple(sorted({value for said in counts for value, n in said.items() if n}))
    table = np.array(
        [[said.get(value, 0) for value in values] for said in counts], dtype=np.float64
    )
    table = table[table.sum(axis=1) > 0] if len(values) > 1 else np.empty((0, 0))
    if not len(table):
        return None
    total = table.sum(axis=1, keepdims=True)
    usual = table.sum(axis=0) / table.sum()
    roots = np.sqrt((table + PRIOR * usual) / (total + PRIOR))
    logs = np.log(total)
    return Measure(
        name,
        values,
        tuple(usual.tolist()),
        max(float(roots.std(axis=0).mean()), 1e-6),
        float(logs.mean()),
        max(float(logs.std()), 1e-6),
    )


def _numbers(said: Mapping[str, Count]) -> dict[str, int]:
    return {value: count.number for value, count in said.items()}


def _unsaid(one: Evidence, column: str) -> dict[str, int]:
    """Return how many of an item's rows say something in a column and how many do not."""
    said = sum(c.number for c in one.counts.get(column, {}).values())
    if one.rows is None or not said:
        return {}
    return {"said": said, UNSAID: max(one.rows.number - said, 0)}


@dataclass(frozen=True, slots=True)
class Reading:
    """How evidence becomes rows: tokens first, then columns, then the number of rows.

    Attributes:
        tokens: the vocabulary, sorted.
        columns: how counts are read.
        unsaid: likewise, whether rows say anything in a column at all.
    """

    tokens: tuple[Token, ...]
    columns: tuple[Measure, ...]
    unsaid: tuple[Measure, ...]

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return len(self.tokens) + sum(m.size for m in (*self.columns, *self.unsaid)) + len(KNOTS)

    def parts(self, one: Evidence) -> Iterator[Part]:
        """Yield what an item's facts put into its row."""
        number = {token: n for n, token in enumerate(self.tokens)}
        carried: dict[tuple[Fact, ...], list[Token]] = defaultdict(list)
        for token, facts in one.tokens.items():
            if token in number:
                carried[facts].append(token)
        for facts, tokens in carried.items():
            at = np.array([number[t] for t in tokens], dtype=np.int64)
            yield Part(tuple(tokens), facts, at, np.ones(len(at)))
        start = len(self.tokens)
        whole = () if one.rows is None else (one.rows.fact,)
        for measure in self.columns:
            said = one.counts.get(measure.name, {})
            facts = tuple(count.fact for count in said.values())
            tokens = [Token(measure.name, value) for value in said]
            if said:
                yield _part(tokens, facts, start, measure.read(_numbers(said)))
            start += measure.size
        for measure in self.unsaid:
            column = measure.name.removesuffix(f"/{UNSAID}")
            counts = _unsaid(one, column)
            facts = tuple(count.fact for count in one.counts.get(column, {}).values())
            if counts:
                tokens = [Token(column, UNSAID)]
                yield _part(tokens, (*facts, *whole), start, measure.read(counts))
            start += measure.size
        if one.rows is not None:
            at = np.log(np.clip(one.rows.number, KNOTS[0], KNOTS[-1]))
            hats = [float(np.interp(at, np.log(KNOTS), hat)) for hat in np.eye(len(KNOTS))]
            tokens = [Token("ww:timesCounted", str(one.rows.number))]
            yield _part(tokens, whole, start, np.array(hats))

    def row(self, one: Evidence) -> tuple[Ints, Floats]:
        """Return an item's row: columns that hold something, and what they hold."""
        parts = list(self.parts(one))
        return (
            np.concatenate([np.empty(0, dtype=np.int64), *(p.at for p in parts)]),
            np.concatenate([np.empty(0), *(p.values for p in parts)]),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the reading as JSON holds it."""

        def told(measures: tuple[Measure, ...]) -> list[list[Any]]:
            return [[m.name, m.values, m.usual, m.spread, m.centre, m.width] for m in measures]

        return {
            "tokens": [list(token) for token in self.tokens],
            "columns": told(self.columns),
            "unsaid": told(self.unsaid),
        }

    @classmethod
    def restored(cls, document: Mapping[str, Any]) -> Reading:
        """Return the reading that `as_dict` told."""

        def measures(told: list[list[Any]]) -> tuple[Measure, ...]:
            return tuple(
                Measure(name, tuple(values), tuple(usual), spread, centre, width)
                for name, values, usual, spread, centre, width in told
            )

        return cls(
            tuple(Token(*pair) for pair in document["tokens"]),
            measures(document["columns"]),
            measures(document["unsaid"]),
        )


def _part(tokens: Sequence[Token], facts: tuple[Fact, ...], start: int, values: Floats) -> Part:
    return Part(tuple(tokens), facts, np.arange(start, start + len(values)), values)


def reading(known: Sequence[Evidence]) -> Reading:
    """Return how to read evidence like that of training items."""
    count = Counter(token for one in known for token in one.tokens)
    names = sorted({name for one in known for name in one.counts})
    columns = [_measure(n, [_numbers(one.counts.get(n, {})) for one in known]) for n in names]
    unsaid = [_measure(f"{n}/{UNSAID}", [_unsaid(one, n) for one in known]) for n in names]
    return Reading(
        tuple(sorted(token for token, n in count.items() if n >= LEAST)),
        tuple(m for m in columns if m is not None),
        tuple(m for m in unsaid if m is not None),
    )
