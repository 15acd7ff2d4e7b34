"""Which rules and measures speak of items, of pairs, of looks, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from wearwhy.rdf import TYPE, WW, NamedNode
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Negation, Rule, TriplePattern, Var
from wearwhy.rules.opinions import verdict_of
from wearwhy.rules.parts import Parted, Read, parted, read_of
from wearwhy.rules.plan import apart
from wearwhy.rules.program import Program
from wearwhy.rules.solver import Plan, plan
from wearwhy.rules.terms import Id
from wearwhy.rules.virtual import Rows

ITEMS, PAIRS, LOOKS = 1, 2, 3
Step: TypeAlias = Parted | Measure

_FRAME: dict[Read, int] = {
    WW.considers: ITEMS,
    WW.first: PAIRS,
    WW.second: PAIRS,
    WW.member: PAIRS,
    (TYPE, WW.Pair): PAIRS,
    WW.hasItem: LOOKS,
    WW.hasPair: LOOKS,
    WW.forRequest: LOOKS,
    (TYPE, WW.Look): LOOKS,
}
_OVER = {WW.Item: ITEMS, WW.Pair: PAIRS, WW.Look: LOOKS}


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Steps to be taken together; those that feed one another again until nothing is new."""

    steps: tuple[Step, ...]
    again: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The rules and measures about one sort of subject, in order, and its verdict rules."""

    groups: tuple[Group, ...]
    verdicts: tuple[Rule, ...]


class Schedule:
    """The stages of a program.

    Attributes:
        items, pairs, looks: the stages.
        paired: what of the stage of pairs the stage of looks reads.
        told: verdict properties that some rule or measure about candidates reads.
        terms: the table of terms.
        memory: compiled expressions of the plans.
        reads: for the shape of a part what it looks up, as ids.
        pairs_of_looks: whether the stage of looks needs to know a look's pairs.
    """

    __slots__ = (
        "_wholes",
        "items",
        "looks",
        "memory",
        "paired",
        "pairs",
        "pairs_of_looks",
        "reads",
        "terms",
        "told",
    )

    def __init__(self, program: Program) -> None:
        sorts = _sorts(program)
        moving = frozenset(sorts)
        self.memory: dict[object, Callable[..., Id]] = {}
        self.terms = Rows(program.interner)
        self._wholes: dict[NamedNode, Plan] = {}
        self.reads: dict[int, frozenset[object]] = {}
        groups: dict[int, list[Group]] = {ITEMS: [], PAIRS: [], LOOKS: []}
        told: set[Read] = set()
        for stratum in program.strata:
            for measure in stratum.measures:
                told |= set(measure.reads)
                groups[_OVER[measure.over]].append(Group((measure,)))
            given = [program.named[c.rule.iri] for c in stratum.rules]
            for sort, found in groups.items():
                rules = [r for r in given if sort_of(r, sorts) == sort]
                for members, again in _ordered(rules):
                    told |= set().union(*(_read(rule) for rule in members))
                    steps = tuple(parted(rule, moving=moving) for rule in members)
                    found.append(Group(steps, again))
        self.told = frozenset(told)
        self.items, self.pairs, self.looks = (_stage(groups[s]) for s in (ITEMS, PAIRS, LOOKS))
        self.paired = _stage(_needed(groups[PAIRS], groups[LOOKS]))
        of_pairs = {read for read, sort in _FRAME.items() if sort == PAIRS} | {WW.hasPair}
        self.pairs_of_looks = bool(self.paired.groups) or any(
            _reading(step) is None or not of_pairs.isdisjoint(_reading(step) or ())
            for group in groups[LOOKS]
            for step in group.steps
        )
        id_of = program.interner.id
        for stage in groups.values():
            for group in stage:
                for step in group.steps:
                    for part in step.alone if isinstance(step, Parted) else ():
                        self.reads[part.shape] = frozenset(
                            (id_of(read[0]), id_of(read[1]))
                            if isinstance(read, tuple)
                            else id_of(read)
                            for read in part.reads or ()
                        )

    def whole(self, rule: Rule) -> Plan:
        """Return the plan of a rule's body solved from nothing."""
        found = self._wholes.get(rule.iri)
        if found is None:
            guesses = rule.description.reads_guesses
            found = plan(apart(rule.body), data=rule.data, guesses=guesses)
            self._wholes[rule.iri] = found
        return found


