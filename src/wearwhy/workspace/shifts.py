"""Facts that stand before and after a change, but not alike: of another kind, or less sure.

A season that a rule concluded and somebody now states is still seen, and is another fact all the
same: rules ask of what was said, and scores of how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Layer


@dataclass(frozen=True, slots=True)
class Standing:
    """How a fact stands in a graph.

    Attributes:
        kind: where it comes from.
        sure: probability of a guess, confidence of a conclusion; 1 for what is certain.
        rule: that concluded it; None for what was said or guessed.
    """

    kind: Kind
    sure: float
    rule: NamedNode | None


@dataclass(frozen=True, slots=True)
class Shift:
    """A fact that stands before and after, but not alike."""

    fact: Fact
    before: Standing
    after: Standing


def standing(layer: Layer, fact: Fact) -> Standing:
    """Return how a visible fact stands in a graph."""
    kind, sure = _stance(layer, fact)
    assert kind is not None
    firing = layer.firing(fact) if kind in (Kind.DERIVED, Kind.COMPUTED) else None
    return Standing(kind, sure, None if firing is None else firing.rule)


def _stance(layer: Layer, fact: Fact) -> tuple[Kind | None, float]:
    kind = layer.kind(fact)
    sure = layer.probability(fact) if kind is Kind.PREDICTED else None
    return kind, round(layer.confidence(fact) if sure is None else sure, 6)


def shifts_between(before: Layer, after: Layer) -> tuple[Shift, ...]:
    """Return the facts that are of another kind, or of another certainty, in another layer."""
    if after is before:
        return ()
    # A layer writes an entry for whatever stands otherwise in it than below.
    thin = after.below is before and after.merged is None and after.under is before
    written: Iterable[Fact] = after.own() if thin else after.facts()
    found = [
        Shift(fact, standing(before, fact), standing(after, fact))
        for fact in dict.fromkeys(written)
        if before.holds(fact) and _stance(before, fact) != _stance(after, fact)
    ]
    return tuple(sorted(found, key=lambda shift: tuple(str(part) for part in shift.fact)))
