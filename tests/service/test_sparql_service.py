"""SPARQL over two wardrobes: what each sees, changes and is refused."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from pyoxigraph import RdfFormat, parse
from tests.service.processes_given import gone, until

from wearwhy.errors import WearwhyError
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, Fact, Literal
from wearwhy.service import sparql
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.lines import Writer
from wearwhy.service.service import Service
from wearwhy.service.sparql import Chosen, edits_graph
from wearwhy.store.quads import GRAPHS, Patch, Quad, graph_name
from wearwhy.store.skolem import GENID
from wearwhy.store.sparql import Limits
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

T = TypeVar("T")
SECRET = "Papageno's feathered hat"
ADA = Caller("ada", "Ada", frozenset(Scope), {"adas": Role.OWNER})
BOB = Caller("bob", "Bob", frozenset(Scope), {"bobs": Role.OWNER})
E = "PREFIX e: <http://e.example/> "


class Room:
    """A service and the loop it runs in."""

    def __init__(self, service: Service, runner: asyncio.Runner) -> None:
        self.service = service
        self.runner = runner

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def rows(self, text: str, caller: Caller = ADA, **given: Any) -> list[dict[str, str]]:
        reply = self.do(sparql.query(self.service, caller, text, **given))
        found = json.loads(reply.body)["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in found]

    def truth(self, text: str, caller: Caller = ADA, **given: Any) -> bool:
        reply = self.do(sparql.query(self.service, caller, text, **given))
        assert reply.form == "ask"
        return bool(json.loads(reply.body)["boolean"])

    def update(self, text: str, caller: Caller = ADA, **given: Any) -> sparql.Changed:
        return self.do(sparql.update(self.service, caller, text, **given))

    def code(self, work: Coroutine[Any, Any, Any]) -> str:
        with pytest.raises(WearwhyError) as caught:
            self.do(work)
        return caught.value.code


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("sparql") / "w"
    workspace = Workspace.init(folder)
    for owner, label in (("adas", "Blue coat"), ("bobs", SECRET)):
        item = ID[f"{owner}/x"]
        facts = (
            Fact(item, TYPE, WW.Coat),
            Fact(item, SCHEMA.name, Literal(label)),
            Fact(item, WW.inWardrobe, ID[f"wardrobe/{owner}"]),
        )
        graph = graph_name(f"wardrobe/{owner}", "asserted", "edits")
        patch = Patch(add=tuple(Quad(graph, fact) for fact in facts))
        workspace.apply(Edit(patch, f"add {label}", f"wardrobe/{owner}"))
    with asyncio.Runner() as runner:
        service = Service.open(folder)
        runner.run(service.start())
        yield Room(service, runner)
        runner.run(service.close())


@pytest.fixture
def bare(room: Room) -> Iterator[Room]:
    """The room; what a test writes into Ada's wardrobe is taken out again."""
    before = at_rest(room, "adas")
    yield room
    quads = [q for q in at_rest(room, "adas") if q not in before]
    lost = [q for q in before if q not in at_rest(room, "adas")]
    edit = Edit(Patch(add=tuple(lost), remove=tuple(quads)), "clean", "wardrobe/adas")
    room.do(room.service.engine.run(lambda workspace: workspace.apply(edit)))


def at_rest(room: Room, name: str) -> list[Quad]:
    graphs = room.service.workspace.state.graphs
    prefix = f"{GRAPHS}wardrobe/{name}/"
    return [Quad(g, f) for g, facts in graphs.items() if g.value.startswith(prefix) for f in facts]


def test_the_revision_of_an_update_says_which_account_made_it(bare: Room) -> None:
    bare.update("INSERT DATA { <urn:x> <urn:y> 1 }")
    assert bare.service.workspace.history(1)[0].by == "ada"


# -- what is seen --------------------------------------------------------------------------------


