"""Which proof to show: the shortest, the surest, or one after the other.

The derivations that a fact can be traced back to form a hypergraph: each firing leads from its
premises to its conclusion. The best proof of every fact in it is found from the leaves up, in
Knuth's generalisation of Dijkstra's algorithm (A generalization of Dijkstra's algorithm,
Information Processing Letters 6, 1977): a proof costs more than each of its parts, so a fact's
cost is final when it is the least that is left.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from wearwhy.errors import BudgetExceeded
from wearwhy.evidence import Evidence
from wearwhy.proof.backward import Backward, Step, backward, row_of
from wearwhy.proof.prove import prove
from wearwhy.rdf import Fact
from wearwhy.rules.layer import Layer
from wearwhy.rules.terms import Row

Wanted: TypeAlias = Literal["shortest", "surest"]
Cost: TypeAlias = tuple[float, int]
"""What is lost of certainty (0 where it is no matter), then the number of firings."""

_LEAST: Final = (0.0, 1)
_PLACES: Final = 12
STEPS: Final = 1_000_000


@dataclass(slots=True)
class _Best:
    """The best proof of each row settled so far: what it costs, and its last step."""

    cost: dict[Row, Cost] = field(default_factory=dict)
    step: dict[Row, Step | None] = field(default_factory=dict)


def shortest(
    layer: Layer, fact: Fact, source: Callable[[Fact], str | None] = lambda _: None
) -> Evidence:
    """Return the canonical shortest proof of a fact.

    It has the fewest firings, one that is used twice counted twice; a fact that somebody
    asserted, or that is but guessed, is its own proof. Among equals the first by the text of its
    last rule, then of that rule's premises, and so on down. Which facts and rules came first makes
    no difference. What was settled for one fact serves the next. Where names are merged, a row
    stands for more than one fact, and the proof is the one that the ledger keeps.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold in the layer.
        BudgetExceeded: WW-WHY-WIDE, more derivations lead to it than can be weighed.
    """
    return _proof(layer, fact, "shortest", source)


def surest(
    layer: Layer, fact: Fact, source: Callable[[Fact], str | None] = lambda _: None
) -> Evidence:
    """Return the proof with the highest product of confidences; the shortest of those.

    The product is over every use of a guess or of an uncertain rule, as the layer's own
    confidence is. Ties as for `shortest`.

    Raises:
        NoAnswer, BudgetExceeded: as `shortest`.
    """
    return _proof(layer, fact, "surest", source)


def proofs(
    layer: Layer, fact: Fact, source: Callable[[Fact], str | None] = lambda _: None
) -> Iterator[Evidence]:
    """Yield the proofs of a fact, the canonical shortest first.

    A proof takes one derivation for each fact in it, and no fact rests on itself. There may be
    more than anybody can count: take as many as are wanted.

    Raises:
        NoAnswer, BudgetExceeded: as `shortest`.
    """
    root = row_of(layer, fact)
    if layer.merged is not None:
        yield prove(layer, fact, source)
        return
    ways = backward(layer)
    best = _settled(ways, root, "shortest")
    for steps in _choices(ways, root, best):
        yield prove(layer, fact, source, steps)


def _proof(
    layer: Layer, fact: Fact, wanted: Wanted, source: Callable[[Fact], str | None]
) -> Evidence:
    root = row_of(layer, fact)
    if layer.merged is not None:
        return prove(layer, fact, source)
    return prove(layer, fact, source, _settled(backward(layer), root, wanted).step)


# -- the best ------------------------------------------------------------------------------------


def _settled(ways: Backward, root: Row, wanted: Wanted) -> _Best:
    """Return the best proofs with the root's among them."""
    key = ("proofs", wanted)
    best = ways.layer.cache.get(key)
    if not isinstance(best, _Best):
        best = ways.layer.cache[key] = _Best()
    if root not in best.step:
        _Search(ways, wanted, best).run(root)
    return best


@dataclass(slots=True, eq=False)
class _Way:
    """A step on its way: the premises that are not settled yet, and what the others cost."""

    head: Row
    step: Step
    lost: float
    size: int
    left: set[Row]


