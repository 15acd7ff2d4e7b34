"""Evidence as it is drawn: each node once, in one order, on its level, with what it rests on.

A node stands on the level after the last of those that rest on it, so that every edge leads one
way; and in the row of what is drawn beneath it. Two nodes never share a place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.cited import SCAFFOLD
from wearwhy.explain.naming import Names
from wearwhy.explain.wording import node_text
from wearwhy.rdf import TYPE

PAINTS: Final = {
    Kind.ASSERTED: ("#e8f5e9", "#2e7d32"),
    Kind.DERIVED: ("#e8eefc", "#2f5bb7"),
    Kind.PREDICTED: ("#fff4dc", "#b26a00"),
    Kind.COMPUTED: ("#ede7f6", "#5e35b1"),
    Kind.ABSENT: ("#f5f5f5", "#6d6d6d"),
    Kind.BUILTIN: ("#f3f4f6", "#59636e"),
    Kind.SAME: ("#e0f2f1", "#00695c"),
    Kind.AXIOM: ("#eef3e2", "#55702a"),
    Kind.PATH: ("#e0f4fa", "#00728f"),
    Kind.PAIR: ("#fce7f0", "#ad2a63"),
    Kind.OPAQUE: ("#fbe3e0", "#b3261e"),
}
"""By kind: what a node is filled with, and its border."""
DASHED: Final = frozenset({Kind.OPAQUE, Kind.ABSENT, Kind.PREDICTED})
"""Kinds that are not said for certain: their border is dashed."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One node in its place.

    Attributes:
        node: of evidence.
        text: what is written in it.
        level: 0 for the root.
        row: from 0, in steps of a half at least.
        hidden: how many nodes lie beneath it that are not drawn.
    """

    node: EvidenceNode
    text: str
    level: int
    row: float
    hidden: int


@dataclass(frozen=True, slots=True)
class Edge:
    """From a node to one that it rests on, by number; `again`: that is drawn under another."""

    above: int
    below: int
    again: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """What is drawn: nodes in the order of reading, and edges in that order."""

    nodes: tuple[Drawn, ...]
    edges: tuple[Edge, ...]


def layout(
    named: Names, found: Evidence, *, depth: int | None = None, stage: bool = False
) -> Layout:
    """Return evidence laid out.

    Args:
        named: names in the language of the picture.
        found: the evidence.
        depth: how many levels below the root are drawn; None for all.
        stage: whether to draw the facts that only say which look is under judgement.
    """
    below = _premises(named, found, stage=stage)
    least = _steps(found.root, below)
    kept = {name for name, steps in least.items() if depth is None or steps <= depth}
    below = {name: [p for p in below[name] if p in kept] for name in least if name in kept}
    order, first = _read(found.root, below)
    levels = _levels(order, below)
    rows = _rows(order, first, found.root)
    number = {name: n for n, name in enumerate(order)}
    whole = _premises(named, found, stage=stage)
    nodes = tuple(
        Drawn(
            found.nodes[name],
            text(named, found.nodes[name]),
            levels[name],
            rows[name],
            len(_steps(name, whole)) - 1 if len(below[name]) < len(whole[name]) else 0,
        )
        for name in order
    )
    edges = tuple(
        Edge(number[name], number[premise], premise not in first[name])
        for name in order
        for premise in below[name]
    )
    return Layout(nodes, edges)


def joined(parts: Sequence[Layout]) -> Layout:
    """Return several layouts as one, each below the one before it."""
    nodes: list[Drawn] = []
    edges: list[Edge] = []
    for part in parts:
        first, below = len(nodes), max((one.row for one in nodes), default=-1.0) + 1.0
        nodes += [replace(one, row=one.row + below) for one in part.nodes]
        edges += [Edge(e.above + first, e.below + first, e.again) for e in part.edges]
    return Layout(tuple(nodes), tuple(edges))


def text(named: Names, node: EvidenceNode) -> str:
    """Return what is written in a node: its points, where it has some, and what it says."""
    points = "" if node.value is None else f"{node.value:+.3f} ".replace("-", "−")
    if _is_sum(node):
        tag = named.say(f"kind-{node.kind.value}")
        return f"{points}[{tag}] " + named.say("note-sum", n=len(node.premises))
    return points + node_text(named, node)


def _is_sum(node: EvidenceNode) -> bool:
    """Return whether a node is a look's score: it sums up terms, and states nothing itself."""
    return node.kind is Kind.COMPUTED and node.rule is None and node.statement is None


def _premises(named: Names, found: Evidence, *, stage: bool) -> dict[str, list[str]]:
    return {
        name: [
            p
            for p in dict.fromkeys(node.premises)
            if stage or not sets_the_stage(named, found.nodes[p])
        ]
        for name, node in found.nodes.items()
    }


def sets_the_stage(named: Names, node: EvidenceNode) -> bool:
    """Return whether a leaf only says what the look under judgement is made of."""
    fact = node.statement
    if node.kind is not Kind.ASSERTED or fact is None or fact.subject not in named.own:
        return False
    return fact.predicate == TYPE or fact.predicate in SCAFFOLD


def _steps(root: str, below: Mapping[str, list[str]]) -> dict[str, int]:
    """Return what is reached from a root, with the fewest steps to it."""
    found, ring = {root: 0}, [root]
    while ring:
        ring = list(dict.fromkeys(p for name in ring for p in below[name] if p not in found))
        steps = max(found.values()) + 1
        found.update((name, steps) for name in ring)
    return found


def _read(root: str, below: Mapping[str, list[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the nodes in the order of reading, and for each those first met under it."""
    order: dict[str, None] = {}
    first: dict[str, list[str]] = {}
    stack: list[tuple[str, str | None]] = [(root, None)]
    while stack:
        name, above = stack.pop()
        if name in order:
            continue
        order[name] = None
        first[name] = []
        if above is not None:
            first[above].append(name)
        stack += [(premise, name) for premise in reversed(below[name])]
    return list(order), first


def _levels(order: list[str], below: Mapping[str, list[str]]) -> dict[str, int]:
    """Return how many steps the longest way from the root to each node has."""
    waiting = dict.fromkeys(order, 0)
    for name in order:
        for premise in below[name]:
            waiting[premise] += 1
    levels = dict.fromkeys(order, 0)
    ready = [order[0]]
    while ready:
        name = ready.pop()
        for premise in below[name]:
            levels[premise] = max(levels[premise], levels[name] + 1)
            waiting[premise] -= 1
            if not waiting[premise]:
                ready.append(premise)
    return levels


def _rows(order: list[str], first: Mapping[str, list[str]], root: str) -> dict[str, float]:
    """Return a row for each node: a leaf takes the next one, others stand amid what is theirs."""
    rows: dict[str, float] = {}
    free = 0.0
    for name in order:
        if not first[name]:
            rows[name] = free
            free += 1.0
    for name in reversed(order):
        if first[name]:
            rows[name] = (rows[first[name][0]] + rows[first[name][-1]]) / 2
    assert root in rows
    return rows
