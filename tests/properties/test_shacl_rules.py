"""SHACL-AF rules: what their translation concludes is what pyshacl concludes, run to its end."""

from __future__ import annotations

import random
from typing import Final

import pytest
import rdflib
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, RdfFormat, Store, parse
from pyshacl import shacl_rules

from wearwhy.rdf import RDFS, TYPE, Fact, NamedNode
from wearwhy.rules.descriptions import read
from wearwhy.rules.foreign.read import translate_facts
from wearwhy.rules.model import Atom, Rule, Var
from wearwhy.rules.reference import infer

EX: Final = "http://ex.org/"
PROLOGUE: Final = f"""
PREFIX ex: <{EX}>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}"^^xsd:anyURI ] ,
  [ sh:prefix "rdfs" ; sh:namespace "http://www.w3.org/2000/01/rdf-schema#"^^xsd:anyURI ] .
"""
SUBCLASSES: Final = Rule(
    NamedNode("urn:cax-sco"),
    (Atom(Var("x"), TYPE, Var("c")),),
    (Atom(Var("x"), TYPE, Var("b")), Atom(Var("b"), RDFS.subClassOf, Var("c"))),
)

nodes = st.sampled_from([f"ex:n{number}" for number in range(4)])
kinds = st.sampled_from(["ex:A", "ex:B", "ex:C"])
given_properties = st.sampled_from(["ex:p", "ex:r"])
values = st.one_of(
    nodes,
    st.sampled_from(["1", "3", "4.5", '"a"', '"ab"@en', '"b"@fr', "true"]),
)
data = st.lists(
    st.one_of(
        st.tuples(nodes, given_properties, values).map(" ".join),
        st.tuples(nodes, kinds).map(lambda pair: f"{pair[0]} a {pair[1]}"),
        st.just("ex:B rdfs:subClassOf ex:A"),
        st.just("ex:C rdfs:subClassOf ex:B"),
    ),
    max_size=14,
).map(lambda lines: " .\n".join(lines) + (" ." if lines else ""))


def paths(step: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            # Not of a sequence: pyshacl walks its parts in the order in which they are written.
            step.map(lambda path: f"[ sh:inversePath {path} ]"),
            st.tuples(inner, inner).map(lambda two: f"( {two[0]} {two[1]} )"),
            st.tuples(inner, inner).map(
                lambda two: f"[ sh:alternativePath ( {two[0]} {two[1]} ) ]"
            ),
            inner.map(lambda path: f"[ sh:zeroOrOnePath {path} ]"),
            inner.map(lambda path: f"[ sh:oneOrMorePath {path} ]"),
            inner.map(lambda path: f"[ sh:zeroOrMorePath {path} ]"),
        )

    return st.recursive(step, more, max_leaves=3)


value_tests = st.one_of(
    kinds.map(lambda kind: f"sh:class {kind}"),
    st.sampled_from(
        [
            "sh:datatype xsd:integer",
            "sh:datatype xsd:boolean",
            "sh:nodeKind sh:IRI",
            "sh:nodeKind sh:Literal",
            "sh:nodeKind sh:BlankNodeOrLiteral",
            "sh:minInclusive 2",
            "sh:maxExclusive 4",
            "sh:minLength 2",
            "sh:maxLength 1",
            'sh:pattern "^a"',
            'sh:languageIn ( "en" )',
            "sh:in ( ex:n0 1 )",
        ]
    ),
)


def shapes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    property_tests = st.lists(
        st.one_of(
            value_tests,
            st.sampled_from(["sh:minCount 1", "sh:minCount 2", "sh:maxCount 0", "sh:maxCount 1"]),
            values.map(lambda value: f"sh:hasValue {value}"),
            st.sampled_from(["sh:disjoint ex:r", "sh:equals ex:r", "sh:uniqueLang true"]),
            inner.map(lambda shape: f"sh:node [ {shape} ]"),
            inner.map(lambda shape: f"sh:not [ {shape} ]"),
        ),
        min_size=1,
        max_size=2,
        unique=True,
    ).map(" ; ".join)
    return st.one_of(
        value_tests,
        st.tuples(paths(given_properties), property_tests).map(
            lambda pair: f"sh:property [ sh:path {pair[0]} ; {pair[1]} ]"
        ),
        inner.map(lambda shape: f"sh:not [ {shape} ]"),
        st.tuples(inner, inner).map(lambda two: f"sh:or ( [ {two[0]} ] [ {two[1]} ] )"),
        st.tuples(inner, inner).map(lambda two: f"sh:and ( [ {two[0]} ] [ {two[1]} ] )"),
    )


