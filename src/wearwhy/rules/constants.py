"""The terms that a rule mentions, and a rule that mentions others in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from wearwhy.rdf import BlankNode, Literal, NamedNode, Node, Triple
from wearwhy.rules.model import Atom, Call, Element, Rule, TriplePattern, Var


def constants(rule: Rule) -> frozenset[Node]:
    """Return the terms that stand in a rule's head and body."""
    found: set[Node] = set()
    stack: list[object] = [rule.head, rule.body]
    while stack:
        part = stack.pop()
        if isinstance(part, NamedNode | BlankNode | Literal | Triple):
            found.add(part)
        elif isinstance(part, tuple):
            stack += part
        elif is_dataclass(part) and not isinstance(part, Var | type):
            stack += [getattr(part, one.name) for one in fields(part)]
    return frozenset(found)


def renamed(rule: Rule, other: Mapping[Node, Node]) -> Rule:
    """Return a rule with terms replaced; its name and description stay."""
    head: tuple[Atom, ...] = _renamed(rule.head, other)
    body: tuple[Element, ...] = _renamed(rule.body, other)
    return replace(rule, head=head, body=body)


def _renamed(part: Any, other: Mapping[Node, Node]) -> Any:
    if isinstance(part, NamedNode | BlankNode | Literal | Triple):
        return other.get(part, part)
    if isinstance(part, tuple):
        return tuple(_renamed(one, other) for one in part)
    if isinstance(part, Call):
        return Call(part.name, _renamed(part.args, other))
    if isinstance(part, Var) or not is_dataclass(part) or isinstance(part, type):
        return part
    if isinstance(part, TriplePattern | Atom):
        return type(part)(
            *(_renamed(one, other) for one in (part.subject, part.predicate, part.object))
        )
    changed = {one.name: _renamed(getattr(part, one.name), other) for one in fields(part)}
    return replace(part, **changed)
