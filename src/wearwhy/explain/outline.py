"""Outlines of silhouettes: paths over one half of a body, and the whole that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from wearwhy.errors import FormatError, Place

Point: TypeAlias = tuple[float, float]
Step: TypeAlias = tuple[str, tuple[Point, ...]]

MIDDLE: Final = 120.0
_POINTS: Final = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}
_TOKEN: Final = re.compile(r"[A-Za-z]|-?\d+(?:\.\d+)?")


def read_path(text: str, file: str) -> tuple[Step, ...]:
    """Return the steps of a path of absolute M, L, Q, C and Z.

    Raises:
        FormatError: WW-SILHOUETTE-PATH, where the text is anything else.
    """
    steps: list[Step] = []
    command, numbers = "", list[float]()
    for token in [*_TOKEN.findall(text), "M"]:
        if not token.isalpha():
            numbers.append(float(token))
            continue
        if command:
            steps += _steps(command, numbers, text, file)
        elif numbers:
            raise _bad(text, file)
        command, numbers = token, []
    if not steps or steps[0][0] != "M":
        raise _bad(text, file)
    return tuple(steps)


def _steps(command: str, numbers: list[float], text: str, file: str) -> list[Step]:
    """Return the steps of one command, which may be given several times its points."""
    size = _POINTS.get(command)
    points = list(zip(numbers[::2], numbers[1::2], strict=False))
    if size is None or len(numbers) != 2 * len(points):
        raise _bad(text, file)
    if size == 0:
        if points:
            raise _bad(text, file)
        return [(command, ())]
    if not points or len(points) % size:
        raise _bad(text, file)
    return [(command, tuple(points[i : i + size])) for i in range(0, len(points), size)]


def _bad(text: str, file: str) -> FormatError:
    return FormatError(
        "WW-SILHOUETTE-PATH",
        f"'{text}' is no path of a silhouette.",
        note="A path begins with M and has the commands M, L, Q, C and Z in absolute coordinates.",
        place=Place(file),
    )


def mirrored(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the mirror image of a path about the middle of the body."""
    return tuple((c, tuple((2 * MIDDLE - x, y) for x, y in points)) for c, points in steps)


def completed(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return a path over one half, and back over the other, closed."""
    back: list[Step] = []
    flipped = mirrored(steps)
    for index in range(len(flipped) - 1, 0, -1):
        command, points = flipped[index]
        before = flipped[index - 1][1][-1]
        back.append((command, (*reversed(points[:-1]), before)))
    there = flipped[-1][1][-1]
    return (*steps, ("L", (there,)), *back, ("Z", ()))


def whole(steps: tuple[Step, ...], *, once: bool, filled: bool) -> tuple[Step, ...]:
    """Return what one drawing of a part draws on both halves of the body.

    Args:
        steps: the path as its part gives it.
        once: whether it is drawn as it stands.
        filled: whether it is an area: one that is left open is closed by its mirror image.
    """
    if once:
        return steps
    if filled and steps[-1][0] != "Z":
        return completed(steps)
    return (*steps, *mirrored(steps))


def written(steps: Iterable[Step]) -> str:
    """Return a path as the `d` of SVG."""
    return " ".join(
        command + " ".join(f"{number(x)} {number(y)}" for x, y in points)
        for command, points in steps
    )


def number(value: float) -> str:
    """Return a coordinate with at most two decimals, in its shortest form."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def bounds(paths: Iterable[tuple[Step, ...]]) -> tuple[float, float, float, float]:
    """Return left, top, width and height of a box that holds every point of the paths."""
    points = [point for steps in paths for _, group in steps for point in group]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
