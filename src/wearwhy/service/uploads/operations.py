"""Sending a file, looking at what it would change, and applying it: who may, and in what order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from wearwhy.errors import InputError, Moved, NotSignedIn, TooLarge, ValueRefused
from wearwhy.rdf import SCHEMA, Fact, Literal
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.changing import How, changed
from wearwhy.service.service import Service
from wearwhy.service.uploads import keeping, photographs
from wearwhy.service.uploads.keeping import Upload
from wearwhy.service.uploads.limits import BOUNDS, Form, Kind
from wearwhy.service.uploads.sniffing import HEAD, form_of, shown_name
from wearwhy.service.uploads.targets import NOTHING, Meant, given, require_target
from wearwhy.service.uploads.telling import document, event, said, touches
from wearwhy.service.wishing import Event
from wearwhy.service.workers.going import Going
from wearwhy.store.quads import Patch, Quad, from_text, graph_name
from wearwhy.workspace import find
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.state import asserted

Json: TypeAlias = dict[str, Any]
_SOURCE: Final = "edits"


async def send(
    service: Service,
    caller: Caller,
    body: bytes,
    *,
    name: str = "",
    media: str = "",
    meant: Meant = NOTHING,
) -> Json:
    """Read a file that was sent, keep what it says, and return the document of that.

    Args:
        service: whose.
        caller: must be allowed to write; for a catalogue, to run the service.
        body: the file.
        name: what the sender calls it.
        media: its media type, as it was sent.
        meant: what the sender says of it.

    Raises:
        InputError, TooLarge: where the file is refused; nothing of it is kept.
        Unavailable: WW-BUSY.
    """
    one = await taken(service, caller, body, name=name, media=media, meant=meant)
    return await read(service, caller, one)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that may be read: what it is, whom it is for, and what the worker needs to know."""

    body: bytes
    name: str
    form: Form
    owner: str
    about: str | None
    args: Json


async def taken(
    service: Service, caller: Caller, body: bytes, *, name: str, media: str, meant: Meant
) -> Taken:
    """Return a file that was sent, after looking whether it may be; nothing of it is read yet.

    Raises:
        InputError, TooLarge, NotAllowed: where it is refused.
    """
    form = form_of(body[:HEAD], name, media)
    _require_size(body, form)
    args = await service.run(given, caller, form, meant)
    about, owner = args.pop("about", None), args.pop("owner")
    return Taken(body, shown_name(name), form, owner, about, args)


async def read(
    service: Service,
    caller: Caller,
    one: Taken,
    *,
    going: Going | None = None,
    later: bool = False,
) -> Json:
    """Read a file, keep what it says, and return the document of that.

    Args:
        service: whose.
        caller: who sent it.
        one: that was taken.
        going: called with how far it is.
        later: whether it may take longer than a request does.

    Raises:
        InputError, TooLarge: where the file is refused; nothing of it is kept.
        Unavailable: WW-BUSY.
    """
    kind = one.form.kind.value
    found, data = await service.uploads.read(
        kind, one.args, one.body, caller.account, going=going, later=later
    )
    told, ending = said(one.form, found, data, one.args.get("mapping"), one.about)
    made = Upload("", kind, one.name, "", one.owner, told, ending=ending)
    return await service.run(_kept, caller, made, data)


def _kept(service: Service, caller: Caller, one: Upload, data: bytes) -> Json:
    """Keep what was read; of somebody who was forgotten meanwhile nothing may come to lie there.

    Raises:
        TooLarge: WW-UPLOAD-WAITING.
        NotSignedIn: WW-ACCESS-KEY-UNKNOWN.
    """
    if service.accounts.get(caller.account) is None:
        raise NotSignedIn("WW-ACCESS-KEY-UNKNOWN", "There is no such account any more.")
    return document(keeping.keep(service.folder, caller.account, one, data))


def upload(service: Service, caller: Caller, name: str) -> Json:
    """Return the document of a file that the caller has sent.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
    """
    return document(sent(service, caller, name))


def uploads(service: Service, caller: Caller) -> Json:
    """Return the documents of what the caller has sent, the newest first."""
    caller.require(Scope.WRITE)
    held = keeping.held(service.folder, caller.account)
    return {"uploads": [document(one) for one in held]}


def withdraw(service: Service, caller: Caller, name: str) -> Json:
    """Throw away what the caller has sent, applied or not; what was applied stays applied.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
    """
    one = sent(service, caller, name)
    keeping.drop(service.folder, caller.account, one)
    return {"id": one.id, "state": "withdrawn"}


