"""What the store keeps: quads, patches of them, revisions, and the names of its graphs.

A named graph holds the facts of one kind from one source, for the base, one wardrobe or one
catalogue: `https://w3id.org/wearwhy/graph/{base|wardrobe/NAME|catalogue/NAME}/{kind}/{source}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import FormatError, ValueRefused
from wearwhy.rdf import RDF, XSD, Fact, Node

GRAPHS: Final = "https://w3id.org/wearwhy/graph/"
REVISIONS: Final = NamedNode(GRAPHS + "revisions")
KINDS: Final = ("asserted", "predicted", "rules", "ontology")
_PLAIN: Final = frozenset({XSD.string, RDF.langString, RDF.dirLangString})


class Quad(NamedTuple):
    """A fact in the named graph that holds it."""

    graph: NamedNode
    fact: Fact


@dataclass(frozen=True, slots=True)
class Patch:
    """Quads to add and to remove; what stands in both is added."""

    add: tuple[Quad, ...] = ()
    remove: tuple[Quad, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)

    def inverse(self) -> Patch:
        """Return the patch that takes this one back."""
        return Patch(add=self.remove, remove=self.add)


@dataclass(frozen=True, slots=True)
class Revision:
    """The graph after one atomic change.

    `at` is in UTC. `undoes` is the number of the revision that this one took back; a redo takes
    back an undo. `patch` holds what really changed, sorted. `by` is the id of the account that made
    it; empty for what was made by hand, at the command line.
    """

    number: int
    at: datetime
    message: str
    scope: str
    undoes: int | None
    patch: Patch
    by: str = ""


def graph_name(owner: str, kind: str, source: str) -> NamedNode:
    """Return the graph of one kind and source; `owner` is `base`, `wardrobe/N` or `catalogue/N`.

    Raises:
        ValueRefused: WW-STORE-GRAPH, where the kind is not one that is kept at rest.
    """
    if kind not in KINDS:
        raise ValueRefused(
            "WW-STORE-GRAPH",
            f"'{kind}' is not a kind of fact that is kept at rest.",
            note="Derived and computed facts are made anew from what is asserted, never saved.",
            hint="Kinds: " + ", ".join(KINDS) + ".",
        )
    return NamedNode(f"{GRAPHS}{owner}/{kind}/{source}")


def to_oxigraph(quad: Quad) -> ox.Quad:
    """Return the quad as Oxigraph's own.

    Raises:
        ValueRefused: WW-STORE-SUBJECT, for a subject that RDF does not allow.
    """
    subject = quad.fact.subject
    if not isinstance(subject, NamedNode | BlankNode):
        raise ValueRefused(
            "WW-STORE-SUBJECT",
            f"{subject} cannot be the subject of a stored fact.",
            note="Only derived facts may have a literal as their subject, and those are not saved.",
        )
    return ox.Quad(subject, quad.fact.predicate, quad.fact.object, quad.graph)


def from_oxigraph(quad: ox.Quad) -> Quad:
    """Return one of Oxigraph's quads as ours; it must stand in a named graph."""
    graph = quad.graph_name
    if not isinstance(graph, NamedNode):
        raise FormatError(
            "WW-STORE-DEFAULT-GRAPH", f"The statement {quad} stands in no named graph."
        )
    return Quad(graph, Fact(quad.subject, quad.predicate, quad.object))


def order(quad: Quad) -> str:
    """Return the key that sorts quads: their N-Quads text, the graph first."""
    graph, (subject, predicate, value) = quad
    return f"{graph} {subject} {predicate} {value}"


def to_text(quads: Iterable[Quad]) -> str:
    """Return N-Quads, one a line, in the order given."""
    return "".join(f"{to_oxigraph(quad)} .\n" for quad in quads)


def from_text(text: str) -> tuple[Quad, ...]:
    """Return the quads of N-Quads text, in its order."""
    return tuple(from_oxigraph(quad) for quad in ox.parse(text, ox.RdfFormat.N_QUADS))


def canonical(quad: Quad) -> Quad:
    """Return the quad with its literals in the lexical form that Oxigraph gives back."""
    subject, predicate, value = quad.fact
    return Quad(quad.graph, Fact(subject, predicate, _canonical(value)))


def _canonical(node: Node) -> Node:
    if isinstance(node, Literal) and node.datatype not in _PLAIN:
        return _round_trip(node)
    if isinstance(node, Triple):
        return Triple(node.subject, node.predicate, _canonical(node.object))
    return node


@lru_cache(maxsize=4096)
def _round_trip(literal: Literal) -> Node:
    # Oxigraph keeps numbers and dates as values: "6.50" comes back as "6.5".
    memory = ox.Store()
    memory.add(ox.Quad(REVISIONS, REVISIONS, literal, REVISIONS))
    return from_oxigraph(next(iter(memory))).fact.object
