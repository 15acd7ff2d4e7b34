"""The cheapest change that would let an item in: tried in layers that are dropped again.

First by cost, then by number, then in a fixed order. Every set of up to three changes is weighed,
none is cut unless a limit is asked for: where rules forbid the item, only sets that meet every proof of that can help; a set
that fails is made larger, and dropping an item that no look under it holds changes nothing; where
no look at all can hold the item, neither leaving others out nor locking them in makes one. What is
found is verified on a graph closed anew from what is asserted.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import thread_time

from wearwhy.evidence import Kind
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.answering import Whole
from wearwhy.workspace.blockers import Blocker, Trials
from wearwhy.workspace.changes import Case, Step, forbidding, steps

MOST = 3
OTHERS = 2
SECONDS = 3.0
BESIDE = 1.0
"""Seconds in which other changes are looked for once one is found."""
LOCK = WW["change-lock"]

Chosen = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Smallest:
    """The cheapest set of changes; recommending with them, on a graph closed anew, shows the item."""

    cost: float
    changes: Chosen
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found, and how it was looked for.

    Attributes:
        smallest: the cheapest set, or None: none within `most`.
        most: sets of up to so many changes were weighed.
        steps: single changes that may be made.
        checks: sets for which was asked what forbids the item.
        recommended: sets with which looks were searched for.
        complete: whether every set that could help was tried, up to the cost of the one found.
        others: dearer changes of other kinds that let it in too, one of a kind, by cost.
    """

    smallest: Smallest | None
    most: int
    steps: int
    checks: int
    recommended: int
    complete: bool = True
    others: tuple[Smallest, ...] = ()


def smallest(
    case: Case,
    most: int = MOST,
    trials: int | None = None,
    among: Sequence[Step] | None = None,
    seconds: float = SECONDS,
) -> Searched:
    """Return the cheapest set of changes that lets the item in.

    With a limit, what forbids the item is lifted first, and then the item asked for; of an item
    that nothing forbids, single changes are tried. Without one, every set is.

    Args:
        case: the item, and what is known of why it is not in.
        most: how many changes a set may hold.
        trials: how many times to search for looks at most; None: as often as it takes.
        among: the single changes that may be made; all that are declared, if None.
        seconds: of this thread's processor time that may be spent, where trials are limited.
    """
    search = _Search(
        case,
        list(steps(case) if among is None else among),
        most,
        thorough=trials is None,
        until=math.inf if trials is None else thread_time() + seconds,
        trials_left=math.inf if trials is None else trials,
    )
    best: Smallest | None = None
    others: list[Smallest] = []
    told = {WW["change-occasion"]}  # Beside another change it says nothing: the wish is another.
    for chosen in search.candidates():
        kinds = {step.kind for step in chosen}
        if best is not None and (kinds & told or len(chosen) > len(best.changes)):
            continue
        looks = search.admits(chosen)
        if not looks or not verified(case, chosen):
            continue
        found = Smallest(sum(step.cost for step in chosen), chosen, looks)
        told |= kinds
        if best is None:
            best, search.proved = found, search.complete
            if search.thorough:
                break
            search.until = min(search.until, thread_time() + BESIDE)
        else:
            others.append(found)
            if len(others) == OTHERS:
                break
    if best is None and not search.complete:
        best = _asked_for(case, search)
    return search.told(best, others)


def _asked_for(case: Case, search: _Search) -> Smallest | None:
    """Return that the item is asked for, if that lets it in: what is left when time is up."""
    for step in search.steps:
        if step.kind == LOCK and search.trials.blocker(()) is None:
            looks = search.admits((step,))
            if looks and verified(case, (step,)):
                return Smallest(step.cost, (step,), looks)
    return None


def verified(case: Case, chosen: Sequence[Step]) -> bool:
    """Return whether the item is in under some changes on a graph closed from the ground up."""
    trials = Trials(case)
    request = trials.request(chosen)
    if request is None:
        return False
    # Where only the request differs, the graph is the one that was closed.
    changed = any(step.change != Change() for step in chosen)
    anew = closed_anew(case.layer, chosen) if changed else case.layer
    looks = case.answer.shown(anew, request, fresh(case.resources))
    return any(admitted(case, look) for look in looks)


