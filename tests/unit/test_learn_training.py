"""Training: what it needs, that it repeats itself, and that the bundled model is what it makes."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from wearwhy.errors import InputError, NotInstalled
from wearwhy.learn.embeddings import neural_parts, train
from wearwhy.learn.features import Features, Table
from wearwhy.learn.model_files import load
from wearwhy.learn.plan import read_plan
from wearwhy.learn.train import train as train_model

ROOT = Path(__file__).parents[2]
PLAN = read_plan(ROOT / "kg" / "learn.toml")
SMALL = replace(PLAN.training, dimensions=8, epochs=20, batch=64)

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("pykeen") is None,
    reason="the extra `neural` (torch, pykeen) is not installed",
)


def planted() -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Items 0–39 have a cloth (40–43) and, by it, a season (44–45)."""
    cloth = np.arange(40) % 4
    items = np.arange(40)
    return np.vstack(
        [
            np.column_stack([items, np.zeros(40, int), 40 + cloth]),
            np.column_stack([items, np.ones(40, int), 44 + cloth // 2]),
        ]
    ).astype(np.int64)


def test_training_without_the_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "pykeen", None)
    with pytest.raises(NotInstalled) as caught:
        neural_parts()
    assert caught.value.code == "WW-EXTRA-NEURAL"
    assert "wearwhy[neural]" in caught.value.hint


def test_a_witness_nobody_knows_and_leaving_out_both_are_refused() -> None:
    for without in (["rumour"], ["additive", "embeddings"]):
        with pytest.raises(InputError) as caught:
            train_model(Features(Table([]), PLAN), without=without)
        assert caught.value.code == "WW-LEARN-WITNESS"


def test_a_graph_without_labels_teaches_nothing() -> None:
    with pytest.raises(InputError) as caught:
        train_model(Features(Table([]), PLAN))
    assert caught.value.code == "WW-LEARN-NOTHING"


@needs_torch
@pytest.mark.slow
def test_the_same_seed_gives_the_same_vectors_and_resuming_changes_nothing(tmp_path: Path) -> None:
    whole = train(planted(), 46, 2, SMALL, seed=1)
    again = train(planted(), 46, 2, SMALL, seed=1)
    assert np.array_equal(whole.entities, again.entities)
    file = tmp_path / "half.safetensors"
    train(planted(), 46, 2, replace(SMALL, epochs=10), seed=1, checkpoint=file)
    rest = train(planted(), 46, 2, SMALL, seed=1, checkpoint=file, resume=True)
    assert np.allclose(whole.entities, rest.entities, atol=1e-6)
    assert not np.array_equal(whole.entities, train(planted(), 46, 2, SMALL, seed=2).entities)


@needs_torch
@pytest.mark.slow
def test_an_embedding_learns_what_was_planted() -> None:
    found = train(planted(), 46, 2, replace(SMALL, epochs=60), seed=1)
    right = 0
    for item in range(40):
        score = (found.entities[item] * found.relations[1] * found.entities[44:].conj()).real.sum(1)
        right += int(score.argmax() == (item % 4) // 2)
    assert right >= 36


@needs_torch
@pytest.mark.slow
def test_sampled_negatives_take_over_above_the_size_limit() -> None:
    found = train(planted(), 46, 2, replace(SMALL, large=10, epochs=10), seed=1)
    assert np.isfinite(found.entities).all()


def tool() -> ModuleType:
    """Return the script that makes the bundled model, as a module."""
    spec = importlib.util.spec_from_file_location("model_tool", ROOT / "tools" / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_torch
@pytest.mark.slow
def test_the_bundled_model_retrained_is_worth_what_its_card_says() -> None:
    card = load(ROOT / "data" / "model").card
    maker = tool()
    fresh = train_model(Features(Table(maker.bundled()), maker.plan()), revision="bundled").card
    assert fresh["made_from"]["items"] == card["made_from"]["items"]
    for name, found in card["metrics"].items():
        for kind in ("verdict", "additive alone", "logistic regression"):
            before, after = found[kind], fresh["metrics"][name][kind]
            assert after["accuracy"]["value"] == pytest.approx(
                before["accuracy"]["value"], abs=0.025
            )
            assert after["log_loss"]["value"] == pytest.approx(
                before["log_loss"]["value"], abs=0.05
            )
