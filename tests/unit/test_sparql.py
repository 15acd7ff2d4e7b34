"""Asking the graph: answers in every shape, and what is not asked."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import suppress

import pyoxigraph as ox
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import QueryError
from wearwhy.rdf import ID, WW, XSD, Fact, literal
from wearwhy.store.answer import Answer, as_json, from_json
from wearwhy.store.guard import guard
from wearwhy.store.isolated import ask_isolated
from wearwhy.store.sparql import Limits, ask, dataset

ASSERTED = NamedNode("https://w3id.org/wearwhy/graph/asserted")
DERIVED = NamedNode("https://w3id.org/wearwhy/graph/derived")


@pytest.fixture
def graph() -> ox.Store:
    shirt, shoe = ID["mine/shirt"], ID["mine/shoe"]
    return dataset(
        {
            ASSERTED: [
                Fact(shirt, WW.colour, WW["colour-navy"]),
                Fact(shirt, WW.insulation, literal(0.25)),
                Fact(shoe, WW.colour, WW["colour-white"]),
            ],
            DERIVED: [
                Fact(shirt, WW.suitsOccasion, WW["occasion-service"]),
                Fact(literal("x"), WW.colour, shoe),
            ],
        }
    )


def test_the_default_graph_is_the_union_and_prefixes_are_known(graph: ox.Store) -> None:
    found = ask(graph, "SELECT ?c ?o { ?i ww:colour ?c ; ww:suitsOccasion ?o }")
    assert found.rows == ((WW["colour-navy"], WW["occasion-service"]),)
    named = ask(graph, "SELECT ?g { GRAPH ?g { ?i ww:suitsOccasion ?o } }")
    assert named.rows == ((DERIVED,),)


def test_ones_own_prefixes_are_kept(graph: ox.Store) -> None:
    assert ask(graph, f"PREFIX w: <{WW}> PREFIX ww: <urn:x:> ASK {{ ?i w:colour ?c }}")
    assert not ask(graph, "PREFIX ww: <urn:x:> ASK { ?i ww:colour ?c }")


def test_bindings_are_terms_and_not_text(graph: ox.Store) -> None:
    text = "SELECT ?i { ?i ww:colour ?c }"
    assert ask(graph, text, bindings={"c": WW["colour-navy"]}).rows == ((ID["mine/shirt"],),)
    for hostile in ("} DROP ALL #", "'\"\\\n", "SERVICE <http://x/>"):
        assert ask(graph, text, bindings={"c": literal(hostile)}).rows == ()
    with pytest.raises(QueryError, match="cannot be set"):
        ask(graph, text, bindings={"nowhere": ID.x})


def test_an_answer_has_every_shape(graph: ox.Store) -> None:
    text = "SELECT ?i ?n { ?i ww:colour ?c OPTIONAL { ?i ww:insulation ?n } } ORDER BY ?i"
    found = ask(graph, text)
    assert json.loads(found.to_json())["results"]["bindings"][0]["n"] == {
        "type": "literal",
        "value": "0.25",
        "datatype": XSD.decimal.value,
    }
    assert list(csv.reader(io.StringIO(found.to_csv())))[2] == [ID["mine/shoe"].value, ""]
    frame = found.to_pandas()
    assert frame["n"][0] == 0.25
    assert frame["i"].tolist() == ["id:mine/shirt", "id:mine/shoe"]
    assert found.to_text().splitlines() == [
        "i              n",
        "─────────────  ────",
        "id:mine/shirt  0.25",
        "id:mine/shoe",
    ]
    with pytest.raises(QueryError, match="CONSTRUCT"):
        found.to_turtle()


def test_a_table_is_no_wider_than_asked_in_any_script() -> None:
    long = literal("深蓝色的羊毛大衣" * 5 + "\nand a second line")
    answer = Answer("select", ("a", "b"), ((long, long),))
    for line in answer.to_text(40).splitlines():
        assert sum(2 if ord(char) > 0x2E80 else 1 for char in line) <= 40


def test_ask_and_construct_have_their_own_shapes(graph: ox.Store) -> None:
    yes = ask(graph, "ASK { ?i ww:colour ww:colour-navy }")
    assert (bool(yes), yes.to_text()) == (True, "yes\n")
    assert json.loads(yes.to_json()) == {"head": {}, "boolean": True}
    built = ask(graph, "CONSTRUCT { ?c ww:on ?i } WHERE { ?i ww:colour ?c }")
    assert built.kind == "graph"
    assert "ww:colour-navy ww:on id:mine\\/shirt ." in built.to_turtle()


def test_rows_beyond_the_limit_are_cut_and_said_to_be(graph: ox.Store) -> None:
    found = ask(graph, "SELECT * { ?s ?p ?o }", limits=Limits(rows=2))
    assert (len(found.rows), found.truncated) == (2, True)
    assert not ask(graph, "SELECT * { ?s ww:colour ?o }", limits=Limits(rows=2)).truncated


def test_an_answer_too_large_or_too_slow_is_an_error(graph: ox.Store) -> None:
    for limits in (Limits(size=10), Limits(seconds=-1)):
        with pytest.raises(QueryError) as caught:
            ask(graph, "SELECT * { ?s ?p ?o }", limits=limits)
        assert caught.value.code == "WW-QUERY-BUDGET"


def test_a_mistake_is_placed(graph: ox.Store) -> None:
    with pytest.raises(QueryError) as caught:
        ask(graph, "SELECT ?x\n{ ?x ww:colour }")
    assert caught.value.code == "WW-QUERY-SYNTAX"
    assert caught.value.place is not None
    assert caught.value.place.line == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p 1SERVICE<http://x/>{?s ?p ?o} }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p 1.SERVICE<http://x/>{?s ?p ?o} }", "WW-QUERY-REMOTE"),
        ("SELECT * { FILTER(1<2)SERVICE<http://x/>{?s ?p ?o} }", "WW-QUERY-REMOTE"),
        ("SELECT * { FILTER(?a<?b)serViCe ?c {?s ?p ?o} }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p a:b.SERVICE<http://x/>{} }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p a:SERVICE<http://x/>{} }", "WW-QUERY-REMOTE"),
        ("SELECT * { # it's\nSERVICE<http://x/>{} # '\n }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p 'a\\'b'. SERVICE<http://x/>{} FILTER('') }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p a:x\\' . SERVICE <http://x/> {?x ?y ''} }", "WW-QUERY-REMOTE"),
        ("SELECT * { VALUES ?a {'''a'} SERVICE <http://x/> {} }", "WW-QUERY-SYNTAX"),
        ("SELECT * FROM <a:b> { ?s ?p 'open }", "WW-QUERY-SYNTAX"),
        ("SELECT * { S\\u0045RVICE <http://x/> { ?s ?p ?o } }", "WW-QUERY-REMOTE"),
        ("LOAD <http://x/>", "WW-QUERY-REMOTE"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", "WW-QUERY-UPDATE"),
        ("PREFIX select: <urn:x:> DELETE WHERE { ?s ?p ?o }", "WW-QUERY-UPDATE"),
        ("SELECT * " + "{" * 5000 + "}" * 5000, "WW-QUERY-DEPTH"),
        ("SELECT * { FILTER(" + "(" * 300 + "1" + ")" * 300 + ") }", "WW-QUERY-DEPTH"),
        ("SELECT * { FILTER(" + "!" * 20_000 + "true) }", "WW-QUERY-DEPTH"),
        ("SELECT * { FILTER(" + "||".join(["?a"] * 20_000) + ") }", "WW-QUERY-DEPTH"),
        ("SELECT * { " + "UNION".join(["{}"] * 9000) + " }", "WW-QUERY-DEPTH"),
        ("SELECT " + "(1 AS ?v)" * 5000 + " {}", "WW-QUERY-DEPTH"),
        ("SELECT * {} #" + " " * 300_000, "WW-QUERY-LENGTH"),
        ("SELECT * FROM <http://elsewhere/> { ?s ?p ?o }", "WW-QUERY-GRAPH"),
        ("SELECT * FROM NAMED ww:graph { ?s ?p ?o }", "WW-QUERY-GRAPH"),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "WW-QUERY-GRAPH"),
    ],
)
def test_text_that_reaches_out_or_breaks_out_is_refused(text: str, code: str) -> None:
    with pytest.raises(QueryError) as caught:
        guard(text, {ASSERTED.value})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?i ww:suitsOccasion ww:occasion-service }",
        "SELECT * { ?service ?load 'SERVICE <http://x/>' }",
        'SELECT * { ?s <http://x/service> """a \' SERVICE " """ }',
        "SELECT * FROM <https://w3id.org/wearwhy/graph/asserted> { ?s ?p ?o FILTER(?o<?p) }",
        "PREFIX g: <https://w3id.org/wearwhy/graph/> ASK FROM NAMED g:asserted {}",
        "SELECT * { VALUES ?a {" + " 1" * 5000 + "} }",
    ],
)
def test_words_inside_names_and_strings_are_no_commands(text: str) -> None:
    guard(text, {ASSERTED.value})


