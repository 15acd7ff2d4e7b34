"""Curves as a picture: panels of lines over a common scale, as SVG that reads on light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

PANEL: Final = (360.0, 240.0)
MARGIN: Final = 56.0
COLOURS: Final = ("#1b6ca8", "#c2571a", "#3a7d44", "#7b4b94")
DASHES: Final = ("", "6 4", "2 3", "8 3 2 3")
TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name and its points (x, y)."""

    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines with the names of their axes."""

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]


def chart(title: str, panels: Sequence[Panel]) -> str:
    """Return panels side by side as SVG; lines differ by colour and by dashes.

    Each panel has a scale of its own, which holds all of its points.
    """
    wide = len(panels) * (PANEL[0] + MARGIN) + MARGIN
    tall = PANEL[1] + 2.6 * MARGIN
    drawn = [_panel(panel, MARGIN + n * (PANEL[0] + MARGIN)) for n, panel in enumerate(panels)]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {tall:g}" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{wide:g}" height="{tall:g}" rx="12" fill="#ffffff"/>',
            '<g font-family="sans-serif" font-size="12" fill="#222222">',
            *drawn,
            "</g>",
            "</svg>",
            "",
        )
    )


def _panel(panel: Panel, left: float) -> str:
    points = [point for line in panel.lines for point in line.points] or [(0.0, 0.0)]
    x0, x1 = _span([x for x, _ in points])
    y0, y1 = _span([y for _, y in points])
    top, (width, height) = MARGIN, PANEL

    def at(x: float, y: float) -> tuple[float, float]:
        return (left + (x - x0) / (x1 - x0) * width, top + height - (y - y0) / (y1 - y0) * height)

    out = [
        _text(panel.title, left + width / 2, top - 20, weight="bold"),
        _text(panel.across, left + width / 2, top + height + 36),
        f'<g transform="rotate(-90 {left - 40:g} {top + height / 2:g})">',
        _text(panel.up, left - 40, top + height / 2),
        "</g>",
    ]
    for n in range(TICKS):
        x, y = x0 + (x1 - x0) * n / (TICKS - 1), y0 + (y1 - y0) * n / (TICKS - 1)
        (px, _), (_, py) = at(x, y0), at(x0, y)
        out.append(_rule((px, top), (px, top + height)))
        out.append(_rule((left, py), (left + width, py)))
        out.append(_text(f"{x:.3g}", px, top + height + 16))
        out.append(_text(f"{y:.3g}", left - 18, py + 4))
    for n, line in enumerate(panel.lines):
        colour, dash = COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)]
        way = " ".join(f"{x:.2f},{y:.2f}" for x, y in (at(*point) for point in line.points))
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        out.append(f'<polyline points="{way}" fill="none" {style}/>')
        low = top + height + 58 + 16 * n
        out.append(f'<path d="M{left:g} {low:g}h28" {style}/>')
        out.append(_text(line.label, left + 36, low + 4, anchor="start"))
    return "\n".join(out)


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _rule(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<path d="M{x1:.2f} {y1:.2f}L{x2:.2f} {y2:.2f}" stroke="#dddddd"/>'


def _text(text: str, x: float, y: float, *, anchor: str = "middle", weight: str = "normal") -> str:
    place = f'x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" font-weight="{weight}"'
    return f"<text {place}>{escape(text)}</text>"
