"""A rule about candidates taken apart: its frame, and what hangs on each of the frame's variables.

The *frame* of a body are the patterns that only say what is considered, paired and put together;
its variables are the keys. What remains falls into parts that share no other variable, so that
each can be solved by itself: a part about the request alone decides the rule once, a part about
one item is solved once for all items and kept, whatever pairs and looks they then stand in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wearwhy.rdf import TYPE, WW, NamedNode, Node
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import Match, apart, outer
from wearwhy.rules.solver import Plan, Without, plan
from wearwhy.rules.substitute import in_element

FRAME = frozenset(
    {
        WW.considers,
        WW.first,
        WW.second,
        WW.member,
        WW.hasItem,
        WW.hasPair,
        WW.forRequest,
    }
)
FRAME_TYPES = frozenset({WW.Look, WW.Pair, WW.Request})
_ITEMS = frozenset({WW.considers, WW.first, WW.second, WW.member, WW.hasItem})

ITEM = Var("item")
REQUEST = Var("request")

Read = NamedNode | tuple[NamedNode, Node]
"""A property, or a class whose members are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Elements of a body that hang together.

    Attributes:
        key: the item's variable in the rule; None for a part about the request alone.
        asks: whether it reads the request's variable too.
        plan: with `ITEM` and `REQUEST` for the variables of the rule.
        shape: a number that parts of the same text share, in all rules.
        reads: what it looks up; None where a property is left open.
        names: whether it computes with the request's own name.
    """

    key: Var | None
    asks: bool
    plan: Plan
    shape: int
    reads: frozenset[Read] | None
    names: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """A rule in parts.

    Attributes:
        rule: the rule.
        frame: the plan of its frame, its variables named in the order they appear.
        names: the rule's variables by their names in the frame.
        framed: their names in the frame by the rule's variables.
        shape: a number that frames of the same text share.
        alone: parts that can be solved by themselves, those about the request first.
        rest: the plan of everything else, the keys being known.
        request: the variable of the request, if the frame has one.
        framing: the elements of the frame, in the rule's own variables.
        left: the elements of everything else.
    """

    rule: Rule
    frame: Plan
    names: dict[Var, Var]
    framed: dict[Var, Var]
    shape: int
    alone: tuple[Part, ...]
    rest: Plan
    request: Var | None
    framing: tuple[Element, ...] = ()
    left: tuple[Element, ...] = ()


_SHAPES: dict[object, int] = {}
_NEXT = itertools.count()


def shape(text: object) -> int:
    """Return the number that everything of the same text shares."""
    return _SHAPES.setdefault(text, next(_NEXT))


def parted(rule: Rule, *, moving: frozenset[Read]) -> Parted:
    """Return a rule in parts.

    Args:
        rule: a rule about candidates.
        moving: what rules and measures about candidates conclude; a part that reads it cannot be
            kept from one question to the next.
    """
    body = tuple(part for element in apart(rule.body) for part in _split(element))
    frame = [e for e in body if is_frame(e)] if not rule.data else []
    keys = frozenset().union(*(variables(e) for e in frame))
    items, requests = _kinds(frame)
    # That two items differ belongs to the frame too.
    frame += [e for e in body if isinstance(e, Filter) and frame and variables(e) <= keys]
    shown = frozenset().union(*(variables(h) for h in rule.head)) - keys
    guesses = rule.description.reads_guesses
    alone: list[Part] = []
    rest: list[Element] = []
    for group in hanging_together(body, [e for e in body if e not in frame], keys):
        mentioned = frozenset().union(*(shared(e, body) for e in group))
        touched = mentioned & keys
        key = next(iter(touched - requests), None)
        reads = reads_of(group)
        if (
            rule.data
            or mentioned & shown
            or not touched
            or len(touched - requests) > 1
            or len(touched & requests) > 1
            or not touched <= items | requests
            or reads is None
            or reads & moving
        ):
            rest += group
            continue
        asks = bool(touched & requests)
        chosen = dict.fromkeys(touched & requests, REQUEST) | ({key: ITEM} if key else {})
        text = canonical(group, chosen)
        known = [v for v in (ITEM, REQUEST) if v in chosen.values()]
        solved = plan(text, known, guesses=guesses)
        at = shape((text, guesses))
        alone.append(Part(key, asks, solved, at, reads, computes(text, REQUEST)))
    alone.sort(key=lambda part: (part.key is not None, part.asks))
    order = {v: Var(f"f{n}") for n, v in enumerate(_appearing(frame))}
    named = tuple(in_element(e, order) for e in frame)
    return Parted(
        rule,
        plan(named),
        {new: old for old, new in order.items()},
        order,
        shape(named),
        tuple(alone),
        plan(rest, keys, data=rule.data, guesses=guesses),
        next(iter(requests), None) if len(requests) == 1 else None,
        tuple(frame),
        tuple(rest),
    )


def own_of(part: Part) -> frozenset[Read]:
    """Return what a part looks up of its item only, of nothing that it leads to."""
    atoms = [
        step.atom
        for one in part.plan.steps
        for step in (one.plan.steps if isinstance(one, Without) else (one,))
        if isinstance(step, Match)
    ]
    others = {read_of(atom) for atom in atoms if atom.subject != ITEM}
    return frozenset(read for read in part.reads or () if read not in others)


def computes(elements: Sequence[Element], var: Var) -> bool:
    """Return whether elements compute with what a variable stands for."""
    inner = [e for one in elements for e in (one.body if isinstance(one, Negation) else (one,))]
    return any(var in variables(e) for e in inner if isinstance(e, Filter | Assign))


def _split(element: Element) -> Iterator[Element]:
    """Yield the conjuncts of a FILTER: it holds where each of them does."""
    match element:
        case Filter(Call("&&", arguments)):
            for argument in arguments:
                yield from _split(Filter(argument))
        case _:
            yield element


def is_frame(element: Element) -> bool:
    """Return whether an element only says what is considered, paired and put together."""
    if not isinstance(element, Atom) or not isinstance(element.subject, Var):
        return False
    if element.predicate == TYPE:
        return element.object in FRAME_TYPES
    return element.predicate in FRAME and isinstance(element.object, Var)


def _kinds(frame: Sequence[Element]) -> tuple[frozenset[Var], frozenset[Var]]:
    items: set[Var] = set()
    requests: set[Var] = set()
    for atom in frame:
        assert isinstance(atom, Atom), "filters are added later"
        if atom.predicate in _ITEMS and isinstance(atom.object, Var):
            items.add(atom.object)
        if atom.predicate == WW.considers or atom.object == WW.Request:
            assert isinstance(atom.subject, Var)
            requests.add(atom.subject)
        if atom.predicate == WW.forRequest and isinstance(atom.object, Var):
            requests.add(atom.object)
    return frozenset(items - requests), frozenset(requests - items)


def shared(element: Element, body: Sequence[Element]) -> frozenset[Var]:
    """Return the variables of an element that the rest of its body sees."""
    return outer(element, body) if isinstance(element, Negation) else variables(element)


def hanging_together(
    body: Sequence[Element], elements: Sequence[Element], keys: frozenset[Var]
) -> Iterator[list[Element]]:
    """Yield the elements, in written order, that hang together by variables other than the keys."""
    groups: list[tuple[set[Var], list[Element]]] = []
    for element in elements:
        mine = set(shared(element, body) - keys)
        together = [group for group in groups if group[0] & mine]
        groups = [group for group in groups if not group[0] & mine]
        members = [e for group in together for e in group[1]]
        merged = [e for e in elements if any(e is m for m in members) or e is element]
        groups.append((mine.union(*(group[0] for group in together)), merged))
    for _, found in groups:
        yield found


def reads_of(elements: Sequence[Element]) -> frozenset[Read] | None:
    """Return what elements look up, or None where one leaves the property open."""
    found: set[Read] = set()
    for element in elements:
        atoms = element.body if isinstance(element, Negation) else (element,)
        for atom in atoms:
            if isinstance(atom, Atom):
                read = read_of(atom)
                if read is None:
                    return None
                found.add(read)
    return frozenset(found)


def read_of(atom: Atom) -> Read | None:
    """Return what a pattern looks up, or None where it leaves the property open."""
    if not isinstance(atom.predicate, NamedNode):
        return None
    if atom.predicate == TYPE and not isinstance(atom.object, Var | TriplePattern):
        return TYPE, atom.object
    return atom.predicate


def _appearing(elements: Sequence[Element]) -> list[Var]:
    """Return variables in the order in which they appear."""
    found: dict[Var, None] = {}

    def visit(term: Term | Call) -> None:
        if isinstance(term, Var):
            found[term] = None
        elif isinstance(term, TriplePattern):
            for part in (term.subject, term.predicate, term.object):
                visit(part)
        elif isinstance(term, Call):
            for argument in term.args:
                visit(argument)

    for element in elements:
        inner = element.body if isinstance(element, Negation) else (element,)
        for part in inner:
            if isinstance(part, Atom):
                for term in (part.subject, part.predicate, part.object):
                    visit(term)
            elif isinstance(part, Filter):
                visit(part.expression)
            elif isinstance(part, Assign):
                visit(part.expression)
                visit(part.var)
    return list(found)


def canonical(group: Sequence[Element], chosen: dict[Var, Var]) -> tuple[Element, ...]:
    """Return elements with all variables renamed: the chosen ones as told, the others in order."""
    local = [v for v in _appearing(group) if v not in chosen]
    names = chosen | {v: Var(f"v{n}") for n, v in enumerate(local)}
    return tuple(in_element(e, names) for e in group)
