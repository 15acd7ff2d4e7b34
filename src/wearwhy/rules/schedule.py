"""Which rules and measures speak of items, of pairs, of looks, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wearwhy.rdf import TYPE, WW, NamedNode, Node
from wearwhy.rules.model import Rule
from wearwhy.rules.opinions import verdict_of
from wearwhy.rules.parts import Part, Parted, Read, own_of, parted
from wearwhy.rules.plan import apart
from wearwhy.rules.program import Program
from wearwhy.rules.readable import Reading, beforehand, counted, readable
from wearwhy.rules.solver import Plan, plan
from wearwhy.rules.steps import (
    Group,
    as_id,
    asked,
    feeds,
    is_open,
    looked_up,
    needed_by,
    read_without_pairs,
    reads_of_rule,
    resting,
    serves,
    writes,
    written_by,
)
from wearwhy.rules.terms import Id
from wearwhy.rules.virtual import Rows

ITEMS, PAIRS, LOOKS = 1, 2, 3

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
class Stage:
    """The rules and measures about one sort of subject, in order, and its verdict rules."""

    groups: tuple[Group, ...]
    verdicts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Remainder:
    """What of the stage of looks is solved by joining.

    Attributes:
        stage: the groups, and all verdict rules of the stage of looks.
        paired: what of the stage of pairs it reads.
        pairs: whether it needs to know a look's pairs.
    """

    stage: Stage
    paired: Stage
    pairs: bool


class Schedule:
    """The stages of a program.

    Attributes:
        items, pairs, looks: the stages.
        before: what of the stage of looks speaks of outfits of the past only, and is not found by
            closing the request's layer.
        readings: the rules of the stage of looks that are read off the members, by number.
        counted: the measures over looks that are.
        told: verdict properties that some rule or measure about candidates reads.
        terms: the table of terms.
        memory: compiled expressions of the plans.
        resting: for each step what its conclusion rests on, as ids; nothing where that cannot be
            told.
        reads: for the shape of a part what it looks up, as ids: of the item only, and of anything.
    """

    __slots__ = (
        "_apart",
        "_asked",
        "_divided",
        "_groups",
        "_past",
        "_remainders",
        "_wholes",
        "before",
        "counted",
        "items",
        "looks",
        "memory",
        "pairs",
        "readings",
        "reads",
        "resting",
        "terms",
        "told",
    )

    def __init__(self, program: Program) -> None:
        sorts = _sorts(program)
        moving = frozenset(sorts)
        self.memory: dict[object, Callable[..., Id]] = {}
        self.terms = Rows(program.interner)
        self._wholes: dict[NamedNode, Plan] = {}
        self.reads: dict[int, tuple[frozenset[object], frozenset[object]]] = {}
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
                    told |= set().union(*(reads_of_rule(rule) for rule in members))
                    steps = tuple(parted(rule, moving=moving) for rule in members)
                    found.append(Group(steps, again))
        self.told = frozenset(told)
        self.items, self.pairs, self.looks = (_stage(groups[s]) for s in (ITEMS, PAIRS, LOOKS))
        self._groups = groups
        self._remainders: dict[frozenset[int], Remainder | None] = {}
        self.counted = {m.iri: m for m in program.measures if counted(m)}
        past = [g for g in groups[LOOKS] if not g.again and _past(g, moving)]
        self._past = frozenset(past)
        self.before = Stage(tuple(g for g in past if not _standing(g, moving)), ())
        self.readings = self._read_off(moving)
        self.resting = resting(
            (*groups[ITEMS], *groups[PAIRS], *groups[LOOKS]), program.interner.id
        )
        self._asked = [asked(group, program.interner.id) for group in groups[PAIRS]]
        self._divided: dict[frozenset[int], tuple[Stage, Stage]] = {}
        self._apart: dict[tuple[Stage, frozenset[object]], tuple[Stage, ...]] = {}
        id_of = program.interner.id
        for stage in groups.values():
            for group in stage:
                for step in group.steps:
                    for part in step.alone if isinstance(step, Parted) else ():
                        self._note(part, id_of)
        for _, reading in self.readings:
            for kind in (*reading.has, *reading.lacks):
                for part in kind.parts:
                    self._note(part, id_of)

    def _note(self, part: Part, id_of: Callable[[Node], Id]) -> None:
        if part.reads is not None and part.shape not in self.reads:
            own = own_of(part)
            self.reads[part.shape] = (
                frozenset(as_id(read, id_of) for read in own),
                frozenset(as_id(read, id_of) for read in part.reads - own),
            )

    def _read_off(self, moving: frozenset[Read]) -> tuple[tuple[int, Reading], ...]:
        """Return the rules of the stage of looks that can be read off the members."""
        fed: set[Read] = {WW.hasItem, WW.hasPair, WW.first, WW.second, WW.member, WW.forRequest}
        for sort in (PAIRS, LOOKS):
            for group in self._groups[sort]:
                if group not in self._past:
                    fed |= {w for step in group.steps for w in writes(step)}
        frames = {(TYPE, WW.Look), (TYPE, WW.Pair)}

        def seen(reads: frozenset[Read]) -> bool:
            return frames.isdisjoint(reads) and not feeds(fed, reads)

        numbers = {rule.iri: n for n, rule in enumerate(self.looks.verdicts)}
        return tuple(
            (numbers[step.rule.iri], found)
            for group in self._groups[LOOKS]
            for step in group.steps
            if isinstance(step, Parted) and not group.again and step.rule.iri in numbers
            if (found := readable(step, moving, seen, frozenset(self.counted))) is not None
        )

    def remainder(self, missed: frozenset[int]) -> Remainder | None:
        """Return what must be solved by joining; None where nothing must.

        Args:
            missed: numbers of rules that are not read off the members after all.
        """
        if missed not in self._remainders:
            self._remainders[missed] = self._remainder(missed)
        return self._remainders[missed]

    def _remainder(self, missed: frozenset[int]) -> Remainder | None:
        read = {number for number, _ in self.readings} - missed
        wanted = {rule.iri for n, rule in enumerate(self.looks.verdicts) if n not in read}
        needed: list[Group] = []
        for group in reversed(self._groups[LOOKS]):
            asked = any(isinstance(s, Parted) and s.rule.iri in wanted for s in group.steps)
            if asked or any(serves(group, other) for other in needed):
                needed.insert(0, group)
        if not needed:
            return None
        paired = _stage(needed_by(self._groups[PAIRS], needed))
        of_pairs = {found for found, sort in _FRAME.items() if sort == PAIRS} | {WW.hasPair}
        pairs = bool(paired.groups) or any(
            read_without_pairs(step) is None
            or not of_pairs.isdisjoint(read_without_pairs(step) or ())
            for group in needed
            for step in group.steps
        )
        return Remainder(Stage(tuple(needed), self.looks.verdicts), paired, pairs)

    def divided(self, touched: frozenset[object], own: frozenset[object]) -> tuple[Stage, Stage]:
        """Return the stage of pairs in two: what holds whatever is asked, and the rest.

        Args:
            touched: ids of what the request's layer says something of.
            own: of what it says of candidates.
        """
        passing = frozenset(n for n, reads in enumerate(self._asked) if reads.of(touched, own))
        found = self._divided.get(passing)
        if found is None:
            found = self._divided[passing] = self._divide(passing)
        return found

    def _divide(self, passing: frozenset[int]) -> tuple[Stage, Stage]:
        groups = self._groups[PAIRS]
        request: set[Read] = {WW.considers, WW.forRequest, (TYPE, WW.Request)}
        fed: set[Read] = set()
        fed |= {w for g in self._groups[ITEMS] for step in g.steps for w in writes(step)}
        lasting: list[Group] = []
        left: list[Group] = []
        for n, group in enumerate(groups):
            reads = [looked_up(step) for step in group.steps]
            if n in passing or any(
                one is None or not request.isdisjoint(one) or feeds(fed, one) for one in reads
            ):
                fed |= {w for step in group.steps for w in writes(step)}
                left.append(group)
            else:
                lasting.append(group)
        verdicts = self.pairs.verdicts
        return Stage(tuple(lasting), verdicts), Stage(_with_needed(groups, left), verdicts)

    def apart(self, stage: Stage, said: frozenset[object]) -> tuple[Stage, ...]:
        """Return a stage in parts, each of which rests on something else of what a request says.

        Args:
            stage: of pairs; where it is not known what it rests on it stays whole.
            said: ids of what the request's layer says something of.
        """
        rests = self.rests(stage)
        if rests is None:
            return (stage,)
        at = (stage, rests & said)
        found = self._apart.get(at)
        if found is None:
            by: dict[frozenset[object], list[Group]] = {}
            for group in stage.groups:
                own = frozenset[object]().union(*(self.resting[step] for step in group.steps))
                by.setdefault(own & said, []).append(group)
            parts = (_with_needed(stage.groups, groups) for groups in by.values())
            found = self._apart[at] = tuple(Stage(part, stage.verdicts) for part in parts)
        return found

    def rests(self, stage: Stage) -> frozenset[object] | None:
        """Return what the conclusions of a stage rest on, as ids; None where that is not known."""
        found: set[object] = set()
        for group in stage.groups:
            for step in group.steps:
                own = self.resting.get(step)
                if own is None:
                    return None
                found |= own
        return frozenset(found)

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
    reads = reads_of_rule(rule)
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
            for written in written_by(rule) if sort else ():
                if sorts.get(written, 0) < sort:
                    sorts[written] = sort
                    changed = True
    return sorts


def _ordered(rules: Sequence[Rule]) -> list[tuple[tuple[Rule, ...], bool]]:
    """Return the rules of a stratum, writers before readers; those in a circle together."""
    left = list(rules)
    reads = {rule.iri: reads_of_rule(rule) for rule in rules}
    writes = {rule.iri: written_by(rule) for rule in rules}
    result: list[tuple[tuple[Rule, ...], bool]] = []
    while left:
        written = set().union(*(writes[rule.iri] for rule in left))
        free = [rule for rule in left if not is_open(rule) and not feeds(written, reads[rule.iri])]
        if not free:
            result.append((tuple(left), True))
            break
        result += [((rule,), False) for rule in free]
        left = [rule for rule in left if rule not in free]
    return result


def _with_needed(groups: Sequence[Group], wanted: Sequence[Group]) -> tuple[Group, ...]:
    """Return those of some groups, in their order, that are wanted or serve one that is."""
    needed: list[Group] = []
    for group in reversed(groups):
        if group in wanted or any(serves(group, other) for other in needed):
            needed.insert(0, group)
    return tuple(needed)


def _stage(groups: Sequence[Group]) -> Stage:
    rules = [step.rule for group in groups for step in group.steps if isinstance(step, Parted)]
    return Stage(tuple(groups), tuple(rule for rule in rules if verdict_of(rule)))


def _standing(group: Group, moving: frozenset[Read]) -> bool:
    """Say whether what a group says of outfits of the past holds in the request's layer already.

    It reads nothing that is only said of candidates.
    """
    known = {WW.hasItem, (TYPE, WW.Request)}
    return all(
        isinstance(step, Parted) and not feeds(moving, reads_of_rule(step.rule) - known)
        for step in group.steps
    )


def _past(group: Group, moving: frozenset[Read]) -> bool:
    """Say whether all of a group speaks of outfits of the past only."""
    return all(
        isinstance(s, Parted) and verdict_of(s.rule) is None and beforehand(s, moving)
        for s in group.steps
    )
