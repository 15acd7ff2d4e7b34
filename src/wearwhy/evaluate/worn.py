"""What was worn on a day, ranked among other outfits of the same wardrobe, given the date.

Of each dated outfit only what was worn on earlier days is known when it is judged: it and all
later ones are withdrawn from the graph. The others are drawn at random and composed alike: for
each item of the outfit an item that fits the same slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.errors import InputError
from wearwhy.evaluate.composed import composed
from wearwhy.evaluate.controls.outfits import controls
from wearwhy.evaluate.ranking import DIGITS, ROUNDS, mean
from wearwhy.evaluate.whole import worth
from wearwhy.evidence import Kind
from wearwhy.feeds.weather import Weather
from wearwhy.learn.additive import Floats
from wearwhy.learn.metrics import Figure
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.request import Request
from wearwhy.outfit.unasked import unasked
from wearwhy.rdf import TYPE, WW, Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import as_date

AT: Final = (1, 5, 10)
OTHERS: Final = 99
OURS: Final = "wearwhy"
_TRIES: Final = 50
Items = tuple[NamedNode, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Dated:
    """An outfit, when it was worn, and its items that have a slot, in look order."""

    outfit: NamedNode
    on: date
    items: Items


@dataclass(frozen=True, slots=True)
class Worn:
    """How often the outfit worn stands among the first of those it was ranked with.

    Attributes:
        n: how many outfits.
        others: how many others each was ranked among, on average.
        rates: by how many of the first; a tie counts by chance.
        controls: the same of each control: `rules_off` is the score without what rules say, the
            others as in `controls.outfits`, counted on earlier days.
    """

    n: int
    others: float
    rates: Mapping[int, Figure]
    controls: Mapping[str, Mapping[int, Figure]]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `evaluate worn --json` prints them."""

        def shown(rates: Mapping[int, Figure]) -> dict[str, Any]:
            return {str(k): figure.as_dict() for k, figure in rates.items()}

        return {
            "n": self.n,
            "others": round(self.others, 2),
            "hit_rate": shown(self.rates),
            "controls": {name: shown(rates) for name, rates in self.controls.items()},
        }


def dated(layer: Layer, index: Index, home: NamedNode | None = None) -> list[Dated]:
    """Return the outfits that say when they were worn, by date; items without a slot are left out.

    Args:
        layer: the wardrobe's.
        index: of the layer.
        home: the wardrobe whose items are meant; None: any owned ones.
    """
    held = {f.subject for f in layer.match(None, WW.inWardrobe, home)}
    found = []
    for fact in layer.match(None, WW.wornOn, None):
        day = as_date(fact.object)
        if day is None or not isinstance(fact.subject, NamedNode):
            continue
        if not layer.holds(Fact(fact.subject, TYPE, WW.Outfit)):
            continue
        items = [
            item
            for item in layer.objects(fact.subject, WW.hasItem)
            if isinstance(item, NamedNode)
            and item in held
            and item in index.at
            and index.places[index.at[item]]
        ]
        if len(items) > 1:
            found.append(Dated(fact.subject, day, tuple(sorted(items, key=index.order))))
    return sorted(found, key=lambda one: (one.on, one.outfit.value))


