"""What an item says about itself, as tokens that a model can weigh.

A token is a relation and a value: `ww:material ww:material-wool`, `word brushed`. The same tokens
are the triples an embedding is trained on, so both witnesses see the same evidence. Each token
remembers which of the item's own facts carry it: those are what an explanation cites.

Only asserted facts about items are read. What a rule derived or a model guessed is no evidence,
or a guess could rest on itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, cast, runtime_checkable

from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.rdf import WW, Fact, Node, curie


class Token(NamedTuple):
    """One feature: a relation and a value, both short names of nodes."""

    relation: str
    value: str


Tokens = Mapping[Token, tuple[Fact, ...]]


class Graph(Protocol):
    """Facts by pattern: a layer of the engine, or a `Table`."""

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit; None fits everything."""


@runtime_checkable
class Kinds(Protocol):
    """A graph that knows where a fact comes from."""

    def kind(self, fact: Fact, /) -> Kind:
        """Return the kind of a fact."""


class Table:
    """A plain collection of facts, all of them asserted, indexed for matching."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._all = dict.fromkeys(facts)
        self._of: dict[Node, list[Fact]] = defaultdict(list)
        self._with: dict[NamedNode, list[Fact]] = defaultdict(list)
        for fact in self._all:
            self._of[fact.subject].append(fact)
            self._with[fact.predicate].append(fact)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit; None fits everything."""
        if subject is not None:
            pool: Iterable[Fact] = self._of.get(subject, ())
        elif predicate is not None:
            pool = self._with.get(predicate, ())
        else:
            pool = self._all
        for fact in pool:
            if predicate in (None, fact.predicate) and object_ in (None, fact.object):
                yield fact

    def objects(self, subject: Node, predicate: NamedNode) -> list[Node]:
        """Return the values of a property."""
        return [fact.object for fact in self.match(subject, predicate, None)]


def graph_of(source: Graph | Iterable[Fact]) -> Graph:
    """Return a graph to match in: a layer as it is, an iterable of facts as a `Table`."""
    if hasattr(source, "match"):
        return cast("Graph", source)
    return Table(source)


def asserted(graph: Graph, fact: Fact) -> bool:
    """Return whether somebody said so, as opposed to a rule or a model."""
    return graph.kind(fact) is Kind.ASSERTED if isinstance(graph, Kinds) else True


_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")
_HAN = re.compile(r"[㐀-鿿]{2,}")


def split(text: str, stop: frozenset[str]) -> list[str]:
    """Return the words of a text, folded; numbers and ids are no words, Chinese goes by pairs."""
    found = []
    for word in _WORD.findall(text.casefold()):
        if _HAN.fullmatch(word):
            found += [word[n : n + 2] for n in range(len(word) - 1)]
        elif len(word) > 1 and word not in stop:
            found.append(word)
    return found


@dataclass(frozen=True, slots=True)
class Features:
    """Reads tokens off a graph, by a plan.

    Attributes:
        graph: where items and the ontology stand.
        plan: which facts count.
    """

    graph: Graph
    plan: Plan
    _above: dict[NamedNode, tuple[tuple[str, NamedNode], ...]] = field(default_factory=dict)

    def items(self) -> list[NamedNode]:
        """Return every item of the graph, sorted."""
        found = {
            fact.subject
            for member in self.plan.membership
            for fact in self.graph.match(None, member, None)
            if isinstance(fact.subject, NamedNode)
        }
        return sorted(found, key=lambda node: node.value)

    def above(self, value: NamedNode) -> tuple[tuple[str, NamedNode], ...]:
        """Return all that stands above a value, with the step that led there; without itself.

        Classes of aligned vocabularies and unnamed ones are left out: they say nothing that our
        own do not say.
        """
        known = self._above.get(value)
        if known is not None:
            return known
        found: dict[NamedNode, str] = {}
        todo = [value]
        while todo:
            node = todo.pop()
            for step in self.plan.up:
                for fact in self.graph.match(node, step, None):
                    up = fact.object
                    if (
                        isinstance(up, NamedNode)
                        and up.value.startswith(WW)
                        and up not in {value, *found}
                    ):
                        found[up] = curie(step)
                        todo.append(up)
        self._above[value] = tuple((step, node) for node, step in found.items())
        return self._above[value]

    def _carried(self, fact: Fact) -> Iterator[Token]:
        plan, relation, value = self.plan, fact.predicate, fact.object
        if relation in plan.concepts and isinstance(value, NamedNode):
            short = curie(relation)
            yield Token(short, curie(value))
            for step, up in self.above(value):
                yield Token(f"{short}/{step}", curie(up))
        elif isinstance(value, Literal):
            if relation in plan.names:
                yield Token(curie(relation), value.value.strip().casefold())
            elif relation in plan.words:
                for word in split(value.value, plan.stop_words):
                    yield Token("word", word)

    def tokens(self, item: NamedNode) -> dict[Token, tuple[Fact, ...]]:
        """Return an item's tokens, each with the asserted facts of the item that carry it."""
        read = self.plan.concepts | self.plan.names | self.plan.words
        own = [
            fact
            for fact in self.graph.match(item, None, None)
            if fact.predicate in read and asserted(self.graph, fact)
        ]
        found: dict[Token, list[Fact]] = defaultdict(list)
        for fact in sorted(own, key=lambda f: (f.predicate.value, str(f.object))):
            for token in dict.fromkeys(self._carried(fact)):
                found[token].append(fact)
        return {token: tuple(facts) for token, facts in found.items()}

    def labels(self, item: NamedNode, attribute: Attribute) -> frozenset[str]:
        """Return the values somebody gave an item for an attribute, as short names."""
        return frozenset(
            curie(fact.object)
            for fact in self.graph.match(item, attribute.iri, None)
            if isinstance(fact.object, NamedNode) and asserted(self.graph, fact)
        )

    def links(self, tokens: Iterable[Token]) -> list[tuple[str, str, str]]:
        """Return the ontology's own triples among the values of tokens: what is above what."""
        values = {token.value for token in tokens}
        steps = {curie(step): step for step in self.plan.up}
        return sorted(
            (curie(fact.subject), name, curie(fact.object))
            for name, step in steps.items()
            for fact in self.graph.match(None, step, None)
            if curie(fact.subject) in values and curie(fact.object) in values
        )


def visible(tokens: Tokens, attribute: Attribute) -> dict[Token, tuple[Fact, ...]]:
    """Return the tokens that may speak for an attribute: never its own, nor what it hides."""
    hidden = {curie(node) for node in attribute.hidden}
    return {t: facts for t, facts in tokens.items() if t.relation.split("/")[0] not in hidden}
