"""How a model's verdicts on an item would stand if an attribute that is missing were known.

An answer is taken as the item's own fact: its token and those above it are added, and the model is
asked again. The stylist's rules are not run again for it: their conclusions stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.features import Features, Token, hidden, numbered, visible
from wearwhy.learn.guess import bars, concluded, missing, rejected, ruled
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.predict import weigh
from wearwhy.learn.table import Graph
from wearwhy.learn.verdict import probabilities
from wearwhy.rdf import curie, expand

Flags = NDArray[np.bool_]


def entropies(p: Floats, *, many: bool) -> Floats:
    """Return the entropy of each row in bits: of one choice, or of a yes or no for each column."""
    whole = -_surprise(p)
    if many:
        whole -= _surprise(1 - p)
    return np.asarray(whole.sum(axis=1))


def _surprise(p: Floats) -> Floats:
    return np.asarray(p * np.log2(np.where(p > 0, p, 1.0)))


@dataclass(frozen=True, slots=True)
class Place:
    """One attribute and the items that lack it, a row each; columns are its values.

    Attributes:
        attribute, learned: which.
        items: numbers of the items.
        rows: their tokens that may speak for it.
        said: what the stylist's rules conclude.
        allowed: values that nobody denied.
        p: what the model gives them; 0 for the denied.
        entropy: of each row, in bits.
        passed: values that pass.
    """

    attribute: Attribute
    learned: Learned
    items: Ints
    rows: list[Ints]
    said: Floats
    allowed: Flags
    p: Floats
    entropy: Floats
    passed: Flags
    cuts: tuple[float | None, ...]

    def row(self) -> dict[int, int]:
        """Return the row of each item."""
        return {int(item): n for n, item in enumerate(self.items)}


def spread(logits: Floats, allowed: Flags, *, many: bool) -> Floats:
    """Return the probabilities of the values that are allowed."""
    if many:
        return np.asarray(np.where(allowed, probabilities(logits, many=True), 0.0))
    return probabilities(np.where(allowed, logits, -np.inf), many=False)


def passes(p: Floats, allowed: Flags, cuts: Sequence[float | None], *, many: bool) -> Flags:
    """Return which values would be written, as `guess.passing` decides it, for many rows."""
    if many:
        least = np.array([np.inf if cut is None else cut for cut in cuts])
        return np.asarray(allowed & (p >= least))
    out = np.zeros(p.shape, dtype=bool)
    if cuts[0] is not None:
        top = p.argmax(axis=1)
        rows = np.arange(len(p))
        out[rows, top] = (p[rows, top] >= cuts[0]) & (allowed.sum(axis=1) >= 2)
    return out


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: a row of a place, and the column of the value affirmed."""

    row: int
    value: int


@dataclass(frozen=True, slots=True)
class After:
    """Another attribute after answers: which answers, the falls in bits, what it then says."""

    which: Ints
    falls: Floats
    p: Floats
    fresh: Flags


@dataclass(frozen=True, slots=True)
class Supposed:
    """A model asked about items: where each attribute stands."""

    model: Model
    features: Features
    items: Sequence[NamedNode]
    places: tuple[Place, ...]

    @classmethod
    def of(
        cls, graph: Graph, model: Model, items: Sequence[NamedNode], plan: Plan, threshold: float
    ) -> Supposed:
        """Return where every learned attribute of items stands."""
        features, denied = Features(graph, plan), rejected(graph)
        spoken = [features.tokens(item) for item in items]
        places = []
        for attribute in features.guessed():
            learned = model.learned.get(attribute.name)
            if learned is None:
                continue
            gone = [denied.get((item, attribute.iri), set()) for item in items]
            lacking = [
                n
                for n, item in enumerate(items)
                if missing(graph, item, attribute) and set(learned.values) - gone[n]
            ]
            if not lacking:
                continue
            seen = [visible(spoken[n], attribute, learned.hides) for n in lacking]
            rows = [numbered(tokens, model.number) for tokens in seen]
            said = ruled([concluded(graph, items[n], attribute) for n in lacking], learned)
            allowed = np.array([[v not in gone[n] for v in learned.values] for n in lacking])
            many, cuts = learned.many, tuple(bars(learned, threshold, plan.floor))
            p = spread(weigh(model, learned, rows, said).logits, allowed, many=many)
            places.append(
                Place(
                    attribute,
                    learned,
                    np.array(lacking, dtype=np.int64),
                    rows,
                    said,
                    allowed,
                    p,
                    entropies(p, many=many),
                    passes(p, allowed, cuts, many=many),
                    cuts,
                )
            )
        return cls(model, features, items, tuple(places))

    def tokens(self, place: Place, value: str) -> list[Token]:
        """Return the tokens of an item of which a value is said."""
        relation = place.learned.relation
        found = [Token(relation, value)]
        if not place.learned.said:
            above = self.features.above(expand(value))
            found += [Token(f"{relation}/{step}", curie(up)) for step, up in above]
        return found

    def told(self, place: Place) -> list[Told]:
        """Return every answer that affirms a value, where the attribute is unsettled."""
        open_ = ~place.passed.any(axis=1)
        return [
            Told(int(n), int(v))
            for n in np.flatnonzero(open_)
            for v in np.flatnonzero(place.allowed[n])
        ]

    def after(self, place: Place, other: Place, answers: Sequence[Told]) -> After | None:
        """Return how another attribute stands after answers; None where they cannot speak for it.

        Rows are those of the answers whose item lacks the other attribute.
        """
        hides = other.attribute.hides | other.learned.hides
        more = [
            numbered(
                (t for t in self.tokens(place, value) if not hidden(t.relation, hides)),
                self.model.number,
            )
            for value in place.learned.values
        ]
        row = other.row()
        at = [
            (k, row[int(place.items[told.row])], told.value)
            for k, told in enumerate(answers)
            if len(more[told.value]) and int(place.items[told.row]) in row
        ]
        if not at:
            return None
        which, base, value = (np.array(part, dtype=np.int64) for part in zip(*at, strict=True))
        rows = [np.union1d(other.rows[n], more[v]) for n, v in zip(base, value, strict=True)]
        many, allowed = other.learned.many, other.allowed[base]
        logits = weigh(self.model, other.learned, rows, other.said[base]).logits
        p = spread(logits, allowed, many=many)
        fresh = passes(p, allowed, other.cuts, many=many) & ~other.passed[base]
        return After(which, other.entropy[base] - entropies(p, many=many), p, fresh)
