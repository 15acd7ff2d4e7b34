"""The graph at rest: named graphs, revisions, SPARQL, and RDF in and out."""

from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad, Revision, graph_name

__all__ = ["Patch", "Quad", "Revision", "Store", "graph_name"]
