"""What follows from a change of few facts: what comes, what goes, and what is of another kind now.

Looks are not tried: a preview does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.workspace.difference import Difference
from wearwhy.workspace.edits import Edit

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Standing:
    """How a fact stands in a graph.

    Attributes:
        kind: where it comes from.
        sure: probability of a guess, confidence of a conclusion; 1 for what is certain.
        rule: that concluded it; None for what was said or guessed.
    """

    kind: Kind
    sure: float
    rule: NamedNode | None


@dataclass(frozen=True, slots=True)
class Shift:
    """A fact that stands before and after, but not alike."""

    fact: Fact
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change comes to in facts.

    Attributes:
        difference: facts gained and lost, asserted ones among them; `Workspace.apply` makes it.
        gained: facts that come, with how they stand.
        lost: facts that go, with how they stood: what the retracted had supported among them.
        shifts: facts that are of another kind, or surer or less sure, than before.
    """

    difference: Difference
    gained: tuple[tuple[Fact, Standing], ...]
    lost: tuple[tuple[Fact, Standing], ...]
    shifts: tuple[Shift, ...]


def standing(layer: Layer, fact: Fact) -> Standing:
    """Return how a visible fact stands in a graph."""
    kind = layer.kind(fact)
    assert kind is not None
    firing = layer.firing(fact) if kind in (Kind.DERIVED, Kind.COMPUTED) else None
    sure = layer.probability(fact) if kind is Kind.PREDICTED else None
    return Standing(
        kind,
        round(layer.confidence(fact) if sure is None else sure, 6),
        None if firing is None else firing.rule,
    )


def consequences(workspace: Workspace, edit: Edit) -> Consequences:
    """Return what a change would come to; nothing is written.

    Args:
        workspace: open.
        edit: the change.

    Raises:
        RuleError: where it cannot be closed.
    """
    found = workspace.preview(edit, requests=())
    before, after = found.before, found.after
    assert before is not None
    assert after is not None
    return Consequences(
        found,
        tuple((fact, standing(after, fact)) for fact in found.gained),
        tuple((fact, standing(before, fact)) for fact in found.lost),
        _shifts(before, after),
    )


def _shifts(before: Layer, after: Layer) -> tuple[Shift, ...]:
    if after is before:
        return ()
    # A layer writes an entry for whatever stands otherwise in it than below.
    thin = after.below is before and after.merged is None and after.under is before
    written: Iterable[Fact] = after.own() if thin else after.facts()
    found = []
    for fact in dict.fromkeys(written):
        if before.holds(fact):
            old, new = standing(before, fact), standing(after, fact)
            if (old.kind, old.sure) != (new.kind, new.sure):
                found.append(Shift(fact, old, new))
    return tuple(sorted(found, key=lambda shift: tuple(str(part) for part in shift.fact)))
