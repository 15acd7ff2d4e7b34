"""Which change an undo takes back, as an edit that can be looked at first."""

from __future__ import annotations

from collections.abc import Sequence

from wearwhy.errors import NoAnswer
from wearwhy.store.quads import Revision
from wearwhy.workspace.edits import Edit


def undoing(revisions: Sequence[Revision], scope: str | None = None) -> Edit:
    """Return the edit that takes back the newest change that still stands.

    Args:
        revisions: all of them, the newest first.
        scope: only changes of it; None for all.

    Raises:
        NoAnswer: WW-UNDO-NOTHING, where no change stands.
    """
    if scope is not None:
        revisions = [revision for revision in revisions if revision.scope == scope]
    # Only of what was forgotten is the patch empty: it can be taken back no more.
    revisions = [revision for revision in revisions if revision.patch]
    by_number = {revision.number: revision for revision in revisions}
    standing: list[Revision] = []
    for revision in sorted(revisions, key=lambda r: r.number):
        if revision.undoes is None:
            standing.append(revision)
            continue
        target = by_number[revision.undoes]
        if target.undoes is not None:  # a redo: what was taken back stands again
            standing.append(by_number[target.undoes])
        else:
            standing.remove(target)
    if not standing:
        raise NoAnswer("WW-UNDO-NOTHING", "There is no change to undo.")
    last = standing[-1]
    return Edit(last.patch.inverse(), f"undo {last.message}", last.scope)
