"""What things are called."""

from __future__ import annotations

from pyoxigraph import Literal

from wearwhy.rdf import RDFS, SCHEMA, SKOS, Node, curie
from wearwhy.walk.graph import Graph


def label(graph: Graph, node: Node, language: str = "en") -> str:
    """Return a node's name in a language, else in English, else in any, else its compact IRI.

    A literal is its own name.
    """
    if isinstance(node, Literal):
        return node.value
    for predicate in (SCHEMA.name, SKOS.prefLabel, RDFS.label):
        found = [o for o in graph.objects(node, predicate) if isinstance(o, Literal)]
        if found:
            best = min(found, key=lambda o: (o.language != language, o.language != "en", o.value))
            return best.value
    return curie(node)


def chosen(texts: tuple[tuple[str, str], ...], language: str) -> str:
    """Return the text of a language among (language, text), else the English, else the first."""
    by = dict(texts)
    return by.get(language) or by.get("en") or next(iter(by.values()), "")
