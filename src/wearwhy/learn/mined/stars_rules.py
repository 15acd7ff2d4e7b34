"""Stars as rules that a person reads: one body, one value, counted where it was mined and elsewhere.

A rule is mined from the items that are fitted and counted again on those that are held out: of
thousands that are tried some are right by chance, and only items that they were not chosen by
show which.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.corpus import Corpus, Target
from wearwhy.learn.features import Token
from wearwhy.learn.metrics import Z90, wilson
from wearwhy.learn.mined.stars import BLOCK, Mining, Stars, different, holds, mine
from wearwhy.learn.mined.witness import CAUTION
from wearwhy.learn.plan import Attribute

FEWEST: Final = 5
"""Items that a body must hold for, if nothing is said; in a large graph one in `OF` instead."""
OF: Final = 1_000
READ: Final = Mining(pairs=2_000, triples=500, seeds=100)
"""How many longer bodies are tried: a person reads some, where a model weighs thousands."""
HELD: Final = 0
"""The fold that rules are counted on, not mined from; what a source sets aside, where it does."""


@dataclass(frozen=True, slots=True)
class ItemRule:
    """A rule about one item: where all tokens of its body stand, an attribute has a value.

    Attributes:
        attribute: of its head.
        value: of its head, as tokens spell it.
        body: one to three tokens, sorted.
        support: labelled items it was mined from on which the body holds.
        right: how many of them have the value.
        gain: log-likelihood of the value gained on those items over the best shorter body, in nats.
        held_support: labelled items that were held out on which the body holds.
        held_right: how many of them have the value.
    """

    attribute: Attribute
    value: str
    body: tuple[Token, ...]
    support: int
    right: int
    gain: float
    held_support: int
    held_right: int

    @property
    def id(self) -> str:
        """What it is called: a hash of what it says, whatever was counted."""
        said = [self.attribute.name, self.value, *(part for token in self.body for part in token)]
        return "m-" + hashlib.sha256("\t".join(said).encode()).hexdigest()[:8]

    @property
    def confidence(self) -> float:
        """AnyBURL's: the share that is right, with five unseen failures."""
        return self.right / (self.support + CAUTION)

    @property
    def at_least(self) -> float:
        """The lower bound of its precision on held-out items (one-sided 90 %)."""
        return wilson(self.held_right, self.held_support)

    @property
    def at_most(self) -> float:
        """The upper bound of its precision on held-out items (one-sided 90 %)."""
        return 1.0 - wilson(self.held_support - self.held_right, self.held_support, Z90)

    @property
    def exposed(self) -> bool:
        """Whether it claims more than held-out items bear out."""
        return self.at_most < self.confidence


@dataclass(frozen=True, slots=True)
class _Counted:
    """Bodies with how many items they hold for, and how many of these have each value."""

    bodies: Ints
    items: Floats
    right: Floats


