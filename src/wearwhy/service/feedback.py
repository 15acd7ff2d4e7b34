"""A wearer's days: what was worn and washed, liked and disliked, looked at and passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final, Literal, TypeAlias, Unpack, get_args

from pyoxigraph import Literal as Text

from wearwhy.errors import InputError, UnknownName, ValueRefused, nearest
from wearwhy.evidence import Kind
from wearwhy.explain.naming import Names
from wearwhy.rdf import SCHEMA, TYPE, WW, Fact, NamedNode, Node
from wearwhy.rules.layer import Layer
from wearwhy.service.belongings import wearer_of
from wearwhy.service.caller import Caller, Role
from wearwhy.service.changing import How, changed, readable, writable
from wearwhy.service.cursors import page
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names
from wearwhy.service.wishing import require_short
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.wearer import taste
from wearwhy.workspace import asking, edits, find, wearers
from wearwhy.workspace.edits import Edit

Verb: TypeAlias = Literal["wore", "wash", "like", "dislike", "view", "skip"]
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
Event: TypeAlias = tuple[str, NamedNode, NamedNode, NamedNode]
"""Day, event, class, and the property that says what it is about."""
_UNSPOKEN: Final = ("view", "skip")
_EVENTS: Final = (
    (WW.Outfit, WW.hasItem, WW.wornOn),
    (WW.WashEvent, WW.item, WW.washedOn),
    (WW.Opinion, WW.about, WW.givenOn),
)


def record(
    service: Service,
    caller: Caller,
    verb: Verb,
    things: Sequence[str] = (),
    *,
    look: str | None = None,
    on: date | None = None,
    occasions: Sequence[str] = (),
    strength: float | None = None,
    wearer: str | None = None,
    **how: Unpack[How],
) -> Json:
    """Record what was worn, washed, liked, disliked, looked at for long or passed over.

    Args:
        service: that is asked.
        caller: who asks.
        verb: which of these.
        things: items; of opinions also concepts, such as a colour.
        look: a look that was shown, whose items are meant as well.
        on: the day; None: today in UTC, so say it where that matters.
        occasions: of what was worn: what for; where none is named, those the look was asked for.
        strength: of an opinion, 0 to 1; None: as strong as such an opinion usually is.
        wearer: whose it is, in words.
        how: as `How` says.

    Raises:
        InputError: WW-FEEDBACK-VERB, WW-FEEDBACK-NOTHING, WW-FEEDBACK-APART.
        UnknownName, ValueRefused: naming what was not understood.
    """
    name = writable(caller, how.get("wardrobe"))
    _require(verb, things, look, occasions, strength)
    workspace = service.workspace
    layer = workspace.layer(name)
    day = on or datetime.now(UTC).date()
    whose = wearers.wearer(layer, wearer) if wearer else _guest(service, caller, name)
    seen = workspace.look(look, name) if look else None
    shown = [NamedNode(placed["item"]) for placed in seen["items"]] if seen else []
    if verb in ("wore", "wash"):
        items = list(dict.fromkeys([*(find.item(layer, text) for text in things), *shown]))
        if verb == "wash":
            edit = edits.wash(workspace.state, name, items, day)
        else:
            scheme = asking.OCCASIONS
            meant = [asking.concept(workspace.names, t, scheme, "an occasion") for t in occasions]
            if seen and not meant:
                meant = [NamedNode(iri) for iri in seen["request"].get("occasions", ())]
            edit = edits.wore(name, items, day, meant, whose)
    else:
        about = [_about(service, layer, text) for text in things]
        edit = _opinions(
            layer, name, verb, [*about, *shown], strength=strength, day=day, wearer=whose
        )
    if whose is not None and not wearer and verb != "wash":
        edit = _introduced(layer, edit, whose, caller.name, name)
    return changed(service, name, edit, how)


def _guest(service: Service, caller: Caller, name: str) -> NamedNode | None:
    """Return who a caller is in the wardrobe of somebody else; None in their own."""
    if caller.anonymous or caller.wardrobes[name] is Role.OWNER:
        return None
    return wearer_of(service.workspace, caller.account)


def _introduced(layer: Layer, edit: Edit, whose: NamedNode, called: str, name: str) -> Edit:
    """Return an edit that also says who a guest is, where nobody has said it yet."""
    if layer.objects(whose, SCHEMA.name):
        return edit
    graph = graph_name(f"wardrobe/{name}", "asserted", "wearers")
    said = (Fact(whose, TYPE, WW.Wearer), Fact(whose, SCHEMA.name, Text(called)))
    patch = replace(edit.patch, add=(*edit.patch.add, *(Quad(graph, fact) for fact in said)))
    return replace(edit, patch=patch)


def _require(
    verb: str,
    things: Sequence[str],
    look: str | None,
    occasions: Sequence[str],
    strength: float | None,
) -> None:
    if verb not in VERBS:
        near = nearest(verb, VERBS)
        raise UnknownName(
            "WW-FEEDBACK-VERB",
            f"'{verb}' is nothing that is recorded.",
            hint=f"Did you mean '{near}'?" if near else "One of " + ", ".join(VERBS) + ".",
        )
    if not things and not look:
        raise InputError("WW-FEEDBACK-NOTHING", f"It is not said of what: {verb}.")
    if occasions and verb != "wore":
        raise InputError("WW-FEEDBACK-APART", "Occasions are said of what was worn.")
    if strength is not None and verb in ("wore", "wash"):
        raise InputError("WW-FEEDBACK-APART", "A strength is said of an opinion.")
    if strength is not None and not 0 < strength <= 1:
        raise ValueRefused("WW-STRENGTH", f"A strength is above 0 and at most 1, not {strength:g}.")
    require_short(things, occasions, [look] if look else [])


def _about(service: Service, layer: Layer, text: str) -> NamedNode:
    about = find.term(layer, service.workspace.names, text)
    if not isinstance(about, NamedNode):
        raise InputError("WW-OPINION-ABOUT", f"'{text}' is a text; like an item or a concept.")
    return about


def _opinions(
    layer: Layer,
    name: str,
    verb: Verb,
    about: Sequence[NamedNode],
    *,
    strength: float | None,
    day: date,
    wearer: NamedNode | None,
) -> Edit:
    given_as = WW[f"opinion-{verb}"]
    usual = taste.usual(layer, given_as)
    value = usual if strength is None else strength * (1 if usual > 0 else -1)
    # What is put into words is a like or a dislike by its strength alone.
    told = given_as if verb in _UNSPOKEN else None
    those = [
        edits.opine(name, one, value, day, wearer, given_as=told) for one in dict.fromkeys(about)
    ]
    patch = Patch(add=tuple(quad for edit in those for quad in edit.patch.add))
    return Edit(patch, "; ".join(edit.message for edit in those), f"wardrobe/{name}")


def events(
    service: Service,
    caller: Caller,
    *,
    cursor: str | None = None,
    limit: int = 50,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return a page of what was recorded in a wardrobe, newest day first.

    Raises:
        ValueRefused: WW-CURSOR, WW-PAGE-LIMIT.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    named = names(layer, lang)
    found = sorted(_events(layer), key=lambda one: _key(*one[:2]))
    part, following = page("events", [_key(*one[:2]) for one in found], cursor, limit)
    return {
        "revision": workspace.revision_of(name),
        "events": [_event_json(layer, named, one) for one in found[part]],
        "next": following,
    }


def _key(on: str, event: NamedNode) -> str:
    """Return a key that sorts the newest day first."""
    backwards = "".join(chr(ord("9") - ord(c) + ord("0")) if c.isdigit() else c for c in on)
    return f"{backwards or '~'} {event.value}"


def _events(layer: Layer) -> list[Event]:
    """Return the events that somebody recorded."""
    found = []
    for cls, about, dated in _EVENTS:
        for event in layer.subjects(TYPE, cls):
            said = layer.kind(Fact(event, TYPE, cls)) is Kind.ASSERTED
            if said and isinstance(event, NamedNode):
                on = layer.value(event, dated)
                day = on.value if isinstance(on, Text) else ""
                found.append((day, event, cls, about))
    return found


def _event_json(layer: Layer, named: Names, found: Event) -> Json:
    on, event, cls, about = found
    strength = layer.value(event, WW.strength)
    value = float(strength.value) if isinstance(strength, Text) else None
    wearer = layer.value(event, WW.wearer)
    said: Json = {
        "id": event.value,
        "verb": _verb(layer, event, cls, value),
        "date": on or None,
        "things": _told(named, layer.objects(event, about)),
        "occasions": _told(named, layer.objects(event, WW.occasion)),
        "wearer": wearer.value if isinstance(wearer, NamedNode) else None,
    }
    if value is not None:
        said["strength"] = abs(value)
    return said


def _verb(layer: Layer, event: NamedNode, cls: NamedNode, strength: float | None) -> Verb:
    if cls == WW.Outfit:
        return "wore"
    if cls == WW.WashEvent:
        return "wash"
    given = layer.value(event, WW.givenAs)
    for verb in VERBS:
        if given == WW[f"opinion-{verb}"]:
            return verb
    return "like" if (strength or 0.0) > 0 else "dislike"


def _told(named: Names, nodes: Sequence[Node]) -> list[Json]:
    return [
        {"id": node.value, "label": named.of(node)}
        for node in sorted(nodes, key=str)
        if isinstance(node, NamedNode)
    ]
