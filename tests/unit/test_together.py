"""Sets of items judged at once say what looks of them say, but for what only a request brings."""

from __future__ import annotations

import math
import random

import pytest
from tests.outfit_model_given import made_up
from tests.properties.test_learned_looks import items_of, wardrobe  # noqa: F401 (a fixture)
from tests.properties.test_looks import Blobs

from wearwhy.errors import InputError
from wearwhy.explain.terms import explain_terms
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, Placed, look_layer
from wearwhy.outfit.request import Request
from wearwhy.outfit.together import PARTS, judged
from wearwhy.outfit.unasked import unasked
from wearwhy.rdf import ID, WW, NamedNode
from wearwhy.rules.layer import Change, Layer

EXACT = 1e-9


def sets_of(layer: Layer, resources: Resources, n: int) -> list[tuple[NamedNode, ...]]:
    index = resources.index(layer)
    rng = random.Random(5)
    return [
        tuple(sorted(rng.sample(index.items, rng.randint(1, 5)), key=index.order)) for _ in range(n)
    ]


@pytest.mark.parametrize("taught", [False, True], ids=["counted", "learned"])
def test_a_set_is_worth_what_a_look_of_it_is(
    wardrobe: Layer,  # noqa: F811
    *,
    taught: bool,
) -> None:
    model = made_up(wardrobe, items_of(wardrobe)) if taught else None
    resources = Resources(pairing_model=model)
    index = resources.index(wardrobe)
    sets = sets_of(wardrobe, resources, 12)
    plain = unasked(wardrobe)
    found = judged(plain, index, resources, sets)
    request = Request()
    asked = plain.child(Change(add=request.facts()))
    for k, items in enumerate(sets):
        slot = WW["slot-top"]
        placed = tuple(Placed(item, slot) for item in items)
        look = Look(request, slot, placed, 0.0, (), collection=len(index.items))
        terms = explain_terms(look_layer(asked, look), look, resources)
        by = {
            kind: math.fsum(t.value for t in terms if t.kind == kind)
            for kind in ("rule", "walk", "pair")
        }
        assert found.rule[k] == pytest.approx(by["rule"], abs=EXACT)
        assert found.walk[k] == pytest.approx(by["walk"], abs=EXACT)
        pair = found.pair[k] + found.image[k] + found.residual[k]
        assert pair == pytest.approx(by["pair"], abs=EXACT)
        assert found.total[k] == pytest.approx(math.fsum(by.values()), abs=EXACT)
    assert (found.explained <= 1).all()
    assert (found.explained < 1).any() == taught


def test_going_without_a_part_takes_it_from_the_sum(wardrobe: Layer) -> None:  # noqa: F811
    model = made_up(wardrobe, items_of(wardrobe))
    resources = Resources(vectors=Blobs(), pairing_model=model)  # type: ignore[arg-type]
    index = resources.index(wardrobe)
    sets = sets_of(wardrobe, resources, 6)
    whole = judged(wardrobe, index, resources, sets)
    for part in PARTS:
        found = judged(wardrobe, index, resources, sets, without={part})
        gone = {
            "rules": whole.rule,
            "walks": whole.walk,
            "neural": whole.pair + whole.image + whole.residual,
            "photos": whole.image,
        }[part]
        assert found.total == pytest.approx(whole.total - gone, abs=EXACT)
    assert whole.named == pytest.approx(whole.rule + whole.walk + whole.pair, abs=EXACT)


def test_what_cannot_be_judged_is_refused(wardrobe: Layer) -> None:  # noqa: F811
    resources = Resources()
    index = resources.index(wardrobe)
    with pytest.raises(InputError) as refused:
        judged(wardrobe, index, resources, [], without={"colours"})
    assert refused.value.code == "WW-JUDGE-PART"
    with pytest.raises(InputError) as refused:
        judged(wardrobe, index, resources, [(ID["mine/nothing"],)])
    assert refused.value.code == "WW-JUDGE-ITEM"
    assert len(judged(wardrobe, index, resources, []).total) == 0
