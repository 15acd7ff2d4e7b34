"""What is lacking for a fact that does not hold: the rules that come nearest to concluding it.

Each rule with a head that could say the fact is entered with its head bound, and its body matched
as far as it goes: first with one premise left unmet, then with two, and so on, until some binding
does it. What is met, what is not and what was tested is told of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from wearwhy.evidence import Kind
from wearwhy.rdf import BlankNode, Fact, NamedNode, Node
from wearwhy.rules.expressions import EvaluationError, compile_expression, compile_truth
from wearwhy.rules.firing import unify_atom
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import (
    Assign,
    Atom,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import apart
from wearwhy.rules.solutions import solutions
from wearwhy.rules.substitute import in_atom, in_element, in_term

Values: TypeAlias = dict[Var, Node]

MOST: Final = 5
EFFORT: Final = 20_000
# Bindings of one rule that are weighed against each other where several are equally near.
_EQUALS: Final = 100


@dataclass(frozen=True, slots=True)
class Premise:
    """One element of a rule's body under the bindings that come nearest.

    Attributes:
        element: with values in the place of variables, as far as they have some.
        met: whether it holds; None for a test that waits for a value.
        fact: what a pattern matched.
        in_the_way: facts that a NOT forbids and that hold.
        nearer: for a fact that is lacking, what would conclude it.
    """

    element: Element
    met: bool | None
    fact: Fact | None = None
    in_the_way: tuple[Fact, ...] = ()
    nearer: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that could conclude the fact, and how far it is from doing so.

    Attributes:
        rule: that could fire.
        bindings: of its variables, sorted by name.
        premises: in the order of its body.
        whole: whether every binding was weighed; else there may be a nearer one.
    """

    rule: Rule
    bindings: tuple[tuple[str, Node], ...]
    premises: tuple[Premise, ...]
    whole: bool = True

    @property
    def unmet(self) -> int:
        """How many premises are not met."""
        return sum(premise.met is False for premise in self.premises)

    @property
    def met(self) -> int:
        """How many premises are met."""
        return sum(premise.met is True for premise in self.premises)


def nearest(layer: Layer, fact: Fact, *, most: int = MOST, depth: int = 1) -> tuple[Near, ...]:
    """Return what comes nearest to concluding a fact that does not hold.

    Fewest unmet premises first, then most met ones, then by the text of rule and bindings; a rule
    may come in with several bindings that are equally near. Nothing is returned where no rule in
    force could ever say the fact.

    Args:
        layer: where it does not hold.
        fact: that is asked for.
        most: how many to return.
        depth: how far to go on asking of the lacking facts themselves.
    """
    return _nearest(layer, fact, most, depth, (fact,))


def _nearest(
    layer: Layer, fact: Fact, most: int, depth: int, asked: tuple[Fact, ...]
) -> tuple[Near, ...]:
    found: list[Near] = []
    for rule in layer.program.rules:
        for head in rule.head:
            bound: Values = {}
            if not _makes_nodes(head) and unify_atom(head, fact, bound):
                found += _Matching(layer, rule).run(bound)
    found.sort(key=lambda near: (near.unmet, -near.met, near.rule.iri.value, str(near.bindings)))
    chosen = tuple(dict.fromkeys(found))[:most]
    if depth <= 0:
        return chosen
    return tuple(_deeper(layer, near, depth - 1, asked) for near in chosen)


def _deeper(layer: Layer, near: Near, depth: int, asked: tuple[Fact, ...]) -> Near:
    def asking(premise: Premise) -> Premise:
        wanted = _ground(premise.element) if premise.met is False else None
        if wanted is None or wanted in asked or layer.holds(wanted):
            return premise
        return replace(premise, nearer=_nearest(layer, wanted, 1, depth, (*asked, wanted)))

    return replace(near, premises=tuple(map(asking, near.premises)))


def _makes_nodes(head: Atom) -> bool:
    return any(isinstance(t, BlankNode) for t in (head.subject, head.predicate, head.object))


def _ground(element: Element) -> Fact | None:
    """Return the fact that a pattern without variables asks for."""
    if not isinstance(element, Atom) or variables(element):
        return None
    subject, predicate, obj = element.subject, element.predicate, element.object
    assert not isinstance(subject, Var | TriplePattern)
    assert not isinstance(obj, Var | TriplePattern)
    return Fact(subject, predicate, obj) if isinstance(predicate, NamedNode) else None


