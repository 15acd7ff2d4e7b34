"""Looks as a picture: a dressed figure a look, and beside it each garment with its name.

The picture is one SVG text: no scripts, no references to anything outside, the same bytes for the
same looks. It stands on panels of its own, so it reads on a light page and on a dark one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wearwhy.explain.cloth import Cloth, cloth
from wearwhy.explain.lettering import FONT, TEXT, cut, safe, wrapped
from wearwhy.explain.outline import bounds, number, read_path, whole, written
from wearwhy.explain.silhouette import AREAS, Drawing, Shapes, Silhouette, shapes, silhouette
from wearwhy.outfit.labels import label
from wearwhy.outfit.look import Look, Placed
from wearwhy.rdf import WW, Literal, Node
from wearwhy.walk.graph import Graph

MARGIN: Final = 24.0
FIGURE: Final = 250.0
TILE: Final = (132.0, 104.0)
LINE: Final = 15.0
COLUMNS: Final = 2
HEAD: Final = 58.0
BODY: Final = 612.0
TALL: Final = 1.1
LEAST: Final = 0.18
MOST: Final = 1.8
WORDS: Final = {
    "en": ("Look {n}", "{n} looks", "{n} look", ": ", ", ", ". "),
    "zh": ("搭配{n}", "{n}套搭配", "{n}套搭配", ":", "、", "。"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """An item as it is drawn: what it is called, its slot, its shape and paints."""

    name: str
    slot: str
    depth: float
    shape: Silhouette
    cloth: Cloth
    id: str


def picture(layer: Graph, looks: Sequence[Look], language: str = "en") -> str:
    """Return the picture of some looks, side by side, as the text of an SVG file.

    Args:
        layer: where the items' facts and the names of things stand.
        looks: to draw; none gives an empty page.
        language: of the labels, `en` or `zh`.

    Raises:
        FormatError, UnknownName: where the data of the silhouettes is broken.
    """
    known = shapes()
    words = WORDS.get(language, WORDS["en"])
    cards = [pieces_of(layer, look, language, f"{n}-{look.id}") for n, look in enumerate(looks)]
    width = MARGIN * 2 + FIGURE + COLUMNS * TILE[0]
    rows = max((-(-len(pieces) // COLUMNS) for pieces in cards), default=0)
    lines = max((len(wrapped(p.name, TILE[0] - 8)) for c in cards for p in c), default=1)
    pitch = TILE[1] + (lines + 1) * LINE + 14
    height = HEAD + max(BODY, rows * pitch) + MARGIN
    total = max(1, len(looks)) * (width + MARGIN) + MARGIN
    title = words[2 if len(looks) == 1 else 1].format(n=len(looks))
    telling = words[5].join(
        words[0].format(n=n) + words[3] + words[4].join(piece.name for piece in pieces)
        for n, pieces in enumerate(cards, start=1)
    )
    size = (number(total), number(height + 2 * MARGIN))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}"'
        f' width="{size[0]}" height="{size[1]}" lang="{safe(language)}" role="img"'
        f' aria-labelledby="ww-title ww-desc" font-family="{safe(FONT)}">'
    )
    out = [
        opening,
        f'<title id="ww-title">{safe(title)}</title>',
        f'<desc id="ww-desc">{safe(telling)}</desc>',
        "<defs>",
        *(p.cloth.pattern(p.id) for pieces in cards for p in pieces if p.cloth.tile),
        "</defs>",
    ]
    for n, (look, pieces) in enumerate(zip(looks, cards, strict=True)):
        heading = words[0].format(n=n + 1)
        about = _about(layer, look, language, words[4])
        box = (MARGIN + n * (width + MARGIN), MARGIN, width, height)
        out += _card(pieces, known, (heading, about), box, pitch)
    return "\n".join([*(line for line in out if line), "</svg>", ""])


def pieces_of(layer: Graph, look: Look, language: str, id_: str) -> list[Piece]:
    """Return a look's items as they are drawn; those of no known shape are left out.

    Args:
        layer: that knows them.
        look: whose items they are.
        language: of their names.
        id_: what the ids within the picture begin with.
    """
    known = shapes()
    made = []
    for n, placed in enumerate(look.placed):
        shape = silhouette(layer, placed.item, known)
        if shape is None:
            continue
        all_metal = not any(d.kind in {"cloth", "strap"} for d in shape.laid)
        slot = placed.slot.value.rpartition("#slot-")[2]
        depth = shape.depth if shape.depth is not None else known.depths.get(slot, 50)
        made.append(
            Piece(
                label(layer, placed.item, language),
                _kind(layer, placed, shape, language),
                depth + n / 1000,
                shape,
                cloth(
                    layer,
                    placed.item,
                    known,
                    all_metal=all_metal,
                    kinds=frozenset((slot, shape.name)),
                ),
                f"ww-{id_}-{n}",
            )
        )
    return made


def _kind(layer: Graph, placed: Placed, shape: Silhouette, language: str) -> str:
    """Return an item's slot, after the name of its class where its own name does not say it."""
    slot, name = (label(layer, node, language) for node in (placed.slot, WW[shape.name]))
    own = label(layer, placed.item, language).casefold()
    return slot if name.casefold() in own else f"{name} · {slot}"


def _about(layer: Graph, look: Look, language: str, comma: str) -> str:
    """Return what the look is for, in a line."""
    request = look.request
    said: list[Node] = [*request.occasions]
    said += [node for node in (request.part_of_day, request.dress_code) if node is not None]
    weather = [f.object for f in request.facts() if f.predicate == WW.weather]
    names = [label(layer, node, language) for node in [*said, *weather]]
    degrees = [
        f.object.value
        for f in request.facts()
        if f.predicate == WW.temperature and isinstance(f.object, Literal)
    ]
    names += [f"{value} °C" for value in degrees]
    if request.date is not None:
        names.insert(0, request.date.isoformat())
    return comma.join(names)


