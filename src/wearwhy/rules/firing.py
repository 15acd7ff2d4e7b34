"""A firing told in full: from the premises the ledger keeps, back to bindings and absences."""

from __future__ import annotations

from collections.abc import Sequence

from wearwhy.rdf import Fact, Node, Triple
from wearwhy.rules.expressions import compile_expression
from wearwhy.rules.model import (
    Assign,
    Atom,
    Filter,
    Firing,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
)
from wearwhy.rules.substitute import in_atom, in_expression


def unify(term: Term, node: Node, bindings: dict[Var, Node]) -> bool:
    """Extend bindings so that a term becomes a node; return whether that is possible."""
    if isinstance(term, Var):
        return bindings.setdefault(term, node) == node
    if isinstance(term, TriplePattern):
        return isinstance(node, Triple) and all(
            unify(part, inner, bindings)
            for part, inner in (
                (term.subject, node.subject),
                (term.predicate, node.predicate),
                (term.object, node.object),
            )
        )
    return term == node


def unify_atom(atom: Atom, fact: Fact, bindings: dict[Var, Node]) -> bool:
    """Extend bindings so that an atom becomes a fact; return whether that is possible."""
    return (
        unify(atom.subject, fact.subject, bindings)
        and unify(atom.predicate, fact.predicate, bindings)
        and unify(atom.object, fact.object, bindings)
    )


def bindings_of(rule: Rule, premises: Sequence[Fact]) -> dict[Var, Node]:
    """Return the solution of a rule's body that matched the premises, in written order."""
    bindings: dict[Var, Node] = {}
    facts = iter(premises)
    for element in rule.body:
        if isinstance(element, Atom):
            matched = unify_atom(element, next(facts), bindings)
            assert matched, f"{rule.iri} was not fired by these premises"
        elif isinstance(element, Assign):
            bindings[element.var] = compile_expression(element.expression)(bindings)
    return bindings


def firing(rule: Rule, premises: tuple[Fact, ...]) -> Firing:
    """Return a firing with its bindings and with the patterns whose absence it rested on."""
    bound: dict[Var, Node] = {}
    absences: list[tuple[Atom | Filter, ...]] = []
    facts = iter(premises)
    for element in rule.body:
        if isinstance(element, Atom):
            unify_atom(element, next(facts), bound)
        elif isinstance(element, Assign):
            bound[element.var] = compile_expression(element.expression)(bound)
        elif isinstance(element, Negation):
            absences.append(
                tuple(
                    in_atom(part, bound)
                    if isinstance(part, Atom)
                    else Filter(in_expression(part.expression, bound))
                    for part in element.body
                )
            )
    pairs = tuple(sorted(((v.name, node) for v, node in bound.items()), key=lambda pair: pair[0]))
    return Firing(rule.iri, premises, tuple(absences), pairs)