def test_the_default_graph_is_all_that_is_seen_each_triple_once(room: Room) -> None:
    text = "SELECT ?name { id:adas/x schema:name ?name }"
    assert room.rows(text.replace("id:adas/x", f"<{ID['adas/x'].value}>")) == [
        {"name": "Blue coat"}
    ]
    (derived,) = room.rows(
        f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPHS}derived> {{ <{ID['adas/x'].value}> a ?c }} }}"
    )
    assert int(derived["n"]) > 0
    (twice,) = room.rows(
        "SELECT (COUNT(*) AS ?all) (COUNT(DISTINCT ?t) AS ?once)"
        " { ?s ?p ?o BIND(<<( ?s ?p ?o )>> AS ?t) FILTER(isIRI(?s)) }"
    )
    assert twice["all"] == twice["once"]


@pytest.mark.slow
def test_it_is_what_the_command_line_asks(room: Room) -> None:
    text = "SELECT ?s ?p ?o { ?s ?p ?o FILTER(isIRI(?s) && !isBlank(?o)) }"
    service = room.service
    asked = room.do(service.engine.run(lambda workspace: workspace.query(text, name="adas")))
    wanted = {tuple(map(str, row)) for row in asked.rows}
    reply = room.do(sparql.query(service, ADA, text, results="csv"))
    # What stands at rest without a name has one there, and none here.
    named = [row for row in wanted if not any(GENID in cell for cell in row)]
    assert reply.body.count(b"\r\n") - 1 == len(named) > 1000


ISOLATED = [
    "SELECT ?x { ?x ?p ?o }",
    "SELECT ?x { GRAPH ?g { ?x ?p ?o } }",
    "SELECT ?x { GRAPH ?x { ?s ?p ?o } }",
    "SELECT ?x { <https://w3id.org/wearwhy/id/bobs/x> (<a:a>|!<a:a>|^<a:a>|!^<a:a>)* ?x }",
    "SELECT ?x { ww:Coat (<a:a>|!<a:a>|^<a:a>|!^<a:a>)* ?x }",
    "SELECT (GROUP_CONCAT(STR(?o)) AS ?x) { ?s ?p ?o }",
    "SELECT (GROUP_CONCAT(STR(?g)) AS ?x) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (MAX(STR(?o)) AS ?x) { GRAPH ?g { ?s schema:name ?o } }",
    "SELECT (SAMPLE(?o) AS ?x) { <https://w3id.org/wearwhy/id/bobs/x> ?p ?o }",
    "SELECT ?x { { SELECT ?x { GRAPH ?g { ?s schema:name ?x } } } }",
    "SELECT ?x { GRAPH <https://w3id.org/wearwhy/graph/wardrobe/bobs/asserted/edits> { ?s ?p ?x } }",
    "SELECT ?x { ?r rdf:reifies <<( ?s ?p ?x )>> }",
    "DESCRIBE <https://w3id.org/wearwhy/id/bobs/x>",
    "DESCRIBE ?x { ?x a ww:Coat }",
    "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", ISOLATED)
def test_nothing_of_another_wardrobe_is_in_any_answer(room: Room, text: str) -> None:
    def answer(caller: Caller) -> bytes:
        asked = sparql.query(room.service, caller, text, results="xml", graph="n-triples")
        return room.do(asked).body

    for caller, other in ((ADA, b"bobs"), (BOB, b"adas")):
        # What a query names is in the answer of none of these but as what it asked about.
        body = answer(caller).replace(b"https://w3id.org/wearwhy/id/bobs/x", b"")
        assert other not in body
        assert (b"feathered" in body) <= (caller is BOB)


