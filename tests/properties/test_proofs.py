"""Over random programs: every fact has a proof the checker accepts, and no altered one passes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.programs import NODES, PREDICATES, facts, programs

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.proof.checker import Ground, check
from wearwhy.proof.prove import Prover, ground
from wearwhy.rdf import WW, Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule

GRAPHS = st.lists(facts(), max_size=12)
GUESSES = st.lists(st.tuples(facts(), st.sampled_from([0.5, 0.9])), max_size=3)
NOWHERE = WW["nowhere"]


def closed(
    rules: tuple[Rule, ...], given_facts: list[Fact], guesses: list[tuple[Fact, float]]
) -> tuple[Layer, Ground]:
    known = set(given_facts)
    unknown = {fact: guess for fact, guess in guesses if fact not in known}
    layer = Layer.root(rules, (), given_facts).child(Change(predict=tuple(unknown.items())))
    return layer, ground(layer, rules)


@given(programs(), GRAPHS, GUESSES)
@settings(max_examples=80, deadline=None)
def test_every_fact_has_a_proof_that_the_checker_accepts(
    rules: tuple[Rule, ...], given_facts: list[Fact], guesses: list[tuple[Fact, float]]
) -> None:
    layer, truth = closed(rules, given_facts, guesses)
    prover = Prover(layer)
    for fact in list(layer.facts()):
        assert check(prover.evidence(fact), truth) == []


def altered(node: EvidenceNode, data: st.DataObject, document: Evidence) -> EvidenceNode:
    assert node.statement
    other = next(n for n in NODES if n != node.statement.object)
    moved = node.statement._replace(object=other)
    kinds = ["statement", "leaf"]
    if node.kind is Kind.DERIVED:
        kinds += ["rule", "binding", "premise", "twice"]
    match data.draw(st.sampled_from(kinds)):
        case "statement":
            impossible = moved._replace(predicate=PREDICATES[0], subject=NOWHERE)
            return replace(node, statement=impossible)
        case "leaf":
            return replace(node, kind=Kind.PREDICTED, premises=(), probability=0.123)
        case "rule":
            return replace(node, rule=NOWHERE)
        case "binding":
            at = data.draw(st.integers(0, len(node.bindings) - 1))
            values = [(n, NOWHERE if i == at else v) for i, (n, v) in enumerate(node.bindings)]
            return replace(node, bindings=tuple(values))
        case "premise":
            kept = [n for n in node.premises if document.nodes[n].kind is not Kind.BUILTIN]
            gone = data.draw(st.sampled_from(range(len(kept))))
            return replace(node, premises=tuple(n for i, n in enumerate(kept) if i != gone))
        case _:
            return replace(node, premises=(*node.premises, node.premises[0]))


@given(programs(), GRAPHS, GUESSES, st.data())
@settings(max_examples=80, deadline=None)
def test_a_proof_with_one_node_altered_is_refused(
    rules: tuple[Rule, ...],
    given_facts: list[Fact],
    guesses: list[tuple[Fact, float]],
    data: st.DataObject,
) -> None:
    layer, truth = closed(rules, given_facts, guesses)
    visible = sorted(layer.facts(), key=str)
    if not visible:
        return
    evidence = Prover(layer).evidence(data.draw(st.sampled_from(visible)))
    stated = sorted(name for name, node in evidence.nodes.items() if node.statement)
    chosen = evidence.nodes[data.draw(st.sampled_from(stated))]
    wrong = altered(chosen, data, evidence)
    assert check(Evidence(evidence.root, {**evidence.nodes, chosen.id: wrong}), truth) != []
