"""Wearers of a workspace: found by their id or name, and the edit that says something of one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wearwhy.errors import InputError, UnknownName, ValueRefused, nearest
from wearwhy.feeds.names import Names
from wearwhy.feeds.words import slug
from wearwhy.rdf import SCHEMA, WW, Literal, NamedNode, curie, expand
from wearwhy.rules.layer import Layer
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.wearer.profile import Profile, profile_facts, wearers
from wearwhy.workspace import find
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.state import State, owner_of

SLOTS = WW["slot-scheme"]
PARTS = WW["body-part-scheme"]
HEMISPHERES = WW["hemisphere-scheme"]
SHOWN = 12
"""So many of the concepts that could be meant are told."""
# Beyond what people feel air to differ by.
WARMEST = 15.0
# What a profile says once: a new word takes the place of the old one.
SINGLE = (SCHEMA.name, WW.warmthOffset, WW.hemisphere)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a wearer, in words.

    Attributes:
        name: what they are called.
        sizes: `SLOT=SIZE`, or `SLOT=SIZE,SIZE`; a slot's sizes take the place of those said before.
        covered: labels of parts of the body.
        warmth: a warmth offset in degrees.
        hemisphere: a label.
        dislikes, never: items, kinds and values by label.
    """

    name: str | None = None
    sizes: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    warmth: float | None = None
    hemisphere: str | None = None
    dislikes: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is said."""
        return self != Said()


def wearer(layer: Layer, text: str) -> NamedNode:
    """Return the wearer that an IRI, an id or a name means.

    Raises:
        UnknownName: WW-WEARER-UNKNOWN, with the nearest name.
    """
    if find.looks_like_iri(text):
        return expand(text)
    spelt: dict[str, NamedNode] = {}
    for node in wearers(layer):
        spelt.setdefault(node.value.rpartition("/")[2].casefold(), node)
        for name in layer.objects(node, SCHEMA.name):
            if isinstance(name, Literal):
                spelt.setdefault(name.value.casefold(), node)
    found = spelt.get(text.strip().casefold())
    if found is not None:
        return found
    near = nearest(text.casefold(), spelt)
    raise UnknownName(
        "WW-WEARER-UNKNOWN",
        f"There is no wearer '{text}' here.",
        hint=f"Did you mean '{near}'?" if near else "Say something of them first, such as a size.",
        command="" if near else f"wearwhy wearer {text} --size top=M",
    )


def new_wearer(layer: Layer, text: str, base: str) -> NamedNode:
    """Return the wearer that a text means, or the node that a new one gets.

    Raises:
        ValueRefused: WW-WEARER-NAME, a name without a letter or a digit.
    """
    try:
        return wearer(layer, text)
    except UnknownName:
        if not slug(text):
            raise ValueRefused(
                "WW-WEARER-NAME",
                f"'{text}' is no name for a wearer.",
                note="Their id is made of the letters and digits of the name.",
            ) from None
        return NamedNode(f"{base}wearer/{slug(text)}")


def profile(layer: Layer, names: Names, said: Said) -> Profile:
    """Return what words say as a profile.

    Raises:
        InputError: WW-WEARER-SIZE, where a size is no `SLOT=SIZE`.
        UnknownName: naming what was not understood.
        ValueRefused: WW-WEARER-WARMTH, a warmth offset beyond 15 degrees.
    """
    sizes: dict[NamedNode, list[str]] = {}
    for text in said.sizes:
        slot, equals, size = text.partition("=")
        those = [one.strip() for one in size.split(",") if one.strip()]
        if not equals or not those:
            raise InputError(
                "WW-WEARER-SIZE",
                f"'{text}' is no size of a slot.",
                hint="Write the slot, = and the size, such as top=M or feet=38,39.",
            )
        sizes.setdefault(_concept(names, slot, SLOTS, "slot"), []).extend(those)
    if said.warmth is not None and not abs(said.warmth) <= WARMEST:
        raise ValueRefused(
            "WW-WEARER-WARMTH",
            f"A warmth offset lies between -15 and 15 degrees, not {said.warmth:g}.",
            note="It says by how many degrees the air feels warmer than it is.",
        )
    hemisphere = said.hemisphere
    return Profile(
        name=said.name,
        sizes=sizes,
        covered=tuple(_concept(names, t, PARTS, "part of the body") for t in said.covered),
        warmth=said.warmth,
        hemisphere=_concept(names, hemisphere, HEMISPHERES, "hemisphere") if hemisphere else None,
        dislikes=tuple(_thing(layer, names, text) for text in said.dislikes),
        never=tuple(_thing(layer, names, text) for text in said.never),
    )


def _concept(names: Names, text: str, scheme: NamedNode, what: str) -> NamedNode:
    if find.looks_like_iri(text):
        return expand(text)
    found = names.find(text.strip(), scheme)
    if found is None:
        near = names.nearest(text, scheme)
        raise UnknownName(
            "WW-CONCEPT-UNKNOWN",
            f"'{text}' is no {what}.",
            hint=f"Did you mean '{near}'?" if near else known_of(names, scheme),
        )
    return found


def known_of(names: Names, scheme: NamedNode) -> str:
    """Return the concepts of a scheme as a hint, the first of them where there are many."""
    members = names.members(scheme)
    more = " …" if len(members) > SHOWN else "."
    return "Known: " + ", ".join(names.label(one) for one in members[:SHOWN]) + more


def _thing(layer: Layer, names: Names, text: str) -> NamedNode:
    found = find.term(layer, names, text)
    if not isinstance(found, NamedNode):
        raise InputError("WW-OPINION-ABOUT", f"'{text}' is a text; name an item or a concept.")
    return found


def say(state: State, name: str, node: NamedNode, said: Profile) -> Edit:
    """Return the edit that says something of a wearer, in place of what was said before.

    Of a name, a warmth offset, a hemisphere and the sizes of a slot there is one word; everything
    else is said besides.

    Args:
        state: of the workspace.
        name: the wardrobe that keeps it.
        node: the wearer.
        said: of them.
    """
    owner = f"wardrobe/{name}"
    new = profile_facts(node, said)
    once = {fact.predicate for fact in new if fact.predicate in SINGLE}
    nodes = {fact.subject for fact in new if fact.predicate == SCHEMA["size"]}
    old = [
        Quad(graph, fact)
        for graph, facts in state.graphs.items()
        if owner_of(graph)[:2] == (owner, "asserted")
        for fact in facts
        if (fact.subject == node and fact.predicate in once)
        or (fact.subject in nodes and fact.predicate == SCHEMA["size"])
    ]
    graph = graph_name(owner, "asserted", "wearers")
    add = tuple(Quad(graph, fact) for fact in new)
    patch = Patch(add=add, remove=tuple(q for q in old if q not in add))
    return Edit(patch, f"describe {curie(node)}", owner)


def forget(state: State, name: str, node: NamedNode) -> Edit:
    """Return the edit that takes back everything that was said of a wearer."""
    owner = f"wardrobe/{name}"
    held = [
        Quad(graph, fact)
        for graph, facts in state.graphs.items()
        if owner_of(graph)[:2] == (owner, "asserted")
        for fact in facts
    ]
    own = {q.fact.object for q in held if q.fact.subject == node and q.fact.predicate == WW.sizing}
    gone = tuple(q for q in held if q.fact.subject == node or q.fact.subject in own)
    return Edit(Patch(remove=gone), f"forget {curie(node)}", owner)


def named(layer: Layer, node: NamedNode, said: Said, text: str) -> Said:
    """Return what is said of a wearer; a new one is called as they are first spoken of."""
    known = bool(layer.objects(node, SCHEMA.name))
    return said if said.name or known else replace(said, name=text)
