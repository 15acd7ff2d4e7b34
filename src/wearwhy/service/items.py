"""The items of a wardrobe: listed, added, corrected, taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, Unpack

from wearwhy.errors import UnknownName, ValueRefused
from wearwhy.feeds.loaded import Target
from wearwhy.feeds.words import words as spelt
from wearwhy.rdf import OWL, RDFS, SCHEMA, TYPE, WW, Fact, NamedNode, Node, curie
from wearwhy.rules.layer import Layer
from wearwhy.service.caller import Caller
from wearwhy.service.changing import How, changed, readable, writable
from wearwhy.service.cursors import page
from wearwhy.service.described import item_json
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import names
from wearwhy.service.wishing import require_short
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import edits, find
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.state import owner_of

Said: TypeAlias = Mapping[str, str | Sequence[str] | None]


def items(
    service: Service,
    caller: Caller,
    *,
    cursor: str | None = None,
    limit: int = 50,
    kind: str | None = None,
    slot: str | None = None,
    text: str | None = None,
    source: str = "owned",
    whole: bool = False,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return a page of the items of a wardrobe, or of a catalogue.

    Args:
        service: that is asked.
        caller: who asks.
        cursor: of the page before.
        limit: how many.
        kind: only those of this class, in words.
        slot: only those that fill this slot, in words.
        text: only those whose name or id has these words.
        source: `owned`, or `catalogue:NAME`.
        whole: whether with what rules conclude of them, besides what was said and guessed.
        wardrobe: whose; labels and guesses are its own, of a catalogue too.
        lang: of labels.

    Raises:
        UnknownName: naming what was not understood.
        ValueRefused: WW-CURSOR, WW-PAGE-LIMIT.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    require_short([t for t in (kind, slot, text, source) if t])
    target = _target(service, name, source)
    found = [
        node
        for node in layer.subjects(target.membership, target.node)
        if isinstance(node, NamedNode)
    ]
    if kind:
        cls = find.value_of(workspace.names, TYPE, kind)
        found = [node for node in found if layer.holds(Fact(node, TYPE, cls))]
    if slot:
        place = find.value_of(workspace.names, WW.slot, slot)
        found = [node for node in found if layer.holds(Fact(node, WW.slot, place))]
    named = names(layer, lang)
    if text:
        wanted = spelt(text)
        found = [node for node in found if _has(wanted, node, named.of(node))]
    found.sort(key=lambda node: node.value)
    part, following = page("items", [node.value for node in found], cursor, limit)
    return {
        "revision": workspace.revision_of(name),
        "wardrobe": name,
        "total": len(found),
        "items": [
            item_json(layer, workspace.names, named, node, name, whole=whole)
            for node in found[part]
        ],
        "next": following,
    }


def _has(wanted: Sequence[str], node: NamedNode, label: str) -> bool:
    there = f"{label} {node.value.rpartition('/')[2]}".casefold()
    return all(word.casefold() in there for word in wanted)


def _target(service: Service, name: str, source: str) -> Target:
    base = service.workspace.settings.base_iri
    if source == "owned":
        return Target("wardrobe", name, base)
    known = service.workspace.state.owners("catalogue")
    shop = source.removeprefix("catalogue:")
    if shop not in known or not source.startswith("catalogue:"):
        raise UnknownName(
            "WW-SOURCE-UNKNOWN",
            f"There is nothing to draw on that is called '{source}'.",
            hint="Known: " + ", ".join(["owned", *(f"catalogue:{one}" for one in known)]) + ".",
        )
    return Target("catalogue", shop, base)


def item(
    service: Service, caller: Caller, item: str, *, wardrobe: str | None = None, lang: str = "en"
) -> Json:
    """Return one item, by its id, IRI or name.

    Raises:
        UnknownName: WW-ITEM-UNKNOWN.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    layer = workspace.layer(name)
    node = known_item(layer, item)
    return {
        "revision": workspace.revision_of(name),
        "wardrobe": name,
        **item_json(layer, workspace.names, names(layer, lang), node, name, whole=True),
    }


def known_item(layer: Layer, text: str) -> NamedNode:
    """Return the item of a layer that a text means.

    Raises:
        UnknownName: WW-ITEM-UNKNOWN.
    """
    require_short([text])
    return find.item(layer, text)


