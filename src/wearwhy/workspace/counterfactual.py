"""The cheapest change that would let an item in: tried in layers that are dropped again.

First by cost, then by number, then in a fixed order. Every set of up to three changes is weighed,
none is cut unless a limit is asked for: where rules forbid the item, only sets that meet every proof of that can help; a set
that fails is made larger, and dropping an item that no look under it holds changes nothing; where
no look at all can hold the item, neither leaving others out nor locking them in makes one. What is
found is verified on a graph closed anew from what is asserted.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from wearwhy.evidence import Kind
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.blockers import Trials
from wearwhy.workspace.changes import Case, Step, forbidding, steps

MOST = 3

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
        complete: whether every set that could help was tried.
    """

    smallest: Smallest | None
    most: int
    steps: int
    checks: int
    recommended: int
    complete: bool = True


def smallest(
    case: Case,
    most: int = MOST,
    trials: int | None = None,
    among: Sequence[Step] | None = None,
) -> Searched:
    """Return the cheapest set of changes that lets the item in.

    Args:
        case: the item, and what is known of why it is not in.
        most: how many changes a set may hold.
        trials: how many times to search for looks at most; None: as often as it takes.
        among: the single changes that may be made; all that are declared, if None.
    """
    search = _Search(case, list(steps(case) if among is None else among), most)
    complete = True
    for chosen in search.candidates():
        if trials is not None and search.recommended >= trials:
            complete = False
            break
        looks = search.admits(chosen)
        if looks and verified(case, chosen):
            found = Smallest(sum(step.cost for step in chosen), chosen, looks)
            return search.told(found, complete=True)
    return search.told(None, complete=complete)


def verified(case: Case, chosen: Sequence[Step]) -> bool:
    """Return whether the item is in under some changes on a graph closed from the ground up."""
    trials = Trials(case)
    request = trials.request(chosen)
    if request is None:
        return False
    anew = closed_anew(case.layer, chosen)
    looks = case.answer.shown(anew, request, fresh(case.resources))
    return any(case.item in look.items for look in looks)


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
    recommended: int = 0
    trials: Trials = field(init=False)
    _order: dict[str, int] = field(init=False)
    _looks: dict[frozenset[str], tuple[Look, ...]] = field(default_factory=dict)
    _open: dict[frozenset[str], bool] = field(default_factory=dict)
    _forbidden: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.trials = Trials(self.case)
        self._order = {step.text: number for number, step in enumerate(self.steps)}

    def told(self, found: Smallest | None, *, complete: bool) -> Searched:
        """Return the answer with what was searched."""
        checks = self.trials.checks
        return Searched(found, self.most, len(self.steps), checks, self.recommended, complete)

    def candidates(self) -> Iterator[Chosen]:
        """Yield the sets that could help, by cost, then by number, each after it failed smaller."""
        heap: list[tuple[float, int, tuple[int, ...]]] = []
        seen: set[tuple[int, ...]] = set()

        def push(chosen: Chosen) -> None:
            key = tuple(sorted(self._order[step.text] for step in chosen))
            if key not in seen:
                seen.add(key)
                cost = sum(step.cost for step in chosen)
                heapq.heappush(heap, (cost, len(key), key))

        for core in self._lifting():
            push(core)
        while heap:
            _, size, key = heapq.heappop(heap)
            chosen = tuple(self.steps[number] for number in key)
            if chosen and self.trials.blocker(chosen) is None and self._possible(chosen):
                yield chosen
            if size < self.most:
                for step in self._further(chosen):
                    push((*chosen, step))

    def _lifting(self) -> Iterator[Chosen]:
        """Yield the sets that lift all that forbids the item by itself, without a step to spare.

        Whatever set lets the item in holds one of them: as long as something forbids it, one of
        the set's other steps must meet the proof of that.
        """
        stack: list[Chosen] = [()]
        seen: set[frozenset[str]] = set()
        while stack:
            chosen = stack.pop()
            blocker = self.trials.blocker(chosen)
            if blocker is None:
                yield chosen
                continue
            if len(chosen) == self.most:
                continue
            for step in self._compatible(chosen):
                key = frozenset(one.text for one in (*chosen, step))
                if key not in seen and self.trials.meets(step, blocker, chosen):
                    seen.add(key)
                    stack.append((*chosen, step))

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
        held = {item for look in looks or () for item in look.items}
        free = self.trials.blocker(chosen) is not None or self._possible(chosen)
        for step in self._compatible(chosen):
            if self._narrows(step):
                if not free:
                    continue
                if step.after is None and looks is not None and step.before not in held:
                    continue
            yield step

    def _narrows(self, step: Step) -> bool:
        """Return whether a step only takes looks away: it leaves an item out, or locks one in.

        An item that a rule forbids is in no look unless it is locked: to lock it adds looks. What
        is given of an outfit and left out no longer keeps others away.
        """
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
        """Return whether any look could hold the item under those of some changes that widen."""
        widening = tuple(step for step in chosen if not self._narrows(step))
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
        return looks if any(self.case.item in look.items for look in looks) else ()