def test_reading_hostile_text_takes_no_longer_than_its_length() -> None:
    for piece in ("'", '"', "'''", "<", "\\", "'\n", "''\\", "#", "a:", '"\\', "'''a'"):
        with suppress(QueryError):
            guard("SELECT" + " " + piece * (60_000 // len(piece)))


def test_a_worker_answers_like_this_process(graph: ox.Store) -> None:
    for text in (
        "SELECT ?i ?c ?n { ?i ww:colour ?c OPTIONAL { ?i ww:insulation ?n } } ORDER BY ?i",
        "ASK { ?i ww:colour ?c }",
        "CONSTRUCT WHERE { ?i ww:insulation ?c }",
    ):
        assert ask_isolated(graph, text) == ask(graph, text)
    bound = {"c": WW["colour-navy"]}
    assert len(ask_isolated(graph, "SELECT ?i { ?i ww:colour ?c }", bindings=bound).rows) == 1


def test_a_query_without_end_is_killed() -> None:
    many = dataset({ASSERTED: [Fact(ID[str(n)], WW.p, ID[str(-n)]) for n in range(300)]})
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . ?g ?s ?h }"
    with pytest.raises(QueryError) as caught:
        ask_isolated(many, endless, limits=Limits(seconds=0.8))
    assert caught.value.code == "WW-QUERY-BUDGET"


def test_a_query_that_eats_memory_is_stopped() -> None:
    many = dataset({ASSERTED: [Fact(ID[str(n)], WW.p, ID[str(-n)]) for n in range(400)]})
    hungry = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f } ORDER BY ?f ?d ?b"
    with pytest.raises(QueryError) as caught:
        ask_isolated(many, hungry, limits=Limits(seconds=60, memory=200 << 20))
    assert caught.value.code in {"WW-QUERY-CRASH", "WW-QUERY-BUDGET"}


