"""Comfort: the insulation of a look's garments against what the weather asks for.

The table is made with pythermalcomfort (IREQ up to 10 °C, two-node above) and shipped as data;
here it is read and interpolated. Insulation is in clo, temperature in °C, wind in km/h.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place
from wearwhy.outfit.scoring import Comfort
from wearwhy.rdf import WW, Fact
from wearwhy.walk.graph import Graph, named, number

Floats = NDArray[np.float64]
COLUMNS = ("temperature", "wind", "activity", "clo_min", "clo_max")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The least and the most insulation asked for, on a grid of temperatures and winds."""

    temperature: Floats
    wind: Floats
    least: Floats
    most: Floats

    def demand(self, temperature: float, wind: float) -> tuple[float, float]:
        """Return the range of clo asked for; outside the grid its nearest edge counts."""
        return (
            _bilinear(self.temperature, self.wind, self.least, temperature, wind),
            _bilinear(self.temperature, self.wind, self.most, temperature, wind),
        )


Table = Mapping[NamedNode, Grid]
"""What is asked for, by activity (a concept of that scheme)."""


def read(path: Path) -> Table:
    """Return the table in a CSV file with the columns `COLUMNS`; others are passed over.

    An activity is the last part of its concept's name: `walking`.

    Raises:
        FormatError: WW-COMFORT-TABLE, where columns are missing, a figure is none, or the grid
            has holes.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(line for line in file if not line.startswith("#"))
        missing = [name for name in COLUMNS if name not in (lines.fieldnames or ())]
        if missing:
            raise _refused(path, f"The comfort table lacks the columns {', '.join(missing)}.")
        rows: dict[str, dict[tuple[float, float], tuple[float, float]]] = {}
        for line in lines:
            try:
                t, w, least, most = (
                    float(line[name]) for name in ("temperature", "wind", "clo_min", "clo_max")
                )
            except (TypeError, ValueError) as error:
                raise _refused(path, "The comfort table has a figure that is none.") from error
            rows.setdefault(line["activity"], {})[t, w] = (least, most)
    return {WW[f"activity-{name}"]: _grid(path, cells) for name, cells in sorted(rows.items())}


def _grid(path: Path, cells: Mapping[tuple[float, float], tuple[float, float]]) -> Grid:
    temperature = sorted({t for t, _ in cells})
    wind = sorted({w for _, w in cells})
    if len(cells) != len(temperature) * len(wind):
        raise _refused(path, "The comfort table is no full grid of temperatures and winds.")
    figures = np.array([[cells[t, w] for w in wind] for t in temperature])
    return Grid(np.array(temperature), np.array(wind), figures[:, :, 0], figures[:, :, 1])


def _refused(path: Path, sentence: str) -> FormatError:
    return FormatError("WW-COMFORT-TABLE", sentence, place=Place(path.name))


def _bilinear(xs: Floats, ys: Floats, values: Floats, x: float, y: float) -> float:
    i, u = _between(xs, x)
    j, v = _between(ys, y)
    low = values[i, j] * (1 - v) + values[i, min(j + 1, len(ys) - 1)] * v
    i = min(i + 1, len(xs) - 1)
    high = values[i, j] * (1 - v) + values[i, min(j + 1, len(ys) - 1)] * v
    return float(low * (1 - u) + high * u)


def _between(grid: Floats, at: float) -> tuple[int, float]:
    """Return the grid cell that holds `at`, and how far into it, clamped to the grid."""
    if at <= grid[0]:
        return 0, 0.0
    if at >= grid[-1]:
        return len(grid) - 1, 0.0
    n = int(np.searchsorted(grid, at, side="right")) - 1
    return n, float((at - grid[n]) / (grid[n + 1] - grid[n]))


def activities(graph: Graph, request: NamedNode) -> list[tuple[NamedNode, tuple[Fact, ...]]]:
    """Return the activities that the weather may be met with, each with the facts that say so.

    The way there (`ww:comfortActivity` of the scoring) always counts, and what each occasion is.
    """
    way = Fact(WW.scoring, WW.comfortActivity, WW.scoring)
    found: list[tuple[NamedNode, tuple[Fact, ...]]] = [
        (activity, (way._replace(object=activity),))
        for activity in named(graph.objects(WW.scoring, WW.comfortActivity))
    ]
    for occasion in named(graph.objects(request, WW.occasion)):
        held = Fact(request, WW.occasion, occasion)
        found += [
            (activity, (held, Fact(occasion, WW.activity, activity)))
            for activity in named(graph.objects(occasion, WW.activity))
        ]
    return found


@dataclass(frozen=True, slots=True)
class Demand:
    """A range of insulation asked for, in clo, and the facts that say for what activity."""

    least: float
    most: float
    because: tuple[Fact, ...]


def asked(graph: Graph, table: Table | None, request: NamedNode) -> Demand | None:
    """Return what insulation a request's weather asks for; None without a temperature.

    Of several activities the one that asks for the least counts: more is put off when one rests.
    """
    temperature = number(graph, request, WW.temperature)
    if not table or temperature is None or not math.isfinite(temperature):
        return None
    wind = number(graph, request, WW.windSpeed) or 0.0
    found = [
        Demand(*table[activity].demand(temperature, wind), because)
        for activity, because in activities(graph, request)
        if activity in table
    ]
    return min(found, key=lambda demand: (demand.least, demand.most), default=None)


def worn(graph: Graph, items: Sequence[NamedNode]) -> list[float]:
    """Return each item's insulation in clo; what has none, a bag or a ring, insulates nothing."""
    return [number(graph, item, WW.insulation) or 0.0 for item in items]


def ensemble(total: Floats | float, parameters: Comfort) -> Floats:
    """Return the insulation of an ensemble from the sum over its garments (ISO 9920)."""
    return np.asarray(parameters.factor * np.asarray(total, dtype=float) + parameters.constant)


def points(total: Floats | float, demand: Demand, parameters: Comfort) -> Floats:
    """Return the comfort of looks whose garments' insulations add up to `total`.

    Piecewise linear: `best` inside the range, falling by the slopes outside, never below `floor`.
    """
    clo = ensemble(total, parameters)
    lost = parameters.cold_slope * np.maximum(0.0, demand.least - clo)
    lost = lost + parameters.warm_slope * np.maximum(0.0, clo - demand.most)
    return np.asarray(np.maximum(parameters.floor, parameters.best - lost))
