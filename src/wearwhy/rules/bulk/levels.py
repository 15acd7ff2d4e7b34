"""The order in which rules are closed: level by level, each round by round.

Rules that help each other form a component; components that do not depend on each other share a
level, so that what they conclude about one property is made one set in one query. A rule that
depends on nothing of its own level runs once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wearwhy.rdf import NamedNode
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Rule, Var
from wearwhy.rules.stratify import MeasureEdge, components, dependency_graph, stratify
from wearwhy.rules.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Leveled:
    """A rule in its level.

    Attributes:
        rule: the rule.
        recursive: the atoms that rules of its component may feed.
        others: the atoms that need not read what the rule itself concluded.
    """

    rule: Rule
    recursive: tuple[int, ...] = ()
    others: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Level:
    """Rules and measures that need lower levels only, or each other."""

    rules: tuple[Leveled, ...]
    measures: tuple[Measure, ...]


def leveled(rules: Sequence[Rule], measures: Sequence[Measure]) -> list[Level]:
    """Return the levels of a program, lowest first.

    Raises:
        NotStratified: a cycle passes through a closed dependency.
    """
    edges_of_measures = [MeasureEdge(m.iri, frozenset(m.reads), m.iri) for m in measures]
    stratify(rules, edges_of_measures)
    graph = dependency_graph(rules, edges_of_measures)
    component, level = _heights(graph)
    closed = _transitive(rules, level)
    found: list[tuple[list[Leveled], list[Measure]]] = [
        ([], []) for _ in range(max(level[: graph.count], default=-1) + 1)
    ]
    for node, height in enumerate(level[: graph.count]):
        if node >= len(rules):
            found[height][1].append(measures[node - len(rules)])
            continue
        rule = rules[node]
        atoms = () if rule.data else _atoms(rule)
        # A pattern that rules of this one's component may feed is in that component itself.
        recursive = (n for n, a in enumerate(atoms) if component[graph.of(a)] == component[node])
        found[height][0].append(Leveled(rule, tuple(recursive), _others(rule, height, closed)))
    return [Level(tuple(here), tuple(measured)) for here, measured in found]


def _heights(graph: Waiting) -> tuple[list[int], list[int]]:
    """Return the component and the level of each node; what only joins others has the level below."""
    component = [-1] * len(graph.edges)
    level = [-1] * len(graph.edges)
    for number, members in enumerate(components(graph.edges)):
        for node in members:
            component[node] = number
        below = (level[t] for n in members for t in graph.edges[n] if component[t] != number)
        height = max(below, default=-1) + (min(members) < graph.count)
        for node in members:
            level[node] = height
    return component, level


def _atoms(rule: Rule) -> list[Atom]:
    return [element for element in rule.body if isinstance(element, Atom)]


# -- shortcuts -----------------------------------------------------------------------------------


def _transitive(rules: Sequence[Rule], level: Sequence[int]) -> dict[NamedNode, int]:
    """Return the properties that a rule makes transitive, with the level they are closed at."""
    found: dict[NamedNode, int] = {}
    for number, rule in enumerate(rules):
        chain = _chain(rule)
        if chain and chain[0].predicate == chain[1].predicate == rule.head[0].predicate:
            assert isinstance(chain[0].predicate, NamedNode)
            found[chain[0].predicate] = level[number]
    if any(isinstance(a.predicate, Var) for rule in rules for a in rule.head):
        return {}
    # Whoever else writes the property must be at that level at the latest.
    for number, rule in enumerate(rules):
        for head in rule.head:
            name = head.predicate
            if isinstance(name, NamedNode) and name in found:
                found[name] = max(found[name], level[number])
    return found


def _chain(rule: Rule) -> tuple[Atom, Atom] | None:
    """Return x p y, y q z where a rule concludes x r z from them and from nothing else."""
    if len(rule.head) != 1 or len(rule.body) != 2 or rule.data:
        return None
    one, two = rule.body
    if not (isinstance(one, Atom) and isinstance(two, Atom)):
        return None
    head = rule.head[0]
    for first, second in ((one, two), (two, one)):
        ends = (first.subject, first.object, second.object)
        named = all(isinstance(a.predicate, NamedNode) for a in (first, second, head))
        if (
            named
            and all(isinstance(end, Var) for end in ends)
            and len(set(ends)) == len(ends)
            and (second.subject, head.subject, head.object) == (ends[1], ends[0], ends[2])
        ):
            return first, second
    return None


def _others(rule: Rule, height: int, closed: dict[NamedNode, int]) -> frozenset[int]:
    """Return the atoms that what the rule itself concluded adds nothing to.

    A rule `x r z ← x r y, y p z` whose p is transitive concludes from its own conclusions only what
    it concludes from their premises: `x r w, w p y, y p z` is `x r w, w p z`. That asks p to be
    closed before, or to be r itself; then every path is an edge that the rule did not make,
    followed by a path.
    """
    chain = _chain(rule)
    if chain is None:
        return frozenset()
    first, second = chain
    head = rule.head[0]
    atoms = _atoms(rule)
    assert isinstance(second.predicate, NamedNode)
    at = closed.get(second.predicate)
    own = first.predicate == second.predicate == head.predicate
    if at is not None and (at < height or own) and first.predicate == head.predicate:
        return frozenset((atoms.index(first),))
    assert isinstance(first.predicate, NamedNode)
    at = closed.get(first.predicate)
    if at is not None and at < height and second.predicate == head.predicate:
        return frozenset((atoms.index(second),))
    return frozenset()