def test_a_hidden_graph_is_told_of_as_one_that_does_not_exist(room: Room) -> None:
    service = room.service
    hidden, absent = edits_graph("bobs"), edits_graph("none")
    for iri in (hidden, absent):
        assert room.rows(f"SELECT * FROM <{iri}> {{ ?s ?p ?o }}") == []
        assert room.rows(f"SELECT * FROM NAMED <{iri}> {{ GRAPH ?g {{ ?s ?p ?o }} }}") == []
        assert room.rows("SELECT * { ?s ?p ?o }", chosen=Chosen((iri,))) == []
        assert room.rows(f"SELECT * {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}") == []
        assert not room.truth(f"ASK {{ GRAPH <{iri}> {{}} }}")
        assert room.code(sparql.graph_read(service, ADA, iri)) == "WW-GRAPH-NONE"
        assert room.code(sparql.graph_delete(service, ADA, iri)) == "WW-GRAPH-READ-ONLY"
        written = sparql.graph_write(service, ADA, iri, b"", "text/turtle", replace=True)
        assert room.code(written) == "WW-GRAPH-READ-ONLY"
        into = sparql.update(service, ADA, f"INSERT DATA {{ GRAPH <{iri}> {{ <a:a> <a:b> 1 }} }}")
        assert room.code(into) == "WW-GRAPH-READ-ONLY"
        assert room.update(f"DROP SILENT GRAPH <{iri}>").removed == 0
        assert room.update(f"COPY SILENT GRAPH <{iri}> TO <http://e.example/copy>").added == 0


def test_an_unknown_graph_is_empty_whether_the_text_or_the_request_names_it(bare: Room) -> None:
    bare.update(E + "INSERT DATA { e:a e:p 0 . GRAPH e:g { e:a e:p 1 } }")
    g, none = "http://e.example/g", "http://e.example/none"
    for named, known, text in (
        ("", (g,), "SELECT ?o { ?s ?p ?o }"),
        ("NAMED ", (g,), "SELECT ?o { GRAPH ?g { ?s ?p ?o } }"),
    ):
        for graphs in ((none,), (*known, none)):
            clause = " ".join(f"FROM {named}<{iri}>" for iri in graphs)
            chosen = Chosen(named=graphs) if named else Chosen(graphs)
            told = bare.rows(text.replace("{", f"{clause} {{", 1))
            assert told == bare.rows(text, chosen=chosen)
            assert told == ([{"o": "1"}] if g in graphs else [])


def test_another_wardrobe_is_asked_only_by_whom_it_is_shown_to(room: Room) -> None:
    asked = sparql.query(room.service, ADA, "ASK {}", wardrobe="bobs")
    assert room.code(asked) == "WW-WARDROBE-NONE"
    guest = replace(ADA, wardrobes={**ADA.wardrobes, "bobs": Role.VIEWER})
    found = room.rows("SELECT ?n { ?x schema:name ?n ; a ww:Coat }", guest, wardrobe="bobs")
    assert found == [{"n": SECRET}]
    written = sparql.update(room.service, guest, "CLEAR DEFAULT", wardrobe="bobs")
    assert room.code(written) == "WW-ACCESS-ROLE"
    reader = replace(ADA, scopes=frozenset((Scope.READ,)))
    assert room.code(sparql.update(room.service, reader, "CLEAR DEFAULT")) == "WW-ACCESS-SCOPE"
    nobody = Caller.nobody()
    assert room.code(sparql.query(room.service, nobody, "ASK {}")) == "WW-ACCESS-KEY"


def test_two_wardrobes_graphs_of_one_name_never_meet(bare: Room) -> None:
    insert = E + "INSERT DATA { GRAPH e:g { e:a e:p e:%s } }"
    assert bare.update(insert % "ada").created
    assert bare.update(insert % "bob", BOB).created
    assert bare.rows(E + "SELECT ?o { GRAPH e:g { e:a e:p ?o } }") == [
        {"o": "http://e.example/ada"}
    ]
    assert bare.update(E + "DROP GRAPH e:g", BOB).removed == 1
    assert bare.truth(E + "ASK { GRAPH e:g { e:a e:p e:ada } }")
    assert not bare.truth(E + "ASK { GRAPH ?g { e:a e:p ?o } }", BOB)


# -- what is chosen ------------------------------------------------------------------------------