def _card(
    pieces: list[Piece],
    known: Shapes,
    said: tuple[str, str],
    box: tuple[float, float, float, float],
    pitch: float,
) -> list[str]:
    """Return the panel of one look: what is said above it, its figure, its garments in a grid."""
    look = known.look
    left, top, width, height = box
    panel = f'width="{number(width)}" height="{number(height)}" rx="14" fill="{look["panel"]}"'
    about = cut(said[1], width - 2 * MARGIN)
    out = [
        f'<g transform="translate({number(left)} {number(top)})">',
        f'<rect {panel} stroke="{look["frame"]}"/>',
        _text(said[0], (MARGIN, 32), f'font-size="18" font-weight="600" fill="{look["ink"]}"'),
        _text(about, (MARGIN, 50), f'font-size="12" fill="{look["quiet"]}"'),
        *dressed(pieces, known, (MARGIN - 14, HEAD + (height - HEAD - BODY) / 3 - 8)),
    ]
    for n, piece in enumerate(pieces):
        row, column = divmod(n, COLUMNS)
        x = MARGIN + FIGURE + column * TILE[0]
        out += _tile(piece, known, (x, HEAD + 8 + row * pitch))
    return [*out, "</g>"]


def dressed(pieces: list[Piece], known: Shapes, at: tuple[float, float]) -> list[str]:
    """Return the dressed figure: inner sides, body, then what is worn, from within outwards."""
    look = known.look
    order = sorted(pieces, key=lambda piece: piece.depth)
    out = [
        f'<g transform="translate({number(at[0])} {number(at[1])}) scale({TALL})" aria-hidden="true">'
    ]
    out += [drawn(d, p, known) for p in order for d in p.shape.worn if d.kind == "inside"]
    out += [
        f'<path d="{written(whole(read_path(d, "look.toml"), once=False, filled=True))}"'
        f' fill="{look["figure"]}"/>'
        for d in look["body"]["draw"]
    ]
    for piece in order:
        out += [drawn(d, piece, known) for d in piece.shape.worn if d.kind != "inside"]
    return [*out, "</g>"]


def _tile(piece: Piece, known: Shapes, at: tuple[float, float]) -> list[str]:
    """Return an item by itself, with its name and its slot under it."""
    look = known.look
    left, top, width, height = bounds(d.steps for d in piece.shape.laid)
    room = (TILE[0] - 20, TILE[1] - 8)
    scale = min(MOST, max(LEAST, min(room[0] / max(width, 1), room[1] / max(height, 1))))
    x = (TILE[0] - width * scale) / 2 - left * scale
    y = (TILE[1] - height * scale) / 2 - top * scale
    out = [
        f'<g transform="translate({number(at[0])} {number(at[1])})"><title>{safe(piece.name)}</title>',
        f'<g transform="translate({number(x)} {number(y)}) scale({scale:.4f})">',
        *(drawn(d, piece, known, 1 / scale) for d in piece.shape.laid if d.kind == "inside"),
        *(drawn(d, piece, known, 1 / scale) for d in piece.shape.laid if d.kind != "inside"),
        "</g>",
    ]
    lines = wrapped(piece.name, TILE[0] - 8)
    for n, line in enumerate([*lines, *wrapped(piece.slot, TILE[0] + 12)[:1]]):
        size, ink = (TEXT, "ink") if n < len(lines) else (10, "quiet")
        style = f'text-anchor="middle" font-size="{number(size)}" fill="{look[ink]}"'
        out.append(_text(line, (TILE[0] / 2, TILE[1] + 14 + n * LINE), style))
    return [*out, "</g>"]


def _text(text: str, at: tuple[float, float], style: str) -> str:
    return f'<text x="{number(at[0])}" y="{number(at[1])}" {style}>{safe(text)}</text>'


def drawn(drawing: Drawing, piece: Piece, known: Shapes, thickness: float = 1.0) -> str:
    """Return one path of an item, painted as its kind is.

    Args:
        drawing: the path.
        piece: whose cloth it is of.
        known: the shapes, whose data name the other colours.
        thickness: what strokes are widened by, so that they look alike at every scale.
    """
    paint = piece.cloth
    d = written(drawing.steps)
    thin = number(min(2.6, 1.1 * thickness))
    if drawing.kind in AREAS:
        fill = {
            "inside": paint.shade,
            "cloth": paint.fill(piece.id),
            "trim": paint.accent,
            "shade": paint.shade,
            "metal": paint.metal,
        }.get(drawing.kind) or known.look[drawing.kind]
        return (
            f'<path d="{d}" fill="{fill}" stroke="{paint.line}" stroke-width="{thin}"'
            ' stroke-linejoin="round"/>'
        )
    colour, wide = {
        "line": (paint.line, thin),
        "dots": (paint.line, "3.2"),
        "strap": (paint.main, "4"),
        "chain": (paint.metal, number(max(2.0, 1.6 * thickness))),
    }[drawing.kind]
    under = ""
    if drawing.kind in {"strap", "chain"}:
        under = (
            f'<path d="{d}" fill="none" stroke="{paint.line}"'
            f' stroke-width="{number(float(wide) + 1.4)}" stroke-linecap="round"/>'
        )
    return (
        f'{under}<path d="{d}" fill="none" stroke="{colour}" stroke-width="{wide}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
