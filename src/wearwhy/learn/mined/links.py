"""Scorers of a graph's missing links: rules alone, and rules with an embedding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.mined.fusing import fuse, log_softmax
from wearwhy.learn.mined.mining import Mining, mine
from wearwhy.learn.mined.scoring import Side, Witness, odds
from wearwhy.learn.mined.triples import Triples
from wearwhy.learn.mined.weighing import Weighed, weighed

Scores = Callable[[Ints, Side], Floats]
SIDES: tuple[Side, ...] = ("tail", "head")


class Parts(Protocol):
    """A graph of links in parts, as `wearwhy.learn.embeddings.links.LinkGraph`."""

    @property
    def entities(self) -> tuple[str, ...]:
        """Return the names of entities."""

    @property
    def relations(self) -> tuple[str, ...]:
        """Return the names of relations."""

    @property
    def train(self) -> Ints:
        """Return the triples to learn from, one a row."""

    @property
    def valid(self) -> Ints:
        """Return the triples to fit a combination on."""


class Embedding(Protocol):
    """A trained model of links."""

    def scores(self, triples: Ints, side: Side, /) -> Floats:
        """Return a score for each question and entity."""


@dataclass(frozen=True)
class RuleScores:
    """Mined rules as scorers of links.

    Attributes:
        witness: the rules.
        weighed: the same with fitted weights.
    """

    witness: Witness
    weighed: Weighed


def mined(graph: Parts, mining: Mining | None = None) -> RuleScores:
    """Return the rules of a graph's training triples, weighed."""
    triples = Triples.of(graph.train, len(graph.entities), len(graph.relations))
    witness = Witness(triples, mine(triples, mining))
    return RuleScores(witness, weighed(witness))


def answered(known: Ints, triples: Ints, side: Side, entities: int) -> NDArray[np.bool_]:
    """Return which entities answer each question, by known triples: questions, entities."""
    start, end = (0, 2) if side == "tail" else (2, 0)
    out = np.zeros((len(triples), entities), dtype=np.bool_)
    width = int(max(known[:, start].max(initial=0), triples[:, start].max(initial=0))) + 1
    codes = known[:, 1] * width + known[:, start]
    order = np.argsort(codes, kind="stable")
    asked = triples[:, 1] * width + triples[:, start]
    first = np.searchsorted(codes[order], asked, side="left")
    last = np.searchsorted(codes[order], asked, side="right")
    for row, (low, high) in enumerate(zip(first, last, strict=True)):
        out[row, known[order[low:high], end]] = True
    return out


def rules_and_embedding(graph: Parts, rules: RuleScores, embedding: Scores) -> Scores:
    """Return both together, fitted on the validation triples."""
    n = len(graph.entities)

    def features(triples: Ints, side: Side) -> list[Floats]:
        return [
            log_softmax(np.asarray(embedding(triples, side), dtype=np.float64)),
            log_softmax(rules.weighed(triples, side)),
            odds(rules.witness.noisy_or(triples, side)),
        ]

    def groups(triples: Ints, side: Side) -> Ints:
        return np.asarray(triples[:, 1] * len(SIDES) + SIDES.index(side))

    tables, numbers, targets, aside = [], [], [], []
    seen = np.concatenate([graph.train, graph.valid])
    for side in SIDES:
        tables.append(features(graph.valid, side))
        numbers.append(groups(graph.valid, side))
        target = np.zeros((len(graph.valid), n))
        target[np.arange(len(target)), graph.valid[:, 2 if side == "tail" else 0]] = 1
        targets.append(target)
        aside.append(answered(seen, graph.valid, side, n) & (target == 0))
    fusion = fuse(
        [np.concatenate(pair) for pair in zip(*tables, strict=True)],
        np.concatenate(numbers),
        np.concatenate(targets),
        np.concatenate(aside),
    )

    def scores(triples: Ints, side: Side) -> Floats:
        return fusion.logits(features(triples, side), groups(triples, side))

    return scores


def scorers(
    graph: Parts, model: Embedding | None = None, rules: RuleScores | None = None
) -> dict[str, Scores]:
    """Return scorers by name: rules put together in each way, and with the embedding if given.

    Args:
        graph: what to learn from.
        model: a trained embedding.
        rules: the graph's rules where they are mined already; they do not depend on the model.
    """
    rules = rules or mined(graph)
    found: dict[str, Scores] = {
        "rules, max+": rules.witness.max_plus,
        "rules, noisy-or": rules.witness.noisy_or,
        "rules": rules.weighed,
    }
    if model is not None:
        found["rules and embedding"] = rules_and_embedding(graph, rules, model.scores)
    return found