def test_graphs_are_chosen_by_the_text_and_over_it_by_the_request(bare: Room) -> None:
    bare.update(E + "INSERT DATA { e:a e:p 0 . GRAPH e:g { e:a e:p 1 } GRAPH e:h { e:a e:p 2 } }")
    g, h = "http://e.example/g", "http://e.example/h"
    text = E + "SELECT ?o { e:a e:p ?o } ORDER BY ?o"

    def values(query: str = text, **given: Any) -> list[str]:
        return [row["o"] for row in bare.rows(query, **given)]

    assert values() == ["0", "1", "2"]
    assert values(text.replace("{", "FROM e:g {", 1)) == ["1"]
    assert values(text.replace("{", "FROM e:g FROM <h> {", 1), base="http://e.example/") == [
        "1",
        "2",
    ]
    assert values(text.replace("{", "FROM e:g {", 1), chosen=Chosen((h,))) == ["2"]
    assert values(chosen=Chosen((edits_graph("adas"),))) == ["0"]
    assert values(chosen=Chosen(("urn:x-arq:DefaultGraph",))) == ["0"]
    graphs = E + "SELECT ?g ?o { GRAPH ?g { e:a e:p ?o } }"
    assert bare.rows(graphs, chosen=Chosen(named=(g, "http://e.example/none"))) == [
        {"g": g, "o": "1"}
    ]
    assert values(chosen=Chosen(named=(g,))) == []
    assert bare.rows(graphs.replace("{", "FROM NAMED e:h {", 1)) == [{"g": h, "o": "2"}]


def test_the_request_chooses_what_an_update_reads(bare: Room) -> None:
    bare.update(E + "INSERT DATA { e:a e:p 0 . GRAPH e:g { e:a e:p 1 } GRAPH e:h { e:a e:p 2 } }")
    chosen = Chosen(("http://e.example/g",), ("http://e.example/h",))
    bare.update(
        E + "INSERT { GRAPH e:k { e:a e:q ?o } } WHERE { e:a e:p ?o } ;"
        " INSERT { GRAPH e:k { e:a e:r ?o } } WHERE { GRAPH ?g { e:a e:p ?o } }",
        chosen=chosen,
    )
    found = bare.rows(E + "SELECT ?p ?o { GRAPH e:k { e:a ?p ?o } } ORDER BY ?p")
    assert [(row["p"][-1], row["o"]) for row in found] == [("q", "1"), ("r", "2")]
    done = bare.update(E + "DELETE WHERE { e:a e:p ?o }", chosen=chosen)
    assert (done.removed, bare.truth(E + "ASK { e:a e:p 0 }")) == (0, True)
    for text in ("WITH e:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
                 "DELETE { ?s ?p ?o } USING e:g WHERE { ?s ?p ?o }"):  # fmt: skip
        refused = sparql.update(bare.service, ADA, E + text, chosen=chosen)
        assert bare.code(refused) == "WW-QUERY-USING"


# -- what is changed -----------------------------------------------------------------------------


def test_an_update_is_one_revision_and_is_reasoned_over(bare: Room) -> None:
    item = f"<{ID['adas/y'].value}>"
    before = bare.service.workspace.revision
    done = bare.update(f"INSERT DATA {{ {item} a ww:Coat ; schema:name 'New' }}")
    assert (done.added, done.removed, done.created) == (2, 0, False)
    assert bare.service.workspace.revision == before + 1
    assert int(bare.rows(f"SELECT (COUNT(*) AS ?n) {{ {item} a ?c }}")[0]["n"]) > 1
    swap = "DELETE { ?i schema:name 'New' } INSERT { ?i schema:name 'Old' } WHERE { ?i a ww:Coat }"
    assert bare.update(swap).added == 2  # the other coat gets a second name
    assert bare.update("INSERT DATA { }").revision == bare.service.workspace.revision


