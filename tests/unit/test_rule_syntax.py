"""What rule text means: sugar, terms, expressions, names and descriptions."""

from __future__ import annotations

import pytest
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import Place
from wearwhy.rdf import RDF, RULE, TYPE, WW, XSD, Fact
from wearwhy.rules.descriptions import described, read, subject, verdict
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Expression,
    Filter,
    Negation,
    Rule,
    TriplePattern,
    Var,
    Verdict,
)
from wearwhy.rules.syntax import parse, render
from wearwhy.rules.syntax.terms import resolve


def e(name: str) -> NamedNode:
    return NamedNode("http://e/" + name)


def rule(text: str) -> Rule:
    (found,) = parse("PREFIX : <http://e/>\n" + text, "dir/my rules.srl").rules
    return found


def body(text: str) -> tuple[object, ...]:
    return rule("RULE { } WHERE { " + text + " }").body


def expression(text: str) -> Expression:
    (found,) = body(f"FILTER({text})")
    assert isinstance(found, Filter)
    return found.expression


def number(text: str) -> Literal:
    return Literal(text, datatype=XSD.integer)


def test_elements_keep_their_written_order() -> None:
    found = body("FILTER(true) ?s ?p ?o . SET(?n := 1) . NOT DATA { ?s :q ?n } ?a :r ?b")
    assert [type(part) for part in found] == [Filter, Atom, Assign, Negation, Atom]
    assert isinstance(found[3], Negation)
    assert found[3].data


def test_paths_become_steps_through_fresh_variables() -> None:
    assert body("?x :a/^:b/(:c/a) ?y") == (
        Atom(Var("x"), e("a"), Var(".p0")),
        Atom(Var(".p1"), e("b"), Var(".p0")),
        Atom(Var(".p1"), e("c"), Var(".p2")),
        Atom(Var(".p2"), TYPE, Var("y")),
    )
    assert body("?x ^(:a/:b) ?y") == (
        Atom(Var(".p0"), e("b"), Var("x")),
        Atom(Var("y"), e("a"), Var(".p0")),
    )
    assert body("?x (:a) ?y") == (Atom(Var("x"), e("a"), Var("y")),)


def test_fresh_variables_avoid_labels_that_the_text_uses() -> None:
    assert body("_:p0 :a/:b [ ]") == (
        Atom(Var(".p0"), e("a"), Var(".p1")),
        Atom(Var(".p1"), e("b"), Var(".b0")),
    )


def test_blank_nodes_are_variables_in_a_body_and_nodes_in_a_head() -> None:
    found = rule("RULE { _:n :p [ :q ?x ] } WHERE { ?x :q _:n }")
    assert found.head == (
        Atom(BlankNode("b0"), e("q"), Var("x")),
        Atom(BlankNode("n"), e("p"), BlankNode("b0")),
    )
    assert found.body == (Atom(Var("x"), e("q"), Var(".n")),)


def test_a_list_is_a_chain_of_cells() -> None:
    assert body("?x :p (1 ?y)") == (
        Atom(Var(".b0"), RDF.first, number("1")),
        Atom(Var(".b0"), RDF.rest, Var(".b1")),
        Atom(Var(".b1"), RDF.first, Var("y")),
        Atom(Var(".b1"), RDF.rest, RDF.nil),
        Atom(Var("x"), e("p"), Var(".b0")),
    )
    assert body("?x :p ()") == (Atom(Var("x"), e("p"), RDF.nil),)


def test_annotations_and_reifiers_become_reifying_triples() -> None:
    quoted = TriplePattern(Var("s"), e("p"), e("o"))
    assert body("?s :p :o ~ :r {| :q 1 |} {| :q 2 |}") == (
        Atom(Var("s"), e("p"), e("o")),
        Atom(e("r"), RDF.reifies, quoted),
        Atom(e("r"), e("q"), number("1")),
        Atom(Var(".b0"), RDF.reifies, quoted),
        Atom(Var(".b0"), e("q"), number("2")),
    )
    assert body("<< ?s :p :o ~ ?r >> :q 1") == (
        Atom(Var("r"), RDF.reifies, quoted),
        Atom(Var("r"), e("q"), number("1")),
    )
    assert body("?x :q <<( :s :p :o )>>") == (
        Atom(Var("x"), e("q"), Triple(e("s"), e("p"), e("o"))),
    )


