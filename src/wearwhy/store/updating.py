"""What of a patch changes a graph, and that as a SPARQL update: one transaction of Oxigraph's."""

from __future__ import annotations

import pyoxigraph as ox

from wearwhy.errors import ValueRefused
from wearwhy.rdf import Node
from wearwhy.store.quads import REVISIONS, Patch, Quad, canonical, order, to_oxigraph
from wearwhy.store.skolem import skolemise


def as_update(remove: tuple[Quad, ...], add: tuple[Quad, ...]) -> str:
    """Return a SPARQL update of two operations, which Oxigraph applies as one transaction."""
    return f"DELETE DATA {{\n{_blocks(remove)}}} ;\nINSERT DATA {{\n{_blocks(add)}}}"


def _blocks(quads: tuple[Quad, ...]) -> str:
    return "".join(
        f"GRAPH {graph} {{ {fact.subject} {fact.predicate} {_term(fact.object)} }}\n"
        for graph, fact in quads
    )


def _term(node: Node) -> str:
    """Return a term as SPARQL writes it; pyoxigraph's own text of a triple has no brackets."""
    if isinstance(node, ox.Triple):
        return f"<<( {node.subject} {node.predicate} {_term(node.object)} )>>"
    return str(node)


def effective(graph: ox.Store, patch: Patch) -> Patch:
    """Return what of a patch really changes a graph: with IRIs for blank nodes, in order.

    Raises:
        ValueRefused: WW-STORE-RESERVED, WW-STORE-SUBJECT.
    """
    add = {canonical(quad): None for quad in skolemise(patch.add)}
    remove = {canonical(quad): None for quad in patch.remove}
    for quad in (*add, *remove):
        if quad.graph == REVISIONS:
            raise ValueRefused(
                "WW-STORE-RESERVED",
                f"The graph {REVISIONS} is the store's own record and takes no facts.",
            )
    return in_order(
        Patch(
            tuple(quad for quad in add if to_oxigraph(quad) not in graph),
            tuple(q for q in remove if q not in add and to_oxigraph(q) in graph),
        )
    )


def in_order(patch: Patch) -> Patch:
    """Return a patch as revisions hold it: sorted."""
    return Patch(tuple(sorted(patch.add, key=order)), tuple(sorted(patch.remove, key=order)))
