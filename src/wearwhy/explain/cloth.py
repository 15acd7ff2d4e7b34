"""The cloth of an item: colours and pattern as SVG paints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wearwhy.explain.outline import number
from wearwhy.explain.silhouette import Shapes
from wearwhy.rdf import WW, Literal, NamedNode, Node
from wearwhy.walk.graph import Graph


@dataclass(frozen=True, slots=True)
class Cloth:
    """The paints of an item, each a colour as `#rrggbb`.

    Attributes:
        main: of the cloth.
        accent: its second colour.
        line: of seams and edges.
        shade: of its inner side and soles.
        metal: of its fittings.
        tile: SVG of the pattern, or an empty text.
        size: of the tile.
        scale: of the pattern.
        upright: whether the pattern is turned to run down the body.
    """

    main: str
    accent: str
    line: str
    shade: str
    metal: str
    tile: str = ""
    size: float = 0
    scale: float = 1
    upright: bool = False

    def fill(self, name: str) -> str:
        """Return what areas of cloth are filled with, where its pattern is called `name`."""
        return f"url(#{name})" if self.tile else self.main

    def pattern(self, name: str) -> str:
        """Return the SVG pattern of the cloth under a name; an empty text, where it is plain."""
        if not self.tile:
            return ""
        size = number(self.size)
        steps = [f"scale({number(self.scale)})"] if self.scale != 1 else []
        steps += ["rotate(90)"] if self.upright else []
        turned = f' patternTransform="{" ".join(steps)}"' if steps else ""
        ground = f'<rect width="{size}" height="{size}" fill="{self.main}"/>'
        return (
            f'<pattern id="{name}" width="{size}" height="{size}"'
            f' patternUnits="userSpaceOnUse"{turned}>{ground}{self.tile}</pattern>'
        )


def cloth(
    graph: Graph,
    item: Node,
    known: Shapes,
    *,
    all_metal: bool = False,
    kinds: frozenset[str] = frozenset(),
) -> Cloth:
    """Return the cloth of an item as its facts and the data of the shapes have it.

    Args:
        graph: what is known of it.
        item: to draw.
        known: the shapes, whose data name the paints.
        all_metal: whether it has no cloth, so that its colour is the metal's.
        kinds: the slot it is worn in and the class it is drawn as, which turn some patterns.
    """
    look = known.look
    colours = _colours(graph, item, WW.colour)
    accents = [c for c in _colours(graph, item, WW.accentColour) if c not in colours[:1]]
    main = colours[0] if colours else look["unknown"]
    dark = lightness(main) < 0.32  # where a darker line would not be seen
    line = mixed(main, "#ffffff" if dark else "#000000", 0.34 if dark else 0.38)
    shade = mixed(main, "#ffffff" if dark else "#000000", 0.14 if dark else 0.28)
    second = [*accents, *colours[1:]]
    against = "#ffffff" if lightness(main) < 0.55 else "#000000"
    accent = second[0] if second else mixed(main, against, 0.5)
    metals = [look["metals"][m] for m in _slugs(graph, item, "metal") if m in look["metals"]]
    tile, size, upright = _tile(graph, item, look)
    scales = [look["scales"][s] for s in _slugs(graph, item, "patternScale", "pattern-scale")]
    for name, paint in (("main", main), ("accent", accent), ("line", line)):
        tile = tile.replace(f"{{{name}}}", paint)
    return Cloth(
        main,
        second[0] if second else shade,
        line,
        shade,
        metals[0] if metals else main if all_metal and colours else look["metal"],
        tile,
        size,
        scales[0] if scales else 1,
        bool(kinds & upright),
    )


def _tile(graph: Graph, item: Node, look: Mapping[str, Any]) -> tuple[str, float, frozenset[str]]:
    """Return the tile that an item's pattern or material is drawn with, its size, and what turns it."""
    for scheme, name in (("patterns", "pattern"), ("materials", "material")):
        has = set(_slugs(graph, item, name))
        for slug, tile in look[scheme].items():
            if slug in has:
                return tile["draw"], float(tile["size"]), frozenset(tile.get("upright", ()))
    return "", 0, frozenset()


def _colours(graph: Graph, item: Node, predicate: NamedNode) -> list[str]:
    """Return the hex values of an item's colours; those that have none are passed over."""
    found = sorted(graph.objects(item, predicate), key=str)
    values = (graph.value(colour, WW.hex) for colour in found)
    return [value.value for value in values if isinstance(value, Literal)]


def _slugs(graph: Graph, item: Node, name: str, scheme: str = "") -> list[str]:
    prefix = f"{WW}{scheme or name}-"
    found = graph.objects(item, WW[name])
    return sorted(v.value.removeprefix(prefix) for v in found if isinstance(v, NamedNode))


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share (0-1) of another mixed in, channel by channel."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def lightness(colour: str) -> float:
    """Return the relative luminance of a colour (0-1), by the weights of Rec. 709, ungamma'd."""
    red, green, blue = (channel / 255 for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
