"""Write `data/comfort.csv`: what insulation the weather asks for, in clo.

Usage: `make comfort`, or `python tools/comfort.py` where pythermalcomfort is installed (it takes
half a minute to import and is needed by nothing else).

Up to 10 °C the table is IREQ (ISO 11079): the least insulation is that of IREQ minimal, the
neutral one that of IREQ neutral. Above, it is Gagge's two-node model: the insulation at which its
predicted mean vote is -0.5, 0 and +0.5. The models differ where they meet, so between 10 °C and
16 °C the one is led over into the other linearly, and no column may rise with the temperature.
IREQ has no upper limit; there the most insulation is the neutral one and what the two-node model
puts between neutral and +0.5 at its cold end.

Assumed: the mean radiant temperature is that of the air, relative humidity 50 %, air
permeability 8 l/(m² s) as of a dense outer layer, and the wind at the body .6 of that reported for ten
metres, or the pace of who runs, whichever is more.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pythermalcomfort.models import ireq, two_nodes_gagge

TARGET = Path(__file__).resolve().parents[1] / "data" / "comfort.csv"
TEMPERATURES = range(-20, 41, 2)
WINDS = (0, 10, 20, 40)
ACTIVITIES = {
    "resting": 1.0,
    "light": 1.2,
    "walking": 1.6,
    "brisk": 2.4,
    "sport": 4.0,
    "running": 6.8,
}  # met; the last is 400 W/m², as far as ISO 11079 goes
PACE = {"running": 2.8}  # m/s: a runner makes a wind of their own
LAST_OF_IREQ = 10
FIRST_OF_TWO_NODE = 16
BODY_HEIGHT = 0.6
HUMIDITY = 50.0
PERMEABILITY = 8.0  # a dense outer layer
MOST = 4.0  # polar clothing
DECENT = (0.0, 0.2, 0.36)  # in heat: nothing needed; swimwear and shirt; shorts and T-shirt
Row = tuple[float, float, float]

HEAD = """\
# The clothing insulation that a temperature (degrees C), wind (km/h, at ten metres) and activity
# ask for: least, neutral, most (clo, of the ensemble). Made by tools/comfort.py ("make comfort")
# with pythermalcomfort: IREQ (ISO 11079) up to 10 C, Gagge's two-node model from 16 C, a linear
# transition between; no column rises with the temperature.
"""


def cold(temperature: float, wind: float, met: float) -> tuple[float, float]:
    """Return the clo of IREQ minimal and neutral."""
    watts = met * 58.15
    found = ireq(
        tdb=temperature,
        tr=temperature,
        vr=max(0.4, wind),
        rh=HUMIDITY,
        met=met,
        clo=1.0,
        p=PERMEABILITY,
        walk_sp=min(1.2, max(0.0, 0.0052 * (watts - 58))),
        limit_inputs=False,
        round_output=False,
    )
    return float(found.icl_min), float(found.icl_neutral)


def vote(temperature: float, wind: float, met: float, clo: float) -> float:
    """Return the two-node model's predicted mean vote."""
    found = two_nodes_gagge(
        tdb=temperature,
        tr=temperature,
        v=max(0.15, wind),
        rh=HUMIDITY,
        met=met,
        clo=clo,
        round_output=False,
    )
    return float(found.pmv_gagge)


def root(of: Callable[[float], float]) -> float:
    """Return where an increasing function of the clo is nil, clamped to 0 and `MOST`."""
    low, high = 0.0, MOST
    if of(low) >= 0:
        return low
    if of(high) <= 0:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle) < 0 else (low, middle)
    return (low + high) / 2


def mild(temperature: float, wind: float, met: float) -> Row:
    """Return the clo at which the two-node model votes -0.5, 0 and +0.5."""
    least, neutral, most = (
        root(lambda clo, aim=aim: vote(temperature, wind, met, clo) - aim)  # type: ignore[misc]
        for aim in (-0.5, 0.0, 0.5)
    )
    return least, neutral, most


def column(wind: float, met: float) -> list[Row]:
    """Return the rows of all temperatures for one wind (m/s at the body) and one activity."""
    seam = mild(FIRST_OF_TWO_NODE, wind, met)
    margin = max(0.3, seam[2] - seam[1])

    def below(temperature: float) -> Row:
        least, neutral = cold(temperature, wind, met)
        return least, neutral, neutral + margin

    rows: list[Row] = []
    for temperature in TEMPERATURES:
        if temperature <= LAST_OF_IREQ:
            row = below(temperature)
        elif temperature >= FIRST_OF_TWO_NODE:
            row = mild(temperature, wind, met)
        else:
            along = (temperature - LAST_OF_IREQ) / (FIRST_OF_TWO_NODE - LAST_OF_IREQ)
            pairs = zip(below(LAST_OF_IREQ), seam, strict=True)
            row = tuple(a + along * (b - a) for a, b in pairs)  # type: ignore[assignment]
        rows.append(row)
    table = np.clip(np.array(rows), DECENT, MOST)
    table = np.minimum.accumulate(table, axis=0)
    return [tuple(line) for line in np.maximum.accumulate(table, axis=1).tolist()]


def main() -> None:
    """Compute the table and write it."""
    lines: list[tuple[object, ...]] = []
    for activity, met in ACTIVITIES.items():
        for wind in WINDS:
            at_body = max(wind / 3.6 * BODY_HEIGHT, PACE.get(activity, 0.0))
            rows = column(at_body, met)
            if not np.isfinite(rows).all():
                raise SystemExit(f"not a number at {activity}, wind {wind} km/h")
            lines += [
                (temperature, wind, activity, *(f"{clo:.2f}" for clo in row))
                for temperature, row in zip(TEMPERATURES, rows, strict=True)
            ]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("temperature", "wind", "activity", "clo_min", "clo_neutral", "clo_max"))
        writer.writerows(lines)
    print(f"{TARGET.name}: {len(lines)} rows")


if __name__ == "__main__":
    main()
