"""What to ask a wearer: the questions whose answers would settle most, in bits.

A question is what one word answers: which value an attribute has, or, where several hold at once,
whether one of them does. It is worth the entropy of its answer plus the expected fall in entropy of
the item's other missing attributes once the answer is a fact of the item. Every possible answer is
tried and the model asked again, each weighted by its probability; nothing is sampled. A denial is
no token, so a "no" tells of nothing but itself.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.learn.additive import Floats
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.supposing import Supposed, entropies
from wearwhy.learn.table import Graph, graph_of
from wearwhy.rdf import Fact

SAME: Final = 1e-9
"""Bits that make no difference."""


@dataclass(frozen=True, slots=True)
class Follow:
    """A value that would pass, and now does not, once a question has a certain answer.

    Attributes:
        answer: the value that is affirmed.
        chance: of that answer.
        fact: what would then be guessed.
        probability: that the model would then give it.
    """

    answer: NamedNode | Literal
    chance: float
    fact: Fact
    probability: float


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one item.

    Attributes:
        item: about which.
        attribute: what is asked of it.
        value: the value to affirm or deny; None where the value itself is asked for.
        options: values not denied, with what the model gives them, the likeliest first.
        own: entropy of the answer, in bits.
        others: expected fall in entropy of the item's other missing attributes, in bits; below 0
            where answers would unsettle them.
        settled: how many values of these are expected to pass that now do not.
        follows: which, and after which answer.
        counted: of `bits`, what earlier questions of the list do not tell already.
    """

    item: NamedNode
    attribute: Attribute
    value: NamedNode | Literal | None
    options: tuple[tuple[NamedNode | Literal, float], ...]
    own: float
    others: float
    settled: float
    follows: tuple[Follow, ...]
    counted: float

    @property
    def bits(self) -> float:
        """Expected information of the answer, in bits."""
        return self.own + self.others


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before it is ranked.

    Attributes:
        place: number of the attribute's place.
        row: the item's row there.
        value: the column to affirm or deny; None where the value itself is asked for.
        own: entropy of the answer, in bits.
        falls: expected fall in bits of each place's attribute, for this item.
        settled, follows: as in `Question`.
    """

    place: int
    row: int
    value: int | None
    own: float
    falls: Floats
    settled: float
    follows: tuple[Follow, ...]


def drafted(supposed: Supposed) -> list[Draft]:
    """Return every question, unranked."""
    return [one for number in range(len(supposed.places)) for one in _drafted(supposed, number)]


def _drafted(supposed: Supposed, number: int) -> list[Draft]:
    place = supposed.places[number]
    learned, answers = place.learned, supposed.told(place)
    chances = np.array([place.p[one.row, one.value] for one in answers])
    falls = np.zeros((len(answers), len(supposed.places)))
    follows: list[list[Follow]] = [[] for _ in answers]
    for b, other in enumerate(supposed.places):
        after = supposed.after(place, other, answers) if b != number and answers else None
        if after is None:
            continue
        falls[after.which, b] = after.falls
        for n, v in np.argwhere(after.fresh):
            k = int(after.which[n])
            item = supposed.items[int(place.items[answers[k].row])]
            value = other.learned.node(other.learned.values[v])
            follows[k].append(
                Follow(
                    learned.node(learned.values[answers[k].value]),
                    float(chances[k]),
                    Fact(item, other.learned.iri, value),
                    float(after.p[n, v]),
                )
            )

    def draft(some: list[int], value: int | None, own: float) -> Draft:
        told = tuple(follow for k in some for follow in follows[k])
        settled = float(sum(follow.chance for follow in told))
        row = answers[some[0]].row
        return Draft(number, row, value, own, chances[some] @ falls[some], settled, told)

    if learned.many:
        alone = entropies(chances[:, None], many=True)
        return [draft([k], one.value, float(alone[k])) for k, one in enumerate(answers)]
    of: dict[int, list[int]] = defaultdict(list)
    for k, one in enumerate(answers):
        of[one.row].append(k)
    return [draft(some, None, float(place.entropy[row])) for row, some in of.items()]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Picks questions one by one, each counted for what those before it do not tell."""

    supposed: Supposed
    _earlier: dict[int, list[Draft]] = field(default_factory=lambda: defaultdict(list))

    def item(self, one: Draft) -> int:
        """Return the number of the item that a question is about."""
        return int(self.supposed.places[one.place].items[one.row])

    def counted(self, one: Draft) -> float:
        """Return the bits that a question adds to the ones picked.

        What an earlier answer about the same item is expected to tell is taken off: of the
        question's own entropy by share, of other attributes' bit by bit; those asked themselves
        count no more. A second value of an attribute is only asked where the first was denied.
        """
        earlier = self._earlier.get(self.item(one), [])
        own, falls, arises = one.own, one.falls.copy(), 1.0
        told = np.zeros(len(falls))
        for other in earlier:
            told += np.maximum(other.falls, 0.0)
            if other.place == one.place:
                assert other.value is not None
                arises *= 1.0 - float(self.supposed.places[other.place].p[other.row, other.value])
            else:
                falls[other.place] = 0.0
        whole = float(self.supposed.places[one.place].entropy[one.row])
        if whole > 0:
            own *= max(0.0, 1.0 - float(told[one.place]) / whole)
        return arises * (own + float(np.where(falls > 0, np.maximum(falls - told, 0), falls).sum()))

    def picked(self, drafts: Sequence[Draft], most: int | None) -> list[tuple[Draft, float]]:
        """Return the best questions, greedily, with what each counts for: never more than before."""
        heap = [(-self.counted(one), n) for n, one in enumerate(drafts)]
        heapq.heapify(heap)
        found: list[tuple[Draft, float]] = []
        while heap and (most is None or len(found) < most):
            worth, n = heapq.heappop(heap)
            now = min(self.counted(drafts[n]), -worth)
            if now < -worth - SAME:
                heapq.heappush(heap, (-now, n))
            elif now > SAME:
                found.append((drafts[n], now))
                self._earlier[self.item(drafts[n])].append(drafts[n])
        return found


def questions(
    source: Graph | Iterable[Fact],
    model: Model,
    items: Sequence[NamedNode],
    plan: Plan,
    *,
    threshold: float | None = None,
    most: int | None = None,
) -> list[Question]:
    """Return the questions about missing attributes of items, those first that settle most.

    Asked is only of attributes with no firm value and no guess that passes.

    Args:
        source: a layer or an iterable of facts, with the ontology's.
        model: the trained model.
        items: about which.
        plan: which attributes, which features.
        threshold: that guesses have to pass; the plan's by default.
        most: how many questions; None for all that tell anything.
    """
    bar = plan.threshold if threshold is None else threshold
    supposed = Supposed.of(graph_of(source), model, items, plan, bar)
    picked = Ranking(supposed).picked(drafted(supposed), most)
    return [_question(supposed, one, counted) for one, counted in picked]


def _question(supposed: Supposed, one: Draft, counted: float) -> Question:
    place = supposed.places[one.place]
    learned, p = place.learned, place.p[one.row]
    order = [int(n) for n in np.argsort(-p, kind="stable") if place.allowed[one.row, n]]
    return Question(
        supposed.items[int(place.items[one.row])],
        place.attribute,
        None if one.value is None else learned.node(learned.values[one.value]),
        tuple((learned.node(learned.values[n]), float(p[n])) for n in order),
        one.own,
        float(one.falls.sum()),
        one.settled,
        tuple(sorted(one.follows, key=lambda f: (-f.chance, -f.probability, str(f.fact.object)))),
        counted,
    )
