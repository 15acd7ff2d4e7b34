"""The strata against their definition, pair by pair; and how what they cost grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.errors import NotStratified
from wearwhy.rdf import Literal, curie
from wearwhy.rules.bulk.levels import leveled
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import Assign, Atom, Element, Negation, Rule, Term, TriplePattern, Var
from wearwhy.rules.stratify import (
    MeasureEdge,
    components,
    dependencies,
    dependency_graph,
    run_once,
    stratify,
)
from wearwhy.rules.unify import may_match

A, B, P, Q = (NamedNode(f"http://e/{name}") for name in "abpq")
X, Y = Var("x"), Var("y")
ANY = MeasureEdge(NamedNode("http://e/measure"), frozenset((Q,)), P)

Programs: TypeAlias = st.SearchStrategy[list[Rule]]

predicates = st.sampled_from([P, P, P, Q, X])
inner = st.builds(TriplePattern, st.sampled_from([X, A]), st.sampled_from([P, X]), st.just(Y))
said = st.sampled_from([Triple(A, P, B), Triple(A, Q, B)])


def atoms(*more: Term) -> st.SearchStrategy[Atom]:
    ends = st.sampled_from([X, X, Y, Var("z"), A, B, *more])
    return st.builds(Atom, ends, predicates, st.one_of(ends, ends, ends, inner, said))


def _rule(number: int, head: list[Atom], body: list[Atom], kind: str) -> Rule:
    body_of: dict[str, tuple[Element, ...]] = {
        "plain": tuple(body),
        "not": (*body[1:], Negation(tuple(body[:1]))),
        "not data": (*body[1:], Negation(tuple(body[:1]), data=True)),
        "set": (*body, Assign(Var("new"), Literal(1))),
    }
    return Rule(NamedNode(f"http://e/r{number}"), tuple(head), body_of[kind])


kinds = st.sampled_from(["plain", "plain", "plain", "not", "not data", "set"])
heads = st.lists(atoms(BlankNode("b")), min_size=1, max_size=2)
bodies = st.lists(atoms(Literal("l")), min_size=1, max_size=3)


def _programs(drafts: st.SearchStrategy[tuple[list[Atom], list[Atom], str]]) -> Programs:
    return st.lists(drafts, min_size=1, max_size=7).map(
        lambda those: [_rule(number, *one) for number, one in enumerate(those)]
    )


programs = _programs(st.tuples(heads, bodies, kinds))
named = st.builds(Atom, st.just(X), st.sampled_from([A, B, P, Q, X]), st.sampled_from([X, Y, A]))
plain = st.tuples(st.lists(named, min_size=1, max_size=1), bodies, st.just("plain"))
unclosed = _programs(plain)  # none of them is refused


def pairs(rules: Sequence[Rule], measures: Sequence[MeasureEdge]) -> list[dict[int, bool]]:
    """Return who depends on whom, by the definition: every pattern with every template."""
    count = len(rules)
    found: list[dict[int, bool]] = []
    for rule in rules:
        mine: dict[int, bool] = {}
        for element in rule.body:
            negated = isinstance(element, Negation)
            if isinstance(element, Negation):
                inside = () if element.data else element.body
            else:
                inside = (element,) if isinstance(element, Atom) else ()
            for pattern in inside:
                assert isinstance(pattern, Atom)
                closed = negated or run_once(rule)
                there = [
                    number
                    for number, other in enumerate(rules)
                    if any(may_match(pattern, template) for template in other.head)
                ]
                there += [
                    count + number
                    for number, measure in enumerate(measures)
                    if not isinstance(pattern.predicate, NamedNode)
                    or pattern.predicate == measure.writes
                ]
                for number in there:
                    mine[number] = mine.get(number, False) or closed
        found.append(mine)
    for measure in measures:
        mine = {
            number: True
            for number, rule in enumerate(rules)
            if any(isinstance(t.predicate, Var) or t.predicate in measure.reads for t in rule.head)
        }
        writers = [n for n, m in enumerate(measures, count) if m.writes in measure.reads]
        found.append(mine | dict.fromkeys(writers, True))
    return found


def levels(edges: list[dict[int, bool]]) -> list[int] | None:
    """Return the lowest level of each node; None where a cycle has a closed dependency."""
    found = [0] * len(edges)
    for _ in range(len(edges) + 1):
        before = list(found)
        for node, targets in enumerate(edges):
            found[node] = max([found[node], *(found[t] + closed for t, closed in targets.items())])
        if found == before:
            return found
    return None


@settings(max_examples=100, deadline=None)
@given(programs, st.booleans())
def test_the_graph_with_nodes_between_says_the_same_pairs(
    rules: list[Rule], measured: bool
) -> None:
    measures = [ANY] if measured else []
    assert dependencies(rules, measures) == pairs(rules, measures)


@settings(max_examples=100, deadline=None)
@given(programs, st.booleans())
def test_strata_are_those_of_the_definition(rules: list[Rule], measured: bool) -> None:
    measures = [ANY] if measured else []
    expected = levels(pairs(rules, measures))
    names = [rule.iri for rule in rules] + [measure.iri for measure in measures]
    if expected is None:
        with pytest.raises(NotStratified) as caught:
            stratify(rules, measures)
        assert caught.value.code == "WW-RULE-STRATA"
        return
    found = stratify(rules, measures)
    assert found.of == dict(zip(names, expected, strict=True))
    assert found.count == max(expected) + 1


@settings(max_examples=100, deadline=None)
@given(programs)
def test_the_error_names_a_shortest_cycle_that_begins_with_what_must_be_finished(
    rules: list[Rule],
) -> None:
    edges = pairs(rules, [])
    assume(levels(edges) is None)
    with pytest.raises(NotStratified) as caught:
        stratify(rules)
    shown = caught.value.sentence.partition(": ")[2].rstrip(".").split(" → ")
    numbers = {curie(rule.iri): number for number, rule in enumerate(rules)}
    way = [numbers[name] for name in shown]
    assert way[0] == way[-1]
    assert edges[way[0]][way[1]], "the first step of it is closed"
    assert all(after in edges[before] for before, after in pairwise(way))
    assert len(way) - 2 == _steps(edges, way[1], way[0])


def _steps(edges: list[dict[int, bool]], begin: int, end: int) -> int:
    reached, steps = {begin}, 0
    while end not in reached:
        reached |= {target for node in reached for target in edges[node]}
        steps += 1
    return steps


def test_who_waits_for_what_nobody_concludes_waits_for_nothing() -> None:
    alone = _rule(0, [Atom(X, P, Y)], [Atom(X, Q, Y)], "not")
    assert stratify([alone]).of == {alone.iri: 0}
    after = _rule(1, [Atom(X, A, Y)], [Atom(X, P, Y)], "not")
    assert stratify([after, alone]).of == {alone.iri: 0, after.iri: 1}


def _of_one_predicate(count: int, kind: str) -> list[Rule]:
    return [_rule(number, [Atom(X, P, Y)], [Atom(X, P, Y)], kind) for number in range(count)]


def _of_constants(count: int, kind: str) -> list[Rule]:
    """Return rules of which every pattern may match every template, and no two are alike."""
    return [
        _rule(
            number,
            [Atom(X, P, NamedNode(f"http://e/o{number}"))],
            [Atom(NamedNode(f"http://e/s{number}"), P, X)],
            kind,
        )
        for number in range(count)
    ]


def _with_triple_terms(count: int, kind: str) -> list[Rule]:
    def term(number: int) -> Atom:
        return Atom(X, P, TriplePattern(X, NamedNode(f"http://e/p{number}"), Y))

    return [_rule(number, [Atom(X, Q, Y)], [term(number)], kind) for number in range(count)]


@pytest.mark.parametrize("make", [_of_one_predicate, _of_constants, _with_triple_terms])
@pytest.mark.parametrize("kind", ["plain", "not"])
def test_the_graph_grows_with_the_rules_and_not_with_their_pairs(make: object, kind: str) -> None:
    assert callable(make)
    sizes = [dependency_graph(make(count, kind)).size for count in (50, 100, 200, 400)]
    grown = [after - before for before, after in pairwise(sizes)]
    assert grown[1] == 2 * grown[0]
    assert grown[2] == 2 * grown[1]
    assert sizes[-1] <= 400 * 12


def test_patterns_are_compared_one_by_one_only_where_shapes_do_not_say_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = 0

    def counted(pattern: Atom, template: Atom) -> bool:
        nonlocal asked
        asked += 1
        return may_match(pattern, template)

    monkeypatch.setattr("wearwhy.rules.waiting.may_match", counted)
    for make in (_of_one_predicate, _of_constants, _with_triple_terms):
        dependency_graph(make(100, "plain"))
    assert asked == 0
    twice = [_rule(n, [Atom(X, P, Y)], [Atom(X, P, X)], "plain") for n in range(20)]
    assert dependencies(twice) == pairs(twice, [])
    assert asked == 1


def test_what_rests_on_each_other_is_found_with_as_many_steps_as_there_are_edges() -> None:
    class Counted(dict[int, bool]):
        asked = 0

        def __iter__(self) -> Iterator[int]:
            for one in super().__iter__():
                Counted.asked += 1
                yield one

    graph = dependency_graph(_of_one_predicate(300, "plain"))
    (largest,) = {len(m) for m in components([Counted(e) for e in graph.edges]) if len(m) > 1}
    assert largest > 300
    assert Counted.asked == graph.size


# -- what is read off the graph ------------------------------------------------------------------


def _by_definition(rules: Sequence[Rule]) -> list[list[tuple[Rule, tuple[int, ...]]]]:
    """Return the levels of rules and the atoms that their components feed, pair by pair."""
    edges = pairs(rules, [])
    reached = [_all_reached(edges, node) for node in range(len(rules))]
    together = [
        [m for m in range(len(rules)) if m == n or (m in reached[n] and n in reached[m])]
        for n in range(len(rules))
    ]
    height = [0] * len(rules)
    for _ in rules:
        for node, targets in enumerate(edges):
            outside = [height[t] + 1 for t in targets if t not in together[node]]
            height[node] = max([height[node], *outside, *(height[m] for m in together[node])])
    found: list[list[tuple[Rule, tuple[int, ...]]]] = [[] for _ in range(max(height) + 1)]
    for node, rule in enumerate(rules):
        heads = [head for other in together[node] for head in rules[other].head]
        atoms = [element for element in rule.body if isinstance(element, Atom)]
        fed = [n for n, atom in enumerate(atoms) if any(may_match(atom, head) for head in heads)]
        found[height[node]].append((rule, tuple(fed)))
    return found


def _all_reached(edges: list[dict[int, bool]], begin: int) -> set[int]:
    reached: set[int] = set()
    work = [begin]
    while work:
        fresh = edges[work.pop()].keys() - reached
        reached |= fresh
        work += fresh
    return reached


@settings(max_examples=60, deadline=None)
@given(st.one_of(programs, unclosed))
def test_levels_are_those_of_the_definition(rules: list[Rule]) -> None:
    try:
        found = leveled(rules, [])
    except NotStratified:
        reject()
    told = [[(one.rule, one.recursive) for one in level.rules] for level in found]
    assert told == _by_definition(rules)


def test_a_measure_is_a_level_between_what_it_reads_and_who_reads_it() -> None:
    measure = Measure(A, NamedNode("http://e/any"), Aggregate.COUNT, (Step(Q),))
    before = _rule(0, [Atom(X, Q, Y)], [Atom(X, B, Y)], "plain")
    after = _rule(1, [Atom(X, P, Y)], [Atom(X, A, Y)], "plain")
    found = leveled([after, before], [measure])
    assert [[one.rule for one in level.rules] for level in found] == [[before], [], [after]]
    assert [level.measures for level in found] == [(), (measure,), ()]


@settings(max_examples=60, deadline=None)
@given(programs, st.data())
def test_the_foremost_is_the_first_of_those_with_the_highest_rank(
    rules: list[Rule], data: st.DataObject
) -> None:
    rank = st.one_of(st.none(), st.integers(0, 2))
    ranks = data.draw(st.lists(rank, min_size=len(rules), max_size=len(rules)))
    expected: list[int | None] = []
    for targets in pairs(rules, []):
        ranked = [(found, -target) for target in targets if (found := ranks[target]) is not None]
        expected.append(-max(ranked)[1] if ranked else None)
    assert dependency_graph(rules).foremost(ranks) == expected
