"""The tests of the SPARQL 1.1 suites, read from their manifests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store
from tests.conformance.suites import SUITES

from wearwhy.rdf import RDF, Namespace, Node, Triple

SUITE = SUITES / "sparql" / "sparql11"
PUBLISHED = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
"""Where the suite's files stood when its relative IRIs were written."""
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
HTS = "http://www.w3.org/2011/http-statusCodes#"
_PREFIXES = {
    "mf": MF,
    "qt": "http://www.w3.org/2001/sw/DataAccess/tests/test-query#",
    "ut": "http://www.w3.org/2009/sparql/tests/test-update#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "ht": HT,
    "cnt": CNT,
}
_QUERIES = """
SELECT ?test ?kind ?query ?data ?result WHERE {
  ?test a ?kind ; mf:action ?action ; mf:result ?result . ?action qt:query ?query .
  OPTIONAL { ?action qt:data ?data }
}"""
_SYNTAX = """
SELECT ?test ?kind ?file WHERE {
  VALUES ?kind { mf:PositiveSyntaxTest11 mf:NegativeSyntaxTest11
                 mf:PositiveUpdateSyntaxTest11 mf:NegativeUpdateSyntaxTest11 }
  ?test a ?kind ; mf:action ?file . FILTER(isIRI(?file))
}"""
_UPDATES = """
SELECT ?test ?request ?action ?result WHERE {
  ?test a mf:UpdateEvaluationTest ; mf:action ?action ; mf:result ?result .
  ?action ut:request ?request .
}"""
_STATES = """
SELECT ?state ?data ?graph ?name WHERE {
  { ?state ut:data ?data } UNION { ?state ut:graphData [ ut:graph ?graph ; rdfs:label ?name ] }
}"""
_GRAPHS = "SELECT ?test ?graph WHERE { ?test mf:action [ qt:graphData ?graph ] }"

Term: TypeAlias = Node


@dataclass(frozen=True)
class QueryCase:
    """A query over files: their IRIs; `result` is what it answers."""

    name: str
    kind: str
    query: str
    data: str | None
    graphs: tuple[str, ...]
    result: str


@dataclass(frozen=True)
class SyntaxCase:
    """A text that is, or is not, a query or an update."""

    name: str
    file: str
    update: bool
    positive: bool


@dataclass(frozen=True)
class State:
    """A graph store: the file of its default graph, and those of its graphs by their names."""

    data: str | None
    graphs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class UpdateCase:
    """An update that leads from one state to another."""

    name: str
    request: str
    before: State
    after: State