def apply(
    service: Service,
    caller: Caller,
    name: str,
    *,
    preview: bool = False,
    expected: int | None = None,
    lang: str = "en",
) -> Json:
    """Make one revision of what was sent, or look at what it would change.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
        InputError: WW-UPLOAD-CALENDAR, for a calendar: it changes nothing.
        Moved: WW-STORE-MOVED; WW-UPLOAD-APPLIED, where it was applied before.
    """
    one = sent(service, caller, name)
    target, _, own = one.owner.partition("/")
    require_target(caller, target, own)
    if one.state != keeping.READY:
        raise Moved("WW-UPLOAD-APPLIED", "This file was applied already.", hint="Send it again.")
    if one.kind == Kind.CALENDAR:
        raise InputError(
            "WW-UPLOAD-CALENDAR",
            "A calendar changes nothing of a wardrobe.",
            hint="Name it where you ask for looks.",
        )
    data = keeping.data_of(service.folder, caller.account, one)
    picture = ""
    if one.kind == Kind.PHOTOGRAPH:
        if not preview:
            picture = photographs.keep(service.folder, own, data, one.ending)
        edit = _shown(service, one, own, picture or f"{'0' * 32}{one.ending}")
    else:
        edit = _loading(service, one, data)
    try:
        found = changed(
            service, own if target == "wardrobe" else "", edit,
            How(preview=preview, expected=expected, lang=lang), upload=one.id,
        )  # fmt: skip
    except BaseException:
        photographs.drop(service.folder, own, picture)
        raise
    if not preview:
        keeping.done(service.folder, caller.account, one)
    return found


def tried(service: Service, caller: Caller, name: str) -> Json:
    """Reason what RDF would bring to the end, and keep nothing: axioms are facts, too.

    Raises:
        UnknownName, NotAllowed: as `apply`.
        RuleError, Unavailable: where reasoning over it does not end.
    """
    one = sent(service, caller, name)
    target, _, own = one.owner.partition("/")
    require_target(caller, target, own)
    if one.kind != Kind.RDF or one.state != keeping.READY or target != "wardrobe":
        return {}
    edit = _loading(service, one, keeping.data_of(service.folder, caller.account, one))
    found = service.workspace.preview(edit, name=own, requests=())
    return {"gained": len(found.gained), "lost": len(found.lost)}


def _loading(service: Service, one: Upload, data: bytes) -> Edit:
    held = set(asserted(service.workspace.state, one.owner))
    add = tuple(quad for quad in from_text(data.decode()) if quad.fact not in held)
    return Edit(Patch(add=add), f"load {one.name} as {one.said['mapping']}", one.owner)


def events(service: Service, caller: Caller, name: str, on: date) -> tuple[Event, ...]:
    """Return the entries of a day of a calendar that the caller has sent.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
        InputError: WW-UPLOAD-NO-CALENDAR; WW-CALENDAR-RANGE, for a day that was not unfolded.
    """
    one = sent(service, caller, name, Scope.READ)
    if one.kind != Kind.CALENDAR:
        raise InputError("WW-UPLOAD-NO-CALENDAR", "This file is no calendar.")
    if not one.said["from"] <= on.isoformat() <= one.said["to"]:
        raise ValueRefused(
            "WW-CALENDAR-RANGE",
            f"Of this calendar {one.said['from']} to {one.said['to']} were read.",
            hint="Send it again nearer to the day.",
        )
    return tuple(event(entry) for entry in one.said["entries"] if touches(entry, on))


def photograph(
    service: Service, caller: Caller, name: str, *, wardrobe: str | None = None
) -> tuple[bytes, str]:
    """Return a photograph of a wardrobe that the caller may see, and its media type.

    Raises:
        UnknownName: WW-WARDROBE-NONE, WW-PHOTOGRAPH-NONE.
    """
    caller.require(Scope.READ)
    return photographs.read(service.folder, caller.wardrobe(wardrobe), name)


def _require_size(body: bytes, form: Form) -> None:
    most = BOUNDS[form.kind].size
    if len(body) > most:
        raise TooLarge(
            "WW-UPLOAD-SIZE",
            f"The file has {len(body):,} bytes; for a {form.kind.value} {most:,} are the limit.",
            hint="Split it, or save it smaller.",
        )


def sent(service: Service, caller: Caller, name: str, scope: Scope = Scope.WRITE) -> Upload:
    """Return what the caller has sent, by its id.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
    """
    caller.require(scope)
    one = keeping.find(service.folder, caller.account, name)
    target, _, own = one.owner.partition("/")
    if target == "wardrobe" and own not in caller.wardrobes:
        # Whoever may not see a wardrobe any more does not learn what was sent for it either.
        return keeping.find(service.folder, caller.account, "")
    return one


def _shown(service: Service, one: Upload, own: str, picture: str) -> Edit:
    """Return the edit that says of an item what it looks like, in the place of a former one."""
    item = find.item(service.workspace.layer(own), one.said["item"])
    graph = graph_name(one.owner, "asserted", _SOURCE)
    former = tuple(
        Quad(name, fact)
        for name, facts in service.workspace.state.graphs.items()
        if name.value.startswith(graph.value.removesuffix(_SOURCE))
        for fact in facts
        if fact.subject == item
        and fact.predicate == SCHEMA.image
        and isinstance(fact.object, Literal)
        and photographs.is_ours(fact.object.value, own)
    )
    new = Fact(item, SCHEMA.image, Literal(photographs.said(own, picture)))
    return Edit(Patch((Quad(graph, new),), former), "add a photograph", one.owner)
