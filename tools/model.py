"""Train the small model that travels with the package, from the bundled catalogue and wardrobe.

    OMP_NUM_THREADS=1 python tools/model.py [--into data/model]

Needs the extra `neural`. The model's card says what it was made from and what it is worth on
items it never saw.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox

from wearwhy.feeds.load import read
from wearwhy.feeds.loaded import Target
from wearwhy.feeds.names import Names
from wearwhy.learn.embeddings import Progress, silent
from wearwhy.learn.features import Features
from wearwhy.learn.model_files import ARRAYS, CARD, Model, save
from wearwhy.learn.plan import Plan, read_plan
from wearwhy.learn.report import comparison
from wearwhy.learn.table import Table
from wearwhy.learn.train import train
from wearwhy.rdf import Fact
from wearwhy.workspace import Workspace
from wearwhy.workspace.learning import Resident

ROOT = Path(__file__).parent.parent
WARDROBE, CATALOGUE = "demo", "shop"


def ontology(root: Path = ROOT) -> list[Fact]:
    """Return the facts of the ontology and its schemes."""
    files = [root / "ontology" / "fashion.ttl", *sorted((root / "ontology/schemes").glob("*.ttl"))]
    return [
        Fact(t.subject, t.predicate, t.object)
        for file in files
        for t in ox.parse(path=str(file), format=ox.RdfFormat.TURTLE)
        if isinstance(t.predicate, ox.NamedNode)
    ]


def bundled(root: Path = ROOT) -> list[Fact]:
    """Return the facts of the ontology, the bundled catalogue and the bundled wardrobe."""
    facts = ontology(root)
    names = Names.from_facts(facts)
    for kind, name in (("wardrobe", WARDROBE), ("catalogue", CATALOGUE)):
        target = Target(kind, name)  # type: ignore[arg-type]
        loaded = read(
            root / "data" / f"{kind}.csv",
            kind,
            names=names,
            into=target,
            mappings=root / "kg" / "mappings",
        )
        facts += loaded.facts
        for unknown in loaded.unknown:
            print(f"unknown in {kind}: {unknown}", file=sys.stderr)
    return facts


def plan(root: Path = ROOT) -> Plan:
    """Return the bundled plan."""
    return read_plan(root / "kg" / "learn.toml")


def trained(progress: Progress = silent) -> Model:
    """Return the model of the bundled catalogue and wardrobe, with the stylist's rules asked."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.init(Path(folder) / "W")
        for kind, name in (("catalogue", CATALOGUE), ("wardrobe", WARDROBE)):
            workspace.load(ROOT / "data" / f"{kind}.csv", kind, f"{kind}:{name}")
        return train(
            Features(Table(bundled()), plan()),
            revision="bundled",
            ruled=Resident(workspace.layer(WARDROBE)).unstated,
            progress=progress,
        )


def main() -> None:
    """Train, save, print what it is worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "data" / "model")
    into = parser.parse_args().into
    start = time.monotonic()

    def progress(stage: str, done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{stage}: {done}/{total}   ", end="", file=sys.stderr)

    model = trained(progress)
    save(model, into)
    print(comparison(model))
    size = sum((into / name).stat().st_size for name in (ARRAYS, CARD))
    print(f"{size / 1e6:.2f} MB in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
