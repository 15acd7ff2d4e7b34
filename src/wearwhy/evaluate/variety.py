"""How varied the looks for a set of requests are, and what variety costs.

Coverage is the share of the items that some look shows; Gini tells how unevenly they are shown (0:
all alike, 1: one takes all); entropy is that of the slots' item kinds in bits; intra-list
diversity is one less the mean likeness of two looks of an answer; novelty the mean surprise −log2
of how often an item was worn, items never worn counting as worn half a time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.errors import NoAnswer
from wearwhy.evaluate.curves import Line, Panel, chart
from wearwhy.evaluate.likeness import Dressed
from wearwhy.outfit.compose import alike, prepare
from wearwhy.outfit.decoding.ways import Decoding, decode
from wearwhy.outfit.diversify import overlap, pick
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import TYPE, WW
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import named

LAMBDAS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Variety:
    """The variety of the looks for a set of requests, and their mean score."""

    looks: int
    score: float
    coverage: float
    gini: float
    entropy: float
    ild: float
    novelty: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures as they are printed in JSON."""
        return {
            "looks": self.looks,
            "score": round(self.score, 4),
            "coverage": round(self.coverage, 4),
            "gini": round(self.gini, 4),
            "entropy": round(self.entropy, 4),
            "ild": round(self.ild, 4),
            "novelty": round(self.novelty, 4),
        }


@dataclass(frozen=True, slots=True)
class Curve:
    """The variety at each λ of maximal marginal relevance; the declared one is `now`."""

    requests: int
    now: float
    at: Mapping[float, Variety]

    def as_dict(self) -> dict[str, Any]:
        """Return what `evaluate diversity --json` prints."""
        return {
            "requests": self.requests,
            "lambda": self.now,
            "curve": [{"lambda": x, **one.as_dict()} for x, one in self.at.items()],
        }

    def picture(self, title: str, across: str, score: str, spread: str) -> str:
        """Return quality and diversity over λ as SVG."""
        scores = tuple((x, one.score) for x, one in self.at.items())
        ilds = tuple((x, one.ild) for x, one in self.at.items())
        covers = tuple((x, one.coverage) for x, one in self.at.items())
        both = tuple((one.ild, one.score) for one in self.at.values())
        return chart(
            title,
            (
                Panel(score, across, score, (Line(score, scores),)),
                Panel(spread, across, spread, (Line("ILD", ilds), Line("coverage", covers))),
                Panel("λ 0 … 1", "ILD", score, (Line("λ", both),)),
            ),
        )


def variety(
    answers: Sequence[Sequence[Look]], index: Index, worn: Mapping[NamedNode, int]
) -> Variety:
    """Return how varied answers are.

    Args:
        answers: the looks for each request.
        index: of the wardrobe.
        worn: how often an item was worn.
    """
    looks = [look for answer in answers for look in answer]
    shown = Counter(item for look in looks for item in look.items)
    owned = [item for n, item in enumerate(index.items) if index.places[n]]
    times = np.sort(np.array([shown[item] for item in owned], dtype=np.float64))
    kinds = Counter(
        kind for item, n in shown.items() for kind in list(index.has[item, TYPE])[:1] * n
    )
    total = sum(kinds.values())
    apart = [
        1.0 - overlap(frozenset(a.items), frozenset(b.items))
        for answer in answers
        for a, b in combinations(answer, 2)
    ]
    wears = sum(worn.values()) + len(owned) / 2
    surprise = [
        -math.log2((worn.get(item, 0) or 0.5) / wears) for look in looks for item in look.items
    ]
    rank = np.arange(1, len(times) + 1)
    gini = (
        float((2 * rank - len(times) - 1) @ times / (len(times) * times.sum()))
        if times.sum()
        else 0.0
    )
    return Variety(
        len(looks),
        float(np.mean([look.score for look in looks])),
        float((times > 0).mean()),
        gini,
        -sum(n / total * math.log2(n / total) for n in kinds.values()) if total else 0.0,
        float(np.mean(apart)) if apart else 0.0,
        float(np.mean(surprise)),
    )


def curve(
    layer: Layer,
    requests: Sequence[Request],
    resources: Resources,
    *,
    decoding: Decoding | None = None,
) -> Curve:
    """Return the variety of the looks for requests at each λ.

    Raises:
        NoAnswer: WW-LOOK-NONE, where no request has an answer.
    """
    index = resources.index(layer)
    answers: dict[float, list[tuple[Look, ...]]] = {x: [] for x in LAMBDAS}
    answered = 0
    for request in requests:
        asked = prepare(layer, request, resources)
        found = decode(asked.arena, asked.templates, asked.demanded, decoding).looks[:64]
        if not found:
            continue
        answered += 1
        near = alike(index, asked.pool, [look.members for look in found])
        ids = [str(k).zfill(3) for k in range(len(found))]
        ranks = [round(look.rank, 9) for look in found]
        made: dict[int, Look] = {}
        for x in LAMBDAS:
            chosen = pick(ranks, near, ids, n=request.n, weight=x)
            for k in chosen:
                if k not in made:
                    made[k] = asked.look(found[k], resources)
            answers[x].append(tuple(made[k] for k in chosen))
    if not answered:
        raise NoAnswer("WW-LOOK-NONE", "None of the requests has an answer.")
    worn = times_worn(layer)
    return Curve(
        answered,
        index.scoring.diversity,
        {x: variety(those, index, worn) for x, those in answers.items()},
    )


def times_worn(layer: Layer) -> Mapping[NamedNode, int]:
    """Return in how many outfits of the layer each item stands."""
    return Counter(
        fact.object
        for fact in layer.match(None, WW.hasItem, None)
        if isinstance(fact.object, NamedNode)
    )


def dressed(index: Index, items: Sequence[NamedNode]) -> Dressed:
    """Return items as an outfit that can be compared: in look order, with their attribute values."""
    order = sorted((item for item in items if item in index.at), key=index.order)
    return Dressed(
        frozenset(order),
        tuple(
            (p, value)
            for item in order
            for p, _ in index.scoring.attributes
            for value in index.has[item, p]
        ),
    )


def composed(layer: Layer, index: Index, request: Request) -> list[Dressed]:
    """Return the outfits that people composed for a request's occasions; all, if there are none."""
    outfits = named(layer.subjects(TYPE, WW.Outfit))
    meant = [
        o for o in outfits if set(request.occasions) & set(named(layer.objects(o, WW.occasion)))
    ]
    return [
        one
        for o in (meant or outfits)
        if len((one := dressed(index, named(layer.objects(o, WW.hasItem)))).items) > 1
    ]
