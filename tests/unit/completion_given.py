"""A made-up shop: rows whose `season` follows from their colour and words, and a fake model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wearwhy.evaluate.source import Rows, rows_of
from wearwhy.learn.additive import Floats
from wearwhy.rdf import ID, RDFS, SCHEMA, TYPE, WW, Fact, Literal, NamedNode, literal

TEXTS = frozenset({SCHEMA.name})
COLUMNS = {
    "articleType": (TYPE,),
    "baseColour": (WW.colour,),
    "season": (WW.launchSeason,),
    "usage": (WW.formality, WW.style),
}
SEASONS = ("Summer", "Winter")
CELLS = {
    "articleType": ("Shirts", "Boots", "Scarves"),
    "baseColour": ("White", "Navy Blue", "Black"),
    "usage": ("Casual", "Smart Casual"),
}


def column(name: str) -> NamedNode:
    return NamedNode(f"{WW}column/shop/{name}")


def declared(*names: str) -> list[Fact]:
    return [
        fact
        for name in names or COLUMNS
        for fact in (
            Fact(column(name), TYPE, WW.SourceColumn),
            Fact(column(name), RDFS.label, Literal(name)),
            *(Fact(column(name), WW.fillsProperty, prop) for prop in COLUMNS.get(name, ())),
            *(
                [Fact(column(name), WW.learned, literal(True))]
                if name in {"season", "usage"}
                else []
            ),
        )
    ]


def row(number: int | str, title: str, split: str = "", **cells: str) -> list[Fact]:
    item = NamedNode(f"{ID}shop/{number}")
    return [
        Fact(item, SCHEMA.name, Literal(title)),
        *(Fact(item, column(name), Literal(cell)) for name, cell in cells.items()),
        *([Fact(item, WW["split"], Literal(split))] if split else []),
    ]


def shop(size: int, *, seed: int = 0, first: int = 0, split: str = "") -> list[Fact]:
    """Return rows whose season stands in half of their titles and follows from colour and type."""
    rng = np.random.default_rng(seed)
    facts: list[Fact] = []
    for n in range(first, first + size):
        cells = {name: values[rng.integers(len(values))] for name, values in CELLS.items()}
        warm = (cells["articleType"] != "Shirts") ^ (cells["baseColour"] == "White")
        season = SEASONS[int(warm) if rng.random() < 0.9 else rng.integers(2)]
        said = f"{season} " if rng.random() < 0.5 else ""
        title = f"Acme {said}{cells['baseColour']} {cells['articleType']} {n}"
        facts += row(n, title, split, season=season, **cells)
    return facts


def rows(*facts: Sequence[Fact]) -> Rows:
    return rows_of([*declared(), *(fact for part in facts for fact in part)], TEXTS)


@dataclass(frozen=True)
class Said:
    values: tuple[str, ...]
    probabilities: Floats
    explained: Floats


def by_title(given: Sequence[tuple[Fact, ...]]) -> Said:
    """Say the season that a title names, else lean towards Summer."""
    found = []
    for facts in given:
        title = next(f.object.value for f in facts if f.predicate == SCHEMA.name)  # type: ignore[union-attr]
        found.append(
            [0.9, 0.1] if "Summer" in title else [0.1, 0.9] if "Winter" in title else [0.6, 0.4]
        )
    return Said(SEASONS, np.array(found), np.full(len(found), 0.8))
