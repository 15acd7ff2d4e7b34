"""Horn rules over a graph of numbered triples, as AnyBURL has them.

Two shapes. A *path rule* says h(X,Y) where a path of one to three steps leads from X to Y:

    treats(X,Y) <- treats(X,A), isa(Y,A)   support 120, right 96, confidence .77

A *constant rule* says that X has one value where X has another, or has any at all:

    season(X,winter) <- material(X,wool)
    employs(X,_) is printed with a variable of its own: rich(X,yes) <- employs(X,A)

The constant may stand on either side of the head: `head` is a step, and a step backwards puts X
last. Support is how many distinct heads the body concludes, right is how many of those are known,
and confidence is right / (support + pc): rules seen rarely are trusted less (Meilicke et al.,
Anytime Bottom-Up Rule Learning, IJCAI 2019; VLDB Journal 2023, pc = 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wearwhy.learn.additive import Ints
from wearwhy.learn.mined.triples import Triples

CAUTION = 5.0
"""pc: unseen wrong conclusions that every rule is assumed to have."""
VARIABLES = "AB"


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers of a graph are called."""

    entities: Sequence[str]
    relations: Sequence[str]


@dataclass(frozen=True, slots=True)
class HornRule:
    """A mined rule with its figures.

    Attributes:
        head: the step it concludes; a path rule's is never backwards.
        to: the constant the head leads to; None in a path rule, whose head leads to Y.
        body: one to three steps from X; a constant rule's body is one step.
        value: the constant the body leads to; None for Y (path rule) or anything (constant rule).
        support: how many distinct conclusions the body has.
        right: how many of them are known.
        confidence: right / (support + pc).
        sampled: whether support and right were counted on a sample of X.
    """

    head: int
    to: int | None
    body: tuple[int, ...]
    value: int | None
    support: int
    right: int
    confidence: float
    sampled: bool = False

    @property
    def key(self) -> tuple[int, int, tuple[int, ...], int]:
        """Return what the rule says, without its figures: rules are sorted and compared by it."""
        return (
            self.head,
            -1 if self.to is None else self.to,
            self.body,
            -1 if self.value is None else self.value,
        )

    def atoms(self, names: Names) -> list[str]:
        """Return the head and the atoms of the body, readably."""
        relations = len(names.relations)

        def atom(step: int, start: str, end: str) -> str:
            relation = names.relations[step % relations]
            return (
                f"{relation}({start},{end})" if step < relations else f"{relation}({end},{start})"
            )

        if self.to is None:
            ways = ["X", *VARIABLES[: len(self.body) - 1], "Y"]
            head = atom(self.head, "X", "Y")
        else:
            ways = ["X", "A" if self.value is None else names.entities[self.value]]
            head = atom(self.head, "X", names.entities[self.to])
        return [
            head,
            *(atom(s, a, b) for s, a, b in zip(self.body, ways[:-1], ways[1:], strict=True)),
        ]

    def sentence(self, names: Names) -> str:
        """Return the rule as it is read: head <- body."""
        head, *body = self.atoms(names)
        return f"{head} <- {', '.join(body)}"

    def told(self, names: Names) -> str:
        """Return the rule with its figures."""
        sure = f"{self.confidence:.2f}".removeprefix("0")
        sample = " (on a sample)" if self.sampled else ""
        return (
            f"{self.sentence(names)}   support {self.support}, right {self.right}, "
            f"confidence {sure}{sample}"
        )

    def conclusions(self, graph: Triples) -> Ints:
        """Return every triple the rule concludes from a graph, known or not, sorted by X."""
        if self.to is None:
            pairs = graph.connected(self.body)
            start, end = pairs[:, 0], pairs[:, 1]
        else:
            reached = graph.step(self.body[0]).tocoo()
            held = (reached.col != self.to if self.value is None else reached.col == self.value) & (
                reached.row != self.to
            )
            start = np.unique(reached.row[held]).astype(np.int64)
            end = np.full(len(start), self.to)
        if self.head >= graph.relations:
            start, end = end, start
        relation = np.full(len(start), self.head % graph.relations)
        return np.column_stack([start, relation, end]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Triples a rule concludes: right ones are known, wrong ones are not."""

    right: Ints
    wrong: Ints


def evidence(rule: HornRule, graph: Triples) -> Evidence:
    """Return the examples for and against a rule: what it concludes, known and not known."""
    triples = rule.conclusions(graph)
    known = graph.holds(triples)
    return Evidence(triples[known], triples[~known])


def sorted_rules(rules: Iterator[HornRule] | Sequence[HornRule]) -> list[HornRule]:
    """Return rules by head, the surest first; equally sure ones by what they say."""
    return sorted(rules, key=lambda r: (r.head, -r.confidence, -r.right, r.key))