class _Search:
    """The search that settles one row and every row that its derivations lead back to."""

    __slots__ = ("best", "candidates", "heap", "surely", "waiting", "ways")

    def __init__(self, ways: Backward, wanted: Wanted, best: _Best) -> None:
        self.ways = ways
        self.best = best
        self.surely = wanted == "surest"
        self.waiting: dict[Row, list[_Way]] = {}
        self.heap: list[tuple[Cost, Row]] = []
        self.candidates: dict[Row, list[tuple[Cost, Step]]] = {}

    def run(self, root: Row) -> None:
        """Settle a row, if it holds."""
        self._explore(root)
        best = self.best
        for row in self.waiting:
            if row in best.step:
                heapq.heappush(self.heap, (best.cost[row], row))
        told: set[Row] = set()
        while self.heap:
            cost, row = heapq.heappop(self.heap)
            if row in told:
                continue
            told.add(row)
            if row not in best.step:
                steps = [step for at, step in self.candidates[row] if at == cost]
                self._settle(row, cost, min(steps, key=self.ways.text))
            for way in self.waiting.pop(row, ()):
                way.left.discard(row)
                _add(way, best.cost[row], way.step.premises.count(row))
                self._ready(way)

    def _explore(self, root: Row) -> None:
        """Find the steps that lead to a row, and to their premises, down to what is settled."""
        pending, seen, weighed = [root], {root}, 0
        while pending:
            row = pending.pop()
            if row in self.best.step:
                continue
            if self.ways.leaf(row) is not None:
                self._settle(row, _leaf_cost(self.ways, row, surely=self.surely), None)
                continue
            made = [self._way(row, step) for step in self.ways.steps(row)]
            weighed += len(made)
            if weighed > STEPS:
                raise _too_wide()
            least = [way for way in made if not way.left and (way.lost, way.size) == _LEAST]
            if least:
                # Nothing derived can cost less: what else leads to it need not be looked at.
                self._settle(row, _LEAST, min((way.step for way in least), key=self.ways.text))
                continue
            for way in made:
                self._ready(way)
                for premise in way.left:
                    self.waiting.setdefault(premise, []).append(way)
                fresh = way.left - seen
                seen |= fresh
                pending += fresh

    def _settle(self, row: Row, cost: Cost, step: Step | None) -> None:
        self.best.cost[row], self.best.step[row] = cost, step

    def _ready(self, way: _Way) -> None:
        """Weigh a step all of whose premises are settled."""
        if not way.left and way.head not in self.best.step:
            cost = (round(way.lost, _PLACES), way.size)
            self.candidates.setdefault(way.head, []).append((cost, way.step))
            heapq.heappush(self.heap, (cost, way.head))

    def _way(self, row: Row, step: Step) -> _Way:
        rule = step.rule
        sure = rule.description.confidence if self.surely and rule is not None else 1.0
        way = _Way(row, step, 1.0 - sure, 1, set())
        for premise in step.premises:
            cost = self.best.cost.get(premise)
            if cost is None and self.ways.leaf(premise) is not None:
                cost = _leaf_cost(self.ways, premise, surely=self.surely)
            if cost is None:
                way.left.add(premise)
            else:
                _add(way, cost, 1)
        return way


def _leaf_cost(ways: Backward, row: Row, *, surely: bool) -> Cost:
    return (1.0 - ways.layer.confidence_of(row) if surely else 0.0, 0)


def _too_wide() -> BudgetExceeded:
    return BudgetExceeded(
        "WW-WHY-WIDE",
        f"More than {STEPS:,} derivations lead to this fact.",
        note="The proof that the engine keeps can be shown all the same.",
        hint="Ask for the first proof.",
    )


def _add(way: _Way, cost: Cost, times: int) -> None:
    """Add a premise to what a step costs: firings add up, certainties multiply."""
    lost, size = cost
    way.size += times * size
    way.lost = 1.0 - (1.0 - way.lost) * (1.0 - lost) ** times


# -- one after the other -------------------------------------------------------------------------


def _choices(ways: Backward, root: Row, best: _Best) -> Iterator[dict[Row, Step | None]]:
    """Yield every way to choose a step for each row that the root then rests on, without a cycle.

    What is chosen for a row is chosen by `best` first, then in the order of the text.
    """
    chosen: dict[Row, Step | None] = {}

    def circular(row: Row, step: Step) -> bool:
        stack, seen = list(step.premises), set[Row]()
        while stack:
            here = stack.pop()
            if here == row:
                return True
            if here not in seen:
                seen.add(here)
                below = chosen.get(here)
                stack.extend(below.premises if below is not None else ())
        return False

    def options(row: Row) -> list[Step | None]:
        first = best.step.get(row)
        leaf = ways.leaf(row) is not None
        rest: list[Step | None] = [step for step in ways.ordered(row) if step != first]
        return [first, *rest] if leaf or first is not None else rest

    # A stack of open choices, so that deep proofs do not nest calls.
    agenda: list[tuple[Row, Iterator[Step | None], tuple[Row, ...]]] = []

    def open_next(todo: tuple[Row, ...]) -> bool:
        """Open the choice for the next row that has none; return whether there was one."""
        while todo and todo[0] in chosen:
            todo = todo[1:]
        if not todo:
            return False
        agenda.append((todo[0], iter(options(todo[0])), todo[1:]))
        return True

    open_next((root,))
    while agenda:
        row, left, todo = agenda[-1]
        chosen.pop(row, None)
        step = next(left, _NONE)
        if isinstance(step, _None):
            agenda.pop()
            continue
        if step is not None and circular(row, step):
            continue
        chosen[row] = step
        if not open_next((*(step.premises if step is not None else ()), *todo)):
            yield dict(chosen)


class _None:
    """The end of the choices; None is one of them."""


_NONE: Final = _None()
