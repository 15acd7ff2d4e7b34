"""Budgets: a program that would not end within them stops cleanly and says which rule it was."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from wearwhy.errors import BudgetExceeded
from wearwhy.rdf import NamedNode, curie
from wearwhy.rules.model import Rule

T = TypeVar("T")

# Rows between two looks at the clock.
_PACE: Final = 4096
# Asking the system how much memory there is takes some 20 µs: not at every look, and a closing
# that takes no longer than this never asks.
_BETWEEN_WEIGHINGS: Final = 0.02
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """What one closing of a layer may cost.

    Attributes:
        conclusions: solutions of rule bodies, new or not; a million that are kept take some
            300 MB.
        seconds: time on the clock.
        rounds: how often conclusions may be handed back to the rules, that is how long a chain of
            firings may grow.
        memory: MiB by which the process may grow, where the system tells (Linux and macOS).
    """

    conclusions: int = 20_000_000
    seconds: float = 60.0
    rounds: int = 100_000
    memory: int = 4096


class Interrupted(BaseException):
    """Raised from outside in a thread whose work takes too long: no budget counts every step."""


class Meter:
    """Counts what a closing costs, by rule.

    Args:
        budget: what it may cost.
        named: the rules in force by IRI, to tell where they stand now; a rule at work may be known
            as it was when it was first given.
    """

    __slots__ = (
        "_budget",
        "_deadline",
        "_heaviest",
        "_named",
        "_next",
        "_rounds",
        "_weighed",
        "count",
        "rule",
    )

    def __init__(self, budget: Budget, named: Mapping[NamedNode, Rule] | None = None) -> None:
        now = time.monotonic()
        self._budget = budget
        self._named = named or {}
        self._deadline = now + budget.seconds
        self._heaviest = 0  # not yet known
        self._weighed = now
        self._next = min(_PACE, budget.conclusions + 1)
        self._rounds = 0
        self.count = 0
        self.rule: Rule | None = None

    def tick(self) -> None:
        """Count one conclusion.

        Raises:
            BudgetExceeded: WW-BUDGET-FACTS, or as `look`, naming the rule at work.
        """
        self.count += 1
        if self.count >= self._next:
            self._pause()

    def spend(self, conclusions: int) -> None:
        """Count many conclusions at once.

        Raises:
            BudgetExceeded: as `tick`.
        """
        self.count += conclusions
        self._pause()

    def turn(self) -> None:
        """Count one round.

        Raises:
            BudgetExceeded: WW-BUDGET-ROUNDS, naming the rule at work.
        """
        self._rounds += 1
        most = self._budget.rounds
        if self._rounds > most:
            raise self._exceeded(
                "WW-BUDGET-ROUNDS",
                f"more than {most:,} rounds",
                "Is a chain in the facts longer than it should be?",
            )

    def _pause(self) -> None:
        most = self._budget.conclusions
        if self.count > most:
            raise self._exceeded("WW-BUDGET-FACTS", f"more than {most:,} conclusions", _CROSS)
        self._next = min(self.count + _PACE, most + 1)
        self.look()

    def look(self) -> None:
        """Look at the clock and, now and then, at the memory.

        Raises:
            BudgetExceeded: WW-BUDGET-TIME or WW-BUDGET-MEMORY, naming the rule at work.
        """
        now = time.monotonic()
        if now > self._deadline:
            raise self._exceeded(
                "WW-BUDGET-TIME", f"more than {self._budget.seconds:g} seconds", _CROSS
            )
        if now - self._weighed > _BETWEEN_WEIGHINGS:
            self._weighed = now
            weight = resident()
            self._heaviest = self._heaviest or weight + self._budget.memory * _MIB
            if weight > self._heaviest:
                raise self._exceeded(
                    "WW-BUDGET-MEMORY",
                    f"more than {self._budget.memory:,} MiB of memory",
                    _CROSS,
                )

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

    def _exceeded(self, code: str, what: str, hint: str) -> BudgetExceeded:
        rule = self.rule
        if rule is not None:
            rule = self._named.get(rule.iri, rule)
        return BudgetExceeded(
            code,
            f"{_called(rule)} takes {what}.",
            note="A rule program must end within its budget; nothing was changed.",
            hint=f"{hint} Budgets are set in wearwhy.toml.",
            place=rule.place if rule is not None else None,
        )


_CROSS: Final = "Does the rule join two patterns that share no variable?"


def _called(rule: Rule | None) -> str:
    if rule is None:
        return "The program"
    labels = dict(rule.description.label)
    label = labels.get("en") or next(iter(labels.values()), "")
    return f"{curie(rule.iri)} ({label})" if label else curie(rule.iri)


def resident() -> int:
    """Return how many bytes of memory the process has; 0 where the system does not tell.

    On macOS it is the most that it ever had.
    """
    if sys.platform == "linux":
        with _STATM.open("rb") as told:
            pages = int(told.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    if sys.platform == "darwin":
        import resource  # noqa: PLC0415 (there is none on Windows)

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0


_STATM: Final = Path("/proc/self/statm")
