"""Wardrobes of any size, drawn from the bundled catalogue with a fixed seed."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

import pandas as pd

from wearwhy import Request, Wishes, Workspace
from wearwhy.settings import assets

if TYPE_CHECKING:
    from pathlib import Path

SEED: Final = 20261121
OCCASIONS: Final = (
    "office",
    "dinner",
    "everyday",
    "party",
    "date",
    "travel",
    "brunch",
    "interview",
)
WEATHERS: Final = (
    "8C rain wind 20km/h",
    "-4C snow",
    "3C cloud",
    "14C",
    "19C sun",
    "24C sun",
    "31C sun",
    "11C rain",
)
FIRST: Final = date(2026, 1, 5)


def table(size: int, seed: int = SEED) -> pd.DataFrame:
    """Return rows of the bundled catalogue in random order, repeated under new ids up to a size."""
    rows = pd.read_csv(assets() / "data" / "catalogue.csv", dtype=str).fillna("")
    drawn: list[pd.DataFrame] = []
    random = Random(seed)
    while sum(map(len, drawn)) < size:
        order = random.sample(range(len(rows)), len(rows))
        copy = rows.iloc[order].copy()
        copy["id"] += f"-{len(drawn)}"
        drawn.append(copy)
    return pd.concat(drawn).head(size).reset_index(drop=True)


def name(size: int) -> str:
    """Return the name of the wardrobe of a size."""
    return f"of{size}"


def workspace(folder: Path, sizes: tuple[int, ...]) -> Workspace:
    """Return a workspace with one wardrobe of each size."""
    made = Workspace.init(folder)
    for size in sizes:
        made.load(table(size), "catalogue", f"wardrobe:{name(size)}")
    return made


def requests(made: Workspace, size: int, count: int) -> list[Request]:
    """Return different requests: occasions, weathers and days in turn."""
    return [
        made.ask(
            Wishes(
                occasions=(OCCASIONS[number % len(OCCASIONS)],),
                weather=WEATHERS[(number // len(OCCASIONS)) % len(WEATHERS)],
                on=FIRST + timedelta(days=3 * number),
            ),
            name(size),
        ).requests[0]
        for number in range(count)
    ]
