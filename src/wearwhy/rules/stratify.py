"""Strata: which rules must be finished before which others begin.

A rule depends on another if a pattern of its body may match a template of the other's head. The
dependency is *closed* if the pattern stands in NOT, or if the dependent rule runs once; else it
is *open*. A program is stratified if no cycle of dependencies has a closed one.

Source: SPARQL-RL, editor's draft of October 2026, sections "Rule Dependency" and
"Stratification". Strongly connected components by Tarjan's algorithm (1972), written without
recursion.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.errors import NotStratified, Place
from wearwhy.rdf import curie
from wearwhy.rules.model import Assign, Atom, Negation, Rule, Term, TriplePattern, Var, variables
from wearwhy.rules.unify import may_match

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
    edges = dependencies(rules, measures)
    component: list[int] = [-1] * len(names)
    strata: list[int] = [0] * len(names)
    for number, members in enumerate(components(edges)):
        for node in members:
            component[node] = number
        level = 0
        for node in members:
            for target, closed in edges[node].items():
                if component[target] != number:
                    level = max(level, strata[target] + closed)
                elif closed:
                    raise _not_stratified(rules, names, edges, (node, target), set(members))
        for node in members:
            strata[node] = level
    of: dict[NamedNode, int] = {}
    for name, level in zip(names, strata, strict=True):
        of[name] = max(level, of.get(name, 0))
    return Strata(of, max(strata, default=-1) + 1)


def dependencies(rules: Sequence[Rule], measures: Sequence[MeasureEdge] = ()) -> Edges:
    """Return the dependency graph; measures are numbered after the rules."""
    templates = _Templates(rules)
    writers: dict[NamedNode, list[int]] = defaultdict(list)
    for number, measure in enumerate(measures, len(rules)):
        writers[measure.writes].append(number)
    measured = [(name, number) for name, numbers in writers.items() for number in numbers]
    edges: Edges = []
    for rule in rules:
        found: dict[int, bool] = {}
        once = run_once(rule)
        for pattern, negated in _patterns(rule):
            closed = negated or once
            for target in templates.matching(pattern):
                found[target] = found.get(target, False) or closed
            predicate = pattern.predicate
            if isinstance(predicate, NamedNode):
                targets = writers.get(predicate, [])
            else:
                targets = [number for _, number in measured]
            for target in targets:
                found[target] = found.get(target, False) or closed
        edges.append(found)
    for measure in measures:
        reads = {target: True for name in measure.reads for target in templates.writing(name)}
        reads |= {target: True for name in measure.reads for target in writers.get(name, [])}
        edges.append(reads)
    return edges


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


class _Templates:
    """Head templates by predicate, and by predicate and object."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.all: list[tuple[int, Atom]] = [
            (number, atom) for number, rule in enumerate(rules) for atom in rule.head
        ]
        self._any: list[tuple[int, Atom]] = []
        self._by: dict[Term, list[tuple[int, Atom]]] = defaultdict(list)
        self._by_object: dict[tuple[Term, Term], list[tuple[int, Atom]]] = defaultdict(list)
        self._open: dict[Term, list[tuple[int, Atom]]] = defaultdict(list)
        self._known: dict[Atom, frozenset[int]] = {}
        for entry in self.all:
            predicate, found = entry[1].predicate, entry[1].object
            if isinstance(predicate, Var):
                self._any.append(entry)
                continue
            self._by[predicate].append(entry)
            if isinstance(found, Var | TriplePattern):
                self._open[predicate].append(entry)
            else:
                self._by_object[predicate, found].append(entry)

    def writing(self, predicate: NamedNode) -> set[int]:
        """Return the rules that may write a predicate."""
        return {number for number, _ in self._by.get(predicate, ())} | {
            number for number, _ in self._any
        }

    def matching(self, pattern: Atom) -> frozenset[int]:
        """Return the rules with a template that the pattern may match."""
        found = self._known.get(pattern)
        if found is None:
            found = frozenset(
                number for number, atom in self._candidates(pattern) if may_match(pattern, atom)
            )
            self._known[pattern] = found
        return found

    def _candidates(self, pattern: Atom) -> Iterable[tuple[int, Atom]]:
        if not isinstance(pattern.predicate, NamedNode):
            return self.all
        if isinstance(pattern.object, Var | TriplePattern):
            return [*self._by.get(pattern.predicate, ()), *self._any]
        return [
            *self._by_object.get((pattern.predicate, pattern.object), ()),
            *self._open.get(pattern.predicate, ()),
            *self._any,
        ]


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
    edges: Edges,
    edge: tuple[int, int],
    members: set[int],
) -> NotStratified:
    """Return the error for a closed dependency within a cycle, with the shortest way round."""
    source, target = edge
    before: dict[int, int] = {target: target}
    queue = deque((target,))
    while queue and source not in before:
        node = queue.popleft()
        for following in edges[node]:
            if following in members and following not in before:
                before[following] = node
                queue.append(following)
    back = [source]
    while back[-1] != target:
        back.append(before[back[-1]])
    cycle = [source, *reversed(back)] if source != target else [source, source]
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