def test_an_update_that_fails_changes_nothing(bare: Room) -> None:
    before = at_rest(bare, "adas"), bare.service.workspace.revision
    for text in (
        "INSERT DATA { <a:a> <a:b> 1 } ; LOAD <http://127.0.0.1/x>",
        "INSERT DATA { <a:a> <a:b> 1 } ; INSERT DATA { GRAPH <"
        + GRAPHS
        + "derived> { <a:a> <a:b> 1 } }",
        "INSERT DATA { <a:a> <a:b> 1 } ; DROP GRAPH <http://e.example/none> ;",
        "INSERT DATA { <a:a> <a:b> 1 } nonsense",
    ):
        with pytest.raises(WearwhyError):
            bare.update(text)
    assert (at_rest(bare, "adas"), bare.service.workspace.revision) == before


def test_a_preview_writes_nothing_and_an_old_revision_is_refused(bare: Room) -> None:
    revision = bare.service.workspace.revision
    done = bare.update("INSERT DATA { <a:a> <a:b> 1, 2 }", preview=True)
    assert (done.added, bare.service.workspace.revision) == (2, revision)
    now = done.revision
    assert bare.update("INSERT DATA { <a:a> <a:b> 1 }", expected=now).added == 1
    late = sparql.update(bare.service, ADA, "INSERT DATA { <a:a> <a:b> 2 }", expected=now)
    assert bare.code(late) == "WW-STORE-MOVED"
    # What another wardrobe does is no reason to refuse.
    now = bare.update("INSERT DATA { <a:a> <a:b> 3 }").revision
    bare.update("INSERT DATA { <a:a> <a:b> 9 }", BOB)
    assert bare.update("INSERT DATA { <a:a> <a:b> 4 }", expected=now).added == 1
    bare.update("DELETE DATA { <a:a> <a:b> 9 }", BOB)


def test_updates_at_once_are_all_carried_out(bare: Room) -> None:
    async def several() -> list[sparql.Changed]:
        return await asyncio.gather(
            *(
                sparql.update(bare.service, ADA, f"INSERT DATA {{ <a:a> <a:n> {n} }}")
                for n in range(4)
            )
        )

    assert [done.added for done in bare.do(several())] == [1] * 4
    assert len(bare.rows("SELECT ?n { <a:a> <a:n> ?n }")) == 4


def test_a_graph_comes_back_as_it_was_put(bare: Room) -> None:
    service, name = bare.service, "http://e.example/put"
    text = (
        b"@prefix e: <http://e.example/> . e:a e:p [ e:q 'x'@en , _:b ] . _:b e:r _:b ."
        b" e:a e:says <<( e:a e:p 1.50 )>> ."
    )

    def put(body: bytes, *, replace: bool = True, **given: Any) -> sparql.Changed:
        return bare.do(
            sparql.graph_write(service, ADA, name, body, "text/turtle", replace=replace, **given)
        )

    assert put(text).created
    assert (put(text).added, put(text).removed) == (0, 0)
    reply = bare.do(sparql.graph_read(service, ADA, name, format="turtle"))
    found = {t.predicate.value[-1]: t for t in parse(reply.body, RdfFormat.TURTLE)}
    assert found["p"].object == found["q"].subject
    assert found["r"].subject == found["r"].object
    assert str(found["s"].object) == str(
        next(parse(b"<a:a> <a:b> <<( <http://e.example/a> <http://e.example/p> 1.5 )>> .",
                   RdfFormat.TURTLE)).object
    )  # fmt: skip
    more = put(b"<http://e.example/a> <http://e.example/t> [] .", replace=False,
               more=((b"_:b <http://e.example/u> _:b .", "n-triples"),))  # fmt: skip
    assert (more.added, more.removed, more.created) == (2, 0, False)
    infos = {info.name: info for info in bare.do(sparql.graphs(service, ADA))}
    assert (infos[name].triples, infos[name].writable, infos[name].kind) == (7, True, "user")
    assert put(b"").removed == 7
    assert bare.code(sparql.graph_read(service, ADA, name)) == "WW-GRAPH-NONE"


