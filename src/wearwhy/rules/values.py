"""Expressions over ids: FILTER as a memoised truth, SET as a memoised value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from wearwhy.rdf import BlankNode, NamedNode, Node, Triple
from wearwhy.rules.expressions import EvaluationError, compile_expression, truth
from wearwhy.rules.model import Call, Expression, Var
from wearwhy.rules.terms import Id, Row

# Answers kept for each expression; beyond it the memory is dropped and begun anew.
_MEMORY = 100_000
# Functions whose answer differs from call to call.
_VOLATILE = {"NOW", "UUID", "STRUUID", "RAND", "BNODE"}
ERROR: Id = -1


def volatile(expression: Expression) -> bool:
    """Return whether an expression may have another value each time."""
    if not isinstance(expression, Call):
        return False
    return expression.name in _VOLATILE or any(volatile(arg) for arg in expression.args)


class Terms(Protocol):
    """A table of terms: of ids, and of the terms they stand for."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The terms by id."""

    def id(self, node: Node, /) -> Id:
        """Return the id of a term."""

    def parts(self, term: Id, /) -> Row | None:
        """Return the ids inside a triple term, or None if the term is not one."""


class Values:
    """Compiles a rule's expressions against one table of terms."""

    __slots__ = ("_terms",)

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def truth(self, expression: Expression, used: tuple[Var, ...]) -> Callable[..., bool]:
        """Return the effective boolean value as a function of ids; errors are false."""
        test = truth(expression)
        nodes = self._terms.nodes

        def run(*ids: Id) -> bool:
            return test({var: nodes[i] for var, i in zip(used, ids, strict=True)})

        return run if volatile(expression) else _remember(run)

    def value(self, expression: Expression, used: tuple[Var, ...]) -> Callable[..., Id]:
        """Return the id of an expression's value as a function of ids; -1 is an error."""
        compute = compile_expression(expression)
        terms = self._terms

        def run(*ids: Id) -> Id:
            nodes = terms.nodes
            try:
                return terms.id(compute({v: nodes[i] for v, i in zip(used, ids, strict=True)}))
            except EvaluationError:
                return ERROR

        return run if volatile(expression) else _remember(run)

    def triple(self, subject: Id, predicate: Id, obj: Id) -> Id:
        """Return the id of the triple term of three ids; -1 where RDF has no such term."""
        if ERROR in (subject, predicate, obj):
            return ERROR
        nodes = self._terms.nodes
        s, p = nodes[subject], nodes[predicate]
        if not isinstance(s, NamedNode | BlankNode) or not isinstance(p, NamedNode):
            return ERROR
        return self._terms.id(Triple(s, p, nodes[obj]))


T = TypeVar("T")


def _remember(run: Callable[..., T]) -> Callable[..., T]:
    memory: dict[tuple[Id, ...], T] = {}

    def recall(*ids: Id) -> T:
        found = memory.get(ids)
        if found is None:
            if len(memory) > _MEMORY:
                memory.clear()
            found = memory[ids] = run(*ids)
        return found

    return recall
