"""SHACL-AF rules: what is noted, what is left out, and what a translation keeps of its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from wearwhy.rdf import Fact
from wearwhy.rules.descriptions import read
from wearwhy.rules.foreign import Translation, translate
from wearwhy.rules.foreign.queries import Lost, read_query
from wearwhy.rules.foreign.read import translate_facts

CORPUS = Path(__file__).parents[1] / "corpus" / "foreign"
PROLOGUE = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX : <http://example.org/>
"""


def translated(text: str) -> Translation:
    facts = [
        Fact(triple.subject, triple.predicate, triple.object)
        for triple in parse(PROLOGUE + text, RdfFormat.TURTLE)
    ]
    found = translate_facts(facts, "shapes.ttl", PROLOGUE)
    again = read(found.text, "shapes.srl")
    assert again.errors == ()
    assert again.rules == found.rules
    return found


def triple_rule(more: str = "", *, target: str = "sh:targetSubjectsOf :p", head: str = "") -> str:
    said = head or "sh:subject sh:this ; sh:predicate :q ; sh:object :O"
    return f":S {target} ; sh:rule [ a sh:TripleRule ; {said} {more} ] ."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (triple_rule(target="a sh:NodeShape"), "has no target"),
        (triple_rule(target="sh:target [ :odd 1 ]"), "neither a class, a node, nor a SELECT"),
        (triple_rule("; sh:condition [ sh:closed true ]"), "sh:closed"),
        (triple_rule("; sh:condition [ sh:xone ( [ ] [ ] ) ]"), "sh:xone"),
        (triple_rule("; sh:condition [ sh:property [ sh:path :p ; sh:minCount 9 ] ]"), "counts to"),
        (triple_rule("; sh:condition :C") + " :C sh:node :C .", "name each other"),
        (triple_rule(head="sh:subject sh:this ; sh:predicate :q"), "has no sh:object"),
        (
            triple_rule(head="sh:subject sh:this ; sh:predicate :q ; sh:object [ sh:count :x ]"),
            "the node expression count",
        ),
        (":S sh:targetNode :n ; sh:rule [ a sh:JSRule ] .", "not a sh:TripleRule"),
        (":S sh:targetNode :n ; sh:rule [ sh:construct 'ASK { ?x ?y ?z }' ] .", "no CONSTRUCT"),
        (
            (
                ":S sh:targetNode :n ; sh:rule [ sh:construct "
                "'CONSTRUCT { $this ?p 1 } WHERE { SERVICE <http://e/> { ?s ?p ?o } }' ] ."
            ),
            "SERVICE",
        ),
        (
            (
                ":S sh:targetNode :n ; sh:rule [ sh:construct "
                "'CONSTRUCT { $this ?p ?h } WHERE { ?s ?p ?o BIND(MD5(STR(?o)) AS ?h) }' ] ."
            ),
            "MD5",
        ),
    ],
)
def test_a_rule_that_cannot_be_said_is_left_out_with_the_reason(text: str, why: str) -> None:
    found = translated(text)
    assert found.rules == ()
    assert found.left_out == 1
    assert [note.code for note in found.notes] == ["WW-SHACL-LEFT-OUT"]
    assert why in found.notes[0].sentence


def test_names_labels_and_switches_are_kept() -> None:
    found = translated(
        ":S sh:targetNode :n ; sh:rule :r . :r a sh:TripleRule ; rdfs:label 'squares'@en ; "
        "sh:deactivated true ; sh:subject sh:this ; sh:predicate :q ; sh:object :O ."
    )
    (rule,) = found.rules
    assert rule.iri.value == "http://example.org/r"
    assert rule.description.label == (("en", "squares"),)
    assert rule.description.off
    assert rule.description.origin == (
        "SHACL-AF rule <http://example.org/r> of <http://example.org/S> in shapes.ttl"
    )


def test_a_rule_of_two_shapes_becomes_two_rules_of_different_names() -> None:
    found = translated(
        ":S sh:targetNode :n ; sh:rule :r . :T sh:targetNode :m ; sh:rule :r . "
        ":r a sh:TripleRule ; sh:subject sh:this ; sh:predicate :q ; sh:object :O ."
    )
    assert [rule.iri.value for rule in found.rules] == [
        "http://example.org/r",
        "http://example.org/r-2",
    ]


