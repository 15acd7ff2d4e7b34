"""The photographs of a wardrobe's items: files of ours, under names that nobody else chose."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path
from typing import Final

from wearwhy.errors import TooLarge, UnknownName
from wearwhy.service.uploads.limits import PHOTOGRAPHS

FOLDER: Final = "photographs"
MEDIA: Final = {".jpg": "image/jpeg", ".png": "image/png"}
_NAME: Final = re.compile(r"[0-9a-f]{32}\.(?:jpg|png)")


def said(wardrobe: str, name: str) -> str:
    """Return what the graph says of a photograph: its path in the workspace."""
    return f"{FOLDER}/{wardrobe}/{name}"


def is_ours(text: str, wardrobe: str) -> bool:
    """Return whether a value of `schema:image` is a photograph that was sent to that wardrobe.

    Tables and RDF may say anything there; nothing else of it is ever shown or opened.
    """
    before = f"{FOLDER}/{wardrobe}/"
    return text.startswith(before) and _NAME.fullmatch(text.removeprefix(before)) is not None


def keep(folder: Path, wardrobe: str, picture: bytes, ending: str) -> str:
    """Write a picture down and return its name, which cannot be guessed.

    Raises:
        TooLarge: WW-UPLOAD-PHOTOGRAPHS, where the wardrobe has too many.
    """
    if len(names(folder, wardrobe)) >= PHOTOGRAPHS:
        raise TooLarge(
            "WW-UPLOAD-PHOTOGRAPHS",
            f"The wardrobe has {PHOTOGRAPHS:,} photographs, and no more are kept.",
        )
    own = folder / FOLDER / wardrobe
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = secrets.token_hex(16) + ending
    partial = own / f"{name}.partial"
    partial.write_bytes(picture)
    partial.chmod(0o600)
    partial.replace(own / name)
    return name


def names(folder: Path, wardrobe: str) -> list[str]:
    """Return the names of a wardrobe's photographs, sorted."""
    own = folder / FOLDER / wardrobe
    found = own.iterdir() if own.is_dir() else ()
    return sorted(path.name for path in found if _NAME.fullmatch(path.name))


def read(folder: Path, wardrobe: str, name: str) -> tuple[bytes, str]:
    """Return a photograph's bytes and its media type.

    Args:
        folder: of the workspace.
        wardrobe: whose it is: a name that was looked up, not one that was sent.
        name: as it was sent.

    Raises:
        UnknownName: WW-PHOTOGRAPH-NONE, whatever keeps it from being there.
    """
    try:
        if _NAME.fullmatch(name):
            data = (folder / FOLDER / wardrobe / name).read_bytes()
            return data, MEDIA[Path(name).suffix]
    except OSError:
        pass
    raise UnknownName("WW-PHOTOGRAPH-NONE", "There is no such photograph in this wardrobe.")


def drop(folder: Path, wardrobe: str, name: str) -> None:
    """Throw one photograph away."""
    if _NAME.fullmatch(name):
        (folder / FOLDER / wardrobe / name).unlink(missing_ok=True)


def forget(folder: Path, wardrobe: str) -> int:
    """Throw a wardrobe's photographs away; return how many there were."""
    many = len(names(folder, wardrobe))
    if wardrobe and "/" not in wardrobe and wardrobe not in (".", ".."):
        shutil.rmtree(folder / FOLDER / wardrobe, ignore_errors=True)
    return many
