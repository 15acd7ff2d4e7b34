"""Names merged by union-find, held against the rules of equality run as they are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.errors import NotStratified
from wearwhy.evidence import Evidence, Kind
from wearwhy.proof.breaking import breaking_sets
from wearwhy.proof.checker import check
from wearwhy.proof.choose import shortest
from wearwhy.proof.prove import ground, prove
from wearwhy.rdf import OWL, Fact, NamedNode, Node
from wearwhy.rules.descriptions import load, read
from wearwhy.rules.equality import SAMENESS
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.rules.reference import infer

RULES = Path(__file__).parents[2] / "ontology" / "rules" / "owl2-rl" / "equality.srl"
E = "http://example.org/"
PREFIXES = f"PREFIX : <{E}>\nPREFIX owl: <{OWL}>\n"
OWN = (
    "RULE :r1 { ?x :q ?y } WHERE { ?x :p ?y }",
    "RULE :r2 { ?x :p ?z } WHERE { ?x :p ?y . ?y :p ?z }",
    "RULE :r3 { ?x :is :a } WHERE { ?x :p :b }",
    "RULE :r4 { ?y owl:sameAs ?z } WHERE { ?x :f ?y . ?x :f ?z }",
    "RULE :r5 { ?x owl:sameAs ?y } WHERE { ?x :p ?y . ?y :q ?x }",
    "RULE :r6 { :c ?p ?x } WHERE { ?x ?p :a }",
    "RULE :r7 { :p owl:sameAs ?q } WHERE { :d ?q :d }",
)
NAMES = [NamedNode(E + name) for name in "abd"]
PROPERTIES = [*(NamedNode(E + name) for name in "pqf"), OWL.sameAs]
PLAIN = [Fact(a, p, b) for a in NAMES for p in PROPERTIES[:2] for b in NAMES]


def sameness() -> list[Rule]:
    return [
        replace(rule, description=replace(rule.description, off=False))
        for rule in load([RULES]).rules
        if rule.iri.value in SAMENESS
    ]


def own(texts: tuple[str, ...]) -> list[Rule]:
    return list(read(PREFIXES + "\n".join(texts)).rules)


def unsure(rules: list[Rule]) -> list[Rule]:
    """Return rules of which the first is not sure, and those of sameness are."""
    return [
        rule
        if number or OWL.sameAs in (atom.predicate for atom in rule.head)
        else replace(rule, description=replace(rule.description, confidence=0.8))
        for number, rule in enumerate(rules)
    ]


def fact(subject: str, predicate: str, found: str) -> Fact:
    same = OWL.sameAs if predicate == "=" else NamedNode(E + predicate)
    return Fact(NamedNode(E + subject), same, NamedNode(E + found))


facts = st.lists(
    st.builds(
        Fact,
        st.sampled_from(NAMES),
        st.sampled_from(PROPERTIES),
        st.sampled_from([*NAMES, PROPERTIES[0], PROPERTIES[1]]),
    ),
    max_size=6,
    unique=True,
)
programs = st.lists(st.sampled_from(OWN), unique=True, max_size=4).map(tuple)
guesses = st.lists(st.tuples(st.sampled_from(PLAIN), st.sampled_from((0.3, 0.5, 0.9))), max_size=3)
edits_and_guesses = st.tuples(facts, facts, guesses, st.lists(st.sampled_from(PLAIN), max_size=3))


def some(layer: Layer) -> list[Fact]:
    """Return up to 20 facts, spread over all of them."""
    every = sorted(layer.facts(), key=str)
    return every[:: max(1, len(every) // 20)]


def as_written(rules: list[Rule], given_: set[Fact]) -> set[Fact]:
    return given_ | infer([*sameness(), *rules], given_)


@settings(max_examples=60, deadline=None)
@given(facts, programs)
def test_merged_names_say_what_the_rules_of_equality_say(
    given_: list[Fact], texts: tuple[str, ...]
) -> None:
    layer = Layer.root([*sameness(), *own(texts)], (), given_)
    assert set(layer.facts()) == as_written(own(texts), set(given_))
    assert len(list(layer.facts())) == len(set(layer.facts()))


@settings(max_examples=40, deadline=None)
@given(facts, programs)
def test_every_fact_about_merged_names_has_a_proof_that_the_checker_accepts(
    given_: list[Fact], texts: tuple[str, ...]
) -> None:
    layer = Layer.root([*sameness(), *own(texts)], (), given_)
    known = ground(layer, layer.rules)
    for one in some(layer):
        proof = prove(layer, one)
        assert check(proof, known) == []
        for node in proof.nodes.values():
            if node.kind is Kind.ASSERTED:
                assert node.statement in given_


@settings(max_examples=40, deadline=None)
@given(facts, programs, st.lists(st.tuples(facts, facts), max_size=3))
def test_after_any_edits_in_layers_above_the_names_are_those_of_a_rebuild(
    given_: list[Fact], texts: tuple[str, ...], edits: list[tuple[list[Fact], list[Fact]]]
) -> None:
    rules = [*sameness(), *own(texts)]
    layer, held = Layer.root(rules, (), given_), set(given_)
    for add, remove in edits:
        before = set(layer.facts())
        held = (held - set(remove)) | set(add)
        layer = layer.child(Change(add=tuple(add), remove=tuple(remove)))
        rebuilt = Layer.root(rules, (), held)
        assert set(layer.facts()) == set(rebuilt.facts())
        assert {f for f in layer.facts() if layer.kind(f) is Kind.ASSERTED} == held
        gained, lost = layer.changes()
        assert set(gained) == set(layer.facts()) - before
        assert set(lost) == before - set(layer.facts())
    known = ground(layer, layer.rules)
    for one in some(layer):
        assert check(prove(layer, one), known) == []


@settings(max_examples=40, deadline=None)
@given(facts, programs, st.lists(edits_and_guesses, min_size=1, max_size=3))
def test_after_any_guesses_about_merged_names_all_is_as_sure_as_in_a_rebuild(
    given_: list[Fact],
    texts: tuple[str, ...],
    edits: list[tuple[list[Fact], list[Fact], list[tuple[Fact, float]], list[Fact]]],
) -> None:
    rules = [*sameness(), *unsure(own(texts))]
    layer, held, guessed = Layer.root(rules, (), given_), set(given_), dict[Fact, float]()
    for add, remove, predict, unpredict in edits:
        held = (held - set(remove)) | set(add)
        guessed = {f: p for f, p in guessed.items() if f not in unpredict} | dict(predict)
        change = Change(tuple(add), tuple(remove), tuple(predict), tuple(unpredict))
        layer = layer.child(change)
        rebuilt = Layer.root(rules, (), held).child(Change(predict=tuple(guessed.items())))
        assert {f: layer.confidence(f) for f in layer.facts()} == {
            f: pytest.approx(rebuilt.confidence(f)) for f in rebuilt.facts()
        }
        assert {f for f in layer.facts() if layer.kind(f) is Kind.ASSERTED} == held
        for one in (layer, rebuilt):
            known = ground(one, one.rules)
            assert all(guessed[f] == p for f, p in known.predicted.items())
            assert all(check(prove(one, said), known) == [] for said in some(one))


def test_a_proof_cites_the_original_statement_and_the_steps_between_the_names() -> None:
    layer = Layer.root(
        sameness(), (), [fact("a", "p", "c"), fact("a", "=", "b"), fact("b", "=", "d")]
    )
    proof = prove(layer, fact("d", "p", "c"))
    root = proof.nodes[proof.root]
    assert root.kind is Kind.SAME
    premises = [proof.nodes[name] for name in root.premises]
    assert premises[0].statement == fact("a", "p", "c")
    assert {node.statement for node in premises[1:]} == {fact("a", "=", "b"), fact("b", "=", "d")}
    assert {node.kind for node in premises} == {Kind.ASSERTED}


def test_the_checker_refuses_another_name_that_no_step_leads_to() -> None:
    layer = Layer.root(sameness(), (), [fact("a", "p", "c"), fact("a", "=", "b")])
    known = ground(layer, layer.rules)
    proof = prove(layer, fact("b", "p", "c"))
    root = proof.nodes[proof.root]
    others = {name: node for name, node in proof.nodes.items() if name != proof.root}
    for forged in (
        replace(root, statement=fact("d", "p", "c")),
        replace(root, statement=fact("b", "q", "c")),
        replace(root, premises=root.premises[:1]),
        replace(root, premises=root.premises[1:]),
    ):
        found = check(Evidence(proof.root, {**others, proof.root: forged}), known)
        assert [refusal.reason for refusal in found] == ["it says another thing"]


def test_what_breaks_a_conclusion_may_be_that_two_names_are_the_same() -> None:
    told = [fact("a", "p", "c"), fact("a", "=", "b"), fact("c", "p", "d")]
    layer = Layer.root([*sameness(), *own(OWN[:2])], (), told)
    wanted = fact("b", "q", "d")
    assert {one for sets in breaking_sets(layer, wanted).sets for one in sets} == set(told)
    assert check(shortest(layer, wanted), ground(layer, layer.rules)) == []


def test_to_retract_what_two_names_share_parts_them() -> None:
    rules = [*sameness(), *own((OWN[3],))]
    told = [fact("x", "f", "a"), fact("x", "f", "b"), fact("a", "p", "c")]
    base = Layer.root(rules, (), told)
    assert base.holds(fact("b", "p", "c"))
    wardrobe = base.child(Change(add=(fact("b", "q", "d"),)))
    assert wardrobe.holds(fact("a", "q", "d"))
    parted = wardrobe.child(Change(remove=(fact("x", "f", "b"),)))
    assert not parted.holds(fact("b", "p", "c"))
    assert not parted.holds(fact("a", "q", "d"))
    assert parted.holds(fact("b", "q", "d"))
    assert base.holds(fact("b", "p", "c"))


def test_without_the_rules_of_equality_same_is_a_property_like_any_other() -> None:
    layer = Layer.root(sameness()[:4], (), [fact("a", "=", "b")])
    assert layer.merged is None
    plain = Layer.root((), (), [fact("a", "=", "b"), fact("a", "p", "c")])
    assert set(plain.facts()) == {fact("a", "=", "b"), fact("a", "p", "c")}


def test_a_guess_that_two_names_are_the_same_merges_nothing() -> None:
    base = Layer.root(sameness(), (), [fact("a", "p", "c")])
    guessing = base.child(Change(predict=((fact("a", "=", "b"), 0.99),)))
    assert not guessing.holds(fact("b", "p", "c"))


def test_a_guess_about_one_name_is_seen_under_the_other_with_its_confidence() -> None:
    base = Layer.root(sameness(), (), [fact("a", "=", "b")])
    guessing = base.child(Change(predict=((fact("b", "p", "c"), 0.8),)))
    assert guessing.kind(fact("b", "p", "c")) is Kind.PREDICTED
    assert guessing.kind(fact("a", "p", "c")) is Kind.SAME
    assert guessing.confidence(fact("a", "p", "c")) == pytest.approx(0.8)
    known = ground(guessing, guessing.rules)
    assert check(prove(guessing, fact("a", "p", "c")), known) == []


def test_a_fact_asserted_under_two_names_is_asserted_under_both() -> None:
    base = Layer.root(sameness(), (), [fact("a", "p", "a"), fact("a", "=", "b")])
    layer = base.child(Change(add=(fact("a", "p", "b"),)))
    assert layer.kind(fact("a", "p", "a")) is Kind.ASSERTED
    assert layer.kind(fact("a", "p", "b")) is Kind.ASSERTED
    assert layer.kind(fact("b", "p", "b")) is Kind.SAME
    parted = layer.child(Change(remove=(fact("a", "=", "b"),)))
    assert set(parted.facts()) == {fact("a", "p", "a"), fact("a", "p", "b")}


@pytest.mark.parametrize("before", [True, False])
def test_of_two_guesses_that_say_the_same_the_surer_counts_and_is_cited(*, before: bool) -> None:
    same = Change(add=(fact("a", "=", "b"), fact("b", "=", "d")))
    guessing = Change(predict=((fact("b", "p", "c"), 0.8), (fact("d", "p", "c"), 0.3)))
    base = Layer.root([*sameness(), *own(OWN[:1])], (), ())
    for change in (guessing, same) if before else (same, guessing):
        base = base.child(change)
    known = ground(base, base.rules)
    for name in "abd":
        assert base.confidence(fact(name, "q", "c")) == pytest.approx(0.8)
        assert check(prove(base, fact(name, "q", "c")), known) == []
    cited = prove(base, fact("d", "p", "c"))
    assert cited.nodes[cited.root].kind is Kind.SAME
    assert known.predicted == {fact("b", "p", "c"): 0.8}
    parted = base.child(Change(remove=same.add))
    assert parted.probability(fact("d", "p", "c")) == pytest.approx(0.3)


def test_not_and_filter_see_one_thing_where_names_are_merged() -> None:
    rules = own(
        (
            "RULE :lone { ?x :is :lone } WHERE { ?x :p ?y . NOT { ?x :q ?z } }",
            "RULE :two { ?x :is :two } WHERE { ?x :p ?y . ?x :p ?z . FILTER(?y != ?z) }",
        )
    )
    told = [fact("a", "p", "c"), fact("b", "q", "d"), fact("a", "p", "d")]
    same = [fact("a", "=", "b"), fact("c", "=", "d")]
    layer = Layer.root([*sameness(), *rules], (), [*told, *same])
    assert not layer.holds(fact("a", "is", "lone"))
    assert not layer.holds(fact("a", "is", "two"))
    apart = Layer.root([*sameness(), *rules], (), told)
    assert apart.holds(fact("a", "is", "lone"))
    assert apart.holds(fact("a", "is", "two"))


def test_a_sameness_that_rests_on_an_absence_is_refused() -> None:
    rules = own(("RULE :guess { ?x owl:sameAs ?y } WHERE { ?x :p ?y . NOT { ?x :q ?z } }",))
    with pytest.raises(NotStratified) as found:
        Layer.root([*sameness(), *rules], (), [fact("a", "p", "b")])
    assert found.value.code == "WW-RULE-SAMENESS"


def test_the_representative_is_a_name_that_rules_mention() -> None:
    rules = own(("RULE :r { ?x :is :c } WHERE { ?x :p :c }",))
    layer = Layer.root([*sameness(), *rules], (), [fact("b", "=", "c"), fact("a", "p", "b")])
    assert layer.merged is not None
    first: Node = layer.merged.names.first[NamedNode(E + "b")]
    assert first == NamedNode(E + "c")
    assert layer.holds(fact("a", "is", "b"))
