"""Every derived and computed fact of a recommended look has a proof that the checker accepts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from wearwhy.evidence import Evidence, Kind
from wearwhy.outfit.look import Look, look_layer, pair_iri
from wearwhy.proof.checker import check
from wearwhy.proof.prove import Prover, ground
from wearwhy.rdf import WW, XSD, Fact, Literal
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Layer
from wearwhy.rules.measures import decimal_node
from wearwhy.rules.opinions import Opinions, verdict_of
from wearwhy.rules.reference import infer
from wearwhy.workspace import Workspace
from wearwhy.workspace.asking import Wishes

DATA = Path(__file__).parents[2] / "data"
VERDICTS = (WW.violates, WW.favouredBy, WW.disfavouredBy)


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Look, Layer, Layer]]:
    """The looks for a rainy day at the office: each with its request's layer and its own."""
    space = Workspace.init(tmp_path_factory.mktemp("demo") / "W")
    space.load(DATA / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    wishes = Wishes(occasions=("office",), on=date(2026, 11, 24), weather="8C rain wind 20km/h")
    found = space.suggest(space.ask(wishes).requests[0])
    return [(look, found.layer, look_layer(found.layer, look)) for look in found.looks]


def test_every_derived_and_computed_fact_of_a_look_is_proved(
    looks: list[tuple[Look, Layer, Layer]],
) -> None:
    _, _, layer = looks[0]
    prover = Prover(layer)
    roots = [
        prover.node(fact)
        for fact in layer.facts()
        if layer.kind(fact) in (Kind.DERIVED, Kind.COMPUTED)
    ]
    assert len(roots) > 3000
    known = ground(layer, layer.program.rules, layer.program.measures)
    assert check(Evidence(roots[0], prover.nodes), known) == []


def test_arrays_and_the_resident_engine_agree_on_the_looks_of_the_demo(
    looks: list[tuple[Look, Layer, Layer]],
) -> None:
    for look, request, layer in looks:
        items = look.items
        batch = Batch(request, items)
        pairs = list(combinations(range(len(items)), 2))
        first, second = np.array(pairs, dtype=np.int64).T
        names = [pair_iri(look.iri, items[a], items[b]) for a, b in pairs]
        found: dict[Fact, float] = {}
        about: list[tuple[Opinions, list[object]]] = [
            (batch.items(), list(items)),
            (batch.pairs(first, second), list(names)),
            (batch.looks([range(len(items))]), [look.iri]),
        ]
        for opinions, subjects in about:
            for row, number, sure in zip(
                opinions.row, opinions.rule, opinions.confidence, strict=True
            ):
                rule = opinions.rules[number]
                assert verdict_of(rule) is not None
                predicate = rule.head[0].predicate
                found[Fact(subjects[row], predicate, rule.iri)] = round(float(sure), 9)
        expected = {
            fact: round(layer.confidence(fact), 9)
            for predicate in VERDICTS
            for fact in layer.match(None, predicate, None)
        }
        assert found == expected


@pytest.mark.slow
def test_the_reference_concludes_the_same_of_the_demo(
    looks: list[tuple[Look, Layer, Layer]],
) -> None:
    _, _, layer = looks[0]
    asserted = [fact for fact in layer.facts() if layer.kind(fact) is Kind.ASSERTED]
    assert all(layer.kind(fact) is not Kind.PREDICTED for fact in layer.facts())
    expected = infer(layer.program.rules, asserted, layer.program.measures)
    concluded = {
        fact for fact in layer.facts() if layer.kind(fact) in (Kind.DERIVED, Kind.COMPUTED)
    }
    assert by_value(concluded) == by_value(expected)


def by_value(facts: Iterable[Fact]) -> set[Fact]:
    """Facts with decimals in one spelling: the reference's store writes 0.00 as 0."""
    return {
        fact._replace(object=decimal_node(Decimal(fact.object.value)))
        if isinstance(fact.object, Literal) and fact.object.datatype == XSD.decimal
        else fact
        for fact in facts
    }
