"""The graph for other libraries: rdflib, networkx and owlready2."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import networkx as nx
import pyoxigraph as ox
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.errors import FormatError, NotInstalled
from wearwhy.rdf import OWL, PREFIXES, TYPE, Fact, Node, curie
from wearwhy.store.exchange import read_rdf, write_rdf
from wearwhy.store.quads import Quad

_ONE: Final = NamedNode("urn:wearwhy:one")


def to_rdflib(graphs: Mapping[NamedNode, Iterable[Fact]]) -> rdflib.Dataset:
    """Return an `rdflib.Dataset` of the named graphs, its default graph their union.

    rdflib 7 knows RDF 1.1: facts with triple terms or literal subjects are left out.
    """
    data = rdflib.Dataset(default_union=True)
    for prefix, base in PREFIXES.items():
        data.bind(prefix, base)
    for name, facts in graphs.items():
        graph = data.graph(rdflib.URIRef(name.value))
        for fact in facts:
            if isinstance(fact.subject, NamedNode | BlankNode) and not isinstance(
                fact.object, ox.Triple
            ):
                graph.add((_rdflib(fact.subject), _rdflib(fact.predicate), _rdflib(fact.object)))
    return data


def from_rdflib(graph: rdflib.Graph) -> tuple[Fact, ...]:
    """Return the facts of an `rdflib.Graph`, sorted; blank nodes keep their labels.

    Raises:
        FormatError: WW-RDFLIB, a term that RDF does not allow, such as an IRI with a space.
    """
    try:
        facts = [
            Fact(_ours(subject), NamedNode(str(predicate)), _ours(value))
            for subject, predicate, value in graph
        ]
    except ValueError as error:
        raise FormatError(
            "WW-RDFLIB", "The rdflib graph holds a term that RDF does not allow.", note=str(error)
        ) from error
    return tuple(sorted(facts, key=str))


def to_networkx(facts: Iterable[Fact]) -> nx.MultiDiGraph[str]:
    """Return a directed multigraph: things are nodes, facts between things are edges.

    Nodes and the edges' keys are compact names (`id:mine/shirt`, `ww:colour`). Facts with
    literals become attributes of their node: compact predicate → list of values.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for subject, predicate, value in facts:
        if not isinstance(subject, NamedNode | BlankNode):
            continue
        here, name = curie(subject), curie(predicate)
        graph.add_node(here)
        if isinstance(value, Literal):
            graph.nodes[here].setdefault(name, []).append(_rdflib(value).toPython())
        else:
            graph.add_edge(here, curie(value), key=name)
    return graph


def ontology(path: Path | str) -> Any:
    """Return an ontology file, or all Turtle files of a folder, as an `owlready2.Ontology`.

    Each call makes a world of its own; nothing is imported from elsewhere.

    Raises:
        NotInstalled: WW-OWLREADY2.
        FormatError: see `exchange.read_rdf`.
    """
    try:
        import owlready2  # noqa: PLC0415  # optional, and slow to import
    except ImportError as error:
        raise NotInstalled(
            "WW-OWLREADY2", "owlready2 is not installed.", hint="pip install owlready2"
        ) from error
    found = Path(path)
    files = sorted(found.rglob("*.ttl")) if found.is_dir() else [found]
    facts = [quad.fact for file in files for quad in read_rdf(file)]
    own = [fact for fact in facts if fact.predicate != OWL.imports]
    data = write_rdf([Quad(_ONE, fact) for fact in own], "n-triples")
    return owlready2.World().get_ontology(_name(own, found)).load(fileobj=io.BytesIO(data))


def _name(facts: list[Fact], path: Path) -> str:
    names = (f.subject for f in facts if (f.predicate, f.object) == (TYPE, OWL.Ontology))
    named: Iterator[str] = (name.value for name in names if isinstance(name, NamedNode))
    return min(named, default=path.resolve().as_uri())


def _rdflib(node: Node) -> Any:
    if isinstance(node, NamedNode):
        return rdflib.URIRef(node.value)
    if isinstance(node, BlankNode):
        return rdflib.BNode(node.value)
    assert isinstance(node, Literal)
    if node.language:
        return rdflib.Literal(node.value, lang=node.language)
    return rdflib.Literal(node.value, datatype=rdflib.URIRef(node.datatype.value))


def _ours(term: object) -> Node:
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return Literal(str(term), language=term.language)
        datatype = None if term.datatype is None else NamedNode(str(term.datatype))
        return Literal(str(term), datatype=datatype)
    return NamedNode(str(term))
