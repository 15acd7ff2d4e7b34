"""Wardrobes over one base do not see each other, leave it as it is, and cost what they change."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.programs import facts, programs, rules

from wearwhy.evidence import Kind
from wearwhy.rdf import TYPE, WW, Fact, Literal, Namespace
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Description, Negation, Rule, Var

EX = Namespace("https://example.org/")
X, Y = Var("x"), Var("y")


def state(layer: Layer) -> dict[Fact, tuple[Kind | None, float]]:
    return {f: (layer.kind(f), round(layer.confidence(f), 9)) for f in layer.facts()}


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """What a wardrobe says over a base: facts, guesses, rules of its own, rules switched off."""
    off = draw(rules(number=draw(st.integers(0, 5))))
    switched = Rule(off.iri, off.head, off.body, description=Description(off=True))
    return Change(
        add=tuple(draw(st.lists(facts(), max_size=4, unique=True))),
        remove=tuple(draw(st.lists(facts(), max_size=2, unique=True))),
        predict=tuple(draw(st.lists(st.tuples(facts(), st.just(0.8)), max_size=2))),
        rules_add=(draw(rules(number=7)), *([switched] if draw(st.booleans()) else [])),
        rules_remove=(EX.r1,) if draw(st.booleans()) else (),
    )


@given(
    program=programs(),
    start=st.lists(facts(), min_size=4, max_size=10, unique=True),
    one=changes(),
    other=changes(),
)
@settings(max_examples=60, deadline=None)
def test_two_wardrobes_over_one_base_do_not_see_each_other(
    program: tuple[Rule, ...], start: list[Fact], one: Change, other: Change
) -> None:
    base = Layer.root(program, (), start)
    before = state(base)
    first = base.child(one)
    seen = state(first)
    second = base.child(other)
    assert state(base) == before
    assert state(first) == seen
    assert state(second) == state(Layer.root(program, (), start).child(other))


def base_of(size: int) -> tuple[Layer, Rule]:
    """A base of garments with a rule that concludes something of each."""
    airy = Rule(
        EX.airy,
        (Atom(X, EX.suits, EX.summer),),
        (Atom(X, TYPE, EX.Shirt), Negation((Atom(X, EX.lined, Y),))),
    )
    sorts = Rule(EX.sorts, (Atom(X, TYPE, EX.Garment),), (Atom(X, TYPE, EX.Shirt),))
    return Layer.root(
        (airy, sorts), (), [Fact(EX[f"s{n}"], TYPE, EX.Shirt) for n in range(size)]
    ), airy


def test_a_wardrobe_costs_what_it_changes_and_not_what_lies_below() -> None:
    begun = time.process_time()
    base, _ = base_of(4000)
    whole = time.process_time() - begun
    owners = [(EX.anna, "a"), (EX.ben, "b")]
    takes, wardrobes = [], []
    for _ in range(5):  # once it may look for garbage, too, which is nothing of the wardrobe's
        begun = time.process_time()
        wardrobes = [
            base.child(Change(add=(Fact(owner, WW.owns, EX[name]), Fact(EX[name], TYPE, EX.Shirt))))
            for owner, name in owners
        ]
        takes.append(time.process_time() - begun)
    share = min(takes) / 2 / whole
    print(  # noqa: T201 — the issue asks for the figure
        f"a wardrobe takes {share:.2%} of the base's time and writes 4 rows beside its 12,000"
    )
    assert [len(layer.entries) for layer in wardrobes] == [4, 4]
    assert sum(1 for _ in base.own()) == 12_000
    assert share < 0.1
    for layer, (_, name) in zip(wardrobes, reversed(owners), strict=True):
        assert not layer.instances(EX.Garment).count(EX[name])


def test_a_wardrobe_that_switches_a_rule_off_withdraws_its_conclusions_for_itself_alone() -> None:
    base, airy = base_of(3)
    off = Rule(airy.iri, airy.head, airy.body, description=Description(off=True))
    for change in (Change(rules_add=(off,)), Change(rules_remove=(airy.iri,))):
        wardrobe = base.child(change)
        assert wardrobe.subjects(EX.suits, EX.summer) == []
        assert len(base.child(Change()).subjects(EX.suits, EX.summer)) == 3
        # What is added to it later does not fire the rule either.
        later = wardrobe.child(Change(add=(Fact(EX.new, TYPE, EX.Shirt),)))
        assert later.subjects(EX.suits, EX.summer) == []


def test_a_wardrobe_that_breaks_an_absence_withdraws_the_conclusion_for_itself_alone() -> None:
    base, _ = base_of(3)
    wardrobe = base.child(Change(add=(Fact(EX.s1, EX.lined, Literal("silk")),)))
    assert wardrobe.subjects(EX.suits, EX.summer) == [EX.s0, EX.s2]
    assert len(base.subjects(EX.suits, EX.summer)) == 3
