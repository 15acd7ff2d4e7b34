"""A change in a person's words: previewed and kept, then applied as it was previewed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wearwhy.outfit.request import Request
from wearwhy.store.quads import Revision
from wearwhy.workspace import previews
from wearwhy.workspace.difference import Difference
from wearwhy.workspace.edits import settled
from wearwhy.workspace.previews import Preview, engine_of, token_of
from wearwhy.workspace.proposal import Wanted, proposed

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


def look(
    workspace: Workspace, wanted: Wanted, requests: Sequence[Request] | None = None
) -> tuple[Difference, Preview]:
    """Return what a change would change, and the preview that is kept of it.

    Args:
        workspace: open.
        wanted: the change.
        requests: to try; the bundled week, if None.

    Raises:
        NoAnswer, InputError, RuleError, Moved: as `proposed` and `Workspace.preview` say.
    """
    edit = proposed(workspace, wanted)
    found = workspace.preview(edit, name=wanted.wardrobe, requests=requests)
    engine = engine_of(workspace.bundled)
    token = token_of(found.revision, found.required, engine)
    one = Preview(token, found.revision, engine, found.required, wanted)
    if found.required.patch:
        previews.keep(workspace.folder, one)
    return found, one


def commit(workspace: Workspace, wanted: Wanted, expect: str | None = None) -> Revision:
    """Make a change: what was previewed of it, if anything was.

    Args:
        workspace: open.
        wanted: the change; where nothing is named, what was previewed last, else every draft.
        expect: the name of the preview that it must be; None: of the newest that is about the
            same files and facts, if there is one.

    Raises:
        Moved: WW-PREVIEW-MOVED, where the graph, a text or the engine is another than it was
            when it was previewed; WW-STORE-MOVED, where another process was quicker.
        UnknownName: WW-PREVIEW-UNKNOWN.
        NoAnswer, InputError, RuleError: as `proposed` says.
    """
    engine = engine_of(workspace.bundled)
    seen = previews.named(workspace.folder, expect) if expect else _last(workspace, wanted)
    if seen is not None:
        previews.require_same(seen, workspace.revision, engine, None)
        wanted = wanted if _names(wanted) else seen.wanted
    edit = settled(workspace.state, proposed(workspace, wanted))
    seen = seen or previews.standing(workspace.folder, edit)
    if seen is None:
        found = workspace.preview(edit, name=wanted.wardrobe, requests=())
        # Reasoned to the end: rules that do not end are not applied.
        return workspace.apply(found)
    previews.require_same(seen, workspace.revision, engine, edit)
    revision = workspace.apply(edit, expected=seen.revision)
    previews.forget(workspace.folder, seen.token)
    return revision


def _names(wanted: Wanted) -> bool:
    return bool(wanted.files or wanted.asserted or wanted.retracted)


def _last(workspace: Workspace, wanted: Wanted) -> Preview | None:
    """Return the newest preview, if nothing else is named; of the scope that is."""
    if _names(wanted):
        return None
    scopes = (wanted.scope, wanted.wardrobe)
    for one in previews.kept(workspace.folder):
        if scopes in ((None, None), (one.wanted.scope, one.wanted.wardrobe)):
            return one
    return None
