"""Walks: groups add up to the walk value, whichever way they are read."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError
from wearwhy.evidence import Kind
from wearwhy.rdf import ID, RDF, TYPE, WW, Fact, Node, literal
from wearwhy.walk import matrix, metapaths

HAS, OF, AT = WW.hasItem, WW.material, WW.occasion


class Facts:
    """A graph that is a set of facts."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = list(dict.fromkeys(facts))

    def holds(self, fact: Fact) -> bool:
        return fact in self.facts

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> list[Fact]:
        wanted = (subject, predicate, obj)
        return [
            f
            for f in self.facts
            if all(w is None or w == part for w, part in zip(wanted, f, strict=True))
        ]

    def objects(self, subject: Node, predicate: NamedNode, /) -> list[Node]:
        return [f.object for f in self.match(subject, predicate, None)]

    def subjects(self, predicate: NamedNode, obj: Node, /) -> list[Node]:
        return [f.subject for f in self.match(None, predicate, obj)]

    def value(self, subject: Node, predicate: NamedNode, /) -> Node | None:
        return min(self.objects(subject, predicate), key=str, default=None)

    def kind(self, fact: Fact, /) -> Kind | None:
        return Kind.ASSERTED if self.holds(fact) else None

    def confidence(self, fact: Fact, /) -> float:
        return 1.0


START = ID["request"]
ITEMS = [ID[f"item{n}"] for n in range(8)]
PATHS = (
    metapaths.MetaPath(
        WW["walk-worn"],
        (metapaths.Step(AT), metapaths.Step(AT, inverse=True), metapaths.Step(HAS)),
        1.0,
    ),
    metapaths.MetaPath(
        WW["walk-material"],
        (metapaths.Step(WW.locks), metapaths.Step(OF), metapaths.Step(OF, inverse=True)),
        0.3,
    ),
)


def world(seed: int) -> tuple[list[Fact], list[Fact]]:
    rng = random.Random(seed)
    below = [Fact(item, OF, ID[f"cloth{rng.randint(0, 3)}"]) for item in ITEMS for _ in range(2)]
    for n in range(5):
        outfit = ID[f"outfit{n}"]
        below += [Fact(outfit, HAS, item) for item in rng.sample(ITEMS, 3)]
        below.append(Fact(outfit, AT, ID[f"occasion{rng.randint(0, 2)}"]))
    asked = [Fact(START, AT, ID["occasion0"]), Fact(START, WW.locks, rng.choice(ITEMS))]
    return below, asked


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_groups_add_up_to_the_walk_value_and_fact_by_fact_equals_sparse(seed: int) -> None:
    below, asked = world(seed)
    graph = Facts([*below, *asked])
    matrices = matrix.build(Facts(below), metapaths.properties(PATHS))
    vias = metapaths.passed(graph, matrices, PATHS, START, len(ITEMS))
    whole = metapaths.totals(matrices, PATHS, vias)
    sparse = metapaths.columns(matrices, PATHS, vias, ITEMS)
    slow = metapaths.groups(graph, PATHS, START, len(ITEMS), ITEMS, aside=(START,))
    for item in ITEMS:
        row = matrices.row.get(item)
        for found in (sparse, slow):
            total = sum(
                value for group in found for reached, value in group.values if reached == item
            )
            assert total == pytest.approx(0.0 if row is None else whole[row], abs=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_trail_of_a_group_holds_and_leads_to_what_it_passes_through(seed: int) -> None:
    below, asked = world(seed)
    graph = Facts([*below, *asked])
    for group in metapaths.groups(graph, PATHS, START, len(ITEMS), ITEMS, aside=(START,)):
        path = next(p for p in PATHS if p.iri == group.path)
        trail = metapaths.trail(graph, path, START, group.via, (START,))
        assert len(trail) == len(path.steps) - 1
        assert all(graph.holds(fact) for fact in trail)
        assert group.via in (trail[-1].subject, trail[-1].object)


def test_a_walk_of_more_than_four_steps_is_refused() -> None:
    cells = [ID[f"cell{n}"] for n in range(5)]
    facts = [Fact(WW.long, TYPE, WW.MetaPath), Fact(WW.long, WW.path, cells[0])]
    for n, cell in enumerate(cells):
        facts.append(Fact(cell, RDF.first, OF))
        facts.append(Fact(cell, RDF.rest, cells[n + 1] if n < 4 else RDF.nil))
    facts.append(Fact(WW.long, WW.weight, literal(1.0)))
    with pytest.raises(InputError) as refused:
        metapaths.read(Facts(facts))
    assert refused.value.code == "WW-WALK-LENGTH"


def test_a_walk_without_a_weight_is_refused() -> None:
    facts = [
        Fact(WW.short, TYPE, WW.MetaPath),
        Fact(WW.short, WW.path, ID["a"]),
        Fact(ID["a"], RDF.first, OF),
        Fact(ID["a"], RDF.rest, ID["b"]),
        Fact(ID["b"], RDF.first, OF),
        Fact(ID["b"], RDF.rest, RDF.nil),
        Fact(WW.short, WW.weight, Literal("much")),
    ]
    with pytest.raises(InputError) as refused:
        metapaths.read(Facts(facts))
    assert refused.value.code == "WW-WALK-WEIGHT"
