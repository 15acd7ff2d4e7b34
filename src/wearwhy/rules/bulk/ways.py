"""Ways to a fact: a rule and one template of its head; what the ledger keeps of a firing.

A fact keeps the number of the way it was first derived, and the values of those variables of the
body that the fact itself does not tell. Both together give the premises back. Premises are of
earlier rounds, so that no derivation rests on itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wearwhy.rdf import BlankNode, NamedNode, Node, Triple
from wearwhy.rules.model import Atom, Rule, Term, TriplePattern, Var, variables

ASSERTED = 0
"""The way of what somebody said."""


@dataclass(frozen=True, slots=True)
class Way:
    """A rule, one of its templates, and the variables that are kept beside the fact."""

    number: int
    rule: Rule
    template: Atom
    kept: tuple[Var, ...]

    def premises(self, fact: tuple[Node, Node, Node], kept: Sequence[Node]) -> list[Atom]:
        """Return the body's atoms with the values that a fact and what is kept give."""
        values: dict[Var, Node] = dict(zip(self.kept, kept, strict=True))
        parts = (self.template.subject, self.template.predicate, self.template.object)
        told = zip(parts, fact, strict=True)
        values |= {part: node for part, node in told if isinstance(part, Var)}
        return [
            Atom(*(_filled(term, values) for term in (atom.subject, atom.predicate, atom.object)))
            for atom in self.rule.body
            if isinstance(atom, Atom)
        ]


def _filled(term: Term, values: Mapping[Var, Node]) -> Node:
    if isinstance(term, Var):
        return values[term]
    if isinstance(term, TriplePattern):
        parts = [_filled(part, values) for part in (term.subject, term.predicate, term.object)]
        return Triple(*parts)  # type: ignore[arg-type]
    return term


class Ways:
    """The ways of a program, numbered from 1."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.all: list[Way] = []
        self.of: dict[NamedNode, list[Way]] = {}
        for rule in rules:
            matched = [element for element in rule.body if isinstance(element, Atom)]
            for template in rule.head:
                told = {
                    part
                    for part in (template.subject, template.predicate, template.object)
                    if isinstance(part, Var)
                }
                kept = tuple(sorted(variables(tuple(matched)) - told))
                way = Way(len(self.all) + 1, rule, template, kept)
                self.all.append(way)
                self.of.setdefault(rule.iri, []).append(way)

    def widths(self) -> tuple[dict[NamedNode, int], int]:
        """Return how many kept values facts of each property have at most, and of any other."""
        widths: dict[NamedNode, int] = {}
        others = 0
        for way in self.all:
            predicate = way.template.predicate
            if isinstance(predicate, NamedNode):
                widths[predicate] = max(widths.get(predicate, 0), len(way.kept))
            elif not isinstance(predicate, BlankNode):
                others = max(others, len(way.kept))
        return {name: max(width, others) for name, width in widths.items()}, others
