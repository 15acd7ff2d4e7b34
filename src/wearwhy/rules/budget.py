"""Budgets: a program that would not end within them stops cleanly and says which rule it was."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from wearwhy.errors import BudgetExceeded, Place
from wearwhy.rdf import NamedNode, curie

T = TypeVar("T")

# Rows between two looks at the clock.
_PACE = 4096


@dataclass(frozen=True, slots=True)
class Budget:
    """What one closing of a layer may cost.

    Attributes:
        conclusions: solutions of rule bodies, new or not.
        seconds: time on the clock.
    """

    conclusions: int = 20_000_000
    seconds: float = 120.0


class Meter:
    """Counts what a closing costs, by rule."""

    __slots__ = ("_budget", "_deadline", "_next", "count", "place", "rule")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._deadline = time.monotonic() + budget.seconds
        self._next = _PACE
        self.count = 0
        self.rule: NamedNode | None = None
        self.place: Place | None = None

    def tick(self) -> None:
        """Count one conclusion.

        Raises:
            BudgetExceeded: WW-BUDGET-FACTS or WW-BUDGET-TIME, naming the rule at work.
        """
        self.count += 1
        if self.count > self._budget.conclusions:
            raise self._exceeded(
                "WW-BUDGET-FACTS", f"more than {self._budget.conclusions:,} conclusions"
            )
        if self.count >= self._next:
            self._next = self.count + _PACE
            self.look()

    def look(self) -> None:
        """Look at the clock."""
        if time.monotonic() > self._deadline:
            raise self._exceeded("WW-BUDGET-TIME", f"more than {self._budget.seconds:g} seconds")

    def watch(self, loop: Collection[T] | Iterable[T]) -> Iterator[T]:
        """Yield from a loop that nothing narrows, looking at the clock now and then."""
        for number, one in enumerate(loop):
            if number % 256 == 0:
                self.look()
            yield one

    def _exceeded(self, code: str, what: str) -> BudgetExceeded:
        name = curie(self.rule) if self.rule is not None else "the program"
        return BudgetExceeded(
            code,
            f"{name} takes {what}.",
            note="A rule program must end within its budget; nothing was changed.",
            hint="Does the rule join two patterns that share no variable?",
            place=self.place,
        )
