"""Strata: which rules must be finished before which others begin.

A rule depends on another if a pattern of its body may match a template of the other's head. The
dependency is *closed* if the pattern stands in NOT, or if the dependent rule runs once; else it
is *open*. A program is stratified if no cycle of dependencies has a closed one.

Source: SPARQL-RL, editor's draft of October 2026, sections "Rule Dependency" and
"Stratification". Strongly connected components by Tarjan's algorithm (1972), written without
recursion.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.errors import NotStratified, Place
from wearwhy.rdf import curie
from wearwhy.rules.model import Assign, Atom, Negation, Rule, Term, TriplePattern, Var, variables
from wearwhy.rules.waiting import Waiting, waiting

Edges: TypeAlias = list[dict[int, bool]]
"""For each node the nodes it depends on, and whether the dependency is closed."""


@dataclass(frozen=True, slots=True)
class MeasureEdge:
    """What a measure reads and writes; it runs once, when all that it reads is known."""

    iri: NamedNode
    reads: frozenset[NamedNode]
    writes: NamedNode


@dataclass(frozen=True, slots=True)
class Strata:
    """The stratum of each rule and measure, counted from 0, and how many strata there are.

    Within a stratum the rules that run once come first.
    """

    of: Mapping[NamedNode, int]
    count: int


def run_once(rule: Rule) -> bool:
    """Return whether a rule makes new terms, so that it must run exactly once.

    It has a SET, or its head has a blank node or a triple term with a variable.
    """
    if any(isinstance(element, Assign) for element in rule.body):
        return True
    return any(
        _makes_terms(part)
        for atom in rule.head
        for part in (atom.subject, atom.predicate, atom.object)
    )


def _makes_terms(term: Term) -> bool:
    if isinstance(term, TriplePattern):
        return bool(variables(term)) or any(
            _makes_terms(part) for part in (term.subject, term.predicate, term.object)
        )
    if isinstance(term, Triple):
        return _makes_terms(term.subject) or _makes_terms(term.object)
    return isinstance(term, BlankNode)


def stratify(rules: Sequence[Rule], measures: Sequence[MeasureEdge] = ()) -> Strata:
    """Return the lowest stratum of each rule and measure; independent of their order.

    Raises:
        NotStratified: WW-RULE-STRATA, a cycle has a closed dependency; names its rules.
    """
    names = [rule.iri for rule in rules] + [measure.iri for measure in measures]
    graph = dependency_graph(rules, measures)
    edges = graph.edges
    component: list[int] = [-1] * len(edges)
    strata: list[int] = [0] * len(edges)
    for number, members in enumerate(components(edges)):
        for node in members:
            component[node] = number
        # What only joins rules waits for nothing itself, nor does who waits for it in vain.
        level = 0 if min(members) < graph.count else -1
        for node in sorted(members):
            for target, closed in edges[node].items():
                if component[target] != number:
                    level = max(level, strata[target] + closed)
                elif closed:
                    raise _not_stratified(rules, names, graph, (node, target), set(members))
        for node in members:
            strata[node] = level
    of: dict[NamedNode, int] = {}
    for name, level in zip(names, strata, strict=False):
        of[name] = max(level, of.get(name, 0))
    return Strata(of, max(of.values(), default=-1) + 1)


def dependencies(rules: Sequence[Rule], measures: Sequence[MeasureEdge] = ()) -> Edges:
    """Return what depends on what; measures are numbered after the rules.

    Among rules of one predicate these are as many as their pairs: `dependency_graph` says the same
    in less.
    """
    graph = dependency_graph(rules, measures)
    return [graph.waits(node) for node in range(graph.count)]


def dependency_graph(rules: Sequence[Rule], measures: Sequence[MeasureEdge] = ()) -> Waiting:
    """Return the dependencies as a graph with nodes between; measures are numbered after the rules."""
    one, other = Var("one"), Var("other")
    return waiting(
        [
            *(_waits(rule) for rule in rules),
            *(
                [(Atom(one, name, other), True) for name in sorted(m.reads, key=str)]
                for m in measures
            ),
        ],
        [*(rule.head for rule in rules), *((Atom(one, m.writes, other),) for m in measures)],
    )


def _waits(rule: Rule) -> Iterator[tuple[Atom, bool]]:
    once = run_once(rule)
    return ((pattern, negated or once) for pattern, negated in _patterns(rule))


def _patterns(rule: Rule) -> Iterator[tuple[Atom, bool]]:
    """Yield the patterns that give dependencies, and whether they stand in NOT."""
    if rule.data:
        return
    for element in rule.body:
        if isinstance(element, Atom):
            yield element, False
        elif isinstance(element, Negation) and not element.data:
            for inner in element.body:
                if isinstance(inner, Atom):
                    yield inner, True


def components(edges: Edges) -> Iterator[list[int]]:
    """Yield strongly connected components, each after those it depends on."""
    index: list[int] = [-1] * len(edges)
    low: list[int] = [0] * len(edges)
    waiting: list[bool] = [False] * len(edges)
    path: list[int] = []
    clock = 0
    for root in range(len(edges)):
        if index[root] >= 0:
            continue
        index[root] = low[root] = clock
        clock += 1
        path.append(root)
        waiting[root] = True
        work: list[tuple[int, Iterator[int]]] = [(root, iter(edges[root]))]
        while work:
            node, targets = work[-1]
            for target in targets:
                if index[target] < 0:
                    index[target] = low[target] = clock
                    clock += 1
                    path.append(target)
                    waiting[target] = True
                    work.append((target, iter(edges[target])))
                    break
                if waiting[target]:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    members: list[int] = []
                    while not members or members[-1] != node:
                        members.append(path.pop())
                        waiting[members[-1]] = False
                    yield members


def _not_stratified(
    rules: Sequence[Rule],
    names: Sequence[NamedNode],
    graph: Waiting,
    edge: tuple[int, int],
    members: set[int],
) -> NotStratified:
    """Return the error for a closed dependency within a cycle, with the shortest way round."""
    source, begin = edge
    cycle = [source, *_way(graph, begin, source, members)]
    target = cycle[1]
    shown = " → ".join(curie(names[node]) for node in cycle)
    place: Place | None = None
    if source < len(rules):
        place = rules[source].place
        once = run_once(rules[source])
        why = (
            "runs once, because it makes new terms (SET, or a blank node or triple term in its head)"
            if once
            else "negates it"
        )
    else:
        why = "is a measure of it"
    return NotStratified(
        "WW-RULE-STRATA",
        f"{curie(names[source])} must wait for what it helps to derive: {shown}.",
        note=f"No cycle of rules may go through NOT or a rule that runs once; here "
        f"{curie(names[source])} reads what {curie(names[target])} concludes, and {why}.",
        hint="Write NOT DATA { … } if only asserted facts are meant, or conclude with a predicate of its own.",
        place=place,
    )


def _way(graph: Waiting, begin: int, end: int, members: set[int]) -> list[int]:
    """Return the fewest rules and measures from a node to another that it leads to."""
    before: dict[int, int] = {begin: begin}
    queue = deque((begin,))
    while end not in before:
        node = queue.popleft()
        for following in graph.edges[node]:
            if following in members and following not in before:
                before[following] = node
                if following < graph.count:
                    queue.append(following)
                else:
                    queue.appendleft(following)  # what only joins rules is no step
    way = [end]
    while way[-1] != begin:
        way.append(before[way[-1]])
    return [node for node in reversed(way) if node < graph.count]
