"""What is claimed of rules without running them, held against closing every graph anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from tests.properties.programs import NODES, PREDICATES, facts, programs, rules

from wearwhy.errors import RuleError
from wearwhy.rdf import Fact
from wearwhy.rules.budget import Budget
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Rule, Var, variables
from wearwhy.rules.mutate import Direction, mutants, without
from wearwhy.rules.solutions import solutions
from wearwhy.rules.substitute import in_atom
from wearwhy.rules.subsume import equivalent, subsumes
from wearwhy.workspace.corpus import Corpus, Laid
from wearwhy.workspace.deciding import Scene, decides, gains, said
from wearwhy.workspace.mutation import Bench
from wearwhy.workspace.ruletests import Case

GRAPHS = st.lists(facts(level=5), min_size=4, max_size=14)


def closure(program: Sequence[Rule], given_facts: Sequence[Fact]) -> set[Fact]:
    return set(Layer.root(program, (), given_facts).facts())


def replaced(program: Sequence[Rule], rule: Rule | None, iri: object) -> list[Rule]:
    kept = [one for one in program if one.iri != iri]
    return kept if rule is None else [*kept, rule]


@given(programs(confident=False), rules(number=9, confident=False), GRAPHS, st.data())
@settings(max_examples=80, deadline=None)
def test_a_subsumed_rule_adds_nothing_to_any_closure(
    program: tuple[Rule, ...], narrow: Rule, graph: list[Fact], data: st.DataObject
) -> None:
    # Half of the time a rule that is narrower on purpose: chance seldom makes one.
    if data.draw(st.booleans()):
        wide = program[0]
        more = tuple(
            Atom(
                data.draw(st.sampled_from(sorted(_bound(wide)))),
                data.draw(st.sampled_from(PREDICATES[:2])),
                data.draw(st.sampled_from(NODES)),
            )
            for _ in range(2)
        )
        narrow = Rule(narrow.iri, wide.head, (*wide.body, *more), data=wide.data)
    assume(any(subsumes(wide, narrow) for wide in program))
    event("subsumed")
    try:
        with_it = closure((*program, narrow), graph)
    except RuleError:
        return
    assert with_it == closure(program, graph)


def _bound(rule: Rule) -> frozenset[Var]:
    return variables(tuple(e for e in rule.body if isinstance(e, Atom)))


@given(programs(confident=False), st.lists(GRAPHS, min_size=1, max_size=3))
@settings(max_examples=50, deadline=None)
def test_a_mutant_said_to_be_equivalent_concludes_the_same(
    program: tuple[Rule, ...], graphs: list[list[Fact]]
) -> None:
    for rule in program:
        for mutant in mutants(rule):
            if mutant.rule is None or not equivalent(mutant.rule, rule):
                continue
            event(f"equivalent by {mutant.operator}")
            changed = replaced(program, mutant.rule, rule.iri)
            for graph in graphs:
                try:
                    assert closure(changed, graph) == closure(program, graph)
                except RuleError:
                    continue


@given(programs(confident=False), GRAPHS)
@settings(max_examples=50, deadline=None)
def test_a_looser_rule_gains_something_exactly_where_the_closure_grows(
    program: tuple[Rule, ...], graph: list[Fact]
) -> None:
    layer = Layer.root(program, (), graph)
    before = set(layer.facts())
    for rule in program:
        for number in range(len(rule.body)):
            looser = without(rule, number)
            if looser is None or looser == rule:
                continue
            try:
                after = closure(replaced(program, looser, rule.iri), graph)
            except RuleError:
                continue
            event(f"grows: {before != after}")
            assert gains(rule, looser, layer) == (before != after)


@given(programs(confident=False), GRAPHS, st.lists(st.tuples(st.booleans(), GRAPHS), max_size=3))
@settings(max_examples=80, deadline=None)
def test_what_is_found_from_the_facts_of_cases_is_what_solving_them_whole_finds(
    program: tuple[Rule, ...], graph: list[Fact], cases: list[tuple[bool, list[Fact]]]
) -> None:
    base = Layer.root(program, (), graph)
    # Every other case takes facts of the base away too.
    changes = [Change(add=tuple(new), remove=tuple(graph[:2] * less)) for less, new in cases]
    among = [Scene(base.child(change), base) for change in changes]
    for rule in program:
        for one in among:
            new = said(rule, solutions(rule, one.layer))
            assert one.speaks(rule) == any(not base.holds(fact) for fact in new)
        for number in range(len(rule.body)):
            looser = without(rule, number)
            if looser is not None:
                truth = any(gains(rule, looser, one.layer) for one in among)
                event(f"decides: {truth}")
                assert decides(rule, looser, among) == truth


@given(programs(confident=False), GRAPHS)
@settings(max_examples=30, deadline=None)
def test_where_a_condition_costs_more_than_allowed_nothing_is_claimed(
    program: tuple[Rule, ...], graph: list[Fact]
) -> None:
    layer = Layer.root(program, (), ())
    among = [Scene(layer.child(Change(add=tuple(graph))), layer)]
    for rule in program:
        for number in range(len(rule.body)):
            looser = without(rule, number)
            if looser is not None:
                found = decides(rule, looser, among, Budget(conclusions=1))
                assert found in (None, decides(rule, looser, among))


@given(programs(confident=False), GRAPHS, GRAPHS, GRAPHS)
@settings(max_examples=50, deadline=None)
def test_a_mutant_is_killed_exactly_where_the_case_fails_closed_anew(
    program: tuple[Rule, ...], graph: list[Fact], wanted: list[Fact], unwanted: list[Fact]
) -> None:
    base = Layer.root(program, (), ())
    laid = Laid.of(Case("r", "c", Path(), None, None), base.child(Change(add=tuple(graph))))
    laid.expected = tuple(f for f in wanted if laid.layer.holds(f))
    laid.forbidden = tuple(f for f in unwanted if not laid.layer.holds(f))
    corpus = Corpus.of(base, [laid])
    for rule in program:
        bench = Bench(corpus, rule)
        for mutant in mutants(rule):
            try:
                truth = not laid.passes(
                    Layer.root(replaced(program, mutant.rule, rule.iri), (), graph)
                )
                found = bench.killed(mutant, laid)
            except RuleError:
                continue
            event(f"{mutant.direction}: {truth}")
            assert found == truth, mutant


@given(programs(confident=False), GRAPHS)
@settings(max_examples=60, deadline=None)
def test_solutions_over_a_closed_layer_conclude_nothing_new_and_all_that_was_derived(
    program: tuple[Rule, ...], graph: list[Fact]
) -> None:
    layer = Layer.root(program, (), graph)
    said = {fact for rule in program for fact in _said(rule, layer)}
    derived = {fact for fact in layer.facts() if layer.firing(fact) is not None}
    assert derived <= said <= set(layer.facts())


@given(rules(confident=False), GRAPHS)
@settings(max_examples=60, deadline=None)
def test_stronger_mutants_conclude_no_more_and_weaker_ones_no_less(
    rule: Rule, graph: list[Fact]
) -> None:
    assert subsumes(rule, rule)
    layer = Layer.root((), (), graph)
    before = _said(rule, layer)
    for mutant in mutants(rule):
        after = set() if mutant.rule is None else _said(mutant.rule, layer)
        event(f"{mutant.operator}: {before != after}")
        if mutant.direction is Direction.STRONGER:
            assert after <= before, mutant
        elif mutant.direction is Direction.WEAKER:
            assert after >= before, mutant


def _said(rule: Rule, layer: Layer) -> set[Fact]:
    return {
        Fact(atom.subject, atom.predicate, atom.object)  # type: ignore[arg-type]
        for found in solutions(rule, layer)
        for atom in (in_atom(template, found) for template in rule.head)
    }