def admitted(case: Case, look: Look) -> bool:
    """Return whether the item stands in a look, and not only because it was asked for."""
    return case.item in look.items and all(case.item not in told.about for told in look.told)


def closed_anew(layer: Layer, chosen: Sequence[Step]) -> Layer:
    """Return a layer's graph under some changes, closed from what is asserted and guessed."""
    removed = {fact for step in chosen for fact in step.change.remove}
    withdrawn = {fact for step in chosen for fact in step.change.unpredict}
    off = {rule for step in chosen for rule in step.change.rules_remove}
    asserted: dict[Fact, None] = {}
    guessed: dict[Fact, float] = {}
    for fact in layer.facts():
        if layer.kind(fact) is Kind.ASSERTED and fact not in removed:
            asserted[fact] = None
        probability = layer.probability(fact)
        if probability is not None and fact not in withdrawn:
            guessed[fact] = probability
    asserted.update((fact, None) for step in chosen for fact in step.change.add)
    rules = [rule for rule in layer.sources if rule.iri not in off]
    root = Layer.root(rules, layer.program.measures, asserted)
    return root.child(Change(predict=tuple(guessed.items()))) if guessed else root


def fresh(resources: Resources) -> Resources:
    """Return resources that keep nothing of the layers seen so far."""
    return replace(resources, _kept=type(resources._kept)())  # noqa: SLF001


