"""Looks that were shown before, held against each other and against now; and a wardrobe, checked."""

from __future__ import annotations

from collections.abc import Sequence

from wearwhy.errors import StoreError, UnknownName
from wearwhy.explain.compare import compare as compared
from wearwhy.explain.compare import comparison_json
from wearwhy.service.caller import Caller
from wearwhy.service.changing import readable
from wearwhy.service.documents import Json, replayed_json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names, sentences
from wearwhy.service.wishing import require_short
from wearwhy.workspace import validate as checking
from wearwhy.workspace.replay import replay as explained
from wearwhy.workspace.replay import replayed


def compare(
    service: Service,
    caller: Caller,
    first: str,
    second: str,
    *,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return two looks that were shown, held against each other term by term.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN.
        NoAnswer: WW-REPLAY-GONE, where an item of one is no longer there.
    """
    name = readable(caller, wardrobe)
    require_short([first, second])
    workspace = service.workspace
    found = compared(explained(workspace, first, name), explained(workspace, second, name))
    return {
        **comparison_json(found, sentences(), lang),
        "revision": workspace.revision_of(name),
    }


def replay(
    service: Service,
    caller: Caller,
    look: str,
    *,
    without: Sequence[str] = (),
    as_of: int | None = None,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return a look as it is now, at a revision, or without something; and what has changed.

    Args:
        service: that is asked.
        caller: who asks.
        look: its id, or its place among those shown last.
        without: kinds of terms and rules that are left out.
        as_of: a revision of the history, in place of now.
        wardrobe: whose look it is.
        lang: of labels.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN, WW-WITHOUT-UNKNOWN, WW-REVISION-NONE.
        InputError: WW-WITHOUT-AMBIGUOUS.
        NoAnswer: WW-REPLAY-GONE.
    """
    name = readable(caller, wardrobe)
    require_short([look], without)
    workspace = service.workspace
    try:
        found = replayed(workspace, look, name, without=without, as_of=as_of)
    except StoreError as error:
        if error.code != "WW-STORE-REVISION":
            raise
        raise UnknownName("WW-REVISION-NONE", f"There is no revision {as_of}.") from None
    document = replayed_json(found, sentences(), lang)
    if as_of is None:
        document["revision"] = workspace.revision_of(name)
    return document


def validate(
    service: Service, caller: Caller, *, wardrobe: str | None = None, lang: str = "en"
) -> Json:
    """Return what of a wardrobe breaks a shape, with the name of each thing.

    Raises:
        NotInstalled: WW-EXTRA-SHACL.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    named = names(layer, lang)
    found = checking.validate(layer, workspace.bundle.folder, lang)
    return {
        "revision": workspace.revision_of(name),
        "conforms": not found,
        "violations": [{**one.as_dict(), "label": named.of(one.focus)} for one in found],
    }