@dataclass(slots=True, eq=False)
class _Matching:
    """The search for the bindings of one rule with the fewest unmet premises."""

    layer: Layer
    rule: Rule
    body: tuple[Element, ...] = ()
    effort: int = 0
    found: list[Near] = field(default_factory=list)

    def run(self, bound: Values) -> list[Near]:
        """Return the nearest bindings that start from those of the head."""
        self.body = apart(self.rule.body)
        for allowed in range(len(self.body) + 1):
            for near in self._matched(frozenset(range(len(self.body))), bound, {}, allowed):
                self.found.append(near)
                if len(self.found) >= _EQUALS:
                    break
            if self.found or self.effort > EFFORT:
                break
        whole = self.effort <= EFFORT
        return self.found if whole else [replace(near, whole=False) for near in self.found]

    def _matched(
        self, left: frozenset[int], known: Values, told: dict[int, Premise], allowed: int
    ) -> Iterator[Near]:
        """Yield the ways to match what is left with no more than so many premises unmet."""
        self.effort += 1
        number = self._next(left, known)
        if number is None or self.effort > EFFORT:
            if not left or number is None:
                yield self._near(known, told)
            return
        element, rest = self.body[number], left - {number}
        if isinstance(element, Atom):
            held = False
            for fact in self._facts(element, known):
                more = dict(known)
                if unify_atom(element, fact, more):
                    held = True
                    met = {**told, number: Premise(element, True, fact)}
                    yield from self._matched(rest, more, met, allowed)
            if allowed and not (held and len(known) == len(known | _free(element, known))):
                unmet = {**told, number: Premise(element, False)}
                yield from self._matched(rest, known, unmet, allowed - 1)
            return
        premise, more = self._tested(element, known)
        if premise.met is not False:
            yield from self._matched(rest, more, {**told, number: premise}, allowed)
        elif allowed:
            yield from self._matched(rest, more, {**told, number: premise}, allowed - 1)

    def _next(self, left: frozenset[int], known: Values) -> int | None:
        """Return what to look at next: a test that can run, else the pattern most bound."""
        atoms: list[tuple[int, int]] = []
        for number in sorted(left):
            element = self.body[number]
            if isinstance(element, Atom):
                atoms.append((len(_free(element, known)), number))
            elif self._needs(element) <= known.keys():
                return number
        return min(atoms)[1] if atoms else None

    def _needs(self, element: Element) -> frozenset[Var]:
        if isinstance(element, Assign):
            return variables(element.expression)
        if isinstance(element, Negation):
            others = [e for e in self.body if not isinstance(e, Negation)]
            return variables(element) & frozenset().union(*(variables(e) for e in others))
        return variables(element)

    def _facts(self, atom: Atom, known: Values) -> Iterator[Fact]:
        subject, predicate, obj = (
            _node(in_term(term, known)) for term in (atom.subject, atom.predicate, atom.object)
        )
        if predicate is not None and not isinstance(predicate, NamedNode):
            return
        for fact in self.layer.match(subject, predicate, obj):
            if not self.rule.data or self.layer.kind(fact) is Kind.ASSERTED:
                yield fact

    def _tested(self, element: Element, known: Values) -> tuple[Premise, Values]:
        if isinstance(element, Negation):
            present = self._present(element, known)
            return Premise(element, not present, in_the_way=present), known
        try:
            if isinstance(element, Filter):
                return Premise(element, compile_truth(element.expression)(known)), known
            assert isinstance(element, Assign)
            value = compile_expression(element.expression)(known)
        except EvaluationError:
            return Premise(element, False), known
        met = known.get(element.var, value) == value
        return Premise(element, met), {element.var: value, **known}

    def _present(self, negation: Negation, known: Values) -> tuple[Fact, ...]:
        """Return the facts of a match of what a NOT forbids, the first by its text."""
        asking = Rule(self.rule.iri, (), negation.body, data=negation.data or self.rule.data)
        guesses = self.rule.description.reads_guesses
        found = []
        for solution in solutions(asking, self.layer, known):
            atoms = [in_atom(part, solution) for part in negation.body if isinstance(part, Atom)]
            facts = tuple(fact for atom in atoms if (fact := _ground(atom)) is not None)
            if guesses or all(self.layer.kind(f) is not Kind.PREDICTED for f in facts):
                found.append(facts)
                if len(found) == _EQUALS:
                    break
        return min(found, key=str, default=())

    def _near(self, known: Values, told: dict[int, Premise]) -> Near:
        premises = []
        for number, element in enumerate(self.body):
            premise = told.get(number, Premise(element, None))
            premises.append(replace(premise, element=in_element(element, known)))
        pairs = sorted((var.name, node) for var, node in known.items())
        return Near(self.rule, tuple(pairs), tuple(premises))


def _free(atom: Atom, known: Values) -> dict[Var, None]:
    """Return the variables of a pattern that have no value yet."""
    return {var: None for var in variables(atom) if var not in known}


def _node(term: Term) -> Node | None:
    return None if isinstance(term, Var | TriplePattern | BlankNode) else term