conditions = st.recursive(value_tests, shapes, max_leaves=4)
targets = st.one_of(
    kinds.map(lambda kind: f"sh:targetClass {kind}"),
    nodes.map(lambda node: f"sh:targetNode {node}"),
    given_properties.map(lambda name: f"sh:targetSubjectsOf {name}"),
    given_properties.map(lambda name: f"sh:targetObjectsOf {name}"),
)
walked = paths(st.sampled_from(["ex:p", "ex:r", "ex:q"]))
expressions = st.recursive(
    st.one_of(st.just("sh:this"), nodes, walked.map(lambda path: f"[ sh:path {path} ]")),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"[ sh:union ( {two[0]} {two[1]} ) ]"),
        st.tuples(inner, inner).map(lambda two: f"[ sh:intersection ( {two[0]} {two[1]} ) ]"),
    ),
    max_leaves=3,
)
triple_rules = st.tuples(expressions, expressions).map(
    lambda two: f"a sh:TripleRule ; sh:subject {two[0]} ; sh:predicate ex:q ; sh:object {two[1]}"
)
CONSTRUCTS: Final = (
    "CONSTRUCT { $this ex:q ?y } WHERE { $this ex:p ?y }",
    "CONSTRUCT { ?y ex:q $this } WHERE { $this ex:p/ex:r ?y . FILTER(isIRI(?y)) }",
    "CONSTRUCT { $this ex:q ?y } WHERE { { $this ex:p ?y } UNION { ?y ex:r $this } }",
    "CONSTRUCT { $this ex:q ?y . $this ex:s ?z } WHERE { $this ex:p ?y OPTIONAL { $this ex:r ?z } }",
    "CONSTRUCT { $this ex:q ?y } WHERE { FILTER NOT EXISTS { $this ex:r ?y } $this ex:p ?y }",
    "CONSTRUCT { $this ex:q ?y } WHERE { $this ex:p ?y FILTER EXISTS { ?y ex:r ?z } }",
    "CONSTRUCT { $this ex:q ?y } WHERE { $this ex:p ?y MINUS { $this ex:r ?y } }",
    "CONSTRUCT { $this ex:q ?y } WHERE { $this ex:p ?x BIND(?x + 1 AS ?y) }",
    "CONSTRUCT { $this ex:q ?x } WHERE { $this ex:p ?x FILTER(isNumeric(?x) && ?x > 2 || isIRI(?x)) }",
    'CONSTRUCT { $this ex:q ?x } WHERE { $this ex:p ?x VALUES ?x { 1 ex:n0 \\"a\\" } }',
    "CONSTRUCT { $this ex:q ex:A } WHERE { $this a/rdfs:subClassOf* ex:A }",
)
sparql_rules = st.sampled_from(CONSTRUCTS).map(
    lambda text: f'a sh:SPARQLRule ; sh:prefixes ex: ; sh:construct "{text}"'
)
one_rule = st.tuples(
    targets, st.one_of(triple_rules, sparql_rules), st.one_of(st.none(), conditions)
).map(
    lambda three: (
        f"{three[0]} ; sh:rule [ {three[1]}"
        + (f" ; sh:condition [ a sh:NodeShape ; {three[2]} ]" if three[2] else "")
        + " ]"
    )
)
programs = st.lists(one_rule, min_size=1, max_size=2).map(
    lambda rules: "\n".join(f"ex:S{n} a sh:NodeShape ; {rule} ." for n, rule in enumerate(rules))
)


def facts(text: str) -> list[Fact]:
    return [
        Fact(triple.subject, triple.predicate, triple.object)
        for triple in parse(text, RdfFormat.TURTLE)
    ]


def concluded(closure: set[Fact]) -> set[tuple[str, str, str]]:
    names = {f"{EX}q", f"{EX}s"}
    return {
        (str(fact.subject), str(fact.predicate), str(fact.object))
        for fact in closure
        if fact.predicate.value in names and isinstance(fact.subject, NamedNode)
    }


