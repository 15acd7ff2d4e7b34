"""What a workspace holds at one revision, and the closed layers over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wearwhy.errors import InputError, nearest
from wearwhy.rdf import RDF, WW, Fact, Literal, NamedNode, Triple
from wearwhy.rules.descriptions import read
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.store.database import Store
from wearwhy.store.quads import GRAPHS, Quad
from wearwhy.workspace.bundle import Bundle, ontology_layer

Graph = tuple[str, str, str]


def owner_of(graph: NamedNode) -> Graph:
    """Return the owner (`base`, `wardrobe/N`, `catalogue/N`), kind and source of a graph."""
    parts = graph.value.removeprefix(GRAPHS).split("/")
    head = 1 if parts[0] == "base" else 2
    return "/".join(parts[:head]), parts[head], "/".join(parts[head + 1 :])


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Every fact at rest, by graph, at one revision."""

    revision: int
    graphs: Mapping[NamedNode, tuple[Fact, ...]]

    def of(self, owner: str, kind: str) -> dict[str, tuple[Fact, ...]]:
        """Return an owner's facts of one kind, by source."""
        found = {}
        for graph, facts in self.graphs.items():
            who, what, source = owner_of(graph)
            if who == owner and what == kind:
                found[source] = facts
        return dict(sorted(found.items()))

    def owners(self, kind: str) -> list[str]:
        """Return the names of the wardrobes, or of the catalogues, that hold something."""
        owners = {owner_of(graph)[0] for graph in self.graphs}
        return sorted(o.removeprefix(kind + "/") for o in owners if o.startswith(kind + "/"))

    def where(self, fact: Fact, owners: Iterable[str]) -> list[NamedNode]:
        """Return the asserted graphs of some owners that hold a fact."""
        wanted = set(owners)
        return [
            graph
            for graph, facts in self.graphs.items()
            if owner_of(graph)[0] in wanted and owner_of(graph)[1] == "asserted" and fact in facts
        ]


def read_state(store: Store) -> State:
    """Return what an open store holds."""
    graphs = {graph: tuple(store.facts(graph)) for graph in store.graphs()}
    return State(store.revision, graphs)


def patched(
    state: State, add: Iterable[Quad], remove: Iterable[Quad], revision: int | None = None
) -> State:
    """Return a state after a patch, at a revision (the same one, if none is given)."""
    graphs = {graph: dict.fromkeys(facts) for graph, facts in state.graphs.items()}
    for quad in remove:
        graphs.get(quad.graph, {}).pop(quad.fact, None)
    for quad in add:
        graphs.setdefault(quad.graph, {})[quad.fact] = None
    number = state.revision if revision is None else revision
    return State(number, {g: tuple(facts) for g, facts in graphs.items() if facts})


def asserted(state: State, owner: str) -> tuple[Fact, ...]:
    """Return an owner's asserted facts, each once."""
    return tuple(dict.fromkeys(f for facts in state.of(owner, "asserted").values() for f in facts))


def predicted(state: State, owner: str) -> tuple[tuple[Fact, float], ...]:
    """Return an owner's guesses with their probabilities."""
    found: dict[Fact, float] = {}
    for facts in state.of(owner, "predicted").values():
        said: dict[object, Fact] = {}
        for fact in facts:
            if fact.predicate == RDF.reifies and isinstance(fact.object, Triple):
                triple = fact.object
                said[fact.subject] = Fact(triple.subject, triple.predicate, triple.object)
        for fact in facts:
            if fact.predicate == WW.probability and fact.subject in said:
                assert isinstance(fact.object, Literal)
                found[said[fact.subject]] = float(fact.object.value)
    return tuple(sorted(found.items(), key=lambda pair: [str(part) for part in pair[0]]))


def rule_texts(state: State, owner: str) -> dict[str, str]:
    """Return the applied rule texts of an owner by topic."""
    found = {}
    for topic, facts in state.of(owner, "rules").items():
        texts = [f.object for f in facts if f.predicate == WW.text]
        if texts and isinstance(texts[0], Literal):
            found[topic] = texts[0].value
    return found


def rules_of(texts: Mapping[str, str], folder: Path) -> tuple[Rule, ...]:
    """Return the rules of applied texts.

    Raises:
        RuleError: where a text does not parse; applied texts were checked, so only a newer
            engine can meet this.
    """
    rules: list[Rule] = []
    for topic, text in texts.items():
        found = read(text, str(folder / f"{topic}.srl"))
        if found.errors:
            raise found.errors[0]
        rules += found.rules
    return tuple(rules)


@dataclass(slots=True)
class Layers:
    """The closed layers of a workspace, kept while what they rest on stays the same."""

    bundle: Bundle
    folder: Path
    _base: tuple[object, Layer] | None = None
    _wardrobes: dict[str, tuple[object, Layer]] = field(default_factory=dict)

    def base(self, state: State) -> Layer:
        """Return the ontology with the base's rules and every catalogue, closed once."""
        shops = [f"catalogue/{name}" for name in state.owners("catalogue")]
        texts = rule_texts(state, "base")
        facts = tuple(
            dict.fromkeys(f for owner in ("base", *shops) for f in asserted(state, owner))
        )
        guesses = tuple(g for owner in ("base", *shops) for g in predicted(state, owner))
        key = (facts, guesses, tuple(texts.items()))
        if self._base is None or self._base[0] != key:
            change = Change(
                add=facts, predict=guesses, rules_add=rules_of(texts, self.folder / "rules")
            )
            root = ontology_layer(self.bundle)
            layer = root.child(change) if facts or guesses or texts else root
            self._base = (key, layer)
            self._wardrobes.clear()
        return self._base[1]

    def wardrobe(self, state: State, name: str) -> Layer:
        """Return a wardrobe: a thin overlay on the base with its own facts, guesses and rules."""
        base = self.base(state)
        owner = f"wardrobe/{name}"
        facts, guesses = asserted(state, owner), predicted(state, owner)
        texts = rule_texts(state, owner)
        key = (facts, guesses, tuple(texts.items()))
        found = self._wardrobes.get(name)
        if found is None or found[0] != key:
            rules = rules_of(texts, self.folder / "rules" / "wardrobe" / name)
            layer = base.child(Change(add=facts, predict=guesses, rules_add=rules))
            found = self._wardrobes[name] = (key, layer)
        return found[1]


def require_wardrobe(state: State, name: str) -> None:
    """Refuse the name of a wardrobe that holds nothing.

    Raises:
        InputError: WW-WARDROBE-NONE, with the nearest name.
    """
    known = state.owners("wardrobe")
    if name not in known:
        near = nearest(name, known)
        raise InputError(
            "WW-WARDROBE-NONE",
            f"There is no wardrobe '{name}' in this workspace.",
            hint=f"Did you mean '{near}'?"
            if near
            else "Load one: wearwhy load FILE --as wardrobe --into wardrobe:NAME."
            if not known
            else "Known: " + ", ".join(known) + ".",
        )
