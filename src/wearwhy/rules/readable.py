"""Look rules that can be read off a look's members, many looks at a time.

Most rules about looks only ask whether the look has an item of some kind, or none, and what
measures over its items come to. What makes an item of that kind is the same in every look: it is
decided once for all candidates, and a look is then judged by counting.

A rule that asks for more (pairs of a look, what other rules say of it, a property left open) is
not read so; nothing is lost but time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from wearwhy.rdf import TYPE, WW, XSD, Literal, NamedNode
from wearwhy.rules.measures import Aggregate, Measure, number
from wearwhy.rules.model import Atom, Call, Element, Filter, Negation, Term, Var, variables
from wearwhy.rules.parts import (
    FRAME,
    ITEM,
    REQUEST,
    Part,
    Parted,
    Read,
    canonical,
    hanging_together,
    reads_of,
    shape,
    shared,
)
from wearwhy.rules.solver import Plan, plan

OTHER = Var("other")
COUNTED = frozenset(
    {
        Aggregate.COUNT,
        Aggregate.COUNT_DISTINCT,
        Aggregate.SUM,
        Aggregate.MIN,
        Aggregate.MAX,
        Aggregate.RANGE,
    }
)
_NUMERIC = frozenset({XSD.integer, XSD.decimal, XSD.double, XSD.float})
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_BOUND = frozenset({ITEM, REQUEST})

Seen = Callable[[frozenset[Read]], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """A kind of item: the parts that are kept, and what must be solved for each request."""

    parts: tuple[Part, ...] = ()
    plans: tuple[Plan, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Something of the request for which a look must hold no item.

    Attributes:
        said: what the request says; the rule holds where for one of its solutions there is no item.
        shared: the variables that tell the solutions apart.
        item: what would make an item serve.
    """

    said: Plan
    shared: tuple[Var, ...]
    item: Plan


@dataclass(frozen=True, slots=True)
class Test:
    """What a measure must come to: `is` a written number, or compare with it; `known`: be any."""

    measure: NamedNode
    name: str
    bound: float = 0.0
    written: Literal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A look rule taken apart.

    Attributes:
        rule: the rule in parts.
        asked: parts about the request alone, kept; `plans` those that are not.
        has: the kinds of items that a look must hold, one each.
        apart: whether the two items must differ.
        both: what must hold of the two together.
        lacks: the kinds of which it must hold none.
        gaps: what of the request it must hold nothing for.
        tests: on measures over it.
    """

    rule: Parted
    asked: tuple[Part, ...]
    plans: tuple[Plan, ...]
    has: tuple[Kind, ...]
    apart: bool
    both: tuple[Plan, ...]
    lacks: tuple[Kind, ...]
    gaps: tuple[Gap, ...]
    tests: tuple[Test, ...]


def counted(measure: Measure) -> bool:
    """Say whether a measure over looks can be told from its members."""
    path = measure.path
    return (
        measure.over == WW.Look
        and measure.aggregate in COUNTED
        and not measure.path_to
        and len(path) > 1
        and path[0].predicate == WW.hasItem
        and not path[0].inverse
        and not any(step.predicate in FRAME for step in path[1:])
    )


def beforehand(step: Parted, moving: frozenset[Read]) -> bool:
    """Say whether a rule speaks of outfits of the past only: no look under judgement fits it.

    It asks of what has the items something that is asserted, and of looks nothing is.
    """
    owners = {e.subject for e in step.framing if isinstance(e, Atom) and e.predicate == WW.hasItem}
    past = {
        e.subject
        for e in step.left
        if isinstance(e, Atom) and isinstance(e.predicate, NamedNode) and e.predicate not in moving
    } - {TYPE}
    framed = all(
        isinstance(e, Atom)
        and (e.predicate in (WW.hasItem, WW.considers) or e.object == WW.Request)
        for e in step.framing
    )
    heads = frozenset().union(*(variables(head) for head in step.rule.head))
    return bool(owners) and owners <= past and framed and not owners & heads


def readable(
    step: Parted, moving: frozenset[Read], seen: Seen, measures: frozenset[NamedNode]
) -> Reading | None:
    """Return a look rule taken apart, or None where it asks for more.

    Args:
        step: the rule in parts; its conclusion is about the look.
        moving: what rules and measures about candidates conclude.
        seen: whether reads may be answered without looks: no rule about pairs or looks feeds them.
        measures: those over looks that can be counted.
    """
    look = step.rule.head[0].subject
    frame = _frame(step, look) if isinstance(look, Var) and len(step.rule.head) == 1 else None
    if frame is None or not isinstance(look, Var):
        return None
    items, request, differ = frame
    if request is None and any(p.asks for p in step.alone):
        return None
    keys = frozenset((look, *items, *([request] if request else [])))
    kinds = {item: Kind(tuple(p for p in step.alone if p.key == item)) for item in items}
    plans: list[Plan] = []
    both: list[Plan] = []
    lacks: list[Kind] = []
    gaps: list[Gap] = []
    tests: list[Test] = []
    guesses = step.rule.description.reads_guesses
    body = (*step.framing, *step.left)
    for group in hanging_together(body, step.left, keys):
        touched = frozenset().union(*(shared(e, body) for e in group)) & keys
        if look in touched:
            if not touched <= {look, request}:
                return None
            told = _none(group, look, request, guesses=guesses, seen=seen)
            found = _tests(group, look, measures) if told is None else None
            if isinstance(told, Gap):
                gaps.append(told)
            elif told is not None:
                looked, text, none = told
                keep = looked.isdisjoint(moving) and REQUEST not in variables(text)
                part = Part(ITEM, False, none, shape((text, none.view, "none")), looked)
                lacks.append(Kind(parts=(part,)) if keep else Kind(plans=(none,)))
            elif found is not None:
                tests += found
            else:
                return None
            continue
        reads = reads_of(group)
        if reads is None or not seen(reads):
            return None
        mine = touched & set(items)
        names = dict.fromkeys(mine, ITEM) | ({request: REQUEST} if request else {})
        if len(mine) == 2 and len(items) == 2:
            names[items[1]] = OTHER
            both.append(plan(canonical(group, names), (*_BOUND, OTHER), guesses=guesses))
        elif len(mine) == 1:
            (item,) = mine
            own = plan(canonical(group, names), _BOUND, guesses=guesses)
            kinds[item] = replace(kinds[item], plans=(*kinds[item].plans, own))
        elif not mine:
            plans.append(plan(canonical(group, names), _BOUND, guesses=guesses))
        else:
            return None
    return Reading(
        step,
        tuple(p for p in step.alone if p.key is None),
        tuple(plans),
        tuple(kinds[item] for item in items),
        differ,
        tuple(both),
        tuple(lacks),
        tuple(gaps),
        tuple(tests),
    )


def _frame(step: Parted, look: Var) -> tuple[tuple[Var, ...], Var | None, bool] | None:
    """Return a rule's items, its request, and whether two items must differ; None for more."""
    items: dict[Var, None] = {}
    request: Var | None = None
    named = differ = False
    filters: list[Filter] = []
    for element in step.framing:
        match element:
            case Atom(subject, predicate, obj) if subject == look:
                if predicate == WW.hasItem and isinstance(obj, Var):
                    items[obj] = None
                elif predicate == WW.forRequest and isinstance(obj, Var) and request in (None, obj):
                    request = obj
                elif predicate == TYPE and obj == WW.Look:
                    named = True
                else:
                    return None
            case Atom(_, predicate, obj) if predicate == TYPE and obj == WW.Request:
                continue
            case Filter():
                filters.append(element)
            case _:
                return None
    asked = {e.subject for e in step.framing if isinstance(e, Atom) and e.object == WW.Request}
    if not named or not asked <= {request} or request in items or look in items or look == request:
        return None
    for one in filters:
        match one.expression:
            case Call("!=", (Var() as a, Var() as b)) if a != b and {a, b} <= items.keys():
                differ = True
            case _:
                return None
    return None if differ and len(items) != 2 else (tuple(items), request, differ)


