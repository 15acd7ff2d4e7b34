"""The smallest set that holds a look of each list, against trying every set."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from wearwhy.outfit.cover import Choice, Held, smallest, undominated
from wearwhy.rdf import ID

LOOKS = st.lists(
    st.lists(
        st.tuples(st.frozensets(st.integers(0, 7), min_size=1, max_size=4), st.floats(-3, 3)),
        min_size=1,
        max_size=7,
    ),
    min_size=1,
    max_size=4,
)
Drawn = list[list[tuple[frozenset[int], float]]]


def item(n: int) -> NamedNode:
    return ID[f"mine/{n}"]


def choices(drawn: Drawn) -> list[list[Choice]]:
    return [[Choice(frozenset(map(item, look)), worth) for look, worth in one] for one in drawn]


def serves(lists: list[list[Choice]], items: frozenset[NamedNode]) -> bool:
    return all(any(look.items <= items for look in looks) for looks in lists)


def fewest(lists: list[list[Choice]]) -> int:
    every = sorted({i for looks in lists for look in looks for i in look.items}, key=str)
    return next(
        size
        for size in range(len(every) + 1)
        if any(serves(lists, frozenset(some)) for some in combinations(every, size))
    )


@given(LOOKS)
@settings(max_examples=60, deadline=None)
def test_the_set_is_as_small_as_any_and_known_to_be(drawn: Drawn) -> None:
    lists = choices(drawn)
    found = smallest(lists)
    assert found is not None
    assert serves(lists, found.items)
    assert len(found.items) == fewest(lists) == found.least
    assert found.proved


@given(LOOKS)
@settings(max_examples=60, deadline=None)
def test_nothing_of_the_set_can_be_left_out(drawn: Drawn) -> None:
    lists = choices(drawn)
    found = smallest(lists)
    assert found is not None
    assert Held(lists).spare(found.items) == []
    assert not any(serves(lists, found.items - {one}) for one in found.items)


@given(LOOKS)
@settings(max_examples=60, deadline=None)
def test_each_list_gets_the_best_look_that_the_set_holds(drawn: Drawn) -> None:
    lists = choices(drawn)
    found = smallest(lists)
    assert found is not None
    for looks, chosen in zip(lists, found.chosen, strict=True):
        held = [look.worth for look in looks if look.items <= found.items]
        assert looks[chosen].items <= found.items
        assert round(looks[chosen].worth, 9) == round(max(held), 9)


@given(LOOKS)
@settings(max_examples=60, deadline=None)
def test_leaving_out_what_another_stands_in_for_costs_no_item(drawn: Drawn) -> None:
    lists = choices(drawn)
    assert fewest(undominated(lists)) == fewest(lists)


@given(LOOKS, st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_what_is_needed_is_worn(drawn: Drawn, n: int) -> None:
    lists = choices(drawn)
    found = smallest(lists, needed=frozenset([item(n)]))
    if any(item(n) in look.items for looks in lists for look in looks):
        assert found is not None
        assert item(n) in found.items
        assert serves(lists, found.items)
    else:
        assert found is None


def test_what_rests_is_not_worn_again() -> None:
    one, other = [Choice(frozenset([item(n)]), 1.0) for n in (1, 2)]
    lists = [[one, other], [one, other]]
    together, apart = smallest(lists), smallest(lists, apart=[(item(1), (0, 1)), (item(2), (0, 1))])
    assert together is not None
    assert apart is not None
    assert len(together.items) == 1
    assert len(apart.items) == 2
    assert apart.chosen[0] != apart.chosen[1]


def test_one_item_more_is_told_where_it_betters_the_looks() -> None:
    poor, good = Choice(frozenset([item(1)]), 0.0), Choice(frozenset([item(1), item(2)]), 2.0)
    held = Held([[poor, good], [poor]])
    assert held.bettering(frozenset([item(1)])) == (item(2), 1.0)
    assert held.bettering(frozenset([item(1), item(2)])) is None
