"""Pictures for the page: one item by itself, and a dressed figure; the shapes are `kg/silhouettes`.

An operation each, run where the workspace may be touched; what it returns is the text of an SVG
file without scripts or references.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pyoxigraph import NamedNode

from wearwhy.errors import UnknownName
from wearwhy.explain.cloth import cloth
from wearwhy.explain.outline import bounds, number
from wearwhy.explain.picture import Piece, drawn, dressed, pieces_of
from wearwhy.explain.silhouette import Shapes, drawn_as, shapes, silhouette
from wearwhy.outfit.labels import label
from wearwhy.rdf import WW
from wearwhy.rules.layer import Layer
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.service import Service
from wearwhy.workspace import find
from wearwhy.workspace.replay import look_from

TILE: Final = 160.0
AIR: Final = 14.0
BODY: Final = (240.0, 580.0)
"""The frame in which bodies are drawn, as `kg/silhouettes/edges.toml` has it."""
LARGEST: Final = 1.7
_OPENING: Final = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img">'


def item_picture(service: Service, caller: Caller, item: str, wardrobe: str | None) -> str:
    """Return the drawing of an item in a square.

    Raises:
        UnknownName: WW-WARDROBE-NONE; WW-SILHOUETTE-NONE, where no class above it has a shape.
    """
    caller.require(Scope.READ)
    layer = service.workspace.layer(caller.wardrobe(wardrobe))
    node = find.item(layer, item)
    key = ("page picture", node)
    found = layer.cache.get(key)
    if not isinstance(found, str):
        found = layer.cache[key] = _tile(layer, node, shapes())
    return found


def _tile(layer: Layer, node: NamedNode, known: Shapes) -> str:
    shape = silhouette(layer, node, known)
    if shape is None:
        raise UnknownName("WW-SILHOUETTE-NONE", "Nothing says how this is drawn.")
    metal = not any(one.kind in {"cloth", "strap"} for one in shape.laid)
    paints = cloth(layer, node, known, all_metal=metal, kinds=frozenset((shape.name,)))
    piece = Piece(label(layer, node, "en"), "", 0.0, shape, paints, "ww-cloth")
    left, top, width, height = bounds(one.steps for one in shape.laid)
    room = TILE - 2 * AIR
    scale = min(LARGEST, room / max(width, 1.0), room / max(height, 1.0))
    at = [
        (TILE - side * scale) / 2 - start * scale for side, start in ((width, left), (height, top))
    ]
    order = [one for one in shape.laid if one.kind == "inside"]
    order += [one for one in shape.laid if one.kind != "inside"]
    return "".join(
        [
            _OPENING.format(number(TILE), number(TILE)),
            f"<defs>{paints.pattern(piece.id)}</defs>" if paints.tile else "",
            f'<g transform="translate({number(at[0])} {number(at[1])}) scale({scale:.4f})">',
            *(drawn(one, piece, known, 1 / scale) for one in order),
            "</g></svg>",
        ]
    )


def look_picture(service: Service, caller: Caller, look_id: str, wardrobe: str | None) -> str:
    """Return the drawing of somebody dressed in a look.

    Raises:
        UnknownName: WW-WARDROBE-NONE; WW-LOOK-UNKNOWN.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    layer = service.workspace.layer(name)
    look = look_from(service.workspace.look(look_id, name), 0)
    worn = pieces_of(layer, look, "en", "look")
    patterns = [piece.cloth.pattern(piece.id) for piece in worn if piece.cloth.tile]
    return "".join(
        [
            _OPENING.format(number(BODY[0] * 1.1), number(BODY[1])),
            f"<defs>{''.join(patterns)}</defs>" if patterns else "",
            *dressed(worn, shapes(), (0.0, -12.0)),
            "</svg>",
        ]
    )


@cache
def hanger() -> str:
    """Return the drawing of what has no shape of its own: the ontology's most general class."""
    known = shapes()
    layer = Layer.root((), (), ())
    from wearwhy.rdf import TYPE, Fact  # noqa: PLC0415
    from wearwhy.rules.layer import Change  # noqa: PLC0415

    node = WW["a-thing"]
    layer = layer.child(Change(add=(Fact(node, TYPE, WW.Item),)))
    assert drawn_as(layer, node, known) == "Item"
    return _tile(layer, node, known)
