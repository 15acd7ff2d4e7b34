"""Whether explanations of guesses are true: what they cite is deleted, and the model asked again.

A guess says which facts weigh most, and what its margin would be without them. Both are held
against the model: cited facts are taken out of the graph, the item is read and weighed anew, and
the margin must come to what was said. As many facts of the same item, drawn at random, are taken
out beside them: if these moved the margin as much, citing would be no better than guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.errors import InputError, NoAnswer
from wearwhy.evidence import Kind
from wearwhy.learn.additive import Floats
from wearwhy.learn.features import Features, Tokens, spoken_for, visible
from wearwhy.learn.guess import Guess, One, concluded, ruled, without
from wearwhy.learn.metrics import Figure
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.plan import Attribute
from wearwhy.learn.predict import weigh
from wearwhy.learn.source_columns import spelt
from wearwhy.learn.table import Graph, Table, asserted
from wearwhy.learn.verdict import probabilities
from wearwhy.rdf import Fact, Node
from wearwhy.rules.layer import Change

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

ROUNDS: Final = 1000
"""Of the bootstrap."""
CITED: Final = ("facts", "mined")
"""Kinds of contributions that cite facts of the item."""


@dataclass(frozen=True, slots=True)
class Faithful:
    """Explanations of sampled guesses, held against the model.

    Attributes:
        sampled: how many guesses.
        agreed_within: the largest difference, in log-odds, between what a guess said that its
            margin would be without the facts it cites first, and what it then was.
        top: how much the margin moved without the facts cited first, in log-odds, on average, with
            a 95 % interval by bootstrap over guesses.
        random: the same without as many facts of the item, drawn at random.
        more: how much more the first moved it than the second, on the same guesses.
        explained: the mean share of the margin's addends that rests on named facts.
    """

    sampled: int
    agreed_within: float
    top: Figure
    random: Figure
    more: Figure
    explained: float

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `evaluate guesses --json` prints them."""
        return {
            "n": self.sampled,
            "agreed_within": float(f"{self.agreed_within:.3g}"),
            "moved_by_cited": self.top.as_dict(),
            "moved_by_random": self.random.as_dict(),
            "cited_above_random": self.more.as_dict(),
            "explained": round(self.explained, 4),
        }


