"""What is read of a store without reading all of it."""

from __future__ import annotations

from typing import Final, TypeAlias

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.rdf import BlankNode, Node
from wearwhy.store.quads import REVISIONS

Pattern: TypeAlias = tuple[NamedNode | BlankNode | None, NamedNode | None, Node | None]
"""The terms that a fact must have; None: any."""
ANY: Final[Pattern] = (None, None, None)


def graphs(store: ox.Store) -> tuple[NamedNode, ...]:
    """Return the named graphs that hold facts, sorted; the revisions' graph is not listed."""
    names = {name for name in store.named_graphs() if isinstance(name, NamedNode)} - {REVISIONS}
    first = {name: next(store.quads_for_pattern(*ANY, name), None) for name in names}
    return tuple(sorted((name for name in names if first[name] is not None), key=str))


def size(store: ox.Store, graph: NamedNode) -> int:
    """Return how many facts a named graph holds: counting costs less than reading."""
    found = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
    assert isinstance(found, ox.QuerySolutions)
    counted = next(found)["n"]
    assert isinstance(counted, ox.Literal)
    return int(counted.value)
