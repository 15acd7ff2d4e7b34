"""Expressions compiled to closures.

Every expression becomes up to two functions of a solution: one that returns a term, one that
returns its truth. Operators that say yes or no are compiled to the latter, so that a filter
makes no literals. What is constant is decoded once.
"""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import urljoin

from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.errors import IllFormedRule, nearest
from wearwhy.rdf import Node
from wearwhy.rules.expressions import functions
from wearwhy.rules.expressions.casts import CASTS
from wearwhy.rules.expressions.moments import EvaluationError
from wearwhy.rules.expressions.operators import (
    arithmetic,
    compare,
    compare_values,
    effective,
    equal,
    minus,
    plus,
)
from wearwhy.rules.expressions.strings import simple
from wearwhy.rules.expressions.values import DECIMAL, Number, boolean, decode, value_of
from wearwhy.rules.model import Call, Expression, TriplePattern, Var

Solution: TypeAlias = Mapping[Var, Node]
TermOf: TypeAlias = Callable[[Solution], Node]
TruthOf: TypeAlias = Callable[[Solution], bool]

_ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda found: found == -1,
    ">": lambda found: found == 1,
    "<=": lambda found: found in (-1, 0),
    ">=": lambda found: found in (0, 1),
}
_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_DIRECT: Final[dict[str, Callable[..., bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_TERMS: Final[dict[str, tuple[Callable[..., Node], int, int]]] = {
    **functions.FUNCTIONS,
    **{name: (cast, 1, 1) for name, cast in CASTS.items()},
    **{name: (arithmetic(name), 2, 2) for name in "+-*/"},
    "u-": (minus, 1, 1),
    "u+": (plus, 1, 1),
}
_SPECIAL: Final = frozenset(("IF", "IRI", "URI", "BNODE"))
_LOGIC: Final = frozenset(("||", "&&", "!", "=", "!=", "IN", "NOT IN", *_ORDERS))
_MADE: Final = "made"


def compile_expression(expression: Expression, base: str | None = None) -> TermOf:
    """Return the function of a solution that an expression stands for.

    The function raises `EvaluationError` where SPARQL has an error, an unbound variable included.

    Args:
        expression: what to compile.
        base: the IRI that `IRI("…")` resolves relative references against.

    Raises:
        IllFormedRule: WW-RULE-FUNCTION, for a function nobody knows or a wrong number of
            arguments.
    """
    if isinstance(expression, Var):
        return _variable(expression)
    if isinstance(expression, TriplePattern):
        parts = (expression.subject, expression.predicate, expression.object)
        return _apply(functions.triple, [compile_expression(part, base) for part in parts])
    if not isinstance(expression, Call):
        return lambda _: expression
    name = _name(expression.name)
    if name in _LOGIC or name in functions.TESTS:
        test = compile_truth(expression, base)
        return lambda solution: boolean(test(solution))
    args = [compile_expression(part, base) for part in expression.args]
    if name in _SPECIAL:
        return _special(name, expression, args, base)
    function, fewest, most = _function(name)
    _check(expression, fewest, most)
    return _apply(function, args)


def _function(name: str) -> tuple[Callable[..., Node], int, int]:
    found = _TERMS.get(name)
    if found is not None:
        return found
    near = nearest(name, [*_TERMS, *functions.TESTS, *_SPECIAL])
    raise IllFormedRule(
        "WW-RULE-FUNCTION",
        f"There is no function {name}.",
        note="Rules know the functions of SPARQL-RL's grammar and the casts to xsd: types.",
        hint=f"Did you mean {near}?" if near else "",
    )


def compile_truth(expression: Expression, base: str | None = None) -> TruthOf:
    """Return the function of a solution that gives an expression's effective boolean value.

    The function raises `EvaluationError` where SPARQL has an error.

    Raises:
        IllFormedRule: as `compile_expression`.
    """
    if isinstance(expression, Call):
        name = _name(expression.name)
        if name in ("||", "&&", "!"):
            return _logic(name, [compile_truth(part, base) for part in expression.args])
        if name in ("=", "!="):
            return _equality(name, expression, base)
        if name in _ORDERS:
            return _order(name, expression, base)
        if name in ("IN", "NOT IN"):
            return _member(name, [compile_expression(part, base) for part in expression.args])
        if name in functions.TESTS:
            test, fewest, most = functions.TESTS[name]
            _check(expression, fewest, most)
            return _apply_test(test, [compile_expression(part, base) for part in expression.args])
    value = compile_expression(expression, base)
    return lambda solution: effective(value(solution))


def truth(expression: Expression, base: str | None = None) -> TruthOf:
    """Return the function of a solution that a FILTER stands for: an error counts as false.

    Raises:
        IllFormedRule: as `compile_expression`.
    """
    test = compile_truth(expression, base)

    def holds(solution: Solution) -> bool:
        try:
            return test(solution)
        except EvaluationError:
            return False

    return holds


def _name(name: str) -> str:
    return name if ":" in name or name in _TERMS else name.upper()


def _check(call: Call, fewest: int, most: int) -> None:
    if not fewest <= len(call.args) <= most:
        raise IllFormedRule(
            "WW-RULE-FUNCTION",
            f"{call.name} is given {len(call.args)} arguments.",
            note=f"It takes {fewest}." if fewest == most else f"It takes {fewest} to {most}.",
        )


def _variable(variable: Var) -> TermOf:
    def value(solution: Solution) -> Node:
        try:
            return solution[variable]
        except KeyError:
            raise EvaluationError(f"{variable} is unbound") from None

    return value


def _apply(function: Callable[..., Node], args: list[TermOf]) -> TermOf:
    if len(args) == 1:
        (only,) = args
        return lambda solution: function(only(solution))
    if len(args) == 2:
        first, second = args
        return lambda solution: function(first(solution), second(solution))
    return lambda solution: function(*[arg(solution) for arg in args])


def _apply_test(function: Callable[..., bool], args: list[TermOf]) -> TruthOf:
    if len(args) == 1:
        (only,) = args
        return lambda solution: function(only(solution))
    return lambda solution: function(*[arg(solution) for arg in args])


def _logic(name: str, args: list[TruthOf]) -> TruthOf:
    if name == "!":
        (only,) = args
        return lambda solution: not only(solution)
    left, right = args
    settles = name == "||"

    def value(solution: Solution) -> bool:
        # An error on one side is forgiven if the other side alone settles the result.
        try:
            if left(solution) is settles:
                return settles
        except EvaluationError:
            if right(solution) is settles:
                return settles
            raise
        return right(solution)

    return value


def _equality(name: str, call: Call, base: str | None) -> TruthOf:
    wanted = name == "="
    first, second = call.args
    if isinstance(first, NamedNode):
        first, second = second, first
    left = compile_expression(first, base)
    if isinstance(second, NamedNode):
        return lambda solution: (left(solution) == second) is wanted
    right = compile_expression(second, base)
    return lambda solution: equal(left(solution), right(solution)) is wanted


def _order(name: str, call: Call, base: str | None) -> TruthOf:
    first, second = call.args
    if isinstance(first, Literal) and not isinstance(second, Literal):
        first, second, name = second, first, _MIRRORED[name]
    accepts = _ORDERS[name]
    left = compile_expression(first, base)
    constant = decode(second) if isinstance(second, Literal) else None
    if isinstance(constant, Number):
        return _against(name, left, constant)
    right = compile_expression(second, base)
    return lambda solution: accepts(compare(left(solution), right(solution)))


def _against(name: str, left: TermOf, constant: Number) -> TruthOf:
    accepts, direct = _ORDERS[name], _DIRECT[name]
    rank, bound = constant

    def value(solution: Solution) -> bool:
        found = value_of(left(solution))
        # Integers and decimals compare exactly as Python compares them.
        if rank <= DECIMAL and type(found) is Number and found[0] <= DECIMAL:
            return direct(found[1], bound)
        return accepts(compare_values(found, constant))

    return value


def _member(name: str, args: list[TermOf]) -> TruthOf:
    wanted, (subject, *options) = name == "IN", args

    def value(solution: Solution) -> bool:
        term = subject(solution)
        error: EvaluationError | None = None
        for option in options:
            try:
                if equal(term, option(solution)):
                    return wanted
            except EvaluationError as found:
                error = found
        if error is not None:
            raise error
        return not wanted

    return value


def _special(name: str, call: Call, args: list[TermOf], base: str | None) -> TermOf:
    if name == "IF":
        _check(call, 3, 3)
        test, (_, yes, no) = compile_truth(call.args[0], base), args
        return lambda solution: yes(solution) if test(solution) else no(solution)
    if name == "BNODE":
        # Behind the label may stand what tells its solution from others: see `nodes.py`.
        return _blank(args[0]) if args else lambda _: BlankNode()
    _check(call, 1, 1)
    (only,) = args
    return lambda solution: _iri(only(solution), base)


def _iri(term: Node, base: str | None) -> Node:
    if isinstance(term, NamedNode):
        return term
    try:
        return NamedNode(urljoin(base, simple(term)) if base else simple(term))
    except ValueError as error:
        raise EvaluationError("malformed IRI") from error


def _blank(label: TermOf) -> TermOf:
    def value(solution: Solution) -> Node:
        # One node a label and solution: the node is named after both, and after nothing that
        # BNODE itself made, so that two assignments of one rule agree.
        name = simple(label(solution))
        parts = sorted(
            f"{variable.name} {term}"
            for variable, term in solution.items()
            if not (isinstance(term, BlankNode) and term.value.startswith(_MADE))
        )
        digest = hashlib.sha256("\n".join([name, *parts]).encode()).hexdigest()
        return BlankNode(f"{_MADE}{digest[:24]}")

    return value
