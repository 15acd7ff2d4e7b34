"""What a rule demands is chosen from as widely as what a way to be dressed requires."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import date

import pytest

from wearwhy.outfit.compose import prepare, recommend
from wearwhy.outfit.index import Resources
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, TYPE, WW, Fact
from wearwhy.rules.layer import Layer
from wearwhy.workspace import edits
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.demo import DAY, demonstrate
from wearwhy.workspace.workspace import Workspace

OUTER = WW["slot-outer"]
COLD = ((2, "office"), (4, "everyday"), (6, "dinner"), (8, "wedding"))


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The demonstration, whose warmest coat was passed over."""
    found = demonstrate(tmp_path_factory.mktemp("cold") / "w", tried=0).workspace
    skipped = WW["opinion-skip"]
    found.apply(edits.opine("demo", ID["demo/w22"], -0.5, DAY, None, given_as=skipped))
    return found


def asked(space: Workspace, degrees: int, occasion: str) -> Request:
    wishes = Wishes(occasions=(occasion,), on=date(2026, 11, 27), weather=f"{degrees}C")
    return space.ask(wishes, "demo").requests[0]


@pytest.mark.parametrize("occasion", ["office", "dinner", "wedding"])
def test_in_frost_there_is_a_look_and_every_look_has_a_coat(
    space: Workspace, occasion: str
) -> None:
    layer = space.layer("demo")
    looks = recommend(layer, asked(space, 0, occasion), space.resources).looks
    assert looks
    for look in looks:
        assert any(layer.holds(Fact(item, TYPE, WW.Outerwear)) for item in look.items)


@pytest.mark.parametrize("degrees", [2, 4, 6, 8])
def test_less_to_choose_from_never_makes_a_better_look(space: Workspace, degrees: int) -> None:
    layer, request = space.layer("demo"), asked(space, degrees, "office")
    best = recommend(layer, request, space.resources).looks[0]
    blazers = [ID[f"demo/{name}"] for name in ("w16", "w17", "w18")]
    for item in dict.fromkeys((*best.items, *blazers)):
        fewer = recommend(layer, replace(request, excluded=(item,)), space.resources).looks[0]
        assert fewer.score <= best.score + 1e-9, item


@pytest.mark.parametrize("most", [8, 4, 2])
@pytest.mark.parametrize(("degrees", "occasion"), COLD)
def test_as_many_are_kept_for_a_demanded_slot_as_for_a_required_one_and_coats_among_them(
    space: Workspace, degrees: int, occasion: str, most: int
) -> None:
    layer = space.layer("demo")
    ready = prepare(layer, asked(space, degrees, occasion), keeping(space, layer, most))
    assert OUTER in ready.demanded
    pool, index = ready.pool, ready.arena.index
    fitting = [
        n
        for n, item in enumerate(pool.items)
        if OUTER in index.places[index.at[item]] and not pool.verdicts.barred[n]
    ]
    offered = pool.offered[OUTER]
    assert len(offered) == min(most, len(fitting))
    coats = [n for n in offered if layer.holds(Fact(pool.items[n], TYPE, WW.Outerwear))]
    assert len(coats) >= most // 2


def keeping(space: Workspace, layer: Layer, most: int) -> Resources:
    """Return what answers, with so many candidates for a slot that must be filled."""
    index = space.resources.index(layer)
    index = replace(index, scoring=replace(index.scoring, per_slot=most), _made={})
    return replace(space.resources, _kept=OrderedDict({id(layer): (layer, index)}))
