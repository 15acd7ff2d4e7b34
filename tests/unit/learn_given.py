"""A small shop, and a model of it whose embedding is random: arithmetic, not quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from wearwhy.evidence import Kind
from wearwhy.learn.corpus import corpus, target
from wearwhy.learn.embeddings import Composed
from wearwhy.learn.features import Features, spoken_for
from wearwhy.learn.guess import Guess, guess
from wearwhy.learn.heldout import speakers
from wearwhy.learn.jointly import fitted, prepared
from wearwhy.learn.metrics import Curve
from wearwhy.learn.mined.stars import Mining
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.plan import Plan, read_plan
from wearwhy.learn.predict import weigh
from wearwhy.learn.table import Table
from wearwhy.learn.verdict import Combination
from wearwhy.rdf import ID, RDFS, SCHEMA, TYPE, WW, Fact, Literal, NamedNode, literal

ROOT = Path(__file__).parents[2]
PLAN = read_plan(ROOT / "kg" / "learn.toml")
CLOTHS = ("wool", "linen", "cotton", "silk", "fleece")
CLASSES = ("Coat", "Shirt", "Trousers", "Skirt")
SIZE = 6


def above() -> list[Fact]:
    """The classes above the shop's."""
    return [
        Fact(WW.Coat, RDFS.subClassOf, WW.Outerwear),
        Fact(WW.Outerwear, RDFS.subClassOf, WW.Item),
        *(Fact(WW[c], RDFS.subClassOf, WW.Item) for c in CLASSES[1:]),
    ]


def shop(n: int = 160, seed: int = 3) -> list[Fact]:
    """A small shop: seasons follow the cloth, formality the class, both with exceptions."""
    rng = np.random.default_rng(seed)
    facts = above()
    for k in range(n):
        item, cloth, kind = ID[f"shop/{k}"], int(rng.integers(5)), int(rng.integers(4))
        name = f"{('soft', 'crisp', 'bright')[k % 3]} {CLASSES[kind]}"
        facts += [
            Fact(item, WW.inCatalogue, ID["catalogue/shop"]),
            Fact(item, TYPE, WW[CLASSES[kind]]),
            Fact(item, WW.material, WW[f"material-{CLOTHS[cloth]}"]),
            Fact(item, WW.colour, WW[f"colour-{('navy', 'red')[k % 2]}"]),
            Fact(item, SCHEMA.name, Literal(name)),
            Fact(item, SCHEMA.brand, Literal(("Tarn", "Lumi")[int(rng.integers(2))])),
        ]
        if k % 3:
            warm = (cloth in (0, 4)) ^ (rng.random() < 0.1)
            season = WW["season-winter" if warm else "season-summer"]
            facts.append(Fact(item, WW.suitsSeason, season))
            level = ("business", "casual", "casual", "cocktail")[kind]
            facts.append(Fact(item, WW.formality, WW[f"dress-code-{level}"]))
    return facts


def column(name: str) -> NamedNode:
    """The property that keeps a source's column as it stood."""
    return WW[f"column/shop/{name}"]


def declared(name: str, fills: Sequence[NamedNode] = (), *, learned: bool = False) -> list[Fact]:
    """What a graph says of a column it keeps."""
    return [
        Fact(column(name), TYPE, WW.SourceColumn),
        Fact(column(name), RDFS.label, Literal(name)),
        *(Fact(column(name), WW.fillsProperty, prop) for prop in fills),
        *([Fact(column(name), WW.learned, literal(True))] if learned else []),
    ]


def sourced(n: int = 120, seed: int = 5, valid: float = 0.0) -> list[Fact]:
    """A shop whose `usage` is Formal for checked shirts and striped trousers, and `mood` is noise.

    `dress` is read into the same property as `usage`, and gives it away; `split` keeps a share of
    the rows aside.
    """
    rng = np.random.default_rng(seed)
    facts = [
        *declared("usage", [WW.formality], learned=True),
        *declared("dress", [WW.formality]),
        *declared("kind", [TYPE]),
    ]
    for k in range(n):
        item = ID[f"source/{k}"]
        kind, cut = ("Shirts", "Trousers")[rng.integers(2)], ("checked", "striped")[rng.integers(2)]
        formal = (kind == "Shirts") == (cut == "checked")
        usage = "Smart Formal" if formal ^ (rng.random() < 0.05) else "Casual"
        facts += [
            Fact(item, WW.inCatalogue, ID["catalogue/source"]),
            Fact(item, SCHEMA.name, Literal(f"Acme {cut} piece {'abc'[k % 3]}x{k}")),
            Fact(item, column("kind"), Literal(kind)),
            Fact(item, column("usage"), Literal(usage)),
            Fact(item, column("dress"), Literal(usage.lower())),
        ]
        if valid:
            split = "valid" if rng.random() < valid else "train"
            facts.append(Fact(item, WW["split"], Literal(split)))
    return facts


