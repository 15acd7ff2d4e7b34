"""BNODE with a label: the same node within a solution, another one in each other solution.

An engine that hands an expression the values it reads, and no others, cannot tell solutions apart
by them. So the variables that a body's patterns bind are made arguments of BNODE, behind its label.

Source: SPARQL 1.2 Query Language, section 17.4.2.9.
"""

from __future__ import annotations

from collections.abc import Iterable

from wearwhy.rules.model import Assign, Atom, Call, Element, Expression, Filter, Var, variables


def per_solution(body: Iterable[Element]) -> tuple[Element, ...]:
    """Return a body whose calls of BNODE with a label read all that tells a solution from others."""
    elements = tuple(body)
    if not any(_labelled(e.expression) for e in elements if isinstance(e, Filter | Assign)):
        return elements
    bound = tuple(sorted(variables(tuple(e for e in elements if isinstance(e, Atom)))))
    return tuple(_in_element(element, bound) for element in elements)


def _labelled(expression: Expression) -> bool:
    if not isinstance(expression, Call):
        return False
    return (expression.name == "BNODE" and bool(expression.args)) or any(
        _labelled(arg) for arg in expression.args
    )


def _in_element(element: Element, bound: tuple[Var, ...]) -> Element:
    if isinstance(element, Filter):
        return Filter(_with(element.expression, bound))
    if isinstance(element, Assign):
        return Assign(element.var, _with(element.expression, bound))
    return element


def _with(expression: Expression, bound: tuple[Var, ...]) -> Expression:
    if not isinstance(expression, Call):
        return expression
    args = tuple(_with(arg, bound) for arg in expression.args)
    if expression.name == "BNODE" and len(args) == 1:
        return Call("BNODE", (*args, *bound))
    return Call(expression.name, args)
