"""Axioms with lists: rules written out for their members, and proofs that cite the cells."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import RdfFormat, parse

from wearwhy.evidence import Kind
from wearwhy.proof.checker import check
from wearwhy.proof.prove import ground, prove
from wearwhy.rdf import OWL, RDF, TYPE, Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.standard import clashes, closed, owl2_rl, plain, rdfs, without_blanks

E = "http://example.org/"
PREFIXES = f"@prefix : <{E}> .\n@prefix owl: <{OWL}> .\n@prefix rdf: <{RDF}> .\n"


def facts(text: str) -> tuple[Fact, ...]:
    quads = parse(PREFIXES + text, format=RdfFormat.TURTLE)
    return without_blanks(Fact(quad.subject, quad.predicate, quad.object) for quad in quads)


def node(name: str) -> NamedNode:
    return NamedNode(E + name)


def fact(subject: str, predicate: str, found: str) -> Fact:
    return Fact(node(subject), TYPE if predicate == "a" else node(predicate), node(found))


LEAVES = (Kind.AXIOM, Kind.ASSERTED)
RULES = [rule for rule in owl2_rl() if "dt-" not in rule.iri.value]
CHAIN = ":uncle owl:propertyChainAxiom ( :parent :brother ) ."
INTERSECTION = ":C owl:intersectionOf ( :A :B ) ."


def test_a_chain_is_followed_to_its_end() -> None:
    layer = closed(owl2_rl(), facts(CHAIN + ":x :parent :y . :y :brother :z . :z :brother :w ."))
    assert layer.holds(fact("x", "uncle", "z"))
    assert not layer.holds(fact("x", "uncle", "w"))


def test_a_proof_names_the_rule_of_the_table_and_cites_every_cell_of_the_list() -> None:
    layer = closed(owl2_rl(), facts(CHAIN + ":x :parent :y . :y :brother :z ."))
    found = prove(layer, fact("x", "uncle", "z"))
    root = found.nodes[found.root]
    assert str(root.rule) == "<https://w3id.org/wearwhy/rules#prp-spo2%5Buncle%5D>"
    stated = [one.statement for one in found.nodes.values() if one.kind in LEAVES and one.statement]
    cited = Counter(statement.predicate for statement in stated)
    assert (cited[OWL.propertyChainAxiom], cited[RDF.first], cited[RDF.rest]) == (1, 2, 2)
    assert check(found, ground(layer, layer.rules)) == []


def test_only_what_is_in_every_class_is_in_their_intersection() -> None:
    layer = closed(owl2_rl(), facts(INTERSECTION + ":x a :A, :B . :y a :A ."))
    assert layer.holds(fact("x", "a", "C"))
    assert not layer.holds(fact("y", "a", "C"))


@pytest.mark.parametrize("count", [1, 7, 20])
def test_a_list_may_have_one_member_or_many(count: int) -> None:
    names = " ".join(f":A{n}" for n in range(count))
    typed = ", ".join(f":A{n}" for n in range(count))
    layer = closed(owl2_rl(), facts(f":C owl:intersectionOf ( {names} ) . :x a {typed} ."))
    assert layer.holds(fact("x", "a", "C"))
    assert check(prove(layer, fact("x", "a", "C")), ground(layer, layer.rules)) == []


def test_a_key_of_two_properties_wants_both() -> None:
    text = """:K owl:hasKey ( :p :q ) .
        :a a :K ; :p 1 ; :q 2 . :b a :K ; :p 1 ; :q 2 . :c a :K ; :p 1 ; :q 3 ."""
    layer = closed(owl2_rl(), facts(text))
    assert layer.holds(Fact(node("a"), OWL.sameAs, node("b")))
    assert not layer.holds(Fact(node("a"), OWL.sameAs, node("c")))


def test_two_lists_of_one_axiom_are_two_rules() -> None:
    text = ":u owl:propertyChainAxiom ( :p :q ), ( :r :s ) . :x :p :y . :y :q :z . :y :s :w ."
    layer = closed(owl2_rl(), facts(text))
    assert layer.holds(fact("x", "u", "z"))
    assert not layer.holds(fact("x", "u", "w"))


@pytest.mark.parametrize(
    "broken",
    [
        ":C owl:intersectionOf :l . :l rdf:first :A .",
        ":C owl:intersectionOf :l . :l rdf:first :A ; rdf:rest :l .",
        ":C owl:intersectionOf rdf:nil .",
    ],
)
def test_a_list_without_an_end_says_nothing(broken: str) -> None:
    layer = closed(owl2_rl(), facts(broken + ":x a :A ."))
    assert not layer.holds(fact("x", "a", "C"))


def test_lists_with_blank_nodes_work_as_they_are() -> None:
    quads = parse(PREFIXES + INTERSECTION + ":x a :A, :B .", format=RdfFormat.TURTLE)
    told = [Fact(quad.subject, quad.predicate, quad.object) for quad in quads]
    layer = Layer.root(RULES, (), told)
    assert layer.holds(fact("x", "a", "C"))


def test_a_longer_list_replaces_the_rule_of_the_shorter() -> None:
    text = ":C owl:intersectionOf :l . :l rdf:first :A ; rdf:rest rdf:nil . :x a :A ."
    base = Layer.root(RULES, (), facts(text))
    assert base.holds(fact("x", "a", "C"))
    longer = base.child(
        Change(
            add=facts(":l rdf:rest :m . :m rdf:first :B ; rdf:rest rdf:nil ."),
            remove=facts(":l rdf:rest rdf:nil ."),
        )
    )
    assert not longer.holds(fact("x", "a", "C"))
    assert longer.child(Change(add=facts(":x a :B ."))).holds(fact("x", "a", "C"))


def test_all_disjoint_classes_clash_for_any_two() -> None:
    text = "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :x a :A, :C . :y a :A ."
    layer = closed(owl2_rl(), facts(text))
    (clash,) = clashes(layer)
    assert clash.subject == node("x")


def test_a_property_is_denied_by_a_negative_assertion() -> None:
    text = """[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y .
        :x :p :y ."""
    assert clashes(closed(owl2_rl(), facts(text)))


def test_a_derived_axiom_is_compiled_in_like_a_stated_one() -> None:
    text = """:Chaining <http://www.w3.org/2000/01/rdf-schema#subClassOf> owl:TransitiveProperty .
        :p a :Chaining . :x :p :y . :y :p :z ."""
    layer = closed(owl2_rl(), facts(text))
    assert layer.holds(fact("x", "p", "z"))


def test_the_steps_of_list_axioms_are_no_part_of_a_closure() -> None:
    layer = closed(owl2_rl(), facts(":C owl:unionOf ( :A :B ) . :x a :A ."))
    assert layer.holds(fact("x", "a", "C"))
    assert not [f for f in plain(layer.facts()) if "ns#list" in f.predicate.value]


def test_rdfs_knows_domains_and_no_transitive_properties() -> None:
    text = """:p <http://www.w3.org/2000/01/rdf-schema#domain> :D ; a owl:TransitiveProperty .
        :x :p :y . :y :p :z ."""
    layer = closed(rdfs(), facts(text))
    assert layer.holds(fact("x", "a", "D"))
    assert not layer.holds(fact("x", "p", "z"))
