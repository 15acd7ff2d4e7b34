"""The silhouette of an item: its drawings, chosen by its class and its attributes.

The shapes are data, in `kg/silhouettes`: a new class or a better drawing is an edit there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place, UnknownName, nearest
from wearwhy.explain.outline import Step, read_path, whole
from wearwhy.rdf import RDFS, TYPE, WW, Node
from wearwhy.settings import assets
from wearwhy.walk.graph import Graph

AREAS: Final = frozenset({"inside", "cloth", "trim", "shade", "metal", "rubber", "jute", "face"})
STROKES: Final = frozenset({"line", "dots", "strap", "chain"})
_SLOT: Final = re.compile(r"\{(\w+)\}")
_EDGE: Final = re.compile(r"<([^>]+)>|([a-z]+(?:-[a-z]+)+)")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One path and what it is: an area or a stroke of the kinds that `parts.toml` lists."""

    kind: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Silhouette:
    """How an item is drawn.

    Attributes:
        worn: on the figure, from the back to the front.
        laid: beside it.
        depth: what lies over what on the figure; None where the slot says it.
        name: of the class that it is the silhouette of.
    """

    worn: tuple[Drawing, ...]
    laid: tuple[Drawing, ...]
    depth: float | None
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The shapes of a folder: edges, parts, classes, what stands for what, and the look of cloth."""

    folder: Path
    edges: Mapping[str, str]
    parts: Mapping[str, list[str]]
    classes: Mapping[str, Mapping[str, Any]]
    same: Mapping[str, str]
    depths: Mapping[str, float]
    look: Mapping[str, Any]


@cache
def shapes(folder: Path | None = None) -> Shapes:
    """Return the shapes of a folder, or those that come with wearwhy.

    Raises:
        FormatError: WW-SILHOUETTE-TOML, where a file is not TOML.
    """
    folder = folder or assets() / "kg" / "silhouettes"
    edges, parts, classes, look = (
        _table(folder / f"{name}.toml") for name in ("edges", "parts", "classes", "look")
    )
    return Shapes(
        folder,
        edges["edges"],
        parts["parts"],
        classes["classes"],
        {**edges["same"], **classes["same"]},
        classes["depths"],
        look,
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FormatError(
            "WW-SILHOUETTE-TOML",
            f"{path.name} is not valid TOML.",
            note=str(error),
            place=Place(str(path)),
        ) from error


def drawn_as(graph: Graph, item: Node, known: Shapes) -> str | None:
    """Return the name of the nearest class above an item that has a silhouette, or None.

    The search goes up class by class; of two as near, the first by name.
    """
    types = {t for t in graph.objects(item, TYPE) if isinstance(t, NamedNode)}
    ring = types - {above for t in types for above in _above(graph, t) if above != t}
    seen: set[NamedNode] = set()
    while ring:
        found = sorted(name for name in map(_local, ring) if name in known.classes)
        if found:
            return found[0]
        seen |= ring
        ring = {above for t in ring for above in _above(graph, t)} - seen
        ring -= {above for t in ring for above in _above(graph, t) if above != t}
    return None


def silhouette(graph: Graph, item: Node, known: Shapes) -> Silhouette | None:
    """Return how an item is drawn; None where no class above it has a silhouette.

    Raises:
        UnknownName: WW-SILHOUETTE-PART, where the data names a part or edge that is not there.
        FormatError: WW-SILHOUETTE-PATH, WW-SILHOUETTE-KIND, where it is written wrongly.
    """
    name = drawn_as(graph, item, known)
    if name is None:
        return None
    entry = known.classes[name]
    values = _Values(graph, item)
    worn = _drawings(entry["worn"], values, known)
    laid = _drawings(entry["laid"], values, known) if "laid" in entry else worn
    return Silhouette(worn, laid, entry.get("depth"), name)


class _Values:
    """An item's values by the name of the property: the slugs of its concepts, sorted."""

    def __init__(self, graph: Graph, item: Node) -> None:
        self._graph, self._item = graph, item

    def of(self, name: str) -> list[str]:
        found = self._graph.objects(self._item, WW[name])
        return sorted(_local(value).removeprefix(f"{name}-") for value in found)


def _drawings(names: list[str], values: _Values, known: Shapes) -> tuple[Drawing, ...]:
    made: list[Drawing] = []
    for choice in names:
        part = _chosen(choice, values, known.parts, known)
        made += [_drawing(text, values, known) for text in known.parts[part]]
    return tuple(made)


def _drawing(text: str, values: _Values, known: Shapes) -> Drawing:
    kind, _, path = text.partition(" ")
    once, kind = kind.endswith("!"), kind.removesuffix("!")
    if kind not in AREAS | STROKES:
        near = nearest(kind, sorted(AREAS | STROKES))
        raise FormatError(
            "WW-SILHOUETTE-KIND",
            f"'{kind}' is no kind of drawing.",
            hint=f"Did you mean '{near}'?" if near else "",
            place=Place(str(known.folder / "parts.toml")),
        )

    def edge(match: re.Match[str]) -> str:
        return known.edges[_chosen(match[1] or match[2], values, known.edges, known)]

    steps = read_path(_EDGE.sub(edge, path), str(known.folder / "parts.toml"))
    return Drawing(kind, whole(steps, once=once, filled=kind in AREAS))


def _chosen(choice: str, values: _Values, there: Mapping[str, Any], known: Shapes) -> str:
    """Return the first of the names parted by bars that there is."""
    for name in choice.split("|"):
        slot = _SLOT.search(name)
        filled = (
            [name]
            if slot is None
            else [name.replace(slot[0], value) for value in values.of(slot[1])]
        )
        for one in filled:
            if one in there:
                return one
            if known.same.get(one) in there:
                return known.same[one]
    near = nearest(choice, sorted(there))
    raise UnknownName(
        "WW-SILHOUETTE-PART",
        f"'{choice}' is no part or edge of the silhouettes.",
        hint=f"Did you mean '{near}'?" if near else "",
        place=Place(str(known.folder)),
    )


def _above(graph: Graph, node: NamedNode) -> list[NamedNode]:
    return [c for c in graph.objects(node, RDFS.subClassOf) if isinstance(c, NamedNode)]


def _local(node: Node) -> str:
    return node.value.rpartition("#")[2] if isinstance(node, NamedNode) else ""
