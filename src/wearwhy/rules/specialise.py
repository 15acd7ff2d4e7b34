"""Axioms compiled into rules: one rule for each way a schema answers a rule about properties.

A rule such as `{ ?x ?q ?y } WHERE { ?p rdfs:subPropertyOf ?q . ?x ?p ?y }` reads and writes every
property, so that nearly everything would depend on it. Matched against the axioms first, it falls
apart into rules about single properties. Each keeps its axioms in the body, as ground patterns,
so that a proof cites them.

Sound and complete as long as the schema given holds every axiom that the graph will hold.

A variable that an axiom binds to a blank node, such as an OWL restriction, stays a variable: in a
head a blank node would mean a new one for each solution, and its label is no name to cite.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, NamedNode

from wearwhy.rdf import OWL, RDF, RDFS, TYPE, Fact, Node
from wearwhy.rules.lists import unrolled
from wearwhy.rules.model import (
    Atom,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.naming import bracketed, local
from wearwhy.rules.substitute import in_atom, in_element

Bindings: TypeAlias = dict[Var, Node]

_OWL_PREDICATES: Final = (
    "equivalentProperty equivalentClass inverseOf propertyDisjointWith disjointWith "
    "disjointUnionOf complementOf unionOf intersectionOf oneOf members onProperty onProperties "
    "onClass onDataRange hasValue hasSelf someValuesFrom allValuesFrom cardinality "
    "minCardinality maxCardinality qualifiedCardinality minQualifiedCardinality "
    "maxQualifiedCardinality hasKey propertyChainAxiom"
)
_OWL_TYPES: Final = (
    "Class Restriction ObjectProperty DatatypeProperty AnnotationProperty FunctionalProperty "
    "InverseFunctionalProperty TransitiveProperty SymmetricProperty AsymmetricProperty "
    "ReflexiveProperty IrreflexiveProperty AllDisjointClasses AllDisjointProperties"
)
_PREDICATES: Final = frozenset(
    (
        *(RDFS.subPropertyOf, RDFS.subClassOf, RDFS.domain, RDFS.range, RDF.first, RDF.rest),
        *(OWL[name] for name in _OWL_PREDICATES.split()),
    )
)
_TYPES: Final = frozenset(OWL[name] for name in _OWL_TYPES.split())
_WITH_TYPE: Final = _PREDICATES | {TYPE}


def schema_predicates(*, types: bool = False) -> frozenset[NamedNode]:
    """Return the predicates that axioms are stated with; or the types that are axioms.

    A statement with rdf:type, which is among the predicates, is an axiom only if its object is
    one of the types. What OWL says of individuals (owl:sameAs, owl:sourceIndividual …) is data.
    """
    return _TYPES if types else _WITH_TYPE


def specialised(rules: Iterable[Rule], schema: Iterable[Fact]) -> tuple[Rule, ...]:
    """Return the rules, those with a variable predicate replaced by their instances on a schema.

    A rule without a variable predicate, or with one but no axiom among its patterns, comes back
    as it is, as does one that is off; a rule that no axiom answers vanishes. What asks for the
    members of a list is written out for each list first (`lists`). An instance is named after the
    property it reads: `rule:prp-spo1%5BliningMaterial%5D`, to be read `rule:prp-spo1[liningMaterial]`.

    Args:
        rules: the rules.
        schema: the facts that axioms are looked up in; others among them do no harm.
    """
    facts: dict[NamedNode, list[Fact]] = defaultdict(list)
    for fact in schema:
        if _states_axiom(fact.predicate, fact.object):
            facts[fact.predicate].append(fact)
    for found in facts.values():
        found.sort(key=str)
    result: list[Rule] = []
    for written in rules:
        if written.description.off:
            result.append(written)
            continue
        for rule in unrolled(written, facts):
            axioms = _axioms(rule, cells=rule is written)
            result += _instances(rule, _answers(axioms, facts)) if axioms else (rule,)
    return tuple(result)


def _axioms(rule: Rule, *, cells: bool) -> list[Atom]:
    """Return the axiom patterns that say what the variable predicates are, directly or in steps.

    Args:
        rule: the rule.
        cells: whether the cells of lists are among them; where they were written out before
            (`lists`), any would answer.
    """
    known = set(_predicate_variables(rule))
    left = [
        element
        for element in rule.body
        if isinstance(element, Atom)
        and _states_axiom(element.predicate, element.object)
        and (cells or element.predicate not in (RDF.first, RDF.rest))
        and not isinstance(element.subject, TriplePattern)
        and not isinstance(element.object, TriplePattern)
    ]
    reached: set[Atom] = set()
    while near := [atom for atom in left if atom not in reached and variables(atom) & known]:
        reached.update(near)
        known.update(*(variables(atom) for atom in near))
    return [atom for atom in left if atom in reached]


def _states_axiom(predicate: Term, found: Term) -> bool:
    return found in _TYPES if predicate == TYPE else predicate in _PREDICATES


def _predicate_variables(rule: Rule) -> list[Var]:
    """Return the variables in predicate position, those of the body first, in written order."""
    atoms: list[Atom] = []
    for element in rule.body:
        if isinstance(element, Atom):
            atoms.append(element)
        elif isinstance(element, Negation):
            atoms += [inner for inner in element.body if isinstance(inner, Atom)]
    return [atom.predicate for atom in (*atoms, *rule.head) if isinstance(atom.predicate, Var)]


def _answers(axioms: Sequence[Atom], facts: Mapping[NamedNode, list[Fact]]) -> list[Bindings]:
    """Return the solutions of the axiom patterns over the schema, by nested loops."""
    solutions: list[Bindings] = [{}]
    for atom in axioms:
        assert isinstance(atom.predicate, NamedNode), "an axiom's predicate is a constant"
        candidates = facts.get(atom.predicate, [])
        by_subject: dict[Node, list[Fact]] = defaultdict(list)
        for fact in candidates:
            by_subject[fact.subject].append(fact)
        found: list[Bindings] = []
        for solution in solutions:
            subject = _bound(atom.subject, solution)
            among = (
                candidates
                if isinstance(subject, Var | TriplePattern)
                else by_subject.get(subject, [])
            )
            for fact in among:
                extended = _matched(atom, fact, solution)
                if extended is not None:
                    found.append(extended)
        solutions = found
    return solutions


def _matched(atom: Atom, fact: Fact, solution: Bindings) -> Bindings | None:
    extended = dict(solution)
    for term, value in ((atom.subject, fact.subject), (atom.object, fact.object)):
        known = _bound(term, extended)
        if isinstance(known, Var):
            extended[known] = value
        elif known != value:
            return None
    return extended


def _bound(term: Term, bindings: Bindings) -> Term:
    return bindings.get(term, term) if isinstance(term, Var) else term


def _instances(rule: Rule, solutions: Sequence[Bindings]) -> list[Rule]:
    named: Iterable[Bindings] = (
        {var: value for var, value in solution.items() if not isinstance(value, BlankNode)}
        for solution in solutions
    )
    distinct = list({tuple(solution.items()): solution for solution in named}.values())
    if not distinct:
        return []
    leading = next((var for var in _predicate_variables(rule) if var in distinct[0]), None)
    short = [local(solution[leading]) if leading else _every(solution) for solution in distinct]
    shared = Counter(short)
    long = [
        name if shared[name] == 1 else _every(solution, leading)
        for name, solution in zip(short, distinct, strict=True)
    ]
    used: Counter[str] = Counter()
    instances: list[Rule] = []
    for name, solution in zip(long, distinct, strict=True):
        used[name] += 1
        unique = name if used[name] == 1 else f"{name},{used[name]}"
        instances.append(
            Rule(
                iri=bracketed(rule.iri, unique),
                head=tuple(in_atom(atom, solution) for atom in rule.head),
                body=tuple(in_element(element, solution) for element in rule.body),
                data=rule.data,
                description=rule.description,
                place=rule.place,
                text=rule.text,
            )
        )
    return sorted(instances, key=lambda instance: instance.iri.value)


def _every(solution: Bindings, leading: Var | None = None) -> str:
    ordered = sorted(solution, key=lambda var: var != leading)  # stable: then in written order
    return ",".join(local(solution[var]) for var in ordered)
