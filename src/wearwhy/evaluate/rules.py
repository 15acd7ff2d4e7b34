"""The stylist's rules beside what people did: outfits composed, occasions rented for, days worn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from wearwhy.errors import InputError
from wearwhy.evaluate.choices import Swap, spoken, swaps
from wearwhy.evaluate.lift import Lift, lifts
from wearwhy.evaluate.shop import Shop
from wearwhy.feeds.weather import Weather
from wearwhy.outfit.request import Request
from wearwhy.outfit.unasked import unasked
from wearwhy.rdf import XSD, Fact, Literal
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.wearer.log import name_of

# How often the days of a log are dealt out anew to its outfits.
DEALS = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """Rules beside one source.

    Attributes:
        what: the source, in words.
        control: what chance means here, in words.
        cases: how many outfits or rentals were looked at.
        lifts: the rules that could be judged, the clearest first.
    """

    what: str
    control: str
    cases: int
    lifts: tuple[Lift, ...]

    def as_dict(self) -> dict[str, object]:
        """Return everything under its names."""
        return {
            "what": self.what,
            "control": self.control,
            "cases": self.cases,
            "rules": [lift.as_dict() for lift in self.lifts],
        }


def _ordered(found: Sequence[Lift]) -> tuple[Lift, ...]:
    sides = {"wrong": 0, "right": 1, "open": 2}
    return tuple(sorted(found, key=lambda x: (sides[x.side], -x.clusters, x.rule.iri.value)))


def composed(source: Shop, *, each: int = 5, least: int = 30, seed: int = 0) -> Compared:
    """Return the lift of every rule on outfits that somebody composed, against matched swaps.

    The request says nothing: neither occasion nor weather nor day is known of these outfits.
    """
    layer = unasked(source.layer).child(Change(add=Request().facts()))
    exchanged = swaps(source.outfits, source.kinds, each=each, seed=seed)
    said = spoken(Batch(layer, source.items), source.outfits, exchanged, source.order)
    return Compared(
        "outfits composed",
        "each item in turn swapped for others of its slots in about as many outfits",
        len(source.outfits),
        _ordered(lifts(said.rules, said.chosen, said.chance, least=least, seed=seed)),
    )


def worn_in_weather(
    source: Shop,
    weather: Mapping[tuple[int, int], Weather],
    *,
    each: int = 10,
    least: int = 5,
    seed: int = 0,
) -> Compared:
    """Return the lift of every rule on dated outfits in the weather of their days, against swaps.

    Args:
        source: the outfits, dated.
        weather: the usual weather by month and day.
        each: how many swaps an item.
        least: rules that speak of fewer outfits are left out.
        seed: of swaps and bootstrap.
    """
    dated = [n for n, day in enumerate(source.worn) if day]
    if not dated:
        raise InputError("WW-EVALUATE-DAYS", "None of the outfits says when it was worn.")
    exchanged = swaps(source.outfits, source.kinds, each=each, seed=seed)
    total: dict[Rule, tuple[list[float], list[float]]] = {}
    for number, case in enumerate(dated):
        day = date.fromisoformat(source.worn[case])
        request = Request(date=day, weather=weather.get((day.month, day.day)))
        layer = unasked(source.layer, request).child(Change(add=request.facts()))
        batch = Batch(layer, source.items)
        own = [Swap(0, s.out, s.into) for s in exchanged if s.outfit == case]
        said = spoken(batch, [source.outfits[case]], own, source.order)
        for rule, chosen, chance in zip(said.rules, said.chosen[0], said.chance[0], strict=True):
            kept = total.setdefault(rule, ([0.0] * len(dated), [0.0] * len(dated)))
            kept[0][number], kept[1][number] = float(chosen), float(chance)
    return Compared(
        "outfits worn, in the usual weather of their days",
        "each item in turn swapped for others of its slots, worn about as often",
        len(dated),
        _ordered(_lifts(total, least, seed)),
    )


def _lifts(
    total: Mapping[Rule, tuple[list[float], list[float]]], least: int, seed: int
) -> list[Lift]:
    rules = tuple(sorted(total, key=lambda rule: rule.iri.value))
    if not rules:
        return []
    chosen, chance = (np.array([total[r][side] for r in rules]).T for side in (0, 1))
    return lifts(rules, chosen, chance, least=least, seed=seed)


def worn_again(source: Shop, *, deals: int = DEALS, least: int = 5, seed: int = 0) -> Compared:
    """Return how often rules about wearing again speak of a log, against its days dealt out anew.

    The outfits worn before a day, in the log or in a deal, are facts when its rules are asked.
    """
    dated = sorted((day, n) for n, day in enumerate(source.worn) if day)
    if not dated:
        raise InputError("WW-EVALUATE-DAYS", "None of the outfits says when it was worn.")
    days = [day for day, _ in dated]
    cases = [n for _, n in dated]
    random = np.random.default_rng(seed)
    total: dict[Rule, tuple[list[float], list[float]]] = {}
    for deal in range(deals + 1):
        dealt = cases if deal == 0 else [cases[k] for k in random.permutation(len(cases))]
        weight = 1.0 if deal == 0 else 1.0 / deals
        for rule, number, times in _again(source, list(zip(days, dealt, strict=True))):
            kept = total.setdefault(rule, ([0.0] * len(cases), [0.0] * len(cases)))
            kept[min(deal, 1)][cases.index(number)] += weight * times
    return Compared(
        "outfits worn, by how long ago their items were worn",
        f"the days of the log dealt out to its outfits anew, {deals} times",
        len(cases),
        _ordered(_lifts(total, least, seed)),
    )


def _again(source: Shop, log: Sequence[tuple[str, int]]) -> Iterator[tuple[Rule, int, float]]:
    """Yield for each outfit of a log which item rules speak of it because of earlier days."""
    quiet = _item_rules(source.layer, source, Request(date=date.fromisoformat(log[0][0])))
    for day, number in log:
        earlier = [(d, n) for d, n in log if d < day]
        facts = tuple(f for d, n in earlier for f in _dated(source.said[n], d))
        request = Request(date=date.fromisoformat(day))
        layer = unasked(source.layer, request).child(Change(add=(*facts, *request.facts())))
        spoken_of = _item_rules(layer, source, request, closed=True)
        for rule in {rule for rule, _ in spoken_of - quiet}:
            times = sum((rule, n) in spoken_of for n in source.outfits[number])
            yield rule, number, float(times)


def _item_rules(
    layer: Layer, source: Shop, request: Request, *, closed: bool = False
) -> set[tuple[Rule, int]]:
    asked = layer if closed else unasked(layer, request).child(Change(add=request.facts()))
    found = Batch(asked, source.items).items()
    return {
        (found.rules[k], n) for k, n in zip(found.rule.tolist(), found.row.tolist(), strict=True)
    }


def _dated(facts: Sequence[Fact], day: str) -> Iterator[Fact]:
    """Yield the facts of an outfit as worn on another day."""
    for fact in facts:
        subject = name_of("dealt", day, str(fact.subject))
        obj = fact.object
        if isinstance(obj, Literal) and obj.datatype == XSD.date:
            obj = Literal(day, datatype=XSD.date)
        yield Fact(subject, fact.predicate, obj)


def usual_weather(path: Path) -> dict[tuple[int, int], Weather]:
    """Return the usual weather of each day of the year, from a table of daily weather.

    The table has the columns date, temp_min, temp_max (°C), precipitation (mm) and wind (m/s);
    a day's figure is the mean over the years of the days within a week of it.

    Raises:
        InputError: WW-EVALUATE-WEATHER, where a column lacks.
    """
    table = pd.read_csv(path)
    wanted = ["date", "temp_min", "temp_max", "precipitation", "wind"]
    missing = [column for column in wanted if column not in table]
    if missing:
        raise InputError(
            "WW-EVALUATE-WEATHER",
            f"{path.name} lacks the columns {', '.join(missing)}.",
            note="A table of daily weather has " + ", ".join(wanted) + ".",
        )
    day_of_year = pd.to_datetime(table["date"]).dt.day_of_year.to_numpy()
    found = {}
    for day in pd.date_range("2023-01-01", "2023-12-31"):
        apart = np.abs(day_of_year - day.day_of_year)
        near = table[np.minimum(apart, 366 - apart) <= 7]
        low, high = float(near["temp_min"].mean()), float(near["temp_max"].mean())
        found[day.month, day.day] = Weather(
            temperature=round((low + high) / 2, 1),
            low=round(low, 1),
            high=round(high, 1),
            rainfall=round(float(near["precipitation"].mean()), 1),
            wind=round(float(near["wind"].mean()) * 3.6, 1),
        )
    return found
