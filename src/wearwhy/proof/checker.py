"""An independent checker of proofs: it shares no code with the engine that makes them.

Of a derived fact it checks that the rule, under the node's bindings, concludes the statement from
the premises; FILTER and SET by a one-row SPARQL query, NOT by a query of the visible facts. Leaves
must be asserted, or predicted with that probability; measures are aggregated again; a statement
in other names must follow from the statements of sameness beside it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Store, Triple, Variable

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.proof.printing import calls, instance, text
from wearwhy.proof.recompute import Declared, Graphs, agrees
from wearwhy.proof.renaming import follows
from wearwhy.rdf import Fact, Node
from wearwhy.rules.model import Assign, Atom, Filter, Negation, Rule, Var, variables

ASSERTED: Final = NamedNode("urn:wearwhy:asserted")
GUESSED: Final = NamedNode("urn:wearwhy:guessed")
_STATED: Final = set(Kind) - {Kind.ABSENT, Kind.BUILTIN, Kind.PATH, Kind.PAIR, Kind.OPAQUE}
_SIDE: Final = {Kind.ABSENT, Kind.BUILTIN}
_FRESH: Final = {"NOW", "UUID", "STRUUID", "BNODE"}


@dataclass(frozen=True, slots=True)
class Ground:
    """What proofs are checked against.

    Attributes:
        rules: by IRI, those in force.
        graph: in its default graph every visible fact that is no guess, in the graph `ASSERTED`
            what was asserted, in `GUESSED` the predictions.
        asserted: the asserted facts.
        predicted: the predictions, with their probabilities.
        measures: by IRI.
    """

    rules: Mapping[str, Rule]
    graph: Store
    asserted: Container[Fact]
    predicted: Mapping[Fact, float] = field(default_factory=dict)
    measures: Mapping[str, Declared] = field(default_factory=dict)


class Refusal(NamedTuple):
    """A node that the checker does not accept, and why."""

    node: str
    reason: str


class _Refused(Exception):
    pass


def check(evidence: Evidence, ground: Ground) -> list[Refusal]:
    """Return what is wrong with a document of evidence; an empty list accepts it."""
    nodes = evidence.nodes
    refusals = [] if evidence.root in nodes else [Refusal(evidence.root, "the root is missing")]
    try:
        TopologicalSorter({name: node.premises for name, node in nodes.items()}).prepare()
    except CycleError as found:
        refusals.append(Refusal(found.args[1][0], "it rests on itself"))
    made: dict[Node, object] = {}
    for name, node in nodes.items():
        try:
            _require(node.id == name, "it goes by another name")
            _node(node, nodes, ground, made)
        except _Refused as found:
            refusals.append(Refusal(name, str(found)))
    return refusals


def _require(holds: object, reason: str) -> None:
    if not holds:
        raise _Refused(reason)


def _node(
    node: EvidenceNode, nodes: Mapping[str, EvidenceNode], ground: Ground, made: dict[Node, object]
) -> None:
    fact, rule = node.statement, getattr(node.rule, "value", "")
    _require(all(name in nodes for name in node.premises), "a premise is missing")
    premises = [nodes[name] for name in node.premises]
    stated = [one.statement for one in premises if one.kind in _STATED and one.statement]
    if node.kind not in _STATED:
        _require(node.kind not in _SIDE or not premises, "it rests on nothing")
        return
    _require(fact, "it states nothing")
    assert fact
    if node.kind is Kind.DERIVED:
        _require(rule in ground.rules and not ground.rules[rule].description.off, "no such rule")
        _require(all(one.kind in _STATED | _SIDE for one in premises), "a premise proves nothing")
        absent = sum(one.kind is Kind.ABSENT for one in premises)
        _derived(node, ground.rules[rule], stated, ground, made)
        expected = sum(isinstance(element, Negation) for element in ground.rules[rule].body)
        _require(absent == expected, "an absence too many or too few")
        _confidence(node, premises, ground.rules[rule].description.confidence)
    elif node.kind is Kind.COMPUTED:
        measure = ground.measures.get(rule)
        _require(measure and measure.iri == fact.predicate, "no such measure")
        assert measure
        everything: Graphs = [DefaultGraph(), GUESSED]
        _require(agrees(measure, fact, stated, ground.graph, everything), "it measures otherwise")
        _confidence(node, premises, 1.0)
    elif node.kind is Kind.SAME:
        _require(follows(fact, stated) and len(stated) == len(premises), "it says another thing")
        _confidence(node, premises, 1.0)
    else:
        _require(not premises, "a leaf rests on nothing")
        if node.kind is Kind.PREDICTED:
            _require(ground.predicted.get(fact) == node.probability is not None, "no such guess")
        else:
            _require(fact in ground.asserted, "nobody asserted it")


def _confidence(node: EvidenceNode, premises: list[EvidenceNode], own: float) -> None:
    for one in premises:
        guess = one.probability if one.kind is Kind.PREDICTED else one.confidence
        own *= 1.0 if guess is None else guess
    claimed = 1.0 if node.confidence is None else node.confidence
    _require(abs(claimed - own) <= 1e-9, f"its confidence is {own}")


def _derived(
    node: EvidenceNode, rule: Rule, stated: list[Fact], ground: Ground, made: dict[Node, object]
) -> None:
    fact, values = node.statement, dict(node.bindings)
    _require(any(instance(atom, values) == fact for atom in rule.head), "another conclusion")
    bound: dict[Var, Node] = {}
    premises = iter(stated)
    for element in rule.body:
        if isinstance(element, Atom):
            wanted = instance(element, values)
            _require(wanted == next(premises, None) is not None, f"no premise for {text(element)}")
            _require(not rule.data or wanted in ground.asserted, "it is not asserted")
            bound.update((var, values[var.name]) for var in variables(element))
        else:
            _test(element, rule, values, bound, ground)
    _require(next(premises, None) is None, "a premise too many")
    fresh = {name: values.pop(name) for name in list(values) if name.startswith("_:")}
    _require(values == {var.name: value for var, value in bound.items()}, "a binding too many")
    for name, blank in fresh.items():
        owner = (rule.iri, name, tuple(sorted((key, str(value)) for key, value in values.items())))
        _require(isinstance(blank, BlankNode), "a fresh node is a blank node")
        _require(made.setdefault(blank, owner) == owner, "a fresh node made twice")
        pattern = "{ ?blank ?p ?o } UNION { ?s ?q ?blank }"
        known = _match(pattern, Var("blank"), {Var("blank"): blank}, ground.graph, [ASSERTED])
        _require(not known, "a fresh node that was asserted")


def _test(
    element: Filter | Assign | Negation,
    rule: Rule,
    values: Mapping[str, Node],
    bound: dict[Var, Node],
    ground: Ground,
) -> None:
    graphs: Graphs = (
        [DefaultGraph(), GUESSED] if rule.description.reads_guesses else [DefaultGraph()]
    )
    if isinstance(element, Negation):
        graphs = [ASSERTED] if element.data or rule.data else graphs
        parts = " ".join(map(text, element.body))
        _require(not _match(parts, element, bound, ground.graph, graphs), f"present: {parts}")
        return
    test = text(element)
    if isinstance(element, Assign):
        _require(element.var.name in values, f"{element.var} has no value")
        bound[element.var] = values[element.var.name]
        test = f"FILTER(sameTerm({text(element.expression)}, {text(element.var)}))"
        if calls(element.expression) & _FRESH:
            return
    _require(_match(test, element, bound, ground.graph, graphs), f"not true: {test}")


def _match(
    pattern: str, about: object, bound: Mapping[Var, Node], graph: Store, graphs: Graphs
) -> bool:
    used = sorted(variables(about) & bound.keys())
    # Oxigraph 0.5.13 compares a substituted literal in `?x = constant` by term, not by value: what
    # has a text of its own enters as VALUES; blank nodes can only be substituted.
    plain = [var for var in used if not isinstance(bound[var], BlankNode | Triple)]
    names, terms = (" ".join(text(t) for t in ts) for ts in (plain, [bound[v] for v in plain]))
    start = f"VALUES ({names}) {{ ({terms}) }} " if plain else ""
    query = (
        f"SELECT {' '.join(map(text, used)) or '(1 AS ?one)'} WHERE {{ {start}{pattern} }} LIMIT 1"
    )
    given = {Variable(text(v)[1:]): bound[v] for v in used if v not in plain}
    rows: Iterator[object] = iter(graph.query(query, substitutions=given, default_graph=graphs))  # type: ignore[arg-type]
    return next(rows, None) is not None
