"""What witnesses say of items that were held out: fitted together, and without their labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from tests.unit.learn_given import FACTS, PLAN, sourced

from wearwhy.learn import heldout
from wearwhy.learn.additive import softmax
from wearwhy.learn.corpus import Corpus, Target, corpus, target
from wearwhy.learn.embeddings import Composed
from wearwhy.learn.features import Features
from wearwhy.learn.heldout import Held, held_out, speakers
from wearwhy.learn.jointly import Prepared, fitted, prepared, scores
from wearwhy.learn.mined.stars import Mining, holds
from wearwhy.learn.table import Table
from wearwhy.rdf import Fact

USE = ("mined", "additive")


def given(name: str = "formality", facts: list[Fact] | None = None) -> tuple[Corpus, Target]:
    data = corpus(Features(Table(FACTS if facts is None else facts), PLAN))
    aim = target(data, next(a for a in data.attributes if a.name == name))
    assert aim is not None
    return data, aim


def ready(name: str = "formality", *, rules: bool = True) -> Prepared:
    data, aim = given(name)
    return prepared(
        data.matrix(aim.attribute, aim.items),
        aim.table,
        speakers(data),
        many=aim.attribute.many,
        mining=Mining() if rules else None,
    )


@pytest.mark.parametrize("name", ["formality", "suitsSeason"])
@pytest.mark.parametrize("own", [True, False])
def test_both_witnesses_together_say_what_the_whole_fit_says(name: str, *, own: bool) -> None:
    data = ready(name)
    joint = fitted(data, (1.0, 4.0), own=own)
    facts, rules = scores(joint, data.matrix)
    assert data.fired is not None
    columns = [data.matrix, data.fired] if own else [data.fired]
    whole = np.hstack([c.toarray() for c in columns]) @ joint.whole.weights + joint.whole.bias
    assert np.abs(facts + rules - whole).max() < 1e-9


def test_rules_alone_leave_an_item_s_own_facts_silent() -> None:
    joint = fitted(ready(), (1.0, 4.0), own=False)
    assert not joint.additive.weights.any()
    assert joint.mined.weights.any()
    facts, _ = scores(joint, ready().matrix)
    assert np.ptp(facts, axis=0).max() == 0.0


def test_own_facts_alone_leave_no_rules() -> None:
    joint = fitted(ready(rules=False), (1.0, 4.0))
    assert not len(joint.mined.bodies)
    _, rules = scores(joint, ready().matrix)
    assert not rules.any()


def test_starting_from_another_strength_comes_to_the_same() -> None:
    data = ready()
    cold = fitted(data, (1.0, 4.0))
    warm = fitted(data, (1.0, 4.0), start=fitted(data, (10.0, 10.0)))
    one, other = (softmax(np.add(*scores(joint, data.matrix))) for joint in (cold, warm))
    assert np.abs(one - other).max() < 0.02


def test_a_stronger_prior_holds_rules_back() -> None:
    data = ready()
    loose, tight = (fitted(data, (1.0, strength)) for strength in (1.0, 100.0))
    assert np.abs(tight.mined.weights).sum() < np.abs(loose.mined.weights).sum()


def folded(data: Corpus) -> dict[int, Composed]:
    rng = np.random.default_rng(0)
    start, rows = rng.normal(size=8), rng.normal(size=(data.embedded, 8))
    return {k: Composed(start, rng.normal(size=(data.embedded, 8)), rows) for k in data.judged}


def judge(data: Corpus, aim: Target) -> Held:
    return held_out(data, aim, folded(data), use=(*USE, "embeddings"), mining=Mining())


@pytest.mark.parametrize(
    ("name", "facts"),
    [("suitsSeason", None), ("formality", None), ("column/shop/usage", sourced(valid=0.3))],
)
def test_a_held_out_item_s_labels_never_reach_its_own_scores(
    monkeypatch: pytest.MonkeyPatch, name: str, facts: list[Fact] | None
) -> None:
    monkeypatch.setattr(heldout, "STRENGTHS", ((1.0, 10.0),))
    data, aim = given(name, facts)
    before = judge(data, aim)
    fold_of = data.folds[aim.items]
    for k in data.judged:
        out = np.flatnonzero(fold_of == k)
        table = aim.table.copy()
        table[out] = np.roll(table[out], 1, axis=1)
        after = judge(data, replace(aim, table=table))
        here = fold_of[before.judged] == k
        for witness, found in before.scores.items():
            assert np.array_equal(found[here], after.scores[witness][here]), witness


def test_the_verdict_on_an_item_is_fitted_on_the_others() -> None:
    data, aim = given()
    before = judge(data, aim)
    for part in np.unique(before.parts):
        here = before.parts == part
        table = before.table.copy()
        table[here] = np.roll(table[here], 1, axis=1)
        assert np.array_equal(
            before.verdict(USE)[here], replace(before, table=table).verdict(USE)[here]
        )


def test_each_labelled_item_is_judged_once_and_only_what_was_held_out() -> None:
    data, aim = given()
    assert np.array_equal(judge(data, aim).judged, np.arange(len(aim.items)))
    data, aim = given("column/shop/usage", sourced(valid=0.3))
    found = judge(data, aim)
    assert set(data.folds[aim.items[found.judged]].tolist()) == {0}


def test_rules_are_counted_on_items_that_they_were_not_mined_from() -> None:
    data, aim = given("column/shop/usage", sourced(valid=0.3))
    found = judge(data, aim)
    out = aim.items[found.judged]
    left = data.matrix(aim.attribute, out)
    assert found.counted
    for body, times in list(found.counted.items())[:30]:
        where = holds(csr_matrix(left), np.array([body]))
        assert np.allclose(times, where.T @ aim.table[found.judged])
