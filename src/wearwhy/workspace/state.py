"""What a workspace holds at one revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from wearwhy.errors import InputError
from wearwhy.rdf import RDF, WW, BlankNode, Fact, Literal, NamedNode, Node, Triple
from wearwhy.rules.descriptions import read
from wearwhy.rules.model import Rule
from wearwhy.store.database import Store
from wearwhy.store.quads import GRAPHS, Quad
from wearwhy.workspace.atrest import AtRest, Facts, Held, fits

Graph = tuple[str, str, str]
WARDROBE: Final = "wardrobe/"
FEW: Final = 64
"""So many wardrobes are read when a workspace is opened; of more, each when it is asked for."""


@lru_cache(maxsize=1 << 16)
def owner_of(graph: NamedNode) -> Graph:
    """Return the owner (`base`, `wardrobe/N`, `catalogue/N`), kind and source of a graph."""
    parts = graph.value.removeprefix(GRAPHS).split("/")
    head = 1 if parts[0] == "base" else 2
    return "/".join(parts[:head]), parts[head], "/".join(parts[head + 1 :])


class Owned(dict[str, tuple[NamedNode, ...]]):
    """The graphs of each owner."""

    @classmethod
    def of(cls, graphs: Iterable[NamedNode]) -> Owned:
        """Return graphs by their owner, in the order given."""
        found: dict[str, list[NamedNode]] = {}
        for graph in graphs:
            found.setdefault(owner_of(graph)[0], []).append(graph)
        return cls((owner, tuple(those)) for owner, those in found.items())

    def changed(self, touched: Iterable[NamedNode], graphs: Mapping[NamedNode, Facts]) -> Owned:
        """Return the graphs of each owner after some of them came, went or changed."""
        found = Owned(self)
        for graph in touched:
            owner = owner_of(graph)[0]
            held = found.get(owner, ())
            if graph in graphs:
                found[owner] = held if graph in held else (*held, graph)
            else:
                found[owner] = tuple(one for one in held if one != graph)
                if not found[owner]:
                    del found[owner]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Every fact at rest, by graph, at one revision.

    Attributes:
        revision: its number.
        graphs: the facts of each, some of them read when they are first asked for.
        rest: where those are read; None, where all are in memory.
    """

    revision: int
    graphs: Mapping[NamedNode, Facts]
    _owned: list[Owned] = field(default_factory=list)
    rest: AtRest | None = None

    @property
    def size(self) -> int:
        """How many facts are in memory."""
        every = self.graphs.values()
        return sum(len(facts) for facts in every if not isinstance(facts, Held) or facts.read)

    @property
    def owned(self) -> Owned:
        """The graphs of each owner: found once, for there may be thousands."""
        if not self._owned:
            self._owned.append(Owned.of(self.graphs))
        return self._owned[0]

    def of(self, owner: str, kind: str) -> dict[str, Facts]:
        """Return an owner's facts of one kind, by source."""
        found = {}
        for graph in self.owned.get(owner, ()):
            _, what, source = owner_of(graph)
            if what == kind:
                found[source] = self.graphs[graph]
        return dict(sorted(found.items()))

    def owners(self, kind: str) -> list[str]:
        """Return the names of the wardrobes, or of the catalogues, that hold something."""
        return sorted(o.removeprefix(kind + "/") for o in self.owned if o.startswith(kind + "/"))

    def owns(self, owner: str) -> bool:
        """Return whether an owner, such as `wardrobe/mine`, holds something."""
        return owner in self.owned

    def matching(
        self,
        subject: NamedNode | BlankNode | None = None,
        predicate: NamedNode | None = None,
        value: Node | None = None,
        *,
        of: str | None = None,
        kind: str | None = "asserted",
    ) -> Iterator[Quad]:
        """Yield the facts at rest that have some terms, reading no more than those.

        Args:
            subject: None: any; as the others.
            predicate: the property.
            value: the object.
            of: the owner whose they are, if it matters whose.
            kind: of the graphs they stand in; None: any.
        """
        terms = (subject, predicate, value)
        owned = self.graphs if of is None else self.owned.get(of, ())
        graphs = [graph for graph in owned if kind is None or owner_of(graph)[1] == kind]
        later = self._unread(graphs)
        for graph in graphs:
            if graph not in later:
                facts = self.graphs[graph]
                yield from (Quad(graph, fact) for fact in facts if fits(fact, terms))
        if self.rest is not None and later:
            yield from self.rest.matching(terms, later)

    def where(self, fact: Fact, owners: Iterable[str]) -> list[NamedNode]:
        """Return the asserted graphs of some owners that hold a fact."""
        graphs = [
            graph
            for owner in dict.fromkeys(owners)
            for graph in self.owned.get(owner, ())
            if owner_of(graph)[1] == "asserted"
        ]
        subject, later = fact.subject, self._unread(graphs)
        found = set[NamedNode]()
        if self.rest is not None and later and isinstance(subject, NamedNode | BlankNode):
            of = (subject, fact.predicate, fact.object)
            found = {quad.graph for quad in self.rest.matching(of, later)}
        return [g for g in graphs if (g in found if g in later else fact in self.graphs[g])]

    def _unread(self, graphs: Iterable[NamedNode]) -> dict[NamedNode, Held]:
        said = ((graph, self.graphs[graph]) for graph in graphs)
        return {g: facts for g, facts in said if isinstance(facts, Held) and not facts.read}


