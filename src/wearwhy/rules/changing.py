"""How a change is taken: which rules and axioms are in force after it, and what is worth doing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wearwhy.rdf import TYPE, Fact
from wearwhy.rules.ledger import Change, Ledger
from wearwhy.rules.model import Rule
from wearwhy.rules.specialise import schema_predicates

ARRAYS_FROM: Final = 2_000
"""From how many facts on it pays to close whole properties at once."""


EDITS_FROM: Final = 50_000
"""Over how many facts it pays to change rules on whole properties at once."""


def is_axiom(fact: Fact) -> bool:
    """Return whether rules are compiled against a fact."""
    if fact.predicate == TYPE:
        return fact.object in schema_predicates(types=True)
    return fact.predicate in schema_predicates()


def replaced(sources: tuple[Rule, ...], change: Change) -> tuple[Rule, ...]:
    """Return the rules in force after a change."""
    rules = {rule.iri: rule for rule in sources}
    for iri in change.rules_remove:
        rules.pop(iri, None)
    rules.update((rule.iri, rule) for rule in change.rules_add)
    return tuple(rules.values())


def at_once(layer: Ledger, change: Change, rules: Sequence[object], arrays_from: int) -> bool:
    """Return whether a change is carried out on whole properties."""
    facts = len(change.add) + len(change.remove)
    known = len(layer.ground) if layer.ground is not None else 0
    if 10 * facts < arrays_from and (not rules or known < arrays_from):
        return False
    # What a function like RAND() gave must not change because something else did.
    if any(compiled.volatile for compiled in layer.program.compiled.values()):
        return False
    # What is kept one by one is concluded anew, one by one.
    return len(layer.uncertain) <= facts + 1_000


def guesses(layer: Ledger, change: Change) -> tuple[tuple[Fact, float], ...]:
    """Return what is guessed after a change."""
    row = layer.interner.row
    found = {row(fact): p for fact, p in change.predict}
    one: Ledger | None = layer
    taken = {row(fact) for fact in change.unpredict}
    while one is not None:
        for said, probability in one.predictions.items():
            if said not in taken and said not in found:
                taken.add(said)
                if probability is not None:
                    found[said] = probability
        one = one.under
    return tuple((layer.interner.fact(said), p) for said, p in found.items())
