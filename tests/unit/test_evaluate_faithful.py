"""Explanations held against the model: what is cited moves the margin, and as it was said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Literal
from tests.unit.learn_given import FACTS, ITEMS, MODEL, PLAN, model_of, sourced

from wearwhy.errors import InputError
from wearwhy.evaluate import faithful as module
from wearwhy.evaluate.faithful import Faithful, Less, faithful
from wearwhy.learn.features import Features, Tokens
from wearwhy.learn.guess import Guess
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.table import Table
from wearwhy.rdf import SCHEMA, Fact

FEATURES = Features(Table(FACTS), PLAN)


def judged(model: Model = MODEL, sample: int = 500, seed: int = 0) -> Faithful:
    return faithful(model, FEATURES, ITEMS, FEATURES.attributes(), sample=sample, seed=seed)


def test_deleting_what_is_cited_first_moves_the_margin_as_it_was_said() -> None:
    found = judged()
    assert found.sampled == len(ITEMS) * len(MODEL.learned)
    assert found.agreed_within < 1e-6


def test_random_facts_of_the_same_item_do_measurably_worse() -> None:
    found = judged()
    assert found.top.value > found.random.value
    assert found.more.low > 0.3
    assert found.top.value - found.random.value == pytest.approx(found.more.value)
    assert found.top.low < found.top.value < found.top.high


def test_a_guess_that_says_what_is_not_so_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def stubborn(
        _model: Model, _learned: Learned, _spoken: Tokens, given: Guess, _said: tuple[Fact, ...]
    ) -> list[float]:
        return [given.margin] * len(given.contributions)

    monkeypatch.setattr(module, "without", stubborn)
    assert judged(sample=50).agreed_within > 0.5


def test_the_same_seed_judges_the_same_guesses_and_another_seed_others() -> None:
    assert judged(sample=40) == judged(sample=40)
    assert judged(sample=40) != judged(sample=40, seed=1)
    assert judged(sample=40).sampled == 40


def test_a_source_s_own_words_are_judged_too() -> None:
    facts = sourced()
    features = Features(Table(facts), PLAN)
    found = faithful(model_of(facts), features, features.items(), features.attributes(), sample=60)
    assert found.sampled == 60
    assert found.agreed_within < 1e-6


def test_figures_are_printed_as_json() -> None:
    found = judged(sample=30).as_dict()
    assert found["n"] == 30
    assert set(found) == {
        "n",
        "agreed_within",
        "moved_by_cited",
        "moved_by_random",
        "cited_above_random",
        "explained",
    }


def test_where_nothing_is_learned_there_is_nothing_to_judge() -> None:
    with pytest.raises(InputError) as caught:
        judged(replace(MODEL, learned={}))
    assert caught.value.code == "WW-EVALUATE-NOTHING"


def test_a_graph_less_some_facts_has_all_the_others() -> None:
    name = next(f for f in FACTS if f.subject == ITEMS[0] and f.predicate == SCHEMA.name)
    assert isinstance(name.object, Literal)
    left = Less(Table(FACTS), frozenset({name}))
    every = set(Table(FACTS).match(ITEMS[0], None, None))
    assert set(left.match(ITEMS[0], None, None)) == every - {name}
    assert len(list(left.match(None, SCHEMA.name, None))) == len(ITEMS) - 1
