"""The suites' data in the suite's wardrobe, and what a test asks of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from pyoxigraph import (
    BlankNode,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)
from tests.conformance.sparql_answers import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    Found,
    canonical,
    csv_rows,
    expected,
    of_graph,
    of_results,
    same,
)
from tests.conformance.sparql_manifests import QueryCase, State, SyntaxCase, UpdateCase, path
from tests.conformance.sparql_service import LIBRARY, WARDROBE, Server, Told, asked

from wearwhy.rdf import Node
from wearwhy.service.sparql import edits_graph

UPDATE = {"content-type": "application/sparql-update"}
QUERY = {"content-type": "application/sparql-query"}
MOST = 150_000
ACCEPTED = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ttl": "application/sparql-results+json, text/turtle",
}
EDITS = edits_graph(WARDROBE)
_PROLOGUE = re.compile(r"(?:\s+|#.*\n|PREFIX\s+\S*:\s*<[^>]*>|BASE\s+<[^>]*>)*", re.IGNORECASE)
_GRAPHS_OF_ITS_OWN = re.compile(r"\bFROM\b")


def default_of(file: str) -> str:
    """Return the graph that holds a file where a test has it in the default graph."""
    return file.replace("http:", "default:", 1)


def load(server: Server, cases: Iterable[QueryCase]) -> None:
    """Put the data of every case into the wardrobe: one graph for each use of a file."""
    files: dict[str, str] = {}
    for case in cases:
        if case.data is not None:
            files[default_of(case.data)] = case.data
        files |= {graph: graph for graph in case.graphs}
    blocks = [f"GRAPH <{name}> {{ {block(file)} }}\n" for name, file in sorted(files.items())]
    while blocks:
        text = blocks.pop()
        while blocks and len(text) + len(blocks[-1]) < MOST:
            text += blocks.pop()
        text = f"INSERT DATA {{ {text} }}"
        for _ in range(30):
            told = asked(server, "POST", "/update", UPDATE, text, wardrobe=LIBRARY)
            if told.status != 503:  # its processes are still starting
                break
            time.sleep(1.0)
        assert told.status == 204, told


def block(file: str) -> str:
    """Return the triples of a file as SPARQL writes them, blank nodes with labels of their own."""
    form = GRAPH_FORMATS[path(file).suffix]
    quads = parse(path=path(file), format=form, base_iri=file, rename_blank_nodes=True)
    return " ".join(f"{_text(q.subject)} {q.predicate} {_text(q.object)} ." for q in quads)


def _text(node: Node) -> str:
    return f"_:n{node.value}" if isinstance(node, BlankNode) else str(node)


def answered(server: Server, case: QueryCase) -> bool:
    """Return whether a query's answer is the expected one."""
    text = path(case.query).read_text("utf-8")
    dataset: list[tuple[str, str]] = []
    if not _GRAPHS_OF_ITS_OWN.search(text):
        default = default_of(case.data) if case.data else "urn:nothing"
        dataset = [("default-graph-uri", default)]
        dataset += [("named-graph-uri", graph) for graph in case.graphs or ("urn:nothing",)]
    result = path(case.result)
    told = asked(
        server,
        "POST",
        f"/sparql?{urlencode(dataset)}",
        {**QUERY, "accept": ACCEPTED[result.suffix]},
        f"BASE <{case.query}> {text}",
        wardrobe=LIBRARY,
    )
    if told.status != 200:
        return False
    if result.suffix == ".csv":
        return csv_rows(told.body) == csv_rows(result.read_bytes())
    return same(_found(told, case.query), expected(result, case.result))


def _found(told: Told, base: str) -> Found:
    media = told.headers["content-type"].partition(";")[0]
    if media == "text/turtle":
        return of_graph(told.body, RdfFormat.TURTLE, base)
    suffix = next(suffix for suffix, accepted in ACCEPTED.items() if accepted.startswith(media))
    form = RESULT_FORMATS.get(suffix, RESULT_FORMATS[".srj"])
    return of_results(told.body, form)


def updated(server: Server, case: UpdateCase) -> bool:
    """Return whether an update leads from its first state to its second.

    Both states are given and read as one: the first in the same request as the update.
    """
    request = path(case.request).read_text("utf-8")
    prologue = _PROLOGUE.match(request)
    assert prologue
    # Oxigraph takes a prologue in the middle of a request only before some operations.
    text = f"""BASE <{case.request}> {prologue[0]}
      {" ; ".join(["DROP ALL", *_inserting(case.before), request[prologue.end() :]])}"""
    told = asked(server, "POST", "/update", UPDATE, text)
    if told.status != 204:
        return False
    return state(server) == canonical(_quads(case.after))


def state(server: Server) -> object:
    """Return what the wardrobe holds, in canonical form: its graphs, and its default graph."""
    query = """SELECT ?g ?s ?p ?o WHERE {
      { GRAPH ?g { ?s ?p ?o } } UNION { ?s ?p ?o }
    }"""
    asked_for = asked(server, "GET", "/graphs", {"accept": "application/n-triples"})
    named = [
        line.split(" ")[2].strip("<>")
        for line in asked_for.body.decode().splitlines()
        if "sparql-service-description#name>" in line
    ]
    dataset = [("default-graph-uri", EDITS)]
    dataset += [("named-graph-uri", name) for name in named if "wearwhy/graph/" not in name]
    dataset += [("named-graph-uri", "urn:nothing")]
    told = asked(server, "POST", f"/sparql?{urlencode(dataset)}", QUERY, query)
    assert told.status == 200, told
    return canonical(_rows(told.body))


def _rows(body: bytes) -> Iterator[Quad]:
    found = parse_query_results(body, format=QueryResultsFormat.JSON)
    assert isinstance(found, QuerySolutions)
    for row in found:
        graph, subject, predicate, value = (row[name] for name in "gspo")
        assert isinstance(subject, NamedNode | BlankNode)
        assert isinstance(predicate, NamedNode)
        assert value is not None
        if graph is None:
            yield Quad(subject, predicate, value)
        else:
            assert isinstance(graph, NamedNode)
            yield Quad(subject, predicate, value, graph)


def _inserting(before: State) -> Iterator[str]:
    if before.data is not None:
        yield f"INSERT DATA {{ {block(before.data)} }}"
    for name, file in before.graphs:
        yield f"INSERT DATA {{ GRAPH <{name}> {{ {block(file)} }} }}"


def _quads(after: State) -> Iterator[Quad]:
    files = [(None, after.data)] if after.data is not None else []
    for name, file in (*files, *after.graphs):
        form = GRAPH_FORMATS[path(file).suffix]
        for q in parse(path=path(file), format=form, base_iri=file, rename_blank_nodes=True):
            if name is None:
                yield Quad(q.subject, q.predicate, q.object)
            else:
                yield Quad(q.subject, q.predicate, q.object, NamedNode(name))


def taken(server: Server, case: SyntaxCase) -> bool:
    """Return whether a text is taken for a query or an update."""
    text = path(case.file).read_bytes()
    target, headers = ("/update", UPDATE) if case.update else ("/sparql", QUERY)
    told = asked(server, "POST", target, {**headers, "accept": "*/*"}, text)
    if told.status in (200, 204):
        return True
    assert told.status == 400, told
    # Read, but not carried out: it asks for a function or a graph that there is not.
    return json.loads(told.body)["code"] in {"WW-QUERY-FAILED", "WW-QUERY-GRAPH"}
