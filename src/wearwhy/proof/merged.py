"""Proofs where names are merged: told fact by fact, since a row stands for more than one.

What holds, or is surer, by another name alone is a `same` node. It rests on the original statement
and on the statements of sameness between the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wearwhy.errors import NoAnswer
from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.proof.nodes import fresh_nodes, identified, is_axiom, valued
from wearwhy.rdf import Fact, Node, curie
from wearwhy.rules import sparql
from wearwhy.rules.model import Assign, Atom, Element, Filter, Firing, Negation, Rule

if TYPE_CHECKING:
    from wearwhy.rules.layer import Layer


def node_of(
    layer: Layer,
    fact: Fact,
    nodes: dict[str, EvidenceNode],
    known: dict[Fact, str],
    source: Callable[[Fact], str | None],
) -> str:
    """Return the id of a fact's node, adding to the nodes what it rests on.

    Args:
        layer: one with merged names.
        fact: what is to be proved.
        nodes: of the document, by id.
        known: the ids of the facts proved so far.
        source: where an asserted fact or a guess came from, if anybody knows.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold here.
    """
    stack = [fact]
    while stack:
        current = stack[-1]
        why = layer.firing(current)
        missing = [] if why is None else [one for one in why.premises if one not in known]
        if current not in known and missing:
            stack += missing
            continue
        stack.pop()
        if current not in known:
            made = identified(_made(layer, current, why, known, source, nodes))
            nodes[made.id] = made
            known[current] = made.id
    return known[fact]


def _made(  # noqa: PLR0917  # the document, in its parts
    layer: Layer,
    fact: Fact,
    why: Firing | None,
    known: dict[Fact, str],
    source: Callable[[Fact], str | None],
    nodes: dict[str, EvidenceNode],
) -> EvidenceNode:
    kind = layer.kind(fact)
    if kind is None:
        raise NoAnswer("WW-WHY-ABSENT", f"{' '.join(map(curie, fact))} does not hold here.")
    if why is None:
        guess = layer.probability(fact) if kind is Kind.PREDICTED else None
        told = Kind.AXIOM if kind is Kind.ASSERTED and is_axiom(fact) else kind
        return EvidenceNode("", told, fact, probability=guess, source=source(fact))
    sure = layer.confidence(fact)
    confidence = sure if sure < 1.0 else None
    premises = [known[premise] for premise in why.premises]
    rule = layer.rule(why.rule)
    if rule is None:
        return EvidenceNode(
            "", kind, fact, why.rule, confidence=confidence, premises=tuple(premises)
        )
    bindings = dict(why.bindings)
    steps: list[str] = []
    facts = iter(premises)
    for side in _sides(rule, why, bindings):
        if side is None:
            steps.append(next(facts))
        else:
            made = identified(side)
            nodes[made.id] = made
            steps.append(made.id)
    return EvidenceNode(
        "",
        kind,
        fact,
        why.rule,
        bindings=tuple(sorted((bindings | fresh_nodes(rule, fact, bindings)).items())),
        confidence=confidence,
        premises=tuple(steps),
    )


def _sides(rule: Rule, why: Firing, bindings: dict[str, Node]) -> Iterator[EvidenceNode | None]:
    """Yield for each element of a body its node; None for a pattern, which a premise answers."""
    absences = iter(why.absences)
    for element in rule.body:
        if isinstance(element, Atom):
            yield None
        elif isinstance(element, Negation):
            yield EvidenceNode("", Kind.ABSENT, note=sparql.pattern(next(absences)))
        else:
            yield EvidenceNode("", Kind.BUILTIN, note=_test(element, bindings))


def _test(element: Element, bindings: dict[str, Node]) -> str:
    assert isinstance(element, Filter | Assign)
    note = sparql.expression(valued(element.expression, bindings))
    if isinstance(element, Assign):
        note = f"{sparql.term(bindings[element.var.name])} = {note}"
    return note
