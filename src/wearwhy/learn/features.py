"""What an item says about itself, as tokens that a model can weigh.

A token is a relation and a value: `ww:material ww:material-wool`, `word brushed`, `phrase navy blue`
(two words that stand side by side), `opening Puma` (a name's first word, often the brand), or a
column of the source as it said it. Each token remembers which of the item's own facts carry it:
those are what an explanation cites.

Only asserted facts about items are read. What a rule derived or a model guessed is no evidence,
or a guess could rest on itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.learn.additive import Ints
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.source_columns import PREFIX, columns, short_column, spelt
from wearwhy.learn.table import Graph, asserted
from wearwhy.rdf import WW, Fact, curie


class Token(NamedTuple):
    """One feature: a relation and a value, both short names of nodes."""

    relation: str
    value: str


Tokens = Mapping[Token, tuple[Fact, ...]]


UNEMBEDDED: Final = ("opening", "phrase")
"""Relations whose tokens no embedding learns: what they say, words say nearly as well."""
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
    _columns: set[NamedNode] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find the columns of sources that the graph keeps as they stood."""
        self._columns.update(column.iri for column in columns(self.graph))

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
            elif relation in self._columns:
                yield Token(short_column(relation), value.value.strip())
            elif relation in plan.words:
                words = split(value.value, plan.stop_words)
                yield from (Token("word", word) for word in words)
                yield from (Token("phrase", f"{a} {b}") for a, b in pairwise(words))
                if words and relation in plan.openings:
                    yield Token("opening", words[0])

    def tokens(self, item: NamedNode) -> dict[Token, tuple[Fact, ...]]:
        """Return an item's tokens, each with the asserted facts of the item that carry it."""
        read = self.plan.concepts | self.plan.names | self.plan.words | self._columns
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
        """Return the values somebody gave an item for an attribute, as tokens spell them."""
        return frozenset(
            spelt(fact.object)
            for fact in self.graph.match(item, attribute.iri, None)
            if isinstance(fact.object, Literal if attribute.said else NamedNode)
            and asserted(self.graph, fact)
        )

    def labelled(self) -> bool:
        """Return whether anybody gave any item a value of an attribute that is guessed."""
        return any(
            asserted(self.graph, fact)
            for attribute in self.attributes()
            for fact in self.graph.match(None, attribute.iri, None)
        )

    def attributes(self) -> tuple[Attribute, ...]:
        """Return what is guessed: the plan's attributes, and the columns that sources teach.

        Where a column is hidden from an attribute, so is whatever that column filled, and a column
        that filled what is hidden is hidden too: an attribute never sees itself.
        """
        kept = columns(self.graph)
        own = tuple(
            replace(a, hidden=a.hidden | {c.iri for c in kept if c.fills & a.hidden})
            for a in self.plan.attributes
        )
        told = tuple(
            Attribute(
                c.iri,
                None,
                many=False,
                hidden=frozenset({c.iri} | c.fills | {o.iri for o in kept if o.fills & c.fills}),
                label=c.label,
            )
            for c in kept
            if c.learned
        )
        return own + told

    def guessed(self) -> tuple[Attribute, ...]:
        """Return the plan's attributes alone, each hiding the columns that give it away."""
        return tuple(attribute for attribute in self.attributes() if not attribute.said)

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


def visible(
    tokens: Tokens, attribute: Attribute, also: frozenset[str] = frozenset()
) -> dict[Token, tuple[Fact, ...]]:
    """Return the tokens that may speak for an attribute: never its own, nor what it hides.

    Args:
        tokens: an item's.
        attribute: of `Features.attributes`, which hides a source's columns too.
        also: relations that were hidden where the attribute was learned.
    """
    hides = attribute.hides | also
    return {t: facts for t, facts in tokens.items() if not hidden(t.relation, hides)}


def above(relation: str) -> bool:
    """Return whether tokens of a relation name what stands above a value."""
    return "/" in relation and not relation.startswith(PREFIX)


def hidden(relation: str, hides: frozenset[str]) -> bool:
    """Return whether tokens of a relation, or of what stands above its values, are hidden."""
    return relation in hides or (
        not relation.startswith(PREFIX) and relation.split("/", maxsplit=1)[0] in hides
    )


def numbered(tokens: Iterable[Token], number: Mapping[Token, int]) -> Ints:
    """Return the sorted numbers of the tokens that are known."""
    return np.array(sorted(number[t] for t in tokens if t in number), dtype=np.int64)


def spoken_for(tokens: Iterable[Token], hides: frozenset[str], number: Mapping[Token, int]) -> Ints:
    """Return the numbers of the known tokens of no hidden relation."""
    return numbered((t for t in tokens if not hidden(t.relation, hides)), number)
