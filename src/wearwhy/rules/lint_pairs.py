"""What is doubtful of two rules together: one says what the other says, or the contrary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from wearwhy.errors import RuleWarning
from wearwhy.rdf import Literal, NamedNode, curie
from wearwhy.rules.descriptions import verdict
from wearwhy.rules.firing import unify
from wearwhy.rules.implied import Background, conjuncts, constant, excludes
from wearwhy.rules.model import Atom, Element, Filter, Negation, Rule, Var, Verdict, variables
from wearwhy.rules.substitute import in_element
from wearwhy.rules.subsume import speaks_with, subsumes

_CONTRARY: Final = {
    Verdict.FAVOUR: frozenset((Verdict.DISFAVOUR, Verdict.FORBID)),
    Verdict.DISFAVOUR: frozenset((Verdict.FAVOUR,)),
    Verdict.FORBID: frozenset((Verdict.FAVOUR,)),
}
_OTHER: Final = "\N{PRIME}"


def quarrels(
    rules: Sequence[Rule], known: Background, single_valued: frozenset[NamedNode] = frozenset()
) -> Iterator[RuleWarning]:
    """Yield what is doubtful of pairs of rules, told at the later of the two.

    Codes: WW-LINT-DUPLICATE, WW-LINT-SUBSUMED, WW-LINT-CONTRADICTION.

    Args:
        rules: those in force together.
        known: what may be taken for granted of the graph.
        single_valued: properties that have one value, owl:FunctionalProperty.
    """
    judging = [rule for rule in rules if verdict(rule) is not None]
    deriving = [rule for rule in rules if verdict(rule) is None]
    wanted = {rule.iri: _names(rule.body) for rule in rules}
    has = {rule.iri: _names(known.atoms(_atoms(rule))) | wanted[rule.iri] for rule in rules}

    def may_cover(general: Rule, specific: Rule) -> bool:
        return _names(_atoms(general)) <= has[specific.iri]

    for one, other in combinations(judging, 2):
        alike = verdict(one) is verdict(other)
        against = verdict(other) in _CONTRARY[_verdict(one)]
        if not alike and not against:
            continue
        first = may_cover(one, other) and speaks_with(one, other, known)
        second = may_cover(other, one) and speaks_with(other, one, known)
        if first or second:
            if alike:
                yield _double(one, other, both=first and second, wider=one if first else other)
            else:
                yield _contrary(one, other, wider=one if first else other)
    for group in _by_head(deriving).values():
        for one, other in combinations(group, 2):
            first = may_cover(one, other) and subsumes(one, other, known)
            second = may_cover(other, one) and subsumes(other, one, known)
            if first or second:
                yield _twice(one, other, both=first and second, wider=one if first else other)
    yield from _two_values(deriving, single_valued)


def _verdict(rule: Rule) -> Verdict:
    judged = verdict(rule)
    assert judged is not None
    return judged


def _atoms(rule: Rule) -> list[Atom]:
    return [element for element in rule.body if isinstance(element, Atom)]


def _names(body: Iterable[Element]) -> frozenset[NamedNode]:
    return frozenset(
        e.predicate for e in body if isinstance(e, Atom) and isinstance(e.predicate, NamedNode)
    )


def _by_head(rules: Iterable[Rule]) -> dict[object, list[Rule]]:
    groups: dict[object, list[Rule]] = defaultdict(list)
    for rule in rules:
        for name in dict.fromkeys(atom.predicate for atom in rule.head):
            groups[name if isinstance(name, NamedNode) else None].append(rule)
    return groups


def _double(one: Rule, other: Rule, *, both: bool, wider: Rule) -> RuleWarning:
    kind = _verdict(other).value
    if both:
        return RuleWarning(
            "WW-LINT-DUPLICATE",
            f"{curie(other.iri)} and {curie(one.iri)} {kind} the same on the same grounds.",
            note="Each verdict counts once a rule, so that this ground is likely counted twice.",
            hint="Keep one, with the points that both are to have.",
            place=other.place,
        )
    narrow = other if wider is one else one
    return RuleWarning(
        "WW-LINT-SUBSUMED",
        f"Wherever {curie(narrow.iri)} speaks, {curie(wider.iri)} does too, and both {kind}.",
        note="Each verdict counts once a rule, so that the narrower ground is likely counted twice.",
        hint="Exclude it from the wider rule by a NOT, or waive this if it is meant as a surcharge.",
        place=narrow.place,
    )


def _contrary(one: Rule, other: Rule, *, wider: Rule) -> RuleWarning:
    narrow = other if wider is one else one
    return RuleWarning(
        "WW-LINT-CONTRADICTION",
        f"Wherever {curie(narrow.iri)} speaks to {_verdict(narrow).value}, {curie(wider.iri)} speaks to {_verdict(wider).value}.",
        note="What a rule forbids is never shown, and opinions that always meet only cancel out.",
        hint="Exclude the narrower ground from the wider rule by a NOT, or take one away.",
        place=narrow.place,
    )


def _twice(one: Rule, other: Rule, *, both: bool, wider: Rule) -> RuleWarning:
    if both:
        return RuleWarning(
            "WW-LINT-DUPLICATE",
            f"{curie(other.iri)} and {curie(one.iri)} conclude the same from the same.",
            note="They are equal up to the names of variables and the order of conditions.",
            hint="Keep one.",
            place=other.place,
        )
    narrow = other if wider is one else one
    surer = wider.description.confidence < narrow.description.confidence
    return RuleWarning(
        "WW-LINT-SUBSUMED",
        f"{curie(narrow.iri)} concludes nothing that {curie(wider.iri)} does not conclude"
        f"{', though with more confidence' if surer else ''}.",
        note="A rule whose every conclusion another rule draws adds another proof and no fact.",
        hint="Leave it out, or waive this if its reason or its confidence is wanted.",
        place=narrow.place,
    )


# two values of what has one


def _two_values(
    rules: Sequence[Rule], single_valued: frozenset[NamedNode]
) -> Iterator[RuleWarning]:
    said = [
        (rule, atom)
        for rule in rules
        for atom in rule.head
        if atom.predicate in single_valued and isinstance(atom.object, NamedNode | Literal)
    ]
    for (one, mine), (other, theirs) in combinations(said, 2):
        if mine.predicate != theirs.predicate or mine.object == theirs.object:
            continue
        if not _may_meet(one, mine, other, theirs):
            continue
        yield RuleWarning(
            "WW-LINT-CONTRADICTION",
            f"{curie(other.iri)} and {curie(one.iri)} may give one thing two values of {_name(mine)}.",
            note="The property is declared owl:FunctionalProperty, and nothing in the two bodies keeps them apart.",
            hint="Add a condition to one of them, or NOT { } with the other's.",
            place=other.place,
        )


def _name(atom: Atom) -> str:
    return curie(atom.predicate) if isinstance(atom.predicate, NamedNode) else str(atom.predicate)


def _may_meet(one: Rule, mine: Atom, other: Rule, theirs: Atom) -> bool:
    """Return whether nothing is seen that keeps two rules from speaking of one subject."""
    apart = {var: Var(var.name + _OTHER) for var in variables((other.head, other.body))}
    if isinstance(theirs.subject, Var) and isinstance(mine.subject, Var):
        apart[theirs.subject] = mine.subject
    elif mine.subject != theirs.subject and not unify_constant(mine, theirs):
        return False
    second = tuple(in_element(element, apart) for element in other.body)
    conditions = [
        part
        for element in (*one.body, *second)
        if isinstance(element, Filter)
        for part in conjuncts(element.expression)
    ]
    if any(constant(part) is False for part in conditions):
        return False
    # Values of a property that has many may differ; only conditions on one variable exclude.
    if any(excludes(a, b) for a, b in combinations(conditions, 2)):
        return False
    return not (_keeps_out(one.body, second) or _keeps_out(second, one.body))


def unify_constant(mine: Atom, theirs: Atom) -> bool:
    """Return whether one subject is a variable that may be the other, a constant."""
    for pattern, node in ((mine.subject, theirs.subject), (theirs.subject, mine.subject)):
        if isinstance(pattern, Var) and isinstance(node, NamedNode):
            return unify(pattern, node, {})
    return False


def _keeps_out(body: Iterable[Element], others: Iterable[Element]) -> bool:
    """Return whether a NOT of one body denies what the other asks."""
    asked = tuple(e for e in others if isinstance(e, Atom))
    bound = frozenset().union(*(variables(e) for e in body if isinstance(e, Atom)))
    for element in body:
        if not isinstance(element, Negation) or element.data:
            continue
        for inner in element.body:
            alone = len(element.body) == 1 and isinstance(inner, Atom)
            if alone and isinstance(inner, Atom) and any(_instance(inner, a, bound) for a in asked):
                return True
    return False


def _instance(pattern: Atom, atom: Atom, bound: frozenset[Var]) -> bool:
    pairs = (
        (pattern.subject, atom.subject),
        (pattern.predicate, atom.predicate),
        (pattern.object, atom.object),
    )
    return all(
        mine == theirs or (isinstance(mine, Var) and mine not in bound) for mine, theirs in pairs
    )
