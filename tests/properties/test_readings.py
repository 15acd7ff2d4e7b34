"""Resident, bulk and reference readings draw the same conclusions, and their derivations hold."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import TopologicalSorter

import pytest
from benchmarks.nemo_text import closed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, Triple
from tests.properties.programs import (
    VALUES,
    facts,
    positive_programs,
    programs,
    valued_facts,
    valued_programs,
)

from wearwhy.errors import BudgetExceeded, NoAnswer
from wearwhy.evidence import Kind
from wearwhy.rdf import OWL, RDFS, RULE, TYPE, WW, Fact, Namespace, Node
from wearwhy.rules.bulk import Limits, close, reading
from wearwhy.rules.bulk.expressions import refusal
from wearwhy.rules.bulk.values import spelt
from wearwhy.rules.descriptions import read
from wearwhy.rules.layer import Layer
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import Atom, Call, Expression, Filter, Rule, Var
from wearwhy.rules.reference import infer

pytest.importorskip("duckdb")

EX = Namespace("https://example.org/")
X, Y, Z, P = Var("x"), Var("y"), Var("z"), Var("p")
RELAXED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def bulk(rules: Sequence[Rule], known: Sequence[Fact], *, derivations: bool = False) -> set[Fact]:
    with close(rules, (), known, derivations=derivations) as found:
        seen = list(found.facts())
        assert len(seen) == found.count == len(set(seen))
        assert found.asserted == len(set(known))
        return set(seen)


def resident(rules: Sequence[Rule], known: Sequence[Fact]) -> set[Fact]:
    return set(Layer.root(rules, (), known).facts())


def concluded(rule: Rule, premises: Sequence[Fact], asserted: set[Fact]) -> set[Fact]:
    """Return what a rule concludes from premises alone: `NOT` of data still tells which were given.

    Those that were derived are so here as well, by rules whose body always holds.
    """
    always = Fact(EX.always, EX.always, EX.always)
    derived = [
        Rule(EX[f"given{number}"], (Atom(*premise),), (Atom(*always),))
        for number, premise in enumerate(premises)
        if premise not in asserted
    ]
    return infer([rule, *derived], [always, *asserted.intersection(premises)])


@RELAXED
@given(programs(), st.lists(facts(), max_size=14), st.booleans())
def test_bulk_concludes_what_the_reference_concludes(
    rules: tuple[Rule, ...], known: list[Fact], derivations: bool
) -> None:
    assert bulk(rules, known, derivations=derivations) == infer(rules, known) | set(known)


@pytest.mark.slow
@settings(RELAXED, max_examples=150)
@given(valued_programs(), st.lists(valued_facts(), min_size=3, max_size=14))
def test_bulk_and_resident_agree_on_literals(rules: tuple[Rule, ...], known: list[Fact]) -> None:
    # Not against the reference: the store it works in rewrites literals and has 64-bit integers.
    assert bulk(rules, known) == resident(rules, known)


@RELAXED
@given(programs(), st.lists(facts(), max_size=12))
def test_a_kept_derivation_rests_on_what_holds_and_never_on_itself(
    rules: tuple[Rule, ...], known: list[Fact]
) -> None:
    by_name = {rule.iri: rule for rule in rules}
    with close(rules, (), known, derivations=True) as found:
        visible = set(found.facts())
        rests: dict[Fact, tuple[Fact, ...]] = {}
        for fact in visible:
            firing = found.firing(fact)
            assert (firing is None) == (fact in known)
            assert (found.kind(fact) is Kind.ASSERTED) == (fact in known)
            if firing is None:
                continue
            rests[fact] = firing.premises
            assert visible.issuperset(firing.premises)
            assert fact in concluded(by_name[firing.rule], firing.premises, set(known))
        TopologicalSorter(rests).prepare()


@pytest.mark.slow
@RELAXED
@given(positive_programs(), st.lists(facts(5), max_size=14))
def test_nemo_concludes_the_same_where_the_program_allows(
    rules: tuple[Rule, ...], known: list[Fact]
) -> None:
    pytest.importorskip("nmo_python")
    expected = closed(rules, known)
    assert bulk(rules, known) == expected
    assert bulk(rules, known, derivations=True) == expected
    assert resident(rules, known) == expected


# -- expressions, each against each ---------------------------------------------------------------

EXACT = [value for value in VALUES if spelt(value) is not None]


def selected(test: Expression, values: Sequence[Node]) -> tuple[set[Fact], set[Fact]]:
    """Return which pairs of values pass a test, in bulk and in the resident reading."""
    rule = Rule(
        EX.passes, (Atom(X, EX.q, Y),), (Atom(EX.a, EX.p, X), Atom(EX.a, EX.p, Y), Filter(test))
    )
    assert refusal(test) is None, "the test is about what SQL says"
    known = [Fact(EX.a, EX.p, value) for value in values]
    return bulk([rule], known), resident([rule], known)


@pytest.mark.parametrize(
    "sign", ["=", "!=", "<", "<=", ">", ">=", "CONTAINS", "STRSTARTS", "STRENDS"]
)
def test_any_two_terms_compare_in_sql_as_sparql_says(sign: str) -> None:
    ours, theirs = selected(Call(sign, (X, Y)), [*EXACT, EX.n0, BlankNode("b")])
    assert ours == theirs


@pytest.mark.parametrize("sign", ["=", "<", ">="])
@pytest.mark.parametrize("value", EXACT, ids=str)
def test_any_term_compares_with_any_constant_in_sql_as_sparql_says(
    sign: str, value: Literal
) -> None:
    sides: tuple[Expression, Expression]
    for sides in ((X, value), (value, X)):
        ours, theirs = selected(Call(sign, sides), [*EXACT, EX.n0])
        assert ours == theirs


@pytest.mark.parametrize(
    "name", ["STR", "LANG", "DATATYPE", "STRLEN", "YEAR", "MONTH", "DAY", "HOURS", "MINUTES"]
)
def test_functions_have_the_values_in_sql_that_sparql_gives_them(name: str) -> None:
    for sign in ("=", "!=", "<"):
        ours, theirs = selected(Call(sign, (Call(name, (X,)), Y)), [*EXACT, EX.n0])
        assert ours == theirs
        ours, theirs = selected(Call(sign, (Call(name, (X,)), Call(name, (Y,)))), [*EXACT, EX.n0])
        assert ours == theirs


def test_the_effective_boolean_value_and_its_errors_are_those_of_sparql() -> None:
    tests: tuple[Expression, ...] = (
        X,
        Call("!", (X,)),
        *(Call(sign, (X, Y)) for sign in ("||", "&&")),
        *(Call("!", (Call(sign, (X, Y)),)) for sign in ("||", "&&")),
        Call("IN", (X, Y, EXACT[0])),
        Call("NOT IN", (X, Y, EXACT[0], EX.n0)),
        *(Call(name, (X,)) for name in ("ISIRI", "ISBLANK", "ISLITERAL", "ISNUMERIC", "HASLANG")),
    )
    for test in tests:
        ours, theirs = selected(test, [*EXACT, EX.n0, BlankNode("b")])
        assert ours == theirs, test


def test_a_value_that_sql_does_not_hold_sends_comparisons_to_the_resident_functions() -> None:
    ours, theirs = selected(Call("<", (X, Y)), VALUES)
    assert ours == theirs


# -- all of the language --------------------------------------------------------------------------

PREFIXES = f"""PREFIX : <{EX}> PREFIX rdfs: <{RDFS}> PREFIX owl: <{OWL}> PREFIX rule: <{RULE}>
"""


def said(text: str) -> tuple[Rule, ...]:
    found = read(PREFIXES + text, "given.srl")
    assert not found.errors
    return found.rules


PEOPLE = [
    Fact(EX.a, EX.p, EX.b),
    Fact(EX.b, EX.p, EX.c),
    Fact(EX.c, EX.p, EX.d),
    Fact(EX.c, EX.p, Literal("c")),
    Fact(EX.p, RDFS.subPropertyOf, EX.r),
    Fact(EX.a, EX.says, Triple(EX.a, EX.p, EX.b)),
    Fact(EX.b, EX.says, Triple(EX.b, EX.p, Literal(3))),
]


@pytest.mark.parametrize(
    "text",
    [
        "RULE :t { ?x :p ?z } WHERE { ?x :p ?y . ?y :p ?z }",
        (
            "RULE :t { ?x :r ?z } WHERE { ?y :p ?z . ?x :r ?y }"
            " RULE :u { ?x :r ?y } WHERE { ?x :p ?y }"
            " RULE :v { ?x :p ?z } WHERE { ?x :p ?y . ?y :p ?z }"
        ),
        "RULE :s { ?y :p ?x } WHERE { ?x :p ?y }",
        (
            "RULE :any { ?y ?p ?x } WHERE { ?x ?p ?y . ?p a :Symmetric }"
            " RULE :all { ?p a :Symmetric } WHERE { ?x ?p ?y }"
        ),
        "RULE :head { ?x ?y :known } WHERE { ?x :p ?y }",
        "RULE :fresh { [] :of ?x ; :to ?y } WHERE { ?x :p ?y . FILTER(isIRI(?y)) }",
        "RULE :term { ?x :told <<( ?x :p ?y )>> } WHERE { ?x :p ?y }",
        "RULE :parts { ?x :inside ?y } WHERE { ?z :says <<( ?x :p ?y )>> }",
        "RULE :bound { ?x :honest true } WHERE { ?x :p ?y . ?x :says <<( ?x :p ?y )>> }",
        'RULE :set { ?x :name ?n } WHERE { ?x :p ?y . SET(?n := CONCAT(STR(?x), "!")) }',
        "RULE :join { ?x :same ?z } WHERE { ?x :p ?y . SET(?n := STR(?y)) ?z :p ?w . FILTER(STR(?w) = ?n) }",
        "RULE :two { ?x :n ?m } WHERE { ?x :says ?t . SET(?o := OBJECT(?t)) FILTER(isNumeric(?o)) SET(?m := ?o + 1) }",
        "RULE :last { ?y a :Last } WHERE { ?x :p ?y . NOT { ?y :p ?z } }",
        "RULE :more { ?x :p :z } WHERE { ?x :p ?y } RULE :given { ?x a :Told } WHERE { ?x :p ?y . NOT DATA { ?x :p :z } }",
        "RULE :more { ?x :p :z } WHERE { ?x :p ?y } RULE :data { ?x a :Told } WHERE DATA { ?x :p ?y . NOT { ?y :p ?z } }",
        "RULE :not { ?x a :Lone } WHERE { ?x :p ?y . NOT { ?x :p ?z . FILTER(STR(?z) != STR(?y)) } }",
        'RULE :not { ?x a :Plain } WHERE { ?x :p ?y . NOT DATA { ?x ?q ?z . FILTER(REGEX(STR(?z), "^c")) } }',
        "RULE :never { ?x a :Odd } WHERE { ?x :p ?y . NOT { FILTER(isIRI(?y)) } }",
        "RULE :bare { :a :p :a } WHERE { } RULE :then { ?x a :Loop } WHERE { ?x :p ?x }",
        "RULE :sub { ?x ?q ?y } WHERE { ?p rdfs:subPropertyOf ?q . ?x ?p ?y }",
        "RULE :Case { ?x :pair ?X } WHERE { ?x :p ?X . ?X :p ?Y . FILTER(?x != ?Y) }",
        'RULE :odd { ?x :p ?y } WHERE { ?x :none ?y } RULE :lit { "c" :of ?x } WHERE { ?x :p "c" }',
    ],
)
@pytest.mark.parametrize("derivations", [False, True])
def test_all_of_the_language_is_read_in_bulk(text: str, derivations: bool) -> None:
    rules = said(text)
    found = bulk(rules, PEOPLE, derivations=derivations)
    assert found == resident(rules, PEOPLE)
    assert found > set(PEOPLE), "the example derives something"


def test_a_measure_runs_where_its_facts_are_known_and_rules_read_it() -> None:
    measure = Measure(EX.size, WW.Look, Aggregate.COUNT, (Step(EX.has),))
    rules = said(
        "RULE :has { ?l :has ?i } WHERE { ?l :holds ?i }"
        " RULE :big { ?l :big ?n } WHERE { ?l :size ?n . FILTER(?n > 1) }"
    )
    known = [Fact(EX.l, TYPE, WW.Look), Fact(EX.l, EX.holds, EX.a), Fact(EX.l, EX.holds, EX.b)]
    with close(rules, (measure,), known, derivations=True) as found:
        assert set(found.facts()) == set(Layer.root(rules, (measure,), known).facts())
        assert found.kind(Fact(EX.l, EX.size, Literal(2))) is Kind.COMPUTED
        firing = found.firing(Fact(EX.l, EX.size, Literal(2)))
        assert firing is not None
        assert Fact(EX.l, EX.has, EX.a) in firing.premises


def test_names_that_are_one_share_their_statements() -> None:
    rules = said(
        """RULE rule:eq-sym { ?y owl:sameAs ?x } WHERE { ?x owl:sameAs ?y }
        RULE rule:eq-trans { ?x owl:sameAs ?z } WHERE { ?x owl:sameAs ?y . ?y owl:sameAs ?z }
        RULE rule:eq-rep-s { ?z ?p ?o } WHERE { ?s owl:sameAs ?z . ?s ?p ?o }
        RULE rule:eq-rep-p { ?s ?q ?o } WHERE { ?p owl:sameAs ?q . ?s ?p ?o }
        RULE rule:eq-rep-o { ?s ?p ?z } WHERE { ?o owl:sameAs ?z . ?s ?p ?o }
        RULE :one { ?x owl:sameAs ?y } WHERE { ?x :key ?k . ?y :key ?k }"""
    )
    known = [Fact(EX.a, EX.key, Literal(1)), Fact(EX.b, EX.key, Literal(1)), Fact(EX.a, EX.p, EX.c)]
    assert bulk(rules, known) == infer(rules, known) | set(known)


def test_a_fact_that_is_asserted_and_derived_stays_asserted() -> None:
    rules = said("RULE :t { ?x :p ?z } WHERE { ?x :p ?y . ?y :p ?z }")
    known = [*PEOPLE, Fact(EX.a, EX.p, EX.c)]
    with close(rules, (), known, derivations=True) as found:
        assert found.kind(Fact(EX.a, EX.p, EX.c)) is Kind.ASSERTED
        assert found.firing(Fact(EX.a, EX.p, EX.c)) is None
        assert found.kind(Fact(EX.a, EX.p, EX.d)) is Kind.DERIVED
        assert found.kind(Fact(EX.d, EX.p, EX.a)) is None


def test_a_closure_without_derivations_says_so() -> None:
    with close((), (), PEOPLE) as found, pytest.raises(NoAnswer, match="no derivations"):
        found.firing(PEOPLE[0])


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(conclusions=1000), "WW-BUDGET-FACTS"),
        (Limits(seconds=0.3, memory=200), "WW-BUDGET-"),
        (Limits(rounds=2), "WW-BUDGET-ROUNDS"),
    ],
)
def test_a_program_over_its_budget_is_stopped_and_its_rule_named(limits: Limits, code: str) -> None:
    wide = limits.rounds > 2
    text = (
        "RULE :wide { ?a :far ?d } WHERE { ?a :p ?b . ?c :p ?d . ?e :p ?f . FILTER(?b != ?f) }"
        if wide
        else "RULE :step { ?x :far ?z } WHERE { ?x :far ?y . ?y :p ?z }"
        " RULE :start { ?x :far ?y } WHERE { ?x :p ?y }"
    )
    known = [Fact(EX[f"n{n}"], EX.p, EX[f"n{n + 1}"]) for n in range(1500 if wide else 9)]
    with pytest.raises(BudgetExceeded) as stopped:
        close(said(text), (), known, budget=limits)
    assert stopped.value.code.startswith(code)
    assert ("wide" if wide else "step") in str(stopped.value)


def test_each_rule_says_how_it_is_read_in_bulk() -> None:
    plain, regex, fresh = said(
        "RULE :a { ?x :r ?y } WHERE { ?x :p ?y . FILTER(?y > 3) }"
        ' RULE :b { ?x :r ?y } WHERE { ?x :p ?y . FILTER(REGEX(?y, "a")) }'
        " RULE :c { [] :of ?x } WHERE { ?x :p ?y }"
    )
    assert reading(plain).sql
    assert "regular expressions" in str(reading(regex))
    assert "head makes terms" in str(reading(fresh))
