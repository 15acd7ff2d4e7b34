"""Why a fact does not hold: the rules that come nearest to it, and what each of them lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.document import fact_json, node_json, term_json
from wearwhy.explain.naming import Names
from wearwhy.explain.wording import node_text, said
from wearwhy.proof.nearest import Near, Premise, nearest
from wearwhy.proof.prove import Prover, reachable
from wearwhy.rdf import Fact
from wearwhy.rules import sparql
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Assign, Atom, Filter, Negation

_MARKS = {True: "✓", False: "✗", None: "?"}
_KINDS = {Atom: "fact", Filter: "test", Assign: "test", Negation: "absence"}


@dataclass(frozen=True, slots=True, eq=False)
class Lacking:
    """The answer.

    Attributes:
        fact: that was asked about.
        layer: where it was looked for.
        holds: whether it holds after all.
        near: the rules that come nearest, the nearest first.
        nodes: the proofs of what is met and of what stands in the way.
    """

    fact: Fact
    layer: Layer
    holds: bool
    near: tuple[Near, ...]
    prover: Prover

    def as_dict(self) -> dict[str, Any]:
        """Return what `why-not SUBJECT PREDICATE OBJECT --json` prints."""
        near = [self._near(one) for one in self.near]
        nodes: dict[str, EvidenceNode] = {}
        for root in self.prover.nodes:
            nodes.update(reachable(root, self.prover.nodes).nodes)
        return {
            "statement": fact_json(self.fact),
            "holds": self.holds,
            "nearest": near,
            "nodes": {name: node_json(nodes[name]) for name in sorted(nodes)},
        }

    def _near(self, near: Near) -> dict[str, Any]:
        return {
            "rule": near.rule.iri.value,
            "bindings": {name: term_json(value) for name, value in near.bindings},
            "met": near.met,
            "unmet": near.unmet,
            "complete": near.whole,
            "premises": [self._premise(premise) for premise in near.premises],
        }

    def _premise(self, premise: Premise) -> dict[str, Any]:
        found: dict[str, Any] = {
            "kind": _KINDS[type(premise.element)],
            "pattern": text(premise),
            "met": premise.met,
        }
        if premise.fact is not None:
            found["node"] = self.prover.node(premise.fact)
        if premise.in_the_way:
            found["in_the_way"] = [self.prover.node(fact) for fact in premise.in_the_way]
        if premise.nearer:
            found["nearest"] = [self._near(one) for one in premise.nearer]
        return found


def why_not_fact(layer: Layer, fact: Fact, most: int) -> Lacking:
    """Return what comes nearest to concluding a fact, up to so many rules."""
    holds = layer.holds(fact)
    near = () if holds else nearest(layer, fact, most=most)
    return Lacking(fact, layer, holds, near, Prover(layer))


def text(premise: Premise) -> str:
    """Return an element of a body in SPARQL, with the values it has."""
    element = premise.element
    if isinstance(element, Negation):
        return sparql.pattern(element.body)
    if isinstance(element, Assign):
        return f"{sparql.variable(element.var)} = {sparql.expression(element.expression)}"
    return sparql.pattern((element,))


def lines(named: Names, found: Lacking) -> list[str]:
    """Return the rules that come nearest, a line each premise: met, not met, or waiting."""
    return [line for near in found.near for line in _near_lines(named, near, "  ")]


def _near_lines(named: Names, near: Near, lead: str) -> list[str]:
    told = [
        lead
        + named.say(
            "nearest-rule",
            rule=named.of(near.rule.iri),
            met=near.met,
            all=near.met + near.unmet,
        )
    ]
    for premise in near.premises:
        told.append(f"{lead}  {_MARKS[premise.met]} {_said(named, premise)}")
        for one in premise.nearer:
            told += _near_lines(named, one, lead + "      ")
    return told


def _said(named: Names, premise: Premise) -> str:
    if premise.fact is not None:
        return said(named, premise.fact)
    if premise.in_the_way:
        facts = named.say("list").join(said(named, fact) for fact in premise.in_the_way)
        return named.say("in-the-way", facts=facts)
    absence = isinstance(premise.element, Atom | Negation)
    kind = Kind.ABSENT if absence else Kind.BUILTIN
    note = (
        sparql.expression(premise.element.expression)
        if isinstance(premise.element, Filter)
        else text(premise)
    )
    words = node_text(named, EvidenceNode("", kind, note=note))
    return words.partition("] ")[2]
