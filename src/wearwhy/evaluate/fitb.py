"""Fill in the blank: which of some items completes an outfit, and how often the score says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wearwhy.evaluate.asked import Blank
from wearwhy.evaluate.controls.outfits import Control
from wearwhy.evaluate.judging import Judge
from wearwhy.evaluate.ranking import ROUNDS, credit, mean
from wearwhy.learn.additive import Floats
from wearwhy.learn.metrics import Figure


@dataclass(frozen=True, slots=True)
class Filled:
    """How often the right option scored best, beside what controls would have chosen.

    Attributes:
        n: how many questions.
        accuracy: of the whole score; a tie of k options counts 1/k.
        explained: mean share of the chosen outfit's contributions that rests on named facts.
        without_opaque: accuracy of what of the score rests on named facts.
        controls: accuracy of each.
        learned: whether the score has a model of outfits in it.
    """

    n: int
    accuracy: Figure
    explained: float
    without_opaque: Figure
    controls: Mapping[str, Figure]
    learned: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `evaluate fitb --json` prints them."""
        return document("accuracy", self.n, self.accuracy, self)


def document(what: str, n: int, figure: Figure, found: Any) -> dict[str, Any]:
    """Return figures in the form that `evaluate fitb` and `evaluate compatibility` print."""

    def shown(name: str, one: Figure) -> dict[str, Any]:
        return {name: round(one.value, 4), "interval": [round(one.low, 4), round(one.high, 4)]}

    opaque: Figure = found.without_opaque
    return {
        "n": n,
        **shown(what, figure),
        "explained": round(found.explained, 4),
        "without_opaque": round(opaque.value, 4),
        "without_opaque_interval": [round(opaque.low, 4), round(opaque.high, 4)],
        "learned": found.learned,
        "controls": {name: shown(what, one) for name, one in found.controls.items()},
    }


def filled(
    questions: Sequence[Blank],
    judge: Judge,
    controls: Mapping[str, Control],
    *,
    learned: bool = False,
    seed: int = 0,
    rounds: int = ROUNDS,
) -> Filled:
    """Return how well a judge and controls fill blanks, on the same questions.

    Args:
        questions: each is asked as one outfit for each option.
        judge: scores outfits.
        controls: by name.
        learned: whether the judge has a model of outfits.
        seed: of the bootstrap over questions.
        rounds: of it.
    """
    sets = [
        tuple(dict.fromkeys((*one.given, option))) for one in questions for option in one.options
    ]
    sizes = [len(one.options) for one in questions]
    answers = [one.answer for one in questions]
    begins = np.concatenate([[0], np.cumsum(sizes)])

    def credits_of(scores: Floats) -> Floats:
        return np.array(
            [credit(scores[begins[k] : begins[k + 1]], answer) for k, answer in enumerate(answers)]
        )

    thought = judge(sets)
    chosen = [
        begins[k] + int(thought.total[begins[k] : begins[k + 1]].argmax())
        for k in range(len(questions))
    ]

    def figure(scores: Floats) -> Figure:
        return mean(credits_of(scores), seed=seed, rounds=rounds)

    return Filled(
        len(questions),
        figure(thought.total),
        float(thought.explained[chosen].mean()),
        figure(thought.named),
        {name: figure(control(sets)) for name, control in controls.items()},
        learned,
    )
