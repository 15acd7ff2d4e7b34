"""Weights of rules: a log-linear model whose features are the rules that conclude a candidate.

Known answers are to come before candidates that are none. No triple takes part in the body of a
rule that concludes it (see `triples`), so the known triples themselves can be fitted on without
peeping. Weights are not negative: a rule speaks for what it concludes or not at all, and what a
candidate's logit rests on can be listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.listwise import listwise
from wearwhy.learn.mined.scoring import SURE, Side, Witness

PRIOR = 4.0
"""Weight of the squared norm of the weights."""
ROUNDS = 100
START = 0.1


@dataclass(frozen=True)
class Weighed:
    """Rules with fitted weights.

    Attributes:
        witness: the rules.
        weights: for each relation, one weight for each of its rules (`Witness.of`), none below 0.
    """

    witness: Witness
    weights: Mapping[int, Floats]

    def __call__(self, triples: Ints, side: Side) -> Floats:
        """Return a logit for each question and candidate."""
        return self.witness.added(self.weights, triples, side)


def _fitted(witness: Witness, relation: int, l2: float) -> Floats:
    graph, n = witness.graph, witness.graph.entities
    rows = graph.rows[graph.rows[:, 1] == relation]
    blocks = []
    for step, start, end in ((relation, 0, 2), (relation + graph.relations, 2, 0)):
        starts, place = np.unique(rows[:, start], return_inverse=True)
        answers = np.zeros((len(starts), n))
        answers[place, rows[:, end]] = 1
        fired = witness.firing(step, starts)
        blocks.append((fired, fired.T.tocsr(), answers))

    def loss(weight: Floats) -> tuple[float, Floats]:
        total, slope = 0.5 * l2 * float(weight @ weight), l2 * weight
        for fired, turned, answers in blocks:
            part, away = listwise((fired @ weight).reshape(answers.shape), answers)
            total, slope = total + part, slope + turned @ away.ravel()
        return total, slope

    sure = np.array([min(rule.confidence, SURE) for rule in witness.of(relation)])
    found = minimize(
        loss,
        -START * np.log1p(-sure).clip(min=-5.0),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(sure),
        options={"maxiter": ROUNDS},
    )
    return np.asarray(found.x, dtype=np.float64)


def weighed(witness: Witness, l2: float = PRIOR) -> Weighed:
    """Return the weights under which known triples come first.

    Args:
        witness: the rules, and the graph whose triples are the known ones.
        l2: weight of the squared norm of the weights.
    """
    known = np.unique(witness.graph.rows[:, 1]).tolist()
    return Weighed(
        witness,
        {relation: _fitted(witness, relation, l2) for relation in known if witness.of(relation)},
    )
