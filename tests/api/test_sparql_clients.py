"""The service asked by the clients that people have: rdflib, SPARQLWrapper, curl, a browser's page."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, DIGEST, JSON, N3, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper
from tests.conformance.sparql_service import WARDROBE, Live, Told, asked, live

from wearwhy.service.configuration import Configuration
from wearwhy.service.sparql import edits_graph

PAGE = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text("utf-8")
ORIGIN = "https://yasgui.example.org"
G = "http://example.org/g"
EDITS = edits_graph(WARDROBE)
INSERT = (
    f"INSERT DATA {{ GRAPH <{G}> {{ <urn:s> <urn:p> 1, 2 ; <urn:name> 'coat'@en, '外套'@zh }} }}"
)
ROWS = f"SELECT ?o FROM <{G}> WHERE {{ <urn:s> <urn:p> ?o }} ORDER BY ?o"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    told = Configuration(origins=(ORIGIN,))
    with live(tmp_path_factory.mktemp("clients") / "w", told) as server:
        headers = {"content-type": "application/sparql-update"}
        assert asked(server, "POST", "/update", headers, INSERT).status == 204
        yield server


def key_of(server: Live) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.keys[WARDROBE]}"}


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_asks(server: Live, method: str) -> None:
    store = SPARQLStore(f"{server.origin}/sparql", method=method, headers=key_of(server))
    found = store.query(ROWS)
    assert [str(row[0]) for row in found] == ["1", "2"]  # type: ignore[index]
    assert store.query(f"ASK FROM <{G}> {{ <urn:s> <urn:p> 2 }}").askAnswer is True
    made = store.query(f"CONSTRUCT FROM <{G}> WHERE {{ ?s <urn:name> ?o }}")
    assert made.graph is not None
    assert len(made.graph) == 2
    graph = Graph(store, URIRef(G))
    names = set(graph.objects(URIRef("urn:s"), URIRef("urn:name")))
    assert names == {Literal("coat", lang="en"), Literal("外套", lang="zh")}


def test_rdflib_changes(server: Live) -> None:
    store = SPARQLUpdateStore(
        f"{server.origin}/sparql", f"{server.origin}/update", headers=key_of(server)
    )
    graph = Graph(store, URIRef("urn:by:rdflib"))
    triple = (URIRef("urn:a"), URIRef("urn:b"), Literal("衣"))
    graph.add(triple)
    assert triple in graph
    assert len(graph) == 1
    graph.remove(triple)
    assert triple not in graph


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_asks_for_each_form(server: Live, method: str) -> None:
    client = wrapper(server, "/sparql", method)
    client.setQuery(ROWS)
    client.setReturnFormat(JSON)
    bindings = rows(client)
    assert [row["o"]["value"] for row in bindings] == ["1", "2"]
    client.setReturnFormat(XML)
    assert "<literal" in client.queryAndConvert().toxml()  # type: ignore[union-attr]
    client.setReturnFormat(CSV)
    assert client.queryAndConvert() == b"o\r\n1\r\n2\r\n"
    client.setQuery(f"CONSTRUCT FROM <{G}> WHERE {{ ?s <urn:name> ?o }}")
    for form in (TURTLE, N3):
        client.setReturnFormat(form)
        assert "外套" in client.queryAndConvert().decode("utf-8")  # type: ignore[union-attr]


@pytest.mark.parametrize("sent", ["urlencoded", POSTDIRECTLY])
def test_sparqlwrapper_changes(server: Live, sent: str) -> None:
    client = wrapper(server, "/update", POST)
    client.setRequestMethod(sent)
    client.setQuery(f"INSERT DATA {{ GRAPH <urn:by:{sent}> {{ <urn:a> <urn:b> 1 }} }}")
    client.query()
    told = asked(server, "GET", f"/graphs?graph=urn:by:{sent}")
    assert told.status == 200


def test_sparqlwrapper_signs_in_with_a_key_as_its_password(server: Live) -> None:
    client = SPARQLWrapper(f"{server.origin}/sparql")
    client.setCredentials("anybody", server.keys[WARDROBE])
    client.setReturnFormat(JSON)
    client.setQuery(ROWS)
    assert len(rows(client)) == 2
    assert client.http_auth != DIGEST


def rows(client: SPARQLWrapper) -> Any:
    found: Any = client.queryAndConvert()
    return found["results"]["bindings"]


def wrapper(server: Live, path: str, method: str) -> SPARQLWrapper:
    client = SPARQLWrapper(server.origin + path)
    client.addCustomHttpHeader("Authorization", f"Bearer {server.keys[WARDROBE]}")
    client.setMethod(method)
    return client


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_asks_changes_and_keeps_graphs(server: Live) -> None:
    def curl(*given: str) -> str:
        key = f"Authorization: Bearer {server.keys[WARDROBE]}"
        command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "20", "-H", key]
        return subprocess.run([*command, *given], check=True, capture_output=True, text=True).stdout

    sparql, graphs = f"{server.origin}/sparql", f"{server.origin}/graphs"
    csv = ("-H", "Accept: text/csv")
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", ROWS)
    assert curl("-G", sparql, "--data-urlencode", f"query={ROWS}", *csv) == "o\n1\n2\n"
    assert curl(sparql, "--data-urlencode", f"query={ROWS}", *csv) == "o\n1\n2\n"
    assert curl(sparql, *direct, *csv) == "o\n1\n2\n"
    assert curl("-X", "QUERY", sparql, *direct, *csv) == "o\n1\n2\n"
    turtle = ("-H", "Content-Type: text/turtle", "--data-binary", "<urn:c> <urn:d> '衣' .")
    curl("-X", "PUT", f"{graphs}?graph=urn:by:curl", *turtle)
    assert "衣" in curl(f"{graphs}?graph=urn:by:curl")
    curl(f"{server.origin}/update", "--data-urlencode", "update=CLEAR GRAPH <urn:by:curl>")
    with pytest.raises(subprocess.CalledProcessError) as gone:
        curl(f"{graphs}?graph=urn:by:curl")
    assert "404" in gone.value.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_commands_of_the_page_work(server: Live, tmp_path: Path) -> None:
    commands = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(commands) == 4
    for command in commands:
        script = command.replace("http://127.0.0.1:8000", server.origin)
        environment = {"PATH": os.environ["PATH"], "KEY": server.keys[WARDROBE]}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_python_of_the_page_works(server: Live, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    names = {"server": server.origin, "key": server.keys[WARDROBE], "wardrobe": WARDROBE}
    exec(compile(code, "sparql.md", "exec"), names)
    first, second = capsys.readouterr().out.splitlines()
    assert "urn:s" in first
    assert "urn:s" in second


def test_a_query_ends_when_its_client_goes(tmp_path: Path) -> None:
    told = Configuration(workers=1, query_seconds=60.0)
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?a != ?j) }"
    with live(tmp_path / "w", told) as server:
        triples = " ".join(f"<urn:s> <urn:p> {number} ." for number in range(2000))
        headers = {"content-type": "application/sparql-update"}
        assert (
            asked(server, "POST", "/update", headers, f"INSERT DATA {{ {triples} }}").status == 204
        )
        at = urlsplit(server.origin)
        with socket.create_connection((at.hostname or "", at.port or 0)) as client:
            target = "/sparql?" + urlencode({"query": slow, "default-graph-uri": EDITS})
            key = f"Authorization: Bearer {server.keys[WARDROBE]}"
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: {at.netloc}\r\n{key}\r\n\r\n".encode())
            client.settimeout(2.0)
            with pytest.raises(TimeoutError):
                client.recv(1)
        begun = time.monotonic()
        query = urlencode({"query": "ASK { ?s ?p 7 }", "default-graph-uri": EDITS})
        found = asked(server, "GET", f"/sparql?{query}")
        assert json.loads(found.body)["boolean"] is True
        assert time.monotonic() - begun < 30.0


def preflight(server: Live, origin: str, method: str, headers: str) -> Told:
    asking = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
    }
    return server.send("OPTIONS", "/sparql", asking, b"")


@pytest.mark.parametrize("method", ["POST", "GET", "QUERY"])
def test_a_page_of_a_configured_origin_may_ask(server: Live, method: str) -> None:
    allowed = preflight(server, ORIGIN, method, "authorization,content-type,x-requested-with")
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert method in allowed.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in allowed.headers
    # As YASGUI asks: a form, and every form of result in the order in which it can show them.
    accept = "application/sparql-results+json,*/*;q=0.9"
    form = {
        "content-type": "application/x-www-form-urlencoded",
        "x-requested-with": "XMLHttpRequest",
    }
    body = urlencode({"query": ROWS})
    told = asked(server, "POST", "/sparql", {**form, "accept": accept, "origin": ORIGIN}, body)
    assert told.headers["access-control-allow-origin"] == ORIGIN
    assert len(json.loads(told.body)["results"]["bindings"]) == 2


def test_a_page_of_another_origin_may_not(server: Live) -> None:
    refused = preflight(server, "https://evil.example", "POST", "authorization")
    assert refused.status == 400
    assert "access-control-allow-origin" not in refused.headers
    told = asked(server, "GET", "/sparql", {"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in told.headers


def test_a_page_is_told_what_was_wrong(server: Live) -> None:
    headers = {"content-type": "application/sparql-query", "origin": ORIGIN}
    told = asked(server, "POST", "/sparql", headers, "SELECT")
    assert told.status == 400
    assert told.headers["access-control-allow-origin"] == ORIGIN
    assert json.loads(told.body)["code"] == "WW-QUERY-SYNTAX"
