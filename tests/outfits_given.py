"""A small shop whose outfits follow a rule: light goes with light, and dark with dark."""

from __future__ import annotations

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.learn.outfits import OutfitModel, Projection, values
from wearwhy.learn.outfits.material import Material, Photographs, material
from wearwhy.learn.outfits.plan import Plan, read
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, TYPE, WW, Fact
from wearwhy.workspace.bundle import bundle

PLAN: Plan = read(bundle().folder / "kg" / "outfits.toml")
KINDS = ("Shirt", "Trousers", "Sneakers")
COLOURS = ("white", "cream", "navy", "black")
SERIES = WW["column/shop/series"]
PROPERTIES = (TYPE, WW.colour, SERIES)


def items(n: int = 48) -> dict[NamedNode, list[Fact]]:
    """Return items with their facts: every kind in every colour, several times."""
    found = {}
    for k in range(n):
        item = ID[f"shop/{k:03}"]
        found[item] = [
            Fact(item, TYPE, WW[KINDS[k % 3]]),
            Fact(item, WW.colour, WW[f"colour-{COLOURS[k // 3 % 4]}"]),
            Fact(item, SERIES, Literal(f"s{k // 12}")),
        ]
    return found


def graph(n: int = 48) -> Table:
    """Return the facts of `items`."""
    return Table(fact for facts in items(n).values() for fact in facts)


def outfits(n: int = 240, seed: int = 0, *, mixed: float = 0.1) -> dict[NamedNode, list[NamedNode]]:
    """Return outfits of three kinds, all of them light or all of them dark, but for a few."""
    rng = np.random.default_rng(seed)
    light, dark = (
        [[k for k in range(48) if (k // 3 % 4 < 2) == which and k % 3 == kind] for kind in range(3)]
        for which in (True, False)
    )
    found = {}
    for m in range(n):
        sides = [(light, dark)[m % 2]] * 3
        if rng.random() < mixed:
            sides = [(light, dark)[rng.integers(2)] for _ in range(3)]
        found[ID[f"shop/o{m:03}"]] = [
            ID[f"shop/{rng.choice(side[kind]):03}"] for kind, side in enumerate(sides)
        ]
    return found


def made(*, photographs: bool = False, count: int = 240, mixed: float = 0.1) -> Material:
    """Return what is learned from."""
    read_values = values.of(graph(), tuple(items()), PROPERTIES)
    pictures = None
    if photographs:
        rows = np.random.default_rng(1).standard_normal((48, 4)).astype(np.float32)
        pictures = Photographs(rows, np.zeros(6, np.float32), np.eye(6, 4, dtype=np.float32))
    return material(
        read_values,
        values.vocabulary(read_values, PLAN),
        outfits(count, mixed=mixed),
        {},
        kinds={item: WW[KINDS[n % 3]] for n, item in enumerate(items())},
        photographs=pictures,
        plan=PLAN,
    )


def model(seed: int = 0, *, width: int = 5, photographs: bool = True) -> OutfitModel:
    """Return a model of the shop with vectors drawn at random."""
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return rng.standard_normal(shape).astype(np.float32)

    read_values = values.of(graph(), tuple(items()), PROPERTIES)
    tokens = values.vocabulary(read_values, PLAN)
    return OutfitModel(
        tokens,
        drawn(len(tokens), width),
        Projection(drawn(1280), drawn(1280, width) / np.float32(40)) if photographs else None,
        {item: drawn(width) for n, item in enumerate(items()) if n % 2},
        {"pair": 1.5, "rule": 1.0, "neural": 0.0},
        {WW["walk-met"]: 0.7},
        {"seed": seed},
    )
