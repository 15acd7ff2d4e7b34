"""A guess as evidence: its parts add up, and rest on stated facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.learn_given import FACTS, GUESSES, ITEMS, MODEL, PLAN, Layered

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.learn.guess import Guess, guess
from wearwhy.learn.table import Table
from wearwhy.learn.told import SHOWN, rule_note, told
from wearwhy.rdf import WW, Fact


def parts(found: Evidence) -> list[EvidenceNode]:
    return [found.nodes[name] for name in found.nodes[found.root].premises]


def test_the_evidence_of_a_guess_adds_up_and_rests_on_stated_facts() -> None:
    table = Table(FACTS)
    for found in GUESSES:
        evidence = told(found)
        root = evidence.nodes[evidence.root]
        assert root.kind is Kind.PREDICTED
        assert root.probability == found.probability
        assert sum(node.value or 0.0 for node in parts(evidence)) == pytest.approx(
            found.margin, abs=1e-6
        )
        for node in evidence.nodes.values():
            if node.kind is Kind.ASSERTED:
                assert node.statement is not None
                assert list(table.match(*node.statement))
            assert set(node.premises) <= set(evidence.nodes)


def test_a_mined_rule_stands_above_the_facts_of_its_body_and_says_how_often_it_held() -> None:
    found = max(GUESSES, key=lambda g: sum(c.kind == "mined" for c in g.contributions))
    rule = max((c for c in found.contributions if c.kind == "mined"), key=lambda c: abs(c.value))
    evidence = told(found)
    (node,) = [n for n in parts(evidence) if n.note == rule_note(rule)]
    assert node.kind is Kind.COMPUTED
    assert node.value == rule.value
    assert [evidence.nodes[name].statement for name in node.premises] == list(rule.facts)
    learned = MODEL.learned[found.fact.predicate.value.removeprefix(WW)]
    ahead = [learned.node(v) for v in learned.values].index(found.fact.object)  # type: ignore[arg-type]
    body = [sorted(MODEL.tokens[t] for t in b if t >= 0) for b in learned.mined.bodies]
    counts = learned.mined.counts[body.index(sorted(rule.tokens))]
    assert f"held for {counts[ahead]:.0f} of {counts.sum():.0f} items" in str(node.note)
    assert str(node.note).count(" ∧ ") == len(rule.tokens) - 1


def test_the_weightiest_mined_rules_are_told_one_by_one_and_the_rest_together() -> None:
    seen = set()
    for found in GUESSES:
        rules = sorted(
            (c for c in found.contributions if c.kind == "mined" and abs(c.value) > 1e-12),
            key=lambda c: -abs(c.value),
        )
        shown = parts(told(found))
        alone = [n for n in shown if str(n.note).startswith("mined rule: ")]
        assert len(alone) == min(SHOWN, len(rules))
        assert {n.note for n in alone} == {rule_note(c) for c in rules[:SHOWN]}
        together = [n for n in shown if "more mined rule" in str(n.note)]
        assert len(together) == (len(rules) > SHOWN)
        if together:
            left = rules[SHOWN:]
            assert str(together[0].note).startswith(f"{len(left)} more mined rule")
            assert together[0].value == pytest.approx(sum(c.value for c in left))
            assert shown[-1] == together[0]
        seen.add(bool(together))
    assert seen == {True, False}


def ruled() -> Guess:
    """A guess about an item whose formality a rule concludes, sure by half."""
    known = {fact.subject for fact in FACTS if fact.predicate == WW.formality}
    said = {
        Fact(item, WW.formality, WW["dress-code-casual"]): Kind.DERIVED
        for item in ITEMS
        if item not in known
    }
    found = guess(Layered(FACTS, said, sure=0.5), MODEL, ITEMS, PLAN)
    return next(
        g
        for g in found
        for c in g.contributions
        if g.fact.predicate == WW.formality and c.kind == "rules" and c.value
    )


def test_what_rules_conclude_stands_below_what_it_weighs() -> None:
    found = ruled()
    evidence = told(found)
    (node,) = [n for n in parts(evidence) if "stylist" in str(n.note)]
    assert node.kind is Kind.COMPUTED
    below = [evidence.nodes[name] for name in node.premises]
    assert [n.kind for n in below] == [Kind.DERIVED]
    assert below[0].statement is not None
    assert below[0].statement.object == WW["dress-code-casual"]


def test_what_rules_conclude_is_proved_where_somebody_can() -> None:
    found = ruled()
    leaf = EvidenceNode("a1", Kind.ASSERTED, FACTS[5])

    def prove(fact: Fact) -> Evidence:
        top = EvidenceNode("d1", Kind.DERIVED, fact, premises=("a1",))
        return Evidence("d1", {"a1": leaf, "d1": top})

    evidence = told(found, prove=prove)
    (node,) = [n for n in parts(evidence) if "stylist" in str(n.note)]
    assert node.premises == ("d1",)
    assert evidence.nodes["a1"] == leaf


def test_a_guess_without_an_embedding_is_told_without_one() -> None:
    found = GUESSES[0]
    plain = replace(
        found,
        contributions=tuple(c for c in found.contributions if c.kind != "embedding"),
        neighbours=(),
    )
    assert Kind.OPAQUE in {n.kind for n in parts(told(found))}
    assert Kind.OPAQUE not in {n.kind for n in parts(told(plain))}
