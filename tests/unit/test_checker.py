"""The checker accepts what the engine proves, and refuses every proof that was tampered with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.proof.checker import Ground, check
from wearwhy.proof.prove import Prover, ground, prove
from wearwhy.rdf import RDFS, TYPE, WW, XSD, Fact, Namespace, Node
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import Description, Rule
from wearwhy.rules.syntax import parse

EX = Namespace("https://example.org/")

RULES = """
PREFIX : <https://example.org/>
PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
RULE :type { ?x a ?d } WHERE { ?c rdfs:subClassOf ?d . ?x a ?c }
RULE :over { ?a :over ?b } WHERE { ?a :on ?b }
RULE :higher { ?a :over ?c } WHERE { ?a :on ?b . ?b :over ?c }
RULE :hot { ?x :hot true } WHERE { ?x :warmth ?w . FILTER(?w > 3) ?x a :Item }
RULE :fit { ?x :fit true } WHERE { ?x a :Item . NOT { ?x :hot ?any } }
RULE :plain { ?x :plain true } WHERE { ?x a :Item . NOT DATA { ?x :pattern ?p . FILTER(?p != :solid) } }
RULE :twice { ?x :double ?d } WHERE { ?x :warmth ?w . SET(?d := ?w * 2) }
RULE :event { _:e :about ?x ; :kind :Wash } WHERE { ?x :fit true . ?x :dirty true }
RULE :count { ?l :rich true } WHERE { ?l :items ?n . FILTER(?n >= 2) }
RULE :guessed { ?x :maybe ?m } WHERE { ?x :material ?m . ?x a :Item }
RULE :unsure { ?x :perhaps ?m } WHERE { ?x :maybe ?m }
RULE :given { ?x :worn true } WHERE DATA { ?x :dirty true }
"""


def iri(name: str) -> NamedNode:
    return EX[name]


def fact(subject: str, predicate: NamedNode | str, value: str | Node) -> Fact:
    name = predicate if isinstance(predicate, NamedNode) else iri(predicate)
    return Fact(iri(subject), name, iri(value) if isinstance(value, str) else value)


def integer(value: int) -> Literal:
    return Literal(value)


TRUE = Literal("true", datatype=XSD.boolean)
FACTS = [
    fact("Coat", RDFS.subClassOf, "Item"),
    fact("coat", TYPE, "Coat"),
    fact("shirt", TYPE, "Item"),
    fact("coat", "on", "shirt"),
    fact("shirt", "on", "vest"),
    fact("vest", "on", "skin"),
    fact("coat", "warmth", integer(4)),
    fact("shirt", "warmth", integer(1)),
    fact("shirt", "dirty", TRUE),
    fact("coat", "pattern", "tartan"),
    fact("shirt", "pattern", "solid"),
    fact("look", TYPE, WW.Look),
    Fact(iri("look"), WW.hasItem, iri("coat")),
    Fact(iri("look"), WW.hasItem, iri("shirt")),
]
MEASURES = [
    Measure(iri("items"), WW.Look, Aggregate.COUNT, (Step(WW.hasItem),)),
    Measure(iri("heat"), WW.Look, Aggregate.SUM, (Step(WW.hasItem), Step(iri("warmth")))),
    Measure(iri("spread"), WW.Look, Aggregate.RANGE, (Step(WW.hasItem), Step(iri("warmth")))),
]
GUESS = fact("coat", "material", "wool")


def program() -> tuple[Rule, ...]:
    unsure = iri("unsure")
    return tuple(
        replace(rule, description=Description(confidence=0.5)) if rule.iri == unsure else rule
        for rule in parse(RULES).rules
    )


@pytest.fixture(scope="module")
def layer() -> Layer:
    base = Layer.root(program(), MEASURES, FACTS)
    return base.child(Change(predict=((GUESS, 0.8),)))


@pytest.fixture(scope="module")
def truth(layer: Layer) -> Ground:
    return ground(layer, program(), MEASURES)


def inner(evidence: Evidence, kind: Kind, rule: str | None = None) -> EvidenceNode:
    return next(
        node
        for node in evidence.nodes.values()
        if node.kind is kind and (rule is None or node.rule == iri(rule))
    )


def with_node(evidence: Evidence, node: EvidenceNode) -> Evidence:
    return Evidence(evidence.root, {**evidence.nodes, node.id: node})


def test_every_visible_fact_has_a_proof_that_is_accepted(layer: Layer, truth: Ground) -> None:
    prover = Prover(layer)
    facts = list(layer.facts())
    kinds = {layer.kind(each) for each in facts}
    assert kinds == {Kind.ASSERTED, Kind.DERIVED, Kind.COMPUTED, Kind.PREDICTED}
    for each in facts:
        assert check(prover.evidence(each), truth) == []


def test_a_proof_has_the_same_ids_each_time_it_is_made(layer: Layer) -> None:
    conclusion = fact("coat", "over", "skin")
    assert prove(layer, conclusion) == prove(layer, conclusion)


def test_axioms_are_told_from_other_assertions(layer: Layer) -> None:
    evidence = prove(layer, fact("coat", TYPE, "Item"))
    axiom = inner(evidence, Kind.AXIOM)
    assert axiom.statement == fact("Coat", RDFS.subClassOf, "Item")


def test_filters_and_absences_stand_among_the_premises_in_the_order_of_the_body(
    layer: Layer,
) -> None:
    hot = prove(layer, fact("coat", "hot", TRUE))
    kinds = [hot.nodes[name].kind for name in hot.nodes[hot.root].premises]
    assert kinds == [Kind.ASSERTED, Kind.BUILTIN, Kind.DERIVED]
    fit = prove(layer, fact("shirt", "fit", TRUE))
    notes = [fit.nodes[name].note for name in fit.nodes[fit.root].premises]
    assert notes[1] == "<https://example.org/shirt> <https://example.org/hot> ?any ."


Tampering = Callable[[Evidence], Evidence]


def drop_premise(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.DERIVED, "higher")
    return with_node(evidence, replace(node, premises=node.premises[:-1]))


def add_premise(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.DERIVED, "over")
    return with_node(evidence, replace(node, premises=node.premises * 2))


def swap_premises(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.DERIVED, "higher")
    return with_node(evidence, replace(node, premises=node.premises[::-1]))


def swap_binding(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.DERIVED, "higher")
    values = dict(node.bindings)
    values["a"], values["b"] = values["b"], values["a"]
    return with_node(evidence, replace(node, bindings=tuple(sorted(values.items()))))


def add_binding(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.DERIVED, "higher")
    return with_node(evidence, replace(node, bindings=(*node.bindings, ("z", iri("coat")))))


def lose_statement(evidence: Evidence) -> Evidence:
    return with_node(evidence, replace(inner(evidence, Kind.ASSERTED), statement=None))


def forge_leaf(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.ASSERTED)
    return with_node(evidence, replace(node, statement=fact("coat", "on", "moon")))


def call_it_predicted(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.ASSERTED)
    return with_node(evidence, replace(node, kind=Kind.PREDICTED, probability=1.0))


def give_a_leaf_premises(evidence: Evidence) -> Evidence:
    node = inner(evidence, Kind.ASSERTED)
    other = next(name for name in evidence.nodes if evidence.nodes[name].kind is Kind.ASSERTED)
    return with_node(evidence, replace(node, premises=(other,)))


def close_a_circle(evidence: Evidence) -> Evidence:
    leaf = inner(evidence, Kind.DERIVED, "over")
    return with_node(evidence, replace(leaf, premises=(evidence.root,)))


def lose_a_node(evidence: Evidence) -> Evidence:
    gone = inner(evidence, Kind.ASSERTED).id
    return Evidence(evidence.root, {n: node for n, node in evidence.nodes.items() if n != gone})


def lose_the_root(evidence: Evidence) -> Evidence:
    return Evidence("d000000000000", evidence.nodes)


def rest_on_nothing_provable(evidence: Evidence) -> Evidence:
    opaque = EvidenceNode("o1", Kind.OPAQUE, fact("coat", "on", "shirt"))
    node = inner(evidence, Kind.DERIVED, "higher")
    tampered = replace(node, premises=("o1", *node.premises[1:]))
    return with_node(with_node(evidence, opaque), tampered)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": iri("over")},
        {"rule": iri("made-up")},
        {"statement": fact("coat", "over", "moon")},
        {"bindings": ()},
        {"kind": Kind.ASSERTED, "premises": ()},
        {"confidence": 0.5},
        {"confidence": 1.5},
    ],
    ids=str,
)
def test_a_conclusion_altered_in_one_place_is_refused(
    changes: dict[str, Any], layer: Layer, truth: Ground
) -> None:
    evidence = prove(layer, fact("coat", "over", "skin"))
    node = replace(inner(evidence, Kind.DERIVED, "higher"), **changes)
    assert [name for name, _ in check(with_node(evidence, node), truth)] == [node.id]


@pytest.mark.parametrize(
    "tamper",
    [
        drop_premise,
        add_premise,
        swap_premises,
        swap_binding,
        add_binding,
        lose_statement,
        forge_leaf,
        call_it_predicted,
        give_a_leaf_premises,
        close_a_circle,
        lose_a_node,
        lose_the_root,
        rest_on_nothing_provable,
    ],
    ids=lambda tamper: tamper.__name__,
)
def test_a_tampered_proof_is_refused(tamper: Tampering, layer: Layer, truth: Ground) -> None:
    evidence = prove(layer, fact("coat", "over", "skin"))
    assert check(evidence, truth) == []
    assert check(tamper(evidence), truth) != []


def forged(rule: str, statement: Fact, *premises: EvidenceNode, **bindings: Node) -> Evidence:
    names = tuple(node.id for node in premises)
    values = tuple(sorted(bindings.items()))
    root = EvidenceNode("root", Kind.DERIVED, statement, iri(rule), values, premises=names)
    return Evidence("root", {node.id: node for node in (root, *premises)})


def asserted(name: str, statement: Fact) -> EvidenceNode:
    return EvidenceNode(name, Kind.ASSERTED, statement)


def test_a_filter_that_is_false_is_refused(truth: Ground) -> None:
    evidence = forged(
        "hot",
        fact("shirt", "hot", TRUE),
        asserted("a1", fact("shirt", "warmth", integer(1))),
        asserted("a2", fact("shirt", TYPE, "Item")),
        x=iri("shirt"),
        w=integer(1),
    )
    (refusal,) = check(evidence, truth)
    assert "not true" in refusal.reason


def test_an_absence_that_the_graph_violates_is_refused(layer: Layer, truth: Ground) -> None:
    item = prove(layer, fact("coat", TYPE, "Item"))
    absent = EvidenceNode("n1", Kind.ABSENT, note="the coat is not hot")
    evidence = forged(
        "fit", fact("coat", "fit", TRUE), item.nodes[item.root], absent, x=iri("coat")
    )
    evidence = Evidence("root", {**item.nodes, **evidence.nodes})
    (refusal,) = check(evidence, truth)
    assert "present" in refusal.reason


def test_an_absence_in_the_asserted_facts_is_checked_with_its_filter(truth: Ground) -> None:
    def plain(item: str, premise: EvidenceNode) -> Evidence:
        absent = EvidenceNode("n1", Kind.ABSENT)
        return forged("plain", fact(item, "plain", TRUE), premise, absent, x=iri(item))

    assert check(plain("shirt", asserted("a1", fact("shirt", TYPE, "Item"))), truth) == []
    refusals = check(plain("coat", asserted("a1", fact("coat", TYPE, "Item"))), truth)
    assert any("present" in refusal.reason for refusal in refusals)


def test_an_absence_that_is_not_accounted_for_is_refused(layer: Layer, truth: Ground) -> None:
    evidence = prove(layer, fact("shirt", "fit", TRUE))
    root = evidence.nodes[evidence.root]
    kept = tuple(n for n in root.premises if evidence.nodes[n].kind is not Kind.ABSENT)
    (refusal,) = check(with_node(evidence, replace(root, premises=kept)), truth)
    assert "absence" in refusal.reason


def test_a_wrong_value_of_a_set_is_refused(layer: Layer, truth: Ground) -> None:
    evidence = prove(layer, fact("coat", "double", integer(8)))
    root = evidence.nodes[evidence.root]
    values = {**dict(root.bindings), "d": integer(9)}
    wrong = replace(
        root,
        statement=fact("coat", "double", integer(9)),
        bindings=tuple(sorted(values.items())),
    )
    (refusal,) = check(with_node(evidence, wrong), truth)
    assert "not true" in refusal.reason


def test_a_fresh_node_must_be_new_and_its_solutions_own(layer: Layer, truth: Ground) -> None:
    (about,) = layer.match(None, iri("about"), None)
    evidence = prove(layer, about)
    root = evidence.nodes[evidence.root]
    assert check(evidence, truth) == []
    ((label, _),) = [pair for pair in root.bindings if pair[0].startswith("_:")]
    values = {**dict(root.bindings), label: iri("shirt")}
    wrong = replace(
        root,
        statement=about._replace(subject=iri("shirt")),
        bindings=tuple(sorted(values.items())),
    )
    assert check(with_node(evidence, wrong), truth) != []


def test_a_measure_is_aggregated_again(layer: Layer, truth: Ground) -> None:
    (computed,) = layer.match(iri("look"), iri("heat"), None)
    evidence = prove(layer, computed)
    root = evidence.nodes[evidence.root]
    assert root.kind is Kind.COMPUTED
    assert check(evidence, truth) == []
    wrong = replace(root, statement=computed._replace(object=integer(99)))
    assert check(with_node(evidence, wrong), truth) != []
    for missing in root.premises:
        fewer = tuple(name for name in root.premises if name != missing)
        assert check(with_node(evidence, replace(root, premises=fewer)), truth) != []


def test_a_guess_counts_with_the_probability_it_was_given(layer: Layer, truth: Ground) -> None:
    evidence = prove(layer, fact("coat", "perhaps", "wool"))
    assert evidence.nodes[evidence.root].confidence == pytest.approx(0.4)
    guess = inner(evidence, Kind.PREDICTED)
    assert guess.probability == 0.8
    assert check(evidence, truth) == []
    assert check(with_node(evidence, replace(guess, probability=0.9)), truth) != []
    assert check(with_node(evidence, replace(guess, kind=Kind.ASSERTED)), truth) != []


def test_a_rule_over_given_facts_takes_no_derived_premise(truth: Ground) -> None:
    derived = EvidenceNode("d1", Kind.DERIVED, fact("coat", "dirty", TRUE), iri("over"))
    evidence = forged("given", fact("coat", "worn", TRUE), derived, x=iri("coat"))
    assert "it is not asserted" in {refusal.reason for refusal in check(evidence, truth)}


def test_a_fact_that_does_not_hold_has_no_proof(layer: Layer) -> None:
    with pytest.raises(NoAnswer, match="does not hold"):
        prove(layer, fact("coat", "over", "moon"))


def test_an_asserted_blank_node_is_not_fresh(layer: Layer) -> None:
    node = BlankNode("old")
    old = Fact(node, iri("about"), iri("shirt"))
    grown = layer.child(Change(add=(old,)))
    truth = ground(grown, program(), MEASURES)
    evidence = prove(grown, fact("shirt", "fit", TRUE))
    made: dict[str, Node] = {"x": iri("shirt"), f"_:{_label()}": node}
    claim = forged(
        "event",
        old,
        evidence.nodes[evidence.root],
        asserted("a9", fact("shirt", "dirty", TRUE)),
        **made,
    )
    document = Evidence("root", {**evidence.nodes, **claim.nodes})
    assert [refusal.reason for refusal in check(document, truth)] == [
        "a fresh node that was asserted"
    ]


def _label() -> str:
    (rule,) = (rule for rule in program() if rule.iri == iri("event"))
    subject = rule.head[0].subject
    assert isinstance(subject, BlankNode)
    return subject.value