def _none(
    group: Sequence[Element], look: Var, request: Var | None, *, guesses: bool, seen: Seen
) -> Gap | tuple[frozenset[Read], tuple[Element, ...], Plan] | None:
    """Return what a NOT says the look has no item of; None for anything else.

    Without anything of the request beside it: what it reads, its text and its plan.
    """
    negations = [e for e in group if isinstance(e, Negation) and look in variables(e)]
    others = [e for e in group if e not in negations]
    if len(negations) != 1 or any(look in variables(e) for e in others):
        return None
    negation = negations[0]
    holds = [e for e in negation.body if look in variables(e)]
    if len(holds) != 1 or not isinstance(holds[0], Atom):
        return None
    item = holds[0].object
    known = frozenset().union(*(variables(e) for e in others))
    if holds[0] != Atom(look, WW.hasItem, item) or not isinstance(item, Var):
        return None
    rest = [e for e in negation.body if e is not holds[0]]
    reads, aside = reads_of(rest), reads_of(others)
    if item in (look, request, *known) or reads is None or aside is None:
        return None
    if not seen(reads) or not seen(aside):
        return None
    view = "asserted" if negation.data else ("all" if guesses else "firm")
    names = {item: ITEM} | ({request: REQUEST} if request else {})
    text = canonical((*others, *rest), names)
    said, inner = text[: len(others)], text[len(others) :]
    if not others:
        return reads, inner, replace(plan(inner, _BOUND), view=view)
    common = sorted(variables(said) & variables(inner) - _BOUND)
    item_plan = replace(plan(inner, (*_BOUND, *common)), view=view)
    return Gap(plan(said, (REQUEST,), guesses=guesses), tuple(common), item_plan)


def _tests(
    group: Sequence[Element], look: Var, measures: frozenset[NamedNode]
) -> list[Test] | None:
    """Return the tests on measures that a group comes to, or None."""
    named: dict[Term, NamedNode] = {}
    found: list[Test] = []
    for element in group:
        match element:
            case Atom(subject, NamedNode() as measure, obj) if (
                subject == look and measure in measures and obj not in named
            ):
                if isinstance(obj, Literal):
                    found.append(Test(measure, "is", written=obj))
                elif isinstance(obj, Var) and obj != look:
                    named[obj] = measure
                    found.append(Test(measure, "known"))
                else:
                    return None
            case Filter():
                continue
            case _:
                return None
    for element in group:
        if isinstance(element, Filter):
            test = _compared(element, named)
            if test is None:
                return None
            found.append(test)
    return found


def _compared(element: Filter, named: Mapping[Term, NamedNode]) -> Test | None:
    match element.expression:
        case Call(name, (Var() as var, Literal() as bound)) if name in _TURNED and var in named:
            pass
        case Call(turned, (Literal() as bound, Var() as var)) if turned in _TURNED and var in named:
            name = _TURNED[turned]
        case _:
            return None
    value = number(bound) if bound.datatype in _NUMERIC else None
    return None if value is None else Test(named[var], name, float(value))
