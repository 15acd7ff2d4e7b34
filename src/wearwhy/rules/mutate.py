"""Rules with one thing changed: what a rule's cases have to tell from the rule itself.

A rule is made *weaker* (it fires more often: a condition is dropped, a threshold loosened, a value
left open), *stronger* (less often: a threshold tightened, a NOT broadened, a conclusion or the
whole rule taken away) or *other* (what it concludes is turned round, a computed number moved).
Mutation testing after DeMillo, Lipton and Sayward, "Hints on test data selection" (1978).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from wearwhy.rdf import TYPE, WW, XSD, Literal, NamedNode
from wearwhy.rules.descriptions import verdict
from wearwhy.rules.loosen import looser, numbers_moved, tighter
from wearwhy.rules.model import Assign, Atom, Element, Filter, Negation, Rule, Var, variables
from wearwhy.rules.substitute import in_element
from wearwhy.rules.syntax.printer import render
from wearwhy.rules.wellformed import check


class Direction(StrEnum):
    """Which way a rule was changed."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one thing changed.

    Attributes:
        original: the rule.
        rule: as changed, of the same IRI; None where it is taken away.
        direction: whether it fires more often, less often, or otherwise.
        operator: what was done: `drop`, `loosen`, `tighten`, `open`, `drop-not`, `broaden-not`,
            `narrow-not`, `drop-head`, `remove`, `turn`, `move`.
        element: which element of the body it was done to, counted from 0; None for the head.
    """

    original: Rule
    rule: Rule | None
    direction: Direction
    operator: str
    element: int | None = None


_TURNED: Final = {WW.violates: WW.favouredBy, WW.favouredBy: WW.disfavouredBy, WW.disfavouredBy: WW.favouredBy}  # fmt: skip


def mutants(rule: Rule) -> tuple[Mutant, ...]:
    """Return the well-formed mutants of a rule, each once, in the order of its text."""
    found: dict[tuple[object, ...], Mutant] = {}
    for one in (*_of_head(rule), *_of_body(rule)):
        if one.rule is not None and (one.rule == rule or check(one.rule)):
            continue
        key = ("gone",) if one.rule is None else (one.rule.head, one.rule.body)
        found.setdefault(key, one)
    return tuple(found.values())


def without(rule: Rule, number: int) -> Rule | None:
    """Return a rule without an element of its body and without what only that gave a value.

    Filters, SETs and NOTs that read a variable which nothing else binds go too; None where the
    head would be left without a value.
    """
    kept, _ = cascade(rule.body, number)
    changed = replace(rule, body=_after_what_they_read(kept, rule.body), text="")
    return None if check(changed) else changed


def _after_what_they_read(kept: Sequence[Element], body: Sequence[Element]) -> tuple[Element, ...]:
    """Return what is kept of a body with each NOT after what now binds the variables it shares.

    A NOT that stood before that would read them as variables of its own, and exclude more.
    """
    shared = {
        id(element): variables(element) & _binds(body[:place])
        for place, element in enumerate(body)
        if isinstance(element, Negation)
    }
    placed: list[Element] = []
    waiting: list[Negation] = []
    for element in kept:
        if isinstance(element, Negation) and not shared[id(element)] <= _binds(placed):
            waiting.append(element)
            continue
        placed.append(element)
        for one in [w for w in waiting if shared[id(w)] <= _binds(placed)]:
            waiting.remove(one)
            own = {v: Var(f"{v.name}_own") for v in variables(one) - shared[id(one)]}
            placed.append(in_element(one, own))
    return (*placed, *waiting)


def cascade(
    body: Sequence[Element], number: int, bound: frozenset[Var] = frozenset()
) -> tuple[tuple[Element, ...], frozenset[Var]]:
    """Return a body without an element, nor those that read what it alone binds; and what these are.

    Args:
        body: the elements.
        number: of the element to leave out.
        bound: variables that have a value from elsewhere.
    """
    had = _binds(body) - bound
    kept = [e for place, e in enumerate(body) if place != number]
    while True:
        lost = had - _binds(kept)
        left = [e for e in kept if isinstance(e, Atom) or not _reads(e) & lost]
        if len(left) == len(kept):
            return tuple(left), lost
        kept = left


def _binds(body: Sequence[Element]) -> frozenset[Var]:
    bound: set[Var] = set()
    for element in body:
        if isinstance(element, Atom):
            bound |= variables(element)
        elif isinstance(element, Assign):
            bound.add(element.var)
    return frozenset(bound)


def _reads(element: Element) -> frozenset[Var]:
    return variables(element.expression) if isinstance(element, Assign) else variables(element)


# the head


def _of_head(rule: Rule) -> Iterator[Mutant]:
    yield Mutant(rule, None, Direction.STRONGER, "remove")
    if len(rule.head) > 1:
        for place in range(len(rule.head)):
            head = (*rule.head[:place], *rule.head[place + 1 :])
            yield Mutant(rule, _with(rule, head=head), Direction.STRONGER, "drop-head")
    if verdict(rule) is not None:
        head = tuple(
            replace(atom, predicate=_TURNED.get(atom.predicate, atom.predicate))
            if isinstance(atom.predicate, NamedNode)
            else atom
            for atom in rule.head
        )
        yield Mutant(rule, _with(rule, head=head), Direction.OTHER, "turn")


# the body


def _of_body(rule: Rule) -> Iterator[Mutant]:
    for number, element in enumerate(rule.body):
        if isinstance(element, Atom):
            dropped = without(rule, number)
            if dropped is not None:
                yield Mutant(rule, dropped, Direction.WEAKER, "drop", number)
            opened = _opened(element, rule)
            if opened is not None:
                yield _put(rule, number, opened, Direction.WEAKER, "open")
        elif isinstance(element, Filter):
            yield Mutant(rule, _cut(rule, number), Direction.WEAKER, "drop", number)
            for other in looser(element.expression):
                yield _put(rule, number, Filter(other), Direction.WEAKER, "loosen")
            for other in tighter(element.expression):
                yield _put(rule, number, Filter(other), Direction.STRONGER, "tighten")
        elif isinstance(element, Assign):
            for other in numbers_moved(element.expression):
                changed = Assign(element.var, other)
                yield _put(rule, number, changed, Direction.OTHER, "move")
        else:
            yield Mutant(rule, _cut(rule, number), Direction.WEAKER, "drop-not", number)
            yield from _of_negation(rule, number, element)


def _of_negation(rule: Rule, number: int, negation: Negation) -> Iterator[Mutant]:
    def put(body: tuple[Atom | Filter, ...], direction: Direction, operator: str) -> Mutant:
        return _put(rule, number, Negation(body, negation.data), direction, operator)

    stronger, weaker = Direction.STRONGER, Direction.WEAKER
    for place, inner in enumerate(negation.body):
        before, after = negation.body[:place], negation.body[place + 1 :]
        if isinstance(inner, Filter):
            yield put((*before, *after), stronger, "broaden-not")
            for other in looser(inner.expression):
                yield put((*before, Filter(other), *after), stronger, "broaden-not")
            for other in tighter(inner.expression):
                yield put((*before, Filter(other), *after), weaker, "narrow-not")
            continue
        kept, lost = cascade(negation.body, place)
        if any(isinstance(e, Atom) for e in kept) and lost <= _own(rule, negation):
            inside = tuple(e for e in kept if isinstance(e, Atom | Filter))
            yield put(inside, stronger, "broaden-not")
        opened = _opened(inner, rule)
        if opened is not None:
            yield put((*before, opened, *after), stronger, "broaden-not")


def _own(rule: Rule, negation: Negation) -> frozenset[Var]:
    """Return the variables that stand in a NOT and nowhere else, or that the body binds anyway."""
    return variables(negation) | _binds(rule.body)


def _opened(atom: Atom, rule: Rule) -> Atom | None:
    """Return an atom with its value left open; None where it says a class or a truth."""
    value = atom.object
    if atom.predicate == TYPE or not isinstance(value, NamedNode | Literal):
        return None
    if isinstance(value, Literal) and value.datatype == XSD.boolean:
        return None
    taken = {var.name for var in variables((rule.head, rule.body))}
    name = next(name for name in ("any", *(f"any{n}" for n in range(99))) if name not in taken)
    return replace(atom, object=Var(name))


def _put(rule: Rule, number: int, element: Element, direction: Direction, operator: str) -> Mutant:
    body = (*rule.body[:number], element, *rule.body[number + 1 :])
    return Mutant(rule, _with(rule, body=body), direction, operator, number)


def _cut(rule: Rule, number: int) -> Rule:
    return _with(rule, body=(*rule.body[:number], *rule.body[number + 1 :]))


def _with(
    rule: Rule, *, head: tuple[Atom, ...] | None = None, body: tuple[Element, ...] | None = None
) -> Rule:
    return replace(
        rule,
        head=rule.head if head is None else head,
        body=rule.body if body is None else body,
        text="",
    )


# as text


def as_diff(mutant: Mutant, prefixes: Mapping[str, str] | None = None) -> str:
    """Return what was changed, as a unified diff of the two rules' texts without its header."""
    before = _lines(mutant.original, prefixes)
    after = _lines(mutant.rule, prefixes) if mutant.rule is not None else []
    lines = difflib.unified_diff(before, after, lineterm="", n=99)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _lines(rule: Rule, prefixes: Mapping[str, str] | None) -> list[str]:
    """Return a rule's text with a line for each element of its body."""
    opening, *_ = render(replace(rule, body=()), prefixes).split("\nWHERE")
    inside = [f"  {element_text(element, prefixes)}" for element in rule.body]
    return [*opening.splitlines(), "WHERE DATA {" if rule.data else "WHERE {", *inside, "}"]


def element_text(element: Element, prefixes: Mapping[str, str] | None = None) -> str:
    """Return an element of a body as a rule file has it, in one line."""
    alone = Rule(NamedNode("urn:rule"), (), (element,))
    lines = render(alone, prefixes).splitlines()[2:-1]
    return " ".join(line.strip() for line in lines)