@dataclass(frozen=True)
class Exchange:
    """A request, and what a response to it may be; a status is exact (`201`) or a class (`4`)."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statuses: tuple[str, ...]
    boolean: bool | None
    form: str | None
    location: str | None
    answer_type: str | None
    answer: bytes | None


@dataclass(frozen=True)
class HttpCase:
    """Exchanges that follow each other; `graphs` are there before: name → file."""

    name: str
    graphs: tuple[tuple[str, str], ...]
    exchanges: tuple[Exchange, ...]


def path(iri: str) -> Path:
    """Return the file of the suite that an IRI names."""
    return SUITE / iri.removeprefix(PUBLISHED)


@cache
def _manifest(folder: str, file: str = "manifest.ttl") -> Store:
    store = Store()
    where = SUITE / folder / file
    store.load(path=where, format=RdfFormat.TURTLE, base_iri=f"{PUBLISHED}{folder}/{file}")
    return store


def _folders(*, without: tuple[str, ...] = ()) -> list[str]:
    found = sorted(place.parent.name for place in SUITE.glob("*/manifest.ttl"))
    return [folder for folder in found if folder not in without]


def _rows(store: Store, query: str) -> Iterator[dict[str, str]]:
    found = store.query(query, prefixes=_PREFIXES)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    for row in found:
        yield {name: str(row[name].value) for name in names if row[name] is not None}


def _called(folder: str, test: str) -> str:
    return f"{folder}/{test.rpartition('#')[2]}"


@cache
def query_cases() -> dict[str, QueryCase]:
    """Return the evaluation tests of queries, those of the entailment regimes left out."""
    found = {}
    for folder in _folders(without=("entailment",)):
        store = _manifest(folder)
        graphs: dict[str, list[str]] = {}
        for row in _rows(store, _GRAPHS):
            graphs.setdefault(row["test"], []).append(row["graph"])
        for row in _rows(store, _QUERIES):
            name = _called(folder, row["test"])
            found[name] = QueryCase(
                name,
                row["kind"].removeprefix(MF),
                row["query"],
                row.get("data"),
                tuple(sorted(graphs.get(row["test"], ()))),
                row["result"],
            )
    return found


@cache
def syntax_cases() -> dict[str, SyntaxCase]:
    """Return the syntax tests of queries and updates."""
    found = {}
    for folder in _folders():
        for row in _rows(_manifest(folder), _SYNTAX):
            name, kind = _called(folder, row["test"]), row["kind"]
            update = "Update" in kind or row["file"].endswith(".ru")
            found[name] = SyntaxCase(name, row["file"], update, "Positive" in kind)
    return found


@cache
def update_cases() -> dict[str, UpdateCase]:
    """Return the evaluation tests of updates."""
    found = {}
    for folder in _folders():
        store = _manifest(folder)
        data: dict[str, str] = {}
        graphs: dict[str, list[tuple[str, str]]] = {}
        for row in _rows(store, _STATES):
            if "data" in row:
                data[row["state"]] = row["data"]
            else:
                graphs.setdefault(row["state"], []).append((row["name"], row["graph"]))

        def state(
            node: str,
            data: dict[str, str] = data,
            graphs: dict[str, list[tuple[str, str]]] = graphs,
        ) -> State:
            return State(data.get(node), tuple(sorted(graphs.get(node, ()))))

        for row in _rows(store, _UPDATES):
            name = _called(folder, row["test"])
            found[name] = UpdateCase(
                name, row["request"], state(row["action"]), state(row["result"])
            )
    return found


@cache
def http_cases(folder: str, file: str = "manifest.ttl") -> dict[str, HttpCase]:
    """Return the tests of a manifest that are HTTP exchanges."""
    if not (SUITE / folder).exists():
        return {}
    store = _manifest(folder, file)
    found = {}
    for entry in store.quads_for_pattern(None, MF.action, None):
        requests = _object(store, entry.object, HT.requests)
        if requests is None:
            continue
        assert isinstance(entry.subject, NamedNode)
        name = _called(folder, entry.subject.value)
        if file != "manifest.ttl":
            name += f" {file.removesuffix('.ttl').rpartition('-')[2]}"
        found[name] = HttpCase(
            name,
            tuple(_named_graphs(store, entry.subject)),
            tuple(_exchange(store, node) for node in _items(store, requests)),
        )
    return found


@cache
def description_cases() -> frozenset[str]:
    """Return the names of the tests of the service description, which have no more than a name."""
    if not SUITE.exists():
        return frozenset()
    folder = "service-description"
    found = _manifest(folder).quads_for_pattern(None, RDF.type, MF.ServiceDescriptionTest)
    return frozenset(_called(folder, str(quad.subject.value)) for quad in found)  # type: ignore[union-attr]


def _named_graphs(store: Store, test: NamedNode) -> Iterator[tuple[str, str]]:
    query = f"SELECT ?name ?graph {{ <{test.value}> ut:graphData [ ut:graph ?graph ; rdfs:label ?name ] }}"
    for row in sorted(_rows(store, query), key=lambda row: row["name"]):
        yield row["name"], row["graph"]


def _exchange(store: Store, node: Term) -> Exchange:
    response = _object(store, node, HT.resp)
    assert response is not None
    statuses = [
        quad.object.value.removeprefix(HTS).removeprefix("StatusCode")
        for quad in _about(store, response, MF.expectedStatus)
        if isinstance(quad, _Object)
    ]
    boolean = _text(store, response, MF.expectedBoolean)
    headers = dict(_headers(store, response))
    body = _body(store, response)
    return Exchange(
        _text(store, node, HT.methodName) or "",
        _text(store, node, HT.absolutePath) or "",
        tuple(_headers(store, node)),
        _body(store, node) or b"",
        tuple(sorted(statuses)),
        None if boolean is None else boolean == "true",
        _text(store, response, MF.expectedFormat),
        _text(store, response, MF.expectedLocation),
        headers.get("content-type"),
        body,
    )


def _headers(store: Store, node: Term) -> Iterator[tuple[str, str]]:
    listed = _object(store, node, HT.headers)
    for header in _items(store, listed) if listed is not None else ():
        name, value = _text(store, header, HT.fieldName), _text(store, header, HT.fieldValue)
        assert name
        assert value
        yield name.lower(), value


def _body(store: Store, node: Term) -> bytes | None:
    body = _object(store, node, HT.body)
    if body is None:
        return None
    text = _text(store, body, CNT.chars)
    assert text is not None
    return text.encode(_text(store, body, CNT.characterEncoding) or "utf-8")


@dataclass(frozen=True)
class _Object:
    object: NamedNode


def _about(store: Store, node: Term, predicate: NamedNode) -> Iterator[_Object]:
    assert not isinstance(node, Literal | Triple)
    for quad in store.quads_for_pattern(node, predicate, None):
        assert isinstance(quad.object, NamedNode)
        yield _Object(quad.object)


def _object(store: Store, node: Term, predicate: NamedNode) -> Term | None:
    assert not isinstance(node, Literal | Triple)
    for quad in store.quads_for_pattern(node, predicate, None):
        return quad.object
    return None


def _text(store: Store, node: Term, predicate: NamedNode) -> str | None:
    found = _object(store, node, predicate)
    assert found is None or isinstance(found, Literal)
    return None if found is None else found.value


def _items(store: Store, node: Term) -> Iterator[Term]:
    while node != RDF.nil:
        first, rest = _object(store, node, RDF.first), _object(store, node, RDF.rest)
        assert first is not None
        assert rest is not None
        yield first
        node = rest
