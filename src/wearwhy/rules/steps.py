"""Steps of a schedule: what they read, what they write, which of them feeds which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from wearwhy.rdf import TYPE, WW, BlankNode, Node
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Negation, Rule, TriplePattern, Var, variables
from wearwhy.rules.parts import Parted, Read, computes, read_of
from wearwhy.rules.terms import Id

Step: TypeAlias = Parted | Measure


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Steps to be taken together; those that feed one another again until nothing is new."""

    steps: tuple[Step, ...]
    again: bool = False


def atoms_of(rule: Rule) -> list[Atom]:
    """Return the patterns of a rule's body, those of its NOTs among them."""
    atoms = [e for e in rule.body if isinstance(e, Atom)]
    for element in rule.body:
        if isinstance(element, Negation):
            atoms += [e for e in element.body if isinstance(e, Atom)]
    return atoms


def reads_of_rule(rule: Rule) -> set[Read]:
    """Return what a rule looks up."""
    return {read for atom in atoms_of(rule) if (read := read_of(atom)) is not None}


def is_open(rule: Rule) -> bool:
    """Return whether a rule reads whatever property there is."""
    return any(isinstance(atom.predicate, Var | TriplePattern) for atom in atoms_of(rule))


def written_by(rule: Rule) -> set[Read]:
    """Return what a rule concludes."""
    return {read for head in rule.head if (read := read_of(head)) is not None}


def feeds(one: Iterable[Read], other: Iterable[Read]) -> bool:
    """Return whether something written may be something read."""
    reads = set(other)
    return any(
        w in reads
        or (isinstance(w, tuple) and w[0] in reads)
        or (w == TYPE and any(isinstance(r, tuple) for r in reads))
        for w in one
    )


def needed_by(pairs: Sequence[Group], looks: Sequence[Group]) -> list[Group]:
    """Return the groups about pairs that those about looks rest on."""
    needed: list[Group] = []
    reading = list(looks)
    for group in reversed(pairs):
        if any(serves(group, other) for other in reading):
            needed.insert(0, group)
            reading.append(group)
    return needed


def resting(
    groups: Sequence[Group], id_of: Callable[[Node], Id]
) -> Mapping[Step, frozenset[object]]:
    """Return what the conclusion of each step rests on: what it reads, and what that rests on."""
    whole: dict[Step, frozenset[Read] | None] = {}
    for group in groups:
        for step in group.steps:
            reads = looked_up(step)
            if group.again or (isinstance(step, Parted) and not _nameless(step)):
                reads = None
            if reads is not None and isinstance(step, Measure):
                reads = frozenset(step.reads)
            for other, below in whole.items():
                if reads is not None and feeds(writes(other), reads):
                    reads = None if below is None else reads | below
            whole[step] = reads
    return {
        step: frozenset(as_id(read, id_of) for read in reads)
        for step, reads in whole.items()
        if reads is not None
    }


def _nameless(step: Parted) -> bool:
    """Return whether a conclusion does not depend on what the request is called."""
    requests = {
        e.subject
        for e in step.framing
        if isinstance(e, Atom) and (e.predicate == WW.considers or e.object == WW.Request)
    } | {e.object for e in step.framing if isinstance(e, Atom) and e.predicate == WW.forRequest}
    heads = frozenset().union(*(variables(head) for head in step.rule.head))
    return (
        len(requests) < 2
        and not any(
            isinstance(var, Var) and (var in heads or computes(step.rule.body, var))
            for var in requests
        )
        and not any(
            isinstance(term, BlankNode)
            for head in step.rule.head
            for term in (head.subject, head.object)
        )
    )


def looked_up(step: Step) -> frozenset[Read] | None:
    """Return what a step reads; None where it leaves a property open."""
    if isinstance(step, Measure):
        return frozenset(one.predicate for one in (*step.path, *step.path_to))
    return None if is_open(step.rule) or step.rule.data else frozenset(reads_of_rule(step.rule))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a group reads, as ids: of the items of a pair only, and of anything."""

    own: frozenset[object] = frozenset()
    other: frozenset[object] = frozenset()

    def of(self, touched: frozenset[object], own: frozenset[object]) -> bool:
        """Return whether a request's layer says something of it."""
        return not (self.other.isdisjoint(touched) and self.own.isdisjoint(own))


def asked(group: Group, id_of: Callable[[Node], Id]) -> Asked:
    """Return what a group reads, as ids."""
    own: set[Read] = set()
    other: set[Read] = set()
    for step in group.steps:
        if isinstance(step, Measure):
            other |= {one.predicate for one in (*step.path, *step.path_to)}
            continue
        items = {e.object for e in step.framing if isinstance(e, Atom)}
        for atom in atoms_of(step.rule):
            read = read_of(atom)
            if read is not None:
                (own if atom.subject in items else other).add(read)
    return Asked(*(frozenset(as_id(read, id_of) for read in reads) for reads in (own, other)))


def as_id(read: Read, id_of: Callable[[Node], Id]) -> object:
    """Return something read as ids."""
    return (id_of(read[0]), id_of(read[1])) if isinstance(read, tuple) else id_of(read)


def serves(group: Group, other: Group) -> bool:
    """Say whether what a group concludes is read by another."""
    written = {w for step in group.steps for w in writes(step)}
    for step in other.steps:
        reads = step.reads if isinstance(step, Measure) else reads_of_rule(step.rule)
        if feeds(written, reads) or (isinstance(step, Parted) and is_open(step.rule)):
            return True
    return False


def read_without_pairs(step: Step) -> set[Read] | None:
    """Return what a step reads; None where it may read what pairs are."""
    if isinstance(step, Measure):
        walked: set[Read] = {one.predicate for one in (*step.path, *step.path_to)}
        return None if TYPE in walked else walked
    reads = reads_of_rule(step.rule)
    return None if is_open(step.rule) or TYPE in reads else reads


def writes(step: Step) -> set[Read]:
    """Return what a step concludes."""
    return {step.iri} if isinstance(step, Measure) else written_by(step.rule)
