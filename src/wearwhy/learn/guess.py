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
from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.corpus import numbered
from wearwhy.learn.features import Features, Graph, Kinds, Token, Tokens, graph_of, visible
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.verdict import centred, probabilities
from wearwhy.rdf import OWL, Fact, Node, curie, expand

NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """One addend of a margin.

    Attributes:
        kind: `facts`, `embedding` (opaque) or `bias`.
        value: what it adds, in log-odds.
        tokens: what was weighed.
        facts: the item's own facts that carry these tokens; empty for the other kinds.
    """

    kind: str
    value: float
    tokens: tuple[Token, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known item near in the embedding, and what somebody said of it."""

    item: NamedNode
    cosine: float
    values: tuple[NamedNode, ...]


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
    runner_up: NamedNode | None
    margin: float
    contributions: tuple[Contribution, ...]
    neighbours: tuple[Neighbour, ...]

    @property
    def explained(self) -> float:
        """The share of the margin's addends that rests on named facts, 0 to 1."""
        total = sum(abs(c.value) for c in self.contributions)
        named = sum(abs(c.value) for c in self.contributions if c.kind == "facts")
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
            found[item, prop].add(curie(value))
    return found


def verdicts(model: Model, learned: Learned, rows: list[Ints]) -> tuple[Floats, Floats, Floats]:
    """Return the folded vectors, the embedding's scores and the verdict's logits of items."""
    relation = curie(learned.iri)
    wanted = np.array([model.number[Token(relation, v)] for v in learned.values], dtype=np.int64)
    direct = learned.additive.logits(rows)
    vectors = model.folder.fold(rows)
    near = centred(model.folding.scores(vectors, wanted), many=learned.many)
    return vectors, near, learned.combination.logits(direct, near)


def taken_apart(
    model: Model, learned: Learned, spoken: Tokens, near: Floats, *, ahead: int, second: int | None
) -> tuple[Contribution, ...]:
    """Return the addends of the margin of value `ahead` over `second` (None: its negation).

    Tokens carried by the same facts are one addend: they fall together.
    """
    mix = learned.combination
    weights, bias = learned.additive.weights, learned.additive.bias

    def over(row: Floats) -> float:
        return float(row[ahead] - (row[second] if second is not None else 0.0))

    carried: dict[tuple[Fact, ...], list[Token]] = defaultdict(list)
    for token, facts in spoken.items():
        if token in model.number:
            carried[facts].append(token)
    parts = [
        Contribution(
            "facts",
            mix.additive * sum(over(weights[model.number[t]]) for t in tokens),
            tuple(sorted(tokens)),
            facts,
        )
        for facts, tokens in carried.items()
    ]
    parts.append(Contribution("embedding", mix.embedding * over(near)))
    parts.append(Contribution("bias", over(mix.additive * bias + mix.bias)))
    return tuple(sorted(parts, key=lambda c: (-abs(c.value), c.kind, str(c.tokens))))


def nearest_known(
    model: Model, name: str, vector: Floats, item: NamedNode, count: int = NEIGHBOURS
) -> tuple[Neighbour, ...]:
    """Return the nearest items trained on that carry a label of the attribute."""
    labels = model.labels[name]
    numbers = np.array([n for n in labels if model.known[n] != item], dtype=np.int64)
    if not len(numbers):
        return ()
    vectors = model.vectors[numbers]
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
    cosine = vectors @ vector / np.maximum(lengths, 1e-12)
    best = np.lexsort((numbers, -cosine))[:count]
    return tuple(
        Neighbour(
            model.known[numbers[n]],
            round(float(cosine[n]), 6),
            tuple(expand(v) for v in labels[int(numbers[n])]),
        )
        for n in best
    )


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
    for attribute in plan.attributes:
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
        seen = [visible(spoken_of[item], attribute) for item in asked]
        rows = [numbered(tokens, model.number) for tokens in seen]
        vectors, near, logits = verdicts(model, learned, rows)
        cuts = bars(learned, bar, plan.floor)
        for n, item in enumerate(asked):
            gone = denied.get((item, attribute.iri), set())
            guesses = tuple(
                _guess(
                    model,
                    learned,
                    item,
                    seen[n],
                    vector=vectors[n],
                    near=near[n],
                    logits=logits[n],
                    ahead=ahead,
                    second=second,
                    probability=p,
                )
                for ahead, second, p in _passing(learned, logits[n], gone, cuts)
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


def _passing(
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


def _guess(
    model: Model,
    learned: Learned,
    item: NamedNode,
    spoken: Tokens,
    *,
    vector: Floats,
    near: Floats,
    logits: Floats,
    ahead: int,
    second: int | None,
    probability: float,
) -> Guess:
    margin = float(logits[ahead] - (logits[second] if second is not None else 0.0))
    return Guess(
        Fact(item, learned.iri, expand(learned.values[ahead])),
        probability,
        None if second is None else expand(learned.values[second]),
        margin,
        taken_apart(model, learned, spoken, near, ahead=ahead, second=second),
        nearest_known(model, learned.name, vector, item),
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


def without(model: Model, learned: Learned, spoken: Tokens, given: Guess) -> list[float]:
    """Return a guess's margin without each of its contributions' facts, folded anew.

    Args:
        model: the model that guessed.
        learned: the attribute's part of it.
        spoken: the item's visible tokens, as `features.visible` gives them.
        given: the guess. Contributions that cite no facts keep the margin.
    """
    rows = []
    for part in given.contributions:
        lost = set(part.facts)
        kept = [t for t, facts in spoken.items() if not set(facts) <= lost]
        rows.append(numbered(kept, model.number))
    _, _, logits = verdicts(model, learned, rows)
    ahead = learned.values.index(curie(given.fact.object))
    margins = logits[:, ahead]
    if given.runner_up is not None:
        margins = margins - logits[:, learned.values.index(curie(given.runner_up))]
    return [float(m) for m in margins]