def test_literals_keep_their_written_form() -> None:
    found = parse(
        'PREFIX : <http://e/> DATA { :s :p 01, -1.50, 1E0, TRUE, "a\\tb\\u00e9"@EN, '
        "'''it''s'''@ar--rtl, \"7\"^^<http://e/t> }"
    ).data
    assert [fact.object for fact in found] == [
        number("01"),
        Literal("-1.50", datatype=XSD.decimal),
        Literal("1E0", datatype=XSD.double),
        Literal("true", datatype=XSD.boolean),
        Literal("a\tbé", language="en"),
        Literal("it''s", language="ar", direction=BaseDirection.RTL),
        Literal("7", datatype=e("t")),
    ]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1 + 2 * 3 - 4", "(1 + (2 * 3)) - 4"),
        ("?a -1", "?a - 1"),
        ("?a -1*?b", "?a - (1 * ?b)"),
        ("1 = 2 && ?a || ?b && !?c", "((1 = 2) && ?a) || (?b && (!?c))"),
        ("1 < 2 && 3 > 4", "(1 < 2) && (3 > 4)"),
        ("?a + 1 NOT IN (1, 2) || ?b IN ()", "((?a + 1) NOT IN (1, 2)) || (?b IN ())"),
        ("?a = 1 && ?b IN (1) && ?c", "((?a = 1) && (?b IN (1))) && ?c"),
        ("- ?a * ?b", "(-?a) * ?b"),
        ("uri(?a)", "IRI(?a)"),
    ],
)
def test_operators_bind_as_in_sparql(text: str, same: str) -> None:
    assert expression(text) == expression(same)


def test_calls_carry_the_keyword_in_upper_case_or_the_iri() -> None:
    assert expression("sameTerm(?a, ?b)") == Call("SAMETERM", (Var("a"), Var("b")))
    assert expression(":f(?a)") == Call("http://e/f", (Var("a"),))
    assert expression("NOW() = :f") == Call("=", (Call("NOW", ()), e("f")))
    assert expression("-(1)") == Call("u-", (number("1"),))
    assert expression("-1") == number("-1")
    assert expression("<<( ?s :p ?o )>>") == Call("TRIPLE", (Var("s"), e("p"), Var("o")))


def test_a_rule_knows_its_name_place_and_text() -> None:
    text = "RULE :r { } WHERE {\n}"
    found = rule("# é\n  " + text + " # after")
    assert found.iri == e("r")
    assert found.place == Place("dir/my rules.srl", 3, 3, 10)
    assert found.text == text
    assert rule("RULE { } WHERE { }").iri == RULE["my%20rules-1"]


def test_a_prefix_may_be_declared_anew_between_rules() -> None:
    document = parse(
        "PREFIX : <http://a/> DATA { :s a :T } BASE <http://b/x/> PREFIX : <y#> DATA { :s a <../z> }"
    )
    assert document.data == (
        Fact(NamedNode("http://a/s"), TYPE, NamedNode("http://a/T")),
        Fact(NamedNode("http://b/x/y#s"), TYPE, NamedNode("http://b/z")),
    )


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("g", "http://a/b/c/g"),
        ("./g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y#s", "http://a/b/c/g?y#s"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g:h", "g:h"),
    ],
)
def test_references_resolve_as_rfc_3986_shows(reference: str, found: str) -> None:
    assert resolve("http://a/b/c/d;p?q", reference) == found


def test_printing_uses_prefixes_and_shared_subjects() -> None:
    found = rule("RULE :r { ?x a :T , :U } WHERE { ?x :p 1 ; :q 2 . FILTER(?x != :y && ?z) }")
    assert render(found, {"": "http://e/"}) == (
        "RULE :r { ?x a :T, :U }\nWHERE {\n  ?x :p 1 ; :q 2 .\n  FILTER(?x != :y && ?z)\n}\n"
    )


DESCRIBED = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA { rule:dry rdfs:label "dry"@en, "干"@zh ; ww:sentence "{?x} is dry."@en ;
  ww:author "A" ; ww:origin <https://o.example/> ; ww:points 2.5 ; ww:hereditary true ;
  rdfs:comment "kept" . ww:a ww:b ww:c }
RULE rule:dry { ?x ww:disfavouredBy rule:dry } WHERE { ?r ww:considers ?x }
"""


def test_a_data_block_describes_its_rule() -> None:
    (found,) = described(parse(DESCRIBED))
    about = found.description
    assert about.label == (("en", "dry"), ("zh", "干"))
    assert about.sentence == (("en", "{?x} is dry."),)
    assert (about.author, about.origin) == ("A", "https://o.example/")
    assert (about.points, about.hereditary, about.confidence) == (2.5, True, 1.0)
    assert verdict(found) is Verdict.DISFAVOUR
    assert subject(found) == Var("x")


def test_facts_that_describe_no_rule_are_handed_on() -> None:
    found = read(DESCRIBED)
    assert not found.errors
    assert [fact.predicate for fact in found.facts if fact.subject == WW.a] == [WW.b]
    assert len(found.facts) == 2