class Less:
    """A graph without some of its facts; what was derived stays."""

    def __init__(self, graph: Graph, lost: frozenset[Fact]) -> None:
        self._graph, self._lost = graph, lost

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit and are not lost; None fits everything."""
        return (f for f in self._graph.match(subject, predicate, object_) if f not in self._lost)

    def kind(self, fact: Fact, /) -> Kind:
        """Return the kind of a fact, of which only `asserted` is certain."""
        return Kind.ASSERTED if asserted(self._graph, fact) else Kind.DERIVED


def faithful(
    model: Model,
    features: Features,
    items: Sequence[NamedNode],
    attributes: Sequence[Attribute],
    *,
    seed: int = 0,
    sample: int = 500,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Faithful:
    """Return how true the explanations of sampled guesses are.

    What the model puts first is asked of items whether or not it would be written, and whether or
    not they have a value: an attribute never sees itself. Where several values may hold, items of
    which the model affirms none are passed over.

    Args:
        model: that guesses.
        features: of the graph, rules applied or not.
        items: to sample from.
        attributes: to sample from; those that the model has not learned are left out.
        seed: of the sample, of the random facts and of the bootstrap.
        sample: how many guesses, at most.
        progress: told the stage, the steps done and the steps in all.

    Raises:
        InputError: WW-EVALUATE-NOTHING, where nothing can be guessed or no guess cites a fact.
    """
    rng = np.random.default_rng(seed)
    asked = [one for one in attributes if one.name in model.learned]
    order = rng.permutation(len(items) * len(asked))
    moved: list[tuple[float, float]] = []
    gap, told = 0.0, []
    for place in order.tolist():
        if len(moved) == sample:
            break
        item, attribute = items[place // len(asked)], asked[place % len(asked)]
        tried = _Tried.of(model, features, item, attribute)
        parts = tried.guess.contributions
        if tried.learned.many and tried.guess.margin <= 0:
            continue
        at = next((n for n, c in enumerate(parts) if c.kind in CITED and c.facts), None)
        if at is None:
            continue
        cited = parts[at].facts
        said = without(model, tried.learned, tried.spoken, tried.guess, tried.said)[at]
        found = tried.margin(frozenset(cited))
        gap = max(gap, abs(said - found))
        own = list(dict.fromkeys(fact for facts in tried.spoken.values() for fact in facts))
        drawn = rng.choice(len(own), size=len(cited), replace=False)
        other = tried.margin(frozenset(own[n] for n in drawn))
        margin = tried.guess.margin
        moved.append((abs(margin - found), abs(margin - other)))
        told.append(tried.guess.explained)
        progress("guesses", len(moved), min(sample, len(order)))
    if not moved:
        raise InputError(
            "WW-EVALUATE-NOTHING",
            "There is no guess to judge: nothing is learned of these items' attributes.",
            hint="wearwhy learn attributes",
        )
    table = np.array(moved)
    picked = rng.integers(len(table), size=(ROUNDS, len(table)))
    return Faithful(
        len(table),
        gap,
        _figure(table[:, 0], picked),
        _figure(table[:, 1], picked),
        _figure(table[:, 0] - table[:, 1], picked),
        float(np.mean(told)),
    )


def _figure(values: Floats, picked: np.ndarray[Any, np.dtype[np.int64]]) -> Figure:
    low, high = np.quantile(values[picked].mean(axis=1), [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True)
class _Tried:
    """A guess, and what it was made from."""

    model: Model
    learned: Learned
    features: Features
    attribute: Attribute
    spoken: Tokens
    said: tuple[Fact, ...]
    guess: Guess

    @classmethod
    def of(cls, model: Model, features: Features, item: NamedNode, attribute: Attribute) -> _Tried:
        """Return what the model puts first."""
        learned, graph = model.learned[attribute.name], features.graph
        spoken = visible(features.tokens(item), attribute)
        said = concluded(graph, item, attribute)
        row = spoken_for(spoken, learned.hides, model.number)
        weighed = weigh(model, learned, [row], ruled([said], learned))
        logits = weighed.logits[0]
        chance = probabilities(logits, many=learned.many)
        first, second = np.argsort(-logits, kind="stable")[:2].tolist()
        one = One(model, learned, item, spoken, said, weighed, 0)
        guess = one.guess(first, None if learned.many else second, float(chance[first]))
        return cls(model, learned, features, attribute, spoken, said, guess)

    def margin(self, lost: frozenset[Fact]) -> float:
        """Return the margin of the same value over the same runner-up, some facts deleted."""
        item = self.guess.fact.subject
        assert isinstance(item, NamedNode)
        left = Features(Less(self.features.graph, lost), self.features.plan)
        row = spoken_for(left.tokens(item), self.learned.hides, self.model.number)
        logits = weigh(self.model, self.learned, [row], ruled([self.said], self.learned)).logits[0]
        ahead = self.learned.values.index(spelt(self.guess.fact.object))
        if self.guess.runner_up is None:
            return float(logits[ahead])
        return float(logits[ahead] - logits[self.learned.values.index(spelt(self.guess.runner_up))])


def of_workspace(
    workspace: Workspace,
    name: str | None = None,
    *,
    sample: int = 500,
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Faithful:
    """Return how true explanations are of guesses about a workspace's items.

    A graph that is too large to be kept closed is asked without its rules' conclusions.

    Raises:
        NoAnswer: WW-MODEL-MISSING, where no model is in force.
        InputError: WW-EVALUATE-NOTHING.
    """
    from wearwhy.workspace import reasoning  # noqa: PLC0415 (a workspace is asked by few)
    from wearwhy.workspace.guesses import plan_of, standing  # noqa: PLC0415
    from wearwhy.workspace.model import model_of  # noqa: PLC0415

    model = model_of(workspace.folder, workspace.bundle.folder)
    if model is None:
        raise NoAnswer(
            "WW-MODEL-MISSING",
            "No model is in force, so there is nothing to judge.",
            hint="wearwhy learn attributes",
        )
    owner = workspace.wardrobe(name) if workspace.wardrobes() else None
    large = reasoning.chosen(workspace, owner) == reasoning.BULK
    graph: Graph
    if large:
        graph = Table(reasoning.given_of(workspace, owner).facts)
    else:
        # Without guesses: what follows from one would speak for it.
        made = standing(workspace, name) if owner is not None else []
        graph = workspace.layer(name).child(Change(unpredict=tuple(fact for fact, _ in made)))
    features = Features(graph, plan_of(workspace))
    return faithful(
        model,
        features,
        features.items(),
        features.attributes(),
        seed=seed,
        sample=sample,
        progress=progress,
    )
