"""The graph as numbers: tokens, rows, triples, labels and folds.

Folds are drawn by title, so that two listings of one product never stand on both sides.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.features import Features, Token, Tokens, visible
from wearwhy.learn.plan import Attribute, Plan


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything that training reads.

    Attributes:
        plan: what is learned.
        items: the items, sorted.
        spoken: each item's tokens with the facts that carry them.
        tokens: the vocabulary, sorted by relation and value.
        number: a token's place in it.
        links: the ontology's triples among the vocabulary's values.
        labels: for each attribute by name, each item's values.
        folds: each item's fold.
        digest: of all triples: what the model was made from.
    """

    plan: Plan
    items: tuple[NamedNode, ...]
    spoken: tuple[Tokens, ...]
    tokens: tuple[Token, ...]
    number: dict[Token, int]
    links: tuple[tuple[str, str, str], ...]
    labels: dict[str, tuple[frozenset[str], ...]]
    folds: Ints
    digest: str

    def rows(self, attribute: Attribute | None, which: Iterable[int]) -> list[Ints]:
        """Return the token numbers of items that may speak for an attribute (None: all)."""
        return [
            numbered(
                self.spoken[n] if attribute is None else visible(self.spoken[n], attribute),
                self.number,
            )
            for n in which
        ]

    def groups(self) -> Ints:
        """Return the number of each token's relation."""
        relations = {r: n for n, r in enumerate(dict.fromkeys(t.relation for t in self.tokens))}
        return np.array([relations[t.relation] for t in self.tokens], dtype=np.int64)


def numbered(tokens: Iterable[Token], number: dict[Token, int]) -> Ints:
    """Return the sorted numbers of the tokens that are known."""
    return np.array(sorted(number[t] for t in tokens if t in number), dtype=np.int64)


def _fold(spoken: Tokens, item: NamedNode, folds: int, seed: int) -> int:
    words = sorted(t.value for t in spoken if t.relation == "word")
    text = f"{seed} {' '.join(words) or item.value}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % folds


def corpus(features: Features, seed: int | None = None) -> Corpus:
    """Return the graph's items as numbers."""
    plan = features.plan
    items = tuple(features.items())
    spoken = tuple(features.tokens(item) for item in items)
    count = Counter(token for tokens in spoken for token in tokens)
    tokens = tuple(sorted(t for t, n in count.items() if n >= plan.least))
    digest = hashlib.sha256()
    for item, said in zip(items, spoken, strict=True):
        for token in sorted(said):
            digest.update(f"{item.value}\t{token.relation}\t{token.value}\n".encode())
    drawn = plan.training.seed if seed is None else seed
    return Corpus(
        plan,
        items,
        spoken,
        tokens,
        {token: n for n, token in enumerate(tokens)},
        tuple(features.links(tokens)),
        {a.name: tuple(features.labels(item, a) for item in items) for a in plan.attributes},
        np.array(
            [
                _fold(said, item, plan.training.folds, drawn)
                for said, item in zip(spoken, items, strict=True)
            ],
            dtype=np.int64,
        ),
        digest.hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class Target:
    """The labelled items of one attribute.

    Attributes:
        attribute: which.
        values: short names, in the order of columns.
        items: numbers of the labelled items.
        table: 0/1, one row a labelled item.
    """

    attribute: Attribute
    values: tuple[str, ...]
    items: Ints
    table: Floats


def target(corpus: Corpus, attribute: Attribute) -> Target | None:
    """Return the labelled items of an attribute; None where too few values have examples."""
    plan, labels = corpus.plan, corpus.labels[attribute.name]
    count = Counter(value for values in labels for value in values)
    least = plan.training.positives if attribute.many else plan.training.folds
    values = tuple(sorted(v for v, n in count.items() if n >= least))
    if len(values) < 2:
        return None
    held = [
        n
        for n, given in enumerate(labels)
        if (given if attribute.many else len(given) == 1 and given <= set(values))
    ]
    table = np.array([[float(v in labels[n]) for v in values] for n in held])
    return Target(attribute, values, np.array(held, dtype=np.int64), table)


@dataclass(frozen=True, slots=True)
class Triples:
    """Numbered triples for an embedding: items first, then the values of tokens."""

    triples: NDArray[np.int64]
    entities: int
    relations: int
    heads: Ints
    token_nodes: list[tuple[int, int]]


def triples(corpus: Corpus, which: Ints) -> Triples:
    """Return the triples of some items, and the ontology's own."""
    relations = {
        name: n
        for n, name in enumerate(
            dict.fromkeys([*(t.relation for t in corpus.tokens), *(p for _, p, _ in corpus.links)])
        )
    }
    values = {
        value: n + len(which)
        for n, value in enumerate(dict.fromkeys(t.value for t in corpus.tokens))
    }
    nodes = [(relations[t.relation], values[t.value]) for t in corpus.tokens]
    found = [
        (head, *nodes[token])
        for head, tokens in enumerate(corpus.rows(None, which))
        for token in tokens
    ]
    found += [(values[s], relations[p], values[o]) for s, p, o in corpus.links]
    return Triples(
        np.array(found, dtype=np.int64),
        len(which) + len(values),
        len(relations),
        np.arange(len(which)),
        nodes,
    )
