"""What a wearer would see at once: looks of a small wardrobe, held against a stylist's sense."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pytest

from wearwhy.evidence import Kind
from wearwhy.explain.document import evidence_json
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.outfit.unasked import unasked
from wearwhy.rdf import SCHEMA, TYPE, WW, NamedNode
from wearwhy.rules.layer import Change
from wearwhy.walk.graph import named
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.workspace import Workspace

pytestmark = pytest.mark.slow

CLOTHES = """id,name,type,colour,material,pattern,sleeve,occasion
1,Charcoal suit,suit,charcoal,wool,plain,,
2,White shirt,shirt,white,cotton,plain,long sleeve,
3,Linen shirt,shirt,light blue,linen,plain,long sleeve,
4,Black tie,tie,black,silk,plain,,
5,Dotted tie,tie,navy,silk,polka dot,,
6,Black Oxfords,oxfords,black,leather,plain,,
7,Brown loafers,loafers,brown,suede,plain,,
8,White trainers,sneakers,white,leather,plain,,
9,Running shoes,running shoes,grey,mesh,plain,,
10,Running tights,running tights,black,polyester,plain,,
11,Base layer,base layer,grey,merino,plain,long sleeve,
12,Running jacket,running jacket,yellow,nylon,plain,,
13,Swim shorts,swim trunks,teal,polyester,plain,,
14,Flip-flops,flip flops,black,rubber,plain,,
15,Overcoat,overcoat,camel,wool,plain,,
16,Down parka,parka,olive,nylon,plain,,
17,Jeans,jeans,indigo,denim,plain,,
18,Grey trousers,trousers,grey,wool,plain,,
19,T-shirt,t-shirt,black,cotton,plain,short sleeve,
20,Cashmere tee,t-shirt,grey,cashmere,plain,short sleeve,
21,Beanie,beanie,burgundy,wool,plain,,
22,Gloves,gloves,black,wool,plain,,
23,Belt,belt,brown,leather,plain,,
24,Dungarees,dungarees,blue,denim,plain,,
25,Burgundy boots,chelsea boots,burgundy,leather,plain,,
26,Scarf,scarf,grey,wool,plain,,
"""
# What the house, the slopes, the evening and the summer ask for besides.
MORE = """27,Pyjamas,pyjamas,blue,cotton,striped,,
28,Slippers,slippers,brown,felt,plain,,
29,Ski trousers,ski trousers,black,nylon,plain,,
30,Dinner jacket,dinner jacket,black,wool,plain,,
31,Dress trousers,suit trousers,black,wool,plain,,
32,Bow tie,bow tie,black,silk,plain,,
33,Linen suit,suit,beige,linen,plain,,
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return holding(CLOTHES, tmp_path_factory.mktemp("stylist"))


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return holding(CLOTHES + MORE, tmp_path_factory.mktemp("wide"))


def holding(clothes: str, folder: Path) -> Workspace:
    file = folder / "clothes.csv"
    file.write_text(clothes, encoding="utf-8")
    found = Workspace.init(folder / "space")
    _, edit = found.read_source(file, "wardrobe", "wardrobe:mine")
    found.apply(edit)
    return found


def request(space: Workspace, occasion: str, day: str, weather: str, *lock: str) -> Request:
    occasions = (occasion,) if occasion else ()
    wishes = Wishes(occasions, date.fromisoformat(day), weather or None, lock=lock)
    return space.ask(wishes, "mine").requests[0]


def looks(space: Workspace, occasion: str, day: str, weather: str, *lock: str) -> tuple[Look, ...]:
    return space.suggest(request(space, occasion, day, weather, *lock), "mine").looks


def names(space: Workspace, look: Look) -> set[str]:
    layer = space.layer("mine")
    return {str(getattr(layer.value(i, SCHEMA.name), "value", i)) for i in look.items}


def kinds(space: Workspace, look: Look) -> set[NamedNode]:
    layer = space.layer("mine")
    return {kind for item in look.items for kind in named(layer.objects(item, TYPE))}


@pytest.mark.parametrize("occasion", ["wedding", "office", "interview", "funeral"])
def test_a_suit_goes_over_a_shirt_and_a_tie_round_its_collar(
    space: Workspace, occasion: str
) -> None:
    found = looks(space, occasion, "2026-11-26", "9C", "Charcoal suit")
    for look in found:
        assert names(space, look) & {"White shirt", "Linen shirt"}
        assert "Beanie" not in names(space, look)
    tied = looks(space, occasion, "2026-11-26", "9C", "Dotted tie")
    assert all(WW.Shirt in kinds(space, look) for look in tied)


def test_dungarees_go_over_a_top(space: Workspace) -> None:
    for look in looks(space, "everyday", "2026-10-03", "15C", "Dungarees"):
        slots = {placed.slot for placed in look.placed}
        assert WW["slot-top"] in slots
        assert WW["slot-bottom"] not in slots


def test_the_beach_brings_flip_flops_and_nothing_warm(space: Workspace) -> None:
    best = looks(space, "beach", "2026-07-25", "30C sun")[0]
    assert {"Flip-flops", "Swim shorts"} <= names(space, best)
    for look in looks(space, "beach", "2026-07-25", "30C sun"):
        assert not names(space, look) & {"Running tights", "Cashmere tee", "Running shoes"}