def item_rules(
    data: Corpus, aim: Target, *, least: int | None = None, confidence: float = 0.6
) -> list[ItemRule]:
    """Return the rules for one attribute, those that gain most first.

    Args:
        data: the graph as numbers.
        aim: the attribute's labelled items.
        least: items that a body must hold for; by the number of items, if None.
        confidence: that a rule must have.
    """
    away = data.folds[aim.items] == HELD
    into, out = np.flatnonzero(~away), np.flatnonzero(away)
    table = aim.table[into]
    matrix = data.matrix(aim.attribute, aim.items[into])
    spoken = np.array([token.relation != "phrase" for token in data.tokens], dtype=bool)
    enough = max(FEWEST, len(into) // OF) if least is None else least
    single = _singles(matrix, spoken, enough)
    # Of tokens on the same items only the first makes bodies: what is said, not what is above it.
    seeds = np.isin(np.arange(len(data.tokens)), single)
    stars = mine(matrix, table, seeds, replace(READ, least=enough))
    found = _ruled(matrix, table, single, stars, (enough, confidence))
    if not found:
        return []
    bodies = np.unique(np.array([body for body, *_ in found], dtype=np.int64), axis=0)
    there = _counted(data.matrix(aim.attribute, aim.items[out]), aim.table[out], bodies)
    at = {tuple(body): n for n, body in enumerate(bodies.tolist())}
    rules = [
        ItemRule(
            aim.attribute,
            aim.values[value],
            tuple(sorted(data.tokens[t] for t in set(body) if t >= 0)),
            support,
            right,
            gain,
            int(there.items[at[body]]),
            int(there.right[at[body], value]),
        )
        for body, value, support, right, gain in found
    ]
    return sorted(rules, key=lambda rule: (-rule.gain, rule.body, rule.value))


_Found = tuple[tuple[int, ...], int, int, int, float]


def _ruled(
    matrix: csr_matrix,
    table: Floats,
    single: Ints,
    stars: Stars,
    limits: tuple[int, float],
) -> list[_Found]:
    """Return (body, value, support, right, gain) of every rule that passes the limits."""
    triple = stars.bodies[:, 2] >= 0
    two, three = stars.bodies[~triple], stars.bodies[triple]
    halves = [np.column_stack([three[:, ab], np.full(len(three), -1)]) for ab in _HALVES]
    alone = _counted(matrix, table, np.column_stack([single, np.full((len(single), 2), -1)]))
    every = _Counted(
        alone.bodies,
        np.full(len(single), float(len(table))),
        np.broadcast_to(table.sum(axis=0), alone.right.shape),
    )
    ones = [
        _counted(matrix, table, np.column_stack([two[:, n], np.full((len(two), 2), -1)]))
        for n in (0, 1)
    ]
    twos = [_counted(matrix, table, half.astype(np.int64)) for half in halves]
    return [
        *_passed(alone, [every], limits),
        *_passed(_counted(matrix, table, two), ones, limits),
        *_passed(_counted(matrix, table, three), twos, limits),
    ]


_HALVES: Final = ([0, 1], [0, 2], [1, 2])


def _singles(matrix: csr_matrix, spoken: np.ndarray, least: int) -> Ints:
    """Return the tokens that may be a body alone: of those on the same items, the first."""
    often = np.asarray(matrix.sum(axis=0)).ravel() >= least
    tokens = np.flatnonzero(often & spoken)
    first, _ = different(csr_matrix(matrix[:, tokens]))
    return np.asarray(tokens[first], dtype=np.int64)


def _counted(matrix: csr_matrix, table: Floats, bodies: Ints) -> _Counted:
    items = np.zeros(len(bodies))
    right = np.zeros((len(bodies), table.shape[1]))
    # A body of one is met twice by its own token, as a body of two by one of its own.
    spelt = np.where(
        bodies[:, 1:2] >= 0, bodies, np.column_stack([bodies[:, :1]] * 2 + [bodies[:, 2:]])
    )
    for start in range(0, len(bodies), BLOCK):
        block = holds(matrix, spelt[start : start + BLOCK])
        items[start : start + BLOCK] = np.asarray(block.sum(axis=0)).ravel()
        right[start : start + BLOCK] = block.T @ table
    return _Counted(bodies, items, right)


def _passed(whole: _Counted, parts: list[_Counted], limits: tuple[int, float]) -> list[_Found]:
    """Return the rules that are sure enough, and surer than every shorter body."""
    least, confidence = limits
    if not len(whole.bodies):
        return []
    items = whole.items[:, None]
    own = (whole.right + 0.5) / (items + 1.0)
    gains = np.full(whole.right.shape, np.inf)
    for part in parts:
        base = (part.right + 0.5) / (part.items[:, None] + 1.0)
        told = whole.right * np.log(own / base)
        told += (items - whole.right) * np.log((1.0 - own) / (1.0 - base))
        gains = np.minimum(gains, np.where(own > base, told, -np.inf))
    sure = whole.right / (items + CAUTION) >= confidence
    rows, values = np.nonzero(sure & (gains > 0.0) & (items >= least))
    return [
        (
            tuple(whole.bodies[n].tolist()),
            int(v),
            int(whole.items[n]),
            int(whole.right[n, v]),
            float(gains[n, v]),
        )
        for n, v in zip(rows.tolist(), values.tolist(), strict=True)
    ]
