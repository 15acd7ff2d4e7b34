"""Ways of decoding compared: how good, how varied, how quick, and how like composed outfits."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from wearwhy.errors import NoAnswer
from wearwhy.evaluate.likeness import Dressed, Likeness, likeness
from wearwhy.evaluate.variety import Variety, composed, dressed, times_worn, variety
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.decoding.ways import Decoding
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rules.layer import Layer

FREE: Final = 1000.0
"""A temperature at which every item that may be worn is drawn alike: the control."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of decoding, over the requests that it answered.

    Attributes:
        answered: of the requests.
        best: the mean score of the first look of each.
        variety: of all looks.
        seconds: the median time of an answer.
        like: how like the looks are to composed outfits, on average; None without any.
    """

    answered: int
    best: float
    variety: Variety
    seconds: float
    like: Likeness | None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as they are printed in JSON."""
        like = self.like
        return {
            "answered": self.answered,
            "best": round(self.best, 4),
            **self.variety.as_dict(),
            "ms": round(self.seconds * 1000, 1),
            "like": None
            if like is None
            else {
                "items": round(like.items, 4),
                "bleu": round(like.bleu, 4),
                "cosine": round(like.cosine, 4),
            },
        }


@dataclass(frozen=True, slots=True)
class Decodings:
    """The ways compared, by name."""

    requests: int
    ways: Mapping[str, Way]

    def as_dict(self) -> dict[str, Any]:
        """Return what `evaluate decoding --json` prints."""
        return {"n": self.requests, **{name: way.as_dict() for name, way in self.ways.items()}}


def ways(temperature: float, seed: int) -> dict[str, Decoding]:
    """Return the ways to compare; `random` is the control."""
    return {
        "beam": Decoding("beam"),
        "greedy": Decoding("greedy"),
        "sample": Decoding("sample", temperature, seed),
        "random": Decoding("sample", FREE, seed),
    }


def decodings(
    layer: Layer,
    requests: Sequence[Request],
    resources: Resources,
    compared: Mapping[str, Decoding],
) -> Decodings:
    """Return ways of decoding compared on the same requests.

    Looks are compared with the outfits of the layer for the same occasions; what a wearer logged is
    also read by the walks, so likeness tells how near looks stay to it, not how well they foretell.

    Raises:
        NoAnswer: WW-LOOK-NONE, where a way answers none of the requests.
    """
    index, worn = resources.index(layer), times_worn(layer)
    models = {request: composed(layer, index, request) for request in requests}
    if requests:
        _answer(layer, requests[0], resources, Decoding())
    found = {}
    for name, decoding in compared.items():
        answers: list[tuple[Look, ...]] = []
        times: list[float] = []
        like: list[Likeness] = []
        for request in requests:
            start = time.perf_counter()
            looks = _answer(layer, request, resources, decoding)
            times.append(time.perf_counter() - start)
            if looks:
                answers.append(looks)
                like += _like([dressed(index, look.items) for look in looks], models[request])
        if not answers:
            raise NoAnswer("WW-LOOK-NONE", f"Decoding by {name} answers none of the requests.")
        found[name] = Way(
            len(answers),
            float(np.mean([looks[0].score for looks in answers])),
            variety(answers, index, worn),
            float(np.median(times)),
            _mean(like),
        )
    return Decodings(len(requests), found)


def _answer(
    layer: Layer, request: Request, resources: Resources, decoding: Decoding
) -> tuple[Look, ...]:
    try:
        return recommend(layer, request, resources, decoding).looks
    except NoAnswer:
        return ()


def _like(looks: Sequence[Dressed], models: Sequence[Dressed]) -> list[Likeness]:
    return [likeness(look, models) for look in looks] if models else []


def _mean(found: Sequence[Likeness]) -> Likeness | None:
    if not found:
        return None
    return Likeness(
        float(np.mean([one.items for one in found])),
        float(np.mean([one.bleu for one in found])),
        float(np.mean([one.cosine for one in found])),
    )
