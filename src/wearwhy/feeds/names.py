"""What words mean: an index from labels to the ontology's concepts and classes.

The index is built from facts that are passed in; no word of it stands in Python. A *scope* is
what a word is looked up in: a concept scheme, or `CLASSES`, the classes below `ww:Item`. Which
scope a property takes its values from is a fact too (`ww:scheme`, or `rdfs:range`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from wearwhy import errors
from wearwhy.feeds.words import Key, words
from wearwhy.rdf import OWL, RDFS, SKOS, TYPE, WW, XSD, Fact, Node

CLASSES: Final = WW.Item

_LANGUAGES: Final = frozenset({"", "en", "zh", "de"})
_RANKED: Final = (
    (SKOS.prefLabel, 0),
    (RDFS.label, 1),
    (SKOS.altLabel, 2),
    (SKOS.hiddenLabel, 3),
    (SKOS.notation, 4),
)
_SCHEME: Final = WW.scheme
_FUNCTIONAL: Final = OWL.FunctionalProperty


@dataclass(frozen=True, slots=True)
class Hit:
    """A label found in a text: what it names, and the words [start, end) that say so."""

    node: NamedNode
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of concepts and classes, by scope; the facts about them that readers ask for."""

    index: dict[NamedNode, dict[Key, NamedNode]]
    starts: dict[NamedNode, dict[str, tuple[int, ...]]]
    scopes: dict[NamedNode, NamedNode]
    shown: dict[NamedNode, dict[str, str]]
    facts: dict[NamedNode, dict[NamedNode, tuple[Node, ...]]]
    supers: dict[NamedNode, frozenset[NamedNode]]

    @classmethod
    def from_facts(cls, facts: Iterable[Fact]) -> Names:
        """Return the index of all labels (en, zh, de) of the ontology's facts."""
        about: dict[NamedNode, dict[NamedNode, list[Node]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in facts:
            if isinstance(subject, NamedNode):
                about[subject][predicate].append(value)
        above = {
            node: [up for up in found[RDFS.subClassOf] if isinstance(up, NamedNode)]
            for node, found in about.items()
            if RDFS.subClassOf in found
        }
        supers = {node: _closure(node, above) for node in [*above, CLASSES]}
        candidates: dict[NamedNode, list[tuple[int, str, Key, NamedNode]]] = defaultdict(list)
        shown: dict[NamedNode, dict[str, str]] = {}
        for node, found in about.items():
            scopes = _scopes(node, found, supers)
            if scopes:
                labels = _labels(node, found)
                shown[node] = {language: text for _, language, text in sorted(labels, reverse=True)}
                for rank, _, text in labels:
                    for scope in scopes:
                        candidates[scope].append((rank, node.value, words(text), node))
        index: dict[NamedNode, dict[Key, NamedNode]] = {}
        for scope, entries in candidates.items():
            table: dict[Key, NamedNode] = {}
            for _, _, key, node in sorted(entries, key=lambda entry: entry[:3]):
                if key:
                    table.setdefault(key, node)
            index[scope] = table
        starts = {scope: _starts(table) for scope, table in index.items()}
        declared_scopes = {
            prop: declared
            for prop, found in about.items()
            for declared in (*found[RDFS.range], *found[_SCHEME])
            if isinstance(declared, NamedNode) and declared in index
        }
        frozen = {
            node: {predicate: tuple(values) for predicate, values in found.items()}
            for node, found in about.items()
        }
        return cls(index, starts, declared_scopes, shown, frozen, supers)

    def scope(self, prop: NamedNode) -> NamedNode | None:
        """Return the scheme a property takes its values from, or None where it takes none."""
        return self.scopes.get(prop)

    def datatype(self, prop: NamedNode) -> NamedNode | None:
        """Return the datatype that a property's range, or its `ww:datatype`, names, or None."""
        found = self.facts.get(prop, {})
        for declared in (*found.get(RDFS.range, ()), *found.get(WW.datatype, ())):
            if isinstance(declared, NamedNode) and declared.value.startswith(XSD):
                return declared
        return None

    def knows(self, prop: NamedNode) -> bool:
        """Say whether the ontology declares the property."""
        return TYPE in self.facts.get(prop, {}) or RDFS.range in self.facts.get(prop, {})

    def functional(self, prop: NamedNode) -> bool:
        """Say whether the ontology gives the property one value at most."""
        return _FUNCTIONAL in self.facts.get(prop, {}).get(TYPE, ())

    def find(self, text: str, scope: NamedNode) -> NamedNode | None:
        """Return what the whole text names in a scope, or None."""
        return self.index.get(scope, {}).get(words(text))

    def within(self, text: str | Sequence[str], scope: NamedNode) -> list[Hit]:
        """Return the labels of a scope that stand in a text as whole words, longest first taken.

        The hits do not overlap and are in the order of the text. In Chinese a label stands
        wherever its characters do.
        """
        tokens = words(text) if isinstance(text, str) else tuple(text)
        table, starts = self.index.get(scope, {}), self.starts.get(scope, {})
        if starts.keys().isdisjoint(tokens):
            return []
        candidates = [
            (-size, start, node)
            for start, token in enumerate(tokens)
            for size in starts.get(token, ())
            if (node := table.get(tokens[start : start + size])) is not None
        ]
        taken: set[int] = set()
        hits: list[Hit] = []
        for negative, start, node in sorted(candidates, key=lambda found: found[:2]):
            span = range(start, start - negative)
            if taken.isdisjoint(span):
                taken.update(span)
                hits.append(Hit(node, span.start, span.stop))
        return sorted(hits, key=lambda hit: hit.start)

    def nearest(self, text: str, scope: NamedNode) -> str | None:
        """Return the label of a scope that is nearest to a text, or None where none is near."""
        spelt = {" ".join(key): node for key, node in self.index.get(scope, {}).items()}
        found = errors.nearest(" ".join(words(text)), spelt)
        return None if found is None else self.label(spelt[found])

    def label(self, node: NamedNode, language: str = "en") -> str:
        """Return the label of a node in a language, else in English, else its local name."""
        known = self.shown.get(node, {})
        return known.get(language) or known.get("en") or local(node).replace("-", " ")

    def texts(self, node: NamedNode) -> tuple[str, ...]:
        """Return the labels of a node in all languages, the preferred ones first."""
        labels = _labels(node, self.facts.get(node, {}))
        return tuple(text for _, _, text in sorted(labels))

    def spellings(self, node: NamedNode) -> frozenset[str]:
        """Return every word of every label of a node, in normal form."""
        return frozenset(word for text in self.texts(node) for word in words(text))

    def members(self, scope: NamedNode) -> list[NamedNode]:
        """Return the concepts or classes of a scope in the order of their level, then label."""
        return sorted(
            set(self.index.get(scope, {}).values()),
            key=lambda node: (self.number(node, WW.level) or 0.0, self.label(node)),
        )

    def number(self, node: NamedNode, prop: NamedNode) -> float | None:
        """Return the number that the ontology states of a node, or None."""
        for value in self.facts.get(node, {}).get(prop, ()):
            if isinstance(value, Literal):
                return float(value.value)
        return None

    def is_a(self, node: NamedNode, above: NamedNode) -> bool:
        """Say whether a class is another or below it."""
        return node == above or above in self.supers.get(node, frozenset())


def _starts(table: dict[Key, NamedNode]) -> dict[str, tuple[int, ...]]:
    """Return, by first word, how many words the labels of a scope have."""
    found: dict[str, set[int]] = defaultdict(set)
    for key in table:
        found[key[0]].add(len(key))
    return {word: tuple(sorted(sizes)) for word, sizes in found.items()}


def local(node: NamedNode) -> str:
    """Return what stands after the last `#` or `/` of an IRI."""
    return node.value.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def _labels(
    node: NamedNode, found: dict[NamedNode, list[Node]] | dict[NamedNode, tuple[Node, ...]]
) -> list[tuple[int, str, str]]:
    """Return (rank, language, text) for each label of a node, its local name last."""
    labels = [
        (rank, value.language or "", value.value)
        for predicate, rank in _RANKED
        for value in found.get(predicate, ())
        if isinstance(value, Literal)
        and (value.language or "").split("-")[0] in _LANGUAGES
        and words(value.value)
    ]
    name = local(node)
    for scheme in found.get(SKOS.inScheme, ()):
        if isinstance(scheme, NamedNode):
            name = name.removeprefix(local(scheme).removesuffix("scheme"))
    return [*labels, (len(_RANKED), "", _apart(name))]


def _apart(name: str) -> str:
    """Return `TrenchCoat` as `Trench Coat`."""
    return "".join(
        f" {c}" if c.isupper() and i and name[i - 1].islower() else c for i, c in enumerate(name)
    )


def _scopes(
    node: NamedNode,
    found: dict[NamedNode, list[Node]],
    supers: dict[NamedNode, frozenset[NamedNode]],
) -> list[NamedNode]:
    """Return where a node's labels are looked up: its schemes, its concept classes, CLASSES."""
    schemes = [scheme for scheme in found[SKOS.inScheme] if isinstance(scheme, NamedNode)]
    if schemes:
        kinds = (kind for kind in found[TYPE] if isinstance(kind, NamedNode))
        general = (SKOS.Concept, OWL.NamedIndividual)
        return [*schemes, *(kind for kind in kinds if kind not in general)]
    return [CLASSES] if CLASSES in supers.get(node, ()) else []


def _closure(node: NamedNode, above: dict[NamedNode, list[NamedNode]]) -> frozenset[NamedNode]:
    """Return all that a class lies below; a cycle of subclasses ends where it began."""
    seen: set[NamedNode] = set()
    todo = list(above.get(node, ()))
    while todo:
        up = todo.pop()
        if up not in seen:
            seen.add(up)
            todo.extend(above.get(up, ()))
    return frozenset(seen)
