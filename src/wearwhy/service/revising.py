"""The history of a wardrobe, and taking back the newest of its changes."""

from __future__ import annotations

from typing import Final, Unpack

from wearwhy.errors import NoAnswer, UnknownName, ValueRefused
from wearwhy.service.caller import Caller
from wearwhy.service.changing import How, changed, readable, require_revision, writable
from wearwhy.service.cursors import after, cursor, require_limit
from wearwhy.service.documents import Json, revision_json
from wearwhy.service.service import Service
from wearwhy.store.quads import Revision, to_text
from wearwhy.workspace.undoing import undoing

_MADE_OF: Final = 4
"""A wardrobe of no more facts may hold nothing but its own name."""


def revisions(
    service: Service,
    caller: Caller,
    *,
    cursor: str | None = None,
    limit: int = 50,
    wardrobe: str | None = None,
) -> Json:
    """Return a page of the changes of a wardrobe, newest first.

    Raises:
        ValueRefused: WW-CURSOR, WW-PAGE-LIMIT.
    """
    name = readable(caller, wardrobe)
    require_limit(limit)
    workspace = service.workspace
    found = workspace.history(limit + 1, scope=f"wardrobe/{name}", before=_before(cursor))
    return {
        "revision": workspace.revision_of(name),
        "revisions": [_json(service, one) for one in found[:limit]],
        "next": _next(found, limit),
    }


def _before(word: str | None) -> int | None:
    last = after("revisions", word)
    if last is None:
        return None
    if not last.isdecimal():
        raise ValueRefused("WW-CURSOR", "The cursor is none of this list.")
    return int(last)


def _next(found: list[Revision], limit: int) -> str | None:
    return cursor("revisions", str(found[limit - 1].number)) if len(found) > limit else None


def _json(service: Service, one: Revision) -> Json:
    by = service.accounts.get(one.by) if one.by else None
    found: Json = {**revision_json(one), "at": one.at.isoformat()}
    return found if by is None else {**found, "by": by.name}


def revision(service: Service, caller: Caller, number: int, *, wardrobe: str | None = None) -> Json:
    """Return one change of a wardrobe, with what it added and removed as N-Quads.

    Raises:
        UnknownName: WW-REVISION-NONE, where the wardrobe has none of that number.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    found = workspace.history(1, scope=f"wardrobe/{name}", before=number + 1)
    if not found or found[0].number != number:
        raise UnknownName("WW-REVISION-NONE", f"The wardrobe has no change of number {number}.")
    patch = found[0].patch
    return {
        **_json(service, found[0]),
        "quads": {"added": to_text(patch.add), "removed": to_text(patch.remove)},
    }


def undo(
    service: Service,
    caller: Caller,
    **how: Unpack[How],
) -> Json:
    """Take back the newest change of a wardrobe that stands, as a new revision.

    Raises:
        NoAnswer: WW-UNDO-NOTHING, WW-UNDO-MAKING.
        Moved: WW-STORE-MOVED.
    """
    name = writable(caller, how.get("wardrobe"))
    workspace, scope = service.workspace, f"wardrobe/{name}"
    require_revision(service, name, how.get("expected"))
    _require_more(service, scope)
    if how.get("preview"):
        return changed(service, name, undoing(workspace.history(scope=scope)), how)
    return revision_json(workspace.undo(scope=scope, expected=how.get("expected")))


def _require_more(service: Service, scope: str) -> None:
    """Refuse to take back what made a wardrobe: its members would stand before nothing.

    Raises:
        NoAnswer: WW-UNDO-MAKING; WW-UNDO-NOTHING, where no change stands.
    """
    workspace = service.workspace
    held = sum(len(facts) for facts in workspace.state.of(scope, "asserted").values())
    if held > _MADE_OF:
        return
    if len(undoing(workspace.history(scope=scope)).patch.remove) >= held:
        raise NoAnswer(
            "WW-UNDO-MAKING",
            "The only change that is left made the wardrobe itself.",
            hint="Give the wardrobe up, if that is meant.",
        )
