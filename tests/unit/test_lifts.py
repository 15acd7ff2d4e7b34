"""Rules beside what people did: lifts, their intervals, and what chance is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.evaluate.choices import swaps
from wearwhy.evaluate.lift import lifts
from wearwhy.rdf import RULE, WW
from wearwhy.rules.model import Atom, Description, Rule, Var

X = Var("x")


def rule(name: str, verdict: str = "favouredBy", reason: str = "") -> Rule:
    iri = RULE[name]
    return Rule(iri, (Atom(X, WW[verdict], iri),), (), description=Description(kept_because=reason))


def test_a_rule_that_speaks_of_both_sides_alike_has_lift_one_and_stays_open() -> None:
    counts = np.random.default_rng(1).poisson(2.0, (200, 1)).astype(float)
    (found,) = lifts((rule("even"),), counts, counts)
    assert (found.ratio, found.low, found.high, found.side) == (1.0, 1.0, 1.0, "open")


@pytest.mark.parametrize(("verdict", "side"), [("favouredBy", "right"), ("violates", "wrong")])
def test_a_planted_lift_is_found_on_the_side_its_verdict_says(verdict: str, side: str) -> None:
    random = np.random.default_rng(2)
    chosen = random.poisson(2.0, (500, 1)).astype(float)
    chance = random.poisson(1.0, (500, 1)).astype(float)
    (found,) = lifts((rule("planted", verdict),), chosen, chance)
    assert found.low < 2.0 < found.high
    assert found.side == side


def test_an_interval_covers_the_true_ratio_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        chosen = random.poisson(1.5, (150, 1)).astype(float)
        chance = random.poisson(1.0, (150, 1)).astype(float)
        (found,) = lifts((rule("r"),), chosen, chance, seed=seed, rounds=400)
        covered += found.low <= 1.5 <= found.high
    assert 51 <= covered <= 60


def test_what_chance_never_met_has_an_infinite_lift_and_no_warning() -> None:
    chosen, chance = np.ones((40, 1)), np.zeros((40, 1))
    (found,) = lifts((rule("r"),), chosen, chance)
    assert found.ratio == found.low == found.high == float("inf")


def test_a_rule_that_speaks_of_few_is_not_judged() -> None:
    chosen = np.zeros((100, 2))
    chosen[:5, 0] = 1
    chosen[:50, 1] = 1
    found = lifts((rule("few"), rule("many")), chosen, chosen, least=30)
    assert [lift.rule.iri for lift in found] == [RULE["many"]]


@given(
    st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=5, unique=True), max_size=12),
    st.lists(st.integers(0, 2), min_size=12, max_size=12),
    st.integers(0, 4),
)
def test_a_swap_keeps_kind_and_frequency_and_never_doubles_an_item(
    outfits: list[list[int]], kinds: list[int], each: int
) -> None:
    seen = np.bincount([n for o in outfits for n in o], minlength=12)
    for swap in swaps(outfits, kinds, each=each, seed=3):
        assert swap.out in outfits[swap.outfit]
        assert swap.into not in outfits[swap.outfit]
        assert kinds[swap.out] == kinds[swap.into]
        assert int(seen[swap.out]).bit_length() == int(seen[swap.into]).bit_length()


def test_swaps_are_the_same_for_the_same_seed_and_as_many_as_asked() -> None:
    outfits, kinds = [[0], [1], [2], [3], [4]], [0] * 5
    once, again = (swaps(outfits, kinds, each=2, seed=5) for _ in range(2))
    assert once == again
    assert [sum(s.outfit == n for s in once) for n in range(5)] == [2] * 5
