"""Whom a file is for, and what the worker that reads it needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from wearwhy.errors import InputError, UnknownName, nearest
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service
from wearwhy.service.uploads import jobs
from wearwhy.service.uploads.limits import Form, Kind
from wearwhy.store.quads import Quad, graph_name, to_text
from wearwhy.workspace import find
from wearwhy.workspace.loading import target_of
from wearwhy.workspace.ontology import ontology_texts
from wearwhy.workspace.state import asserted

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Meant:
    """What a sender says of a file.

    Attributes:
        mapping: how it is read; None: `wardrobe` for a table, `rdf` for RDF.
        into: `catalogue:NAME` or `wardrobe:NAME`; None: the wardrobe.
        item: that a photograph shows.
        wardrobe: where it goes; None: the sender's only one.
    """

    mapping: str | None = None
    into: str | None = None
    item: str | None = None
    wardrobe: str | None = None


NOTHING: Final = Meant()


def given(
    service: Service,
    caller: Caller,
    form: Form,
    meant: Meant,
) -> Json:
    """Return what the worker needs to know, after looking whether the caller may.

    Returns:
        The arguments of the job; `owner` with whom it is for, and `about` with the item.

    Raises:
        NotSignedIn, NotAllowed, UnknownName, InputError: who may not, or what is not there.
    """
    into, item, mapping = meant.into, meant.item, meant.mapping
    workspace = service.workspace
    target, _, own = (into or "").partition(":")
    if not into or target == "wardrobe":
        caller.require(Scope.WRITE)
        target, own = "wardrobe", caller.wardrobe(own or meant.wardrobe, Role.EDITOR)
    require_target(caller, target, own)
    owner = f"{target}/{own}"
    if form.kind is Kind.CALENDAR:
        return {"today": datetime.now(UTC).date().isoformat(), "owner": owner}
    if form.kind is Kind.PHOTOGRAPH:
        if target != "wardrobe" or not item:
            raise InputError(
                "WW-UPLOAD-ITEM",
                "A photograph shows an item of a wardrobe.",
                hint="Say which: item=ID.",
            )
        about = find.item(workspace.layer(own), item)
        return {"ending": form.ending, "owner": owner, "about": about.value}
    base = target_of(f"{target}:{own}", workspace.settings.base_iri).base
    known = asserted(workspace.state, owner)
    graph = graph_name(owner, "asserted", "known")
    return {
        "ending": form.ending,
        "mapping": _mapping(mapping, form),
        "into": [target, own, base],
        "known": to_text(Quad(graph, fact) for fact in known),
        "ontology": ontology_texts(workspace.state),
        "owner": owner,
    }


def _mapping(name: str | None, form: Form) -> str:
    known = jobs.mappings()
    chosen = name or ("rdf" if form.kind is Kind.RDF else "wardrobe")
    if chosen not in known:
        near = nearest(chosen, known)
        raise UnknownName(
            "WW-MAPPING-UNKNOWN",
            f"There is no mapping '{chosen[:80]}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + ".",
        )
    return chosen


def require_target(caller: Caller, target: str, own: str) -> None:
    """Refuse who may not change what a file goes into: a catalogue belongs to everybody.

    Raises:
        NotSignedIn, NotAllowed, UnknownName, InputError: of them WW-INTO.
    """
    if target == "catalogue":
        caller.require(Scope.ADMIN)
    elif target == "wardrobe":
        caller.require(Scope.WRITE)
        caller.wardrobe(own, Role.EDITOR)
    else:
        raise InputError(
            "WW-INTO",
            "A file goes into a wardrobe, or into a catalogue.",
            hint="Say wardrobe=NAME, or into=catalogue:NAME.",
        )
