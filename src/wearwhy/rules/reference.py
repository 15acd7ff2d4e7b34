"""The reference reading of rules: each body one SPARQL query, run until nothing is new.

Slow, naive and obviously right: the oracle that the other readings are tested against. Source:
SPARQL-RL, editor's draft of October 2026, "Rule set evaluation". SPARQL moves a FILTER to the end
of its group and lets a later pattern bind what a failed BIND left unbound, so each element of a
body gets a group of its own around all that was written before it.

Graphs: the default graph holds all facts, the graph `BASE` those that were given. If a literal
becomes the subject of a fact, which RDF does not store, the program is run again with every fact
spelt as three triples about a node of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolution,
    QuerySolutions,
    Store,
    Triple,
)

from wearwhy.rdf import TYPE, WW, Fact, Node
from wearwhy.rules import sparql
from wearwhy.rules.aggregates import aggregate
from wearwhy.rules.measures import Measure, Step
from wearwhy.rules.model import (
    Assign,
    Atom,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.stratify import MeasureEdge, run_once, stratify

BASE: Final = NamedNode("urn:wearwhy:base")
_PARTS: Final = tuple(NamedNode(f"urn:wearwhy:{part}") for part in ("s", "p", "o"))


class _LiteralSubject(Exception):
    """A rule concluded something of a literal."""


class _Graph:
    """The facts so far, as a store that rule bodies are asked of."""

    def __init__(self, base: Iterable[Fact], *, spelt: bool) -> None:
        self.spelt = spelt
        self.facts: set[Fact] = set()
        self.store = Store()
        for fact in base:
            self.add(fact, given=True)

    def add(self, fact: Fact, *, given: bool = False) -> None:
        """Add a fact; one that is given goes to the base graph as well."""
        if fact in self.facts:
            return
        self.facts.add(fact)
        graphs = (DefaultGraph(), BASE) if given else (DefaultGraph(),)
        for triple in self._triples(fact):
            self.store.extend(Quad(*triple, graph) for graph in graphs)

    def _triples(self, fact: Fact) -> list[tuple[NamedNode | BlankNode, NamedNode, Node]]:
        if self.spelt:
            node = BlankNode()
            return [(node, part, term) for part, term in zip(_PARTS, fact, strict=True)]
        if not isinstance(fact.subject, NamedNode | BlankNode):
            raise _LiteralSubject
        return [(fact.subject, fact.predicate, fact.object)]

    def solutions(self, rule: Rule) -> Iterator[dict[Var, Node]]:
        """Yield every solution of a rule's body."""
        bound = sorted(_bound(rule.body))
        names = " ".join(sparql.variable(var) for var in bound)
        rows = self.store.query(f"SELECT {names or '(1 AS ?one)'} WHERE {self._body(rule)}")
        assert isinstance(rows, QuerySolutions)
        for row in list(rows):
            yield {var: _value(row, var) for var in bound}

    def rows(self, names: Sequence[Var], atoms: Sequence[Atom]) -> list[tuple[Node, ...]]:
        """Return the bindings of some variables in every match of a pattern, as a multiset."""
        chosen = " ".join(map(sparql.variable, names))
        rows = self.store.query(f"SELECT {chosen} WHERE {{ {self._atoms(atoms, data=False)} }}")
        assert isinstance(rows, QuerySolutions)
        return [tuple(_value(row, name) for name in names) for row in rows]

    def _body(self, rule: Rule) -> str:
        group = "{}"
        for element in rule.body:
            group = f"{{ {group} {self._element(element, data=rule.data)} }}"
        return group

    def _element(self, element: Element, *, data: bool) -> str:
        match element:
            case Atom():
                return self._atoms([element], data=data)
            case Filter(expression):
                return f"FILTER({sparql.expression(expression)})"
            case Assign(var, expression):
                name = sparql.variable(var)
                return f"BIND({sparql.expression(expression)} AS {name}) FILTER(BOUND({name}))"
            case Negation(body, inner):
                return f"FILTER NOT EXISTS {{ {self._atoms(body, data=inner or data)} }}"

    def _atoms(self, parts: Sequence[Atom | Filter], *, data: bool) -> str:
        atoms = [part for part in parts if isinstance(part, Atom)]
        filters = [part for part in parts if isinstance(part, Filter)]
        text = " ".join(self._spell(atom) for atom in atoms)
        # Its variables were bound before it, so within a NOT a filter may as well stand last.
        return (f"GRAPH {BASE} {{ {text} }} " if data else text + " ") + sparql.pattern(filters)

    def _spell(self, atom: Atom) -> str:
        if not self.spelt:
            if isinstance(atom.subject, Literal | Triple | TriplePattern):
                return "<urn:wearwhy:no> <urn:wearwhy:such> <urn:wearwhy:fact> ."
            return sparql.pattern([atom])
        terms = (atom.subject, atom.predicate, atom.object)
        pairs = zip(_PARTS, terms, strict=True)
        return "[] " + " ; ".join(f"{part} {sparql.term(term)}" for part, term in pairs) + " ."


