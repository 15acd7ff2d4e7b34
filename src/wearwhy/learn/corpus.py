"""The graph as numbers: tokens, one sparse row an item, labels, and what is held out.

Where the source keeps a split (`ww:split`), rows outside `train` are never fitted: they choose the
witnesses' weights and calibrate. Without one, folds are drawn by title, so that two listings of
one product never stand on both sides.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Floats, Ints, sparse
from wearwhy.learn.embeddings import Progress, silent
from wearwhy.learn.features import UNEMBEDDED, Features, Token, hidden, numbered
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.source_columns import columns
from wearwhy.rdf import WW, curie

SPLIT = WW["split"]
TRAIN = "train"


@dataclass(frozen=True)
class Corpus:
    """Everything that training reads.

    Attributes:
        plan: what is learned from.
        attributes: what is learned: the plan's attributes and the columns that sources teach.
        items: the items, sorted.
        tokens: the vocabulary: those of an embedding first, each by relation and value.
        number: a token's place in it.
        design: items × tokens, 0 or 1.
        links: the ontology's triples among the vocabulary's values.
        labels: for each attribute by name, each item's values.
        folds: each item's fold.
        judged: the folds that are held out, each in its turn.
        split: whether what is held out was held out by the source, and is never fitted.
        titles: for each item, the number of its title.
        filled: relations that a kept column of the source filled: it says the same.
        digest: of all triples: what the model was made from.
    """

    plan: Plan
    attributes: tuple[Attribute, ...]
    items: tuple[NamedNode, ...]
    tokens: tuple[Token, ...]
    number: dict[Token, int]
    design: csr_matrix
    links: tuple[tuple[str, str, str], ...]
    labels: dict[str, tuple[frozenset[str], ...]]
    folds: Ints
    judged: tuple[int, ...]
    split: bool
    titles: Ints
    filled: frozenset[str]
    digest: str

    @cached_property
    def embedded(self) -> int:
        """How many tokens, from the first, an embedding knows."""
        return sum(token.relation not in UNEMBEDDED for token in self.tokens)

    @cached_property
    def fitted(self) -> Ints:
        """The items that a finished model is fitted to."""
        return np.flatnonzero(self.folds != 0) if self.split else np.arange(len(self.items))

    def speaking(self, attribute: Attribute) -> NDArray[np.bool_]:
        """Return which tokens may speak for an attribute."""
        hides = attribute.hides
        known: dict[str, bool] = {}
        for token in self.tokens:
            if token.relation not in known:
                known[token.relation] = not hidden(token.relation, hides)
        return np.array([known[token.relation] for token in self.tokens], dtype=bool)

    def matrix(self, attribute: Attribute | None, which: Ints) -> csr_matrix:
        """Return the rows of items, without what may not speak for an attribute (None: whole)."""
        rows = self.design[which]
        if attribute is None:
            return rows
        rows.data *= self.speaking(attribute)[rows.indices]
        rows.eliminate_zeros()
        return rows

    def rows(self, attribute: Attribute | None, which: Iterable[int]) -> list[Ints]:
        """Return the token numbers of items that may speak for an attribute (None: all)."""
        matrix = self.matrix(attribute, np.array(list(which), dtype=np.int64))
        return [row.astype(np.int64) for row in np.split(matrix.indices, matrix.indptr[1:-1])]

    def groups(self) -> Ints:
        """Return the number of each embedded token's relation."""
        spoken = self.tokens[: self.embedded]
        relations = {r: n for n, r in enumerate(dict.fromkeys(t.relation for t in spoken))}
        return np.array([relations[t.relation] for t in spoken], dtype=np.int64)


def _title(spoken: Iterable[Token], item: NamedNode) -> str:
    return " ".join(sorted(t.value for t in spoken if t.relation == "word")) or item.value


def _fold(title: str, folds: int, seed: int) -> int:
    text = f"{seed} {title}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % folds


def vocabulary(count: Counter[Token], least: int) -> tuple[Token, ...]:
    """Return the tokens that stand in enough items, those of an embedding first."""
    return tuple(
        sorted(
            (t for t, n in count.items() if n >= least),
            key=lambda t: (t.relation in UNEMBEDDED, t),
        )
    )