@pytest.mark.parametrize(
    ("body", "media", "code"),
    [
        (b"<a:a> <a:b>", "text/turtle", "WW-RDF-SYNTAX"),
        (b"<a:a> <a:b> <a:c> .", "image/png", "WW-RDF-FORMAT"),
        (b"<a:a> <a:b> <a:c> <a:other> .", "application/n-quads", "WW-RDF-GRAPHS"),
        (b"[" * 5000, "text/turtle", "WW-RDF-DEPTH"),
        (b"[" * 5000, "application/ld+json", "WW-RDF-DEPTH"),
        (b'{"@context": "http://127.0.0.1/c"}', "application/ld+json", "WW-RDF-CONTEXT"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "application/rdf+xml", "WW-RDF-ENTITY"),
    ],
)
def test_a_graph_that_would_harm_is_refused(room: Room, body: bytes, media: str, code: str) -> None:
    name = "http://e.example/put"
    written = sparql.graph_write(room.service, ADA, name, body, media, replace=True)
    assert room.code(written) == code


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * {", "WW-QUERY-SYNTAX"),
        ("DROP ALL", "WW-QUERY-UPDATE"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p 1SERVICE<http://127.0.0.1:1/>{?s ?p ?o} }", "WW-QUERY-REMOTE"),
        ("SELECT * { S\\u0045RVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "WW-QUERY-REMOTE"),
        ("SELECT * { ?s ?p \\\\u0022 }", "WW-QUERY-ESCAPE"),
        ("SELECT * " + "{" * 4000 + "}" * 4000, "WW-QUERY-DEPTH"),
        ("SELECT * { FILTER(" + "(" * 12_000 + "1" + ")" * 12_000 + ") }", "WW-QUERY-DEPTH"),
        ("SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }", "WW-QUERY-BUDGET"),
        ("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }", "WW-QUERY-BUDGET"),
        ("CONSTRUCT { ?a ?p ?d } WHERE { ?a ?p ?b . ?c ?q ?d }", "WW-QUERY-BUDGET"),
        ("SELECT * { ?a ?p ?b . ?c ?q ?d } ORDER BY ?d ?b", "WW-QUERY-BUDGET"),
    ],
)
def test_a_query_that_would_harm_is_refused_and_the_next_is_answered(
    room: Room, text: str, code: str
) -> None:
    limits = Limits(seconds=1.0, rows=2000, size=1 << 20, memory=120 << 20)
    assert room.code(sparql.query(room.service, ADA, text, limits=limits)) == code
    assert room.truth("ASK {}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * {}", "WW-QUERY-NOT-UPDATE"),
        ("LOAD <http://127.0.0.1/>", "WW-QUERY-REMOTE"),
        ("L\\u004FAD <http://127.0.0.1/>", "WW-QUERY-REMOTE"),
        ("LOAD SILENT <file:///etc/passwd> INTO GRAPH <a:g>", "WW-QUERY-REMOTE"),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
         "WW-QUERY-REMOTE"),
        ("INSERT { ?s ?p ?o } WHERE { ?s ?p 1.SERVICE<http://127.0.0.1/>{ ?s ?p ?o } }",
         "WW-QUERY-REMOTE"),
        ("INSERT DATA " + "{" * 4000, "WW-QUERY-DEPTH"),
    ],
)  # fmt: skip
def test_an_update_that_would_harm_is_refused(room: Room, text: str, code: str) -> None:
    assert room.code(sparql.update(room.service, ADA, text)) == code


@pytest.mark.slow
def test_an_update_without_end_is_stopped(room: Room) -> None:
    pattern = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(24))
    text = f"INSERT {{ ?s0 <a:b> ?o1 }} WHERE {{ {pattern} }}"
    assert room.code(sparql.update(room.service, ADA, text)) == "WW-QUERY-BUDGET"


