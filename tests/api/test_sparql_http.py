"""SPARQL over HTTP: who may, what is taken, in which form it is answered, and how it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from tests.conformance.sparql_service import WARDROBE, InProcess, Told, asked, in_process

from wearwhy.service.caller import Scope
from wearwhy.service.configuration import Configuration

QUERY = {"content-type": "application/sparql-query"}
UPDATE = {"content-type": "application/sparql-update"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
TURTLE = {"content-type": "text/turtle"}
G = "http://example.org/g"
ON_G = {"graph": G}
SELECT = "SELECT ?o WHERE { <urn:s> <urn:p> ?o } ORDER BY ?o"
FROM_G = f"SELECT ?o FROM <{G}> WHERE {{ <urn:s> <urn:p> ?o }} ORDER BY ?o"
ASK = f"ASK FROM <{G}> {{ <urn:s> <urn:p> 1 }}"
CONSTRUCT = f"CONSTRUCT FROM <{G}> WHERE {{ <urn:s> ?p ?o }}"
DATA = "<urn:s> <urn:p> 1, 2 ."
Wrong = tuple[str, str, Mapping[str, str], str, int, str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    with in_process(tmp_path_factory.mktemp("http") / "w") as server:
        yield server


@pytest.fixture(autouse=True)
def one_graph(server: InProcess) -> None:
    told = asked(
        server, "POST", "/update", UPDATE, f"DROP ALL; INSERT DATA {{ GRAPH <{G}> {{ {DATA} }} }}"
    )
    assert told.status == 204


def problem(told: Told, status: int, code: str) -> Mapping[str, object]:
    said: dict[str, object] = json.loads(told.body)
    assert (told.status, said["code"]) == (status, code)
    assert told.headers["content-type"] == "application/problem+json"
    assert said["status"] == status
    return said


def values(told: Told) -> list[str]:
    assert told.status == 200, told
    return [row["o"]["value"] for row in json.loads(told.body)["results"]["bindings"]]


def of_key(server: InProcess, *scopes: Scope) -> dict[str, str]:
    accounts = server.app.state.service.accounts
    ada = accounts.find(f"of-{WARDROBE}")
    key = accounts.new_key(ada.id, label="few", scopes=frozenset(scopes)).secret
    return {"authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        ("GET", "/sparql?" + urlencode({"query": FROM_G}), {}, ""),
        ("GET", "/sparql?" + urlencode({"query": SELECT, "default-graph-uri": G}), {}, ""),
        ("POST", "/sparql", FORM, urlencode({"query": FROM_G})),
        ("POST", "/sparql", FORM, urlencode({"query": SELECT, "default-graph-uri": G})),
        ("POST", "/sparql", QUERY, FROM_G),
        ("POST", "/sparql?" + urlencode({"default-graph-uri": G}), QUERY, SELECT),
        ("QUERY", "/sparql", QUERY, FROM_G),
        ("QUERY", "/sparql", FORM, urlencode({"query": FROM_G})),
        ("QUERY", "/sparql", {"content-type": "application/sparql-query; charset=UTF-8"}, FROM_G),
    ],
)
def test_a_query_comes_in_every_way_of_the_protocol(
    server: InProcess, method: str, target: str, headers: Mapping[str, str], body: str
) -> None:
    told = asked(server, method, target, headers, body)
    assert values(told) == ["1", "2"]
    assert told.headers["content-type"] == "application/sparql-results+json"
    assert "Accept" in told.headers["vary"]
    assert "application/sparql-query" in told.headers["accept-query"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        (
            "text/tab-separated-values;q=0.9, text/turtle",
            "text/tab-separated-values; charset=utf-8",
        ),
    ],
)
def test_rows_come_in_the_form_that_is_accepted(server: InProcess, accept: str, media: str) -> None:
    told = asked(server, "POST", "/sparql", {**QUERY, "accept": accept}, FROM_G)
    assert (told.status, told.headers["content-type"]) == (200, media)
    forms = {
        "application/sparql-results+xml": QueryResultsFormat.XML,
        "application/json": QueryResultsFormat.JSON,
        "text/tab-separated-values; charset=utf-8": QueryResultsFormat.TSV,
    }
    if media in forms:
        found = parse_query_results(told.body, format=forms[media])
        assert isinstance(found, QuerySolutions)
        assert [row["o"].value for row in found] == ["1", "2"]
    else:
        assert told.body == b"o\r\n1\r\n2\r\n"


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/trig", RdfFormat.TRIG),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/n-quads", RdfFormat.N_QUADS),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
    ],
)
def test_a_graph_comes_in_the_form_that_is_accepted(
    server: InProcess, media: str, form: RdfFormat
) -> None:
    headers = {**QUERY, "accept": media}
    asked_for = asked(server, "POST", "/sparql", headers, CONSTRUCT)
    kept = asked(server, "GET", "/graphs?" + urlencode(ON_G), {"accept": media})
    for told in (asked_for, kept):
        assert told.status == 200, told
        assert told.headers["content-type"].partition(";")[0] == media
        assert {quad.object.value for quad in parse(told.body, format=form)} == {"1", "2"}


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (FROM_G, "text/turtle"),
        (FROM_G, "image/png"),
        (ASK, "text/csv"),
        (ASK, "text/tab-separated-values, text/turtle"),
        (CONSTRUCT, "application/sparql-results+json"),
    ],
)
def test_a_form_that_an_answer_has_not_is_not_acceptable(
    server: InProcess, query: str, accept: str
) -> None:
    told = asked(server, "POST", "/sparql", {**QUERY, "accept": accept}, query)
    assert told.status == 406
    assert json.loads(told.body)["code"] in {"WW-QUERY-ACCEPT", "WW-HTTP-ACCEPT"}


def test_an_ask_that_takes_csv_or_json_gets_json(server: InProcess) -> None:
    accept = {"accept": "text/csv, application/sparql-results+json;q=0.1"}
    told = asked(server, "POST", "/sparql", {**QUERY, **accept}, ASK)
    assert json.loads(told.body)["boolean"] is True
    rows = asked(server, "POST", "/sparql", {**QUERY, **accept}, FROM_G)
    assert rows.headers["content-type"].startswith("text/csv")


def test_head_says_what_get_would(server: InProcess) -> None:
    for target in (
        "/sparql?" + urlencode({"query": FROM_G}),
        "/graphs?" + urlencode(ON_G),
    ):
        get, head = (asked(server, method, target) for method in ("GET", "HEAD"))
        assert get.status == head.status == 200
        assert head.headers["content-length"] == str(len(get.body))
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.body == b""


@pytest.mark.parametrize(
    "case",
    [
        ("POST", "/sparql", {"content-type": "text/plain"}, ASK, 415, "WW-HTTP-MEDIA"),
        ("POST", "/sparql", {}, ASK, 415, "WW-HTTP-MEDIA"),
        ("QUERY", "/sparql", {}, ASK, 415, "WW-HTTP-MEDIA"),
        ("POST", "/sparql", UPDATE, "CLEAR ALL", 415, "WW-HTTP-MEDIA"),
        ("POST", "/update", QUERY, ASK, 415, "WW-HTTP-MEDIA"),
        ("POST", "/sparql", {"content-type": "application/sparql-query; charset=latin-1"}, ASK, 415, "WW-HTTP-MEDIA"),
        ("POST", "/sparql", QUERY, "", 400, "WW-QUERY-SYNTAX"),
        ("POST", "/sparql", FORM, "", 400, "WW-HTTP-PARAMETER"),
        ("POST", "/sparql", FORM, "query=ASK%7B%7D&update=x", 400, "WW-HTTP-PARAMETER"),
        ("POST", "/sparql?query=ASK%7B%7D", QUERY, "ASK {}", 400, "WW-HTTP-PARAMETER"),
        ("POST", "/sparql", FORM, "query=%FF", 400, "WW-HTTP-UTF8"),
        ("GET", "/sparql?query=ASK%7B", {}, "", 400, "WW-QUERY-SYNTAX"),
        ("GET", "/sparql?query=CLEAR+ALL", {}, "", 400, "WW-QUERY-UPDATE"),
        ("POST", "/update", UPDATE, "ASK {}", 400, "WW-QUERY-NOT-UPDATE"),
        ("POST", "/update", UPDATE, "LOAD <http://example.org/x>", 400, "WW-QUERY-REMOTE"),
        ("GET", "/update?update=CLEAR+ALL", {}, "", 405, "WW-HTTP-METHOD"),
        ("PUT", "/sparql", QUERY, ASK, 405, "WW-HTTP-METHOD"),
        ("DELETE", "/sparql", {}, "", 405, "WW-HTTP-METHOD"),
        ("PATCH", "/graphs?default", TURTLE, DATA, 405, "WW-HTTP-METHOD"),
        ("PUT", "/graphs", TURTLE, DATA, 400, "WW-HTTP-PARAMETER"),
        ("DELETE", "/graphs", {}, "", 400, "WW-HTTP-PARAMETER"),
        ("GET", "/graphs?graph=relative", {}, "", 400, "WW-HTTP-PARAMETER"),
        ("GET", "/graphs?graph=urn:a&graph=urn:b", {}, "", 400, "WW-HTTP-PARAMETER"),
        ("GET", "/graphs?default&graph=urn:a", {}, "", 400, "WW-HTTP-PARAMETER"),
        ("GET", "/graphs/a?graph=urn:a", {}, "", 400, "WW-HTTP-PARAMETER"),
        ("GET", "/graphs?graph=urn:nothing", {}, "", 404, "WW-GRAPH-NONE"),
        ("DELETE", "/graphs?graph=urn:nothing", {}, "", 404, "WW-GRAPH-NONE"),
        ("GET", "/graphs?default", {"accept": "text/csv"}, "", 406, "WW-HTTP-ACCEPT"),
        ("PUT", "/graphs?graph=urn:a", {"content-type": "text/csv"}, DATA, 415, "WW-HTTP-MEDIA"),
        ("PUT", "/graphs?graph=urn:a", {}, DATA, 415, "WW-HTTP-MEDIA"),
        ("PUT", "/graphs?graph=urn:a", {"if-match": "W/what", **TURTLE}, DATA, 412, "WW-HTTP-CONDITION"),
        ("GET", "/sparql?wardrobe=other&query=ASK%7B%7D", {}, "", 404, "WW-WARDROBE-NONE"),
        ("GET", "/sparql?wardrobe=other", {}, "", 404, "WW-WARDROBE-NONE"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(server: InProcess, case: Wrong) -> None:
    method, target, headers, body, status, code = case
    told = asked(server, method, target, headers, body)
    problem(told, status, code)
    if status == 405:
        assert told.headers["allow"]
    if code == "WW-HTTP-MEDIA":
        assert "accept" in told.headers or "accept-query" in told.headers


def test_a_place_in_a_query_is_told(server: InProcess) -> None:
    told = asked(server, "POST", "/sparql", QUERY, "SELECT * WHERE {\n  ?s ?p }")
    said = problem(told, 400, "WW-QUERY-SYNTAX")
    assert said["place"]["line"] == 2  # type: ignore[index]


def test_an_update_needs_to_be_granted(server: InProcess) -> None:
    body = b"INSERT DATA { <urn:a> <urn:b> <urn:c> }"
    nobody = server.send("POST", "/update", UPDATE, body)
    problem(nobody, 401, "WW-ACCESS-KEY")
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    reader = of_key(server, Scope.READ)
    problem(server.send("POST", "/update", {**UPDATE, **reader}, body), 403, "WW-ACCESS-SCOPE")
    for method in ("PUT", "POST", "DELETE"):
        told = server.send(method, "/graphs?default", {**TURTLE, **reader}, DATA.encode())
        problem(told, 403, "WW-ACCESS-SCOPE")
    asking = server.send("POST", "/sparql", {**QUERY, **reader}, FROM_G.encode())
    assert values(asking) == ["1", "2"]
    writer = of_key(server, Scope.WRITE, Scope.READ)
    assert server.send("POST", "/update", {**UPDATE, **writer}, body).status == 204


def test_a_query_needs_the_scope_of_reading(server: InProcess) -> None:
    writer = of_key(server, Scope.WRITE)
    told = server.send("POST", "/sparql", {**QUERY, **writer}, FROM_G.encode())
    problem(told, 403, "WW-ACCESS-SCOPE")
    problem(server.send("POST", "/sparql", QUERY, FROM_G.encode()), 401, "WW-ACCESS-KEY")
    problem(server.send("GET", "/graphs?default", {}, b""), 401, "WW-ACCESS-KEY")


def test_a_session_changes_things_only_with_its_token(server: InProcess) -> None:
    accounts = server.app.state.service.accounts
    session = accounts.session(accounts.find(f"of-{WARDROBE}").id)
    cookie = {"cookie": f"wearwhy={session.token}"}
    body = urlencode({"update": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}).encode()
    problem(server.send("POST", "/update", {**FORM, **cookie}, body), 403, "WW-ACCESS-CSRF")
    token = {"x-csrf-token": session.csrf}
    assert server.send("POST", "/update", {**FORM, **cookie, **token}, body).status == 204
    field = body + f"&csrf={session.csrf}".encode()
    assert server.send("POST", "/update", {**FORM, **cookie}, field).status == 204
    query = urlencode({"query": FROM_G, "csrf": session.csrf}).encode()
    assert values(server.send("POST", "/sparql", {**FORM, **cookie}, query)) == ["1", "2"]
    assert values(server.send("QUERY", "/sparql", {**QUERY, **cookie}, FROM_G.encode())) == [
        "1",
        "2",
    ]


def test_a_change_may_be_tied_to_what_was_read(server: InProcess) -> None:
    target = "/graphs?" + urlencode(ON_G)
    tag = asked(server, "GET", target).headers["etag"]
    assert asked(server, "GET", target, {"if-none-match": tag}).status == 304
    more = "<urn:s> <urn:p> 3 ."
    first = asked(server, "POST", target, {**TURTLE, "if-match": tag}, more)
    assert first.status == 204
    problem(asked(server, "PUT", target, {**TURTLE, "if-match": tag}, DATA), 412, "WW-STORE-MOVED")
    again = {**TURTLE, "if-match": first.headers["etag"]}
    assert asked(server, "PUT", target, again, DATA).status == 204
    assert asked(server, "GET", target, {"if-none-match": tag}).status == 200


@pytest.mark.parametrize("as_sent", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_what_a_client_holds_already_is_not_sent_again(server: InProcess, as_sent: str) -> None:
    target = "/graphs?" + urlencode(ON_G)
    tag = asked(server, "GET", target).headers["etag"]
    held = asked(server, "GET", target, {"if-none-match": as_sent.format(tag=tag)})
    assert (held.status, held.body, held.headers["etag"]) == (304, b"", tag)
    assert asked(server, "GET", target, {"if-none-match": '"other"'}).status == 200


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_graph_may_be_made_only_where_there_is_none(server: InProcess, method: str) -> None:
    only_new = {**TURTLE, "if-none-match": "*"}
    target = "/graphs?" + urlencode(ON_G)
    before = asked(server, "GET", target).body
    problem(asked(server, method, target, only_new, "<urn:s> <urn:p> 3 ."), 412, "WW-GRAPH-EXISTS")
    assert asked(server, "GET", target).body == before
    # One whose name another's begins with is another.
    longer = "/graphs?" + urlencode({"graph": f"{G}/more"})
    assert asked(server, method, longer, only_new, DATA).status == 201
    problem(asked(server, method, longer, only_new, DATA), 412, "WW-GRAPH-EXISTS")
    assert asked(server, "DELETE", longer).status == 204
    assert asked(server, method, longer, only_new, DATA).status == 201


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("text", ["null", "3", '["a"]'])
def test_json_that_is_no_graph_takes_the_place_of_none(
    server: InProcess, method: str, text: str
) -> None:
    target = "/graphs?" + urlencode(ON_G)
    before = asked(server, "GET", target)
    told = asked(server, method, target, {"content-type": "application/ld+json"}, text)
    problem(told, 400, "WW-RDF-SYNTAX")
    after = asked(server, "GET", target)
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])


def test_a_graph_is_made_told_of_and_deleted(server: InProcess) -> None:
    made = asked(server, "POST", "/graphs", TURTLE, DATA)
    assert made.status == 201
    where = made.headers["location"]
    assert where.startswith("http://127.0.0.1/graphs/")
    path = where.removeprefix("http://127.0.0.1")
    assert asked(server, "GET", path).status == 200
    assert asked(server, "GET", "/graphs?graph=" + quote(where, safe="")).status == 200
    listed = asked(server, "GET", "/graphs", {"accept": "application/n-triples"})
    assert f"<{where}>".encode() in listed.body
    assert values(
        asked(server, "POST", f"/sparql?default-graph-uri={quote(where)}", QUERY, SELECT)
    ) == ["1", "2"]
    assert asked(server, "DELETE", path).status == 204
    problem(asked(server, "GET", path), 404, "WW-GRAPH-NONE")
    named = asked(server, "PUT", "/graphs?graph=urn:new", TURTLE, DATA)
    assert (named.status, named.headers["location"]) == (
        201,
        "http://127.0.0.1/graphs?graph=urn%3Anew",
    )


def test_parts_of_a_form_are_one_change(server: InProcess) -> None:
    parts = [
        ("text/turtle", "[] <urn:name> 'a' ."),
        ("application/n-triples", '_:b <urn:name> "b" .'),
        ("text/turtle", "_:b <urn:name> 'c' ."),
    ]
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="p{n}"; filename="p{n}"\r\n'
        f"Content-Type: {media}\r\n\r\n{text}\r\n"
        for n, (media, text) in enumerate(parts)
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    before = asked(server, "GET", "/graphs?" + urlencode(ON_G)).headers["etag"].strip('"')
    told = asked(server, "POST", "/graphs?graph=urn:parts", headers, body + "--x--\r\n")
    assert told.status == 201
    assert int(told.headers["etag"].strip('"')) == int(before.partition("-")[0]) + 1
    graph = asked(server, "GET", "/graphs?graph=urn:parts", {"accept": "application/n-triples"})
    lines = graph.body.decode().splitlines()
    assert len(lines) == 3
    assert len({line.split()[0] for line in lines}) == 3
    for broken in ("", "--x\r\n", body.replace("text/turtle", "text/csv") + "--x--\r\n"):
        assert asked(server, "POST", "/graphs?graph=urn:parts", headers, broken).status in (
            400,
            415,
        )


def test_a_relative_name_is_one_of_the_service(server: InProcess) -> None:
    asked(server, "POST", "/update", UPDATE, "INSERT DATA { GRAPH <g> { <s> <urn:p> <o> } }")
    told = asked(server, "POST", "/sparql", QUERY, "SELECT ?o FROM </g> WHERE { ?s ?p ?o }")
    assert values(told) == ["http://127.0.0.1/o"]


def test_a_wardrobe_has_the_protocols_at_its_own_place(server: InProcess) -> None:
    here = f"/wardrobes/{WARDROBE}"
    assert values(asked(server, "POST", f"{here}/sparql", QUERY, FROM_G)) == ["1", "2"]
    assert asked(server, "POST", f"{here}/update", UPDATE, "CREATE GRAPH <urn:x>").status == 204
    made = asked(server, "POST", f"{here}/graphs", TURTLE, DATA).headers["location"]
    assert made.startswith(f"{server.origin}{here}/graphs/")
    assert asked(server, "GET", made.removeprefix(server.origin)).status == 200
    described = asked(server, "GET", f"{here}/sparql", {"accept": "application/n-triples"})
    assert f"#endpoint> <{server.origin}{here}/sparql> .".encode() in described.body
    problem(asked(server, "GET", "/wardrobes/other/sparql"), 404, "WW-WARDROBE-NONE")
    twice = asked(server, "GET", f"{here}/sparql?wardrobe=other")
    problem(twice, 400, "WW-HTTP-PARAMETER")


def test_names_are_made_of_the_public_url(tmp_path: Path) -> None:
    told = Configuration(public_url="https://wear.example.org/")
    with in_process(tmp_path / "w", told) as server:
        made = asked(server, "POST", "/graphs", TURTLE, DATA).headers["location"]
        assert made.startswith("https://wear.example.org/graphs/")
        path = made.removeprefix("https://wear.example.org")
        assert asked(server, "GET", path).status == 200
        described = asked(server, "GET", "/sparql", {"accept": "application/n-triples"})
        assert b"#endpoint> <https://wear.example.org/sparql> ." in described.body


def test_void_lists_the_queries_that_have_a_name(server: InProcess) -> None:
    told = server.send("GET", "/.well-known/void", {"accept": "application/n-triples"}, b"")
    assert told.status == 200
    text = told.body.decode()
    queries = "https://w3id.org/wearwhy/queries#"
    target = "<https://schema.org/target> <http://127.0.0.1/sparql>"
    assert f"<{queries}colours-by-family> {target}" in text
    assert text.count(target) == len(list(_named()))
    assert all(f"<{queries}{name}>" in text for name in _named())
    assert '"适合某场合的单品"@zh' in text


def test_whoever_asks_is_told_what_the_service_speaks_and_no_more(server: InProcess) -> None:
    nobody = server.send("GET", "/sparql", {"accept": "application/n-triples"}, b"")
    assert nobody.status == 200
    assert b"SPARQL11Query" in nobody.body
    assert b"SPARQL11Update" not in nobody.body
    assert G.encode() not in nobody.body
    owner = asked(server, "GET", "/sparql", {"accept": "application/n-triples"})
    assert b"SPARQL11Update" in owner.body
    assert f"<{G}>".encode() in owner.body
    assert b"text/turtle" in asked(server, "GET", "/sparql").headers["content-type"].encode()


def _named() -> Iterator[str]:
    from wearwhy.workspace.bundle import bundle

    for path in (bundle().folder / "kg" / "queries").glob("*.ttl"):
        yield path.stem
