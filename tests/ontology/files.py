"""The ontology's files as one rdflib graph, and the names the tests share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rdflib import Graph, Namespace, URIRef

ROOT = Path(__file__).resolve().parents[2]
ONTOLOGY = ROOT / "ontology"
VOCABULARIES = ROOT.parent / "shared" / "data" / "vocabularies"
WW = Namespace("https://w3id.org/wearwhy/ns#")
DECLARED = ("templates", "changes", "walks", "scoring")


def tables() -> list[Path]:
    """Return the Turtle files that define words: classes, properties, concepts."""
    return [ONTOLOGY / "fashion.ttl", *sorted((ONTOLOGY / "schemes").glob("*.ttl"))]


def every() -> list[Path]:
    """Return every Turtle file of the ontology."""
    return sorted(ONTOLOGY.rglob("*.ttl"))


@cache
def words() -> Graph:
    """Return classes, properties and concepts as one graph; read it, do not change it."""
    graph = Graph()
    for path in tables():
        graph.parse(path)
    return graph


def own(node: object) -> bool:
    """Say whether a node is named in the project's namespace."""
    return isinstance(node, URIRef) and node.startswith(str(WW))
