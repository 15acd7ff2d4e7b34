"""What may be changed so that an item would be in: single changes and what each costs.

The kinds and their costs are declared in `ontology/changes.ttl`. What somebody asserted of an item
is never changed; a wash is an event, a guess no assertion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial

from wearwhy.evidence import Kind
from wearwhy.feeds.names import Names
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, TYPE, WW, Fact, Literal, NamedNode, Node
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Negation
from wearwhy.walk.graph import named, number
from wearwhy.wearer.log import day, wash_facts
from wearwhy.workspace.answering import Answering, Fitting, Whole
from wearwhy.workspace.askings import Asking, excluded, locked, stating, ungiven, without
from wearwhy.workspace.relaxing import relaxed, widened

DAYS = (1, 2, 3, 5, 7, 14, 30)
# Of these a request, or a thing, has several: each is a change.
_SEVERAL = frozenset({WW.hasItem, WW.locks, WW.weather})


@dataclass(frozen=True, slots=True)
class Step:
    """One change that may be made.

    Attributes:
        kind: a `ww:ChangeKind`.
        cost: as declared.
        statement: the fact that the change touches.
        before, after: the values it changes from and to.
        change: to the graph.
        asking: to the request.
    """

    kind: NamedNode
    cost: float
    statement: Fact | None
    before: Node | None
    after: Node | None
    change: Change = field(default_factory=Change)
    asking: Asking | None = None

    @property
    def touches(self) -> tuple[object, ...]:
        """Return what no two steps of one set may both touch: a guess, a value, an item."""
        fact = self.statement
        if fact is None:
            return (self.kind,)
        guess = bool(self.change.unpredict)
        several = guess or fact.predicate in _SEVERAL
        return (fact.subject, fact.predicate, fact.object if several else None)

    @property
    def text(self) -> str:
        """Return what tells it from every other step, for a fixed order."""
        return f"{self.kind} {self.statement} {self.before} {self.after}"


@dataclass(frozen=True, slots=True)
class Case:
    """An item that is not in, and what is known of why.

    Attributes:
        layer: the wardrobe's.
        request: that it is not in for.
        item: itself.
        shown: the looks that were found.
        rules: that forbid it.
        home: the wardrobe's node.
        against: rules by whose terms its best look lost, the largest first.
        cited: guesses in the evidence of those terms.
        lacking: slots that something demands and that nothing at hand fills.
        answer: what the request is answered with.
    """

    layer: Layer
    request: Request
    item: NamedNode
    shown: tuple[Look, ...]
    rules: tuple[NamedNode, ...]
    home: NamedNode
    resources: Resources
    names: Names
    lacking: frozenset[NamedNode] = frozenset()
    answer: Answering = field(default_factory=Whole)
    against: tuple[NamedNode, ...] = ()
    cited: frozenset[Fact] = frozenset()


def costs(layer: Layer) -> dict[NamedNode, float]:
    """Return the declared kinds of change with their costs."""
    return {
        kind: number(layer, kind, WW.cost) or 0.0
        for kind in named(layer.subjects(TYPE, WW.ChangeKind))
    }


def steps(case: Case) -> list[Step]:
    """Return every single change that may be tried, the cheapest first."""
    declared = costs(case.layer)
    makers = {
        "confirm-guess": _confirm,
        "correct-guess": _correct,
        "wash": _wash,
        "add-layer": _add_layer,
        "lock": _lock,
        "drop-item": _drop,
        "state-missing": _state,
        "hour": _hour,
        "weather": _weather,
        "day": _day,
        "dress-code": _dress_code,
        "occasion": _occasion,
        "switch-off-rule": _switch_off,
        "filter": _relax,
        "source": _widen,
        "buy": _buy,
    }
    found = [
        replace(step, kind=WW[f"change-{name}"], cost=declared[WW[f"change-{name}"]])
        for name, make in makers.items()
        if WW[f"change-{name}"] in declared
        for step in make(case)
    ]
    # Of equal cost those first that leave the wardrobe as it is: they are tried the quickest.
    return sorted(
        found, key=lambda step: (step.cost, step.asking is None, _seldom(case, step), step.text)
    )


def _seldom(case: Case, step: Step) -> int:
    """Return in how few of the shown looks stands what a step leaves out, negated."""
    return -sum(step.before in look.items for look in case.shown if step.after is None)


def _step(
    statement: Fact | None,
    before: Node | None,
    after: Node | None,
    *,
    change: Change | None = None,
    asking: Asking | None = None,
) -> Step:
    return Step(WW.ChangeKind, 0.0, statement, before, after, change or Change(), asking)


def _guessed(case: Case) -> list[Fact]:
    facts = case.layer.match(case.item, None, None)
    return sorted(
        (f for f in facts if case.layer.kind(f) is Kind.PREDICTED), key=lambda f: str(f.predicate)
    )


def _confirm(case: Case) -> Iterator[Step]:
    for fact in _guessed(case):
        yield _step(fact, None, fact.object, change=Change(add=(fact,), unpredict=(fact,)))


def _correct(case: Case) -> Iterator[Step]:
    for fact in _guessed(case):
        for value in _values(case, fact.predicate):
            if value != fact.object:
                right = Fact(case.item, fact.predicate, value)
                change = Change(add=(right,), unpredict=(fact,))
                yield _step(fact, fact.object, value, change=change)


def _values(case: Case, prop: NamedNode) -> list[NamedNode]:
    scope = case.names.scope(prop)
    return list(case.names.members(scope)) if scope is not None else []


def _wash(case: Case) -> Iterator[Step]:
    to = case.layer.value(WW["change-wash"], WW.changesTo)
    held = sorted(case.layer.objects(case.item, WW.cleanliness), key=str)
    before = held[0] if held else None
    on = (case.request.date or date.max) - timedelta(days=1)
    # What was said or guessed of its state before the wash no longer counts.
    known = list(case.layer.match(case.item, WW.cleanliness, None))
    stale = tuple(fact for fact in known if case.layer.kind(fact) is Kind.ASSERTED)
    guessed = tuple(fact for fact in known if case.layer.probability(fact) is not None)
    change = Change(add=wash_facts((case.item,), on), remove=stale, unpredict=guessed)
    statement = Fact(case.item, WW.cleanliness, to) if to is not None else None
    yield _step(statement, before, to, change=change)


def _lock(case: Case) -> Iterator[Step]:
    """Yield asking for the item itself; what completes an outfit is never asked for so."""
    if isinstance(case.answer, Whole) and case.item not in case.request.locked:
        yield _step(
            Fact(case.request.iri, WW.locks, case.item),
            None,
            case.item,
            asking=partial(locked, item=case.item),
        )


def _add_layer(case: Case) -> Iterator[Step]:
    """Yield owned layers that the shown looks leave room for, and that suit what is asked for."""
    index = case.resources.index(case.layer)
    worn = set(named(case.layer.objects(WW["change-add-layer"], WW.changesTo)))
    ways = {look.template for look in case.shown}
    opened = {slot for way in index.templates if way.iri in ways for slot in way.optional}
    filled = {placed.slot for look in case.shown for placed in look.placed}
    filled.update(index.places[index.at[case.item]])
    taken = {case.item, *case.request.locked, *case.request.excluded}
    for n, item in enumerate(index.items):
        free = index.places[n] and set(index.places[n]) <= (opened & worn) - filled
        if index.owned[n] and item not in taken and free and _suits(case, item):
            yield _step(
                Fact(case.request.iri, WW.hasItem, item),
                None,
                item,
                asking=partial(locked, item=item),
            )


def _suits(case: Case, item: NamedNode) -> bool:
    """Return whether a thing suits what is dressed for, and no rule forbids it there."""
    suits = case.layer.objects(item, WW.suitsOccasion)
    certainty = case.resources.index(case.layer).scoring.certainty
    return (
        all(occasion in suits for occasion in case.request.occasions)
        and not (forbidding(case.layer, case.request, item, certainty)[1])
    )


def _drop(case: Case) -> Iterator[Step]:
    """Yield what may be left out; where no look holds it, that will be found to change nothing."""
    index = case.resources.index(case.layer)
    kept = {case.item, *case.request.locked, *case.request.excluded}
    for item in index.items:
        if item not in kept and drawn_on(case.layer, case.request, item):
            yield _step(
                Fact(case.request.iri, WW.hasItem, item),
                item,
                None,
                asking=partial(excluded, item=item),
            )
    yield from _give_up(case)


def _give_up(case: Case) -> Iterator[Step]:
    """Yield the given items of an outfit to be completed: any but the last may be left out."""
    if not isinstance(case.answer, Fitting) or len(case.request.locked) < 2:
        return
    for item in case.request.locked:
        yield _step(
            Fact(case.request.iri, WW.locks, item),
            item,
            None,
            asking=partial(ungiven, item=item),
        )


def _state(case: Case) -> Iterator[Step]:
    absent = {
        atom.predicate
        for iri in case.rules
        if (rule := case.layer.rule(iri)) is not None
        for element in rule.body
        if isinstance(element, Negation)
        for atom in element.body
        if isinstance(atom, Atom) and isinstance(atom.predicate, NamedNode)
    }
    for prop in sorted(absent, key=str):
        if not case.layer.objects(case.item, prop):
            for value in _values(case, prop):
                fact = Fact(case.item, prop, value)
                yield _step(fact, None, value, change=Change(add=(fact,)))


def _members(case: Case, scheme: str) -> list[NamedNode]:
    return list(case.names.members(WW[f"{scheme}-scheme"]))


def _hour(case: Case) -> Iterator[Step]:
    now = case.request.part_of_day
    for part in _members(case, "part-of-day"):
        if part != now:
            yield _step(
                Fact(case.request.iri, WW.partOfDay, part),
                now,
                part,
                asking=stating(part_of_day=part),
            )


def _weather(case: Case) -> Iterator[Step]:
    weather = case.request.weather
    for condition in weather.conditions if weather else ():
        yield _step(
            Fact(case.request.iri, WW.weather, condition),
            condition,
            None,
            asking=partial(without, condition=condition),
        )


def _day(case: Case) -> Iterator[Step]:
    now = case.request.date
    for ahead in DAYS if now is not None else ():
        assert now is not None
        later = now + timedelta(days=ahead)
        yield _step(
            Fact(case.request.iri, WW.date, day(later)),
            day(now),
            day(later),
            asking=stating(date=later),
        )


def _dress_code(case: Case) -> Iterator[Step]:
    now = case.request.dress_code
    for code in named(case.layer.objects(case.item, WW.formality)):
        if code != now:
            yield _step(
                Fact(case.request.iri, WW.dressCode, code),
                now,
                code,
                asking=stating(dress_code=code),
            )


def _occasion(case: Case) -> Iterator[Step]:
    asked = case.request.occasions
    for other in named(case.layer.objects(case.item, WW.suitsOccasion)):
        if other not in asked:
            yield _step(
                Fact(case.request.iri, WW.occasion, other),
                asked[0] if asked else None,
                other,
                asking=stating(occasions=(other,)),
            )


def _switch_off(case: Case) -> Iterator[Step]:
    for rule in dict.fromkeys((*case.rules, *case.against)):
        yield _step(
            Fact(rule, WW.off, Literal(True)),
            Literal(False),
            Literal(True),
            change=Change(rules_remove=(rule,)),
        )


def _buy(case: Case) -> Iterator[Step]:
    """Yield the item itself, if it is not owned; else what fills a slot that nothing owned does."""
    bought = [case.item]
    if case.layer.objects(case.item, WW.inWardrobe):
        index = case.resources.index(case.layer)
        bought = [
            item
            for n, item in enumerate(index.items)
            if index.catalogues[n] and not index.owned[n] and set(index.places[n]) & case.lacking
        ]
    for item in bought:
        fact = Fact(item, WW.inWardrobe, case.home)
        yield _step(fact, None, case.home, change=Change(add=(fact,)))


def _relax(case: Case) -> Iterator[Step]:
    for one in relaxed(case.layer, case.request, case.item):
        yield _step(one.statement, one.before, one.after, asking=one.asking)


def _widen(case: Case) -> Iterator[Step]:
    if not drawn_on(case.layer, case.request, case.item):
        for one in widened(case.layer, case.request, case.item):
            yield _step(one.statement, one.before, one.after, asking=one.asking)


def drawn_on(layer: Layer, request: Request, item: NamedNode) -> bool:
    """Return whether a request may use an item by where it is."""
    shops = layer.objects(item, WW.inCatalogue)
    owned = bool(layer.objects(item, WW.inWardrobe))
    if request.source in ("both", "owned"):
        return owned or (bool(shops) and request.source == "both")
    return ID[f"catalogue/{request.source.partition(':')[2]}"] in shops


def forbidding(
    layer: Layer, request: Request, item: NamedNode, certainty: float
) -> tuple[Layer, list[Fact]]:
    """Return the layer of a request that considers an item, and what forbids the item there."""
    facts = (*request.facts(), Fact(request.iri, WW.considers, item))
    inside = layer.child(Change(add=facts))
    found = sorted(inside.match(item, WW.violates, None), key=lambda fact: str(fact.object))
    return inside, [fact for fact in found if inside.confidence(fact) >= certainty]