def read_state(store: Store) -> State:
    """Return what an open store holds; of many wardrobes each when it is asked for."""
    rest, names = AtRest(store), store.graphs()
    wardrobes = {owner_of(graph)[0] for graph in names if owner_of(graph)[0].startswith(WARDROBE)}
    later = wardrobes if len(wardrobes) > FEW else frozenset()

    def facts(graph: NamedNode) -> Facts:
        owner = owner_of(graph)[0]
        return rest.held(graph, owner) if owner in later else rest.facts(graph)

    return State(store.revision, {graph: facts(graph) for graph in names}, rest=rest)


def patched(
    state: State, add: Iterable[Quad], remove: Iterable[Quad], revision: int | None = None
) -> State:
    """Return a state after a patch, at a revision (the same one, if none is given).

    A graph that the patch does not touch stays the same object.
    """
    touched: dict[NamedNode, dict[Fact, None]] = {}

    def facts_of(graph: NamedNode) -> dict[Fact, None]:
        if graph not in touched:
            facts = state.graphs.get(graph, ())
            touched[graph] = dict.fromkeys(facts.keep() if isinstance(facts, Held) else facts)
        return touched[graph]

    for quad in remove:
        facts_of(quad.graph).pop(quad.fact, None)
    for quad in add:
        facts_of(quad.graph).setdefault(quad.fact)
    graphs: dict[NamedNode, Facts] = {**state.graphs}
    for graph, facts in touched.items():
        if facts:
            graphs[graph] = tuple(facts)
        else:
            graphs.pop(graph, None)
    number = state.revision if revision is None else revision
    return State(number, graphs, [state.owned.changed(touched, graphs)], state.rest)


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

    Which others there are is not said: who may ask for one may not know of all.

    Raises:
        InputError: WW-WARDROBE-NONE.
    """
    if not state.owns(f"wardrobe/{name}"):
        raise InputError(
            "WW-WARDROBE-NONE",
            f"There is no wardrobe '{name}' in this workspace.",
            note="A wardrobe of which the last change was taken back holds nothing.",
        )


def wardrobe_meant(state: State, usual: str, name: str | None = None) -> str:
    """Return the wardrobe that is meant: the named one, the usual one, or the only one.

    Raises:
        InputError: WW-WARDROBE-NONE, WW-WARDROBE-WHICH.
    """
    chosen = name or (usual if state.owns(f"wardrobe/{usual}") else "")
    known = [] if chosen else state.owners("wardrobe")
    if not chosen and len(known) > 1:
        raise InputError(
            "WW-WARDROBE-WHICH",
            f"This workspace has {len(known)} wardrobes.",
            hint="Say which: --wardrobe " + ", --wardrobe ".join(known) + ".",
        )
    chosen = chosen or (known[0] if known else usual)
    require_wardrobe(state, chosen)
    return chosen