@dataclass(slots=True, eq=False)
class _Search:
    case: Case
    steps: list[Step]
    most: int
    thorough: bool
    until: float
    trials_left: float
    recommended: int = 0
    complete: bool = True
    proved: bool = False
    trials: Trials = field(init=False)
    _order: dict[str, int] = field(init=False)
    _looks: dict[frozenset[str], tuple[Look, ...]] = field(default_factory=dict)
    _open: dict[frozenset[str], bool] = field(default_factory=dict)
    _forbidden: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.trials = Trials(self.case)
        self._order = {step.text: number for number, step in enumerate(self.steps)}

    def told(self, found: Smallest | None, others: Sequence[Smallest]) -> Searched:
        """Return the answer with what was searched."""
        return Searched(
            found,
            self.most,
            len(self.steps),
            self.trials.checks,
            self.recommended,
            self.complete if found is None else self.proved,
            tuple(others),
        )

    def _spent(self) -> bool:
        """Return whether all that may be spent is."""
        return self.recommended >= self.trials_left or thread_time() > self.until

    def candidates(self) -> Iterator[Chosen]:
        """Yield the sets that could help, by cost, then by number, each after it failed smaller.

        Whatever set lets the item in lifts all that forbids it by itself: as long as something
        does, one of the set's other steps must meet the proof of that.
        """
        heap: list[tuple[float, int, tuple[int, ...]]] = [(0.0, 0, ())]
        seen: set[tuple[int, ...]] = set()

        def push(chosen: Chosen) -> None:
            key = tuple(sorted(self._order[step.text] for step in chosen))
            if key not in seen:
                seen.add(key)
                cost = sum(step.cost for step in chosen)
                heapq.heappush(heap, (cost, len(key), key))

        while heap:
            if self._spent():
                self.complete = False
                return
            _, size, key = heapq.heappop(heap)
            chosen = tuple(self.steps[number] for number in key)
            blocker = self.trials.blocker(chosen)
            if blocker is None and chosen and self._possible(chosen):
                yield chosen
            if size == self.most or (blocker and self._stays(chosen, blocker)):
                continue
            for step in self._compatible(chosen) if blocker else self._further(chosen):
                if blocker is None or self._lifts(step, blocker, chosen):
                    push((*chosen, step))

    def _stays(self, chosen: Chosen, blocker: Blocker) -> bool:
        """Return whether, in haste, some changes are given up: what forbade the item still does."""
        first = self.trials.blocker(())
        if self.thorough or not chosen or first is None or first.rules != blocker.rules:
            return False
        self.complete = False
        return True

    def _lifts(self, step: Step, blocker: Blocker, chosen: Chosen) -> bool:
        """Return whether a step could lift a blocker; in haste, a guess only if it is cited."""
        if not self.thorough and step.change.unpredict:
            gone = {*step.change.unpredict, *step.change.remove}
            return bool(blocker.leaves & gone)
        return self.trials.meets(step, blocker, chosen)

    def _compatible(self, chosen: Chosen) -> Iterator[Step]:
        taken = {step.touches for step in chosen}
        for step in self.steps:
            if step.touches not in taken:
                yield step

    def _further(self, chosen: Chosen) -> Iterator[Step]:
        """Yield the steps that may add to what a set does that did not let the item in."""
        looks = self._looks.get(frozenset(step.text for step in chosen))
        if looks is None and not chosen:
            looks = self.case.shown
        if not self.thorough and chosen and isinstance(self.case.answer, Whole):
            # What forbade it is lifted: it remains to ask for it.
            self.complete = False
            yield from (s for s in self._compatible(chosen) if s.kind == LOCK)
            return
        held = {item for look in looks or () for item in look.items}
        free = self._possible(chosen)
        for step in self._compatible(chosen):
            if not self.thorough and step.change != Change() and not self._telling(step):
                self.complete = False
                continue
            if self._narrows(step):
                if not free:
                    continue
                if step.after is None and looks is not None and step.before not in held:
                    continue
            yield step

    def _telling(self, step: Step) -> bool:
        """Return whether a change of the graph is of what the item's best look lost by, or lacks."""
        if step.kind == WW["change-wash"]:
            return step.before is not None and step.before != step.after
        return not step.change.unpredict or bool(set(step.change.unpredict) & self.case.cited)

    def _narrows(self, step: Step) -> bool:
        """Return whether a step only takes looks away: it leaves an item out, or locks one in.

        An item that a rule forbids is in no look unless it is locked: to lock it adds looks. What
        is given of an outfit and left out no longer keeps others away.
        """
        if step.kind == LOCK:
            return True
        if step.statement is not None and step.statement.predicate == WW.locks:
            return False
        if step.kind == WW["change-add-layer"]:
            return step.text not in self._barred()
        return step.kind == WW["change-drop-item"]

    def _barred(self) -> frozenset[str]:
        """Return the steps that lock in an item that a rule forbids."""
        if self._forbidden is None:
            case = self.case
            certainty = case.resources.index(case.layer).scoring.certainty
            self._forbidden = frozenset(
                step.text
                for step in self.steps
                if step.kind == WW["change-add-layer"]
                and isinstance(step.after, NamedNode)
                and forbidding(case.layer, case.request, step.after, certainty)[1]
            )
        return self._forbidden

    def _possible(self, chosen: Chosen) -> bool:
        """Return whether any look could hold the item under those of some changes that widen.

        In haste, what is possible without a change is taken to stay possible: a search tells.
        """
        widening = tuple(step for step in chosen if not self._narrows(step))
        if widening and not self.thorough and self._possible(()):
            return True
        key = frozenset(step.text for step in widening)
        if key not in self._open:
            request = self.trials.request(widening)
            self._open[key] = request is not None and self._held(widening, request)
        return self._open[key]

    def _held(self, chosen: Chosen, request: Request) -> bool:
        case = self.case
        self.recommended += 1
        layer = self.trials.layer(chosen)
        return case.answer.possible(layer, request, case.item, case.resources)

    def admits(self, chosen: Chosen) -> tuple[Look, ...]:
        """Return the looks under some changes if the item stands in one of them, else none."""
        request = self.trials.request(chosen)
        if request is None:
            return ()
        self.recommended += 1
        case = self.case
        looks = case.answer.shown(self.trials.layer(chosen), request, case.resources)
        self._looks[frozenset(step.text for step in chosen)] = looks
        return looks if any(admitted(case, look) for look in looks) else ()
