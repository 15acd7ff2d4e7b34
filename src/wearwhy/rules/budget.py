"""Budgets: a program that would not end within them stops cleanly and says which rule it was."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from wearwhy.errors import BudgetExceeded
from wearwhy.rdf import curie
from wearwhy.rules.model import Rule

T = TypeVar("T")

# Rows between two looks at the clock.
_PACE = 4096


@dataclass(frozen=True, slots=True)
class Budget:
    """What one closing of a layer may cost.

    Attributes:
        conclusions: solutions of rule bodies, new or not; a million take some 300 MB.
        seconds: time on the clock.
    """

    conclusions: int = 4_000_000
    seconds: float = 60.0


class Meter:
    """Counts what a closing costs, by rule."""

    __slots__ = ("_budget", "_deadline", "_next", "count", "rule")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._deadline = time.monotonic() + budget.seconds
        self._next = min(_PACE, budget.conclusions + 1)
        self.count = 0
        self.rule: Rule | None = None

    def tick(self) -> None:
        """Count one conclusion.

        Raises:
            BudgetExceeded: WW-BUDGET-FACTS or WW-BUDGET-TIME, naming the rule at work.
        """
        self.count += 1
        if self.count >= self._next:
            self._pause()

    def _pause(self) -> None:
        most = self._budget.conclusions
        if self.count > most:
            raise self._exceeded("WW-BUDGET-FACTS", f"more than {most:,} conclusions")
        self._next = min(self.count + _PACE, most + 1)
        self.look()

    def look(self) -> None:
        """Look at the clock.

        Raises:
            BudgetExceeded: WW-BUDGET-TIME, naming the rule at work.
        """
        if time.monotonic() > self._deadline:
            raise self._exceeded("WW-BUDGET-TIME", f"more than {self._budget.seconds:g} seconds")

    def rest(self) -> int:
        """Look at the clock, and return 0 to count from again."""
        self.look()
        return 0

    def watch(self, loop: Collection[T] | Iterable[T]) -> Iterator[T]:
        """Yield from a loop that nothing narrows, looking at the clock now and then."""
        for number, one in enumerate(loop):
            if number % 256 == 0:
                self.look()
            yield one

    def _exceeded(self, code: str, what: str) -> BudgetExceeded:
        name = curie(self.rule.iri) if self.rule is not None else "The program"
        return BudgetExceeded(
            code,
            f"{name} takes {what}.",
            note="A rule program must end within its budget; nothing was changed.",
            hint="Does the rule join two patterns that share no variable?",
            place=self.rule.place if self.rule is not None else None,
        )
