"""Layers: what they see, what they keep apart, how they stop."""

from __future__ import annotations

import pytest

from wearwhy.errors import BudgetExceeded, IllFormedRule, NotStratified
from wearwhy.evidence import Kind
from wearwhy.rdf import OWL, RDFS, TYPE, Fact, Literal, Namespace, Triple
from wearwhy.rules.budget import Budget
from wearwhy.rules.descriptions import described
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.rules.syntax import parse

EX = Namespace("https://example.org/")
_PREFIXES = """PREFIX ex: <https://example.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX ww: <https://w3id.org/wearwhy/ns#>
"""


def rules(text: str) -> tuple[Rule, ...]:
    return described(parse(_PREFIXES + text, "test.srl"))


def fact(subject: str, predicate: str, obj: str) -> Fact:
    return Fact(EX[subject], EX[predicate], EX[obj])


AIRY = (
    "RULE ex:airy { ?x ex:suits ex:summer } WHERE { ?x ex:of ex:linen NOT { ?x ex:is ex:lined } }"
)


def test_a_retracted_fact_takes_what_rested_on_it_along() -> None:
    base = Layer.root(rules(AIRY), (), [fact("shirt", "of", "linen")])
    assert base.holds(fact("shirt", "suits", "summer"))
    child = base.child(Change(remove=(fact("shirt", "of", "linen"),)))
    assert not child.holds(fact("shirt", "suits", "summer"))
    assert child.changes() == ([], [fact("shirt", "of", "linen"), fact("shirt", "suits", "summer")])
    assert base.holds(fact("shirt", "suits", "summer"))


def test_a_fact_that_breaks_an_absence_withdraws_the_conclusion_here_alone() -> None:
    base = Layer.root(rules(AIRY), (), [fact("shirt", "of", "linen")])
    child = base.child(Change(add=(fact("shirt", "is", "lined"),)))
    assert not child.holds(fact("shirt", "suits", "summer"))
    assert base.holds(fact("shirt", "suits", "summer"))
    again = child.child(Change(remove=(fact("shirt", "is", "lined"),)))
    assert again.holds(fact("shirt", "suits", "summer"))


def test_not_does_not_see_a_guess_unless_its_rule_says_so() -> None:
    open_eyed = AIRY.replace("ex:airy", "ex:careful").replace("ex:suits", "ex:surely")
    text = f"{AIRY}\nDATA {{ ex:careful ww:readsGuesses true }} {open_eyed}"
    base = Layer.root(rules(text), (), [fact("shirt", "of", "linen")])
    child = base.child(Change(predict=((fact("shirt", "is", "lined"), 0.9),)))
    assert child.holds(fact("shirt", "suits", "summer"))
    assert not child.holds(fact("shirt", "surely", "summer"))
    confirmed = child.child(Change(add=(fact("shirt", "is", "lined"),)))
    assert not confirmed.holds(fact("shirt", "suits", "summer"))
    rejected = child.child(Change(unpredict=(fact("shirt", "is", "lined"),)))
    assert rejected.holds(fact("shirt", "surely", "summer"))


def test_confidence_is_the_product_along_the_surest_derivation() -> None:
    text = """DATA { ex:weak ww:confidence 0.5 }
    RULE ex:weak { ?x ex:b ?y } WHERE { ?x ex:a ?y }
    RULE ex:sure { ?x ex:b ?y } WHERE { ?x ex:c ?y }"""
    base = Layer.root(rules(text), (), [])
    child = base.child(Change(add=(fact("x", "a", "y"),), predict=((fact("x", "c", "y"), 0.8),)))
    assert child.confidence(fact("x", "b", "y")) == 0.8
    weaker = child.child(Change(unpredict=(fact("x", "c", "y"),)))
    assert weaker.confidence(fact("x", "b", "y")) == 0.5


LOOP = """RULE ex:there { ?x ex:b ?y } WHERE { ?x ex:a ?y }
RULE ex:back { ?x ex:a ?y } WHERE { ?x ex:b ?y }
RULE ex:other { ?x ex:b ?y } WHERE { ?x ex:c ?y }"""


def test_a_guess_that_is_concluded_from_itself_stays_a_guess() -> None:
    child = Layer.root(rules(LOOP), (), []).child(Change(predict=((fact("x", "a", "y"), 0.9),)))
    assert child.kind(fact("x", "a", "y")) is Kind.PREDICTED
    assert child.kind(fact("x", "b", "y")) is Kind.DERIVED


def test_a_guess_gives_way_to_what_is_surer_however_it_came_about() -> None:
    base = Layer.root(rules(LOOP), (), [])
    guess, other = fact("x", "a", "y"), fact("x", "c", "y")
    for probability, kind, sure in (
        (0.6, Kind.PREDICTED, 0.8),
        (0.8, Kind.PREDICTED, 0.8),
        (0.9, Kind.DERIVED, 0.9),
    ):
        one, two = ((guess, 0.8),), ((other, probability),)
        for layer in (
            base.child(Change(predict=(*one, *two))),
            base.child(Change(predict=one)).child(Change(predict=two)),
            base.child(Change(predict=two)).child(Change(predict=one)),
        ):
            assert layer.kind(guess) is kind
            assert layer.confidence(guess) == sure
            assert layer.child(Change(unpredict=(other,))).kind(guess) is Kind.PREDICTED
            assert layer.child(Change(add=(other,))).kind(guess) is Kind.DERIVED


def test_two_guesses_that_follow_from_each_other_are_not_both_derived() -> None:
    base = Layer.root(rules(LOOP), (), [])
    strong, weak = (fact("x", "a", "y"), 0.9), (fact("x", "b", "y"), 0.5)
    for order in ((strong, weak), (weak, strong)):
        layer = base.child(Change(predict=order[:1])).child(Change(predict=order[1:]))
        assert layer.kind(strong[0]) is Kind.PREDICTED
        assert layer.kind(weak[0]) is Kind.DERIVED
        assert layer.confidence(weak[0]) == 0.9


