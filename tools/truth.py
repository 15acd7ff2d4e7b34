"""Print how rules and guesses stand against data/truth.csv: precision and abstention, with intervals.

`make truth`. The table was judged item by item before the rules were written; every fourth item is
one where the obvious rule is wrong or where there is no answer.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from wearwhy.learn.guess import guess
from wearwhy.learn.model_files import load
from wearwhy.learn.plan import read_plan
from wearwhy.learn.truth import (
    DEFAULT_BASE,
    by_guesses,
    by_rules,
    read_truth,
    shop_item,
    standings,
    text,
)
from wearwhy.settings import assets
from wearwhy.workspace import Workspace

WARDROBE, SHOP = "demo", "shop"


def main() -> None:
    """Load the bundled wardrobe and shop, close them, guess, and print the standings."""
    root = assets()
    plan = read_plan(root / "kg" / "learn.toml")
    truths = read_truth(root / "data" / "truth.csv")
    item = shop_item(DEFAULT_BASE, WARDROBE, SHOP)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.init(Path(folder) / "W")
        workspace.load(root / "data" / "catalogue.csv", "catalogue", f"catalogue:{SHOP}")
        workspace.load(root / "data" / "wardrobe.csv", "wardrobe", f"wardrobe:{WARDROBE}")
        layer = workspace.layer(WARDROBE)
    items = [item(truth) for truth in truths]
    bar = plan.demo_threshold
    guesses = guess(layer, load(root / "data" / "model"), items, plan, threshold=bar)
    said = [*by_rules(layer, items, plan), *by_guesses(guesses)]
    print(f"{len(truths)} judged items; guesses where held-out precision passes {bar:.2f} and")
    print("where no rule speaks for certain.\n")
    print(text(standings(said, truths, plan, item)))


if __name__ == "__main__":
    main()
