"""What is kept between requests changes nothing: a later request gets what it would get first."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.test_batch import ITEMS, REQUEST, measures, plain_facts, rules, said

from wearwhy.rdf import TYPE, WW, Fact, NamedNode
from wearwhy.rules.batch import Batch
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Rule

OTHER = NamedNode("https://example.org/another-request")


def judged(
    wardrobe: Layer, request: NamedNode, facts: list[Fact], items: tuple[NamedNode, ...] = ITEMS
) -> list[dict[Fact, float]]:
    asserted = [Fact(request if f.subject == REQUEST else f.subject, *f[1:]) for f in facts]
    layer = wardrobe.child(Change(add=(Fact(request, TYPE, WW.Request), *asserted)))
    batch = Batch(layer, items)
    pairs = list(combinations(range(len(items)), 2))
    first, second = np.array(pairs, dtype=np.int64).T
    names = [NamedNode(f"https://example.org/row{n}") for n in range(len(pairs))]
    looks = [range(len(items)), range(2), range(1, len(items))]
    return [
        said(batch.items(), list(items)),
        said(batch.pairs(first, second), names),
        said(batch.pairs(first[:2], second[:2]), names),
        said(batch.looks(looks), names),
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
@given(
    program=st.integers(1, 5).flatmap(lambda n: st.tuples(*(rules(i) for i in range(n)))),
    computed=measures(),
    base=st.lists(plain_facts(), min_size=4, max_size=14, unique=True),
    asked=st.lists(st.lists(plain_facts(), max_size=3, unique=True), min_size=2, max_size=4),
    guesses=st.lists(
        st.tuples(plain_facts(), st.sampled_from([0.5, 0.9])), max_size=2, unique_by=lambda g: g[0]
    ),
)
def test_a_later_request_is_answered_as_a_first_one(
    program: tuple[Rule, ...],
    computed: tuple[Measure, ...],
    base: list[Fact],
    asked: list[list[Fact]],
    guesses: list[tuple[Fact, float]],
) -> None:
    root = Layer.root(program, computed, base)
    kept = root.child(Change(predict=tuple(guesses)))
    for number, facts in enumerate((*asked, asked[0])):
        request = OTHER if number % 2 else REQUEST
        # Other candidates are not answered with what was kept of these.
        items = ITEMS[1:] if number % 3 == 1 else ITEMS
        fresh = root.child(Change(predict=tuple(guesses)))
        assert judged(kept, request, facts, items) == judged(fresh, request, facts, items)
