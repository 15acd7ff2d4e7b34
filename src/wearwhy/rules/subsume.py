"""Whether one rule fires whenever another does, shown by mapping its body into the other's.

A rule *subsumes* another if some substitution turns its head into the other's and each of its
conditions into one that the other's body has or implies (θ-subsumption, Plotkin 1970; for
patterns alone it is containment of conjunctive queries, Chandra and Merlin 1977). NOT is mapped
the other way round. What is shown holds; what is not shown may hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from wearwhy.rdf import BlankNode
from wearwhy.rules.implied import NOTHING, Background, conjuncts, constant, implies
from wearwhy.rules.model import (
    Assign,
    Atom,
    Element,
    Expression,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import apart
from wearwhy.rules.substitute import in_element, in_expression

Mapped: TypeAlias = dict[Var, Term]

# Of a body with many alike patterns; then nothing is shown.
_STEPS: Final = 20_000
_GENERAL: Final = "\N{MIDDLE DOT}"


def subsumes(general: Rule, specific: Rule, known: Background = NOTHING) -> bool:
    """Return whether all that one rule concludes, another is shown to conclude in any graph.

    Args:
        general: the rule that is to fire whenever the other does.
        specific: the other.
        known: what may be taken for granted of the graph.
    """
    mine = _renamed(general)
    for wanted in specific.head:
        if _makes_nodes(wanted):
            return False
        starts = (found for atom in mine.head if (found := _onto(atom, wanted, {})) is not None)
        if not any(covers(mine, specific, start, known) for start in starts):
            return False
    return True


def speaks_with(general: Rule, specific: Rule, known: Background = NOTHING) -> bool:
    """Return whether a verdict of one rule on something is shown to bring one of another rule.

    The two name themselves in their heads, so that only what they judge is compared.
    """
    mine = _renamed(general)
    start = _onto_term(mine.head[0].subject, specific.head[0].subject, {})
    return start is not None and covers(mine, specific, start, known)


def equivalent(one: Rule, other: Rule, known: Background = NOTHING) -> bool:
    """Return whether two rules are shown to conclude the same in any graph."""
    return subsumes(one, other, known) and subsumes(other, one, known)


def _makes_nodes(atom: Atom) -> bool:
    return any(isinstance(t, BlankNode) for t in (atom.subject, atom.predicate, atom.object))


def _renamed(rule: Rule) -> Rule:
    """Return a rule with variables of its own, and those of each NOT apart."""
    body = apart(rule.body)
    names = {var: Var(_GENERAL + var.name) for var in variables((rule.head, body))}
    return Rule(
        rule.iri,
        tuple(a for a in (in_element(atom, names) for atom in rule.head) if isinstance(a, Atom)),
        tuple(in_element(element, names) for element in body),
        data=rule.data,
        description=rule.description,
    )


@dataclass(slots=True)
class _Facts:
    """What holds wherever the specific rule fires."""

    atoms: tuple[Atom, ...]
    filters: tuple[Expression, ...]
    assigns: tuple[Assign, ...]
    negations: tuple[tuple[tuple[Atom | Filter, ...], bool], ...]
    known: Background
    steps: int = _STEPS


def covers(general: Rule, specific: Rule, start: Mapped, known: Background) -> bool:
    """Return whether a body (variables renamed) maps into another's, as far as begun."""
    if general.data and not specific.data:
        return False
    negated = any(isinstance(element, Negation) for element in general.body)
    if negated and general.description.reads_guesses != specific.description.reads_guesses:
        return False
    body = apart(specific.body)
    stated = [element for element in body if isinstance(element, Atom)]
    facts = _Facts(
        tuple(stated) if general.data else known.atoms(stated),
        tuple(_conditions(body)),
        tuple(element for element in body if isinstance(element, Assign)),
        tuple((e.body, e.data or specific.data) for e in body if isinstance(e, Negation)),
        known,
    )
    elements = [
        Negation(e.body, e.data or general.data) if isinstance(e, Negation) else e
        for e in general.body
    ]
    return next(_embeddings(elements, 0, start, facts), None) is not None


def _conditions(body: Sequence[Element]) -> Iterator[Expression]:
    for element in body:
        if isinstance(element, Filter):
            yield from conjuncts(element.expression)


def _embeddings(
    elements: Sequence[Element], at: int, mapped: Mapped, facts: _Facts
) -> Iterator[Mapped]:
    if facts.steps <= 0:
        return
    facts.steps -= 1
    if at == len(elements):
        yield mapped
        return
    element = elements[at]
    if isinstance(element, Atom):
        for atom in facts.atoms:
            more = _onto(element, atom, mapped)
            if more is not None:
                yield from _embeddings(elements, at + 1, more, facts)
    elif isinstance(element, Assign):
        wanted = _put(element.expression, mapped)
        for assign in facts.assigns:
            if assign.expression == wanted and mapped.get(element.var, assign.var) == assign.var:
                more = {**mapped, element.var: assign.var}
                yield from _embeddings(elements, at + 1, more, facts)
    elif isinstance(element, Filter):
        if _met(_put(element.expression, mapped), facts.filters):
            yield from _embeddings(elements, at + 1, mapped, facts)
    elif _absent(element, mapped, facts):
        yield from _embeddings(elements, at + 1, mapped, facts)


def _met(expression: Expression, conditions: Sequence[Expression]) -> bool:
    return all(
        constant(part) is True or any(implies(known, part) for known in conditions)
        for part in conjuncts(expression)
    )


def _absent(negation: Negation, mapped: Mapped, facts: _Facts) -> bool:
    """Return whether some NOT of the specific rule excludes all that this NOT excludes."""
    inside = in_element(negation, _values(mapped))
    assert isinstance(inside, Negation)
    stated = [part for part in inside.body if isinstance(part, Atom)]
    for body, data in facts.negations:
        if data and not negation.data:
            continue
        asserted_only = data and negation.data
        there = stated if asserted_only else [*facts.known.atoms(stated), *facts.atoms]
        within = _Facts(
            tuple(there), (*_conditions(inside.body), *facts.filters), (), (), facts.known
        )
        own = {v: v for part in facts.atoms for v in variables(part)}
        own |= {assign.var: assign.var for assign in facts.assigns}
        fixed: Mapped = {v: v for v in variables(body) if v in own}
        if next(_embeddings(body, 0, fixed, within), None) is not None:
            return True
    return False


def _values(mapped: Mapped) -> Mapping[Var, Var]:
    # `in_element` puts any term where a variable stood; its type names the two common kinds.
    return mapped  # type: ignore[return-value]


def _put(expression: Expression, mapped: Mapped) -> Expression:
    return in_expression(expression, _values(mapped))


def _onto(atom: Atom, target: Atom, mapped: Mapped) -> Mapped | None:
    found: Mapped | None = mapped
    for mine, theirs in (
        (atom.predicate, target.predicate),
        (atom.object, target.object),
        (atom.subject, target.subject),
    ):
        if found is None:
            return None
        found = _onto_term(mine, theirs, found)
    return found


def _onto_term(mine: Term, theirs: Term, mapped: Mapped) -> Mapped | None:
    if isinstance(mine, Var):
        known = mapped.get(mine)
        if known is None:
            return {**mapped, mine: theirs}
        return mapped if known == theirs else None
    if isinstance(mine, TriplePattern):
        if not isinstance(theirs, TriplePattern):
            return None
        return _onto(
            Atom(mine.subject, mine.predicate, mine.object),
            Atom(theirs.subject, theirs.predicate, theirs.object),
            mapped,
        )
    return mapped if mine == theirs else None
