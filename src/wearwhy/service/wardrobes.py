"""Wardrobes: those that a caller may see, a new one, and one that is given up."""

from __future__ import annotations

from typing import Final

from wearwhy.errors import InputError, ValueRefused
from wearwhy.feeds.loaded import Target
from wearwhy.rdf import SCHEMA, TYPE, WW, Fact, Literal, NamedNode
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.changing import require_revision
from wearwhy.service.documents import Json, revision_json
from wearwhy.service.service import Service
from wearwhy.service.uploads import photographs
from wearwhy.service.wishing import require_short
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.state import owner_of

LONGEST: Final = 64


def wardrobes(service: Service, caller: Caller) -> Json:
    """Return the wardrobes that a caller may see, with the role in each."""
    caller.require(Scope.READ)
    return {
        "wardrobes": [
            _json(service, name, caller.wardrobes[name]) for name in sorted(caller.wardrobes)
        ]
    }


def wardrobe(service: Service, caller: Caller, name: str) -> Json:
    """Return one wardrobe.

    Raises:
        UnknownName: WW-WARDROBE-NONE.
    """
    caller.require(Scope.READ)
    meant = caller.wardrobe(name)
    return _json(service, meant, caller.wardrobes[meant])


def _json(service: Service, name: str, role: Role) -> Json:
    workspace = service.workspace
    node = Target("wardrobe", name, workspace.settings.base_iri).node
    owner, state = f"wardrobe/{name}", workspace.state
    labels = [quad.fact.object for quad in state.matching(node, SCHEMA.name, of=owner)]
    items = {quad.fact.subject for quad in state.matching(None, WW.inWardrobe, node, of=owner)}
    return {
        "name": name,
        "label": labels[0].value if labels and isinstance(labels[0], Literal) else name,
        "role": role.name.lower(),
        "items": len(items),
        "facts": sum(map(len, state.of(owner, "asserted").values())),
        "revision": workspace.revision_of(name),
    }


def create(service: Service, caller: Caller, name: str, *, label: str | None = None) -> Json:
    """Make a wardrobe that is the caller's own.

    Raises:
        ValueRefused: WW-WARDROBE-NAME.
        InputError: WW-WARDROBE-EXISTS: the name is taken, by whom ever.
    """
    caller.require(Scope.WRITE)
    require_short([label] if label else [])
    edit, node = _new(service, name, label)
    # Who owns it comes first: a wardrobe that nobody owns would belong to nobody for good.
    service.accounts.own(caller, name)
    try:
        revision = service.workspace.apply(edit)
    except BaseException:
        # What was given up when it had just been made is there, and stays its maker's.
        if name not in service.workspace.wardrobes():
            service.accounts.unmake(name)
        raise
    return {"name": name, "id": node.value, **revision_json(revision)}


def _new(service: Service, name: str, label: str | None) -> tuple[Edit, NamedNode]:
    workspace = service.workspace
    if len(name) > LONGEST:
        raise ValueRefused("WW-WARDROBE-NAME", f"A name has {LONGEST} characters at most.")
    try:
        node = Target("wardrobe", name, workspace.settings.base_iri).node
    except (InputError, ValueError) as error:
        raise ValueRefused(
            "WW-WARDROBE-NAME",
            "That cannot name a wardrobe.",
            note="A name consists of letters, digits and hyphens.",
        ) from error
    # A name that was somebody's keeps their history: nobody else may have it and read that.
    before = workspace.history(1, scope=f"wardrobe/{name}")
    taken = {*workspace.wardrobes(), *workspace.state.owners("catalogue")}
    if before or name in taken or service.accounts.owned(name):
        raise InputError("WW-WARDROBE-EXISTS", f"The name '{name}' is taken.")
    graph = graph_name(f"wardrobe/{name}", "asserted", "edits")
    facts = [Fact(node, TYPE, WW.Wardrobe), Fact(node, SCHEMA.name, Literal(label or name))]
    patch = Patch(add=tuple(Quad(graph, fact) for fact in facts))
    return Edit(patch, f"make the wardrobe {name}", f"wardrobe/{name}"), node


def remove(service: Service, caller: Caller, name: str, *, expected: int | None = None) -> Json:
    """Give up a wardrobe with all that it holds; its changes stay in the history until forgotten.

    Raises:
        UnknownName: WW-WARDROBE-NONE.
        NotAllowed: WW-ACCESS-ROLE, where the caller is not its owner.
        Moved: WW-STORE-MOVED.
    """
    caller.require(Scope.WRITE)
    meant = caller.wardrobe(name, Role.OWNER)
    require_revision(service, meant, expected)
    workspace = service.workspace
    gone = tuple(
        Quad(graph, fact)
        for graph, facts in workspace.state.graphs.items()
        if owner_of(graph)[0] == f"wardrobe/{meant}"
        for fact in facts
    )
    edit = Edit(Patch(remove=gone), f"remove the wardrobe {meant}", f"wardrobe/{meant}")
    revision = workspace.apply(edit)
    photographs.forget(service.folder, meant)
    service.tasks.forget_wardrobe(meant)
    service.accounts.disown(meant)
    return {"name": meant, **revision_json(revision)}
