"""What every change shares: who may, at which revision, and looking at it before it is made."""

from __future__ import annotations

from typing import Any, TypedDict

from wearwhy.errors import Moved
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.documents import Json, difference_json, revision_json
from wearwhy.service.service import Service
from wearwhy.service.speaking import namer
from wearwhy.workspace.difference import Difference
from wearwhy.workspace.edits import Edit


class How(TypedDict, total=False):
    """How a change of a wardrobe is made; what is not said is as usual.

    Attributes:
        wardrobe: that is changed; None, as usual: the caller's only one, or only own.
        preview: whether only to look; usually not.
        expected: the wardrobe's revision that the change is for; None, as usual: any.
        lang: of a preview's labels; usually English.
    """

    wardrobe: str | None
    preview: bool
    expected: int | None
    lang: str


def readable(caller: Caller, wardrobe: str | None) -> str:
    """Return the wardrobe that is meant, if the caller may read it.

    Raises:
        NotSignedIn, NotAllowed, UnknownName, InputError: as `Caller` says.
    """
    caller.require(Scope.READ)
    return caller.wardrobe(wardrobe)


def writable(caller: Caller, wardrobe: str | None, scope: Scope = Scope.WRITE) -> str:
    """Return the wardrobe that is meant, if the caller may change it.

    Raises:
        NotSignedIn, NotAllowed, UnknownName, InputError: as `Caller` says.
    """
    caller.require(scope)
    return caller.wardrobe(wardrobe, Role.EDITOR)


def require_revision(service: Service, name: str, expected: int | None) -> None:
    """Refuse what was meant for another revision of a wardrobe.

    Raises:
        Moved: WW-STORE-MOVED.
    """
    now = service.workspace.revision_of(name)
    if expected is not None and expected != now:
        raise Moved(
            "WW-STORE-MOVED",
            f"The wardrobe is at revision {now}, not at {expected}.",
            note="A change with If-Match is for the revision that it names.",
            hint="Read it again, and then change it.",
        )


def changed(
    service: Service,
    name: str,
    edit: Edit,
    how: How,
    *,
    seen: Difference | None = None,
    **extra: Any,
) -> Json:
    """Make a change of a wardrobe, or look at what it would change; return the document of either.

    Args:
        service: whose workspace it is.
        name: the wardrobe.
        edit: the change.
        how: it is made; its wardrobe is `name`.
        seen: what it comes to, where that is known: exactly this is made.
        extra: entries of the document.

    Raises:
        Moved: WW-STORE-MOVED.
        RuleError: where the changed rules cannot be used.
    """
    workspace = service.workspace
    expected = how.get("expected")
    require_revision(service, name, expected)
    if how.get("preview"):
        found = workspace.preview(edit, name=name)
        return {**extra, **difference_json(found, namer(how.get("lang", "en")))}
    if seen is not None:
        return {**extra, **revision_json(workspace.apply(seen, of=name))}
    return {**extra, **revision_json(workspace.apply(edit, expected=expected, of=name))}
