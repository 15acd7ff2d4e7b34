"""What the tests of guesses share: a small shop, a model fitted to it, a workspace that has both."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from pyoxigraph import Literal

from wearwhy.learn.additive import fit_matrix
from wearwhy.learn.corpus import corpus, target
from wearwhy.learn.embeddings.composed import Composed
from wearwhy.learn.features import Features
from wearwhy.learn.metrics import Curve
from wearwhy.learn.mined.witness import Mined
from wearwhy.learn.model_files import Learned, Model, save
from wearwhy.learn.plan import Plan, read_plan
from wearwhy.learn.table import Table
from wearwhy.learn.verdict import Combination
from wearwhy.rdf import ID, RDFS, SCHEMA, TYPE, WW, Fact
from wearwhy.workspace import Workspace, guesses

ROOT = Path(__file__).parents[1]
PLAN = read_plan(ROOT / "kg" / "learn.toml")
CLOTHS = ("wool", "linen", "cotton", "silk", "fleece")
CLASSES = ("Coat", "Shirt", "Trousers", "Skirt")
SURE = Curve((0.9, 0.2), (50, 100), (50, 99))
SIZE = 6


def shop(n: int = 160, seed: int = 3) -> list[Fact]:
    """A small shop: seasons and warmth follow the cloth, formality the class, with exceptions.

    Of every three items one says nothing of all that; some say one thing and not the other.
    """
    rng = np.random.default_rng(seed)
    facts = [
        Fact(WW.Coat, RDFS.subClassOf, WW.Outerwear),
        Fact(WW.Outerwear, RDFS.subClassOf, WW.Item),
        *(Fact(WW[c], RDFS.subClassOf, WW.Item) for c in CLASSES[1:]),
    ]
    for k in range(n):
        item, cloth, kind = ID[f"shop/{k}"], int(rng.integers(5)), int(rng.integers(4))
        warm = (cloth in (0, 4)) ^ (rng.random() < 0.1)
        facts += [
            Fact(item, WW.inCatalogue, ID["catalogue/shop"]),
            Fact(item, TYPE, WW[CLASSES[kind]]),
            Fact(item, WW.material, WW[f"material-{CLOTHS[cloth]}"]),
            Fact(item, WW.colour, WW[f"colour-{('navy', 'red')[k % 2]}"]),
            Fact(item, SCHEMA.name, Literal(f"{('soft', 'crisp')[k % 2]} {CLASSES[kind]}")),
        ]
        if k % 3:
            season = "season-winter" if warm else "season-summer"
            facts.append(Fact(item, WW.suitsSeason, WW[season]))
        if k % 3 and k % 5:
            level = ("business", "casual", "casual", "cocktail")[kind]
            facts += [
                Fact(item, WW.warmth, WW[f"warmth-{'warm' if warm else 'light'}"]),
                Fact(item, WW.formality, WW[f"dress-code-{level}"]),
            ]
    return facts


def model_of(
    facts: Sequence[Fact], plan: Plan = PLAN, *, curves: Sequence[Curve] = (SURE,), seed: int = 0
) -> Model:
    """A model with a fitted additive part, some rules and a random embedding: for arithmetic."""
    rng = np.random.default_rng(seed)
    data = corpus(Features(Table(facts), plan))
    embedding = Composed(
        rng.normal(size=SIZE),
        rng.normal(size=(data.embedded, SIZE)) * 0.5,
        rng.normal(size=(data.embedded, SIZE)),
    )
    learned, labels = {}, {}
    for attribute in plan.attributes:
        aim = target(data, attribute)
        if aim is None:
            continue
        width, many = len(aim.values), attribute.many
        matrix = data.matrix(attribute, aim.items)
        own = fit_matrix(matrix, aim.table, many=many, l2=np.ones(matrix.shape[1]))
        pairs = np.sort(rng.integers(0, matrix.shape[1], (30, 2)), axis=1)
        distinct = pairs[pairs[:, 0] < pairs[:, 1]]
        bodies = np.column_stack([distinct, np.full(len(distinct), -1)])
        counts = np.ones((len(bodies), width))
        learned[attribute.name] = Learned(
            attribute.name,
            attribute.iri,
            many,
            attribute.said,
            attribute.label,
            attribute.hides,
            aim.values,
            own,
            Mined(bodies, rng.normal(size=counts.shape) * 0.3, counts, counts),
            Combination(
                {"additive": 0.9, "mined": 0.5, "embeddings": 0.3}, rng.normal(size=width) * 0.1
            ),
            tuple(curves[n % len(curves)] for n in range(width if many else 1)),
        )
        row, value = np.nonzero(aim.table)
        labels[attribute.name] = np.column_stack([aim.items[row], value])
    vectors = embedding.fold([row[row < data.embedded] for row in data.rows(None, data.fitted)])
    known = tuple(data.items[n] for n in data.fitted)
    return Model(data.tokens, data.number, embedding, learned, known, vectors, labels, {"seed": 0})


@cache
def small() -> Model:
    """The model of the shop."""
    return model_of(shop())


def taught(folder: Path) -> Workspace:
    """Make a workspace with the bundled wardrobe and a model of its own, and guess."""
    workspace = Workspace.init(folder)
    shutil.copy(ROOT / "data" / "wardrobe.csv", folder / "wardrobe.csv")
    workspace.load(folder / "wardrobe.csv")
    save(small(), folder / "model")
    workspace.apply(guesses.reason(workspace).edit)
    return workspace
