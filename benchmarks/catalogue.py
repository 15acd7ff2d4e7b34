"""A catalogue of any size with outfits, made at run time, the same for the same size and seed.

An item has a class of the ontology, colour, material, pattern, style, fit, department, a house
and a line of its own (things), and name, price, stock, size and brand (words); it costs ten facts.
Popular values are on very many items, as in a shop. Outfits are drawn so that lines and colours
meet more often than chance would have it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from wearwhy.learn.outfits import OutfitModel
from wearwhy.rdf import ID, SCHEMA, SKOS, TYPE, WW, XSD, Fact, Literal, NamedNode, literal
from wearwhy.rules.budget import Budget
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.bundle import bundle

SEED: Final = 20261122
SHOP: Final = ID["catalogue/shop"]
SOURCE: Final = "catalogue:shop"
PLACES: Final = ("top", "bottom", "feet", "outer", "full-body", "bag")
ATTRIBUTES: Final = ("colour", "material", "pattern", "style", "fit")
WIDTH: Final = 64
WIDE: Final = Budget(conclusions=1_000_000_000, seconds=3600.0)
SIZES: Final = ("34;36;38", "36;38;40;42", "S;M;L", "XS;S;M;L;XL")


@lru_cache(maxsize=1)
def base() -> Layer:
    """Return the bundled ontology and rules, closed."""
    known = bundle()
    return Layer.root(known.rules, known.measures, known.facts)


def item(number: int) -> NamedNode:
    """Return an item of the catalogue."""
    return ID[f"shop/{number:06}"]


def place(number: int) -> str:
    """Return where an item is worn."""
    return PLACES[number % len(PLACES)]


def _values(name: str) -> list[NamedNode]:
    found = base().subjects(SKOS.inScheme, WW[f"{name}-scheme"])
    return sorted((n for n in found if isinstance(n, NamedNode)), key=str)


def _classes(where: str) -> list[NamedNode]:
    found = base().subjects(WW.fillsSlot, WW[f"slot-{where}"])
    return sorted((n for n in found if isinstance(n, NamedNode)), key=str)


def facts(size: int, outfits: int, seed: int = SEED) -> list[Fact]:
    """Return the facts of a catalogue: about ten an item, and five an outfit."""
    rng = np.random.default_rng(seed)
    values = {p: _values(p) for p in ATTRIBUTES}
    classes = {where: _classes(where) for where in PLACES}
    lines = [ID[f"line/{n}"] for n in range(max(1, size // 200))]

    def drawn(known: list[NamedNode]) -> list[NamedNode]:
        return [known[n] for n in (len(known) * rng.random(size) ** 2).astype(int)]

    columns = {p: drawn(known) for p, known in values.items()}
    line = drawn(lines)
    kinds = rng.random(size)
    price, stock = rng.integers(9, 250, size), rng.integers(0, 6, size)
    found: list[Fact] = []
    for n in range(size):
        this, known = item(n), classes[place(n)]
        found += [
            Fact(this, TYPE, known[int(kinds[n] * len(known))]),
            Fact(this, WW.inCatalogue, SHOP),
            Fact(this, SCHEMA.name, Literal(f"{place(n)} {n}")),
            Fact(this, SCHEMA.isVariantOf, line[n]),
            Fact(this, SCHEMA.price, Literal(str(price[n]), datatype=XSD.decimal)),
            Fact(this, SCHEMA.inventoryLevel, literal(int(stock[n]))),
            Fact(this, SCHEMA["size"], Literal(SIZES[n % len(SIZES)])),
            Fact(this, SCHEMA.brand, Literal(f"House {n % 40}")),
        ]
        found += [Fact(this, WW[p], column[n]) for p, column in columns.items()]
    worn = (size * rng.random((outfits, 5)) ** 2).astype(int)
    for n, members in enumerate(worn.tolist()):
        outfit = ID[f"outfit/shop-{n}"]
        found.append(Fact(outfit, TYPE, WW.Outfit))
        places = {place(number): number for number in members}
        found += [Fact(outfit, WW.hasItem, item(number)) for number in places.values()]
    return found


def layer(size: int, outfits: int, seed: int = SEED) -> Layer:
    """Return the closed layer of a catalogue."""
    return base().child(Change(add=tuple(facts(size, outfits, seed))), budget=WIDE)


def model(seed: int = SEED) -> OutfitModel:
    """Return a model of the size of a learned one, its vectors drawn at random."""
    rng = np.random.default_rng(seed)
    tokens = [(WW[p], value) for p in ATTRIBUTES for value in _values(p)]
    tokens += [(TYPE, kind) for where in PLACES for kind in _classes(where)]
    tokens = sorted(set(tokens), key=lambda token: (token[0].value, token[1].value))
    vectors = rng.normal(0, 0.15, (len(tokens), WIDTH)).astype(np.float32)
    return OutfitModel(tuple(tokens), vectors, None, {}, {}, {}, {})
