"""Words for being of a kind: a coat, an anorak, trousers, footwear; and for kinds without a name.

A kind that the ontology names by nothing but what is of it (what has an elastic closure, what is
a hat or a cap) is called by that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wearwhy.rdf import OWL, NamedNode, Node, curie
from wearwhy.walk.graph import members

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names

_VALUES = (OWL.hasValue, OWL.someValuesFrom)
_MEMBERS = ((OWL.unionOf, "kind-any"), (OWL.intersectionOf, "kind-all"))


def being(named: Names, subject: Node | str, kind: Node) -> tuple[bool, str]:
    """Return whether a subject takes its verb in the plural as being of a kind, and as what it is.

    Args:
        named: what things are called.
        subject: what is of the kind; a variable's name where it is anything.
        kind: a class.
    """
    name = named.of(kind)
    if named.fits("plural", name):
        return True, named.a(kind)
    several = not isinstance(subject, str) and named.several(subject)
    if not several or named.fits("mass", name) or unnamed(named, kind):
        return several, named.a(kind)
    told = named.templates.get(f"several {curie(kind)}") if isinstance(kind, NamedNode) else None
    if told is not None:
        return True, told[named.language]
    return True, named.say("a-kind", name=named.say("kind-named", name=name))


def unnamed(named: Names, kind: Node) -> bool:
    """Return whether a kind is called by what is of it."""
    return isinstance(kind, NamedNode) and name_of(named, kind) is not None


def name_of(named: Names, kind: NamedNode) -> str | None:
    """Return what a kind is called that has no name of its own; None of any other."""
    if not _nameless(kind):
        return None
    layer = named.layer
    on = layer.value(kind, OWL.onProperty)
    value = next((v for p in _VALUES if (v := layer.value(kind, p)) is not None), None)
    # What is nameless in turn might be made of this very kind.
    if on is not None and value is not None and not _nameless(value):
        return named.say("kind-value", predicate=named.of(on), object=named.of(value))
    for predicate, between in _MEMBERS:
        those = members(layer, layer.value(kind, predicate))
        if those and not any(map(_nameless, those)):
            told = named.say(between).join(map(named.of, those))
            return named.say("kind-named", name=told)
    return None


def _nameless(kind: Node) -> bool:
    return isinstance(kind, NamedNode) and "/.well-known/genid/" in kind.value