@pytest.mark.parametrize(("occasion", "weather"), [("office", "30C sun"), ("everyday", "15C")])
def test_flip_flops_stay_away_from_work_and_from_the_cool(
    space: Workspace, occasion: str, weather: str
) -> None:
    for look in looks(space, occasion, "2026-07-25", weather):
        assert "Flip-flops" not in names(space, look)
    locked = looks(space, occasion, "2026-07-25", weather, "Flip-flops")
    assert all(look.told for look in locked), "a locked item stays, and what forbids it is told"


def test_a_run_in_frost_asks_for_little(space: Workspace) -> None:
    for look in looks(space, "running", "2026-11-29", "-5C"):
        comfort = next(term.value for term in look.terms if term.kind == "comfort")
        assert comfort > 0.4, names(space, look)
        assert not names(space, look) & {"Down parka", "Overcoat", "Scarf", "Cashmere tee"}
    walk = looks(space, "walk", "2026-11-29", "-5C")[0]
    assert names(space, walk) & {"Down parka", "Overcoat"}


def test_mourning_is_black_and_plain(space: Workspace) -> None:
    best = looks(space, "funeral", "2026-11-26", "6C")[0]
    assert "Black Oxfords" in names(space, best)
    assert not names(space, best) & {"Dotted tie", "Burgundy boots", "Brown loafers"}


def test_a_belt_finishes_no_look(space: Workspace) -> None:
    layer = space.layer("mine")
    (belt,) = (s for s in layer.subjects(TYPE, WW.Belt) if isinstance(s, NamedNode))
    assert layer.value(belt, WW.accessory) is None


def test_degrees_below_nought_are_written_with_a_minus(space: Workspace) -> None:
    shown = space.recommend(request(space, "running", "2026-11-29", "-5C"), "mine")
    told = " ".join(reason for look in shown for reason in look.reasons("en"))
    assert "\N{MINUS SIGN}5 °C" in told
    assert "-5 °C" not in told


OUT_OF_PLACE = {
    "Pyjamas",
    "Slippers",
    "Ski trousers",
    "Running tights",
    "Running jacket",
    "Swim shorts",
    "Dinner jacket",
    "Bow tie",
    "Black tie",
}


@pytest.mark.parametrize(
    ("day", "weather"),
    [("2026-11-24", "8C rain"), ("2026-07-14", "29C sun"), ("2026-01-14", "")],
)
def test_no_occasion_is_an_ordinary_day(wide: Workspace, day: str, weather: str) -> None:
    found = looks(wide, "", day, weather)
    assert len(found) == 3
    for look in found:
        assert not names(wide, look) & OUT_OF_PLACE
        assert math.fsum(term.value for term in look.terms) == pytest.approx(look.score, abs=1e-9)
    named = looks(wide, "everyday", day, weather)
    assert [look.items for look in found] == [look.items for look in named]


def test_that_an_ordinary_day_is_assumed_stands_in_the_proof(wide: Workspace) -> None:
    asked = request(wide, "", "2026-11-24", "8C")
    layer = wide.layer("mine").child(Change(add=asked.facts()))
    (_, derived) = next(
        (f, layer.kind(f)) for f in layer.match(asked.iri, WW.occasion, WW["occasion-everyday"])
    )
    assert derived is Kind.DERIVED
    shown = wide.recommend(asked, "mine")[0]
    proofs = json.dumps(evidence_json(shown.explain()))
    assert "ordinary-day-where-none-is-named" in proofs


def test_outfits_are_judged_whatever_the_occasion(wide: Workspace) -> None:
    asked = Request()
    layer = unasked(wide.layer("mine")).child(Change(add=asked.facts()))
    assert not list(layer.match(asked.iri, WW.occasion, None))


@pytest.mark.parametrize("weather", ["4C", "12C", ""])
def test_no_linen_shirt_goes_under_a_winter_suit(wide: Workspace, weather: str) -> None:
    for look in looks(wide, "office", "2026-12-10", weather, "Charcoal suit"):
        assert "White shirt" in names(wide, look)
    for look in looks(wide, "wedding", "2026-12-10", weather):
        assert "Linen suit" not in names(wide, look)


def test_a_gala_brings_out_the_dinner_jacket(wide: Workspace) -> None:
    for look in looks(wide, "gala", "2026-12-12", "3C"):
        assert {"Dinner jacket", "Dress trousers", "White shirt"} <= names(wide, look)
    assert "Bow tie" in names(wide, looks(wide, "gala", "2026-12-12", "3C")[0])


def test_a_summer_wedding_brings_out_the_linen_suit(wide: Workspace) -> None:
    assert "Linen suit" in names(wide, looks(wide, "wedding", "2026-06-26", "25C sun")[0])


def test_nobody_runs_in_ski_trousers(wide: Workspace) -> None:
    for look in looks(wide, "running", "2026-11-29", "-5C"):
        assert not names(wide, look) & {"Ski trousers", "Down parka", "Scarf"}
