"""Guesses: a value for an attribute that nobody gave, with its reasons, or nothing.

A value is proposed only where the model's held-out precision at that probability passes the
threshold; otherwise the answer is that it does not know. What a wearer rejected is never proposed
again. Guessing runs on numpy; nothing here knows torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.addends import Contribution, Neighbour, nearest_known, taken_apart
from wearwhy.learn.additive import Floats
from wearwhy.learn.features import Features, Tokens, numbered, visible
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.predict import Weighed, weigh
from wearwhy.learn.source_columns import spelt
from wearwhy.learn.table import Graph, Kinds, graph_of
from wearwhy.learn.verdict import probabilities
from wearwhy.rdf import OWL, Fact, Node

NAMED = ("facts", "mined", "rules")
"""Kinds of contributions that rest on named facts."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed fact.

    Attributes:
        fact: item, property, value.
        probability: calibrated on held-out items.
        runner_up: the second value; None for a verdict of yes or no, where it is the negation.
        margin: log-odds over the runner-up: the sum of the contributions.
        contributions: largest first.
        neighbours: the embedding's evidence.
    """

    fact: Fact
    probability: float
    runner_up: NamedNode | Literal | None
    margin: float
    contributions: tuple[Contribution, ...]
    neighbours: tuple[Neighbour, ...]

    @property
    def explained(self) -> float:
        """The share of the margin's addends that rests on named facts, 0 to 1."""
        total = sum(abs(c.value) for c in self.contributions)
        named = sum(abs(c.value) for c in self.contributions if c.kind in NAMED)
        return named / total if total else 0.0


def firmly(graph: Graph, fact: Fact) -> bool:
    """Return whether a fact stands without any prediction: asserted, or derived for certain."""
    if not isinstance(graph, Kinds):
        return True
    if graph.kind(fact) not in (Kind.ASSERTED, Kind.DERIVED):
        return False
    confidence = getattr(graph, "confidence", None)
    return confidence is None or confidence(fact) >= 1.0


def missing(graph: Graph, item: NamedNode, attribute: Attribute) -> bool:
    """Return whether an item has no value of an attribute, asserted or firmly derived."""
    return not any(firmly(graph, f) for f in graph.match(item, attribute.iri, None))


def rejected(graph: Graph) -> dict[tuple[NamedNode, NamedNode], set[str]]:
    """Return the values that negative property assertions deny, by item and property."""
    parts: dict[Node, dict[NamedNode, Node]] = defaultdict(dict)
    for name in ("sourceIndividual", "assertionProperty", "targetIndividual"):
        for fact in graph.match(None, OWL[name], None):
            parts[fact.subject][fact.predicate] = fact.object
    found: dict[tuple[NamedNode, NamedNode], set[str]] = defaultdict(set)
    for part in parts.values():
        item, prop = part.get(OWL.sourceIndividual), part.get(OWL.assertionProperty)
        value = part.get(OWL.targetIndividual)
        if isinstance(item, NamedNode) and isinstance(prop, NamedNode) and value is not None:
            found[item, prop].add(spelt(value))
    return found


def concluded(graph: Graph, item: NamedNode, attribute: Attribute) -> tuple[Fact, ...]:
    """Return what the stylist's rules conclude of an item's attribute, sure or not."""
    if not isinstance(graph, Kinds):
        return ()
    found = [f for f in graph.match(item, attribute.iri, None) if graph.kind(f) is Kind.DERIVED]
    return tuple(sorted(found, key=lambda fact: str(fact.object)))


