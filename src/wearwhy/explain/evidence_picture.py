"""Evidence as a picture: what is concluded on the left, what it rests on to the right of it.

One SVG text without scripts or references to anything outside; the same evidence gives the same
bytes. Its description tells the same in words, level by level, for those who do not see it.
"""

from __future__ import annotations

from typing import Final

from wearwhy.evidence import Kind
from wearwhy.explain.drawing import DASHED, PAINTS, Drawn, Layout
from wearwhy.explain.lettering import FONT, TEXT, safe, wrapped
from wearwhy.explain.naming import Names
from wearwhy.explain.outline import number

MARGIN: Final = 24.0
BOX: Final = (270.0, 62.0)
GAP: Final = (46.0, 12.0)
PADDING: Final = 9.0
LINE: Final = 15.0
HEAD: Final = 40.0
LEGEND: Final = 34.0
INK: Final = "#1b1b1f"
QUIET: Final = "#5f6068"


def evidence_picture(named: Names, drawn: Layout, title: str) -> str:
    """Return evidence as the text of an SVG file.

    Args:
        named: names in the language of the picture.
        drawn: the evidence, laid out.
        title: what the picture is called.
    """
    columns = max(one.level for one in drawn.nodes) + 1
    rows = max(one.row for one in drawn.nodes) + 1
    kinds = [kind for kind in Kind if any(one.node.kind is kind for one in drawn.nodes)]
    inner = max(columns * (BOX[0] + GAP[0]) - GAP[0], len(kinds) * 96.0)
    width = inner + 2 * MARGIN
    height = HEAD + rows * (BOX[1] + GAP[1]) + LEGEND + MARGIN
    size = (number(width), number(height))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}"'
        f' width="{size[0]}" height="{size[1]}" lang="{safe(named.language)}" role="img"'
        f' aria-labelledby="ww-title ww-desc" font-family="{safe(FONT)}"'
        f' font-size="{number(TEXT)}">'
    )
    out = [
        opening,
        f'<title id="ww-title">{safe(title)}</title>',
        f'<desc id="ww-desc">{safe(_told(drawn))}</desc>',
        f'<rect width="{size[0]}" height="{size[1]}" rx="14" fill="#ffffff" stroke="#d7d7dc"/>',
        _text(wrapped(title, width - 2 * MARGIN, 1)[0], (MARGIN, 26), 'font-weight="600"'),
        '<g fill="none" stroke="#9a9aa3" stroke-width="1.2">',
        *(
            _curve(drawn.nodes[edge.above], drawn.nodes[edge.below], again=edge.again)
            for edge in drawn.edges
        ),
        "</g>",
        *(_box(one) for one in drawn.nodes),
        *_legend(named, kinds, HEAD + rows * (BOX[1] + GAP[1])),
        "</svg>",
        "",
    ]
    return "\n".join(out)


def _place(one: Drawn) -> tuple[float, float]:
    x = MARGIN + one.level * (BOX[0] + GAP[0])
    return x, HEAD + one.row * (BOX[1] + GAP[1])


def _curve(above: Drawn, below: Drawn, *, again: bool) -> str:
    x, y = _place(above)
    to, end = _place(below)
    x, y, end = x + BOX[0], y + BOX[1] / 2, end + BOX[1] / 2
    middle = number((x + to) / 2)
    dashes = ' stroke-dasharray="4 3"' if again else ""
    start, target = f"{number(x)} {number(y)}", f"{number(to)} {number(end)}"
    return f'<path d="M{start}C{middle} {number(y)} {middle} {number(end)} {target}"{dashes}/>'


def _box(one: Drawn) -> str:
    """Return one node: its box, in the paint of its kind, and its text; needed facts stand out."""
    fill, line = PAINTS[one.node.kind]
    x, y = _place(one)
    thick = "2.4" if one.node.needed else "1.2"
    dashes = ' stroke-dasharray="5 3"' if one.node.kind in DASHED else ""
    text = _full(one)
    frame = (
        f'<rect width="{number(BOX[0])}" height="{number(BOX[1])}" rx="8" fill="{fill}"'
        f' stroke="{line}" stroke-width="{thick}"{dashes}/>'
    )
    out = [
        f'<g transform="translate({number(x)} {number(y)})"><title>{safe(text)}</title>',
        frame,
    ]
    lines = wrapped(text, BOX[0] - 2 * PADDING)
    top = (BOX[1] - len(lines) * LINE) / 2 + TEXT
    out += [_text(part, (PADDING, top + n * LINE)) for n, part in enumerate(lines)]
    return "".join([*out, "</g>"])


def _full(one: Drawn) -> str:
    return f"{one.text} (+{one.hidden} …)" if one.hidden else one.text


def _text(text: str, at: tuple[float, float], style: str = "") -> str:
    space = " " if style else ""
    return (
        f'<text x="{number(at[0])}" y="{number(at[1])}" fill="{INK}"{space}{style}>'
        f"{safe(text)}</text>"
    )


def _legend(named: Names, kinds: list[Kind], top: float) -> list[str]:
    """Return the kinds of evidence that are drawn, each beside its paint."""
    out = [f'<g transform="translate({number(MARGIN)} {number(top + 12)})" aria-hidden="true">']
    for n, kind in enumerate(kinds):
        fill, line = PAINTS[kind]
        x = n * 96.0
        out.append(
            f'<rect x="{number(x)}" width="14" height="14" rx="3" fill="{fill}" stroke="{line}"/>'
        )
        said = named.say(f"kind-{kind.value}")
        out.append(f'<text x="{number(x + 20)}" y="11" fill="{QUIET}">{safe(said)}</text>')
    return [*out, "</g>"]


def _told(drawn: Layout) -> str:
    """Return the picture in words: a line a node, further in the deeper it stands."""
    return "\n".join("· " * one.level + _full(one) for one in drawn.nodes)
