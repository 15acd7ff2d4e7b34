"""The smallest change that would let an item in: tried in layers that are dropped again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from wearwhy.errors import NoAnswer
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, Fact, NamedNode, Node
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.changes import Case, Step, drawn_on, forbidding, steps

FEW = 12
VERDICTS = (WW.violates, WW.favouredBy, WW.disfavouredBy)
TRIALS = 30
CHECKS = 800


@dataclass(frozen=True, slots=True)
class Smallest:
    """The cheapest set of changes found; recommending again with them shows the item."""

    cost: float
    changes: tuple[Step, ...]
    looks: tuple[Look, ...]


def smallest(case: Case, most: int = 2) -> tuple[Smallest | None, bool]:
    """Return the cheapest set of changes that lets the item in, and whether all were tried.

    Each is made in a layer of its own and the looks are searched again. Single changes are tried
    first, by rising cost; then sets of up to `most`, of three where there are few, that cost less
    than the single one found. What would change nothing that is said of the item is not tried,
    nor, where rules forbid it, a set of which no change by itself touches what forbids it. A search
    that takes too long is cut, and says so.
    """
    trial = _Trial(case)
    found = [step for step in steps(case) if not trial.idle(step)]
    best: Smallest | None = None
    for one in _by_cost(found, (1,)):
        if trial.looks_done >= TRIALS:
            return None, False
        looks = trial.admits(one)
        if looks:
            best = Smallest(one[0].cost, one, looks)
            break
    sizes = range(2, most + 1 + (len(found) <= FEW))
    touching = {id(step) for step in found if trial.touches(step)}
    for chosen in _by_cost(found, sizes):
        if not any(id(step) in touching for step in chosen):
            continue
        cost = sum(step.cost for step in chosen)
        if best is not None and cost >= best.cost:
            break
        if trial.looks_done >= TRIALS or trial.checks_done >= CHECKS:
            return best, False
        looks = trial.admits(chosen)
        if looks:
            return Smallest(cost, chosen, looks), True
    return best, True


def _by_cost(found: Sequence[Step], sizes: Iterable[int]) -> Iterable[tuple[Step, ...]]:
    sets = [
        chosen
        for size in sizes
        for chosen in combinations(found, size)
        if len({step.touches for step in chosen}) == size
    ]
    return sorted(sets, key=lambda chosen: (sum(step.cost for step in chosen), len(chosen)))


@dataclass(slots=True)
class _Trial:
    case: Case
    looks_done: int = 0
    checks_done: int = 0
    _layers: dict[tuple[int, ...], Layer] = field(default_factory=dict)
    _free: dict[tuple[int, NamedNode], frozenset[Node]] = field(default_factory=dict)
    _heard: dict[int, frozenset[tuple[Fact, float]]] = field(default_factory=dict)

    def idle(self, step: Step) -> bool:
        """Return whether a change to the graph leaves all that counts of the item as it is."""
        if step.asking is not None or step.change.rules_remove:
            return False
        layer = self._layer((step,))
        if not drawn_on(self.case.layer, self.case.request, self.case.item):
            return False
        return self._said(layer) == self._said(self.case.layer)

    def _said(self, layer: Layer) -> frozenset[tuple[Fact, float]]:
        """Return the verdicts on the item and the attributes that pairs are judged by."""
        if layer.number not in self._heard:
            case = self.case
            scoring = case.resources.index(case.layer).scoring
            inside, _ = forbidding(layer, case.request, case.item, scoring.certainty)
            read = {*VERDICTS, *(predicate for predicate, _ in scoring.attributes)}
            self._heard[layer.number] = frozenset(
                (fact, inside.confidence(fact))
                for fact in inside.match(case.item, None, None)
                if fact.predicate in read
            )
        return self._heard[layer.number]

    def admits(self, chosen: tuple[Step, ...]) -> tuple[Look, ...]:
        """Return the looks under some changes if the item stands in one of them, else none."""
        case = self.case
        request = replace(
            case.request, excluded=tuple(i for i in case.request.excluded if i != case.item)
        )
        for step in chosen:
            if step.asking is not None:
                request = step.asking(request)
        if set(request.locked) & set(request.excluded):
            return ()
        layer = self._layer(chosen)
        if self._forbidden(layer, request):
            return ()
        self.looks_done += 1
        try:
            looks = recommend(layer, request, case.resources).looks
        except NoAnswer:
            return ()
        return looks if any(case.item in look.items for look in looks) else ()

    def _layer(self, chosen: tuple[Step, ...]) -> Layer:
        changes = [step.change for step in chosen if step.change != Change()]
        if not changes:
            return self.case.layer
        key = tuple(id(change) for change in changes)
        if key not in self._layers:
            self._layers[key] = self.case.layer.child(
                Change(
                    add=tuple(f for c in changes for f in c.add),
                    remove=tuple(f for c in changes for f in c.remove),
                    unpredict=tuple(f for c in changes for f in c.unpredict),
                    rules_remove=tuple(r for c in changes for r in c.rules_remove),
                )
            )
        return self._layers[key]

    def touches(self, step: Step) -> bool:
        """Return whether a change alters what forbids the item; true where nothing does."""
        before = self._forbidden(self.case.layer, self.case.request)
        if not before:
            return True
        request = step.asking(self.case.request) if step.asking else self.case.request
        return self._forbidden(self._layer((step,)), request) != before

    def _forbidden(self, layer: Layer, request: Request) -> frozenset[Node]:
        """Return what forbids the item by itself: cheap, so asked before searching."""
        plain = replace(request, locked=(), excluded=())
        key = (layer.number, plain.iri)
        if key not in self._free:
            self.checks_done += 1
            case = self.case
            certainty = case.resources.index(case.layer).scoring.certainty
            _, facts = forbidding(layer, plain, case.item, certainty)
            elsewhere = () if drawn_on(layer, plain, case.item) else (WW.inWardrobe,)
            self._free[key] = frozenset((*(fact.object for fact in facts), *elsewhere))
        return self._free[key]
