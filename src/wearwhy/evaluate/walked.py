"""The walks of a look, one by one: those that its terms cite, and all that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from pyoxigraph import NamedNode

from wearwhy.explain.merging import merged
from wearwhy.explain.naming import Templates, names
from wearwhy.explain.reasons import Reason, reason
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm
from wearwhy.rdf import Fact, Node
from wearwhy.walk import companions, metapaths
from wearwhy.walk.graph import Graph, held_out
from wearwhy.walk.metapaths import MetaPath


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk: the meta-path, the nodes from start to end, and which of them tells it."""

    path: NamedNode
    nodes: tuple[Node, ...]
    via: Node


def declared(graph: Graph) -> tuple[MetaPath, ...]:
    """Return the meta-paths that are worth something: from the request, then between items."""
    found = (*metapaths.read(graph), *companions.read(graph))
    return tuple(path for path in found if path.weight)


def walks(look: ExplainedLook, paths: Sequence[MetaPath]) -> list[Walk]:
    """Return every walk of a look along some meta-paths, in a fixed order."""
    request, own = look.look.request.iri, look.look.iri
    aside = {own, request} | held_out(look.layer)
    beside = {path.iri for path in companions.read(look.layer)}
    found: list[Walk] = []
    for path in paths:
        if path.iri in beside:
            for x, y in combinations(look.look.items, 2):
                middle = len(path.steps) // 2
                found += _between(look.layer, path, x, (y,), tells=middle, aside=aside)
        else:
            before = len(path.steps) - 1
            items = look.look.items
            found += _between(look.layer, path, request, items, tells=before, aside=aside)
    return found


def _between(
    graph: Graph,
    path: MetaPath,
    start: Node,
    ends: Sequence[Node],
    *,
    tells: int,
    aside: Collection[Node],
) -> Iterator[Walk]:
    """Yield the walks from a node to some others, told by the node at a place among theirs."""
    *before, last = path.steps

    def onward(nodes: tuple[Node, ...], used: tuple[Fact, ...]) -> Iterator[tuple[Node, ...]]:
        if len(nodes) == len(path.steps):
            for end in ends:
                fact = last.fact(nodes[-1], end)
                if fact not in used and graph.holds(fact):
                    yield (*nodes, end)
            return
        step = before[len(nodes) - 1]
        for target in sorted(step.targets(graph, nodes[-1]), key=str):
            fact = step.fact(nodes[-1], target)
            if target not in aside and fact not in used:
                yield from onward((*nodes, target), (*used, fact))

    for nodes in onward((start,), ()):
        yield Walk(path.iri, nodes, nodes[tells])


def cited(look: ExplainedLook, among: Sequence[Walk], most: int) -> list[Walk]:
    """Return the walks that the look's weightiest walk terms cite, the first of each.

    Args:
        look: explained; its terms stand by falling magnitude.
        among: all its walks.
        most: of how many terms.
    """
    first: dict[tuple[NamedNode, Node, Node], Walk] = {}
    for one in among:
        first.setdefault((one.path, one.via, one.nodes[-1]), one)
    terms = [term for term in look.terms if term.term.kind == "walk"][:most]
    found = []
    for term in terms:
        source, via = term.term.source, _via(term)
        ends = [item for item in term.term.about if (source, via, item) in first]
        if source is not None and via is not None and ends:
            found.append(first[source, via, ends[0]])
    return found


def told(look: ExplainedLook, among: Sequence[Walk], templates: Templates) -> list[Walk]:
    """Return the walks that sentences tell: one a meta-path, through its newest outfit.

    Args:
        look: explained.
        among: all its walks.
        templates: words of `kg/sentences.toml`; which walks are told depends on no language.
    """
    named = names(look.layer, look.look, templates, "en")
    terms = [t for t in look.terms if t.term.kind == "walk" and len(t.term.via) == 1]
    found = []
    for one in sorted(merged(named, [reason(named, t) for t in terms]), key=_weight):
        ends, last = one.slots.get("items", ()), one.slots.get("last", ())
        walk = next(
            (
                w
                for w in among
                if w.path.value.endswith(f"#{one.key}") and w.via in last and w.nodes[-1] in ends
            ),
            None,
        )
        if walk is not None:
            found.append(walk)
    return found


def _weight(one: Reason) -> tuple[float, str]:
    return (-round(abs(one.value), 9), one.key)


def _via(term: ExplainedTerm) -> Node | None:
    if len(term.term.via) == 1:
        return term.term.via[0]
    nodes = term.evidence.nodes
    for premise in nodes[term.evidence.root].premises:
        said = dict(nodes[premise].bindings)
        if "via" in said:
            return said["via"]
    return None
