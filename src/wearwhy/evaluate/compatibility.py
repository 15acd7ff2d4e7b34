"""Which sets of items are outfits: how often one that somebody composed outscores one that is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wearwhy.evaluate.asked import Labelled
from wearwhy.evaluate.controls.outfits import Control
from wearwhy.evaluate.fitb import document
from wearwhy.evaluate.judging import Judge
from wearwhy.evaluate.ranking import ROUNDS, area
from wearwhy.learn.additive import Floats
from wearwhy.learn.metrics import Figure


@dataclass(frozen=True, slots=True)
class Told:
    """How well outfits were told from other sets, beside controls.

    Attributes:
        n: how many sets.
        auc: area under the ROC curve of the whole score.
        explained: mean share of a set's contributions that rests on named facts.
        without_opaque: the area of what of the score rests on named facts.
        controls: the area of each.
        learned: whether the score has a model of outfits in it.
    """

    n: int
    auc: Figure
    explained: float
    without_opaque: Figure
    controls: Mapping[str, Figure]
    learned: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `evaluate compatibility --json` prints them."""
        return document("auc", self.n, self.auc, self)


def told(
    cases: Sequence[Labelled],
    judge: Judge,
    controls: Mapping[str, Control],
    *,
    learned: bool = False,
    seed: int = 0,
    rounds: int = ROUNDS,
) -> Told:
    """Return how well a judge and controls tell outfits from other sets, on the same cases.

    Args:
        cases: sets with their labels, of both kinds.
        judge: scores sets.
        controls: by name.
        learned: whether the judge has a model of outfits.
        seed: of the bootstrap over cases.
        rounds: of it.
    """
    sets = [one.items for one in cases]
    positive = np.array([one.together for one in cases], dtype=bool)

    def figure(scores: Floats) -> Figure:
        return area(scores, positive, seed=seed, rounds=rounds)

    thought = judge(sets)
    return Told(
        len(cases),
        figure(thought.total),
        float(thought.explained.mean()),
        figure(thought.named),
        {name: figure(control(sets)) for name, control in controls.items()},
        learned,
    )
