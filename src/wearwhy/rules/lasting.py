"""What rules say of pairs whatever is asked: kept with the layer below the request.

Most rules about pairs read nothing that a request says; what they say of two items holds until
the wardrobe changes, and a wardrobe that changes is another layer. Only pairs that nobody has
asked about are solved.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from wearwhy.rdf import TYPE
from wearwhy.rules.columns import Floats, Ints, Places
from wearwhy.rules.ledger import Ledger
from wearwhy.rules.opinions import Opinions

MOST = 1_000_000
"""Of how many pairs opinions are kept with a layer."""

Fired: TypeAlias = list[tuple[Ints, int, Floats]]


@dataclass(slots=True, eq=False)
class Kept:
    """Opinions on pairs of items, by the ids of the two.

    Attributes:
        keys: the pairs asked about, rising.
        pair: for each opinion its pair, rising.
        rule: the number of the rule.
        sure: the confidence.
    """

    keys: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    pair: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    rule: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    sure: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def items(self) -> Ints:
        """The items of the pairs asked about."""
        return np.unique(np.concatenate((self.keys >> 32, self.keys & 0xFFFFFFFF)))

    def unknown(self, keys: Ints) -> Ints:
        """Return which of some pairs nobody has asked about; where too many are kept, all are."""
        if len(self.keys) + len(keys) > MOST:
            self.keys, self.pair, self.rule = self.keys[:0], self.pair[:0], self.rule[:0]
            self.sure = self.sure[:0]
        if not len(self.keys):
            return np.arange(len(keys))
        at = np.minimum(self.keys.searchsorted(keys), len(self.keys) - 1)
        found: Ints = (self.keys[at] != keys).nonzero()[0]
        return found

    def add(self, keys: Ints, found: Opinions) -> None:
        """Keep the opinions on pairs that were unknown."""
        self.keys = np.sort(np.concatenate((self.keys, keys)))
        pair = np.concatenate((self.pair, keys[found.row]))
        by = np.argsort(pair, kind="stable")
        self.pair = pair[by]
        self.rule = np.concatenate((self.rule, found.rule))[by]
        self.sure = np.concatenate((self.sure, found.confidence))[by]

    def of(self, keys: Ints) -> tuple[Ints, Ints, Floats]:
        """Return the opinions on pairs: their place among those asked, the rule, the confidence."""
        row, at = Places(self.pair).spread(keys)
        return row, self.rule[at], self.sure[at]


def kept(layer: Ledger, what: object, most: int = 4) -> Kept:
    """Return what is kept with a layer under a name; of so many names, those asked for last."""
    shelf = layer.cache.get(("lasting", most))
    if not isinstance(shelf, OrderedDict):
        shelf = layer.cache["lasting", most] = OrderedDict()
    found = shelf.get(what)
    if not isinstance(found, Kept):
        found = shelf[what] = Kept()
        while len(shelf) > most:
            shelf.popitem(last=False)
    shelf.move_to_end(what)
    return found


def touched(layer: Ledger, items: Ints) -> tuple[frozenset[object], frozenset[object]]:
    """Return the properties and classes a layer says something of; and those it says of items.

    Args:
        layer: a request's.
        items: ids, rising.
    """
    kind = layer.interner.id(TYPE)
    rows = [row for part in (layer.entries, layer.gone) for row in part]
    own = rows
    if rows:
        subjects = np.array([row[0] for row in rows], dtype=np.int64)
        own = [rows[n] for n in np.isin(subjects, items).nonzero()[0].tolist()]
    return tuple(  # type: ignore[return-value]
        frozenset({p for _, p, _ in some} | {(p, o) for _, p, o in some if p == kind})
        for some in (rows, own)
    )
