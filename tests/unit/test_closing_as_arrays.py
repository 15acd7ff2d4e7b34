"""Closing whole properties at once: what it shares, where it stops, what it leaves to others."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.test_layers import EX, fact, rules

from wearwhy.errors import BudgetExceeded
from wearwhy.evidence import Kind
from wearwhy.rdf import RDFS, TYPE, Fact
from wearwhy.rules.budget import Budget
from wearwhy.rules.columnar import growing, joins
from wearwhy.rules.columnar.growing import first_of_each
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule

SCO = "RULE ex:sco { ?x a ?d } WHERE { ?c rdfs:subClassOf ?d . ?x a ?c }"
WEAK = """DATA { ex:weak ww:confidence 0.5 } RULE ex:weak { ?x ex:b ?y } WHERE { ?x ex:a ?y }
RULE ex:after { ?x ex:c ?y } WHERE { ?x ex:b ?y }
RULE ex:sure { ?y ex:from ?x } WHERE { ?x ex:a ?y }"""


def closed(text: str, facts: list[Fact], budget: Budget | None = None) -> Layer:
    return Layer.root(rules(text), (), facts, budget=budget, arrays_from=0)


def test_what_a_change_does_not_touch_is_shared() -> None:
    base = closed(SCO, [Fact(EX.A, RDFS.subClassOf, EX.B), fact("x", "near", "y")])
    child = base.child(Change(add=(Fact(EX.x, TYPE, EX.A),)), arrays_from=0)
    assert child.holds(Fact(EX.x, TYPE, EX.B))
    assert not base.holds(Fact(EX.x, TYPE, EX.B))
    assert child.relation(EX.near) is base.relation(EX.near)
    assert child.changes() == ([Fact(EX.x, TYPE, EX.A), Fact(EX.x, TYPE, EX.B)], [])


def test_rules_in_doubt_are_followed_fact_by_fact_over_what_is_sure() -> None:
    base = closed(WEAK, [fact("x", "a", "y")])
    assert base.ground is not None
    assert len(base.ground) == 2
    assert base.confidence(fact("x", "c", "y")) == 0.5
    assert base.confidence(fact("y", "from", "x")) == 1.0
    child = base.child(Change(remove=(fact("x", "a", "y"),)))
    assert list(child.facts()) == []


def test_an_asserted_fact_that_is_also_concluded_outlives_its_premises() -> None:
    both = [Fact(EX.A, RDFS.subClassOf, EX.B), Fact(EX.x, TYPE, EX.A), Fact(EX.x, TYPE, EX.B)]
    base = closed(SCO, both[:2])
    child = base.child(Change(add=(both[2],)), arrays_from=0)
    assert child.kind(both[2]) is Kind.ASSERTED
    assert child.child(Change(remove=(both[1],)), arrays_from=0).holds(both[2])
    derived = child.child(Change(remove=(both[2],)), arrays_from=0)
    assert derived.kind(both[2]) is Kind.DERIVED


def test_a_closing_as_arrays_stops_within_its_budget_and_names_its_rule() -> None:
    facts = [fact(f"n{n}", "is", "thing") for n in range(60)]
    cross = "RULE ex:cross { ?x ex:near ?y } WHERE { ?x ex:is ?a . ?y ex:is ?b }"
    with pytest.raises(BudgetExceeded, match="cross") as caught:
        closed(cross, facts, Budget(conclusions=1000))
    assert caught.value.code == "WW-BUDGET-FACTS"
    base = closed("", facts)
    with pytest.raises(BudgetExceeded, match="cross"):
        base.child(Change(rules_add=rules(cross)), budget=Budget(conclusions=1000), arrays_from=0)
    assert set(base.facts()) == set(facts)


def test_a_wide_search_as_arrays_stops_on_time() -> None:
    facts = [fact(f"n{n}", "is", "thing") for n in range(300)]
    text = """RULE ex:search { ?w ex:near ?z }
    WHERE { ?w ex:is ex:thing . ?x ex:is ex:thing . ?y ex:is ex:thing . ?z ex:is ex:thing
    FILTER(?w = ex:nobody && ?z = ex:none) }"""
    with pytest.raises(BudgetExceeded, match="search") as caught:
        closed(text, facts, Budget(seconds=0.2))
    assert caught.value.code == "WW-BUDGET-TIME"


def test_a_join_too_wide_for_memory_is_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """RULE ex:kin { ?x ex:kin ?y } WHERE { ?x ex:of ?a . ?y ex:of ?a }
    RULE ex:cross { ?x ex:met ?b } WHERE { ?x ex:of ?a . ?b ex:is ex:thing }"""
    facts = [fact(f"n{n}", "of", f"house{n % 3}") for n in range(40)]
    facts += [fact(f"m{n}", "is", "thing") for n in range(20)]
    whole = set(closed(text, facts).facts())
    for module in (growing, joins):
        monkeypatch.setattr(module, "WIDEST", 30)
    assert set(closed(text, facts).facts()) == whole
    assert len(whole) == 60 + 14 * 14 + 2 * 13 * 13 + 40 * 20


def test_of_equal_conclusions_the_first_is_kept_however_many_there_are() -> None:
    keys = np.random.default_rng(7).integers(0, 50, 10_000)
    first = first_of_each(keys)
    expected = [int((keys == key).nonzero()[0][0]) for key in np.unique(keys)]
    assert first.tolist() == expected


def test_a_rule_edited_over_overlays_takes_what_they_said_along() -> None:
    start = [Fact(EX.A, RDFS.subClassOf, EX.B), Fact(EX.x, TYPE, EX.A)]
    later = (Fact(EX.y, TYPE, EX.A), fact("y", "lined", "silk"))
    base = closed(SCO, start)
    edited = base.child(Change(add=later[:1])).child(Change(add=later[1:], remove=(start[1],)))
    new: tuple[Rule, ...] = rules("RULE ex:warm { ?x ex:is ex:warm } WHERE { ?x ex:lined ?l }")
    over = edited.child(Change(rules_add=new), arrays_from=0)
    assert over.under is None
    assert over.changes() == ([fact("y", "is", "warm")], [])
    assert set(over.facts()) == {*edited.facts(), fact("y", "is", "warm")}
