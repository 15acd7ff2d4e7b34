"""Outfits in which things of two kinds met: counted as trying every two items counts them."""

from __future__ import annotations

import random
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.outfit.sightings import Sightings, Trait, sightings
from wearwhy.rdf import ID, TYPE, WW, Fact, NamedNode, literal
from wearwhy.rules.layer import Change, Layer

ITEMS = [ID[f"item{n}"] for n in range(7)]
COLOURS = [WW["colour-navy"], WW["colour-red"]]
STUFFS = [WW["material-wool"], WW["material-silk"]]


def world(seed: int) -> list[Fact]:
    rng = random.Random(seed)
    facts = [Fact(item, WW.colour, rng.choice(COLOURS)) for item in ITEMS]
    facts += [Fact(item, WW.material, value) for item in ITEMS for value in rng.sample(STUFFS, 1)]
    for n in range(6):
        outfit = ID[f"outfit{n}"]
        facts += [Fact(outfit, TYPE, WW.Outfit), Fact(outfit, WW["split"], literal("train"))]
        facts += [Fact(outfit, WW.hasItem, item) for item in rng.sample(ITEMS, rng.randint(0, 4))]
    facts.append(Fact(ID.later, TYPE, WW.Outfit))
    facts.append(Fact(ID.later, WW["split"], literal("valid")))
    facts += [Fact(ID.later, WW.hasItem, item) for item in ITEMS]
    return facts


def drawn(seed: int) -> tuple[Layer, Sightings]:
    root = Layer.root((), (), world(seed))
    look = root.child(Change()).child(Change(add=(Fact(ID.look, WW.hasItem, ITEMS[0]),)))
    return root, sightings(look)


def shows(
    layer: Layer, outfit: NamedNode, first: tuple[Trait, ...], second: tuple[Trait, ...]
) -> bool:
    worn = layer.objects(outfit, WW.hasItem)
    return any(
        all(layer.holds(Fact(x, *trait)) for trait in first)
        and all(layer.holds(Fact(y, *trait)) for trait in second)
        for x, y in permutations(worn, 2)
    )


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_outfits_are_those_that_trying_every_two_items_finds(seed: int) -> None:
    rng = random.Random(seed)
    layer, found = drawn(seed)
    for _ in range(6):
        first = ((WW.colour, rng.choice(COLOURS)), (WW.material, rng.choice(STUFFS)))
        second = ((WW.colour, rng.choice(COLOURS)),)
        slow = [o for o in found.outfits if shows(layer, o, first, second)]
        assert [found.outfits[n] for n in found.together(first, second)] == slow
        for outfit in slow:
            shown = found.items(outfit, first, second)
            assert shown is not None
            assert all(layer.holds(Fact(shown[0], *trait)) for trait in first)
            assert all(layer.holds(Fact(shown[1], *trait)) for trait in second)


def test_what_is_held_out_or_under_judgement_is_no_sighting() -> None:
    layer, found = drawn(1)
    assert ID.later not in found.outfits
    assert ID.look not in found.outfits
    assert sightings(layer.child(Change()).child(Change())) is found
