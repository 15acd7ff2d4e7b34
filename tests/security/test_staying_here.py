"""Nothing that anybody asks makes the service reach for anything outside it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.security.world import World

pytestmark = pytest.mark.slow


class Listener:
    """A server on this machine that counts who comes; nobody should."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.came = 0
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        while True:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            self.came += 1
            one.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


# {at} is where the listener waits, {a} and {d} are two ways to write it.
SERVICES = (
    "SELECT * {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ service<{at}>{{?s ?p ?o}} }}",
    "SELECT * {{ BIND(1 AS ?x) FILTER(?x = 1SERVICE<{at}>{{?s ?p ?o}}) }}",
    "SELECT * {{ ?s ?p 1SERVICE<{at}>{{?s ?p ?o}} }}",
    "SELECT * {{ \\u0053ERVICE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\U00000053ERVICE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERV\\u0049CE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SER#\nVICE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ #\rSERVICE <{at}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p '''x'''SERVICE <{at}> {{ ?s ?p ?o }} }}",
    'SELECT * {{ ?s ?p "\\"" . SERVICE <{at}> {{ ?a ?b ?c }} #"\n }}',
    "SELECT * {{ ?s ?p ?o . {{ SELECT * {{ SERVICE ?e {{ ?a ?b ?c }} VALUES ?e {{ <{at}> }} }} }} }}",
    "SELECT * {{ FILTER EXISTS {{ SERVICE <{at}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ ?s ?p ?o }} VALUES ?x {{ 1 }} SERVICE <{at}> {{ }}",
    "ASK {{ <urn:a>SERVICE<{at}>{{ ?s ?p ?o }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
)
DATASETS = (
    "SELECT * FROM <{at}> {{ ?s ?p ?o }}",
    "SELECT * FROM NAMED <{at}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT * FROM <file:///etc/passwd> {{ ?s ?p ?o }}",
    "SELECT * {{ GRAPH <{at}> {{ ?s ?p ?o }} }}",
    "DESCRIBE <{at}>",
    "BASE <{at}> SELECT * FROM <x> {{ ?s ?p ?o }}",
)
UPDATES = (
    "LOAD <{at}>",
    "LOAD SILENT <{at}>",
    "LOAD SILENT <{at}> INTO GRAPH <urn:g>",
    "load<{at}>",
    "\\u004cOAD <{at}>",
    "INSERT DATA {{ <urn:a> <urn:b> 1 }} ; LOAD <{at}>",
    "INSERT DATA {{ <urn:a> <urn:b> 1 }};LOAD<{at}>",
    "LOAD <file:///etc/passwd>",
    "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
    "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{at}> {{ ?s ?p ?o }} }}",
    "DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p ?o }} USING <{at}> WHERE {{ 1SERVICE<{at}>{{}} }}",
)


def ask(world: World, text: str) -> Any:
    headers = {**world.ada, "Content-Type": "application/sparql-query"}
    return world.client.post("/sparql", content=text.encode(), headers=headers)


@pytest.mark.parametrize("text", SERVICES)
def test_no_spelling_of_service_leaves_the_machine(
    world: World, listener: Listener, text: str
) -> None:
    answer = ask(world, text.format(at=f"http://127.0.0.1:{listener.port}/sparql"))
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"].startswith("WW-QUERY")
    assert listener.came == 0


@pytest.mark.parametrize("text", DATASETS)
def test_no_graph_is_fetched(world: World, listener: Listener, text: str) -> None:
    answer = ask(world, text.format(at=f"http://127.0.0.1:{listener.port}/data.ttl"))
    assert answer.status_code in {200, 400}, answer.text
    assert "root:" not in answer.text
    assert listener.came == 0


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_no_graph_of_the_protocol_is_fetched(world: World, listener: Listener, name: str) -> None:
    given = {"query": "SELECT * { ?s ?p ?o }", name: f"http://127.0.0.1:{listener.port}/x"}
    answer = world.client.get("/sparql", params=given, headers=world.ada)
    assert answer.status_code in {200, 400}
    assert listener.came == 0


@pytest.mark.parametrize("text", UPDATES)
def test_no_update_loads_anything(world: World, listener: Listener, text: str) -> None:
    before = world.service.workspace.revision_of("adas")
    headers = {**world.ada, "Content-Type": "application/sparql-update"}
    said = text.format(at=f"http://127.0.0.1:{listener.port}/data.ttl")
    answer = world.client.post("/update", content=said.encode(), headers=headers)
    assert answer.status_code == 400, answer.text
    assert listener.came == 0
    assert world.service.workspace.revision_of("adas") == before


def test_no_graph_that_is_put_fetches_its_context(world: World, listener: Listener) -> None:
    document = f'{{"@context": "http://127.0.0.1:{listener.port}/c", "@id": "urn:x"}}'
    headers = {**world.ada, "Content-Type": "application/ld+json"}
    answer = world.client.put(
        "/graphs", params={"graph": "urn:g"}, content=document, headers=headers
    )
    assert answer.status_code == 400, answer.text
    assert listener.came == 0


def test_no_rule_reaches_out(world: World, listener: Listener) -> None:
    at = f"http://127.0.0.1:{listener.port}/"
    for body in (
        f"RULE <urn:r> {{ ?s <urn:p> ?o }} WHERE {{ SERVICE <{at}> {{ ?s ?p ?o }} }}",
        f"IMPORTS <{at}>\nRULE <urn:r> {{ ?s <urn:p> 1 }} WHERE {{ ?s <urn:q> 1 }}",
        f"RULE <urn:r> {{ ?s <urn:p> ?o }} WHERE {{ GRAPH <{at}> {{ ?s ?p ?o }} }}",
        f"BASE <{at}>\n@import <{at}> .",
    ):
        for path, given in (
            ("/rules/check", {"text": body}),
            ("/rules/preview", {"topic": "mine", "text": body}),
            ("/rules", {"topic": "mine", "text": body}),
        ):
            answer = world.client.post(path, json=given, headers=world.ada)
            assert answer.status_code < 500, answer.text
    assert listener.came == 0


def test_no_address_of_a_photograph_is_fetched(world: World, listener: Listener) -> None:
    table = f"id,name,type,image\n31,Spy,scarf,http://127.0.0.1:{listener.port}/a.jpg\n"
    sent = world.client.post(
        "/uploads", params={"name": "x.csv"}, content=table, headers=world.ada
    ).json()
    assert world.client.post(f"/uploads/{sent['id']}/apply", headers=world.ada).status_code == 200
    world.client.get("/items", headers=world.ada)
    assert listener.came == 0


def test_the_service_itself_opens_no_connection(world: World, no_network: list[object]) -> None:
    for path in ("/items", "/rules", "/revisions", "/vocabulary", "/predictions", "/me"):
        assert world.client.get(path, headers=world.ada).status_code == 200, path
    ask(world, "SELECT * { ?s ?p ?o } LIMIT 1")
    assert world.client.post("/recommendations", json={}, headers=world.ada).status_code < 500
    assert no_network == []