def ruled(found: Sequence[tuple[Fact, ...]], learned: Learned) -> Floats:
    """Return items × values: 1 where a conclusion of rules names the value."""
    out = np.zeros((len(found), len(learned.values)))
    column = {value: n for n, value in enumerate(learned.values)}
    for n, facts in enumerate(found):
        for fact in facts:
            if (at := column.get(spelt(fact.object))) is not None:
                out[n, at] = 1.0
    return out


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one item and attribute: values proposed, or unknown."""

    item: NamedNode
    attribute: Attribute
    guesses: tuple[Guess, ...]


def answers(
    source: Graph | Iterable[Fact],
    model: Model,
    items: Sequence[NamedNode],
    plan: Plan,
    *,
    threshold: float | None = None,
) -> list[Answer]:
    """Return what the model says of every missing attribute of items, unknowns included.

    Args:
        source: a layer or an iterable of facts, with the ontology's.
        model: the trained model.
        items: which items.
        plan: which attributes, which features.
        threshold: lower 90 % bound of held-out precision to pass; the plan's by default.
    """
    graph = graph_of(source)
    features = Features(graph, plan)
    denied = rejected(graph)
    bar = plan.threshold if threshold is None else threshold
    found: list[Answer] = []
    spoken_of: dict[NamedNode, Tokens] = {}
    for attribute in features.guessed():
        learned = model.learned.get(attribute.name)
        asked = [item for item in items if missing(graph, item, attribute)]
        if not asked:
            continue
        if learned is None:
            found += [Answer(item, attribute, ()) for item in asked]
            continue
        for item in asked:
            if item not in spoken_of:
                spoken_of[item] = features.tokens(item)
        seen = [visible(spoken_of[item], attribute, learned.hides) for item in asked]
        said = [concluded(graph, item, attribute) for item in asked]
        rows = [numbered(tokens, model.number) for tokens in seen]
        weighed = weigh(model, learned, rows, ruled(said, learned))
        cuts = bars(learned, bar, plan.floor)
        for n, item in enumerate(asked):
            gone = denied.get((item, attribute.iri), set())
            one = One(model, learned, item, seen[n], said[n], weighed, n)
            guesses = tuple(
                one.guess(ahead, second, p)
                for ahead, second, p in passing(learned, weighed.logits[n], gone, cuts)
            )
            found.append(Answer(item, attribute, guesses))
    return found


def bars(learned: Learned, threshold: float, floor: float) -> list[float | None]:
    """Return the least probability that is written: for each value, or one where single-valued.

    Held-out precision from there on passes the threshold by its lower 90 % bound, and the model
    itself gives the value at least `floor`. None: never.
    """
    cuts = (curve.cutoff(threshold) for curve in learned.curves)
    return [None if cut is None else max(cut, floor) for cut in cuts]


def passing(
    learned: Learned, logits: Floats, gone: set[str], cuts: list[float | None]
) -> list[tuple[int, int | None, float]]:
    """Return the values that pass: column, runner-up's column, probability."""
    allowed = [n for n, value in enumerate(learned.values) if value not in gone]
    if learned.many:
        p = probabilities(logits, many=True)
        return [
            (n, None, float(p[n]))
            for n in allowed
            if (least := cuts[n]) is not None and p[n] >= least
        ]
    if cuts[0] is None or len(allowed) < 2:
        return []
    p = probabilities(logits[allowed], many=False)
    order = np.argsort(-p, kind="stable")
    if p[order[0]] < cuts[0]:
        return []
    return [(allowed[order[0]], allowed[order[1]], float(p[order[0]]))]


@dataclass(frozen=True, slots=True)
class One:
    """One item's place in what was weighed."""

    model: Model
    learned: Learned
    item: NamedNode
    spoken: Tokens
    said: tuple[Fact, ...]
    weighed: Weighed
    row: int

    def guess(self, ahead: int, second: int | None, probability: float) -> Guess:
        """Return the guess of a value's column over the runner-up's, taken apart."""
        learned, logits = self.learned, self.weighed.logits[self.row]
        return Guess(
            Fact(self.item, learned.iri, learned.node(learned.values[ahead])),
            probability,
            None if second is None else learned.node(learned.values[second]),
            float(logits[ahead] - (logits[second] if second is not None else 0.0)),
            taken_apart(
                self.model,
                learned,
                self.spoken,
                {name: table[self.row] for name, table in self.weighed.scores.items()},
                self.said,
                ahead=ahead,
                second=second,
            ),
            nearest_known(self.model, learned.name, self.weighed.vectors[self.row], self.item)
            if "embeddings" in self.weighed.scores
            else (),
        )


def guess(
    source: Graph | Iterable[Fact],
    model: Model,
    items: Sequence[NamedNode],
    plan: Plan,
    *,
    threshold: float | None = None,
) -> list[Guess]:
    """Return the values that the model proposes for missing attributes of items."""
    found = answers(source, model, items, plan, threshold=threshold)
    return [g for answer in found for g in answer.guesses]


def without(
    model: Model, learned: Learned, spoken: Tokens, given: Guess, said: tuple[Fact, ...] = ()
) -> list[float]:
    """Return a guess's margin without each of its contributions' facts, weighed anew.

    Args:
        model: the model that guessed.
        learned: the attribute's part of it.
        spoken: the item's visible tokens, as `features.visible` gives them.
        given: the guess. Contributions that cite no facts keep the margin.
        said: what the stylist's rules conclude of the attribute.
    """
    rows, left = [], []
    for part in given.contributions:
        lost = set(part.facts)
        kept = [t for t, facts in spoken.items() if not set(facts) <= lost]
        rows.append(numbered(kept, model.number))
        left.append(tuple(fact for fact in said if fact not in lost))
    logits = weigh(model, learned, rows, ruled(left, learned)).logits
    ahead = learned.values.index(spelt(given.fact.object))
    margins = logits[:, ahead]
    if given.runner_up is not None:
        margins = margins - logits[:, learned.values.index(spelt(given.runner_up))]
    return [float(m) for m in margins]
