"""The smallest sets of facts that break a conclusion are what trying every set finds."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.programs import EX, NODES, PREDICATES, facts, programs

from wearwhy.proof.breaking import breaking_sets
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Description, Negation, Rule, Var

GRAPHS = st.lists(facts(), max_size=7, unique=True)
GUESSES = st.lists(st.tuples(facts(), st.sampled_from([0.5, 0.9])), max_size=2)
LARGEST = 3
A, B = Var("a"), Var("b")


@st.composite
def negating(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Programs of NOT over NOT: each property is what a lower one says and another does not."""
    found = []
    # The lower level of a NOT is the one just below, most of the time: NOT over NOT over NOT.
    for number, level in enumerate(draw(st.sampled_from([(2, 3), (1, 2, 3, 4), (2, 2, 3, 3, 4)]))):
        low = draw(st.sampled_from([0, 0, 0, level - 1]))
        other = draw(st.sampled_from([level - 1, level - 1, 0, 1 % level]))
        said, denied = Atom(A, PREDICATES[low], B), Atom(A, PREDICATES[other], B)
        found.append(
            Rule(
                NamedNode(f"{EX}r{number}"),
                (Atom(A, PREDICATES[level], B),),
                (said, Negation((denied,), data=draw(st.integers(0, 5)) == 5)),
                description=Description(
                    confidence=draw(st.sampled_from([1.0, 0.6])),
                    reads_guesses=draw(st.booleans()),
                ),
            )
        )
    return tuple(found)


def stands_without(
    rules: tuple[Rule, ...],
    said: list[Fact],
    guesses: dict[Fact, float],
    gone: tuple[Fact, ...],
    fact: Fact,
) -> bool:
    left = [one for one in said if one not in gone]
    guessed = tuple((f, p) for f, p in guesses.items() if f not in gone)
    return Layer.root(rules, (), left).child(Change(predict=guessed)).holds(fact)


ONE = [Fact(NODES[0], predicate, NODES[1]) for predicate in PREDICATES]


def agrees(rules: tuple[Rule, ...], said: list[Fact], pairs: list[tuple[Fact, float]]) -> None:
    """Hold what is found against trying every set of up to three facts."""
    guesses = {fact: guess for fact, guess in pairs if fact not in said}
    layer = Layer.root(rules, (), said).child(Change(predict=tuple(guesses.items())))
    leaves = sorted({*said, *guesses}, key=str)
    for fact in sorted(layer.facts(), key=str)[:12]:
        expected: set[tuple[Fact, ...]] = set()
        for size in range(1, LARGEST + 1):
            expected = {
                chosen
                for chosen in combinations(leaves, size)
                if not stands_without(rules, said, guesses, chosen, fact)
            }
            if expected:
                break
        found = breaking_sets(layer, fact, largest=LARGEST)
        assert set(found.sets) == expected
        assert len(found.sets) == len(expected)
        assert found.exact or not expected


@given(programs(), GRAPHS, GUESSES)
@settings(max_examples=60, deadline=None)
def test_the_smallest_breaking_sets_are_those_that_trying_every_set_finds(
    rules: tuple[Rule, ...], said: list[Fact], pairs: list[tuple[Fact, float]]
) -> None:
    agrees(rules, said, pairs)


@given(
    negating(),
    st.lists(st.sampled_from(ONE[:3]), min_size=1, unique=True),
    st.lists(st.tuples(st.sampled_from(ONE), st.sampled_from([0.5, 0.9])), max_size=1),
)
@settings(max_examples=200, deadline=None)
def test_what_falls_because_something_else_appears_is_found_too(
    rules: tuple[Rule, ...], said: list[Fact], pairs: list[tuple[Fact, float]]
) -> None:
    agrees(rules, said, pairs)


@given(programs(confident=False), st.lists(facts(), min_size=4, max_size=10, unique=True))
@settings(max_examples=30, deadline=None)
def test_no_spared_fact_is_in_a_breaking_set(rules: tuple[Rule, ...], said: list[Fact]) -> None:
    layer = Layer.root(rules, (), said)
    spared = set(said[::2])
    for fact in sorted(layer.facts(), key=str)[:6]:
        found = breaking_sets(layer, fact, largest=LARGEST, spared=spared.__contains__)
        assert all(spared.isdisjoint(one) for one in found.sets)
        for one in found.sets:
            assert not layer.child(Change(remove=one)).holds(fact)
        if fact in spared:
            assert found.sets == ()
            assert found.exact
