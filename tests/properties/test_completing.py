"""Completing: what arrays shortlist is what scoring every item ranks first."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shop_given import BRANDS, SHOP, item, shop

from wearwhy.evidence import Kind
from wearwhy.explain.several import explain_several
from wearwhy.explain.terms import explain, explain_terms
from wearwhy.outfit import complete as completing
from wearwhy.outfit.complete import Completion, complete
from wearwhy.outfit.filters import Filters, refused
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import look_layer, pair_iri
from wearwhy.outfit.request import Request
from wearwhy.outfit.score import total
from wearwhy.rdf import WW, Fact
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import named

SLOT = WW["slot-feet"]
ASKED = Request(
    (WW["occasion-office"],),
    date(2026, 11, 24),
    locked=(item(0), item(1)),
    source="catalogue:shop",
)
FILTERS = st.builds(
    Filters,
    max_price=st.none() | st.sampled_from([0.0, 50.0, 120.0]),
    in_stock=st.booleans(),
    sizes=st.sampled_from([(), ("38",), (" xl ", "36"), ("none",)]),
    brands=st.sampled_from([(), ("acme",), BRANDS[:2]]),
    not_brands=st.sampled_from([(), ("Strida",), ("LUMI", "Acme")]),
)


@pytest.fixture(scope="module")
def layer() -> Layer:
    return shop(400, 150)


@pytest.fixture(scope="module")
def resources() -> Resources:
    return Resources()


def told(found: list[Completion]) -> list[tuple[str, float]]:
    return [(one.item.value, round(one.look.score, 9)) for one in found]


def test_terms_read_fact_by_fact_add_up_to_the_score_that_ranked(
    layer: Layer, resources: Resources
) -> None:
    asked, found = complete(layer, ASKED, resources, slot=SLOT, n=5)
    for one in found[SLOT]:
        read = explain_terms(look_layer(asked, one.look), one.look, resources)
        assert total(read) == pytest.approx(one.look.score, abs=1e-9)
        assert {t.key for t in read} == {t.key for t in one.look.terms}


def test_looks_explained_together_say_what_each_says_alone(
    layer: Layer, resources: Resources
) -> None:
    asked, found = complete(layer, ASKED, resources, slot=SLOT, n=4)
    looks = [one.look for one in found[SLOT]]
    for look, told in zip(looks, explain_several(asked, looks, resources), strict=True):
        alone = explain(asked, look, resources, trials=False)
        assert [one.term for one in told.terms] == [one.term for one in alone.terms]
        assert told.look.score == alone.look.score
        for one in told.terms:
            for node in one.evidence.nodes.values():
                assert (
                    node.statement is None
                    or told.layer.holds(node.statement)
                    or (node.kind is Kind.ABSENT)
                )


def test_a_short_list_read_on_says_what_scoring_everything_says(
    layer: Layer, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = complete(layer, ASKED, resources, slot=SLOT, n=60)
    assert len(whole[SLOT]) == 60
    # Sixteen at a time hold the first of what rules move by less than they are apart.
    monkeypatch.setattr(completing, "AT_ONCE", 48)
    _, some = complete(layer, ASKED, resources, slot=SLOT, n=10)
    first = {one.item for one in whole[SLOT][:10]}
    assert len(first & {one.item for one in some[SLOT]}) >= 8
    scores = dict(told(list(whole[SLOT])))
    assert all(scores.get(name, score) == score for name, score in told(list(some[SLOT])))


def test_no_completion_is_forbidden_and_what_is_left_out_is(
    layer: Layer, resources: Resources
) -> None:
    """Every shoe of the shop is either offered or forbidden by some rule."""
    asked, found = complete(layer, ASKED, resources, slot=SLOT, n=400)
    offered = {one.item for one in found[SLOT]}
    index = resources.index(layer)
    shoes = {
        one
        for number, one in enumerate(index.items)
        if SLOT in index.places[number] and SHOP in index.catalogues[number]
    }
    assert offered <= shoes
    barred = 0
    for one in sorted(shoes, key=str):
        if one in offered and barred > 3:
            continue
        look = next(c.look for c in found[SLOT])
        items = tuple(sorted((*ASKED.locked, one), key=index.order))
        placed = tuple(type(look.placed[0])(i, index.places[index.at[i]][0]) for i in items)
        trial = type(look)(ASKED, look.template, placed, 0.0, ())
        over = look_layer(asked, trial)
        subjects = [trial.iri, one]
        subjects += [pair_iri(trial.iri, a, b) for a, b in combinations(items, 2) if one in (a, b)]
        forbidden = any(
            over.confidence(Fact(s, WW.violates, rule)) >= index.scoring.certainty
            for s in subjects
            for rule in named(over.objects(s, WW.violates))
        )
        assert forbidden == (one not in offered), one
        barred += forbidden


@given(FILTERS)
@settings(max_examples=30, deadline=None)
def test_filters_as_arrays_refuse_what_filters_fact_by_fact_refuse(filters: Filters) -> None:
    layer, resources = _kept()
    index = resources.index(layer)
    passing = index.shelf.passing(filters)
    for number, one in enumerate(index.items[::7]):
        why = refused(layer, filters, one)
        assert passing[number * 7] == (not why)
        for reason in why:
            assert reason.wanted
            assert reason.fact is None or layer.holds(reason.fact)


_KEPT: list[tuple[Layer, Resources]] = []


def _kept() -> tuple[Layer, Resources]:
    if not _KEPT:
        _KEPT.append((shop(300, 40, 1), Resources()))
    return _KEPT[0]


@given(FILTERS, st.sets(st.integers(0, 299), max_size=4))
@settings(max_examples=10, deadline=None)
def test_what_is_completed_with_passes_the_filters_and_is_not_excluded(
    filters: Filters, gone: set[int]
) -> None:
    layer, resources = _kept()
    request = Request(
        locked=(item(0), item(1)),
        excluded=tuple(item(n) for n in sorted(gone - {0, 1})),
        source="both",
        filters=filters,
    )
    _, found = complete(layer, request, resources, n=5)
    for completions in found.values():
        for one in completions:
            assert one.item not in request.excluded
            assert not refused(layer, filters, one.item)
            assert set(request.locked) < set(one.look.items)
