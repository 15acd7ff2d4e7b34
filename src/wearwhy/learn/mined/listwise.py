"""The loss of a ranking: each answer against all candidates that are no answers."""

from __future__ import annotations

import numpy as np

from wearwhy.learn.additive import Floats

LEAST = 1e-300


def listwise(logits: Floats, answers: Floats) -> tuple[float, Floats]:
    """Return the cross-entropy of each answer against all that are no answers, and its slope.

    This is what filtered ranking measures: the answers of one question do not compete.

    Args:
        logits: questions, candidates; minus infinity sets a candidate aside.
        answers: 0/1, likewise; a question may have many answers.
    """
    top = logits.max(axis=1, keepdims=True)
    mass = np.exp(logits - top)
    other = (mass * (1 - answers)).sum(axis=1, keepdims=True) + LEAST
    held = answers > 0
    loss = -float(np.log((mass / (mass + other))[held] + LEAST).sum())
    # the chance that an answer loses to something that is none
    lost = answers * (other / (mass + other))
    slope = -lost + (1 - answers) * mass / other * lost.sum(axis=1, keepdims=True)
    return loss, slope
