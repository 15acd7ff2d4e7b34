"""Shares: where one value is wrong, how often each is right.

A dress is rented for a wedding by some and for work by others; a coat is good in three seasons.
The shares of an item are a softmax of sums over its own facts, fitted to counts: for every share
one can say which facts raise it and by how much, exactly. An item that some rows are known of
already has the posterior of a Dirichlet around its shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.learn.additive import Floats, softmax
from wearwhy.learn.features import Token
from wearwhy.learn.shares.evidence import Evidence
from wearwhy.learn.shares.reading import Reading
from wearwhy.rdf import Fact, expand

_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Addend:
    """What some facts add to the logit of every value.

    Attributes:
        kind: `facts`, or `bias`: how often each value is right of an item that is usual in all.
        tokens: what the facts say.
        facts: they carry it; without any one of them it is not this addend.
        logits: one a value, in the order of `Shares.values`.
    """

    kind: str
    tokens: tuple[Token, ...]
    facts: tuple[Fact, ...]
    logits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Why one value has a larger share than another.

    Attributes:
        ahead: the value.
        second: the other.
        margin: log-odds of the one over the other: the sum of `over`.
        addends: by size, the largest first.
        over: what each adds to the margin.
    """

    ahead: str
    second: str
    margin: float
    addends: tuple[Addend, ...]
    over: tuple[float, ...]

    @property
    def explained(self) -> float:
        """The share of the margin's addends that rests on named facts, 0 to 1."""
        total = sum(abs(value) for value in self.over)
        named = sum(
            abs(v) for a, v in zip(self.addends, self.over, strict=True) if a.kind == "facts"
        )
        return named / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Shares:
    """What was learned of one counted column.

    Attributes:
        iri: the column.
        label: its name in the source.
        values: as the source says them, sorted.
        hides: relations that are no evidence for it.
        reading: how evidence becomes rows.
        weights: one row a column of those, one column a value.
        bias: one a value.
        concentration: of the Dirichlet: how many rows' worth the shares are, of an item that is new.
        card: items and rows learned from, and figures on items held out.
    """

    iri: NamedNode
    label: str
    values: tuple[str, ...]
    hides: frozenset[str]
    reading: Reading
    weights: Floats
    bias: Floats
    concentration: float
    card: Mapping[str, Any]

    def logits(self, items: Sequence[Evidence]) -> Floats:
        """Return the logits of items; what the column hides is not looked at."""
        out = np.tile(self.bias, (len(items), 1))
        for n, one in enumerate(items):
            at, values = self.reading.row(one.visible(self.hides))
            out[n] += values @ self.weights[at]
        return out

    def predicted(self, items: Sequence[Evidence]) -> Floats:
        """Return each item's shares: one row an item, one column a value; rows sum to one."""
        return softmax(self.logits(items))

    def sharpened(self, shares: Floats, seen: Floats) -> Floats:
        """Return shares once some rows of the items themselves are known.

        Args:
            shares: one row an item.
            seen: how often each value was seen, likewise.
        """
        mixed = self.concentration * shares + seen
        return np.asarray(mixed / mixed.sum(axis=-1, keepdims=True))

    def addends(self, one: Evidence) -> tuple[Addend, ...]:
        """Return what adds up to an item's logits."""
        found = [
            Addend(
                "facts",
                part.tokens,
                part.facts,
                tuple((part.values @ self.weights[part.at]).tolist()),
            )
            for part in self.reading.parts(one.visible(self.hides))
        ]
        return (*found, Addend("bias", (), (), tuple(self.bias.tolist())))

    def account(
        self, one: Evidence, ahead: str | None = None, second: str | None = None
    ) -> Account:
        """Return why one value has a larger share than another.

        Args:
            one: the item.
            ahead: the value; the one of the largest share, if None.
            second: the other; the next largest, if None.
        """
        addends = self.addends(one)
        order = np.argsort(-np.sum([a.logits for a in addends], axis=0), kind="stable")
        top = self.values.index(ahead) if ahead is not None else int(order[0])
        rest = [int(n) for n in order if n != top]
        low = self.values.index(second) if second is not None else rest[0]
        pairs = [(a, a.logits[top] - a.logits[low]) for a in addends]
        pairs.sort(key=lambda pair: (-abs(pair[1]), pair[0].kind, pair[0].tokens))
        return Account(
            self.values[top],
            self.values[low],
            sum(value for _, value in pairs),
            tuple(a for a, _ in pairs),
            tuple(value for _, value in pairs),
        )

    def without(self, one: Evidence, given: Account) -> tuple[float, ...]:
        """Return, for each addend of an account, the margin once its facts are deleted.

        The bias has no facts: its margin is the whole. Addends that rest on some of the same facts
        go with them.
        """
        kept = [one.without(a.facts) if a.facts else one for a in given.addends]
        again = self.logits(kept)
        top, low = self.values.index(given.ahead), self.values.index(given.second)
        return tuple((again[:, top] - again[:, low]).tolist())

    def arrays(self) -> dict[str, Floats]:
        """Return what belongs in the file of arrays."""
        return {"weights": self.weights, "bias": self.bias}

    def as_dict(self) -> dict[str, Any]:
        """Return all else, as JSON holds it."""
        return {
            "column": self.iri.value,
            "label": self.label,
            "values": list(self.values),
            "hides": sorted(self.hides),
            "reading": self.reading.as_dict(),
            "concentration": self.concentration,
            "card": dict(self.card),
        }

    @classmethod
    def restored(cls, document: Mapping[str, Any], arrays: Mapping[str, Floats]) -> Shares:
        """Return what `as_dict` and `arrays` told.

        Raises:
            ValueError: where the two do not belong together; KeyError where a part is missing.
        """
        told = Reading.restored(document["reading"])
        values = tuple(document["values"])
        weights = np.asarray(arrays["weights"], dtype=np.float64)
        bias = np.asarray(arrays["bias"], dtype=np.float64)
        if weights.shape != (told.width, len(values)) or bias.shape != (len(values),):
            raise ValueError(f"weights of {document['label']} do not fit its reading")
        return cls(
            expand(document["column"]),
            document["label"],
            values,
            frozenset(document["hides"]),
            told,
            weights,
            bias,
            float(document["concentration"]),
            document["card"],
        )


def cross_entropy(shares: Floats, counts: Floats) -> float:
    """Return minus the mean logarithm, over all rows, of the share that the row's value was given.

    Args:
        shares: one row an item, one column a value.
        counts: how often each value was right, likewise.
    """
    return float(-(counts * np.log(np.maximum(shares, _LEAST))).sum() / counts.sum())


def even(labels: Sequence[frozenset[str]], values: Sequence[str]) -> Floats:
    """Return counts of items that carry several values at once: one each.

    A garment good in three seasons has a third of each.
    """
    return np.array([[float(value in said) for value in values] for said in labels])
