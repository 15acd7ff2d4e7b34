"""The verbs that change a wardrobe, each as a patch that can be looked at before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from wearwhy.errors import InputError, NoAnswer, ValueRefused
from wearwhy.feeds.words import slug
from wearwhy.rdf import (
    ID,
    OWL,
    RDF,
    SCHEMA,
    TYPE,
    WW,
    Fact,
    Literal,
    NamedNode,
    Node,
    Triple,
    curie,
)
from wearwhy.store.quads import Patch, Quad, canonical, graph_name, order
from wearwhy.store.skolem import skolemise
from wearwhy.wearer.log import name_of, opinion_facts, wash_facts, wear_facts
from wearwhy.workspace.state import State, owner_of, predicted


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that has not been made.

    Attributes:
        patch: what comes and goes.
        message: what it does, in words.
        scope: to whom.
        photographs: the folder in which the photographs lie that it names, where it names any.
    """

    patch: Patch
    message: str
    scope: str
    photographs: Path | None = None


def several(n: int, what: str) -> str:
    """Return how many there are of something that English makes several with an s: `1 item`."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def settled(state: State, edit: Edit) -> Edit:
    """Return an edit as a commit to that state would record it: named nodes, and what is new.

    Adding what is there and removing what is not are left out; literals stand in the form that
    the store gives back.
    """
    held: dict[NamedNode, frozenset[Fact]] = {}

    def there(quad: Quad) -> bool:
        if quad.graph not in held:
            held[quad.graph] = frozenset(state.graphs.get(quad.graph, ()))
        return quad.fact in held[quad.graph]

    add = dict.fromkeys(canonical(quad) for quad in skolemise(edit.patch.add))
    remove = dict.fromkeys(canonical(quad) for quad in edit.patch.remove)
    patch = Patch(
        tuple(sorted((q for q in add if not there(q)), key=order)),
        tuple(sorted((q for q in remove if q not in add and there(q)), key=order)),
    )
    return replace(edit, patch=patch)


def _own(name: str, source: str) -> NamedNode:
    return graph_name(f"wardrobe/{name}", "asserted", source)


def _add(name: str, source: str, facts: Iterable[Fact], message: str) -> Edit:
    graph = _own(name, source)
    return Edit(Patch(add=tuple(Quad(graph, f) for f in facts)), message, f"wardrobe/{name}")


def add_item(
    state: State,
    name: str,
    cls: NamedNode,
    label: str,
    facts: Sequence[tuple[NamedNode, Node]],
    *,
    base: str = str(ID),
) -> Edit:
    """Return the edit that adds an item to a wardrobe.

    Raises:
        InputError: WW-ITEM-EXISTS, where the wardrobe has an item of that id.
        ValueRefused: WW-ITEM-NAME, a name without a letter or a digit.
    """
    if not slug(label):
        raise ValueRefused(
            "WW-ITEM-NAME",
            f"'{label}' is no name for an item.",
            note="Its id is made of the letters and digits of its name.",
            hint="Say in a word or two what it is, such as 'Red scarf'.",
        )
    node = NamedNode(f"{base}{name}/{slug(label)}")
    taken = {
        f.subject for facts_ in state.of(f"wardrobe/{name}", "asserted").values() for f in facts_
    }
    if node in taken:
        raise InputError(
            "WW-ITEM-EXISTS",
            f"There is already an item {curie(node)}.",
            hint="Give it another name, or change the one that there is.",
            command="`wearwhy set` changes it.",
        )
    said: list[tuple[NamedNode, Node]] = [
        (TYPE, cls),
        (SCHEMA.name, Literal(label)),
        (WW.inWardrobe, NamedNode(f"{base}wardrobe/{name}")),
        *facts,
    ]
    new = [Fact(node, predicate, value) for predicate, value in said]
    return _add(name, "edits", new, f"add {label}")


def set_value(state: State, name: str, item: NamedNode, prop: NamedNode, value: Node) -> Edit:
    """Return the edit that gives an item one value of a property.

    It comes in place of what was asserted, and of what was guessed: nothing is left to guess.
    """
    owner = f"wardrobe/{name}"
    old = [
        Quad(graph, fact)
        for graph, facts in state.graphs.items()
        if owner_of(graph)[:2] == (owner, "asserted")
        for fact in facts
        if fact.subject == item and fact.predicate == prop
    ]
    old += guessed_quads(state, owner, item, prop)
    new = Quad(_own(name, "edits"), Fact(item, prop, value))
    patch = Patch(add=(new,), remove=tuple(q for q in old if q != new))
    return Edit(patch, f"set {curie(prop)} of {curie(item)} to {curie(value)}", owner)


def remove_item(state: State, name: str, item: NamedNode) -> Edit:
    """Return the edit that takes an item out of a wardrobe, with what was asserted of it.

    What it was worn with stays: the log is history.

    Raises:
        NoAnswer: WW-ITEM-NOT-OWNED, where the wardrobe asserts nothing of it.
    """
    owner = f"wardrobe/{name}"
    old = [
        Quad(graph, fact)
        for graph, facts in state.graphs.items()
        if owner_of(graph)[0] == owner
        for fact in facts
        if fact.subject == item or _about(fact, item)
    ]
    if not old:
        raise NoAnswer("WW-ITEM-NOT-OWNED", f"The wardrobe '{name}' says nothing of {curie(item)}.")
    guesses = {q.fact.subject for q in old if q.fact.predicate == RDF.reifies}
    old += [
        Quad(graph, fact)
        for graph, facts in state.graphs.items()
        if owner_of(graph)[:2] == (owner, "predicted")
        for fact in facts
        if fact.subject in guesses
    ]
    return Edit(Patch(remove=tuple(dict.fromkeys(old))), f"remove {curie(item)}", owner)


def _about(fact: Fact, item: NamedNode) -> bool:
    return isinstance(fact.object, Triple) and fact.object.subject == item


def wore(
    name: str,
    items: Sequence[NamedNode],
    on: date,
    occasions: Sequence[NamedNode],
    wearer: NamedNode | None,
) -> Edit:
    """Return the edit that records what was worn on a day."""
    facts = wear_facts(items, on, occasions=occasions, wearer=wearer)
    return _add(name, "log", facts, f"wore {several(len(items), 'item')} on {on}")


def wash(state: State, name: str, items: Sequence[NamedNode], on: date) -> Edit:
    """Return the edit that records a wash: the items are fresh again."""
    said = [
        Quad(g, fact)
        for g, facts in state.graphs.items()
        if owner_of(g)[:2] == (f"wardrobe/{name}", "asserted")
        for fact in facts
        if fact.subject in items and fact.predicate == WW.cleanliness
    ]
    fresh = {item: Fact(item, WW.cleanliness, WW["cleanliness-fresh"]) for item in items}
    stale = [quad for quad in said if quad.fact not in fresh.values()]
    held = {quad.fact for quad in said}
    washed = [Quad(_own(name, "log"), fact) for fact in wash_facts(items, on)]
    again = [Quad(_own(name, "edits"), fact) for fact in fresh.values() if fact not in held]
    patch = Patch(add=(*washed, *again), remove=tuple(stale))
    return Edit(patch, f"wash {several(len(items), 'item')}", f"wardrobe/{name}")


def opine(
    name: str,
    about: NamedNode,
    strength: float,
    on: date,
    wearer: NamedNode | None,
    *,
    given_as: NamedNode | None = None,
) -> Edit:
    """Return the edit that records a like (positive) or dislike (negative), or how it was shown.

    Raises:
        ValueRefused: WW-STRENGTH, outside −1 … 1.
    """
    if not -1.0 <= strength <= 1.0:
        raise ValueRefused("WW-STRENGTH", f"A strength lies between -1 and 1, not {strength:g}.")
    verb = "like" if strength > 0 else "dislike"
    if given_as is not None:
        verb = given_as.value.rpartition("-")[2]
    facts = opinion_facts(about, strength, on, wearer=wearer, given_as=given_as)
    return _add(name, "log", facts, f"{verb} {curie(about)}")


def guess_quads(state: State, owner: str, fact: Fact) -> list[Quad]:
    """Return what is kept of a guess; nothing, where an owner has no such guess."""
    nodes = {
        f.subject
        for facts in state.of(owner, "predicted").values()
        for f in facts
        if f.predicate == RDF.reifies
        and isinstance(f.object, Triple)
        and (f.object.subject, f.object.predicate, f.object.object) == tuple(fact)
    }
    return [
        Quad(graph, f)
        for graph, facts in state.graphs.items()
        if owner_of(graph)[:2] == (owner, "predicted")
        for f in facts
        if f.subject in nodes
    ]


def guessed_quads(state: State, owner: str, item: NamedNode, prop: NamedNode) -> list[Quad]:
    """Return what is kept of the guesses of a property of an item."""
    return [
        quad
        for guess, _ in predicted(state, owner)
        if guess.subject == item and guess.predicate == prop
        for quad in guess_quads(state, owner, guess)
    ]


def confirm(state: State, name: str, fact: Fact) -> Edit:
    """Return the edit that makes a guess an asserted fact.

    Raises:
        NoAnswer: WW-GUESS-NONE, where it is not a guess of this wardrobe.
    """
    old = _require_guess(state, name, fact)
    new = Quad(_own(name, "confirmed"), fact)
    patch = Patch(add=(new,), remove=tuple(old))
    return Edit(patch, f"confirm {_words(fact)}", f"wardrobe/{name}")


def denial_facts(fact: Fact) -> tuple[Fact, ...]:
    """Return the negative property assertion that denies a fact."""
    node = name_of("denial", *fact)
    return (
        Fact(node, TYPE, OWL.NegativePropertyAssertion),
        Fact(node, OWL.sourceIndividual, fact.subject),
        Fact(node, OWL.assertionProperty, fact.predicate),
        Fact(node, OWL.targetIndividual, fact.object),
    )


def reject(state: State, name: str, fact: Fact) -> Edit:
    """Return the edit that denies a guess, so that no model proposes it again.

    Raises:
        NoAnswer: WW-GUESS-NONE, where it is not a guess of this wardrobe.
    """
    old = _require_guess(state, name, fact)
    graph = _own(name, "confirmed")
    patch = Patch(add=tuple(Quad(graph, f) for f in denial_facts(fact)), remove=tuple(old))
    return Edit(patch, f"reject {_words(fact)}", f"wardrobe/{name}")


def _require_guess(state: State, name: str, fact: Fact) -> list[Quad]:
    found = guess_quads(state, f"wardrobe/{name}", fact)
    if not found:
        raise NoAnswer(
            "WW-GUESS-NONE",
            f"'{_words(fact)}' is not a guess in the wardrobe '{name}'.",
            hint="`wearwhy guesses list` shows them.",
        )
    return found


def _words(fact: Fact) -> str:
    return " ".join(curie(part) for part in fact)
