"""The suites' HTTP exchanges, carried out and judged."""

from __future__ import annotations

from urllib.parse import quote

from pyoxigraph import QueryResultsFormat, RdfFormat
from tests.conformance.sparql_answers import of_graph, of_results
from tests.conformance.sparql_manifests import Exchange, HttpCase, path
from tests.conformance.sparql_service import Server, Told, asked

STATUSES = {"Created": 201, "OK": 200, "NoContent": 204, "NotFound": 404}
BOOLEAN = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
}
FORMS = {
    "boolean": {*BOOLEAN},
    "tabular": {*BOOLEAN, "text/csv", "text/tab-separated-values"},
    "RDF": {"text/turtle", "application/n-triples", "application/rdf+xml"},
}


def empty(server: Server) -> None:
    """Leave nothing in the suite's wardrobe."""
    told = asked(
        server, "POST", "/update", {"content-type": "application/sparql-update"}, "DROP ALL"
    )
    assert told.status == 204, told


def put(server: Server, name: str | None, file: str) -> None:
    """Put a file of the suite into a graph; None is the default graph."""
    where = "default" if name is None else "graph=" + quote(name, safe="")
    told = asked(
        server, "PUT", f"/graphs?{where}", {"content-type": _media(file)}, path(file).read_bytes()
    )
    assert told.status in (201, 204), told


def wrong(server: Server, case: HttpCase) -> str:
    """Return what is wrong with the responses of a case; an empty text, if nothing."""
    empty(server)
    for name, file in case.graphs:
        put(server, name, file)
    known: dict[str, str] = {}
    for number, exchange in enumerate(case.exchanges, 1):
        target = _target(case, exchange)
        for variable, value in known.items():
            target = target.replace(variable, quote(value, safe=""))
        told = asked(server, exchange.method, target, dict(exchange.headers), exchange.body)
        if fault := _fault(exchange, told):
            return f"{number}. {exchange.method} {target}: {fault}"
        if exchange.location is not None:
            known[exchange.location] = told.headers["location"]
    return ""


def _target(case: HttpCase, exchange: Exchange) -> str:
    """Return where an exchange's request goes here: updates have a path of their own."""
    if exchange.path.startswith("/gsp"):
        return "/graphs" + exchange.path.removeprefix("/gsp")
    query = dict(exchange.headers).get("content-type") == "application/sparql-query"
    update = "update" in case.name and not query
    return exchange.path.replace("/sparql/", "/update" if update else "/sparql", 1)


def _fault(exchange: Exchange, told: Told) -> str:
    if not any(_is(told.status, status) for status in exchange.statuses):
        return f"status {told.status}, not {' or '.join(exchange.statuses)}: {told.body[:200]!r}"
    if exchange.location is not None and "location" not in told.headers:
        return "there is no Location"
    given = told.headers.get("content-type", "")
    media = given.partition(";")[0]
    if exchange.form is not None and media not in FORMS[exchange.form]:
        return f"{media} is not {exchange.form}"
    if exchange.boolean is not None and of_results(told.body, BOOLEAN[media]) != exchange.boolean:
        return f"the answer is not {exchange.boolean}"
    if exchange.answer_type is not None and given != exchange.answer_type:
        return f"{given} is not {exchange.answer_type}"
    if exchange.answer is not None:
        got = of_graph(told.body, RdfFormat.TURTLE, "http://www.example/")
        if got != of_graph(exchange.answer, RdfFormat.TURTLE, "http://www.example/"):
            return f"another graph: {told.body.decode()}"
    return ""


def _is(status: int, expected: str) -> bool:
    if expected.endswith("xx"):
        return status // 100 == int(expected[0])
    return status == STATUSES[expected]


def _media(file: str) -> str:
    return {"ttl": "text/turtle", "nt": "application/n-triples", "rdf": "application/rdf+xml"}[
        file.rpartition(".")[2]
    ]