def test_a_worker_that_dies_is_reported(graph: ox.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = (sys.executable, "-c", "import os; os.abort()")
    monkeypatch.setattr("wearwhy.store.isolated._COMMAND", dying)
    with pytest.raises(QueryError) as caught:
        ask_isolated(graph, "ASK {}")
    assert caught.value.code == "WW-QUERY-CRASH"


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGXCPU)", "computed for longer than 7 s"),
        ("print('memory allocation of 64 bytes failed', file=sys.stderr); os.abort()", "96 MiB"),
        ('print("what(): std::bad_alloc", file=sys.stderr); os.abort()', "96 MiB"),
        ("raise MemoryError", "96 MiB"),
    ],
)
def test_a_worker_that_met_its_limits_is_no_crash(
    graph: ox.Store, monkeypatch: pytest.MonkeyPatch, end: str, told: str
) -> None:
    ending = (sys.executable, "-c", f"import os, signal, sys; sys.stdin.read(); {end}")
    monkeypatch.setattr("wearwhy.store.isolated._COMMAND", ending)
    with pytest.raises(QueryError, match=told) as caught:
        ask_isolated(graph, "ASK {}", limits=Limits(seconds=7, memory=96 << 20))
    assert caught.value.code == "WW-QUERY-BUDGET"


def test_a_worker_that_says_nothing_of_memory_is_told_as_a_crash(
    graph: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = (sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit('no: memory')")
    monkeypatch.setattr("wearwhy.store.isolated._COMMAND", ending)
    with pytest.raises(QueryError) as caught:
        ask_isolated(graph, "ASK {}")
    assert (caught.value.code, caught.value.note) == ("WW-QUERY-CRASH", "Exit status 1. no: memory")


def test_an_error_in_a_worker_keeps_its_code_and_place(graph: ox.Store) -> None:
    with pytest.raises(QueryError) as caught:
        ask_isolated(graph, "SELECT ?x\n{ ?x ww:colour }")
    assert caught.value.code == "WW-QUERY-SYNTAX"
    assert caught.value.place is not None
    assert caught.value.place.line == 2


@pytest.mark.parametrize(
    "term",
    [
        ID.a,
        BlankNode("b"),
        Literal("x"),
        Literal("x", language="en-GB"),
        Literal("x", language="ar", direction=ox.BaseDirection.RTL),
        literal(2.5),
        Triple(ID.a, WW.p, Triple(BlankNode("b"), WW.p, Literal("x"))),
    ],
)
def test_terms_go_through_json_and_back(term: NamedNode | BlankNode | Literal | Triple) -> None:
    assert from_json(json.loads(json.dumps(as_json(term)))) == term
