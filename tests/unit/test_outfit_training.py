"""Learning from outfits: the rule that made them is found, by values alone as well."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.outfits_given import PLAN, graph, items, made

from wearwhy.errors import InputError
from wearwhy.learn.outfits import OutfitModel, Pairing
from wearwhy.learn.outfits.material import Ints, Material, rivals
from wearwhy.learn.outfits.train import Asked, train
from wearwhy.learn.outfits.weigh import Walked, weigh
from wearwhy.rdf import WW

ITEMS = tuple(items())
MET = WW["walk-met"]
SMALL = replace(PLAN, training=replace(PLAN.training, dimensions=8, epochs=6, batch=128, seeds=2))
neural = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("pykeen") is None,
    reason="the extra `neural` (torch, pykeen) is not installed",
)


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def company(found: Material) -> NDArray[np.float64]:
    """Return how often two items met."""
    table = np.zeros((len(found.items), len(found.items)))
    for outfit in found.outfits:
        table[np.ix_(outfit, outfit)] += 1
    return table


def asked(found: Material) -> Asked:
    """Return walks counted by hand, and rules that say nothing."""

    def walked(away: Collection[int]) -> Walked:
        rest = found.of(sorted(set(range(len(found.outfits))) - set(away)))
        table = company(rest)
        return lambda firsts, seconds: np.log1p(table[firsts, seconds])[:, None]

    def ruled(sets: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        return np.zeros(len(sets))

    return Asked((MET,), walked, ruled)


def learned(
    without: Collection[str] = (), seed: int = 0, folder: Path | None = None
) -> OutfitModel:
    """Return what is learned of the small shop."""
    found = made(photographs=True)
    return train(
        found, SMALL, asked(found), without=without, seed=seed, folder=folder, progress=silent
    )


def lights(chosen: OutfitModel) -> float:
    """Return the share of pairs of unlike kind where light scores light above dark, and so on."""
    table = Pairing.of(graph(), chosen, ITEMS).named(ITEMS)
    numbers = np.arange(48)
    light, kind = numbers // 3 % 4 < 2, numbers % 3
    a, b, c = np.meshgrid(numbers, numbers, numbers, indexing="ij")
    asked_for = (kind[a] != kind[b]) & (kind[b] == kind[c])
    asked_for &= (light[a] == light[b]) & (light[b] != light[c])
    return float((table[a, b] > table[a, c])[asked_for].mean())


@neural
def test_the_rule_that_made_the_outfits_is_found_in_the_values() -> None:
    assert lights(learned()) > 0.9


@neural
def test_the_same_seed_gives_the_same_model_and_another_another() -> None:
    one, same, other = learned(), learned(), learned(seed=1)
    assert np.array_equal(one.vectors, same.vectors)
    assert one.walks == same.walks
    assert not np.array_equal(one.vectors, other.vectors)


@neural
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    found, stages = made(), list[str]()

    def stop(stage: str, done: int, total: int) -> None:
        stages.append(f"{stage} {done}")
        if stage == "outfits" and done > 2 * total // 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(found, SMALL, asked(found), folder=tmp_path, progress=stop)
    kept = sorted(path.name for path in tmp_path.glob("outfits-*"))
    assert kept
    told = list[int]()
    again = train(
        found,
        SMALL,
        asked(found),
        folder=tmp_path,
        resume=True,
        progress=lambda stage, done, total: told.append(done) if stage == "outfits" else None,
    )
    whole = train(found, SMALL, asked(found), progress=silent)
    assert np.array_equal(again.vectors, whole.vectors)
    assert len(told) == SMALL.training.epochs, "only the last of three was fitted again"
    assert not list(tmp_path.glob("outfits-*")), "nothing is left when all is done"


@neural
def test_what_is_left_out_is_not_there() -> None:
    assert not learned(["walks"]).walks
    assert learned(["neural"]).tokens == ()
    assert learned(["neural"]).multipliers["pair"] == 0.0
    assert made(photographs=False).photographs is None


def test_too_few_outfits_are_refused() -> None:
    few = made(count=12)
    with pytest.raises(InputError) as caught:
        train(few, SMALL, asked(few), progress=silent)
    assert caught.value.code == "WW-OUTFITS-FEW"


def test_an_unknown_part_is_refused_with_the_nearest() -> None:
    found = made()
    with pytest.raises(InputError) as caught:
        train(found, SMALL, asked(found), without=["foto"], progress=silent)
    assert caught.value.code == "WW-OUTFITS-PART"
    assert "photos" in caught.value.hint


def test_weights_are_found_by_outfits_held_out_and_none_is_negative() -> None:
    found = made()
    away = found.of(range(60))
    rest = found.of(range(60, len(found.outfits)))
    table = company(rest)

    def walked(firsts: Ints, seconds: Ints) -> NDArray[np.float64]:
        # The second walk leads the wrong way.
        useful = np.log1p(table[firsts, seconds])
        return np.column_stack((useful, -useful))

    def ruled(sets: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        return np.zeros(len(sets))

    found_weights = weigh(
        None,
        away,
        rivals(rest),
        walked=walked,
        ruled=ruled,
        settings=PLAN.weighing,
        rng=np.random.default_rng(0),
    )
    assert found_weights.walks[0] > 0
    assert found_weights.walks[1] == 0.0
    assert found_weights.pair == 0.0
    assert found_weights.rule >= 0
