"""The rule model as SPARQL-RL text: `parse(render(x))` says the same as `x`.

Sugar is not rebuilt: paths, lists and annotations come out as the triples they stand for. Only
`;`, `,` and `a` are used, and prefixed names where a prefix fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.rdf import PREFIXES, TYPE, XSD, Fact
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Document,
    Element,
    Expression,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
)
from wearwhy.rules.syntax.expressions import PRECEDENCE, RELATION
from wearwhy.rules.syntax.lexer import FUNCTIONS, VARNAME_CHARS

_BARE: Final[dict[NamedNode, re.Pattern[str]]] = {
    XSD.integer: re.compile(r"[+-]?[0-9]+", re.ASCII),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+", re.ASCII),
    XSD.double: re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+", re.ASCII),
    XSD.boolean: re.compile(r"true|false"),
}
_LOCAL: Final = re.compile(
    rf"(?![\u00B7\u0300-\u036F\u203F-\u2040])[{VARNAME_CHARS}](?:[{VARNAME_CHARS}\-]*)"
)
_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')

Namer = Callable[[Term], str]


def render(
    what: Document | Rule | Iterable[Rule], prefixes: Mapping[str, str] | None = None
) -> str:
    """Return the text of a document, a rule or several rules.

    Args:
        what: what to print; of a document its prefixes, data and rules, in this order.
        prefixes: prefixes that names are shortened by; by default the document's own, else
            `rdf.PREFIXES`. They are declared in the text of a document, and assumed to be
            declared elsewhere for rules alone.
    """
    if isinstance(what, Document):
        known = dict(what.prefixes) if prefixes is None else dict(prefixes)
        name = _namer(known)
        blocks = [f"PREFIX {prefix}: {_iri(base)}" for prefix, base in known.items()]
        blocks += [f"IMPORTS {name(iri)}" for iri in what.imports]
        parts = ["\n".join(blocks)] if blocks else []
        if what.data:
            lines = _triples((fact for fact in what.data), name, "  ")
            parts.append("DATA {\n" + "\n".join(lines) + "\n}")
        parts += [_rule(rule, name) for rule in what.rules]
        return "\n\n".join(parts) + "\n"
    name = _namer(PREFIXES if prefixes is None else prefixes)
    rules = [what] if isinstance(what, Rule) else list(what)
    return "\n\n".join(_rule(rule, name) for rule in rules) + "\n"


def render_data(facts: Iterable[Fact], prefixes: Mapping[str, str] | None = None) -> str:
    """Return a DATA block; prefixes as in `render`, assumed to be declared elsewhere."""
    lines = _triples(facts, _namer(PREFIXES if prefixes is None else prefixes), "  ")
    return "DATA {\n" + "\n".join(lines) + "\n}\n"


def _rule(rule: Rule, name: Namer) -> str:
    head = _triples(rule.head, name, "  ")
    body = _body(rule.body, name, "  ")
    where = "WHERE DATA" if rule.data else "WHERE"
    opening = f"RULE {name(rule.iri)}"
    if len(head) == 1:
        opening += f" {{ {head[0].strip().removesuffix(' .')} }}"
    else:
        opening += " {\n" + "\n".join(head) + "\n}" if head else " { }"
    return opening + f"\n{where} {{\n" + "".join(f"{line}\n" for line in body) + "}"


def _body(elements: Iterable[Element], name: Namer, indent: str) -> list[str]:
    lines: list[str] = []
    atoms: list[Atom] = []
    for element in elements:
        if isinstance(element, Atom):
            atoms.append(element)
            continue
        lines += _triples(atoms, name, indent)
        atoms = []
        lines.append(indent + _element(element, name))
    return lines + _triples(atoms, name, indent)


def _element(element: Filter | Assign | Negation, name: Namer) -> str:
    if isinstance(element, Filter):
        return f"FILTER({_expression(element.expression, name)})"
    if isinstance(element, Assign):
        return f"SET({name(element.var)} := {_expression(element.expression, name)})"
    inner = " ".join(_body(element.body, name, ""))
    return f"NOT {'DATA ' if element.data else ''}{{ {inner} }}"


def _triples(atoms: Iterable[Atom | Fact], name: Namer, indent: str) -> list[str]:
    lines: list[str] = []
    before: Atom | Fact | None = None
    for atom in atoms:
        found = name(atom.object)
        if before is not None and before.subject == atom.subject:
            if before.predicate == atom.predicate:
                lines[-1] += f", {found}"
            else:
                lines[-1] += f" ; {_verb(atom.predicate, name)} {found}"
        else:
            if lines:
                lines[-1] += " ."
            lines.append(f"{indent}{name(atom.subject)} {_verb(atom.predicate, name)} {found}")
        before = atom
    if lines:
        lines[-1] += " ."
    return lines


def _verb(term: Term, name: Namer) -> str:
    return "a" if term == TYPE else name(term)


def _namer(prefixes: Mapping[str, str]) -> Namer:
    bases = sorted(((base, prefix) for prefix, base in prefixes.items()), reverse=True)
    known: dict[NamedNode, str] = {}

    def named(node: NamedNode) -> str:
        text = known.get(node)
        if text is None:
            text = _iri(node.value)
            for base, prefix in bases:
                local = node.value[len(base) :]
                if node.value.startswith(base) and _LOCAL.fullmatch(local):
                    text = f"{prefix}:{local}"
                    break
            known[node] = text
        return text

    def name(term: Term) -> str:
        if isinstance(term, NamedNode):
            return named(term)
        if isinstance(term, Var):
            return f"_:{term.name[1:]}" if term.name.startswith(".") else f"?{term.name}"
        if isinstance(term, Literal):
            return _literal(term, named)
        if isinstance(term, BlankNode):
            return f"_:{term.value}"
        assert isinstance(term, Triple | TriplePattern), "a term is one of these"
        parts = (name(term.subject), _verb(term.predicate, name), name(term.object))
        return f"<<( {' '.join(parts)} )>>"

    return name


def _iri(value: str) -> str:
    escaped = _IN_IRI.sub(lambda match: "\\u" + format(ord(match[0]), "04X"), value)
    return f"<{escaped}>"


def _literal(literal: Literal, named: Callable[[NamedNode], str]) -> str:
    bare = _BARE.get(literal.datatype)
    if bare is not None and bare.fullmatch(literal.value):
        return literal.value
    text = f'"{literal.value.translate(_ESCAPES)}"'
    if literal.language:
        direction = f"--{literal.direction.value}" if literal.direction else ""
        return f"{text}@{literal.language}{direction}"
    return text if literal.datatype == XSD.string else f"{text}^^{named(literal.datatype)}"


def _expression(expression: Expression, name: Namer) -> str:
    if not isinstance(expression, Call):
        return name(expression)
    call, args = expression.name, expression.args
    if call in {"IN", "NOT IN"}:
        options = ", ".join(_expression(arg, name) for arg in args[1:])
        return f"{_nested(args[0], name, RELATION + 1)} {call} ({options})"
    power = PRECEDENCE.get(call)
    if power is not None:
        left = _nested(args[0], name, power + (power == RELATION))
        return f"{left} {call} {_nested(args[1], name, power + 1)}"
    if call in {"!", "u-", "u+"}:
        return call[-1] + _primary(args[0], name)
    inner = ", ".join(_expression(arg, name) for arg in args)
    return f"{call if call in FUNCTIONS else name(NamedNode(call))}({inner})"


def _nested(expression: Expression, name: Namer, least: int) -> str:
    text = _expression(expression, name)
    if isinstance(expression, Call) and PRECEDENCE.get(expression.name, 9) < least:
        return f"({text})"
    return text


def _primary(expression: Expression, name: Namer) -> str:
    text = _expression(expression, name)
    plain = isinstance(expression, Var) or (
        isinstance(expression, Call)
        and expression.name not in PRECEDENCE
        and expression.name not in {"!", "u-", "u+"}
    )
    return text if plain else f"({text})"
