"""The array reading says of items, pairs and looks what the resident engine says of one look."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wearwhy.outfit.look import look_iri, pair_iri, scaffold
from wearwhy.rdf import TYPE, WW, XSD, Fact, Literal, NamedNode
from wearwhy.rules import memberwise
from wearwhy.rules.batch import Batch, Opinions, verdict_of
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import (
    Atom,
    Call,
    Description,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)

EX = "https://example.org/"
REQUEST = NamedNode(f"{EX}request")
ITEMS = tuple(NamedNode(f"{EX}i{n}") for n in range(4))
VALUES = [NamedNode(f"{EX}v{n}") for n in range(3)]
# Facts of items and of values; what rules about candidates conclude; numbers of items.
PLAIN = [NamedNode(f"{EX}p{n}") for n in range(3)]
SAID = NamedNode(f"{EX}said")
NUMBER = NamedNode(f"{EX}number")
OVER_LOOK = NamedNode(f"{EX}overLook")
OVER_PAIR = NamedNode(f"{EX}overPair")
OVER_ITEM = NamedNode(f"{EX}overItem")
R, X, A, B, P, L = (Var(name) for name in "rxabpl")
HEADS = [WW.violates, WW.favouredBy, WW.disfavouredBy]

FRAMES: dict[str, list[tuple[Var, list[Element]]]] = {
    "item": [
        (X, [Atom(R, WW.considers, X)]),
        (X, [Atom(R, WW.considers, X), Atom(R, TYPE, WW.Request)]),
    ],
    "pair": [
        (P, [Atom(P, WW.first, A), Atom(P, WW.second, B)]),
        (
            P,
            [
                Atom(P, TYPE, WW.Pair),
                Atom(P, WW.member, A),
                Atom(P, WW.member, B),
                Filter(Call("!=", (A, B))),
            ],
        ),
        (P, [Atom(P, WW.first, A), Atom(R, TYPE, WW.Request), Atom(P, WW.second, B)]),
    ],
    "look": [
        (L, [Atom(L, TYPE, WW.Look), Atom(L, WW.hasItem, A)]),
        (
            L,
            [
                Atom(L, TYPE, WW.Look),
                Atom(L, WW.hasItem, A),
                Atom(L, WW.hasItem, B),
                Filter(Call("!=", (A, B))),
            ],
        ),
        (
            L,
            [
                Atom(L, WW.hasPair, P),
                Atom(P, TYPE, WW.Pair),
                Atom(P, WW.second, A),
                Atom(L, WW.forRequest, R),
            ],
        ),
    ],
}
MEASURED = {"item": OVER_ITEM, "pair": OVER_PAIR, "look": OVER_LOOK}


def _terms(*terms: Term) -> list[Term]:
    return list(terms)


@st.composite
def rules(draw: st.DrawFn, number: int) -> Rule:
    sort = draw(st.sampled_from(["item", "pair", "look"]))
    subject, frame = draw(st.sampled_from(FRAMES[sort]))
    bound: list[Var] = sorted(
        {
            v
            for e in frame
            if isinstance(e, Atom)
            for v in (e.subject, e.object)
            if isinstance(v, Var)
        }
    )
    things = [v for v in bound if v in (X, A, B)]
    body: list[Element] = list(frame)
    data = draw(st.integers(0, 9)) == 0
    for n in range(draw(st.integers(1, 3))):
        local = Var(f"v{draw(st.integers(0, 1))}")
        which = draw(st.integers(0, 9))
        end: Term = draw(st.sampled_from(_terms(local, *VALUES)))
        if which < 4:
            body.append(Atom(draw(st.sampled_from(things)), draw(st.sampled_from(PLAIN)), end))
        elif which == 4 and R in bound:
            body.append(Atom(R, PLAIN[0], end))
        elif which == 5:
            body.append(Atom(subject, MEASURED[sort], Var(f"n{n}")))
            if draw(st.booleans()):
                limit = Literal("1.5", datatype=XSD.decimal)
                body.append(Filter(Call(draw(st.sampled_from(["<", ">"])), (Var(f"n{n}"), limit))))
        elif which == 6:
            inner: list[Atom | Filter] = [
                Atom(
                    draw(st.sampled_from(things)),
                    draw(st.sampled_from(PLAIN)),
                    draw(st.sampled_from(_terms(Var("z"), *VALUES))),
                )
            ]
            if draw(st.booleans()):
                inner.append(
                    Atom(
                        draw(st.sampled_from([subject, *things])),
                        draw(st.sampled_from([SAID, PLAIN[2]])),
                        Var("z"),
                    )
                )
            body.append(Negation(tuple(inner), data=draw(st.booleans())))
        elif which == 7:
            body.append(Atom(subject, SAID, end))
        elif which == 8:
            body.append(
                Atom(draw(st.sampled_from(things)), Var("q"), draw(st.sampled_from(VALUES)))
            )
        elif sort == "look":
            body.append(
                Negation(
                    (
                        Atom(subject, WW.hasItem, Var("z")),
                        Atom(Var("z"), draw(st.sampled_from(PLAIN)), draw(st.sampled_from(VALUES))),
                    ),
                    data=False,
                )
            )
        if (
            isinstance(end, Var)
            and draw(st.integers(0, 3)) == 0
            and any(isinstance(e, Atom) and e.object == end for e in body)
        ):
            body.append(Filter(Call("!=", (end, VALUES[0]))))
    iri = NamedNode(f"{EX}r{number}")
    derive = draw(st.integers(0, 3)) == 0
    head = (
        Atom(subject, SAID, draw(st.sampled_from(VALUES)))
        if derive
        else Atom(subject, draw(st.sampled_from(HEADS)), iri)
    )
    if derive:
        # What is concluded of candidates is not read by what concludes it.
        body = [e for e in body if SAID not in _predicates(e)]
        kept = frozenset().union(*(variables(e) for e in body if isinstance(e, Atom)))
        body = [e for e in body if not isinstance(e, Filter) or variables(e) <= kept]
    description = Description(
        confidence=draw(st.sampled_from([1.0, 1.0, 0.5])),
        reads_guesses=draw(st.integers(0, 3)) == 0,
    )
    return Rule(iri, (head,), tuple(body), data=data, description=description)


def _predicates(element: Element) -> set[Term]:
    atoms = element.body if isinstance(element, Negation) else (element,)
    return {atom.predicate for atom in atoms if isinstance(atom, Atom)} | (
        {SAID} if isinstance(element, Atom) and isinstance(element.predicate, Var) else set()
    )


@st.composite
def measures(draw: st.DrawFn) -> tuple[Measure, ...]:
    def one(iri: NamedNode, over: NamedNode, start: tuple[Step, ...]) -> Measure:
        kind = draw(st.sampled_from([a for a in Aggregate if a is not Aggregate.DAYS_SINCE]))
        two = kind in (Aggregate.DIFFERENCE, Aggregate.ANGULAR_DISTANCE)
        middle = draw(
            st.sampled_from([(), (Step(PLAIN[0]),), (Step(PLAIN[0]), Step(PLAIN[0], inverse=True))])
        )
        path = (*start, *middle, Step(NUMBER))
        other = (
            (*start[:-1], Step(WW.second), Step(NUMBER))
            if over == WW.Pair
            else (*start, Step(NUMBER))
        )
        return Measure(iri, over, kind, path, other if two else ())

    return (
        one(OVER_ITEM, WW.Item, ()),
        one(OVER_PAIR, WW.Pair, (Step(WW.first),)),
        one(OVER_LOOK, WW.Look, (Step(WW.hasItem),)),
    )


def plain_facts() -> st.SearchStrategy[Fact]:
    return st.one_of(
        st.builds(
            Fact,
            st.sampled_from([*ITEMS, *ITEMS, REQUEST]),
            st.sampled_from(PLAIN),
            st.sampled_from(VALUES),
        ),
        st.builds(
            Fact,
            st.sampled_from([*ITEMS, *VALUES]),
            st.just(NUMBER),
            st.sampled_from([Literal(str(Decimal(n) / 2), datatype=XSD.decimal) for n in range(5)]),
        ),
    )


def said(found: Opinions, names: list[NamedNode]) -> dict[Fact, float]:
    """The opinions as verdict facts."""
    return {
        Fact(names[row], verdict_predicate(found.rules[rule]), found.rules[rule].iri): round(
            float(sure), 9
        )
        for row, rule, sure in zip(found.row, found.rule, found.confidence, strict=True)
    }


def verdict_predicate(rule: Rule) -> NamedNode:
    predicate = rule.head[0].predicate
    assert isinstance(predicate, NamedNode)
    return predicate


@pytest.mark.slow
@settings(
    max_examples=150,
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
    more=st.lists(plain_facts(), max_size=4, unique=True),
    guesses=st.lists(
        st.tuples(plain_facts(), st.sampled_from([0.5, 0.9])), max_size=3, unique_by=lambda g: g[0]
    ),
    few=st.sampled_from([0, memberwise.FEW]),
)
def test_arrays_say_of_a_look_what_the_resident_engine_says(
    program: tuple[Rule, ...],
    computed: tuple[Measure, ...],
    base: list[Fact],
    more: list[Fact],
    guesses: list[tuple[Fact, float]],
    *,
    few: int,
) -> None:
    root = Layer.root(program, computed, base)
    wardrobe = root.child(Change(predict=tuple(guesses)))
    request = wardrobe.child(Change(add=(Fact(REQUEST, TYPE, WW.Request), *more)))
    for size in (4, 2, 0):
        items = ITEMS[:size]
        batch = Batch(request, items)
        look = look_iri(REQUEST, items)
        pairs = list(combinations(range(size), 2))
        first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        found = said(batch.items(), list(items))
        found |= said(
            batch.pairs(first, second), [pair_iri(look, items[a], items[b]) for a, b in pairs]
        )
        with patch.object(memberwise, "FEW", few):
            found |= said(batch.looks([range(size), range(size)]), [look, look])
        resident = request.child(Change(add=scaffold(REQUEST, items)))
        expected = {
            fact: round(resident.confidence(fact), 9)
            for predicate in HEADS
            for fact in resident.match(None, predicate, None)
        }
        assert found == expected


def test_a_rule_may_compare_the_pairs_of_a_look() -> None:
    one, two = Var("one"), Var("two")
    body = (
        Atom(L, TYPE, WW.Look),
        Atom(L, WW.hasPair, one),
        Atom(L, WW.hasPair, two),
        Filter(Call("!=", (one, two))),
    )
    rule = Rule(NamedNode(f"{EX}r"), (Atom(L, WW.favouredBy, NamedNode(f"{EX}r")),), body)
    request = Layer.root((rule,), (), ()).child(Change(add=(Fact(REQUEST, TYPE, WW.Request),)))
    found = Batch(request, ITEMS).looks([(0, 1), (0, 1, 2)])
    assert found.row.tolist() == [1]


@pytest.mark.parametrize("rename", [False, True])
def test_a_conclusion_is_drawn_before_it_is_read_whatever_the_order_of_rules(rename: bool) -> None:
    names = ("b", "a") if rename else ("a", "b")
    derive = Rule(
        NamedNode(f"{EX}{names[0]}"),
        (Atom(L, SAID, VALUES[0]),),
        (Atom(L, TYPE, WW.Look), Atom(L, WW.hasItem, X)),
    )
    iri = NamedNode(f"{EX}{names[1]}")
    read = Rule(
        iri,
        (Atom(L, WW.favouredBy, iri),),
        (Atom(R, WW.considers, X), Atom(L, WW.hasItem, X), Atom(L, SAID, VALUES[0])),
    )
    for order in ((derive, read), (read, derive)):
        request = Layer.root(order, (), ()).child(Change(add=(Fact(REQUEST, TYPE, WW.Request),)))
        assert Batch(request, ITEMS).looks([(0, 1)]).rule.tolist() == [0]


def test_patterns_with_triple_terms_are_taken_apart() -> None:
    from pyoxigraph import Triple

    said_of = TriplePattern(X, PLAIN[0], Var("v"))
    iri = NamedNode(f"{EX}r")
    rule = Rule(
        iri,
        (Atom(X, WW.favouredBy, iri),),
        (Atom(R, WW.considers, X), Atom(Var("w"), PLAIN[1], said_of)),
    )
    fact = Fact(VALUES[0], PLAIN[1], Triple(ITEMS[1], PLAIN[0], VALUES[2]))
    layer = Layer.root((rule,), (), (fact,)).child(Change(add=(Fact(REQUEST, TYPE, WW.Request),)))
    assert Batch(layer, ITEMS).items().row.tolist() == [1]
    assert verdict_of(rule) is not None
