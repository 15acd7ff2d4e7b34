"""The graphs that a process holds, by the keys under which the pool sent them.

A block is text that several views begin with. A view is a store in memory, made from a block and
what differs from it, or from an earlier view and what changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox
from pyoxigraph import NamedNode

LOAD_SECONDS: Final = 10.0
"""Seconds that a process has to be given a graph, beside those of the job."""


@dataclass(slots=True)
class View:
    """A dataset in memory.

    Attributes:
        store: holds nothing but what may be seen.
        default: the named graphs whose union is the default graph, where a query says nothing.
    """

    store: ox.Store
    default: list[NamedNode]


@dataclass(slots=True)
class Held:
    """What this process holds."""

    views: dict[str, View] = field(default_factory=dict)
    blocks: dict[str, bytes] = field(default_factory=dict)

    def take(self, head: dict[str, Any], body: bytes) -> None:
        """Do what the pool says: hold a block or a view, or drop one.

        Args:
            head: `block` KEY; or `view` KEY, with the `block` it begins with or the view `over`
                which it is made, the IRIs of its `default` graphs and where the body is `cut`; or
                `drop` KEY.
            body: N-Quads: of a view those to remove up to the cut, then those to add.
        """
        if "drop" in head:
            self.views.pop(head["drop"], None)
            self.blocks.pop(head["drop"], None)
        elif "view" not in head:
            self.blocks[head["block"]] = body
        else:
            gone, own = body[: head["cut"]], body[head["cut"] :]
            if "over" in head:
                store = self.views.pop(head["over"]).store
            else:
                store = ox.Store()
                _extend(store, self.blocks.get(head["block"], b""))
            for quad in ox.parse(gone, ox.RdfFormat.N_QUADS):
                store.remove(quad)
            _extend(store, own)
            default = [NamedNode(iri) for iri in head["default"]]
            self.views[head["view"]] = View(store, default)


def _extend(store: ox.Store, lines: bytes) -> None:
    # `Store.load` would give blank nodes other labels, and they are what a change names them by.
    if lines:
        store.extend(ox.parse(lines, ox.RdfFormat.N_QUADS))


HELD: Final = Held()
