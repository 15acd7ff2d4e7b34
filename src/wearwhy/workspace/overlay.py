"""An edit as a layer over the wardrobe that it is about."""

from __future__ import annotations

from pathlib import Path

from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.state import State, asserted, patched, predicted, rule_texts, rules_of


def overlay(before: Layer, state: State, edit: Edit, folder: Path) -> Layer:
    """Return a wardrobe's layer with an edit of its own laid over it; nothing is written.

    Args:
        before: the wardrobe's layer.
        state: what the workspace holds.
        edit: about that wardrobe.
        folder: of the workspace.
    """
    owner, nothing = edit.scope, State(0, {})
    lost = patched(nothing, edit.patch.remove, ())
    new = patched(nothing, edit.patch.add, ())
    # A fact that another source asserts too stays asserted.
    still = set(asserted(patched(state, edit.patch.add, edit.patch.remove), owner))
    return before.child(
        Change(
            add=asserted(new, owner),
            remove=tuple(f for f in asserted(lost, owner) if f not in still),
            predict=predicted(new, owner),
            unpredict=tuple(f for f, _ in predicted(lost, owner)),
            rules_add=rules_of(rule_texts(new, owner), folder / "rules" / owner),
        )
    )
