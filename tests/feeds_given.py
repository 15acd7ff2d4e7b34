"""What the tests of the feeds share: a small vocabulary, the mappings, the shared data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from wearwhy.feeds.load import read
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.names import Names
from wearwhy.rdf import Fact, Node, curie, expand

ROOT = Path(__file__).parents[1]
MAPPINGS = ROOT / "kg" / "mappings"
SHARED = ROOT.parent / "shared" / "data"
WARDROBE = Target("wardrobe", "mine")
CATALOGUE = Target("catalogue", "shop")


def facts(paths: Iterable[Path]) -> list[Fact]:
    return [
        Fact(quad.subject, quad.predicate, quad.object)
        for path in paths
        for quad in ox.parse(path=str(path))
    ]


@cache
def small() -> Names:
    return Names.from_facts(facts([ROOT / "tests" / "corpus" / "feeds" / "vocabulary.ttl"]))


@cache
def whole() -> Names:
    ontology = ROOT / "ontology"
    return Names.from_facts(
        facts([ontology / "fashion.ttl", *sorted((ontology / "schemes").glob("*.ttl"))])
    )


def shared(path: str) -> Path:
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"../shared/data/{path} is not here")
    return found


def loaded(
    text: str | bytes, folder: Path, mapping: str = "wardrobe", name: str = "w.csv"
) -> Loaded:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    into = CATALOGUE if mapping in ("shopify", "google-merchant") else WARDROBE
    return read(path, mapping, names=small(), into=into, mappings=MAPPINGS)


def values(result: Loaded, item: Node, prop: str) -> list[str]:
    wanted = expand(prop)
    return [curie(f.object) for f in result.facts if f.subject == item and f.predicate == wanted]
