"""A model's two files: what they give back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.unit.learn_given import FACTS, GUESSES, ITEMS, MODEL, PLAN, model_of, sourced

from wearwhy.errors import FormatError
from wearwhy.learn.features import Features
from wearwhy.learn.guess import guess
from wearwhy.learn.model_files import ARRAYS, CARD, FORMAT, load, save
from wearwhy.learn.predict import predicted
from wearwhy.learn.table import Table
from wearwhy.rdf import Fact


def test_a_model_saved_and_loaded_guesses_the_same(tmp_path: Path) -> None:
    save(MODEL, tmp_path)
    again = load(tmp_path)
    mine = guess(FACTS, again, ITEMS, PLAN)
    assert [g.fact for g in mine] == [g.fact for g in GUESSES]
    assert [g.margin for g in mine] == pytest.approx([g.margin for g in GUESSES], abs=1e-4)
    for one, other in zip(mine, GUESSES, strict=True):
        assert {c.support for c in one.contributions} == {c.support for c in other.contributions}
        assert [n.item for n in one.neighbours] == [n.item for n in other.neighbours]
    first = (tmp_path / CARD).read_bytes(), (tmp_path / ARRAYS).read_bytes()
    save(again, tmp_path)
    assert ((tmp_path / CARD).read_bytes(), (tmp_path / ARRAYS).read_bytes()) == first
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([CARD, ARRAYS])


@pytest.mark.parametrize("facts", [FACTS, sourced()], ids=["concepts", "a source's words"])
def test_what_files_give_back_predicts_the_same_to_the_last_bit(
    tmp_path: Path, facts: list[Fact]
) -> None:
    save(model_of(facts), tmp_path / "a")
    one = load(tmp_path / "a")
    save(one, tmp_path / "b")
    other = load(tmp_path / "b")
    features = Features(Table(facts), PLAN)
    spoken = [features.tokens(item) for item in features.items()]
    assert one.learned
    for name, learned in one.learned.items():
        here, there = predicted(one, name, spoken), predicted(other, name, spoken)
        assert np.array_equal(here.probabilities, there.probabilities)
        assert np.array_equal(here.explained, there.explained)
        assert here.values == there.values
        twin = other.learned[name]
        assert (learned.iri, learned.said, learned.label) == (twin.iri, twin.said, twin.label)
        assert (learned.hides, learned.curves) == (twin.hides, twin.curves)
        for kind in ("bodies", "weights", "counts", "held"):
            assert np.array_equal(getattr(learned.mined, kind), getattr(twin.mined, kind))
        assert np.array_equal(one.labels[name], other.labels[name])
    assert np.array_equal(one.vectors, other.vectors)


def test_the_files_run_no_code_and_the_card_is_readable(tmp_path: Path) -> None:
    save(MODEL, tmp_path)
    card = json.loads((tmp_path / CARD).read_text("utf-8"))
    assert card["format"] == FORMAT
    assert set(card["attributes"]) == set(MODEL.learned)
    assert b"pickle" not in (tmp_path / ARRAYS).read_bytes()[:2000]


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        (CARD, "{", "WW-MODEL-FORMAT"),
        (CARD, "[]", "WW-MODEL-FORMAT"),
        (CARD, '{"format": 99}', "WW-MODEL-FORMAT"),
        (CARD, '{"format": 1}', "WW-MODEL-FORMAT"),
        (CARD, f'{{"format": {FORMAT}}}', "WW-MODEL-FORMAT"),
        (ARRAYS, "nothing", "WW-MODEL-FORMAT"),
        (CARD, None, "WW-MODEL-MISSING"),
        (ARRAYS, None, "WW-MODEL-MISSING"),
    ],
)
def test_a_damaged_model_says_so(tmp_path: Path, file: str, text: str | None, code: str) -> None:
    save(MODEL, tmp_path)
    if text is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(text)
    with pytest.raises(FormatError) as caught:
        load(tmp_path)
    assert caught.value.code == code


def test_a_model_of_another_format_is_refused_and_says_which(tmp_path: Path) -> None:
    save(MODEL, tmp_path)
    card = json.loads((tmp_path / CARD).read_text("utf-8"))
    (tmp_path / CARD).write_text(json.dumps({**card, "format": FORMAT - 1}), "utf-8")
    with pytest.raises(FormatError) as caught:
        load(tmp_path)
    assert caught.value.code == "WW-MODEL-FORMAT"
    assert f"format {FORMAT - 1}" in caught.value.sentence
    assert "learn attributes" in caught.value.advice


def test_two_files_of_different_models_do_not_belong_together(tmp_path: Path) -> None:
    save(MODEL, tmp_path / "a")
    save(model_of(sourced()), tmp_path / "b")
    (tmp_path / "a" / ARRAYS).replace(tmp_path / "b" / ARRAYS)
    with pytest.raises(FormatError) as caught:
        load(tmp_path / "b")
    assert caught.value.code == "WW-MODEL-FORMAT"


def test_arrays_of_the_same_attributes_but_other_tokens_are_refused(tmp_path: Path) -> None:
    save(MODEL, tmp_path)
    arrays = load_file(tmp_path / ARRAYS)
    for name in ("embedding.rows", "embedding.into"):
        arrays[name] = np.ascontiguousarray(arrays[name][:-1])
    save_file(arrays, tmp_path / ARRAYS)
    with pytest.raises(FormatError) as caught:
        load(tmp_path)
    assert caught.value.code == "WW-MODEL-FORMAT"
    assert "differ in number" in str(caught.value.note)