def test_what_is_no_text_and_what_is_no_name_are_refused(room: Room) -> None:
    service, half = room.service, "ASK { <a:a> <a:b> '\ud800' }"
    assert room.code(sparql.query(service, ADA, half)) == "WW-QUERY-ESCAPE"
    assert room.code(sparql.update(service, ADA, half)) == "WW-QUERY-ESCAPE"
    for name in ("no iri", "<a:a>", "a:\ud800", ""):
        assert room.code(sparql.graph_read(service, ADA, name)) == "WW-GRAPH-NAME"
        written = sparql.graph_write(service, ADA, name, b"", "text/turtle", replace=True)
        assert room.code(written) == "WW-GRAPH-NAME"


def test_a_format_that_the_form_has_not_is_refused(room: Room) -> None:
    for text, none in (("SELECT * {}", "results"), ("ASK {}", "ask"), ("DESCRIBE <a:a>", "graph")):
        refused = sparql.query(room.service, ADA, text, **{none: None})  # type: ignore[arg-type]
        assert room.code(refused) == "WW-QUERY-ACCEPT"


def test_a_worker_killed_amid_a_query_is_told_of_and_replaced(room: Room) -> None:
    async def story() -> str:
        text = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
        asked = asyncio.ensure_future(sparql.query(room.service, ADA, text))
        pool = room.service.asking.pool
        await until(lambda: bool(pool.busy))
        await asyncio.sleep(0.2)
        killed = pool.pids
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(WearwhyError) as caught:
            await asked
        assert all(map(gone, killed))
        assert (await sparql.query(room.service, ADA, "ASK {}")).body
        return caught.value.code

    assert room.do(story()) == "WW-QUERY-CRASH"


# -- what is answered ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sparql.GRAPHS)
def test_a_graph_is_answered_in_every_format(room: Room, name: str) -> None:
    text = "CONSTRUCT { ?s schema:name ?o } WHERE { ?s schema:name ?o ; a ww:Coat }"
    reply = room.do(sparql.query(room.service, ADA, text, graph=name))
    media = sparql.MEDIA[name].partition(";")[0]
    form = RdfFormat.from_media_type(media)
    assert form is not None
    (quad,) = parse(reply.body, form)
    assert (reply.form, quad.object) == ("graph", Literal("Blue coat"))


@pytest.mark.parametrize(
    ("name", "start"), [("json", b"{"), ("xml", b"<?xml"), ("csv", b"a,b"), ("tsv", b"?a")]
)
def test_rows_are_answered_in_every_format(room: Room, name: str, start: bytes) -> None:
    text = "SELECT ?a ?b { VALUES (?a ?b) { ('x,\"y' 'z'@en) (<<( <a:a> <a:b> 1 )>> UNDEF) } }"
    reply = room.do(sparql.query(room.service, ADA, text, results=name))
    assert reply.body.startswith(start)
    assert (reply.format, reply.form) == (name, "select")


def test_answers_are_kept_only_while_they_are_true(bare: Room) -> None:
    text = "SELECT ?o { <a:kept> <a:b> ?o }"
    assert bare.rows(text) == bare.rows(text) == []
    bare.update("INSERT DATA { <a:kept> <a:b> 1 }")
    assert bare.rows(text) == [{"o": "1"}]
    assert bare.rows(text, BOB) == []
    once, again = (bare.rows("SELECT (UUID() AS ?u) {}") for _ in range(2))
    assert once != again


@pytest.mark.slow
def test_names_that_are_the_same_are_seen_and_followed(bare: Room) -> None:
    same = f"<{ID['adas/x'].value}> owl:sameAs <a:twin>"
    bare.update(f"INSERT DATA {{ {same} }}")
    assert bare.truth("ASK { <a:twin> schema:name 'Blue coat' }")
    seen = set(bare.do(bare.service.engine.run(lambda w: set(Writer().all_lines(w.layer("adas"))))))
    view = bare.do(bare.service.asking.closed(bare.service.engine, "adas")).view
    assert view.block is not None
    held = set(view.block.text.splitlines()) - view.gone | view.own
    assert seen <= held
    bare.update(f"DELETE DATA {{ {same} }}")
    assert not bare.truth("ASK { <a:twin> schema:name 'Blue coat' }")
