"""Rules and facts as a nemo program, one predicate a property, in names made here.

None of a user's text is in it: nemo's `@import` reads files and addresses, and a name is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wearwhy.rdf import BlankNode, Fact, NamedNode, Node
from wearwhy.rules.model import Atom, Call, Filter, Rule, Term, TriplePattern, Var


class NotSaid(Exception):
    """The rule is of a kind that is not written for nemo."""


@dataclass(slots=True)
class Program:
    """A nemo program under construction, and what its names stand for.

    Attributes:
        predicates: made names by property.
        terms: made names by term.
    """

    predicates: dict[NamedNode, str] = field(default_factory=dict)
    terms: dict[Node, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the program; every predicate is exported."""
        exports = [f"@export {name} :- csv {{}} ." for name in self.predicates.values()]
        return "\n".join((*exports, *self.lines)) + "\n"

    def fact(self, fact: Fact) -> None:
        """Add a fact."""
        ends = f"{self._term(fact.subject, {})}, {self._term(fact.object, {})}"
        self.lines.append(f"{self._predicate(fact.predicate)}({ends}) .")

    def rule(self, rule: Rule) -> None:
        """Add a rule of patterns and equalities of variables.

        Raises:
            NotSaid: where it holds anything else.
        """
        names: dict[Var, str] = {}
        parts = []
        for element in rule.body:
            if isinstance(element, Atom):
                parts.append(self._atom(element, names))
            elif isinstance(element, Filter):
                parts.append(_test(element, names))
            else:
                raise NotSaid
        if rule.data or not any(isinstance(element, Atom) for element in rule.body):
            raise NotSaid
        for head in rule.head:
            self.lines.append(f"{self._atom(head, names)} :- {', '.join(parts)} .")

    def _atom(self, atom: Atom, names: dict[Var, str]) -> str:
        if not isinstance(atom.predicate, NamedNode):
            raise NotSaid
        ends = f"{self._term(atom.subject, names)}, {self._term(atom.object, names)}"
        return f"{self._predicate(atom.predicate)}({ends})"

    def _predicate(self, name: NamedNode) -> str:
        return self.predicates.setdefault(name, f"p{len(self.predicates)}")

    def _term(self, term: Term, names: dict[Var, str]) -> str:
        if isinstance(term, Var):
            return names.setdefault(term, f"?v{len(names)}")
        if isinstance(term, TriplePattern | BlankNode):
            raise NotSaid
        made = self.terms.setdefault(term, f"t{len(self.terms)}")
        return f'"{made}"'


def _test(test: Filter, names: Mapping[Var, str]) -> str:
    call = test.expression
    if isinstance(call, Call) and call.name.upper() == "SAMETERM":
        left, right = call.args
        if isinstance(left, Var) and isinstance(right, Var) and {left, right} <= names.keys():
            return f"{names[left]} = {names[right]}"
    raise NotSaid


def closed(rules: Iterable[Rule], facts: Iterable[Fact]) -> set[Fact]:
    """Return what nemo concludes, the given facts included.

    Raises:
        NotSaid: where a rule is not written for nemo.
    """
    import nmo_python  # noqa: PLC0415 (of the extras `test` and `peers`)

    program = Program()
    for fact in facts:
        program.fact(fact)
    for rule in rules:
        program.rule(rule)
    engine = nmo_python.NemoEngine(nmo_python.load_string(program.text()))
    engine.reason()
    terms = {name: node for node, name in program.terms.items()}
    return {
        Fact(terms[str(subject).strip('"')], predicate, terms[str(obj).strip('"')])
        for predicate, name in program.predicates.items()
        for subject, obj in engine.result(name)
    }
