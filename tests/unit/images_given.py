"""Photographs drawn for the tests, and something that sees without a network."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.images import embedding
from wearwhy.learn.images.embedding import Summary
from wearwhy.learn.images.parts import WIDTH
from wearwhy.learn.images.photographs import Photograph
from wearwhy.rdf import ID, Literal, NamedNode

NAMES = ("coat", "scarf", "shoe", "skirt")
COLOURS = {
    "coat": (30, 30, 90),
    "scarf": (200, 40, 40),
    "shoe": (60, 40, 20),
    "skirt": (240, 240, 0),
}


def item(name: str) -> NamedNode:
    """Return the IRI of an item."""
    return NamedNode(f"{ID}test/{name}")


def drawn(kind: str, colour: tuple[int, int, int], size: tuple[int, int] = (90, 120)) -> Any:
    """Return a drawing of a thing on white, as Pillow has it."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", size, (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    w, h = size
    if kind == "coat":
        draw.rectangle((w * 0.25, h * 0.1, w * 0.75, h * 0.95), fill=colour)
        draw.polygon([(w * 0.25, h * 0.1), (0, h * 0.6), (w * 0.12, h * 0.65)], fill=colour)
        draw.polygon([(w * 0.75, h * 0.1), (w, h * 0.6), (w * 0.88, h * 0.65)], fill=colour)
    elif kind == "scarf":
        draw.line((w * 0.2, 0, w * 0.5, h * 0.5, w * 0.4, h), fill=colour, width=w // 8)
    elif kind == "shoe":
        draw.ellipse((w * 0.05, h * 0.6, w * 0.95, h * 0.85), fill=colour)
        draw.rectangle((w * 0.05, h * 0.4, w * 0.35, h * 0.75), fill=colour)
    else:
        draw.polygon([(w * 0.4, h * 0.1), (w * 0.6, h * 0.1), (w, h), (0, h)], fill=colour)
    return picture


def encoded(picture: Any, form: str = "PNG", **more: object) -> bytes:
    """Return a drawing as a file's bytes."""
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def draw_all(folder: Path, names: Sequence[str] = NAMES) -> list[Photograph]:
    """Draw things into a folder's `photos`, and return the photographs that items have of them."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / "photos" / f"{name}.png").write_bytes(encoded(drawn(name, COLOURS[name])))
    return [said(folder, name, f"photos/{name}.png") for name in names]


def said(folder: Path, name: str, path: str) -> Photograph:
    """Return what is said of an item."""
    return Photograph(item(name), Literal(path), (folder,))


class Glance:
    """What sees: coarse means of the pixels, the same for the same picture; it counts its looks."""

    def __init__(self, patience: int = 10**6) -> None:
        self.seen = 0
        self.patience = patience

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return a vector, unless patience is at its end: then Ctrl-C is pressed."""
        if self.seen >= self.patience:
            raise KeyboardInterrupt
        self.seen += 1
        coarse = pixels.reshape(14, 16, 14, 16, 3).mean(axis=(1, 3)).ravel() / 255
        return np.resize(coarse, WIDTH).astype(np.float32)


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


def embedded(photographs: Sequence[Photograph], folder: Path, see: Glance) -> Summary:
    """Embed photographs by a glance."""
    return embedding.embed(photographs, folder, progress=silent, network=lambda: see)
