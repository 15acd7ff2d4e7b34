"""What the tests of the service description ask: the manifest has their names only.

The schema is that of SPARQL 1.1 Service Description, section 3: the domain and the range of each
property, and which resources of the vocabulary it may name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from tests.conformance.sparql_service import Server, Told, asked

from wearwhy.rdf import RDF, Namespace

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SCHEMA: Mapping[str, tuple[str, str | None]] = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "defaultSupportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "supportedEntailmentProfile": ("NamedGraph", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", "Format"),
    "inputFormat": ("Service", "Format"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
"""Property → domain, range; None: any IRI."""
CLASSES = {
    "Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime",
    "EntailmentProfile", "GraphCollection", "Dataset", "Graph", "NamedGraph",
}  # fmt: skip
RESOURCES = {
    "Feature": {
        "DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs",
        "BasicFederatedQuery",
    },
    "Language": {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"},
}  # fmt: skip
NAMESPACES = {
    "Format": "http://www.w3.org/ns/formats/",
    "EntailmentRegime": "http://www.w3.org/ns/entailment/",
}


def _described(server: Server) -> tuple[Told, list[Triple]]:
    told = asked(server, "GET", "/sparql", {"accept": "text/turtle"})
    if told.status != 200 or not told.headers["content-type"].startswith("text/turtle"):
        return told, []
    quads = parse(told.body, format=RdfFormat.TURTLE, base_iri=server.origin)
    return told, [Triple(q.subject, q.predicate, q.object) for q in quads]


def returns_rdf(server: Server) -> Iterator[str]:
    """Yield why a GET does not return RDF."""
    told, triples = _described(server)
    if not triples:
        yield f"{told.status} {told.headers.get('content-type')}"


def has_endpoint_triple(server: Server) -> Iterator[str]:
    """Yield why no service has the endpoint that was asked."""
    _, triples = _described(server)
    endpoint = NamedNode(server.origin + "/sparql")
    if not any(t.predicate == SD.endpoint and t.object == endpoint for t in triples):
        yield f"no service has the endpoint {endpoint}"


def conforms_to_schema(server: Server) -> Iterator[str]:
    """Yield each statement that the schema does not allow."""
    _, triples = _described(server)
    types: dict[object, set[str]] = {}
    for triple in triples:
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
            types.setdefault(triple.subject, set()).add(triple.object.value)
    if not any(SD + "Service" in kinds for kinds in types.values()):
        yield "there is no service"
    for triple in triples:
        yield from _against_schema(triple, types)


def _against_schema(triple: Triple, types: Mapping[object, set[str]]) -> Iterator[str]:
    if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
        kind = triple.object.value
        if kind.startswith(SD) and kind.removeprefix(SD) not in CLASSES:
            yield f"{kind} is no class"
    if not triple.predicate.value.startswith(SD):
        return
    name = triple.predicate.value.removeprefix(SD)
    if name not in SCHEMA:
        yield f"{name} is no property"
        return
    domain, kind_of = SCHEMA[name]
    subject = {one.removeprefix(SD) for one in types.get(triple.subject, ())}
    # A dataset is a collection of graphs in the schema.
    if domain not in subject and not (domain == "GraphCollection" and "Dataset" in subject):
        yield f"{triple}: the subject is no {domain}"
    if isinstance(triple.object, Literal) or not _in_range(triple.object, kind_of, types):
        yield f"{triple}: the object is no {kind_of}"


def _in_range(
    value: NamedNode | BlankNode | Triple, kind: str | None, types: Mapping[object, set[str]]
) -> bool:
    if kind is None:
        return isinstance(value, NamedNode)
    if SD + kind in types.get(value, ()):
        return True
    if not isinstance(value, NamedNode):
        return False
    if kind in NAMESPACES:
        return value.value.startswith(NAMESPACES[kind])
    return value.value.removeprefix(SD) in RESOURCES.get(kind, ())


DESCRIPTION_TESTS: Mapping[str, Callable[[Server], Iterator[str]]] = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


def faults(server: Server, name: str) -> list[str]:
    """Return what a test of the suite finds wrong with the description."""
    return list(DESCRIPTION_TESTS[name.rpartition("/")[2]](server))
