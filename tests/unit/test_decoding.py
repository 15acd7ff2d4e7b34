"""Decoding: what search finds against trying everything; greedy and drawn looks; what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy import Request, Workspace
from wearwhy.errors import ValueRefused
from wearwhy.evaluate.likeness import Dressed, bleu, cosine, likeness
from wearwhy.outfit import beam
from wearwhy.outfit.compose import Prepared, prepare, recommend
from wearwhy.outfit.decoding import exact
from wearwhy.outfit.decoding.ways import Decoding, decode
from wearwhy.outfit.improving import Seats, neighbours, wearable
from wearwhy.outfit.search import search
from wearwhy.rdf import WW
from wearwhy.settings import assets

FEW = {"slot-top": 3, "slot-bottom": 3, "slot-feet": 3, "slot-outer": 2, "slot-mid": 2}
OCCASIONS = ("office", "dinner", "everyday", "date", "travel", "brunch")


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.init(tmp_path_factory.mktemp("decoding"))
    data = Path(assets()) / "data"
    made.load(data / "wardrobe.csv", "wardrobe", "wardrobe:demo")
    made.load(data / "outfits.csv", "outfits", "wardrobe:demo")
    return made


def small(workspace: Workspace, number: int) -> Prepared:
    """A request on a wardrobe of a dozen garments, another dozen each time."""
    layer = workspace.layer("demo")
    index = workspace.resources.index(layer)
    order = np.random.default_rng(number).permutation(len(index.items))
    kept: dict[str, list[int]] = {}
    for n in order.tolist():
        for place in index.places[n][:1]:
            name = place.value.rpartition("#")[2]
            if len(kept.setdefault(name, [])) < FEW.get(name, 1):
                kept[name].append(n)
    names = {*FEW, "slot-bag", "slot-neck", "slot-ears"}
    inside = {n for name, those in kept.items() if name in names for n in those}
    asked = Request(
        (WW[f"occasion-{OCCASIONS[number % len(OCCASIONS)]}"],),
        date(2026, 1 + number % 12, 5),
        excluded=tuple(item for n, item in enumerate(index.items) if n not in inside),
    )
    return prepare(layer, asked, workspace.resources)


def test_search_finds_what_trying_everything_finds_or_almost(dressed: Workspace) -> None:
    missed, plain_missed, tried = 0, 0, 0
    for number in range(24):
        asked = small(dressed, number)
        best = exact.exhaustive(asked.arena, asked.templates, asked.demanded)
        assert best is not None
        found = search(asked.arena, asked.templates, asked.demanded).looks
        plain = search(asked.arena, asked.templates, asked.demanded, improving=False).looks
        if not best:
            assert not found
            continue
        tried += 1
        assert found
        assert found[0].rank <= best[0].rank + 1e-9
        assert found[0].rank >= plain[0].rank - 1e-9
        missed += found[0].rank < best[0].rank - 1e-9
        plain_missed += plain[0].rank < best[0].rank - 1e-9
    assert tried >= 12
    assert missed <= tried // 6
    assert missed <= plain_missed


def test_too_much_to_try_is_refused(dressed: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = small(dressed, 1)
    assert exact.count(asked.arena, asked.templates, asked.demanded) > 10
    monkeypatch.setattr(exact, "MOST", 10)
    assert exact.exhaustive(asked.arena, asked.templates, asked.demanded) is None


@pytest.mark.parametrize("way", ["beam", "greedy", "sample"])
def test_every_way_finds_looks_that_keep_what_is_locked(dressed: Workspace, way: str) -> None:
    layer = dressed.layer("demo")
    request = Request((WW["occasion-office"],), date(2026, 11, 24))
    first = recommend(layer, request, dressed.resources).looks[0].items[0]
    asked = replace(request, locked=(first,))
    found = recommend(layer, asked, dressed.resources, Decoding(way, 0.3, 5))
    assert found.looks
    assert all(first in look.items for look in found.looks)
    best = recommend(layer, asked, dressed.resources).looks[0].score
    assert all(look.score > best - 5 for look in found.looks)


def test_the_same_seed_draws_the_same_looks(dressed: Workspace) -> None:
    asked = prepare(
        dressed.layer("demo"),
        Request((WW["occasion-dinner"],), date(2026, 5, 3)),
        dressed.resources,
    )

    def drawn(seed: int, temperature: float = 0.5) -> list[tuple[int, ...]]:
        way = Decoding("sample", temperature, seed)
        return [f.members for f in decode(asked.arena, asked.templates, asked.demanded, way).looks]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert len(drawn(1, 0.01)) < len(drawn(1, 10.0))


@pytest.mark.parametrize(
    ("way", "temperature", "code"),
    [("bean", 0.1, "WW-DECODING-WAY"), ("sample", 0.0, "WW-DECODING-TEMPERATURE")],
)
def test_what_is_no_way_to_decode_is_refused(way: str, temperature: float, code: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        Decoding(way, temperature)
    assert refused.value.code == code


def test_a_place_that_must_be_filled_keeps_its_item() -> None:
    choices = [({0, 1}, False), ({1, 2}, True), ({2}, False)]
    assert wearable(choices, (0, 2))
    assert wearable(choices, (0, 1, 2))
    assert not wearable(choices, (0, 1))
    assert not wearable(choices, (2,))
    assert not wearable(choices, (0, 1, 2, 3))
    barred = np.zeros((3, 3), dtype=bool)
    barred[0, 1] = barred[1, 0] = True
    space = beam.Space(
        np.zeros(3), np.zeros((3, 3)), barred, np.zeros(3), lambda clo, _: clo, np.zeros(3)
    )
    places = [beam.Position(np.array(sorted(those)), optional=o) for those, o in choices]
    assert set(neighbours(space, Seats(places), (0, 2))) == {(1, 2)}


@given(
    st.lists(
        st.tuples(st.sets(st.integers(0, 4), min_size=1), st.booleans()), min_size=2, max_size=4
    )
)
def test_what_can_be_worn_together_is_remembered_by_the_places_that_items_fit(
    choices: list[tuple[set[int], bool]],
) -> None:
    seats = Seats([beam.Position(np.array(sorted(those), int), optional=o) for those, o in choices])
    for size in range(1, 5):
        for members in combinations(sorted(seats.fits), size):
            assert seats.wearable(members) == wearable(choices, members)


def test_likeness_is_one_for_the_same_and_less_for_another() -> None:
    one = Dressed(frozenset("ab"), ("red", "wool", "blue", "silk", "plain"))
    other = Dressed(frozenset("cd"), ("green", "linen", "grey", "denim", "striped"))
    same = likeness(one, [other, one])
    assert same.items == 1.0
    assert same.bleu == pytest.approx(1.0)
    assert same.cosine == pytest.approx(1.0)
    assert likeness(one, [other]).items == 0.0
    assert bleu(one.words, [other.words]) == 0.0
    assert bleu(one.words[:3], [one.words]) < 1.0
    assert cosine((), one.words) == 0.0
