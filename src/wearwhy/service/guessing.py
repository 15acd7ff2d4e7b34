"""What the model guessed of a wardrobe: listed, confirmed, rejected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, Unpack

from wearwhy.rdf import Fact, curie
from wearwhy.service.caller import Caller
from wearwhy.service.changing import How, changed, readable, require_revision, writable
from wearwhy.service.cursors import page
from wearwhy.service.documents import Json, follows_json, guess_json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names
from wearwhy.service.wishing import require_short
from wearwhy.workspace import edits, find
from wearwhy.workspace.consequences import consequences
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.guessed import Kept, kept
from wearwhy.workspace.state import State

Deciding: TypeAlias = Callable[[State, str, Fact], Edit]


def predictions(
    service: Service,
    caller: Caller,
    *,
    cursor: str | None = None,
    limit: int = 100,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return a page of a wardrobe's guesses, the least certain first.

    Raises:
        ValueRefused: WW-CURSOR, WW-PAGE-LIMIT.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    found = kept(workspace, name)
    named = names(workspace.layer(name), lang)
    part, following = page("predictions", [_key(one) for one in found], cursor, limit)
    return {
        "revision": workspace.revision_of(name),
        "guesses": [
            {
                **guess_json(one),
                "item": {"id": str(_iri(one)), "label": named.of(one.fact.subject)},
                "property": {
                    "id": curie(one.fact.predicate),
                    "label": named.of(one.fact.predicate),
                },
                "label": named.of(one.fact.object),
            }
            for one in found[part]
        ],
        "next": following,
    }


def _key(one: Kept) -> str:
    """Return a key that sorts as guesses are listed: by probability, then as they are written."""
    return f"{one.probability:.12f} " + "\n".join(str(part) for part in one.fact)


def _iri(one: Kept) -> str:
    return str(one.fact.subject).strip("<>")


def confirm(
    service: Service, caller: Caller, item: str, prop: str, value: str, **how: Unpack[How]
) -> Json:
    """Make a guess an asserted fact; tell what is of another kind, or surer, by it.

    Raises:
        NoAnswer: WW-GUESS-NONE.
        UnknownName: naming what was not understood.
    """
    return _decided(service, caller, edits.confirm, (item, prop, value), how)


def reject(
    service: Service, caller: Caller, item: str, prop: str, value: str, **how: Unpack[How]
) -> Json:
    """Deny a guess, retract what followed from it, and tell that; no model proposes it again.

    Raises:
        NoAnswer: WW-GUESS-NONE.
        UnknownName: naming what was not understood.
    """
    return _decided(service, caller, edits.reject, (item, prop, value), how)


def _decided(
    service: Service, caller: Caller, deciding: Deciding, words: tuple[str, str, str], how: How
) -> Json:
    name = writable(caller, how.get("wardrobe"))
    workspace = service.workspace
    require_short(words)
    require_revision(service, name, how.get("expected"))
    fact = find.fact(workspace.layer(name), workspace.names, *words)
    edit = deciding(workspace.state, name, fact)
    found = consequences(workspace, edit)
    return changed(service, name, edit, how, seen=found.difference, follows=follows_json(found))
