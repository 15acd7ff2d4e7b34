"""Axioms that have a list: their rules, written out for the members of each list.

SPARQL-RL has no pattern for all members of a list. Two words of ours stand for it in a rule's body
and are answered here, from the axioms, before the rule is compiled:

- `?l ww:eachMember ?m`: the elements that mention ?m are repeated, once for each member of the
  list ?l; a variable that stands in these elements alone is a new one in each repetition;
- `?l ww:chainMember ?m`: the one pattern `?x ?m ?y` that mentions ?m is repeated, each repetition
  beginning where the one before it ends.

The list's cells stand in the rule that is made, so that a proof cites the whole axiom. As in
`specialise`, what the axiom has a blank node for stays a variable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from wearwhy.rdf import RDF, WW, BlankNode, Fact, NamedNode, Node
from wearwhy.rules.model import Atom, Element, Rule, Term, TriplePattern, Var, variables
from wearwhy.rules.naming import bracketed, local
from wearwhy.rules.substitute import in_atom, in_element

EACH: Final = WW.eachMember
CHAIN: Final = WW.chainMember


class Cells(NamedTuple):
    """A list: its cells and, for each, what stands in it."""

    cells: tuple[Node, ...]
    members: tuple[Node, ...]


def has_list(rule: Rule) -> bool:
    """Return whether a rule asks for the members of an axiom's list."""
    return _asked(rule) is not None


def unrolled(rule: Rule, facts: Mapping[NamedNode, Sequence[Fact]]) -> tuple[Rule, ...]:
    """Return a rule written out for each list that its axiom has; itself if it asks for none.

    A list that lacks a cell's value or its end is none, and gives no rule.

    Args:
        rule: the rule.
        facts: the axioms by predicate.
    """
    asked = _asked(rule)
    if asked is None:
        return (rule,)
    axiom = next(
        element
        for element in rule.body
        if isinstance(element, Atom) and element.object == asked.subject and element is not asked
    )
    assert isinstance(axiom.predicate, NamedNode), "an axiom's predicate is a constant"
    first = {fact.subject: fact.object for fact in facts.get(RDF.first, ())}
    rest = {fact.subject: fact.object for fact in facts.get(RDF.rest, ())}
    found: dict[tuple[Element, ...], tuple[str, Rule]] = {}
    for fact in facts.get(axiom.predicate, ()):
        cells = _cells(fact.object, first, rest)
        if cells is not None:
            made = _written_out(rule, axiom, asked, fact, cells)
            named = [fact.subject, *cells.members]
            plain = [local(node) for node in named if not isinstance(node, BlankNode)]
            short = plain[:1] if not isinstance(fact.subject, BlankNode) else plain
            found.setdefault(made.body, (",".join(short), made))
    ordered = sorted(found.values(), key=lambda pair: (pair[0], str(pair[1].body)))
    used: Counter[str] = Counter()
    result: list[Rule] = []
    for name, made in ordered:
        used[name] += 1
        unique = name if used[name] == 1 else f"{name},{used[name]}"
        result.append(replace(made, iri=bracketed(rule.iri, unique)))
    return tuple(result)


def _asked(rule: Rule) -> Atom | None:
    return next(
        (e for e in rule.body if isinstance(e, Atom) and e.predicate in (EACH, CHAIN)), None
    )


def _cells(start: Node, first: Mapping[Node, Node], rest: Mapping[Node, Node]) -> Cells | None:
    cells: list[Node] = []
    cell = start
    while cell != RDF.nil:
        if cell in cells or cell not in first or cell not in rest:
            return None
        cells.append(cell)
        cell = rest[cell]
    return Cells(tuple(cells), tuple(first[cell] for cell in cells)) if cells else None


def _written_out(rule: Rule, axiom: Atom, asked: Atom, fact: Fact, cells: Cells) -> Rule:
    bound: dict[Var, Node] = {
        term: node
        for term, node in ((axiom.subject, fact.subject), (axiom.object, fact.object))
        if isinstance(term, Var) and not isinstance(node, BlankNode)
    }
    member, head = asked.object, asked.subject
    assert isinstance(member, Var)
    assert isinstance(head, Var)
    places = [_place(cell, head, number) for number, cell in enumerate(cells.cells)]
    ends: list[Term] = [*places[1:], RDF.nil]
    values = [_place(node, member, number) for number, node in enumerate(cells.members, 1)]
    spine: list[Element] = []
    for place, value, end in zip(places, values, ends, strict=True):
        spine += [Atom(place, RDF.first, value), Atom(place, RDF.rest, end)]
    repeated = [e for e in rule.body if e is not asked and member in variables(e)]
    others = [e for e in rule.body if e is not asked and e not in repeated]
    body: list[Element] = []
    for element in rule.body:
        if element is asked:
            body += spine
        elif element in others:
            body.append(element)
        elif element is repeated[0]:
            body += (
                _each(repeated, member, values, others, rule.head)
                if asked.predicate == EACH
                else _chain(repeated[0], values)
            )
    return replace(
        rule,
        head=tuple(in_atom(atom, bound) for atom in rule.head),
        body=tuple(in_element(element, bound) for element in body),
    )


def _place(node: Node, var: Var, number: int) -> Term:
    """Return a node, or the variable that stands for a blank one."""
    if not isinstance(node, BlankNode):
        return node
    return var if number == 0 else Var(f"{var.name}.{number}")


def _each(
    repeated: Sequence[Element],
    member: Var,
    values: Sequence[Term],
    others: Sequence[Element],
    head: Sequence[Atom],
) -> Iterator[Element]:
    own = variables(tuple(repeated)) - variables(tuple(others)) - variables(tuple(head)) - {member}
    for number, value in enumerate(values, 1):
        renamed = {var: Var(f"{var.name}.{number}") for var in own}
        for element in repeated:
            yield _with(in_element(element, renamed), member, value)


def _chain(link: Element, values: Sequence[Term]) -> Iterator[Element]:
    assert isinstance(link, Atom)
    last = len(values)
    for number, value in enumerate(values, 1):
        start = link.subject if number == 1 else Var(f"{_name(link.object)}.{number - 1}")
        end = link.object if number == last else Var(f"{_name(link.object)}.{number}")
        yield Atom(start, value, end)


def _name(term: Term) -> str:
    return term.name if isinstance(term, Var) else "step"


def _with(element: Element, member: Var, value: Term) -> Element:
    if isinstance(value, Var):
        return in_element(element, {member: value})
    assert not isinstance(value, BlankNode | TriplePattern)
    return in_element(element, {member: value})
