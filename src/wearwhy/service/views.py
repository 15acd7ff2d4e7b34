"""What a wardrobe sees, as it is sent to the processes that answer: whole, or by what changed.

Two views of a wardrobe are kept. The *closed* one has a graph for each kind of fact and one that
says why, and beside them the wardrobe's graphs at rest. The view *at rest* has only those, and
needs no reasoning. All of this runs in the engine's thread.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final, TypeVar
from urllib.parse import quote, unquote

from wearwhy.rdf import NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.rules.ledger import Ledger
from wearwhy.service.lines import Writer, touched
from wearwhy.service.workers.shipped import Block, View
from wearwhy.store.quads import GRAPHS, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.atrest import Facts
from wearwhy.workspace.dataset import KINDS, WHY, graph_of

T = TypeVar("T")
EDITS: Final = "edits"
KIND_GRAPHS: Final = (*(graph_of(kind).value for kind in KINDS), WHY.value)
_NAMED: Final = "named/"
_KEPT_BLOCKS: Final = 2
KEPT: Final = 32


def own_prefix(wardrobe: str) -> str:
    """Return what the IRIs of a wardrobe's asserted graphs at rest begin with."""
    return f"{GRAPHS}wardrobe/{wardrobe}/asserted/"


def edits_graph(wardrobe: str) -> str:
    """Return the IRI of the graph that updates have as their default graph."""
    return own_prefix(wardrobe) + EDITS


def shown_name(wardrobe: str, source: str) -> str:
    """Return the IRI under which an asserted source of a wardrobe is seen."""
    if source.startswith(_NAMED):
        return unquote(source.removeprefix(_NAMED))
    return own_prefix(wardrobe) + source


def source_of(wardrobe: str, iri: str) -> str | None:
    """Return the source at rest of a graph that a wardrobe may write; None where it may not.

    A name outside those of the store is the wardrobe's own to give.
    """
    if not iri.startswith(GRAPHS):
        return _NAMED + quote(iri, safe="")
    source = iri.removeprefix(own_prefix(wardrobe))
    if source == iri or not source or source.startswith(_NAMED):
        return None
    return source


def graph_at_rest(wardrobe: str, source: str) -> NamedNode:
    """Return the graph at rest of a source."""
    return graph_name(f"wardrobe/{wardrobe}", "asserted", source)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A view and what it was made from, so that it is made again only where that changed."""

    view: View
    layer: int
    rest: int


@dataclass(frozen=True, slots=True, eq=False)
class _Rest:
    """A wardrobe's facts at rest, numbered: another number, other facts."""

    number: int
    sources: dict[str, Facts]
    lines: frozenset[bytes]


class Views:
    """The views of the wardrobes, the least recently asked forgotten first."""

    def __init__(self) -> None:
        self._writer = Writer()
        self._numbers = count(1)
        self._rest: OrderedDict[str, _Rest] = OrderedDict()
        self._closed: OrderedDict[str, _Seen] = OrderedDict()
        self._at_rest: OrderedDict[str, _Seen] = OrderedDict()
        self._blocks: OrderedDict[int, tuple[Layer, Block]] = OrderedDict()

    def forget(self) -> None:
        """Keep none any more, nor any text of theirs."""
        self._writer = Writer()
        for kept in (self._rest, self._closed, self._at_rest, self._blocks):
            kept.clear()

    def closed(self, workspace: Workspace, wardrobe: str) -> View:
        """Return all that a wardrobe sees.

        Raises:
            RuleError: where its rules cannot be used, or exceed their budget.
        """
        known = wardrobe in workspace.wardrobes()
        layer = workspace.layer(wardrobe) if known else workspace.base
        rest = self._resting(workspace, wardrobe)
        seen = self._closed.get(wardrobe)
        if seen is None or (seen.layer, seen.rest) != (layer.number, rest.number):
            own, gone, block = self._over_block(workspace, layer)
            view = View(
                f"closed-{next(self._numbers)}",
                f"closed/{wardrobe}",
                block,
                own | rest.lines,
                gone,
                KIND_GRAPHS,
                workspace.revision,
            )
            seen = _Seen(view, layer.number, rest.number)
        keep(self._closed, wardrobe, seen)
        return seen.view

    def at_rest(self, workspace: Workspace, wardrobe: str) -> View:
        """Return what a wardrobe asserts, in its graphs; no default graph is said."""
        rest = self._resting(workspace, wardrobe)
        seen = self._at_rest.get(wardrobe)
        if seen is None or seen.rest != rest.number:
            key = f"rest-{next(self._numbers)}"
            none = frozenset[bytes]()
            revision = workspace.revision
            view = View(key, f"rest/{wardrobe}", None, rest.lines, none, (), revision)
            seen = _Seen(view, 0, rest.number)
        keep(self._at_rest, wardrobe, seen)
        return seen.view

    def sources(self, workspace: Workspace, wardrobe: str) -> dict[str, Facts]:
        """Return what a wardrobe asserts, by source."""
        return self._resting(workspace, wardrobe).sources

    def _resting(self, workspace: Workspace, wardrobe: str) -> _Rest:
        sources = workspace.state.of(f"wardrobe/{wardrobe}", "asserted")
        rest = self._rest.get(wardrobe)
        if rest is None or not _same(rest.sources, sources):
            lines = frozenset(self._lines(wardrobe, sources))
            rest = _Rest(next(self._numbers), dict(sources), lines)
        keep(self._rest, wardrobe, rest)
        return rest

    def _lines(self, wardrobe: str, sources: dict[str, Facts]) -> Iterator[bytes]:
        for source, facts in sources.items():
            graph = NamedNode(shown_name(wardrobe, source))
            for fact in facts:
                yield self._writer.line(graph, fact)

    def _over_block(
        self, workspace: Workspace, layer: Layer
    ) -> tuple[frozenset[bytes], frozenset[bytes], Block]:
        """Return a layer's lines as what differs from a block, and the block."""
        known = self._base_of(layer)
        base, block = known or self._block(workspace.base)
        rows = touched(layer, base)
        if rows is not None:
            own, gone = self._writer.differing(layer, base, rows)
            return frozenset(own), frozenset(gone), block
        held = frozenset(block.text.split(b"\n")) - {b""}
        lines = frozenset(self._writer.all_lines(layer))
        return lines - held, held - lines, block

    def _base_of(self, layer: Layer) -> tuple[Layer, Block] | None:
        """Return the layer of a kept block that a layer lies on."""
        at: Ledger | None = layer
        while at is not None:
            if at.number in self._blocks:
                self._blocks.move_to_end(at.number)
                return self._blocks[at.number]
            at = at.below
        return None

    def _block(self, base: Layer) -> tuple[Layer, Block]:
        if base.number not in self._blocks:
            text = b"".join(line + b"\n" for line in self._writer.all_lines(base))
            self._blocks[base.number] = base, Block(f"block-{base.number}", text)
            while len(self._blocks) > _KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        return self._blocks[base.number]


def _same(one: dict[str, Facts], other: dict[str, Facts]) -> bool:
    return one.keys() == other.keys() and all(one[key] is other[key] for key in one)


def keep(kept: OrderedDict[str, T], key: str, value: T) -> None:
    """Keep something as the one used last, and forget what has not been used for longest."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
