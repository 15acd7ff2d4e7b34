"""Variables replaced: in terms, expressions and elements, by terms or by other variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.rdf import Node
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Element,
    Expression,
    Filter,
    Negation,
    Term,
    TriplePattern,
    Var,
)

Values = Mapping[Var, Node] | Mapping[Var, Var]
Plain = TypeVar("Plain", Atom, Filter)


def in_term(term: Term, values: Values) -> Term:
    """Return a term with its variables replaced; a triple pattern left without any is a triple."""
    if isinstance(term, Var):
        return values.get(term, term)
    if not isinstance(term, TriplePattern):
        return term
    subject = in_term(term.subject, values)
    predicate = in_term(term.predicate, values)
    found = in_term(term.object, values)
    if (
        isinstance(subject, NamedNode)
        and isinstance(predicate, NamedNode)
        and not isinstance(found, Var | TriplePattern | BlankNode)
    ):
        return Triple(subject, predicate, found)
    return TriplePattern(subject, predicate, found)


def in_expression(expression: Expression, values: Values) -> Expression:
    """Return an expression with its variables replaced."""
    if isinstance(expression, Call):
        return Call(expression.name, tuple(in_expression(a, values) for a in expression.args))
    return values.get(expression, expression) if isinstance(expression, Var) else expression


def in_atom(atom: Atom, values: Values) -> Atom:
    """Return an atom with its variables replaced."""
    return Atom(
        in_term(atom.subject, values),
        in_term(atom.predicate, values),
        in_term(atom.object, values),
    )


def _in_part(part: Atom | Filter, values: Values) -> Atom | Filter:
    if isinstance(part, Atom):
        return in_atom(part, values)
    return Filter(in_expression(part.expression, values))


def in_element(element: Element, values: Values) -> Element:
    """Return an element with its variables replaced; what SET binds only by another variable."""
    if isinstance(element, Assign):
        var = values.get(element.var, element.var)
        kept = var if isinstance(var, Var) else element.var
        return Assign(kept, in_expression(element.expression, values))
    if isinstance(element, Negation):
        return Negation(tuple(_in_part(part, values) for part in element.body), element.data)
    return _in_part(element, values)
