"""What follows from a change of few facts: what comes, what goes, and what is of another kind now.

Looks are not tried: a preview does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wearwhy.rdf import Fact
from wearwhy.workspace.difference import Difference
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.shifts import Shift, Standing, standing

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

__all__ = ["Consequences", "Shift", "Standing", "consequences", "standing"]


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
        found.shifts,
    )
