"""Questions that settle most: their worth against asking the model the long way round."""

from __future__ import annotations

import time

import numpy as np
import pytest
from pyoxigraph import NamedNode
from tests.guessing_given import PLAN, model_of, shop, small

from wearwhy.learn.asking import Question, Ranking, drafted, questions
from wearwhy.learn.features import Features, visible
from wearwhy.learn.guess import answers, missing
from wearwhy.learn.metrics import Curve
from wearwhy.learn.predict import predicted
from wearwhy.learn.supposing import Supposed, entropies
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, OWL, TYPE, Fact

FACTS = shop()
MODEL = small()
ITEMS = Features(Table(FACTS), PLAN).items()
STRICT = 0.999
QUESTIONS = questions(FACTS, MODEL, ITEMS, PLAN, threshold=STRICT)


def entropy(facts: list[Fact], item: NamedNode, name: str) -> float:
    """The entropy of an attribute of an item in bits, by the model's plain prediction."""
    tokens = Features(Table(facts), PLAN).tokens(item)
    p = predicted(MODEL, name, [tokens]).probabilities
    return float(entropies(p, many=MODEL.learned[name].many)[0])


def others(one: Question) -> list[str]:
    table = Table(FACTS)
    return [
        a.name
        for a in PLAN.attributes
        if a != one.attribute and a.name in MODEL.learned and missing(table, one.item, a)
    ]


@pytest.mark.parametrize("one", QUESTIONS[:6] + QUESTIONS[-6:], ids=lambda q: q.attribute.name)
def test_a_question_is_worth_what_asking_again_for_every_answer_comes_to(one: Question) -> None:
    asked = one.options if one.value is None else [(v, p) for v, p in one.options if v == one.value]
    fall = sum(
        p
        * (
            entropy(FACTS, one.item, name)
            - entropy([*FACTS, Fact(one.item, one.attribute.iri, value)], one.item, name)
        )
        for value, p in asked
        for name in others(one)
    )
    assert one.others == pytest.approx(fall, abs=1e-9)
    p = np.array([[p for _, p in asked]])
    own = float(entropies(p, many=one.value is not None)[0])
    assert one.own == pytest.approx(own, abs=1e-9)
    if one.value is None:
        assert sum(p for _, p in one.options) == pytest.approx(1.0)


def test_what_a_question_would_settle_is_what_passes_once_it_is_answered() -> None:
    halfway = Curve((0.9, 0.2), (50, 100), (50, 60))
    model = model_of(FACTS, curves=(halfway,))
    found = questions(FACTS, model, ITEMS, PLAN)
    told = [one for one in found if one.follows]
    assert told
    before = {g.fact for a in answers(FACTS, model, ITEMS, PLAN) for g in a.guesses}
    for one in told[:5]:
        asked = {one.value} if one.value is not None else {value for value, _ in one.options}
        passed = 0.0
        for value, p in one.options:
            if value in asked:
                after = answers(
                    [*FACTS, Fact(one.item, one.attribute.iri, value)], model, [one.item], PLAN
                )
                fresh = {g.fact for a in after for g in a.guesses} - before
                assert fresh == {f.fact for f in one.follows if f.answer == value}
                passed += p * len(fresh)
        assert one.settled == pytest.approx(passed)


def test_only_what_no_guess_fills_is_asked() -> None:
    found = questions(FACTS, MODEL, ITEMS, PLAN)
    unknown = {
        (a.item, a.attribute.iri) for a in answers(FACTS, MODEL, ITEMS, PLAN) if not a.guesses
    }
    assert found
    assert {(one.item, one.attribute.iri) for one in found} <= unknown
    assert len(found) < len(QUESTIONS)


def test_the_best_question_comes_first_and_none_tells_twice_what_is_told() -> None:
    counted = [one.counted for one in QUESTIONS]
    assert counted == sorted(counted, reverse=True)
    assert QUESTIONS[0].counted == pytest.approx(max(one.bits for one in QUESTIONS))
    seen: dict[NamedNode, list[Question]] = {}
    for one in QUESTIONS:
        earlier = seen.setdefault(one.item, [])
        if not earlier:
            assert one.counted == pytest.approx(one.bits)
        else:
            assert one.counted < one.bits + 1e-9
        earlier.append(one)
    assert questions(FACTS, MODEL, ITEMS, PLAN, threshold=STRICT, most=3) == QUESTIONS[:3]


def test_a_second_value_is_asked_for_as_often_as_the_first_is_denied() -> None:
    supposed = Supposed.of(Table(FACTS), MODEL, ITEMS, PLAN, STRICT)
    many = [one for one in drafted(supposed) if one.value is not None]
    first = many[0]
    second = next(o for o in many[1:] if (o.place, o.row) == (first.place, first.row))
    ranking = Ranking(supposed)
    alone = ranking.counted(second)
    ((picked, counted),) = ranking.picked([first], 1)
    assert picked is first
    assert counted == pytest.approx(first.own + first.falls.sum())
    place = supposed.places[first.place]
    denied = 1 - float(place.p[first.row, first.value])
    told = np.maximum(first.falls, 0)
    falls = np.where(second.falls > 0, np.maximum(second.falls - told, 0), second.falls)
    assert ranking.counted(second) == pytest.approx(denied * (second.own + falls.sum()))
    assert ranking.counted(second) < alone


def test_a_denied_value_is_no_option_and_is_not_asked_about() -> None:
    one = next(q for q in QUESTIONS if q.value is None and len(q.options) > 2)
    value = one.options[0][0]
    no = ID["rejection/1"]
    denied = [
        *FACTS,
        Fact(no, TYPE, OWL.NegativePropertyAssertion),
        Fact(no, OWL.sourceIndividual, one.item),
        Fact(no, OWL.assertionProperty, one.attribute.iri),
        Fact(no, OWL.targetIndividual, value),
    ]
    found = questions(denied, MODEL, [one.item], PLAN, threshold=STRICT)
    again = next(q for q in found if q.attribute == one.attribute)
    assert value not in [option for option, _ in again.options]
    assert sum(p for _, p in again.options) == pytest.approx(1.0)


def test_an_answer_speaks_with_the_tokens_that_the_stated_fact_would_have() -> None:
    supposed = Supposed.of(Table(FACTS), MODEL, ITEMS, PLAN, STRICT)
    for place in supposed.places:
        item = ITEMS[int(place.items[0])]
        for value in place.learned.values:
            fact = Fact(item, place.learned.iri, place.learned.node(value))
            before = Features(Table(FACTS), PLAN).tokens(item)
            after = Features(Table([*FACTS, fact]), PLAN).tokens(item)
            assert set(supposed.tokens(place, value)) == set(after) - set(before)
            assert not set(supposed.tokens(place, value)) & set(visible(after, place.attribute))


def test_sixty_items_are_asked_about_in_well_under_a_second() -> None:
    began = time.process_time()
    found = questions(FACTS, MODEL, ITEMS[:60], PLAN, threshold=STRICT, most=10)
    assert len(found) == 10
    assert time.process_time() - began < 1.0


def test_the_entropy_of_a_fair_coin_is_a_bit() -> None:
    assert entropies(np.array([[0.5, 0.5], [1.0, 0.0]]), many=False) == pytest.approx([1.0, 0.0])
    assert entropies(np.array([[0.5, 0.5], [1.0, 0.0]]), many=True) == pytest.approx([2.0, 0.0])
