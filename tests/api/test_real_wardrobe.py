"""A real wardrobe, as its owner published it: looks for a rainy day at work in December."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pytest

from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import TYPE, WW, XSD, Literal, NamedNode, Node
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import as_number, named
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.workspace import Workspace

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "wardrobes" / "sheworewhat"
DAY = date(2022, 12, 20)

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the shared wardrobe is not beside the checkout"
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the closet and the log of what was worn."""
    found = Workspace.init(tmp_path_factory.mktemp("real"))
    for name, mapping in (("ClosetData.csv", "sheworewhat"), ("2023Data.csv", "sheworewhat-log")):
        _, edit = found.read_source(FOLDER / name, mapping, "wardrobe:mine")
        found.apply(edit)
    return found


@pytest.fixture(scope="module")
def request_(workspace: Workspace) -> Request:
    return asked(workspace, "work", DAY, "4C rain")


@pytest.fixture(scope="module")
def looks(workspace: Workspace, request_: Request) -> tuple[Look, ...]:
    return tuple(workspace.suggest(request_, "mine").looks)


def asked(workspace: Workspace, occasion: str, day: date, weather: str) -> Request:
    wishes = Wishes(occasions=(occasion,), on=day, weather=weather)
    (request,) = workspace.ask(wishes, "mine").requests
    return request


def worn(layer: Layer, day: date) -> set[Node]:
    """What the log says was worn on a day."""
    of_day = Literal(day.isoformat(), datatype=XSD.date)
    return {
        item
        for outfit in layer.subjects(WW.wornOn, of_day)
        for item in layer.objects(outfit, WW.hasItem)
    }


def span(layer: Layer, item: NamedNode) -> int:
    """How many days an item rests, by the longest of its slots."""
    spans = (as_number(layer.value(slot, WW.repeatSpan)) for slot in layer.objects(item, WW.slot))
    return int(max((s for s in spans if s is not None), default=0))


def kinds(layer: Layer, look: Look) -> set[NamedNode]:
    return {kind for item in look.items for kind in named(layer.objects(item, TYPE))}


def test_a_rainy_day_at_work_has_three_looks(looks: tuple[Look, ...]) -> None:
    assert len(looks) == 3
    assert len({look.items for look in looks}) == 3


def test_each_look_has_closed_shoes_and_a_coat_for_cold_rain(
    workspace: Workspace, looks: tuple[Look, ...]
) -> None:
    layer = workspace.layer("mine")
    for look in looks:
        has = kinds(layer, look)
        assert WW.Footwear in has
        assert WW.Sandal not in has
        assert WW.Outerwear in has
        for item in look.items:
            materials = set(layer.objects(item, WW.material))
            if WW.Outerwear in layer.objects(item, TYPE):
                assert not materials & {WW["material-fur"], WW["material-suede"]}


def test_each_look_is_dressed_for_work(workspace: Workspace, looks: tuple[Look, ...]) -> None:
    layer = workspace.layer("mine")
    unfit = {WW.SportsBra, WW.Leggings, WW.Swimwear, WW.BaseballCap}
    for look in looks:
        assert not kinds(layer, look) & unfit
        slots = [placed.slot for placed in look.placed]
        assert len(slots) == len(set(slots)), "one piece a slot"


def test_nothing_is_worn_again_before_it_has_rested(
    workspace: Workspace, looks: tuple[Look, ...]
) -> None:
    layer = workspace.layer("mine")
    for days in range(1, 8):
        before = worn(layer, date(2022, 12, 20 - days))
        for look in looks:
            assert not {i for i in look.items if i in before and span(layer, i) >= days}
    assert worn(layer, date(2022, 12, 19)), "the log has the day before"


@pytest.mark.parametrize(
    ("language", "word"), [("en", "No repeats"), ("zh", "不重样")], ids=["en", "zh"]
)
def test_a_reason_says_that_nothing_is_repeated(
    workspace: Workspace, request_: Request, language: str, word: str
) -> None:
    for shown in workspace.recommend(request_, "mine"):
        assert any(word in reason for reason in shown.reasons(language))


def test_terms_add_up_to_the_score(looks: tuple[Look, ...]) -> None:
    for look in looks:
        assert math.fsum(term.value for term in look.terms) == pytest.approx(look.score, abs=1e-9)


@pytest.mark.parametrize(
    ("occasion", "day", "weather", "never"),
    [
        ("work", date(2023, 7, 11), "30C sun", ("Coat", "Beanie", "Scarf", "Tights", "Glove")),
        ("gym", date(2023, 3, 2), "10C", ("Sandal", "Boot", "Jeans", "Jewellery", "Sweater")),
        ("everyday", date(2023, 4, 15), "14C wind", ("Sandal", "NoveltySweater", "Sunglasses")),
        ("work", date(2023, 1, 18), "-2C snow", ("Sandal", "Sneaker", "Leggings", "BaseballCap")),
    ],
    ids=["july", "gym", "april", "january"],
)
def test_no_look_makes_a_blunder(
    workspace: Workspace, occasion: str, day: date, weather: str, never: tuple[str, ...]
) -> None:
    layer = workspace.layer("mine")
    found = workspace.suggest(asked(workspace, occasion, day, weather), "mine").looks
    assert found
    for look in found:
        assert not kinds(layer, look) & {WW[name] for name in never}


def test_a_summer_wedding_is_answered_with_a_dress(workspace: Workspace) -> None:
    layer = workspace.layer("mine")
    request = asked(workspace, "wedding", date(2023, 6, 17), "24C sun")
    found = workspace.suggest(request, "mine").looks
    assert any(WW.Dress in kinds(layer, look) for look in found)


def test_two_sports_bras_are_never_worn_at_once(workspace: Workspace) -> None:
    layer = workspace.layer("mine")
    for look in workspace.suggest(asked(workspace, "gym", date(2023, 3, 2), "10C"), "mine").looks:
        bras = [i for i in look.items if WW.SportsBra in layer.objects(i, TYPE)]
        assert len(bras) <= 1
