"""How like a generated outfit is to outfits that people composed.

Items in common (Jaccard); BLEU over the sequence of attribute values in look order (Papineni et al.
2002; counts of two and more smoothed by one as by Lin and Och 2004); the cosine of the counts of
attribute values. Each against the outfit that it is most like; from 0 to 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

ORDER: Final = 4

Words = Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class Dressed:
    """An outfit as it is compared: its items, and its attribute values in look order."""

    items: frozenset[Hashable]
    words: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like an outfit is to those it is compared with."""

    items: float
    bleu: float
    cosine: float


def likeness(one: Dressed, others: Sequence[Dressed]) -> Likeness:
    """Return how like an outfit is to the most alike of others; there must be one."""
    return Likeness(
        max(len(one.items & o.items) / max(1, len(one.items | o.items)) for o in others),
        bleu(one.words, [o.words for o in others]),
        max(cosine(one.words, o.words) for o in others),
    )


def cosine(one: Words, other: Words) -> float:
    """Return the cosine of the counts of two sequences; 0 where one is empty."""
    a, b = Counter(one), Counter(other)
    size = math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
    return sum(n * b[word] for word, n in a.items()) / size if size else 0.0


def bleu(one: Words, others: Sequence[Words], order: int = ORDER) -> float:
    """Return the BLEU of a sequence against several; 0 for an empty one."""
    if not one or not others:
        return 0.0
    logs = 0.0
    for n in range(1, order + 1):
        mine = _grams(one, n)
        theirs: Counter[tuple[Hashable, ...]] = Counter()
        for other in others:
            theirs |= _grams(other, n)
        hits = sum(min(times, theirs[gram]) for gram, times in mine.items())
        more = 0 if n == 1 else 1
        share = (hits + more) / max(1, sum(mine.values()) + more)
        if not share:
            return 0.0
        logs += math.log(share) / order
    nearest = min((len(o) for o in others), key=lambda size: (abs(size - len(one)), size))
    return math.exp(logs + min(0.0, 1.0 - nearest / len(one)))


def _grams(words: Words, n: int) -> Counter[tuple[Hashable, ...]]:
    return Counter(tuple(words[k : k + n]) for k in range(len(words) - n + 1))
