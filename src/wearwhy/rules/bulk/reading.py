"""How a rule is read in bulk: in SQL, or in part by the resident functions, and why."""

from __future__ import annotations

from dataclasses import dataclass

from wearwhy.rules.bulk.relational import resident
from wearwhy.rules.model import Assign, Filter, Negation, Rule
from wearwhy.rules.stratify import run_once


@dataclass(frozen=True, slots=True)
class Reading:
    """How the bulk reading takes a rule.

    Attributes:
        sql: whether SQL says all of it.
        reasons: what the resident functions compute over the distinct inputs, and why.
    """

    sql: bool
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "SQL" if self.sql else "SQL joins; resident: " + "; ".join(self.reasons)


def reading(rule: Rule) -> Reading:
    """Return how the bulk reading takes a rule."""
    reasons: dict[str, None] = {}
    for element in rule.body:
        if isinstance(element, Filter | Assign | Negation):
            reason = resident(element)
            if reason:
                reasons[reason] = None
    if run_once(rule) and not any(isinstance(element, Assign) for element in rule.body):
        reasons["its head makes terms"] = None
    return Reading(not reasons, tuple(reasons))
