"""A catalogue of any size, made of rows that the ontology knows, closed over the bundled base."""

from __future__ import annotations

import random
from functools import lru_cache

from pyoxigraph import Literal, NamedNode

from wearwhy.rdf import ID, SCHEMA, SKOS, TYPE, WW, XSD, Fact, literal
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.bundle import bundle

SHOP = ID["catalogue/shop"]
HOME = ID["wardrobe/mine"]
PLACES = ("top", "bottom", "feet", "outer", "full-body")
SIZES = ("36;37;38", "38;39;40", "S;M;L", "M;L;XL")
BRANDS = ("Acme", "Lumi", "Strida")


@lru_cache(maxsize=1)
def base() -> Layer:
    """Return the bundled ontology and rules, closed."""
    known = bundle()
    return Layer.root(known.rules, known.measures, known.facts)


def item(n: int) -> NamedNode:
    """Return an item of the catalogue."""
    return ID[f"shop/{n:06}"]


def facts(size: int, outfits: int, seed: int = 0) -> list[Fact]:
    """Return a catalogue with outfits; one item in twenty is owned."""
    rng = random.Random(seed)
    layer = base()

    def scheme(name: str) -> list[NamedNode]:
        found = layer.subjects(SKOS.inScheme, WW[f"{name}-scheme"])
        return sorted((n for n in found if isinstance(n, NamedNode)), key=str)

    values = {p: scheme(p)[:12] for p in ("colour", "material", "pattern", "style")}
    classes = {
        place: sorted(
            (
                n
                for n in layer.subjects(WW.fillsSlot, WW[f"slot-{place}"])
                if isinstance(n, NamedNode)
            ),
            key=str,
        )
        for place in PLACES
    }
    found: list[Fact] = []
    by_place: dict[str, list[NamedNode]] = {place: [] for place in PLACES}
    for n in range(size):
        place, this = PLACES[n % len(PLACES)], item(n)
        by_place[place].append(this)
        home = (WW.inWardrobe, HOME) if n % 20 == 19 else (WW.inCatalogue, SHOP)
        found += [
            Fact(this, TYPE, rng.choice(classes[place])),
            Fact(this, *home),
            Fact(this, SCHEMA.name, Literal(f"{place} {n}")),
            Fact(this, WW.colour, rng.choice(values["colour"])),
            Fact(this, WW.material, rng.choice(values["material"])),
        ]
        if rng.random() < 0.5:
            found.append(Fact(this, WW.pattern, rng.choice(values["pattern"])))
        if rng.random() < 0.5:
            found.append(Fact(this, WW.style, rng.choice(values["style"])))
        if rng.random() < 0.9:
            price = Literal(str(rng.randint(10, 200)), datatype=XSD.decimal)
            found.append(Fact(this, SCHEMA.price, price))
        if rng.random() < 0.9:
            found.append(Fact(this, SCHEMA.inventoryLevel, literal(rng.randint(0, 3))))
        if rng.random() < 0.8:
            found.append(Fact(this, SCHEMA["size"], Literal(rng.choice(SIZES))))
        if rng.random() < 0.9:
            found.append(Fact(this, SCHEMA.brand, Literal(rng.choice(BRANDS))))
    for n in range(outfits):
        outfit = ID[f"outfit/shop-{n}"]
        found.append(Fact(outfit, TYPE, WW.Outfit))
        worn = [rng.choice(by_place[place]) for place in ("top", "bottom", "feet")]
        found += [Fact(outfit, WW.hasItem, one) for one in worn]
    return found


def shop(size: int, outfits: int, seed: int = 0) -> Layer:
    """Return the closed layer of a catalogue."""
    return base().child(Change(add=tuple(facts(size, outfits, seed))))