def test_a_rule_over_given_facts_does_not_read_derived_ones() -> None:
    text = """RULE ex:derive { ?x ex:b ?y } WHERE { ?x ex:a ?y }
    RULE ex:given { ?x ex:c ?y } WHERE DATA { ?x ex:b ?y }"""
    base = Layer.root(rules(text), (), [fact("x", "a", "y")])
    assert not base.holds(fact("x", "c", "y"))
    said = base.child(Change(add=(fact("x", "b", "y"),)))
    assert said.holds(fact("x", "c", "y"))
    unsaid = said.child(Change(remove=(fact("x", "b", "y"),)))
    assert unsaid.holds(fact("x", "b", "y"))
    assert not unsaid.holds(fact("x", "c", "y"))


def test_a_cross_product_stops_within_its_budget_and_names_its_rule() -> None:
    facts = [fact(f"n{n}", "is", "thing") for n in range(60)]
    base = Layer.root((), (), facts)
    cross = rules("RULE ex:cross { ?x ex:near ?y } WHERE { ?x ex:is ?a . ?y ex:is ?b }")
    with pytest.raises(BudgetExceeded, match="cross") as caught:
        base.child(Change(rules_add=cross), budget=Budget(conclusions=1000))
    assert caught.value.code == "WW-BUDGET-FACTS"
    assert set(base.facts()) == set(facts)
    assert base.child(Change(add=(fact("n0", "is", "more"),))).holds(fact("n0", "is", "more"))


def test_a_search_without_conclusions_stops_on_time() -> None:
    facts = [fact(f"n{n}", "is", "thing") for n in range(150)]
    text = """RULE ex:search { ?w ex:near ?z }
    WHERE { ?w ex:is ex:thing . ?x ex:is ex:thing . ?y ex:is ex:thing . ?z ex:is ex:thing
    FILTER(?w = ex:nobody && ?z = ex:none) }"""
    with pytest.raises(BudgetExceeded, match="search") as caught:
        Layer.root(rules(text), (), facts, budget=Budget(seconds=0.2))
    assert caught.value.code == "WW-BUDGET-TIME"


def test_a_rule_that_never_ends_is_refused() -> None:
    base = Layer.root((), (), [Fact(EX.a, EX.n, Literal(1))])
    endless = rules("RULE ex:count { ?x ex:n ?m } WHERE { ?x ex:n ?k SET(?m := ?k + 1) }")
    with pytest.raises(NotStratified) as caught:
        base.child(Change(rules_add=endless))
    assert caught.value.code == "WW-RULE-STRATA"


def test_cyclic_subclasses_terminate_with_everything_equivalent() -> None:
    text = """RULE ex:sco { ?x a ?d } WHERE { ?c rdfs:subClassOf ?d . ?x a ?c }
    RULE ex:trans { ?c rdfs:subClassOf ?e } WHERE { ?c rdfs:subClassOf ?d . ?d rdfs:subClassOf ?e }
    RULE ex:eqc { ?c owl:equivalentClass ?d } WHERE { ?c rdfs:subClassOf ?d . ?d rdfs:subClassOf ?c }"""
    ring = [Fact(EX[a], RDFS.subClassOf, EX[b]) for a, b in ("AB", "BC", "CA")]
    base = Layer.root(rules(text), (), [*ring, Fact(EX.x, TYPE, EX.A)])
    assert set(base.objects(EX.x, TYPE)) == {EX.A, EX.B, EX.C}
    for one in "ABC":
        assert set(base.objects(EX[one], OWL.equivalentClass)) == {EX.A, EX.B, EX.C}


def test_a_triple_term_about_a_literal_is_not_concluded() -> None:
    text = "RULE ex:say { ex:x ex:said <<( ?x ex:p ?y )>> } WHERE { ?y ex:p ?x }"
    facts = [Fact(EX.a, EX.p, Literal("b")), fact("c", "p", "d")]
    base = Layer.root(rules(text), (), facts)
    assert base.objects(EX.x, EX.said) == [Triple(EX.d, EX.p, EX.c)]


def test_a_rule_with_many_filters_still_compiles() -> None:
    tests = " ".join(f"FILTER(?x != ex:n{n})" for n in range(150))
    base = Layer.root(
        rules(f"RULE ex:r {{ ?x ex:b ?y }} WHERE {{ ?x ex:a ?y {tests} }}"),
        (),
        [fact("x", "a", "y")],
    )
    assert base.holds(fact("x", "b", "y"))


def test_a_rule_with_too_many_patterns_is_refused() -> None:
    patterns = " . ".join(f"?v{n} ex:p ?v{n + 1}" for n in range(19))
    with pytest.raises(IllFormedRule) as caught:
        Layer.root(rules(f"RULE ex:long {{ ?v0 ex:q ?v19 }} WHERE {{ {patterns} }}"), (), [])
    assert caught.value.code == "WW-RULE-TOO-LONG"


def test_a_rule_with_another_description_is_fired_anew() -> None:
    text = "RULE ex:r { ?x ex:b ?y } WHERE { ?x ex:a ?y }"
    base = Layer.root(rules(text), (), [fact("x", "a", "y")])
    unsure = base.child(Change(rules_add=rules(f"DATA {{ ex:r ww:confidence 0.7 }} {text}")))
    assert unsure.confidence(fact("x", "b", "y")) == 0.7
    assert base.confidence(fact("x", "b", "y")) == 1.0
    firing = unsure.firing(fact("x", "b", "y"))
    assert firing is not None
    assert firing.premises == (fact("x", "a", "y"),)
