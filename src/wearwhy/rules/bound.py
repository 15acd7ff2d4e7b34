"""What the sentence of a verdict's rule asks of its body, and how that is found by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wearwhy.rdf import TYPE, WW, Fact, NamedNode, Node
from wearwhy.rules.budget import Meter
from wearwhy.rules.compile import Compiled
from wearwhy.rules.firing import firing
from wearwhy.rules.keeper import Keeper
from wearwhy.rules.layer import Layer
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Rule, Var, variables
from wearwhy.rules.parts import Parted, Read, read_of
from wearwhy.rules.program import Program
from wearwhy.rules.schedule import Schedule, schedule
from wearwhy.rules.steps import is_open, reads_of_rule
from wearwhy.rules.terms import Row

_SLOT = re.compile(r"\{\??(\w+)\}")
_PAIRED = frozenset({WW.hasPair, WW.first, WW.second, WW.member, (TYPE, WW.Pair)})

Said = Mapping[str, tuple[Node, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What the sentences of one rule ask of its body.

    Attributes:
        rule: compiled.
        wanted: the names of the variables that some sentence names.
        subject: the variable of what the verdict is on, if it is one.
        about: of a verdict on a pair, the variables of its two items.
        rests: what a conclusion rests on of the request, as ids; None where that is not known.
        alone: whether it rests on no items but those that the verdict is on.
        idle: the rules and measures on which nothing rests that it reads.
        paired: whether it, or one of those, may read what pairs are.
    """

    rule: Compiled
    wanted: frozenset[str]
    subject: str
    about: tuple[str, ...]
    rests: frozenset[object] | None
    alone: bool
    idle: frozenset[NamedNode]
    paired: bool

    def known(self, subject: Node, about: tuple[NamedNode, ...]) -> dict[str, tuple[Node, ...]]:
        """Return what is known without solving the body, as far as a sentence asks.

        Args:
            subject: what the verdict is on.
            about: the items concerned.
        """
        known = {self.subject: (subject,)}
        if self.about:
            known |= {name: (item,) for name, item in zip(self.about, about, strict=True)}
        return {name: nodes for name, nodes in known.items() if name in self.wanted}

    def solved(self, layer: Layer, verdict: Fact) -> Said | None:
        """Return what is bound in the solutions that lead to a verdict; None where they differ.

        Args:
            layer: in which the rule may not have fired.
            verdict: that it concludes.
        """
        row: Row = layer.interner.row(verdict)
        because: list[tuple[Row, ...]] = []

        def emit(_rule: Compiled, head: Row, premises: tuple[Row, ...]) -> None:
            if head == row:
                because.append(premises)

        meter = Meter(layer.budget, layer.program.named)
        meter.rule = self.rule.rule
        keeper = Keeper(layer, meter)
        for number, head in enumerate(self.rule.rule.head):
            if head.predicate == verdict.predicate:
                self.rule.backward(number)(layer.relations, keeper, row, emit)
        found: dict[str, tuple[Node, ...]] | None = None
        for premises in because:
            facts = tuple(layer.interner.fact(one) for one in premises)
            bindings = firing(self.rule.rule, facts).bindings
            names = ((name.removeprefix("?"), node) for name, node in bindings)
            told: dict[str, tuple[Node, ...]] = {
                name: (node,) for name, node in names if name in self.wanted
            }
            if found is not None and found != told:
                return None
            found = told
        return found


def bound(program: Program, iri: NamedNode) -> Bound:
    """Return what a rule's sentences ask of its body; made once for a program."""
    key = (Bound, iri)
    found = program.cache.get(key)
    if not isinstance(found, Bound):
        found = program.cache[key] = _bound(program, iri)
    return found


def _bound(program: Program, iri: NamedNode) -> Bound:
    # What a rule is called and says may change while its functions stay.
    rule, compiled = program.named[iri], program.compiled[iri]
    order = schedule(program)
    step = _steps(program, order).get(iri)
    texts = (text for _, text in rule.description.sentence)
    slots = {name for text in texts for name in _SLOT.findall(text)}
    wanted = frozenset(v.name for v in variables(compiled.body) if v.name in slots)
    head = rule.head[0].subject
    subject = head.name if isinstance(head, Var) and len(rule.head) == 1 else ""
    frame = [e for e in step.framing if isinstance(e, Atom)] if step is not None else []
    needs = _needed(program, rule)
    return Bound(
        compiled,
        wanted,
        subject,
        _of_pair(frame, subject),
        order.resting.get(step) if step is not None else None,
        _alone(frame, subject),
        frozenset((*program.named, *(measure.iri for measure in program.measures))) - needs,
        any(_of_pairs(one) for one in (rule, *_named(program, needs))),
    )


