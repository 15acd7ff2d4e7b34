"""Measures: what they compute, from what, and how sure they are."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wearwhy.errors import IllFormedRule
from wearwhy.evidence import Kind
from wearwhy.rdf import TYPE, WW, XSD, Fact, Literal, Namespace
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import Aggregate, Measure, Step, decimal_node, number, read_measures

EX = Namespace("https://example.org/")
LOOK = [Fact(EX.l, TYPE, WW.Look), Fact(EX.l, WW.hasItem, EX.a), Fact(EX.l, WW.hasItem, EX.b)]


def decimal(text: str) -> Literal:
    return Literal(text, datatype=XSD.decimal)


def over_look(kind: Aggregate) -> Measure:
    return Measure(EX.m, WW.Look, kind, (Step(WW.hasItem), Step(EX.n)))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Aggregate.COUNT, Literal(3)),
        (Aggregate.COUNT_DISTINCT, Literal(2)),
        (Aggregate.SUM, decimal("4")),
        (Aggregate.MIN, decimal("1")),
        (Aggregate.MAX, decimal("2")),
        (Aggregate.RANGE, decimal("1")),
    ],
)
def test_an_aggregate_runs_over_the_solutions_of_its_path(kind: Aggregate, value: Literal) -> None:
    facts = [
        *LOOK,
        Fact(EX.a, EX.n, decimal("1")),
        Fact(EX.b, EX.n, decimal("1")),
        Fact(EX.b, EX.n, decimal("2")),
    ]
    layer = Layer.root((), (over_look(kind),), facts)
    assert layer.objects(EX.l, EX.m) == [value]
    assert layer.kind(Fact(EX.l, EX.m, value)) is Kind.COMPUTED


def test_without_solutions_a_count_is_nought_and_a_sum_is_nothing() -> None:
    assert Layer.root((), (over_look(Aggregate.COUNT),), LOOK).objects(EX.l, EX.m) == [Literal(0)]
    assert Layer.root((), (over_look(Aggregate.SUM),), LOOK).objects(EX.l, EX.m) == []


@pytest.mark.parametrize("text", ["NaN", "INF", "1e400", "wool", "12345678901234567890"])
def test_what_is_no_sensible_number_is_left_out(text: str) -> None:
    facts = [*LOOK, Fact(EX.a, EX.n, Literal(text)), Fact(EX.b, EX.n, decimal("2.5"))]
    layer = Layer.root((), (over_look(Aggregate.SUM),), facts)
    assert layer.objects(EX.l, EX.m) == [decimal("2.5")]
    assert number(Literal(text)) is None


def test_of_equal_values_the_surest_is_the_premise() -> None:
    base = Layer.root((), (over_look(Aggregate.MIN),), LOOK)
    guess = (Fact(EX.a, EX.n, decimal("1")), 0.5)
    sure = Fact(EX.b, EX.n, decimal("1"))
    result = Fact(EX.l, EX.m, decimal("1"))
    for layer in (
        base.child(Change(predict=(guess,), add=(sure,))),
        base.child(Change(predict=(guess,))).child(Change(add=(sure,))),
    ):
        assert layer.confidence(result) == 1.0
        firing = layer.firing(result)
        assert firing is not None
        assert sure in firing.premises
        assert layer.child(Change(remove=(sure,))).confidence(result) == 0.5


def test_a_confirmed_guess_makes_what_was_computed_from_it_certain() -> None:
    base = Layer.root((), (over_look(Aggregate.SUM),), LOOK)
    guess = Fact(EX.a, EX.n, decimal("3"))
    unsure = base.child(Change(predict=((guess, 0.5),)))
    assert unsure.confidence(Fact(EX.l, EX.m, decimal("3"))) == 0.5
    confirmed = unsure.child(Change(add=(guess,)))
    assert confirmed.confidence(Fact(EX.l, EX.m, decimal("3"))) == 1.0


def test_days_since_counts_from_the_latest_day_before_the_request() -> None:
    measure = Measure(EX.m, WW.Item, Aggregate.DAYS_SINCE, (Step(EX.worn),))
    days = [Literal(text, datatype=XSD.date) for text in ("2026-11-01", "2026-11-20", "2026-11-24")]
    facts = [
        Fact(EX.r, WW.date, Literal("2026-11-24", datatype=XSD.date)),
        Fact(EX.r, WW.considers, EX.a),
        *(Fact(EX.a, EX.worn, day) for day in days),
    ]
    assert Layer.root((), (measure,), facts).objects(EX.a, EX.m) == [Literal(4)]


def test_hues_are_apart_along_the_shorter_way_round() -> None:
    measure = Measure(EX.m, WW.Look, Aggregate.ANGULAR_DISTANCE, (Step(EX.n),), (Step(EX.o),))
    facts = [
        Fact(EX.l, TYPE, WW.Look),
        Fact(EX.l, EX.n, decimal("350")),
        Fact(EX.l, EX.o, decimal("20")),
    ]
    assert Layer.root((), (measure,), facts).objects(EX.l, EX.m) == [decimal("30")]


def test_a_decimal_is_written_in_its_shortest_form_at_six_places() -> None:
    assert decimal_node(Decimal("1.50000004")) == decimal("1.5")
    assert decimal_node(Decimal("-0.0000001")) == decimal("0")


def test_an_unknown_aggregate_is_refused_with_the_nearest() -> None:
    facts = [
        Fact(EX.m, TYPE, WW.Measure),
        Fact(EX.m, WW.over, WW.Look),
        Fact(EX.m, WW.aggregate, WW.cuont),
    ]
    with pytest.raises(IllFormedRule, match="cuont") as caught:
        read_measures(facts)
    assert caught.value.code == "WW-MEASURE"