def schedule(program: Program) -> Schedule:
    """Return a program's schedule, made once."""
    found = program.cache.get(Schedule)
    if not isinstance(found, Schedule):
        found = program.cache[Schedule] = Schedule(program)
    return found


def sort_of(rule: Rule, sorts: dict[Read, int]) -> int:
    """Return what a rule speaks of: 1 items, 2 pairs, 3 looks; 0 none of them.

    A verdict is about what its frame is about, whatever the properties it reads say of others.
    """
    reads = _read(rule)
    if verdict_of(rule):
        own = max((_FRAME.get(read, 0) for read in reads), default=0)
        if own:
            return own
    return max((sorts.get(read, 0) for read in reads), default=0)


def _sorts(program: Program) -> dict[Read, int]:
    """Return for each property that candidates decide which sort of subject decides it."""
    sorts = dict(_FRAME)
    for measure in program.measures:
        sorts[measure.iri] = _OVER[measure.over]
    rules = [rule for rule in program.rules if verdict_of(rule) is None]
    changed = True
    while changed:
        changed = False
        for rule in rules:
            sort = sort_of(rule, sorts)
            for written in _written(rule) if sort else ():
                if sorts.get(written, 0) < sort:
                    sorts[written] = sort
                    changed = True
    return sorts


def _read(rule: Rule) -> set[Read]:
    atoms = [e for e in rule.body if isinstance(e, Atom)]
    for element in rule.body:
        if isinstance(element, Negation):
            atoms += [e for e in element.body if isinstance(e, Atom)]
    return {read for atom in atoms if (read := read_of(atom)) is not None}


def _open(rule: Rule) -> bool:
    """Return whether a rule reads whatever property there is."""
    atoms = [e for e in rule.body if isinstance(e, Atom)]
    for element in rule.body:
        if isinstance(element, Negation):
            atoms += [e for e in element.body if isinstance(e, Atom)]
    return any(isinstance(atom.predicate, Var | TriplePattern) for atom in atoms)


def _written(rule: Rule) -> set[Read]:
    return {read for head in rule.head if (read := read_of(head)) is not None}


def _feeds(one: Iterable[Read], other: Iterable[Read]) -> bool:
    """Return whether something written may be something read."""
    reads = set(other)
    return any(
        w in reads
        or (isinstance(w, tuple) and w[0] in reads)
        or (w == TYPE and any(isinstance(r, tuple) for r in reads))
        for w in one
    )


def _ordered(rules: Sequence[Rule]) -> list[tuple[tuple[Rule, ...], bool]]:
    """Return the rules of a stratum, writers before readers; those in a circle together."""
    left = list(rules)
    reads = {rule.iri: _read(rule) for rule in rules}
    writes = {rule.iri: _written(rule) for rule in rules}
    result: list[tuple[tuple[Rule, ...], bool]] = []
    while left:
        written = set().union(*(writes[rule.iri] for rule in left))
        free = [rule for rule in left if not _open(rule) and not _feeds(written, reads[rule.iri])]
        if not free:
            result.append((tuple(left), True))
            break
        result += [((rule,), False) for rule in free]
        left = [rule for rule in left if rule not in free]
    return result


def _stage(groups: Sequence[Group]) -> Stage:
    rules = [step.rule for group in groups for step in group.steps if isinstance(step, Parted)]
    return Stage(tuple(groups), tuple(rule for rule in rules if verdict_of(rule)))


def _needed(pairs: Sequence[Group], looks: Sequence[Group]) -> list[Group]:
    """Return the groups about pairs that those about looks rest on."""
    needed: list[Group] = []
    reading = list(looks)
    for group in reversed(pairs):
        if any(_serves(group, other) for other in reading):
            needed.insert(0, group)
            reading.append(group)
    return needed


def _serves(group: Group, other: Group) -> bool:
    written = {w for step in group.steps for w in _writes(step)}
    for step in other.steps:
        reads = step.reads if isinstance(step, Measure) else _read(step.rule)
        if _feeds(written, reads) or (isinstance(step, Parted) and _open(step.rule)):
            return True
    return False


def _reading(step: Step) -> set[Read] | None:
    """Return what a step reads; None where it may read what pairs are."""
    if isinstance(step, Measure):
        walked: set[Read] = {one.predicate for one in (*step.path, *step.path_to)}
        return None if TYPE in walked else walked
    reads = _read(step.rule)
    return None if _open(step.rule) or TYPE in reads else reads


def _writes(step: Step) -> set[Read]:
    return {step.iri} if isinstance(step, Measure) else _written(step.rule)
