"""What the service says of itself: SPARQL 1.1 Service Description, and VoID."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, Triple
from starlette.requests import Request
from starlette.responses import Response

from wearwhy.errors import AccessError, InputError
from wearwhy.http.callers import caller_or_nobody
from wearwhy.http.sparql.answering import acceptable_graph, sent
from wearwhy.http.sparql.media import GRAPHS
from wearwhy.http.sparql.origin import (
    GRAPHS_PATH,
    QUERY_PATH,
    UPDATE_PATH,
    VOID_PATH,
    origin,
    standing,
)
from wearwhy.rdf import (
    DCTERMS,
    ID,
    PREFIXES,
    PROV,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    TYPE,
    WW,
    Namespace,
    literal,
)
from wearwhy.service import sparql
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.service import Service
from wearwhy.service.sparql import GraphInfo
from wearwhy.store.exchange import FORMATS, read_rdf
from wearwhy.workspace import Workspace

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID: Final = Namespace("http://rdfs.org/ns/void#")
FORMAT: Final = Namespace("http://www.w3.org/ns/formats/")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
_SIMPLE: Final = NamedNode("http://www.w3.org/ns/entailment/Simple")
_RESULTS: Final = (
    QueryResultsFormat.JSON,
    QueryResultsFormat.XML,
    QueryResultsFormat.CSV,
    QueryResultsFormat.TSV,
)
_NAMES: Final = {"sd": SD, "void": VOID, "foaf": FOAF, **PREFIXES}
_TITLES: Final = (
    Literal("A wardrobe, and why its outfits go together", language="en"),
    Literal("衣橱,以及搭配的理由", language="zh"),
)


async def described(request: Request, wardrobe: str | None) -> Response:
    """Return the service's description: what it speaks, and the graphs that the caller may see.

    Raises:
        Refused: WW-HTTP-ACCEPT.
        WearwhyError: where a wardrobe was named that the caller may not see.
    """
    caller = await caller_or_nobody(request)
    graphs = await _graphs(request.app.state.service, caller, wardrobe)
    update = Scope.WRITE in caller.scopes
    return _answered(
        request, service_description(standing(request), origin(request), graphs, update=update)
    )


async def void(request: Request) -> Response:
    """Return the VoID description of the data, with the queries that go by a name.

    Raises:
        Refused: WW-HTTP-ACCEPT.
    """
    service: Service = request.app.state.service
    folder = await service.engine.run(_queries)
    queries = await asyncio.to_thread(_named_queries, folder)
    return _answered(request, dataset_description(origin(request), queries))


def service_description(
    at: str, root: str, graphs: tuple[GraphInfo, ...] | None, *, update: bool
) -> list[Triple]:
    """Return the description of a service.

    Args:
        at: where it stands, without a slash at the end.
        root: where the whole service stands, likewise.
        graphs: those that the caller may see; None where no dataset is told of.
        update: whether the caller may update.
    """
    query = NamedNode(f"{at}{QUERY_PATH}#service")
    found = list(_service(query, at + QUERY_PATH, SD.SPARQL11Query))
    found += [Triple(query, SD.feature, SD.UnionDefaultGraph)]
    found += [Triple(query, SD.resultFormat, NamedNode(form.iri)) for form in _RESULTS]
    found += [Triple(query, SD.resultFormat, _format(f)) for f in GRAPHS.values()]
    if graphs is not None:
        found += _dataset(query, graphs)
    if update:
        changing = NamedNode(f"{at}{UPDATE_PATH}#service")
        found += _service(changing, at + UPDATE_PATH, SD.SPARQL11Update)
    found.append(Triple(query, RDFS.seeAlso, NamedNode(root + VOID_PATH)))
    return found


def dataset_description(at: str, queries: Iterable[Triple]) -> list[Triple]:
    """Return the description of the data, with that of named queries.

    Args:
        at: where the service stands, without a slash at the end.
        queries: what the files of the named queries say.
    """
    document, data = NamedNode(at + VOID_PATH), NamedNode(f"{at}{VOID_PATH}#data")
    endpoint = NamedNode(at + QUERY_PATH)
    found = [
        Triple(document, TYPE, VOID.DatasetDescription),
        Triple(document, FOAF.primaryTopic, data),
        Triple(data, TYPE, VOID.Dataset),
        *(Triple(data, DCTERMS["title"], title) for title in _TITLES),
        Triple(data, VOID.sparqlEndpoint, endpoint),
        Triple(data, VOID.uriSpace, Literal(ID)),
        Triple(data, RDFS.seeAlso, NamedNode(at + GRAPHS_PATH)),
    ]
    found += [Triple(data, VOID.vocabulary, NamedNode(v)) for v in (WW, SCHEMA, SKOS, PROV)]
    found += [Triple(data, VOID.feature, _format(f)) for f in GRAPHS.values()]
    for triple in queries:
        found.append(triple)
        if triple.predicate == TYPE and triple.object == SH.SPARQLSelectExecutable:
            found.append(Triple(triple.subject, TYPE, SH.SPARQLExecutable))
            found.append(Triple(triple.subject, SCHEMA.target, endpoint))
            found.append(Triple(data, DCTERMS.relation, triple.subject))
    return found


async def _graphs(
    service: Service, caller: Caller, wardrobe: str | None
) -> tuple[GraphInfo, ...] | None:
    try:
        return await sparql.graphs(service, caller, wardrobe=wardrobe)
    except (AccessError, InputError):
        if wardrobe is not None:
            raise
        return None  # the service is described to everybody, its data to whom it is for


def _service(node: NamedNode, endpoint: str, language: NamedNode) -> Iterator[Triple]:
    yield Triple(node, TYPE, SD.Service)
    yield Triple(node, SD.endpoint, NamedNode(endpoint))
    yield Triple(node, SD.supportedLanguage, language)
    yield Triple(node, SD.defaultEntailmentRegime, _SIMPLE)
    for name in GRAPHS.values():
        yield Triple(node, SD.inputFormat, _format(name))


def _dataset(service: NamedNode, graphs: tuple[GraphInfo, ...]) -> Iterator[Triple]:
    dataset, default = BlankNode(), BlankNode()
    yield Triple(service, SD.defaultDataset, dataset)
    yield Triple(service, SD.availableGraphs, dataset)
    yield Triple(dataset, TYPE, SD.Dataset)
    yield Triple(dataset, TYPE, SD.GraphCollection)
    yield Triple(dataset, SD.defaultGraph, default)
    yield Triple(default, TYPE, SD.Graph)
    for info in graphs:
        named = BlankNode()
        yield Triple(dataset, SD.namedGraph, named)
        yield Triple(named, TYPE, SD.NamedGraph)
        yield Triple(named, SD.name, NamedNode(info.name))
        if info.triples is not None:
            graph = BlankNode()
            yield Triple(named, SD.graph, graph)
            yield Triple(graph, TYPE, SD.Graph)
            yield Triple(graph, VOID.triples, literal(info.triples))


def _format(name: str) -> NamedNode:
    # The name that the W3C has registered; pyoxigraph's own is another.
    return FORMAT["JSON-LD"] if name == "json-ld" else NamedNode(FORMATS[name].iri)


def _answered(request: Request, triples: list[Triple]) -> Response:
    media = acceptable_graph(request, GRAPHS)
    body = ox.serialize(triples, format=FORMATS[GRAPHS[media]], prefixes=_NAMES)
    assert body is not None
    return sent(request, body, media)


def _queries(workspace: Workspace) -> Path:
    return workspace.bundle.folder / "kg" / "queries"


@cache
def _named_queries(folder: Path) -> tuple[Triple, ...]:
    found = []
    for path in sorted(folder.glob("*.ttl")):
        for quad in read_rdf(path):
            subject, predicate, value = quad.fact
            assert isinstance(subject, NamedNode | BlankNode)
            found.append(Triple(subject, predicate, value))
    return tuple(found)
