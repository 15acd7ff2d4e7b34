"""Explanations of looks held against the looks: true to the last digit, and worth citing."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from tests.outfit_model_given import made_up
from tests.properties.test_learned_looks import items_of
from tests.properties.test_looks import (
    base,  # noqa: F401 (a fixture)
    comfort_table,
    request,
    wardrobe_facts,
)

from wearwhy.errors import InputError
from wearwhy.evaluate import explanations as module
from wearwhy.evaluate.explanations import STEPS, Explanations, explanations
from wearwhy.outfit.index import Resources
from wearwhy.rdf import Fact
from wearwhy.rules.layer import Change, Layer

SMALL = 2


@pytest.fixture(scope="module")
def found(base: tuple[Layer, list[Fact]]) -> Explanations:  # noqa: F811
    root, facts = base
    layer = root.child(Change(add=tuple(wardrobe_facts(facts, seed=7))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TOP", SMALL)
        model = made_up(layer, items_of(layer))
        resources = Resources(table=comfort_table(), pairing_model=model)
        return explanations(layer, [request(3), request(4)], resources, sample=4)


def test_what_a_term_would_be_without_a_fact_is_what_it_then_is(found: Explanations) -> None:
    assert found.sampled == 4
    assert found.agreed_within < 1e-9
    assert found.moved.value > 0
    assert {"rule", "walk", "pair"} <= found.by_kind.keys()
    assert max(found.by_kind.values()) <= found.sampled


def test_curves_start_and_end_where_nothing_and_all_is_gone(found: Explanations) -> None:
    assert found.tried
    curves = found.curves()
    assert {len(values) for values in curves.values()} == {STEPS + 1}
    assert curves["deleted cited"][0] == curves["deleted random"][0]
    assert curves["inserted cited"][0] == curves["inserted random"][0]
    assert found.cited.value == curves["inserted cited"][module.ALONE]
    assert all(0 <= value <= 1 for values in curves.values() for value in values)


def test_figures_are_one_document_and_the_picture_is_svg(found: Explanations) -> None:
    assert json.loads(json.dumps(found.as_dict()))["n"] == 4
    picture = ET.fromstring(found.picture())
    assert len(picture.findall(".//{*}polyline")) == 4


def test_nothing_to_judge_is_refused(base: tuple[Layer, list[Fact]]) -> None:  # noqa: F811
    with pytest.raises(InputError) as refused:
        explanations(base[0], [request(3)], Resources(), sample=2)
    assert refused.value.code == "WW-EVALUATE-NOTHING"
