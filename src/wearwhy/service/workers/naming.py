"""Skolem names as blank nodes, and back: what was put without a name is seen without one."""

from __future__ import annotations

from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.rdf import Fact, Node
from wearwhy.store.quads import Quad
from wearwhy.store.skolem import GENID

_KNOWN: Final = "sk"


def shown(quad: Quad) -> Quad:
    """Return a statement with blank nodes in place of Skolem names."""
    subject, predicate, value = quad.fact
    return Quad(quad.graph, Fact(_shown(subject), predicate, _shown(value)))


def _shown(node: Node) -> Node:
    if isinstance(node, NamedNode):
        return BlankNode(_KNOWN + node.value[len(GENID) :]) if is_skolem(node) else node
    if isinstance(node, Triple):
        subject = _shown(node.subject)
        assert isinstance(subject, NamedNode | BlankNode)
        return Triple(subject, node.predicate, _shown(node.object))
    return node


def is_skolem(node: NamedNode) -> bool:
    """Return whether a name is one that stands for a blank node, and can be shown as one."""
    rest = node.value.removeprefix(GENID)
    return rest != node.value and rest.replace("-", "").isalnum() and rest.isascii()


def named(quad: Quad) -> Quad:
    """Return a statement with Skolem names in place of blank nodes: the known ones, or new ones."""
    subject, predicate, value = quad.fact
    return Quad(quad.graph, Fact(_named(subject), predicate, _named(value)))


def _named(node: Node) -> Node:
    if isinstance(node, BlankNode):
        return NamedNode(GENID + node.value.removeprefix(_KNOWN))
    if isinstance(node, Triple):
        subject = _named(node.subject)
        assert isinstance(subject, NamedNode)
        return Triple(subject, node.predicate, _named(node.object))
    return node