def ours(program: str, given: str) -> set[tuple[str, str, str]]:
    found = translate_facts(facts(PROLOGUE + program), "shapes.ttl", PROLOGUE)
    if any("alternatives" in note.sentence for note in found.notes):
        reject()  # a body may have 64, and no more
    assert not found.left_out, found.notes
    again = read(found.text, "shapes.srl")
    assert again.errors == ()
    assert again.rules == found.rules
    return concluded(infer((*again.rules, SUBCLASSES), facts(PROLOGUE + given)))


def theirs(program: str, given: str) -> set[tuple[str, str, str]]:
    graph = rdflib.Graph().parse(data=PROLOGUE + given, format="turtle")
    shapes_graph = rdflib.Graph().parse(data=PROLOGUE + program, format="turtle")
    size = -1
    while len(graph) != size:
        size = len(graph)
        shacl_rules(
            graph, shacl_graph=shapes_graph, advanced=True, iterate_rules=True, inplace=True
        )
    text = "\n".join(
        f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in graph if not isinstance(s, rdflib.Literal)
    )
    return concluded(set(facts(text)))


@given(programs, data)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_translation_concludes_what_the_shapes_conclude(program: str, given: str) -> None:
    assert ours(program, given) == theirs(program, given)


def test_the_rules_of_this_test_do_conclude_something() -> None:
    dice = random.Random(7)
    fired = 0
    lines = [f"ex:n{a} ex:{p} ex:n{b}" for a in range(4) for b in range(4) for p in "pr"]
    for text in CONSTRUCTS:
        given = " .\n".join(dice.sample(lines, 20)) + ' . ex:n1 ex:p 1, 3, "a" . ex:n1 a ex:A .'
        program = f'ex:S sh:targetNode ex:n1 ; sh:rule [ a sh:SPARQLRule ; sh:prefixes ex: ; sh:construct "{text}" ] .'
        found = ours(program, given)
        assert found == theirs(program, given)
        fired += bool(found)
    assert fired == len(CONSTRUCTS)


GRAPH: Final = """
ex:n0 ex:p ex:n1 . ex:n1 ex:r ex:n2 . ex:n2 ex:p ex:n3 . ex:n3 ex:r ex:n0 . ex:n0 ex:r ex:n3 .
ex:n0 a ex:A . ex:n1 a ex:B . ex:n2 a ex:C . ex:n0 ex:p 1 , 3 . ex:n1 ex:p "a" .
"""


@pytest.mark.parametrize(
    ("path", "sparql"),
    [
        ("[ sh:inversePath ex:p ]", "^ex:p"),
        ("( ex:p ex:r )", "ex:p/ex:r"),
        ("[ sh:inversePath ( ex:p ex:r ) ]", "^(ex:p/ex:r)"),
        ("[ sh:inversePath ( ex:p [ sh:inversePath ex:r ] ) ]", "^(ex:p/^ex:r)"),
        ("[ sh:alternativePath ( ex:p ( ex:r ex:p ) ) ]", "ex:p|(ex:r/ex:p)"),
        ("[ sh:zeroOrOnePath ex:p ]", "ex:p?"),
        ("[ sh:oneOrMorePath ( ex:p ex:r ) ]", "(ex:p/ex:r)+"),
        ("[ sh:inversePath [ sh:oneOrMorePath ( ex:p ex:r ) ] ]", "^((ex:p/ex:r)+)"),
        ("[ sh:zeroOrMorePath [ sh:zeroOrOnePath ex:r ] ]", "(ex:r?)*"),
    ],
)
def test_a_path_leads_where_the_same_path_of_sparql_leads(path: str, sparql: str) -> None:
    walks = f"sh:subject sh:this ; sh:predicate ex:q ; sh:object [ sh:path {path} ]"
    targets = "sh:targetNode ex:n0 , ex:n1 , ex:n2 , ex:n3"
    store = Store()
    store.load(PROLOGUE + GRAPH, RdfFormat.TURTLE)
    rows = store.query(
        f"PREFIX ex: <{EX}> SELECT ?s ?o WHERE {{ "
        f"VALUES ?s {{ ex:n0 ex:n1 ex:n2 ex:n3 }} ?s {sparql} ?o }}"
    )
    assert isinstance(rows, QuerySolutions)
    wanted = {(str(row["s"]), f"<{EX}q>", str(row["o"])) for row in rows}
    assert wanted
    assert ours(f"ex:S {targets} ; sh:rule [ a sh:TripleRule ; {walks} ] .", GRAPH) == wanted
