"""What a workspace holds at one revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wearwhy.errors import InputError, nearest
from wearwhy.rdf import RDF, WW, Fact, Literal, NamedNode, Triple
from wearwhy.rules.descriptions import read
from wearwhy.rules.model import Rule
from wearwhy.store.database import Store
from wearwhy.store.quads import GRAPHS, Quad

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
    """Return a state after a patch, at a revision (the same one, if none is given).

    A graph that the patch does not touch stays the same object.
    """
    touched: dict[NamedNode, dict[Fact, None]] = {}

    def facts_of(graph: NamedNode) -> dict[Fact, None]:
        if graph not in touched:
            touched[graph] = dict.fromkeys(state.graphs.get(graph, ()))
        return touched[graph]

    for quad in remove:
        facts_of(quad.graph).pop(quad.fact, None)
    for quad in add:
        facts_of(quad.graph).setdefault(quad.fact)
    graphs = {**state.graphs, **{graph: tuple(facts) for graph, facts in touched.items()}}
    number = state.revision if revision is None else revision
    return State(number, {graph: facts for graph, facts in graphs.items() if facts})


def asserted(state: State, owner: str) -> tuple[Fact, ...]:
    """Return an owner's asserted facts, each once."""
    return tuple(dict.fromkeys(f for facts in state.of(owner, "asserted").values() for f in facts))


def guesses_in(facts: Iterable[Fact]) -> dict[Fact, float]:
    """Return the guesses that a graph reifies, with their probabilities."""
    said: dict[object, Fact] = {}
    sure: dict[object, float] = {}
    for fact in facts:
        if fact.predicate == RDF.reifies and isinstance(fact.object, Triple):
            triple = fact.object
            said[fact.subject] = Fact(triple.subject, triple.predicate, triple.object)
        elif fact.predicate == WW.probability:
            assert isinstance(fact.object, Literal)
            sure[fact.subject] = float(fact.object.value)
    return {said[node]: probability for node, probability in sure.items() if node in said}


def predicted(state: State, owner: str) -> tuple[tuple[Fact, float], ...]:
    """Return an owner's guesses with their probabilities."""
    found: dict[Fact, float] = {}
    for facts in state.of(owner, "predicted").values():
        found |= guesses_in(facts)
    return tuple(sorted(found.items(), key=lambda pair: [str(part) for part in pair[0]]))


def text_in(facts: Iterable[Fact]) -> str | None:
    """Return the rule text that a graph holds."""
    texts = [f.object for f in facts if f.predicate == WW.text]
    return texts[0].value if texts and isinstance(texts[0], Literal) else None


def rule_texts(state: State, owner: str) -> dict[str, str]:
    """Return the applied rule texts of an owner by topic."""
    texts = {topic: text_in(facts) for topic, facts in state.of(owner, "rules").items()}
    return {topic: text for topic, text in texts.items() if text is not None}


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


def wardrobe_meant(state: State, usual: str, name: str | None = None) -> str:
    """Return the wardrobe that is meant: the named one, the usual one, or the only one.

    Raises:
        InputError: WW-WARDROBE-NONE, WW-WARDROBE-WHICH.
    """
    known = state.owners("wardrobe")
    chosen = name or (usual if usual in known else "")
    if not chosen and len(known) > 1:
        raise InputError(
            "WW-WARDROBE-WHICH",
            f"This workspace has {len(known)} wardrobes.",
            hint="Say which: --wardrobe " + ", --wardrobe ".join(known) + ".",
        )
    chosen = chosen or (known[0] if known else usual)
    require_wardrobe(state, chosen)
    return chosen
