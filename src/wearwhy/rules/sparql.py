"""The rule model printed as SPARQL 1.2: terms, expressions, patterns."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Triple

from wearwhy.rules.model import Atom, Call, Expression, Filter, Term, TriplePattern, Var

_OPERATORS = frozenset(("||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"))


def variable(var: Var) -> str:
    """Return a variable's name in SPARQL; the dot of a blank node's variable is spelt out."""
    return f"?{var.name.replace('.', '_dot_')}"


def term(value: Term) -> str:
    """Return a term or variable in SPARQL."""
    if isinstance(value, Var):
        return variable(value)
    if isinstance(value, TriplePattern | Triple):
        parts = (value.subject, value.predicate, value.object)
        return f"<<( {' '.join(term(part) for part in parts)} )>>"
    return str(value)


def expression(value: Expression) -> str:
    """Return an expression in SPARQL, fully bracketed."""
    if not isinstance(value, Call):
        return term(value)
    args = [expression(arg) for arg in value.args]
    name = value.name
    if name in _OPERATORS:
        return f"({args[0]} {name} {args[1]})"
    if name in ("IN", "NOT IN"):
        return f"({args[0]} {name} ({', '.join(args[1:])}))"
    if name in ("!", "u-", "u+"):
        return f"({name[-1]} {args[0]})"
    called = f"<{name}>" if ":" in name else name
    return f"{called}({', '.join(args)})"


def pattern(parts: Iterable[Atom | Filter]) -> str:
    """Return triple patterns and filters in SPARQL, in written order."""
    return " ".join(
        f"FILTER({expression(part.expression)})"
        if isinstance(part, Filter)
        else f"{term(part.subject)} {term(part.predicate)} {term(part.object)} ."
        for part in parts
    )