def _value(row: QuerySolution, var: Var) -> Node:
    value: Node | None = row[sparql.variable(var)[1:]]
    assert value is not None, f"{var} is unbound"
    return value


def _bound(body: Iterable[Element]) -> frozenset[Var]:
    return frozenset().union(
        *(
            variables(element.var if isinstance(element, Assign) else element)
            for element in body
            if isinstance(element, Atom | Assign)
        )
    )


def _instance(term: Term, solution: dict[Var, Node], fresh: dict[BlankNode, BlankNode]) -> Node:
    if isinstance(term, Var):
        return solution[term]
    if isinstance(term, BlankNode):
        return fresh.setdefault(term, BlankNode())
    if isinstance(term, Triple | TriplePattern):
        subject, predicate, object_ = (
            _instance(part, solution, fresh) for part in (term.subject, term.predicate, term.object)
        )
        assert isinstance(subject, NamedNode | BlankNode)
        assert isinstance(predicate, NamedNode)
        return Triple(subject, predicate, object_)
    return term


def _conclusions(rule: Rule, solution: dict[Var, Node]) -> Iterator[Fact]:
    fresh: dict[BlankNode, BlankNode] = {}
    for atom in rule.head:
        predicate = _instance(atom.predicate, solution, fresh)
        if isinstance(predicate, NamedNode):
            yield Fact(
                _instance(atom.subject, solution, fresh),
                predicate,
                _instance(atom.object, solution, fresh),
            )


def _fire(graph: _Graph, rule: Rule) -> bool:
    before = len(graph.facts)
    new = [fact for solution in graph.solutions(rule) for fact in _conclusions(rule, solution)]
    for fact in new:
        graph.add(fact)
    return len(graph.facts) > before


def infer(
    rules: Iterable[Rule], facts: Iterable[Fact], measures: Sequence[Measure] = ()
) -> set[Fact]:
    """Return the derived and computed facts: all that follows and was not given.

    Rules that are switched off are left out.

    Raises:
        NotStratified: a cycle of rules passes through a closed dependency.
    """
    active = [rule for rule in rules if not rule.description.off]
    given = set(facts)
    try:
        return _closure(active, given, measures, spelt=False)
    except _LiteralSubject:
        return _closure(active, given, measures, spelt=True)


def _closure(
    rules: list[Rule], given: set[Fact], measures: Sequence[Measure], *, spelt: bool
) -> set[Fact]:
    edges = [MeasureEdge(m.iri, frozenset(m.reads), m.iri) for m in measures]
    strata = stratify(rules, edges)
    graph = _Graph(given, spelt=spelt)
    for number in range(strata.count):
        for measure in measures:
            if strata.of[measure.iri] == number:
                for fact in list(_measured(graph, measure)):
                    graph.add(fact)
        here = [rule for rule in rules if strata.of[rule.iri] == number]
        for rule in here:
            if run_once(rule):
                _fire(graph, rule)
        general = [rule for rule in here if not run_once(rule)]
        while any(_fire(graph, rule) for rule in general):
            pass
    return graph.facts - given


def _measured(graph: _Graph, measure: Measure) -> Iterator[Fact]:
    subject, end = Var("subject"), Var("end")
    over = (
        Atom(Var("request"), WW.considers, subject)
        if measure.over == WW.Item
        else Atom(subject, TYPE, measure.over)
    )
    ends = _ends(graph, over, measure.path, end)
    others = _ends(graph, over, measure.path_to, end) if measure.path_to else {}
    dates = graph.rows([end], [Atom(subject, WW.date, end)])
    for (node,) in dict.fromkeys(graph.rows([subject], [over])):
        found = aggregate(
            measure.aggregate,
            ends.get(node, []),
            others.get(node, []),
            dates[0][0] if dates else None,
        )
        if found is not None:
            yield Fact(node, measure.iri, found)


def _ends(graph: _Graph, over: Atom, path: Sequence[Step], end: Var) -> dict[Node, list[Node]]:
    subject = Var("subject")
    atoms, here = [], subject
    for number, step in enumerate(path, 1):
        there = end if number == len(path) else Var(f"step{number}")
        ends = (there, here) if step.inverse else (here, there)
        atoms.append(Atom(ends[0], step.predicate, ends[1]))
        here = there
    members = {node for (node,) in graph.rows([subject], [over])}
    found: dict[Node, list[Node]] = {}
    for node, value in graph.rows([subject, end], atoms):
        if node in members:
            found.setdefault(node, []).append(value)
    return found