def corpus(features: Features, seed: int | None = None, progress: Progress = silent) -> Corpus:
    """Return the graph's items as numbers."""
    plan, attributes = features.plan, features.attributes()
    items = tuple(features.items())
    drawn = plan.training.seed if seed is None else seed
    spoken: list[tuple[Token, ...]] = []
    for n, item in enumerate(items):
        if n % 1000 == 0:
            progress("reading", n, len(items))
        spoken.append(tuple(features.tokens(item)))
    progress("reading", len(items), len(items))
    aside = _set_aside(features, items)
    seen = Counter(t for n, said in enumerate(spoken) if not aside[n] for t in said)
    tokens = vocabulary(seen, plan.least)
    number = {token: n for n, token in enumerate(tokens)}
    digest = hashlib.sha256()
    for item, said in zip(items, spoken, strict=True):
        for token in sorted(said):
            digest.update(f"{item.value}\t{token.relation}\t{token.value}\n".encode())
    titles = [_title(said, item) for said, item in zip(spoken, items, strict=True)]
    split = bool(aside.any()) and not bool(aside.all())
    folds = (
        np.where(aside, 0, 1)
        if split
        else np.array([_fold(t, plan.training.folds, drawn) for t in titles], dtype=np.int64)
    )
    once = split or len(items) > plan.training.once
    first = {title: n for n, title in enumerate(dict.fromkeys(titles))}
    return Corpus(
        plan,
        attributes,
        items,
        tokens,
        number,
        sparse([numbered(said, number) for said in spoken], len(tokens)),
        tuple(features.links(tokens)),
        {a.name: tuple(features.labels(item, a) for item in items) for a in attributes},
        folds.astype(np.int64),
        (0,) if once else tuple(int(k) for k in np.unique(folds)),
        split,
        np.array([first[title] for title in titles], dtype=np.int64),
        frozenset(curie(p) for column in columns(features.graph) for p in column.fills),
        digest.hexdigest(),
    )


def _set_aside(features: Features, items: Sequence[NamedNode]) -> NDArray[np.bool_]:
    """Return which items their source set aside from training."""
    number = {item: n for n, item in enumerate(items)}
    aside = np.zeros(len(items), dtype=bool)
    for fact in features.graph.match(None, SPLIT, None):
        at = number.get(fact.subject) if isinstance(fact.subject, NamedNode) else None
        if at is not None and isinstance(fact.object, Literal):
            aside[at] = fact.object.value.strip().casefold() != TRAIN
    return aside


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
    count = Counter(value for n in corpus.fitted for value in labels[n])
    least = plan.training.positives if attribute.many else plan.training.folds
    least = plan.least if attribute.said else least
    values = tuple(
        sorted(
            v
            for v, n in count.items()
            if n >= least and Token(attribute.relation, v) in corpus.number
        )
    )
    if len(values) < 2:
        return None
    column = {value: n for n, value in enumerate(values)}
    held = [
        n
        for n, given in enumerate(labels)
        if (given if attribute.many else len(given) == 1 and given <= column.keys())
    ]
    table = np.zeros((len(held), len(values)))
    for row, n in enumerate(held):
        for value in labels[n]:
            if value in column:
                table[row, column[value]] = 1.0
    return Target(attribute, values, np.array(held, dtype=np.int64), table)


def linked(corpus: Corpus) -> NDArray[np.int64]:
    """Return the ontology's own triples as (token, relation, token).

    A value stands as the first embedded token that holds it; relations are numbered after those of
    tokens.
    """
    spoken = corpus.tokens[: corpus.embedded]
    first: dict[str, int] = {}
    for n, token in enumerate(spoken):
        first.setdefault(token.value, n)
    known = len(set(corpus.groups().tolist()))
    steps = {p: known + n for n, p in enumerate(dict.fromkeys(p for _, p, _ in corpus.links))}
    found = [
        (first[s], steps[p], first[o]) for s, p, o in corpus.links if s in first and o in first
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def asked(corpus: Corpus) -> dict[int, list[int]]:
    """Return, by number, the relations that hold guessed values, each with those it hides."""
    spoken = corpus.tokens[: corpus.embedded]
    number = {r: n for n, r in enumerate(dict.fromkeys(t.relation for t in spoken))}
    return {
        number[a.relation]: [n for r, n in number.items() if hidden(r, a.hides)]
        for a in corpus.attributes
        if a.relation in number
    }
