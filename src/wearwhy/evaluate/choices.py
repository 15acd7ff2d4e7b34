"""What rules say of outfits that people composed, beside the same outfits with one item swapped.

For each item of an outfit others of the same kind and of like frequency take its place in turn.
Of the swapped outfit only what concerns the item in question is counted: what rules say of it
alone, of its pairs with what stayed, and of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.rules.batch import Batch
from wearwhy.rules.columns import Ints
from wearwhy.rules.model import Rule
from wearwhy.rules.opinions import Opinions, verdict_of

Floats = NDArray[np.float64]
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Swap:
    """One item of an outfit with another in its place, all by position among the candidates."""

    outfit: int
    out: int
    into: int


def swaps(
    outfits: Sequence[Sequence[int]],
    kinds: Sequence[Hashable],
    *,
    each: int = 5,
    seed: int = 0,
) -> list[Swap]:
    """Return up to `each` swaps for every item of every outfit.

    What takes an item's place is of the same kind, stands in about as many outfits (the same
    power of two), and is not in the outfit already; an item without such another has no swap.

    Args:
        outfits: each the positions of its items.
        kinds: for every candidate what it may be swapped within.
        each: how many swaps an item.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    seen = np.bincount([n for outfit in outfits for n in outfit], minlength=len(kinds))
    classes: dict[Hashable, list[int]] = defaultdict(list)
    keys = [(kind, int(count).bit_length()) for kind, count in zip(kinds, seen, strict=True)]
    for n, key in enumerate(keys):
        classes[key].append(n)
    found: list[Swap] = []
    for number, outfit in enumerate(outfits):
        for item in outfit:
            others = [n for n in classes[keys[item]] if n not in outfit] if each else []
            if others:
                drawn = random.choice(len(others), min(each, len(others)), replace=False)
                found += [Swap(number, item, others[k]) for k in drawn]
    return found


@dataclass(frozen=True, slots=True)
class Spoken:
    """How often each rule spoke of each outfit, as composed and as swapped; n × k each."""

    rules: tuple[Rule, ...]
    chosen: Floats
    chance: Floats


def spoken(
    batch: Batch, outfits: Sequence[Sequence[int]], exchanged: Sequence[Swap], order: Ints
) -> Spoken:
    """Return how often verdict rules spoke of outfits and of their swaps.

    Args:
        batch: the rules over all candidates.
        outfits: each the positions of its items.
        exchanged: the swaps; what they say counts as their mean over the swaps of one item.
        order: for every candidate the order of its slot; pairs name the lower one first.
    """
    size = len(outfits)
    shares: dict[tuple[int, int], int] = defaultdict(int)
    for swap in exchanged:
        shares[swap.outfit, swap.out] += 1
    table = _Table(size)
    # Only items that have a swap are compared, on both sides.
    held = [(o, i, i, 1.0) for o, i in shares]
    other = [(s.outfit, s.out, s.into, 1 / shares[s.outfit, s.out]) for s in exchanged]
    alone = batch.items()
    for side, rows in enumerate((held, other)):
        table.items(side, alone, rows)
        for part in _chunks(rows):
            table.pairs(side, batch, part, outfits, order)
            table.looks(side, batch, part, outfits, order)
    return table.result()


Row = tuple[int, int, int, float]


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


class _Table:
    """Sums by outfit and rule, for what was composed (side 0) and for swaps (side 1)."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._sums: dict[Rule, tuple[Floats, Floats]] = {}

    def _add(self, side: int, found: Opinions, outfit: Ints, weight: Floats) -> None:
        for number, rule in enumerate(found.rules):
            rows = found.row[found.rule == number]
            if len(rows) and verdict_of(rule) is not None:
                sums = self._sums.setdefault(rule, (np.zeros(self._size), np.zeros(self._size)))
                np.add.at(sums[side], outfit[rows], weight[rows])

    def items(self, side: int, found: Opinions, rows: Sequence[Row]) -> None:
        begin = np.searchsorted(found.row, [into for _, _, into, _ in rows], side="left")
        end = np.searchsorted(found.row, [into for _, _, into, _ in rows], side="right")
        for (outfit, _, _, weight), low, high in zip(rows, begin, end, strict=True):
            for number in found.rule[low:high].tolist():
                rule = found.rules[number]
                if verdict_of(rule) is not None:
                    zero = np.zeros(self._size), np.zeros(self._size)
                    self._sums.setdefault(rule, zero)[side][outfit] += weight

    def pairs(
        self,
        side: int,
        batch: Batch,
        rows: Sequence[Row],
        outfits: Sequence[Sequence[int]],
        order: Ints,
    ) -> None:
        met = [
            (outfit, into, other, weight)
            for outfit, out, into, weight in rows
            for other in outfits[outfit]
            if other != out
        ]
        if not met:
            return
        outfit, into, other, weight = (np.array(column) for column in zip(*met, strict=True))
        swapped = _later(into, other, order)
        first, second = np.where(swapped, other, into), np.where(swapped, into, other)
        self._add(side, batch.pairs(first, second), outfit, weight.astype(np.float64))

    def looks(
        self,
        side: int,
        batch: Batch,
        rows: Sequence[Row],
        outfits: Sequence[Sequence[int]],
        order: Ints,
    ) -> None:
        members = [
            sorted((into if n == out else n for n in outfits[outfit]), key=lambda n: (order[n], n))
            for outfit, out, into, _ in rows
        ]
        outfit = np.array([row[0] for row in rows], dtype=np.int64)
        self._add(side, batch.looks(members), outfit, np.array([row[3] for row in rows]))

    def result(self) -> Spoken:
        rules = tuple(sorted(self._sums, key=lambda rule: rule.iri.value))
        empty = np.zeros((self._size, 0))
        chosen = np.stack([self._sums[r][0] for r in rules], axis=1) if rules else empty
        chance = np.stack([self._sums[r][1] for r in rules], axis=1) if rules else empty
        return Spoken(rules, chosen, chance)


def _later(one: Ints, other: Ints, order: Ints) -> NDArray[np.bool_]:
    """Return where the first of two items comes after the second in a look."""
    later: NDArray[np.bool_] = order[one] > order[other]
    level: NDArray[np.bool_] = (order[one] == order[other]) & (one > other)
    return later | level