def test_an_order_that_data_flow_keeps_anyway_is_not_noted() -> None:
    first = "sh:subject sh:this ; sh:predicate :q ; sh:object [ sh:path :p ] ; sh:order 1"
    second = "sh:subject sh:this ; sh:predicate :r ; sh:object [ sh:path :q ] ; sh:order 2"
    text = (
        ":S sh:targetSubjectsOf :p ; sh:rule [ a sh:TripleRule ; %s ] , [ a sh:TripleRule ; %s ] ."
    )
    assert translated(text % (first, second)).notes == ()
    turned = (first.replace("order 1", "order 3"), second)
    assert [note.code for note in translated(text % turned).notes] == ["WW-SHACL-ORDER"]


def test_the_note_names_the_last_by_order_of_the_rules_that_come_too_late() -> None:
    def one(name: str, path: str, said: str, order: int) -> str:
        return (
            f":{name} a sh:TripleRule ; sh:subject sh:this ; sh:predicate :{said} ;"
            f" sh:object [ sh:path :{path} ] ; sh:order {order} ."
        )

    rules = [one("early", "q", "r", 2), *(one(f"late{n}", "p", "q", n) for n in (1, 3, 5, 4))]
    names = ":early, :late1, :late3, :late5, :late4"
    text = f":S sh:targetSubjectsOf :p ; sh:rule {names} . " + " ".join(rules)
    (note,) = translated(text).notes
    assert note.sentence == (
        "<http://example.org/early> also fires on what <http://example.org/late5> concludes."
    )


def test_what_is_lost_stands_in_the_text_as_comments() -> None:
    found = translate(CORPUS / "shapes.ttl")
    assert len(found.rules) == 2
    assert found.left_out == 1
    comments = [line for line in found.text.splitlines() if line.startswith("# note [")]
    assert len(comments) == len(found.notes)
    assert any("SELECT has no counterpart" in line for line in comments)


@pytest.mark.parametrize(
    ("query", "bodies"),
    [
        (
            "SELECT * { ?a :p ?b FILTER(?b > 1) . ?b :q ?c }",
            ["?a :p ?b . ?b :q ?c . FILTER (?b > 1)"],
        ),
        ("SELECT * { { ?a :p ?b } UNION { ?a :q ?b } }", ["?a :p ?b .", "?a :q ?b ."]),
        (
            "SELECT * { ?a :p ?b FILTER(NOT EXISTS { ?a :q ?b }) }",
            ["?a :p ?b . NOT { ?a :q ?b . }"],
        ),
        (
            "SELECT * { ?a :p ?b OPTIONAL { ?a :q ?c } }",
            ["?a :p ?b . ?a :q ?c .", "?a :p ?b . NOT { ?a :q ?c . }"],
        ),
        ("SELECT * { ?a :p ?b MINUS { ?x :q ?y } }", ["?a :p ?b ."]),
        ("ASK { ?a :p ( 1 [ :q ?b ] ) }", ["?a :p ( 1 [ :q ?b ] ) ."]),
    ],
)
def test_a_pattern_becomes_the_bodies_that_match_the_same(query: str, bodies: list[str]) -> None:
    assert [body.text.replace("FILTER(", "FILTER (") for body in read_query(query).bodies] == bodies


@pytest.mark.parametrize(
    "query",
    [
        "DESCRIBE ?x",
        "SELECT * { ?a :p|:q ?b }",
        "SELECT * { ?a :p ?b } GROUP BY ?a",
        "SELECT * { ?a :p ?b . { FILTER(?b > 1) ?a :q ?c } }",
        "SELECT * { " + "{ " * 10_000,
        "SELECT * { ?a :p ?b FILTER(",
        "SELECT * " + "{ ?a :p ?b ",
    ],
)
def test_what_no_body_says_is_refused(query: str) -> None:
    with pytest.raises(Lost):
        read_query(query)
