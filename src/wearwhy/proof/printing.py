"""The checker's own way with terms: instances under bindings, and their text in SPARQL."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import BlankNode, Triple

from wearwhy.rdf import Fact, Node
from wearwhy.rules.model import Atom, Call, Expression, Filter, TriplePattern, Var


def instance(term: object, values: Mapping[str, Node]) -> Node | Fact | None:
    """Return a term or atom with its variables replaced; None if one has no value.

    The value of a blank node stands under `_:` and its label.
    """
    if isinstance(term, Var | BlankNode):
        return values.get(term.name if isinstance(term, Var) else f"_:{term.value}")
    if isinstance(term, Atom | TriplePattern | Triple):
        parts = [instance(part, values) for part in (term.subject, term.predicate, term.object)]
        make = Fact if isinstance(term, Atom) else Triple
        return None if None in parts else make(*parts)  # type: ignore[arg-type]
    return term  # type: ignore[return-value]


def calls(expression: Expression) -> set[str]:
    """Return the names of all functions and operators in an expression."""
    args = expression.args if isinstance(expression, Call) else ()
    return {getattr(expression, "name", "")}.union(*map(calls, args))


def text(part: object) -> str:
    """Return a term, pattern, filter or expression in SPARQL."""
    if isinstance(part, Filter):
        return f"FILTER({text(part.expression)})"
    if isinstance(part, Var):
        return f"?{part.name.replace('.', '_dot_')}"
    if isinstance(part, Atom | TriplePattern | Triple):
        line = " ".join(text(term) for term in (part.subject, part.predicate, part.object))
        return f"{line} ." if isinstance(part, Atom) else f"<<( {line} )>>"
    if not isinstance(part, Call):
        return str(part)
    name, args = part.name, [text(arg) for arg in part.args]
    if name in ("IN", "NOT IN"):
        return f"({args[0]} {name} ({', '.join(args[1:])}))"
    if name in ("!", "u-", "u+"):
        return f"({name[-1]} {args[0]})"
    if not name[0].isalpha():
        return f"({f' {name} '.join(args)})"
    return f"{f'<{name}>' if ':' in name else name}({', '.join(args)})"
