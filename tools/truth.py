"""Print how rules, guesses and both stand against what a stylist said, item by item.

`make truth`, or `python tools/truth.py SHARED`. `data/truth.csv` judges the bundled wardrobe and a
part of the bundled shop: every fourth item is one where the obvious rule is wrong or where there
is no answer. `data/truth-real.csv` judges the 109 items of a real wardrobe, which lies in SHARED
and is left out where there is none. Both were judged before anybody saw what a rule or a model
says of their items.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.compared import compared
from wearwhy.learn.model_files import Model, load
from wearwhy.learn.plan import Attribute, Plan, read_plan
from wearwhy.learn.truth import (
    DEFAULT_BASE,
    Standing,
    Truth,
    by_rules,
    judged_attributes,
    read_truth,
    shop_item,
    standings,
    text,
)
from wearwhy.rdf import Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.settings import assets
from wearwhy.workspace import Workspace

WARDROBE, SHOP, REAL = "demo", "shop", "real"
CLOSET = Path("data", "wardrobes", "sheworewhat", "ClosetData.csv")


def stated(layer: Layer, items: Iterable[NamedNode], attribute: Attribute) -> Iterator[Fact]:
    """Yield what sources say of an attribute of items."""
    for item in items:
        for fact in layer.match(item, attribute.iri, None):
            if layer.kind(fact) is Kind.ASSERTED:
                yield fact


def unstated(layer: Layer, items: Sequence[NamedNode]) -> Callable[[Attribute], Layer]:
    """Return, for an attribute, the layer as it closes where no source states it of the items."""

    def hidden(attribute: Attribute) -> Layer:
        labels = tuple(stated(layer, items, attribute))
        return layer.child(Change(remove=labels)) if labels else layer

    return hidden


def untaught(
    layer: Layer, truths: Sequence[Truth], plan: Plan, item: Callable[[Truth], NamedNode]
) -> Iterator[tuple[Plan, list[Truth]]]:
    """Yield each attribute's plan with the judged items of which no source states it."""
    for attribute in judged_attributes(plan):
        left = [t for t in truths if not any(stated(layer, [item(t)], attribute))]
        yield replace(plan, attributes=(attribute,)), left


def bundled(
    model: Model, plan: Plan, truths: Sequence[Truth]
) -> Iterator[tuple[str, Sequence[Standing]]]:
    """Yield the tables of the bundled items, each with its heading."""
    root = assets()
    item = shop_item(DEFAULT_BASE, WARDROBE, SHOP)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.init(Path(folder) / "W")
        workspace.load(root / "data" / "catalogue.csv", "catalogue", f"catalogue:{SHOP}")
        workspace.load(root / "data" / "wardrobe.csv", "wardrobe", f"wardrobe:{WARDROBE}")
        layer = workspace.layer(WARDROBE)
    items = [item(truth) for truth in truths]
    labels_hidden, bar = unstated(layer, items), plan.demo_threshold
    found = compared(labels_hidden, model, truths, plan, item, threshold=bar)
    yield f"{len(truths)} bundled items, what sources state of the attribute hidden", found
    fresh = [
        one
        for lone, left in untaught(layer, truths, plan, item)
        for one in compared(labels_hidden, model, left, lone, item, threshold=bar)
    ]
    yield "Those of them of which no source states it: the model learned nothing from them", fresh
    yield "Rule by rule, where nothing is stated", ruled(layer, truths, plan, item)


def ruled(
    layer: Layer, truths: Sequence[Truth], plan: Plan, item: Callable[[Truth], NamedNode]
) -> list[Standing]:
    """Return how each rule stands, most conclusions first."""
    said = by_rules(layer, [item(truth) for truth in truths], plan)
    return list(standings((s for s in said if s[0] != "rules"), truths, plan, item))


def real(
    model: Model, plan: Plan, truths: Sequence[Truth], closet: Path
) -> Iterator[tuple[str, Sequence[Standing]]]:
    """Yield the tables of the real wardrobe, each with its heading."""
    item = shop_item(DEFAULT_BASE, REAL, REAL)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.init(Path(folder) / "W")
        workspace.load(closet, "sheworewhat", f"wardrobe:{REAL}")
        layer = workspace.layer(REAL)
    items = [item(truth) for truth in truths]
    hidden, bar = unstated(layer, items), plan.demo_threshold
    found = compared(hidden, model, truths, plan, item, threshold=bar)
    yield f"{len(truths)} items of a real wardrobe, of which nothing is stated", found
    yield "Rule by rule, of these", ruled(layer, truths, plan, item)


def main() -> None:
    """Load, close, guess, and print the standings."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("shared", nargs="?", type=Path, default=Path("..", "shared"))
    reader.add_argument("--wrong", action="store_true", help="list what each rule is wrong about")
    options = reader.parse_args()
    root = assets()
    plan, model = read_plan(root / "kg" / "learn.toml"), load(root / "data" / "model")
    tables = list(bundled(model, plan, read_truth(root / "data" / "truth.csv")))
    closet, judged = options.shared / CLOSET, root / "data" / "truth-real.csv"
    if closet.is_file() and judged.is_file():
        tables += real(model, plan, read_truth(judged), closet)
    print(f"Guesses where held-out precision passes {plan.demo_threshold:.2f}; 95 % intervals.")
    for heading, found in tables:
        print(f"\n{heading}\n\n{text(found)}")
        for one in found if options.wrong else ():
            if one.author.startswith("rule:") and one.wrong:
                print(f"  {one.author}: {', '.join(' '.join(pair) for pair in one.wrong)}")
    if not closet.is_file():
        print(f"\nThe real wardrobe is not at {closet}: give the folder it is shared in.")


if __name__ == "__main__":
    main()
