"""From what a person writes to the term that is meant: IRIs, compact names, labels, ids."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from wearwhy.errors import InputError, UnknownName, ValueRefused, nearest
from wearwhy.feeds.names import Names
from wearwhy.rdf import (
    PREFIXES,
    RDFS,
    SCHEMA,
    TYPE,
    WW,
    XSD,
    Fact,
    Literal,
    NamedNode,
    Node,
    curie,
    expand,
    literal,
)
from wearwhy.rules.layer import Layer

CLASSES = WW.Item


def looks_like_iri(text: str) -> bool:
    """Return whether a text is written as an IRI or with a known prefix."""
    prefix, colon, _ = text.partition(":")
    return "://" in text or text.startswith("<") or (bool(colon) and prefix in PREFIXES)


def item(layer: Layer, text: str) -> NamedNode:
    """Return the item that an IRI, a compact name, an id or a name means.

    Raises:
        UnknownName: WW-ITEM-UNKNOWN, with the nearest name.
        InputError: WW-ITEM-AMBIGUOUS, where several items have the name.
    """
    key = ("spelt", "item")
    spelt = layer.cache.get(key)
    if not isinstance(spelt, dict):
        held = [
            fact.subject
            for membership in (WW.inWardrobe, WW.inCatalogue)
            for fact in layer.match(None, membership, None)
            if isinstance(fact.subject, NamedNode)
        ]
        spelt = layer.cache[key] = _spelt(layer, dict.fromkeys(held))
    return _one(spelt, text, "item")


Spelt = dict[str, list[NamedNode]]


def _spelt(layer: Layer, known: Iterable[NamedNode]) -> Spelt:
    """Return things by what they are called: IRI, id, names and labels."""
    spelt: Spelt = {}
    for node in known:
        names = [node.value, node.value.rpartition("/")[2]]
        names += [
            o.value
            for predicate in (SCHEMA.name, RDFS.label)
            for o in layer.objects(node, predicate)
            if isinstance(o, Literal)
        ]
        for name in dict.fromkeys(n.casefold() for n in names):
            spelt.setdefault(name, []).append(node)
    return spelt


def _one(spelt: Spelt, text: str, what: str) -> NamedNode:
    key = (expand(text).value if looks_like_iri(text) else text).casefold().strip()
    found = spelt.get(key, [])
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"WW-{what.upper()}-AMBIGUOUS",
            f"'{text}' names {len(found)} {what}s.",
            hint="Use an id: " + ", ".join(sorted(curie(n) for n in found)) + ".",
        )
    near = nearest(key, spelt)
    raise UnknownName(
        f"WW-{what.upper()}-UNKNOWN",
        f"There is no {what} '{text}' here.",
        hint=f"Did you mean '{near}'?" if near else "Use an id or a label that the wardrobe has.",
        command="" if near else "`wearwhy query items` lists what there is.",
    )


def property_of(names: Names, text: str) -> NamedNode:
    """Return the property that an IRI, a compact name, a local name or a label means.

    Raises:
        UnknownName: WW-PROPERTY-UNKNOWN, with the nearest name.
    """
    if text in ("a", "type"):
        return TYPE
    if looks_like_iri(text):
        return expand(text)
    spelt: dict[str, NamedNode] = {}
    for node, about in names.facts.items():
        types = about.get(TYPE, ())
        if any(isinstance(t, NamedNode) and t.value.endswith("Property") for t in types):
            spelt.setdefault(node.value.rpartition("#")[2].rpartition("/")[2].casefold(), node)
            for label in about.get(RDFS.label, ()):
                if isinstance(label, Literal):
                    spelt.setdefault(label.value.casefold(), node)
    for name in ("name", "brand", "price", "size"):
        spelt.setdefault(name, SCHEMA[name])
    key = text.strip().casefold()
    if key in spelt:
        return spelt[key]
    near = nearest(key, spelt)
    raise UnknownName(
        "WW-PROPERTY-UNKNOWN",
        f"There is no property '{text}'.",
        hint=f"Did you mean '{near}'?" if near else "Use its label, such as 'material'.",
        command="" if near else "`wearwhy query properties` lists them.",
    )


def value_of(names: Names, prop: NamedNode, text: str) -> Node:
    """Return the value that a text means for a property: a concept, a class, or a literal.

    Raises:
        UnknownName: WW-VALUE-UNKNOWN, with the nearest name of the property's scheme.
        ValueRefused: WW-VALUE, where the text is not of the property's datatype.
    """
    if looks_like_iri(text):
        return expand(text)
    scope = CLASSES if prop == TYPE else names.scope(prop)
    if scope is not None:
        found = names.find(text, scope)
        if found is None:
            near = names.nearest(text, scope)
            if prop == TYPE:
                raise UnknownName(
                    "WW-CLASS-UNKNOWN",
                    f"'{text}' names no kind of garment, shoe or accessory.",
                    hint=f"Did you mean '{near}'?" if near else "Such as shirt, jeans or boots.",
                )
            raise UnknownName(
                "WW-VALUE-UNKNOWN",
                f"'{text}' is not a value of {curie(prop)}.",
                note=f"Its values are those of {curie(scope)}.",
                hint=f"Did you mean '{near}'?" if near else "",
            )
        return found
    return _literal(prop, text, names.datatype(prop))


def _literal(prop: NamedNode, text: str, datatype: NamedNode | None) -> Literal:
    def refuse(what: str) -> ValueRefused:
        return ValueRefused("WW-VALUE", f"'{text}' is not {what}, which {curie(prop)} takes.")

    if datatype == XSD.boolean:
        if text.casefold() not in ("true", "false", "yes", "no"):
            raise refuse("true or false")
        return Literal(text.casefold() in ("true", "yes"))
    if datatype == XSD.date:
        try:
            return Literal(date.fromisoformat(text).isoformat(), datatype=XSD.date)
        except ValueError:
            raise refuse("a date such as 2026-11-24") from None
    if datatype in (XSD.decimal, XSD.integer):
        try:
            number = float(text)
        except ValueError:
            raise refuse("a number") from None
        if number < 0:
            raise ValueRefused("WW-VALUE-NEGATIVE", f"{curie(prop)} cannot be negative: {text}.")
        return literal(int(number)) if datatype == XSD.integer else literal(number)
    return Literal(text)


def term(layer: Layer, names: Names, text: str) -> Node:
    """Return any term: an item, a concept or a class by label, an IRI, or a quoted literal.

    Raises:
        UnknownName: WW-TERM-UNKNOWN.
    """
    if text[:1] in "\"'" and len(text) > 1:
        return Literal(text[1:-1])
    if looks_like_iri(text):
        return expand(text)
    try:
        return item(layer, text)
    except UnknownName as error:
        for scope in sorted(names.index, key=str):
            found = names.find(text, scope)
            if found is not None:
                return found
        raise UnknownName(
            "WW-TERM-UNKNOWN",
            f"'{text}' names nothing in this graph.",
            hint=error.hint,
            command=error.command,
        ) from error


def fact(layer: Layer, names: Names, subject: str, predicate: str, obj: str) -> Fact:
    """Return the fact that three texts mean.

    Raises:
        UnknownName: where one of them names nothing.
    """
    prop = property_of(names, predicate)
    what = term(layer, names, subject)
    if looks_like_iri(obj) or obj[:1] in "\"'":
        return Fact(what, prop, _as_stated(layer, what, prop, term(layer, names, obj)))
    candidates = [o for o in layer.objects(what, prop) if isinstance(o, Literal) and o.value == obj]
    if candidates:
        return Fact(what, prop, candidates[0])
    if prop == TYPE or names.scope(prop) is not None or names.datatype(prop) is not None:
        return Fact(what, prop, value_of(names, prop, obj))
    return Fact(what, prop, term(layer, names, obj))


def _as_stated(layer: Layer, subject: Node, predicate: NamedNode, value: Node) -> Node:
    """Return a quoted literal with the datatype or language it has in the graph."""
    if isinstance(value, Literal):
        for known in layer.objects(subject, predicate):
            if isinstance(known, Literal) and known.value == value.value:
                return known
    return value