def model_of(facts: list[Fact], plan: Plan = PLAN, seed: int = 0) -> Model:
    """A model with fitted witnesses, a random embedding and weights for all four."""
    rng = np.random.default_rng(seed)
    data = corpus(Features(Table(facts), plan))
    embedding = Composed(
        rng.normal(size=2 * SIZE) * 0.1,
        rng.normal(size=(data.embedded, 2 * SIZE)) * 0.3,
        rng.normal(size=(data.embedded, 2 * SIZE)),
    )
    learned, labels = {}, {}
    for attribute in data.attributes:
        aim = target(data, attribute)
        if aim is None:
            continue
        ready = prepared(
            data.matrix(attribute, aim.items),
            aim.table,
            speakers(data),
            many=attribute.many,
            mining=Mining(),
        )
        joint = fitted(ready, (1.0, 1.0))
        width = len(aim.values)
        sure = Curve((0.9, 0.2), (50, 100), (50, 99))
        learned[attribute.name] = Learned(
            attribute.name,
            attribute.iri,
            attribute.many,
            attribute.said,
            attribute.label,
            attribute.hides,
            aim.values,
            joint.additive,
            joint.mined,
            Combination(
                {"rules": 0.7, "mined": 0.8, "additive": 0.9, "embeddings": 0.3},
                rng.normal(size=width) * 0.1,
            ),
            (sure,) * (width if attribute.many else 1),
        )
        row, value = np.nonzero(aim.table)
        labels[attribute.name] = np.column_stack([aim.items[row], value])
    everything = data.rows(None, range(len(data.items)))
    return Model(
        data.tokens,
        data.number,
        embedding,
        learned,
        data.items,
        embedding.fold([row[row < data.embedded] for row in everything]),
        labels,
        {"seed": seed, "metrics": {}},
    )


def silenced(model: Model, *names: str) -> Model:
    """The model with some witnesses weighing nothing."""
    return replace(
        model,
        learned={
            name: replace(
                one,
                combination=replace(
                    one.combination,
                    weights={
                        w: 0.0 if w in names else x for w, x in one.combination.weights.items()
                    },
                ),
            )
            for name, one in model.learned.items()
        },
    )


class Layered(Table):
    """A table some of whose facts were derived or predicted."""

    def __init__(self, facts: list[Fact], kinds: dict[Fact, Kind], sure: float = 1.0) -> None:
        super().__init__([*facts, *kinds])
        self._kinds, self._sure = kinds, sure

    def kind(self, fact: Fact) -> Kind:
        """Return the fact's kind."""
        return self._kinds.get(fact, Kind.ASSERTED)

    def confidence(self, fact: Fact) -> float:
        """Return how sure what derived the fact is."""
        return self._sure if self.kind(fact) is Kind.DERIVED else 1.0


FACTS = shop()
MODEL = model_of(FACTS)
ITEMS = Features(Table(FACTS), PLAN).items()
GUESSES = guess(FACTS, MODEL, ITEMS, PLAN)


def margin_of(model: Model, given: Guess, facts: list[Fact]) -> float:
    """The margin of a guess's value over its runner-up, asked anew of other facts."""
    learned = next(one for one in model.learned.values() if one.iri == given.fact.predicate)
    item = given.fact.subject
    assert isinstance(item, NamedNode)
    tokens = Features(Table(facts), PLAN).tokens(item)
    row = spoken_for(tokens, learned.hides, model.number)
    logits = weigh(model, learned, [row]).logits[0]
    nodes = [learned.node(value) for value in learned.values]
    margin = logits[nodes.index(given.fact.object)]  # type: ignore[arg-type]
    if given.runner_up is not None:
        margin -= logits[nodes.index(given.runner_up)]
    return float(margin)
