"""How rules hold on triples they were not mined from.

A rule found among thousands may be right by chance where it was mined. So it is asked about
entities with held-out triples of its head: of what it concludes about them and is not known, how
much is held out? A relation with several values, some of them known to nobody, makes this figure
too low rather than too high.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from wearwhy.learn.additive import Ints
from wearwhy.learn.metrics import Z90, wilson
from wearwhy.learn.mined.paths import HornRule
from wearwhy.learn.mined.triples import Triples


@dataclass(frozen=True, slots=True)
class Held:
    """A rule's figures on held-out triples.

    Attributes:
        rule: the rule.
        support: what it concludes about entities asked about, and is not known.
        right: how many of those are held out.
    """

    rule: HornRule
    support: int
    right: int

    @property
    def precision(self) -> float | None:
        """Return the share that is right; None where nothing is concluded."""
        return self.right / self.support if self.support else None

    @property
    def at_least(self) -> float:
        """Return the lower bound of the precision (one-sided 90 %)."""
        return wilson(self.right, self.support)

    @property
    def at_most(self) -> float:
        """Return the upper bound of the precision (one-sided 90 %)."""
        return 1.0 - wilson(self.support - self.right, self.support, Z90)

    @property
    def exposed(self) -> bool:
        """Return whether the rule claims more than held-out triples bear out."""
        return self.at_most < self.rule.confidence


def held(rules: Iterable[HornRule], known: Triples, held_out: Ints) -> list[Held]:
    """Return the held-out figures of rules.

    Args:
        rules: mined from `known`.
        known: the triples that bodies are looked up in.
        held_out: triples that rules were not mined from, one a row.
    """
    hidden = Triples.of(held_out, known.entities, known.relations)
    rows = hidden.rows
    asked = [
        [np.unique(rows[rows[:, 1] == relation, end]) for relation in range(known.relations)]
        for end in (0, 2)
    ]
    out = []
    for rule in rules:
        concluded = rule.conclusions(known)
        backwards, relation = divmod(rule.head, known.relations)
        about = np.isin(concluded[:, 2 * backwards], asked[backwards][relation])
        new = concluded[about]
        new = new[~known.holds(new)]
        out.append(Held(rule, len(new), int(hidden.holds(new).sum())))
    return out