def _named(program: Program, names: frozenset[NamedNode]) -> list[Rule | Measure]:
    measures = [measure for measure in program.measures if measure.iri in names]
    return [*measures, *(program.named[iri] for iri in names if iri in program.named)]


def _needed(program: Program, rule: Rule) -> frozenset[NamedNode]:
    """Return the rules and measures that may conclude what a rule reads, directly or not."""
    writers = _writers(program)
    found: set[NamedNode] = set()
    left: list[Rule | Measure] = [rule]
    while left:
        reads = _read(left.pop())
        if reads is None:
            return frozenset((*program.named, *(measure.iri for measure in program.measures)))
        wanted: set[object] = {None, *reads}
        for read in reads:
            # As `feeds` has it: a class is a property's business too, and the other way round.
            wanted.add(TYPE if isinstance(read, tuple) else (read,))
        for at in wanted:
            for one in writers.get(at, ()):
                if one.iri not in found:
                    found.add(one.iri)
                    left.append(one)
    return frozenset(found)


def _writers(program: Program) -> dict[object, list[Rule | Measure]]:
    """Return rules and measures by what they conclude, and under None those of any property."""
    kept = program.cache.get("writers")
    if isinstance(kept, dict):
        return kept
    found: dict[object, list[Rule | Measure]] = {}
    every: tuple[Rule | Measure, ...] = (*program.measures, *program.rules)
    for one in every:
        known: Iterable[Read | None] = _written(one) or (None,)
        for written in known:
            found.setdefault(written, []).append(one)
            if isinstance(written, tuple):
                found.setdefault((written[0],), []).append(one)
    program.cache["writers"] = found
    return found


def _written(one: Rule | Measure) -> set[Read] | None:
    """Return what is concluded; None where that may be of any property."""
    if isinstance(one, Measure):
        return {one.iri}
    found = [read_of(head) for head in one.head]
    return None if None in found else {read for read in found if read is not None}


def _read(one: Rule | Measure) -> set[Read] | None:
    """Return what is looked up; None where that may be of any property."""
    if isinstance(one, Measure):
        return set(one.reads)
    return None if is_open(one) else reads_of_rule(one)


def _of_pairs(one: Rule | Measure) -> bool:
    """Return whether what pairs are may be read."""
    reads = _read(one)
    if isinstance(one, Measure) and one.over != WW.Pair:
        reads = {step.predicate for step in (*one.path, *one.path_to)}
    return reads is None or not reads.isdisjoint(_PAIRED)


def _steps(program: Program, order: Schedule) -> dict[NamedNode, Parted]:
    found = program.cache.get("verdict steps")
    if not isinstance(found, dict):
        found = program.cache["verdict steps"] = {
            step.rule.iri: step
            for stage in (order.items, order.pairs, order.looks)
            for group in stage.groups
            for step in group.steps
            if isinstance(step, Parted)
        }
    return found


def _of_pair(frame: list[Atom], subject: str) -> tuple[str, ...]:
    """Return the variables of the two items of a pair, the first before the second."""
    found = []
    for place in (WW.first, WW.second):
        own = {a.object for a in frame if a.predicate == place and a.subject == Var(subject)}
        found += [o.name for o in own if isinstance(o, Var)]
    return tuple(found) if len(found) == 2 else ()


def _alone(frame: list[Atom], subject: str) -> bool:
    """Return whether a frame speaks of no item but those that the verdict is on."""
    places = (WW.considers, WW.first, WW.second, WW.member, WW.hasItem)
    on = Var(subject)
    return all(
        atom.object == on if atom.predicate == WW.considers else atom.subject == on
        for atom in frame
        if atom.predicate in places
    ) and all(atom.predicate != WW.hasItem for atom in frame)
