"""What a failed case is told with: what a missing fact lacks, and how a forbidden one comes about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from wearwhy.evidence import Kind
from wearwhy.rdf import BlankNode, Fact, NamedNode, Node, curie
from wearwhy.rules.firing import unify_atom
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Assign, Atom, Element, Filter, Rule, Var, variables
from wearwhy.rules.mutate import cascade, element_text
from wearwhy.rules.solutions import Solution, solutions
from wearwhy.rules.substitute import in_element

# A failure is read on a terminal: the nearest few rules, the first few lines of a proof.
_RULES: Final = 3
_LINES: Final = 24
_IRI: Final = re.compile(r"<([^<>\s]+)>")


def words(fact: Fact) -> str:
    """Return a fact in short names."""
    return " ".join(curie(part) for part in fact)


def lacking(layer: Layer, fact: Fact) -> Iterator[str]:
    """Yield, for the rules that could say a fact, what each lacks; a line each.

    A rule that lacks one condition comes before those that lack more.
    """
    near: list[tuple[int, str]] = []
    for rule in layer.program.rules:
        for atom in rule.head:
            bound: Solution = {}
            if unify_atom(atom, fact, bound):
                near.append(_nearest(rule, layer, bound))
                break
    if not near:
        yield "no rule says it"
    yield from (line for _, line in sorted(near)[:_RULES])
    if len(near) > _RULES:
        yield f"{len(near) - _RULES} further rules could say it"


def _nearest(rule: Rule, layer: Layer, bound: Solution) -> tuple[int, str]:
    """Return how many conditions a rule lacks, 2 standing for more, and a sentence that says it."""
    name = curie(rule.iri)
    for number, element in enumerate(rule.body):
        body, _ = cascade(rule.body, number, frozenset(bound))
        found = next(solutions(replace(rule, body=body), layer, bound), None)
        if found is not None:
            return 1, f"{name} lacks only: {_shown(element, found)}"
    met: list[Element] = []
    known: Solution = dict(bound)
    lacks = []
    for element in rule.body:
        if isinstance(element, Filter | Assign) and not variables(element) <= _bound(
            met, bound, element
        ):
            continue  # what it reads is lacking, and has been said
        found = next(solutions(replace(rule, body=(*met, element)), layer, bound), None)
        if found is None:
            lacks.append(_shown(element, known))
        else:
            met.append(element)
            known = found
    return 2, f"{name} lacks: " + " ".join(lacks)


def _bound(met: list[Element], bound: Solution, element: Element) -> frozenset[Var]:
    own = frozenset((element.var,)) if isinstance(element, Assign) else frozenset()
    return variables(tuple(e for e in met if isinstance(e, Atom | Assign))) | frozenset(bound) | own


def _shown(element: Element, known: Solution) -> str:
    plain: dict[Var, Node] = {v: n for v, n in known.items() if not isinstance(n, BlankNode)}
    text = element_text(in_element(element, plain))
    return _IRI.sub(lambda match: curie(NamedNode(match[1])), text)


def proof(layer: Layer, fact: Fact) -> Iterator[str]:
    """Yield the derivation that the ledger keeps of a fact, indented; each fact once."""
    seen: set[Fact] = set()
    waiting = [(0, fact)]
    for _ in range(_LINES):
        if not waiting:
            return
        depth, current = waiting.pop()
        kind = layer.kind(current) or Kind.ABSENT
        firing = layer.firing(current)
        because = f", by {curie(firing.rule)}" if firing is not None else ""
        yield f"{'  ' * depth}{words(current)}  ({kind.value}{because})"
        if current in seen or firing is None:
            continue
        seen.add(current)
        waiting += [(depth + 1, premise) for premise in reversed(firing.premises)]
    if waiting:
        yield "…"
