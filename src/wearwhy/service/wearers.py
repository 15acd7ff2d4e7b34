"""Who dresses: what is said of them, said anew, and forgotten."""

from __future__ import annotations

from typing import Unpack

from wearwhy.errors import InputError
from wearwhy.service.caller import Caller
from wearwhy.service.changing import How, changed, readable, writable
from wearwhy.service.documents import Json, wearer_json
from wearwhy.service.service import Service
from wearwhy.service.wishing import require_short
from wearwhy.wearer.profile import read_profile
from wearwhy.wearer.profile import wearers as everybody
from wearwhy.workspace import wearers as profiles
from wearwhy.workspace.wearers import Said


def wearers(
    service: Service, caller: Caller, *, who: str | None = None, wardrobe: str | None = None
) -> Json:
    """Return what is said of everybody in a wardrobe, or of one of them.

    Raises:
        UnknownName: WW-WEARER-UNKNOWN.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    require_short([who] if who else [])
    nodes = [profiles.wearer(layer, who)] if who else list(everybody(layer))
    return {
        "revision": workspace.revision_of(name),
        "wearers": [wearer_json(node, read_profile(layer, node)) for node in nodes],
    }


def say(
    service: Service,
    caller: Caller,
    who: str,
    said: Said,
    **how: Unpack[How],
) -> Json:
    """Say something of a wearer; a new one is made.

    Raises:
        InputError: WW-WEARER-WHO, where nothing is said; WW-WEARER-SIZE.
        UnknownName, ValueRefused: naming what was not understood.
    """
    name = writable(caller, how.get("wardrobe"))
    workspace = service.workspace
    require_short([who], said.sizes, said.covered, said.dislikes, said.never)
    require_short([text for text in (said.name, said.hemisphere) if text])
    if not said:
        raise InputError("WW-WEARER-WHO", "It is not said what holds of the wearer.")
    layer = workspace.layer(name)
    node = profiles.new_wearer(layer, who, workspace.settings.base_iri)
    profile = profiles.profile(layer, workspace.names, profiles.named(layer, node, said, who))
    edit = profiles.say(workspace.state, name, node, profile)
    return changed(service, name, edit, how, wearer=node.value)


def forget(
    service: Service,
    caller: Caller,
    who: str,
    **how: Unpack[How],
) -> Json:
    """Take back all that was said of a wearer.

    Raises:
        UnknownName: WW-WEARER-UNKNOWN.
    """
    name = writable(caller, how.get("wardrobe"))
    workspace = service.workspace
    require_short([who])
    node = profiles.wearer(workspace.layer(name), who)
    edit = profiles.forget(workspace.state, name, node)
    return changed(service, name, edit, how, wearer=node.value)
