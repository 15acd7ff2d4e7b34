"""Blank nodes become IRIs on their way in, so that a stored fact can be named, cited and removed.

RDF 1.1 section 3.5: `https://w3id.org/wearwhy/id/.well-known/genid/…`. The name is made from
what the patch says about the node (colour refinement over the statements around it), not from
its label: reading the same file twice yields the same facts. Blank nodes that a patch describes
alike are told apart one by one, `_SPLITS` times at most, and after that by their labels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.rdf import ID, Fact, Node
from wearwhy.store.quads import Quad

GENID: Final = ID + ".well-known/genid/"
ROUNDS: Final = 8
_SPLITS: Final = 32


def skolemise(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Return the quads with an IRI for each blank node; the same content gives the same IRIs."""
    quads = tuple(quads)
    around: defaultdict[BlankNode, list[Quad]] = defaultdict(list)
    for quad in quads:
        for node in _blanks(quad.fact):
            around[node].append(quad)
    if not around:
        return quads
    names = _names(around)
    return tuple(
        Quad(graph, Fact(_named(s, names), p, _named(o, names))) for graph, (s, p, o) in quads
    )


def _names(around: dict[BlankNode, list[Quad]]) -> dict[BlankNode, NamedNode]:
    colours = _refined(around, dict.fromkeys(around, ""))
    for _ in range(_SPLITS):
        # Tell the first of some twins apart, so that what hangs on it follows it.
        sizes = Counter(colours.values())
        twins = [node for node in around if sizes[colours[node]] > 1]
        if not twins:
            break
        first = min(twins, key=lambda node: (colours[node], node.value))
        colours = _refined(around, {**colours, first: colours[first] + "!"})
    seen: defaultdict[str, int] = defaultdict(int)
    names = {}
    for node in sorted(around, key=lambda b: (colours[b], b.value)):
        twin = seen[colours[node]]
        seen[colours[node]] += 1
        names[node] = NamedNode(GENID + colours[node][:24] + (f"-{twin}" if twin else ""))
    return names


def _refined(
    around: dict[BlankNode, list[Quad]], colours: dict[BlankNode, str]
) -> dict[BlankNode, str]:
    classes = 0
    for _ in range(ROUNDS):
        colours = {node: _colour(node, quads, colours) for node, quads in around.items()}
        now = len(set(colours.values()))
        if now in {classes, len(around)}:
            break
        classes = now
    return colours


def _colour(node: BlankNode, quads: list[Quad], colours: dict[BlankNode, str]) -> str:
    def text(term: Node) -> str:
        if term == node:
            return "_:self"
        if isinstance(term, BlankNode):
            return "_:" + colours[term]
        if isinstance(term, Triple):
            return f"<<{text(term.subject)} {term.predicate} {text(term.object)}>>"
        return str(term)

    lines = [colours[node]]
    lines += sorted(f"{text(q.fact[0])} {q.fact[1]} {text(q.fact[2])} {q.graph}" for q in quads)
    return sha256("\n".join(lines).encode()).hexdigest()


def _blanks(fact: Fact) -> set[BlankNode]:
    found: set[BlankNode] = set()
    for term in (fact.subject, fact.object):
        if isinstance(term, BlankNode):
            found.add(term)
        elif isinstance(term, Triple):
            found |= _blanks(Fact(term.subject, term.predicate, term.object))
    return found


def _named(term: Node, names: dict[BlankNode, NamedNode]) -> Node:
    if isinstance(term, BlankNode):
        return names[term]
    if isinstance(term, Triple):
        subject = _named(term.subject, names)
        assert isinstance(subject, NamedNode)
        return Triple(subject, term.predicate, _named(term.object, names))
    return term
