"""What a condition implies: another expression, or the classes that a pattern presupposes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import combinations
from typing import Final

from wearwhy.rdf import OWL, RDF, RDFS, TYPE, XSD, Fact, Literal, NamedNode, Node
from wearwhy.rules.expressions import EvaluationError, compile_truth
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import Atom, Call, Expression, Term, TriplePattern, Var, variables

_MIRROR: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_NUMERIC: Final = frozenset((XSD.integer, XSD.decimal))
_SOMETHING: Final = "something."
_CELL: Final = frozenset((RDF.first, RDF.rest))
_OPPOSITE: Final = {
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "=": "!=",
    "!=": "=",
    "IN": "NOT IN",
    "NOT IN": "IN",
}


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """What may be taken for granted of a graph that is valid against the ontology.

    Attributes:
        broader: the classes above each class.
        subjects: the classes that whatever has a property is of: its domains, and what a measure
            of that name is taken over.
        objects: the classes that the values of a property are of: its ranges.
        first_steps: for a measure of something that was walked to, the steps its paths begin with.
        disjoint: pairs of classes that have no member in common.
    """

    broader: Mapping[NamedNode, frozenset[NamedNode]] = field(default_factory=dict)
    subjects: Mapping[NamedNode, frozenset[NamedNode]] = field(default_factory=dict)
    objects: Mapping[NamedNode, frozenset[NamedNode]] = field(default_factory=dict)
    first_steps: Mapping[NamedNode, tuple[Step, ...]] = field(default_factory=dict)
    disjoint: frozenset[frozenset[NamedNode]] = frozenset()

    def atoms(self, stated: Iterable[Atom]) -> tuple[Atom, ...]:
        """Return atoms with those that they imply."""
        found = dict.fromkeys(stated)
        for number, atom in enumerate(tuple(found)):
            name = atom.predicate
            if not isinstance(name, NamedNode):
                continue
            for place, step in enumerate(self.first_steps.get(name, ())):
                end = Var(f"{_SOMETHING}{number}.{place}")
                ends = (end, atom.subject) if step.inverse else (atom.subject, end)
                found[Atom(ends[0], step.predicate, ends[1])] = None
            named = {atom.object} if isinstance(atom.object, NamedNode) else set()
            of_subject = named if name == TYPE else self.subjects.get(name, frozenset())
            self._classes(atom.subject, of_subject, found)
            if not isinstance(atom.object, Literal):
                self._classes(atom.object, self.objects.get(name, frozenset()), found)
        return tuple(found)

    def _classes(self, term: Term, classes: Iterable[NamedNode], found: dict[Atom, None]) -> None:
        every = {c for cls in classes for c in (cls, *self.broader.get(cls, ()))}
        found.update((Atom(term, TYPE, cls), None) for cls in sorted(every, key=str))


NOTHING: Final = Background()


def background(facts: Iterable[Fact], measures: Iterable[Measure] = ()) -> Background:
    """Return what an ontology and its measures presuppose.

    Args:
        facts: the ontology's; its class axioms, and the domains and ranges that are named classes,
            are read.
        measures: those in force. Nobody asserts what a measure computes.
    """
    above: dict[NamedNode, set[NamedNode]] = {}
    domains: dict[NamedNode, set[NamedNode]] = {}
    ranges: dict[NamedNode, set[NamedNode]] = {}
    apart: set[frozenset[NamedNode]] = set()
    known = tuple(facts)
    for fact in known:
        if not isinstance(fact.subject, NamedNode) or not isinstance(fact.object, NamedNode):
            continue
        if fact.predicate == RDFS.subClassOf:
            above.setdefault(fact.subject, set()).add(fact.object)
        elif fact.predicate == OWL.equivalentClass:
            above.setdefault(fact.subject, set()).add(fact.object)
            above.setdefault(fact.object, set()).add(fact.subject)
        elif fact.predicate == RDFS.domain:
            domains.setdefault(fact.subject, set()).add(fact.object)
        elif fact.predicate == RDFS.range:
            ranges.setdefault(fact.subject, set()).add(fact.object)
        elif fact.predicate == OWL.disjointWith:
            apart.add(frozenset((fact.subject, fact.object)))
        elif fact.predicate == OWL.members:
            apart |= {frozenset(pair) for pair in combinations(_listed(fact.object, known), 2)}
    steps: dict[NamedNode, tuple[Step, ...]] = {}
    for measure in measures:
        domains[measure.iri] = {measure.over}
        if measure.aggregate not in {Aggregate.COUNT, Aggregate.COUNT_DISTINCT}:
            steps[measure.iri] = tuple(path[0] for path in (measure.path, measure.path_to) if path)
    return Background(
        {cls: frozenset(_reached(cls, above)) for cls in above},
        {name: frozenset(those) for name, those in domains.items()},
        {name: frozenset(those) for name, those in ranges.items()},
        steps,
        frozenset(apart),
    )


def _listed(head: NamedNode, facts: Iterable[Fact]) -> list[NamedNode]:
    """Return the named members of an RDF list."""
    cells = {(f.subject, f.predicate): f.object for f in facts if f.predicate in _CELL}
    found: list[NamedNode] = []
    at: Node | None = head if (head, RDF.rest) in cells else None
    while at is not None and at != RDF.nil:
        member = cells.get((at, RDF.first))
        if isinstance(member, NamedNode):
            found.append(member)
        at = cells.get((at, RDF.rest))
    return found


def _reached(start: NamedNode, above: Mapping[NamedNode, set[NamedNode]]) -> Iterator[NamedNode]:
    seen, waiting = {start}, [start]
    while waiting:
        for cls in above.get(waiting.pop(), ()):
            if cls not in seen:
                seen.add(cls)
                waiting.append(cls)
                yield cls


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """Yield the expressions that must all be true for one to be, comparisons written one way."""
    if isinstance(expression, Call) and expression.name == "&&":
        for part in expression.args:
            yield from conjuncts(part)
    else:
        yield _one_way(expression)


def _one_way(expression: Expression) -> Expression:
    if not isinstance(expression, Call):
        return expression
    args = tuple(_one_way(part) for part in expression.args)
    if expression.name in _MIRROR:
        symmetric = expression.name in {"=", "!="}
        ranks = [(not variables(part), str(part) if symmetric else "") for part in args]
        if ranks[0] > ranks[1]:
            return Call(_MIRROR[expression.name], (args[1], args[0]))
    return Call(expression.name, args)


def constant(expression: Expression) -> bool | None:
    """Return the truth of an expression without variables (an error counts as false), else None."""
    if variables(expression) or isinstance(expression, TriplePattern):
        return None
    if isinstance(expression, Call) and expression.name in {"NOW", "RAND", "UUID", "STRUUID"}:
        return None
    try:
        return compile_truth(expression)({})
    except EvaluationError:
        return False


def implies(known: Expression, asked: Expression) -> bool:
    """Return whether the truth of one expression is seen to bring that of another.

    Both as `conjuncts` yields them. False means only that it is not seen.
    """
    if known == asked:
        return True
    if isinstance(known, Call) and known.name == "||":
        return all(implies(part, asked) for part in known.args)
    if not isinstance(asked, Call):
        return False
    if asked.name == "&&":
        return all(implies(known, part) for part in asked.args)
    if asked.name == "||":
        return any(implies(known, part) for part in asked.args)
    if not isinstance(known, Call) or not known.args or not asked.args:
        return False
    if known.args[0] != asked.args[0]:
        return False
    return _among(known, asked) or _beyond(known, asked)


def excludes(known: Expression, asked: Expression) -> bool:
    """Return whether two expressions are seen never to be true together."""
    return any(
        isinstance(two, Call)
        and two.name in _OPPOSITE
        and implies(one, Call(_OPPOSITE[two.name], two.args))
        for one, two in ((known, asked), (asked, known))
    )


def _among(known: Call, asked: Call) -> bool:
    if any(
        variables(part) or isinstance(part, Call)
        for call in (known, asked)
        for part in call.args[1:]
    ):
        return False
    mine, theirs = set(known.args[1:]), set(asked.args[1:])
    if any(isinstance(part, Literal) for part in mine | theirs) and not mine & theirs:
        return False  # 1 and 1.0 are equal: terms tell too little
    if asked.name in {"IN", "="} and known.name in {"IN", "="}:
        return mine <= theirs
    if asked.name in {"NOT IN", "!="} and known.name in {"NOT IN", "!="}:
        return theirs <= mine
    return asked.name in {"NOT IN", "!="} and known.name in {"IN", "="} and not mine & theirs


def _beyond(known: Call, asked: Call) -> bool:
    mine, theirs = _number(known), _number(asked)
    if mine is None or theirs is None:
        return False
    if known.name == "=":
        return {
            "<": mine < theirs,
            "<=": mine <= theirs,
            ">": mine > theirs,
            ">=": mine >= theirs,
            "=": mine == theirs,
            "!=": mine != theirs,
        }.get(asked.name, False)
    if known.name in {"<", "<="} and asked.name in {"<", "<="}:
        return mine < theirs or (mine == theirs and (known.name == "<" or asked.name == "<="))
    if known.name in {">", ">="} and asked.name in {">", ">="}:
        return mine > theirs or (mine == theirs and (known.name == ">" or asked.name == ">="))
    return False


def _number(call: Call) -> Decimal | None:
    if len(call.args) != 2 or call.name not in _MIRROR:
        return None
    value = call.args[1]
    if isinstance(value, Var | Call) or not isinstance(value, Literal):
        return None
    if value.datatype not in _NUMERIC:
        return None
    try:
        return Decimal(value.value)
    except InvalidOperation:
        return None
