"""The additive score of a look: terms, each with what it is about, that add up to it.

A look's score is the sum of its terms and nothing else. Here the terms of one look are made from
parts that somebody has computed: by arrays over all candidates (`compose`), or fact by fact from
the look's own layer (`wearwhy.explain.terms`); both give the same terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit.pairs import Lifts, contributions
from wearwhy.outfit.scoring import Scoring
from wearwhy.rdf import WW, Fact, Node
from wearwhy.rules.model import Rule, Verdict
from wearwhy.walk.metapaths import Group
from wearwhy.wearer.taste import Opinion

VERDICTS: Mapping[NamedNode, Verdict] = {
    WW.violates: Verdict.FORBID,
    WW.favouredBy: Verdict.FAVOUR,
    WW.disfavouredBy: Verdict.DISFAVOUR,
}


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of a score.

    Attributes:
        kind: rule, walk, pair, neural, comfort or taste.
        source: the rule, the meta-path or the opinion that it comes from, where there is one.
        about: the items that it speaks of.
        value: in points (log-odds).
        verdict: of a rule term, the fact that the rule concluded.
        via: of a walk from the request the node it passes through; of a walk between two items,
            and of a learned pair term, the two; of a counted pair term the attribute and its two
            values.
    """

    kind: str
    source: NamedNode | None
    about: tuple[NamedNode, ...]
    value: float
    verdict: Fact | None = None
    via: tuple[Node, ...] = ()

    @property
    def coupled(self) -> bool:
        """Whether it speaks of one pair of items: a learned pair term, or a walk between them."""
        return self.kind in ("pair", "walk") and len(self.via) == 2

    @property
    def key(self) -> tuple[str, ...]:
        """Return what names the term within its look, whatever its value."""
        rest = (self.verdict.subject, self.verdict.predicate) if self.verdict else self.via
        return (self.kind, str(self.source or ""), *(str(node) for node in rest))


def counted(terms: Iterable[Term], scoring: Scoring) -> list[Term]:
    """Return the terms of kinds that count at all: those whose multiplier is not 0."""
    return [term for term in terms if scoring.multipliers[term.kind]]


def total(terms: Iterable[Term]) -> float:
    """Return the score: the correctly rounded sum of the terms."""
    return math.fsum(term.value for term in terms)


def ordered(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return terms by falling magnitude; equal ones by name."""
    return tuple(sorted(terms, key=lambda term: (-round(abs(term.value), 9), term.key)))


def verdict_of(rule: Rule) -> NamedNode | None:
    """Return the verdict's predicate that a rule concludes; None for a derive rule."""
    for atom in rule.head:
        if isinstance(atom.predicate, NamedNode) and atom.predicate in VERDICTS:
            return atom.predicate
    return None


def signed(predicate: NamedNode, points: float, confidence: float) -> float:
    """Return what an opinion is worth; a forbid that did not cut is a penalty."""
    return (points if predicate == WW.favouredBy else -points) * confidence


def rule_term(
    predicate: NamedNode,
    rule: Rule,
    subject: NamedNode,
    confidence: float,
    *,
    about: tuple[NamedNode, ...],
    share: float,
) -> Term:
    """Return the term of one opinion on a look, or on one of its items or pairs.

    Args:
        predicate: the verdict's predicate.
        rule: whose opinion it is.
        subject: the item, pair or look.
        confidence: of the verdict.
        about: the items concerned.
        share: the multiplier, divided by the number of items or pairs where it is on one of them.
    """
    value = share * signed(predicate, rule.description.points, confidence)
    return Term("rule", rule.iri, about, value, verdict=Fact(subject, predicate, rule.iri))


def walk_terms(groups: Sequence[Group], items: Sequence[NamedNode], scoring: Scoring) -> list[Term]:
    """Return a term for each group: its mean over the look's items."""
    share = scoring.multipliers["walk"] / len(items)
    wanted = set(items)
    found = []
    for group in groups:
        hits = [(item, value) for item, value in group.values if item in wanted]
        value = share * math.fsum(value for _, value in hits)
        if value:
            about = tuple(sorted((item for item, _ in hits), key=lambda n: n.value))
            found.append(Term("walk", group.path, about, value, via=(group.via,)))
    return found


def pair_terms(
    lifts: Lifts,
    scoring: Scoring,
    has: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
    items: Sequence[NamedNode],
) -> list[Term]:
    """Return a term for each value pair: its mean over the look's item pairs."""
    if len(items) < 2 or not lifts.item_pairs:
        return []
    share = scoring.multipliers["pair"] / (len(items) * (len(items) - 1) // 2)
    parts: dict[tuple[NamedNode, NamedNode, NamedNode], list[float]] = {}
    about: dict[tuple[NamedNode, NamedNode, NamedNode], set[NamedNode]] = {}
    for x, y in combinations(items, 2):
        for pair, part in contributions(lifts, scoring, has, x, y).items():
            parts.setdefault(pair, []).append(part)
            about.setdefault(pair, set()).update((x, y))
    return [
        Term(
            "pair",
            None,
            tuple(sorted(about[pair], key=lambda n: n.value)),
            share * math.fsum(parts[pair]),
            via=pair,
        )
        for pair in sorted(parts, key=lambda p: tuple(n.value for n in p))
    ]


def coupled_terms(
    kind: str,
    source: NamedNode | None,
    worth: NDArray[np.float64],
    items: Sequence[NamedNode],
    scoring: Scoring,
) -> list[Term]:
    """Return a term for each pair of a look's items: its part of the mean over pairs.

    Args:
        kind: pair, or walk.
        source: the meta-path of a walk.
        worth: what each pair is worth (n × n), before the multiplier.
        items: of the look, in its order.
        scoring: multipliers.
    """
    if len(items) < 2:
        return []
    share = scoring.multipliers[kind] / (len(items) * (len(items) - 1) // 2)
    return [
        Term(kind, source, (x, y), share * value, via=(x, y))
        for (i, x), (j, y) in combinations(enumerate(items), 2)
        if (value := float(worth[i, j]))
    ]


def taste_terms(
    opinions: Sequence[Opinion],
    reached: Mapping[tuple[NamedNode, NamedNode], Sequence[NamedNode]],
    items: Sequence[NamedNode],
    scoring: Scoring,
) -> list[Term]:
    """Return a term for each opinion: its mean over the look's items.

    `reached` holds the look's items that an opinion, named by its IRI and what it is on, reaches.
    """
    share = scoring.multipliers["taste"] / len(items)
    found = []
    for opinion in opinions:
        hits = tuple(sorted(reached.get((opinion.iri, opinion.about), ()), key=lambda n: n.value))
        if hits and opinion.weight:
            value = share * opinion.weight * len(hits)
            found.append(Term("taste", opinion.iri, hits, value, via=(opinion.about,)))
    return found


def comfort_term(points: float, items: Sequence[NamedNode], scoring: Scoring) -> Term:
    """Return the comfort term of a look."""
    return Term("comfort", None, tuple(items), scoring.multipliers["comfort"] * points)


def neural_term(mean: float, items: Sequence[NamedNode], scoring: Scoring) -> Term:
    """Return the neural term of a look, from the mean cosine over its pairs."""
    return Term("neural", None, tuple(items), scoring.multipliers["neural"] * mean)