def add(
    service: Service,
    caller: Caller,
    kind: str,
    name: str,
    values: Sequence[tuple[str, str]] = (),
    **how: Unpack[How],
) -> Json:
    """Add an item: its kind, its name, and what is known of it.

    Args:
        service: that is asked.
        caller: who asks.
        kind: the class, in words.
        name: what it is called; its id is made of it.
        values: property and value, in words.
        how: as `How` says.

    Raises:
        InputError: WW-ITEM-EXISTS.
        ValueRefused: WW-ITEM-NAME; WW-ITEM-TWICE, another kind or name among the values.
        UnknownName: naming what was not understood.
    """
    into = writable(caller, how.get("wardrobe"))
    workspace = service.workspace
    known = workspace.names
    require_short([kind, name], [part for pair in values for part in pair])
    cls = find.value_of(known, TYPE, kind)
    if not isinstance(cls, NamedNode):
        raise ValueRefused("WW-CLASS-UNKNOWN", f"'{kind}' names no kind of garment.")
    facts: list[tuple[NamedNode, Node]] = []
    for prop_text, value in values:
        prop = find.property_of(known, prop_text)
        _require_apart(prop)
        if prop in (TYPE, SCHEMA.name):
            raise ValueRefused(
                "WW-ITEM-TWICE", "The kind and the name of an item are said apart, each once."
            )
        facts.append((prop, find.value_of(known, prop, value)))
    base = workspace.settings.base_iri
    edit = edits.add_item(workspace.state, into, cls, name, facts, base=base)
    node = edit.patch.add[0].fact.subject
    assert isinstance(node, NamedNode)
    return changed(service, into, edit, how, item=node.value)


def correct(
    service: Service,
    caller: Caller,
    item: str,
    values: Said,
    **how: Unpack[How],
) -> Json:
    """Say of an item what the values of properties are, in place of what was said before.

    Args:
        service: that is asked.
        caller: who asks.
        item: its id, IRI or name.
        values: by property, in words: one value, several, or None to take back what was said.
        how: as `How` says.

    Raises:
        UnknownName: naming what was not understood.
        ValueRefused: WW-ITEM-NOTHING, where nothing is said.
    """
    name = writable(caller, how.get("wardrobe"))
    workspace = service.workspace
    node = known_item(workspace.layer(name), item)
    if not values:
        raise ValueRefused("WW-ITEM-NOTHING", "It is not said what of the item is corrected.")
    edit = _corrected(service, name, node, values)
    return changed(service, name, edit, how, item=node.value)


def _corrected(service: Service, name: str, node: NamedNode, values: Said) -> Edit:
    known = service.workspace.names
    add: list[Quad] = []
    remove: list[Quad] = []
    told = []
    graph = graph_name(f"wardrobe/{name}", "asserted", "edits")
    for text, said in values.items():
        those = [said] if isinstance(said, str) else list(said or ())
        require_short([text], those)
        prop = find.property_of(known, text)
        _require_apart(prop)
        if prop in (TYPE, SCHEMA.name) and not those:
            raise ValueRefused("WW-ITEM-BARE", "An item has a kind and a name; give another one.")
        new = [find.value_of(known, prop, value) for value in those]
        add += [Quad(graph, Fact(node, prop, value)) for value in new]
        remove += _stated(service, name, node, prop)
        if new:
            # Once it is said there is nothing left to guess.
            owner = f"wardrobe/{name}"
            remove += edits.guessed_quads(service.workspace.state, owner, node, prop)
        to = ", ".join(curie(value) for value in new) or "nothing"
        told.append(f"set {curie(prop)} of {curie(node)} to {to}")
    patch = Patch(tuple(dict.fromkeys(add)), tuple(q for q in remove if q not in add))
    return Edit(patch, "; ".join(told), f"wardrobe/{name}")


def _require_apart(prop: NamedNode) -> None:
    """Refuse what is not said of an item: where it is, which picture shows it, what words mean."""
    if prop in (WW.inWardrobe, WW.inCatalogue):
        raise ValueRefused("WW-ITEM-HOME", "An item stays in the wardrobe that it is in.")
    if prop == SCHEMA.image:
        raise ValueRefused("WW-ITEM-PICTURE", "A picture is uploaded, not named.")
    if prop.value.startswith((OWL, RDFS)) and prop not in (RDFS.label, RDFS.comment):
        raise ValueRefused(
            "WW-ITEM-AXIOM",
            f"{curie(prop)} says what words mean, not how an item is.",
            hint="State it as a change of rules: it is tried before it is made.",
        )


def _stated(service: Service, name: str, node: NamedNode, prop: NamedNode) -> list[Quad]:
    owner = f"wardrobe/{name}"
    return [
        Quad(graph, fact)
        for graph, facts in service.workspace.state.graphs.items()
        if owner_of(graph)[:2] == (owner, "asserted")
        for fact in facts
        if fact.subject == node and fact.predicate == prop
    ]


def remove(
    service: Service,
    caller: Caller,
    item: str,
    **how: Unpack[How],
) -> Json:
    """Take an item out of the wardrobe; what it was worn with stays on record.

    Raises:
        UnknownName: WW-ITEM-UNKNOWN.
        NoAnswer: WW-ITEM-NOT-OWNED.
    """
    name = writable(caller, how.get("wardrobe"))
    workspace = service.workspace
    node = known_item(workspace.layer(name), item)
    edit = edits.remove_item(workspace.state, name, node)
    return changed(service, name, edit, how, item=node.value)
