"""Lift: how much oftener a rule speaks of what people chose than of what chance would have chosen.

A lift is a ratio of two sums over the same clusters (outfits, wearers). Its interval is the
percentile bootstrap over clusters: whole clusters are drawn again, so that what hangs together
stays together. See Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wearwhy.rules.model import Rule, Verdict
from wearwhy.rules.opinions import verdict_of

Floats = NDArray[np.float64]
ROUNDS: Final = 1000
_LEVEL: Final = 0.95
_CHUNK: Final = 50


@dataclass(frozen=True, slots=True)
class Lift:
    """One rule beside what people did.

    Attributes:
        rule: the rule.
        chosen: how often it spoke of what was chosen.
        chance: how often it would have by chance.
        ratio: chosen / chance; infinite where chance never met it.
        low: lower end of the 95 % interval of the ratio.
        high: upper end.
        clusters: how many outfits or wearers it spoke of, chosen or by chance.
    """

    rule: Rule
    chosen: float
    chance: float
    ratio: float
    low: float
    high: float
    clusters: int

    @property
    def wanted(self) -> str:
        """On which side of 1 the ratio should lie: `>` for what a rule favours, else `<`."""
        return ">" if verdict_of(self.rule) is Verdict.FAVOUR else "<"

    @property
    def side(self) -> str:
        """`right`, `wrong`, or `open` where the interval holds 1."""
        if self.low <= 1.0 <= self.high:
            return "open"
        return "right" if (self.low > 1.0) == (self.wanted == ">") else "wrong"

    def as_dict(self) -> dict[str, object]:
        """Return the figures under their names, with the rule's IRI and verdict."""
        said = verdict_of(self.rule)
        return {
            "rule": self.rule.iri.value,
            "verdict": said.value if said is not None else None,
            "chosen": self.chosen,
            "chance": self.chance,
            "ratio": self.ratio,
            "low": self.low,
            "high": self.high,
            "clusters": self.clusters,
            "side": self.side,
            "kept_because": self.rule.description.kept_because or None,
        }


def lifts(
    rules: Sequence[Rule],
    chosen: Floats,
    chance: Floats,
    *,
    least: int = 30,
    seed: int = 0,
    rounds: int = ROUNDS,
) -> list[Lift]:
    """Return the lift of each rule that speaks often enough to be judged.

    Args:
        rules: k rules.
        chosen: n × k: how often each rule spoke of what cluster n chose.
        chance: n × k: how often it would have spoken by chance.
        least: rules that speak of fewer clusters are left out.
        seed: of the bootstrap.
        rounds: of the bootstrap.
    """
    met = ((chosen > 0) | (chance > 0)).sum(axis=0)
    kept = np.flatnonzero(met >= least)
    if not len(kept):
        return []
    above, below = chosen[:, kept], chance[:, kept]
    drawn = np.concatenate(list(_ratios(above, below, seed, rounds)))
    # Whole draws, not means of two: where chance met nothing a ratio is infinite.
    ends = [50 * (1 - _LEVEL), 50 * (1 + _LEVEL)]
    edges = np.percentile(drawn, ends, axis=0, method="inverted_cdf")
    sums = above.sum(axis=0), below.sum(axis=0)
    return [
        Lift(
            rules[k],
            float(sums[0][n]),
            float(sums[1][n]),
            float(_divided(sums[0][n : n + 1], sums[1][n : n + 1])[0]),
            float(edges[0][n]),
            float(edges[1][n]),
            int(met[k]),
        )
        for n, k in enumerate(kept.tolist())
    ]


def _ratios(chosen: Floats, chance: Floats, seed: int, rounds: int) -> Iterator[Floats]:
    random = np.random.default_rng(seed)
    n = len(chosen)
    for start in range(0, rounds, _CHUNK):
        times = min(_CHUNK, rounds - start)
        weights = random.multinomial(n, np.full(n, 1 / n), size=times).astype(np.float64)
        yield _divided(weights @ chosen, weights @ chance)


def _divided(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = above / below
    return np.where(np.isnan(ratio), 1.0, ratio)


def labelled(rule: Rule, language: str = "en") -> str:
    """Return a rule's label in a language, or the last part of its name."""
    return dict(rule.description.label).get(language) or rule.iri.value.rpartition("#")[2]
