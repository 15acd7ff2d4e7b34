"""Equality: which rules say what owl:sameAs means, and which names are one.

Where all five of them are switched on, the engine does not run them as they are written, which
would repeat every statement for every name: it merges names (`merging`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wearwhy.rdf import RULE
from wearwhy.rules.model import Rule

SAMENESS: Final = frozenset(
    f"{RULE}{name}" for name in ("eq-sym", "eq-trans", "eq-rep-s", "eq-rep-p", "eq-rep-o")
)


def merges(rules: Iterable[Rule]) -> bool:
    """Return whether all the rules of equality are among the rules, and on."""
    on = {rule.iri.value for rule in rules if not rule.description.off}
    return on >= SAMENESS


def apart_from_sameness(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules to run as they are written: without those of equality, if all are there."""
    every = tuple(rules)
    if not merges(every):
        return every
    return tuple(rule for rule in every if rule.iri.value not in SAMENESS)
