"""A model of outfits: its scores are sums that can be taken apart, and its files keep it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from tests.outfits_given import PLAN, PROPERTIES, graph, items, made, model

from wearwhy.errors import FormatError
from wearwhy.learn.images.pictures import Pictures
from wearwhy.learn.outfits import Pairing, Token, files, values
from wearwhy.learn.outfits.material import components, frequencies, rivals
from wearwhy.learn.outfits.plan import read
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, TYPE, WW
from wearwhy.workspace.bundle import bundle

ITEMS = tuple(items())
GRAPH = graph()


class Drawn:
    """Photographs drawn at random, of every third item."""

    def matrix(self, wanted: Sequence[NamedNode]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return raw vectors, and which items have one."""
        mask = np.array([ITEMS.index(item) % 3 == 0 for item in wanted])
        rows = np.zeros((len(wanted), 1280), np.float32)
        for n, item in enumerate(wanted):
            if mask[n]:
                seed = ITEMS.index(item)
                rows[n] = np.random.default_rng(seed).standard_normal(1280)
        return rows, mask


PICTURES = cast("Pictures", Drawn())
WHOLE = Pairing.of(GRAPH, model(), ITEMS, PICTURES)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(ITEMS), min_size=2, max_size=6, unique=True), st.integers(0, 20))
def test_the_parts_of_a_pair_add_up_to_its_score(chosen: list[NamedNode], seed: int) -> None:
    found = Pairing.of(GRAPH, model(seed), chosen, PICTURES)
    table = found.matrix(chosen)
    for i, x in enumerate(chosen):
        for j, y in enumerate(chosen):
            parts = found.parts(x, y)
            assert sum(part.value for part in parts) == pytest.approx(table[i, j], abs=1e-9)
            named = [part.value for part in parts if not part.opaque]
            assert sum(named) == pytest.approx(found.named(chosen)[i, j], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=8, unique=True),
)
def test_what_leads_toward_given_items_is_the_sum_over_them(
    given_: list[NamedNode], others: list[NamedNode]
) -> None:
    found = WHOLE
    every = list(dict.fromkeys([*given_, *others]))
    table = found.matrix(every)
    places = [every.index(item) for item in given_]
    expected = [table[every.index(item), places].sum() for item in others]
    assert found.toward(given_, others) == pytest.approx(expected, abs=1e-9)
    rough = found.toward(given_)
    assert [rough[found.at[item]] for item in others] == pytest.approx(expected, abs=1e-3)


def test_a_few_items_are_read_as_the_whole_shop_is() -> None:
    whole = WHOLE
    few = Pairing.of(GRAPH, model(), ITEMS[:4], PICTURES)
    assert few.matrix(ITEMS[:4]) == pytest.approx(whole.matrix(ITEMS[:4]), abs=0)


def test_a_value_that_is_taken_away_no_longer_counts() -> None:
    x, y = ITEMS[:2]
    facts = [fact for own in items().values() for fact in own]
    colour = next(f for f in facts if f.subject == x and f.predicate == WW.colour)
    kept = Table([fact for fact in facts if fact != colour])
    before = Pairing.of(GRAPH, model(), (x, y))
    after = Pairing.of(kept, model(), (x, y))
    gone = sum(p.value for p in before.parts(x, y) if p.first == (WW.colour, colour.object))
    lost = before.named((x, y))[0, 1] - after.named((x, y))[0, 1]
    assert lost == pytest.approx(gone, abs=1e-9)
    assert gone != 0


def test_without_residuals_and_photographs_every_part_is_named() -> None:
    bare = replace(model(), residuals={}, projection=None)
    found = Pairing.of(GRAPH, bare, ITEMS, PICTURES)
    assert not any(part.opaque for part in found.parts(*ITEMS[:2]))
    assert found.matrix(ITEMS[:5]) == pytest.approx(found.named(ITEMS[:5]), abs=0)


def test_an_item_nobody_has_described_scores_nothing() -> None:
    stranger = ID["shop/stranger"]
    found = Pairing.of(GRAPH, model(), (*ITEMS[:3], stranger))
    assert not found.matrix((ITEMS[0], stranger))[0, 1]
    assert found.parts(ITEMS[0], stranger) == ()


def test_what_nearly_everything_is_has_no_vector() -> None:
    everything = {item: [(TYPE, WW.Item), *own] for item, own in read_values().items()}
    assert (TYPE, WW.Item) not in values.vocabulary(everything, PLAN)


def read_values() -> dict[NamedNode, list[Token]]:
    """Return the values of the shop."""
    return values.of(GRAPH, ITEMS, PROPERTIES)


def test_files_keep_a_model_to_the_bit(tmp_path: Path) -> None:
    kept = model()
    files.save(kept, tmp_path)
    back = files.load(tmp_path)
    assert back is not None
    assert back.tokens == kept.tokens
    assert back.walks == kept.walks
    assert back.multipliers == kept.multipliers
    pairs = [Pairing.of(GRAPH, one, ITEMS, PICTURES).matrix(ITEMS) for one in (kept, back)]
    assert np.array_equal(pairs[0], pairs[1])


def test_where_nothing_was_learned_there_is_no_model(tmp_path: Path) -> None:
    assert files.load(tmp_path) is None


@pytest.mark.parametrize("damage", ["card", "arrays", "format", "other"])
def test_a_damaged_model_says_so(tmp_path: Path, damage: str) -> None:
    files.save(model(), tmp_path)
    card = tmp_path / files.CARD
    said = json.loads(card.read_text("utf-8"))
    if damage == "card":
        card.write_text("{", "utf-8")
    elif damage == "arrays":
        (tmp_path / files.ARRAYS).write_bytes(b"\0" * 20)
    elif damage == "format":
        card.write_text(json.dumps({**said, "format": 99}), "utf-8")
    else:
        card.write_text(json.dumps({**said, "tokens": said["tokens"][:3]}), "utf-8")
    with pytest.raises(FormatError) as caught:
        files.load(tmp_path)
    assert caught.value.code == "WW-OUTFITS-FORMAT"
    assert "learn outfits" in caught.value.hint


def test_a_rival_is_of_the_same_kind_company_and_frequency() -> None:
    found = made(mixed=0.0)
    often = frequencies(found)
    drawn = rivals(found).drawn(np.arange(48), 20, np.random.default_rng(0))
    light = np.array([k // 3 % 4 < 2 for k in range(48)])
    for n in range(48):
        assert (found.kind[drawn[n]] == found.kind[n]).all()
        assert (light[drawn[n]] == light[n]).all(), "light and dark never meet in these outfits"
        assert (often[drawn[n]] > 0).all()


def test_principal_components_keep_what_differs() -> None:
    rng = np.random.default_rng(0)
    raw = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 30))
    mask = np.arange(200) < 150
    found = components(raw, mask, 3)
    assert found is not None
    assert not found.rows[150:].any()
    back = found.rows[:150] @ np.linalg.pinv(found.basis.astype(float)) + found.mean
    assert back == pytest.approx(raw[:150], abs=1e-4)
    assert components(raw, mask & (np.arange(200) < 3), 3) is None


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("epochs = 10", ""),
        ("epochs = 10", "epoch = 10"),
        ("seeds = 3", 'seeds = "three"'),
        ("[", ""),
    ],
)
def test_a_plan_that_is_not_whole_is_refused(tmp_path: Path, was: str, becomes: str) -> None:
    text = (bundle().folder / "kg" / "outfits.toml").read_text("utf-8")
    path = tmp_path / "outfits.toml"
    path.write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(FormatError) as caught:
        read(path)
    assert caught.value.code == "WW-OUTFITS-PLAN"