def others(
    items: Items, alike: Mapping[NamedNode, Sequence[NamedNode]], most: int, seed: int
) -> list[Items]:
    """Return up to `most` different sets composed as one is, none of them the set itself.

    Args:
        items: of the set.
        alike: for each of them the items that fit the same slots, itself among them.
        most: how many are wanted; a small wardrobe may have fewer.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    found: dict[frozenset[NamedNode], Items] = {}
    for _ in range(most * _TRIES):
        if len(found) == most:
            break
        drawn: list[NamedNode] = []
        for item in items:
            free = [other for other in alike[item] if other not in drawn]
            if not free:
                break
            drawn.append(free[int(random.integers(len(free)))])
        whole = frozenset(drawn)
        if len(drawn) == len(items) and whole != frozenset(items):
            found.setdefault(whole, tuple(drawn))
    return list(found.values())


def within(scores: Floats, first: int) -> float:
    """Return how likely the first row is among the `first` best, rows that tie in random order."""
    rounded = np.round(scores, DIGITS)
    better = int((rounded > rounded[0]).sum())
    level = int((rounded == rounded[0]).sum())
    return float(np.clip((first - better) / level, 0.0, 1.0))


def worn(
    layer: Layer,
    resources: Resources,
    *,
    home: NamedNode | None = None,
    most: int = OTHERS,
    draws: int = 3,
    last: int | None = None,
    weather: Mapping[tuple[int, int], Weather] | None = None,
    seed: int = 0,
    rounds: int = ROUNDS,
    progress: Progress = lambda *_: None,
) -> Worn:
    """Return how well outfits worn are ranked among others of the same wardrobe.

    Args:
        layer: the wardrobe's layer, with its dated outfits.
        resources: as recommending has them.
        home: the wardrobe.
        most: how many others.
        draws: how often others are drawn for each outfit.
        last: only the newest so many outfits are ranked.
        weather: the usual weather by month and day, where it is known.
        seed: of the draws and of the bootstrap over outfits.
        rounds: of the bootstrap.
        progress: told how many outfits are ranked.

    Raises:
        InputError: WW-EVALUATE-DAYS, where no outfit of two items or more says its day.
    """
    index = resources.index(layer)
    known = dated(layer, index, home)
    if not known:
        raise InputError(
            "WW-EVALUATE-DAYS",
            "No outfit of two items or more says when it was worn.",
            hint="Log what is worn and on which day, or load a log.",
            command="wearwhy wore ITEM… --on DAY",
        )
    ranked = known[-last:] if last else known
    hits: dict[str, list[list[float]]] = {}
    sizes = []
    for done, one in enumerate(ranked, 1):
        alike = _alike(one.items, layer, index, home)
        drawn = [others(one.items, alike, most, seed + 1000 * k) for k in range(draws)]
        sizes += [len(some) for some in drawn]
        for name, rows in _hits(
            layer, resources, one, known=known, drawn=drawn, weather=weather
        ).items():
            hits.setdefault(name, []).append(rows)
        progress(done, len(ranked))
    rates = {
        name: {
            k: mean(np.array([row[n] for row in rows]), seed=seed, rounds=rounds)
            for n, k in enumerate(AT)
        }
        for name, rows in hits.items()
    }
    return Worn(len(ranked), float(np.mean(sizes)), rates.pop(OURS), rates)


def _alike(
    items: Items, layer: Layer, index: Index, home: NamedNode | None
) -> dict[NamedNode, list[NamedNode]]:
    held = {f.subject for f in layer.match(None, WW.inWardrobe, home)}
    by_places: dict[tuple[NamedNode, ...], list[NamedNode]] = {}
    for n, item in enumerate(index.items):
        if item in held:
            by_places.setdefault(index.places[n], []).append(item)
    return {item: by_places[index.places[index.at[item]]] for item in items}


def _hits(
    layer: Layer,
    resources: Resources,
    one: Dated,
    *,
    known: Sequence[Dated],
    drawn: Sequence[Sequence[Items]],
    weather: Mapping[tuple[int, int], Weather] | None,
) -> dict[str, list[float]]:
    """Return for each way of ranking how likely the outfit is among the first, by `AT`."""
    before = layer.child(
        Change(remove=tuple(_said(layer, (o.outfit for o in known if o.on >= one.on))))
    )
    sets = [one.items, *(other for some in drawn for other in some)]
    said = (weather or {}).get((one.on.month, one.on.day))
    asked = Request(date=one.on, weather=said)
    value = worth(unasked(before, asked), asked, resources, sets)
    total = np.sum(list(value.values()), axis=0)
    attributes = [p for p, _ in resources.index(before).scoring.attributes if p != TYPE]
    past = composed(before, resources.index(before).items, attributes)
    by_name = {
        OURS: total,
        "random": np.zeros(len(sets)),
        "rules_off": total - value["rule"],
        **{name: control(sets) for name, control in controls(past).items()},
    }
    found: dict[str, list[float]] = {}
    for name, scores in by_name.items():
        begin, rows = 1, []
        for some in drawn:
            own = np.concatenate([scores[:1], scores[begin : begin + len(some)]])
            rows.append([within(own, k) for k in AT])
            begin += len(some)
        found[name] = np.mean(rows, axis=0).tolist()
    return found


def _said(layer: Layer, outfits: Iterator[NamedNode]) -> Iterator[Fact]:
    """Yield the asserted facts of and about outfits."""
    for outfit in outfits:
        for fact in (*layer.match(outfit, None, None), *layer.match(None, None, outfit)):
            if layer.kind(fact) is Kind.ASSERTED:
                yield fact
