"""Random programs of every kind of rule, and random histories of edits to them.

Everything is drawn from a seeded `Random`, so that a history of hundreds of edits costs nothing to
draw; `fewest` finds the edits that a failure needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.properties.programs import EX, NODES, PREDICATES, VARS

from wearwhy.evidence import Kind
from wearwhy.proof.checker import check
from wearwhy.proof.prove import Prover, ground
from wearwhy.rdf import WW, BlankNode, Fact, Literal, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Description,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    Var,
    variables,
)

REQUEST = NamedNode(f"{EX}request")
LITERALS = (Literal(1), Literal(2), Literal("2.5", datatype=NamedNode(Literal(1.0).datatype.value)))
RULES = 8
# What a measure reads of a level, only rules of a higher level may read.
MEASURES = (
    Measure(NamedNode(f"{EX}m0"), WW.Item, Aggregate.COUNT, (Step(PREDICATES[0]),)),
    Measure(NamedNode(f"{EX}m1"), WW.Item, Aggregate.COUNT_DISTINCT, (Step(PREDICATES[1]),)),
    Measure(
        NamedNode(f"{EX}m2"),
        WW.Item,
        Aggregate.SUM,
        (Step(PREDICATES[0], inverse=True), Step(PREDICATES[2])),
    ),
)


def fact(random: Random) -> Fact:
    """Return a fact over the lower predicates, or one that a request considers a node."""
    if random.random() < 0.1:
        return Fact(REQUEST, WW.considers, random.choice(NODES))
    obj = random.choice(LITERALS) if random.random() < 0.2 else random.choice(NODES)
    return Fact(random.choice(NODES), random.choice(PREDICATES[:4]), obj)


def _one(random: Random, *terms: Term) -> Term:
    return random.choice(terms)


def rule(random: Random, number: int, *, confident: bool = True) -> Rule:
    """Return a safe rule that cannot break stratification, whatever others there are."""
    chance = random.random
    level = random.randint(1, 4)
    fresh = chance() < 0.15
    highest = level - 1 if fresh or chance() < 0.3 else level
    atoms = [_pattern(random, highest) for _ in range(random.randint(1, 3))]
    if chance() < 0.15:
        measure = MEASURES[random.randint(0, min(level, 3) - 1)]
        atoms.append(Atom(random.choice(VARS[:3]), measure.iri, Var("m")))
    body: list[Element] = list(atoms)
    names = sorted(frozenset().union(*(variables(atom) for atom in body)))
    if chance() < 0.3:
        other: Var | Literal = names[0]
        other = random.choice(LITERALS[:2]) if random.random() < 0.5 else random.choice(names)
        body.append(
            Filter(Call(random.choice(["=", "!=", "!=", "<"]), (random.choice(names), other)))
        )
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        negation = _negation(random, body, level)
        if negation is not None:
            body.insert(random.randint(1, len(body)), negation)
    made = list(names)
    # SET makes a rule run once, as a fresh node does: its head lies above everything it reads.
    if highest < level and chance() < 0.4:
        body.append(Assign(Var("s"), Call(random.choice(["STR", "DATATYPE"]), (names[0],))))
        made.append(Var("s"))
    node = BlankNode("b")
    head = [
        Atom(
            random.choice(names),
            PREDICATES[level],
            node if fresh else _one(random, *made, *NODES[:2]),
        )
    ]
    if fresh and chance() < 0.5:
        head.append(Atom(node, PREDICATES[level], random.choice(made)))
    elif chance() < 0.2:
        head.append(Atom(random.choice(names), PREDICATES[level], NODES[0]))
    return Rule(
        NamedNode(f"{EX}r{number}"),
        tuple(dict.fromkeys(head)),
        tuple(body),
        data=chance() < 0.1,
        description=Description(
            confidence=random.choice([1.0, 1.0, 0.5, 0.8]) if confident else 1.0,
            reads_guesses=chance() < 0.2,
            off=chance() < 0.1,
        ),
    )


def _pattern(random: Random, highest: int) -> Atom:
    if random.random() < 0.05:
        return Atom(random.choice(VARS[:3]), WW.considers, random.choice(VARS[:3]))
    obj = _one(random, *VARS[:3], *VARS[:3], NODES[0], LITERALS[0])
    return Atom(random.choice(VARS[:3]), PREDICATES[random.randint(0, highest)], obj)


def _negation(random: Random, body: list[Element], level: int) -> Negation | None:
    """Return a NOT over lower predicates, to stand anywhere in a body."""
    first = next(e for e in body if isinstance(e, Atom))
    names = sorted(variables(first))
    if not names:
        return None
    inner: list[Atom | Filter] = [
        Atom(
            random.choice(names),
            PREDICATES[random.randint(0, level - 1)],
            _one(random, *names, Var("z"), NODES[0]),
        )
    ]
    if random.random() < 0.4:
        inner.append(Atom(_one(random, *names, NODES[1]), PREDICATES[0], Var("z")))
    if Var("z") in variables(tuple(inner)) and random.random() < 0.3:
        inner.append(Filter(Call("!=", (Var("z"), random.choice(names)))))
    return Negation(tuple(inner), data=random.random() < 0.4)


def program(random: Random, *, confident: bool = True) -> tuple[Rule, ...]:
    """Return up to six rules with names of their own."""
    return tuple(rule(random, n, confident=confident) for n in range(random.randint(1, 6)))


@dataclass
class Kept:
    """What a graph should be closed over: asserted facts, guesses and rules."""

    asserted: dict[Fact, None] = field(default_factory=dict)
    guesses: dict[Fact, float] = field(default_factory=dict)
    rules: dict[NamedNode, Rule] = field(default_factory=dict)

    def follow(self, change: Change) -> None:
        """Make a change."""
        for one in change.remove:
            self.asserted.pop(one, None)
        self.asserted.update(dict.fromkeys(change.add))
        for one in change.unpredict:
            self.guesses.pop(one, None)
        self.guesses.update(change.predict)
        for iri in change.rules_remove:
            self.rules.pop(iri, None)
        self.rules.update({one.iri: one for one in change.rules_add})

    def closed(self) -> Layer:
        """Return the graph closed from nothing."""
        layer = Layer.root(self.rules.values(), MEASURES, self.asserted)
        return layer.child(Change(predict=tuple(self.guesses.items())))


def edit(random: Random, kept: Kept, *, confident: bool = True) -> Change:
    """Return an edit of any kind; half of them take up what is there."""
    known = list(kept.asserted) or [fact(random)]
    some = random.choice(known)
    match random.randint(0, 13):
        case 0 | 1 | 2:
            return Change(add=(fact(random),))
        case 3 | 4:
            return Change(remove=(some,))
        case 5:
            return Change(remove=(some,), add=(fact(random)._replace(subject=some.subject),))
        case 6 | 7 if confident:
            told = fact(random) if random.random() < 0.7 else some
            return Change(predict=((told, random.choice([0.5, 0.6, 0.9])),))
        case 8 if kept.guesses:
            guess = random.choice(list(kept.guesses))
            add = (guess,) if random.random() < 0.5 else ()
            return Change(add=add, unpredict=(guess,))
        case 9 | 10:
            return Change(rules_add=(rule(random, random.randrange(RULES), confident=confident),))
        case 11 if kept.rules:
            return Change(rules_remove=(random.choice(list(kept.rules)),))
        case 12:
            lost = tuple(random.sample(known, min(len(known), 3)))
            new = tuple(one for one in (fact(random) for _ in range(3)) if one not in lost)
            return Change(add=new, remove=lost)
        case _:
            new = tuple(dict.fromkeys(fact(random) for _ in range(3)))
            return Change(
                add=new, rules_add=(rule(random, random.randrange(RULES), confident=confident),)
            )


def history(random: Random, start: Kept, length: int, *, confident: bool = True) -> list[Change]:
    """Return edits that follow upon one another."""
    now = Kept(dict(start.asserted), dict(start.guesses), dict(start.rules))
    edits = []
    for _ in range(length):
        edits.append(edit(random, now, confident=confident))
        now.follow(edits[-1])
    return edits


State = dict[Fact, tuple[Kind | None, float, float | None]]


def state(layer: Layer) -> State:
    """Return every visible fact with its kind, its confidence and its probability as a guess."""
    return {
        one: (layer.kind(one), round(layer.confidence(one), 9), layer.probability(one))
        for one in layer.facts()
    }


def differing(one: Layer, other: Layer) -> State:
    """Return what one layer has that another does not have so."""
    was = state(other)
    return {found: how for found, how in state(one).items() if was.get(found) != how} | {
        found: how for found, how in was.items() if not one.holds(found)
    }


def ill_founded(layer: Layer) -> Iterator[str]:
    """Yield what is wrong with the derivations kept: a premise that is not there, a circle."""
    firings = {one: layer.firing(one) for one in layer.facts()}
    left = {one: firing.premises for one, firing in firings.items() if firing is not None}
    for one, premises in left.items():
        yield from (f"{one} rests on {p}, which is gone" for p in premises if p not in firings)
    settled = set(firings) - set(left)
    while left:
        sound = [one for one, premises in left.items() if settled.issuperset(premises)]
        if not sound:
            yield f"these rest on themselves: {sorted(map(str, left))}"
            return
        settled.update(sound)
        for one in sound:
            del left[one]


def refused(layer: Layer, kept: Kept) -> Iterator[str]:
    """Yield what the independent checker refuses of the derivations kept."""
    truth = ground(layer, kept.rules.values(), MEASURES)
    prover = Prover(layer)
    for one in list(layer.facts()):
        for refusal in check(prover.evidence(one), truth):
            yield f"{one}: {refusal}"


def fewest(edits: list[Change], fails: Callable[[list[Change]], bool]) -> list[Change]:
    """Return edits that still fail, none of which can be left out (Zeller's ddmin)."""
    size = len(edits) // 2
    while size:
        at = 0
        while at < len(edits):
            shorter = edits[:at] + edits[at + size :]
            if fails(shorter):
                edits = shorter
            else:
                at += size
        size //= 2
    return edits
