"""What a query answered, drawn as a graph: things as boxes, statements as lines with a word.

The drawing has classes and no colours of its own, so that it is light or dark as the page is. Its
description says how much there is; the table beside it says all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from wearwhy.explain.lettering import cut, safe
from wearwhy.explain.outline import number

MOST: Final = 80
"""So many statements are drawn."""
BOX: Final = (190.0, 30.0)
GAP: Final = (110.0, 12.0)
MARGIN: Final = 12.0


@dataclass(frozen=True, slots=True)
class Line:
    """A statement: from a thing to a thing, by name, under a word."""

    start: str
    word: str
    end: str


def graph_picture(lines: Sequence[Line], description: str) -> Markup:
    """Return statements as an SVG element that stands in the page.

    Args:
        lines: the statements; those after the first `MOST` are left out.
        description: what is said of the drawing in words.
    """
    drawn = list(dict.fromkeys(lines))[:MOST]
    columns = columns_of(drawn)
    outs, ins = Counter(one.start for one in drawn), Counter(one.end for one in drawn)
    rows: dict[str, int] = {}
    filled: dict[int, int] = {}
    for name, column in columns.items():
        rows[name] = filled.get(column, 0)
        filled[column] = rows[name] + 1
    tall = max(filled.values(), default=1)
    width = 2 * MARGIN + (max(filled, default=0) + 1) * (BOX[0] + GAP[0]) - GAP[0]
    height = 2 * MARGIN + tall * (BOX[1] + GAP[1]) - GAP[1]
    places = {
        name: (
            MARGIN + columns[name] * (BOX[0] + GAP[0]),
            MARGIN + (rows[name] + (tall - filled[columns[name]]) / 2) * (BOX[1] + GAP[1]),
        )
        for name in columns
    }
    size = (number(width), number(height))
    out = [
        f'<svg class="drawn" width="{size[0]}" height="{size[1]}"',
        f' viewBox="0 0 {size[0]} {size[1]}" role="img">',
        f"<title>{safe(description)}</title>",
        *(_line(one, places, near_start=outs[one.start] <= ins[one.end]) for one in drawn),
        *(_box(name, at) for name, at in places.items()),
        "</svg>",
    ]
    return Markup("".join(out))  # noqa: S704  # every text in it went through `safe`


def columns_of(lines: Sequence[Line]) -> dict[str, int]:
    """Return the column of each thing: what nothing points to stands first.

    A thing stands one column after the first that points to it; in a circle, after the first met.
    """
    ends = {one.end for one in lines}
    names = dict.fromkeys(name for one in lines for name in (one.start, one.end))
    ring = [name for name in names if name not in ends] or list(names)[:1]
    columns = dict.fromkeys(ring, 0)
    after: dict[str, list[str]] = {}
    for one in lines:
        after.setdefault(one.start, []).append(one.end)
    while len(columns) < len(names):
        ring = ring or [next(name for name in names if name not in columns)]
        following: list[str] = []
        for name in ring:
            columns.setdefault(name, 0)
            for end in after.get(name, ()):
                if end not in columns:
                    columns[end] = columns[name] + 1
                    following.append(end)
        ring = following
    return {name: columns[name] for name in names}


def _line(one: Line, places: dict[str, tuple[float, float]], *, near_start: bool) -> str:
    """Return a statement: a line, and its word at the end where fewer lines meet."""
    (x, y), (to, end) = places[one.start], places[one.end]
    x, y, end = x + BOX[0], y + BOX[1] / 2, end + BOX[1] / 2
    middle = (x + to) / 2
    path = (
        f"M{number(x)} {number(y)}C{number(middle)} {number(y)}"
        f" {number(middle)} {number(end)} {number(to)} {number(end)}"
    )
    word = safe(cut(one.word, GAP[0] - 12))
    at = (x + 6, y - 4, "start") if near_start else (to - 6, end - 4, "end")
    return (
        f'<path class="edge" d="{path}"/><text class="word" x="{number(at[0])}"'
        f' y="{number(at[1])}" text-anchor="{at[2]}">{word}</text>'
    )


def _box(name: str, at: tuple[float, float]) -> str:
    x, y = at
    return (
        f'<g transform="translate({number(x)} {number(y)})"><title>{safe(name)}</title>'
        f'<rect class="thing" width="{number(BOX[0])}" height="{number(BOX[1])}" rx="6"/>'
        f'<text x="10" y="20">{safe(cut(name, BOX[0] - 20))}</text></g>'
    )
