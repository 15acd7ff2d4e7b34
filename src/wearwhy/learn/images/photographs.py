"""Where the photograph of an item lies, and its bytes: beside what it was loaded from, or nowhere.

What a table says of a photograph is a path relative to the table's own folder. It may not lead
out of that folder: a table may come from anyone. Addresses of the web are never fetched.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from wearwhy.errors import InputError, Place, ValueRefused
from wearwhy.rdf import Literal, NamedNode, Node

MOST_BYTES: Final = 32 * 2**20
"""A larger file is not read."""
_ADDRESS: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Photograph:
    """What an item is said to look like.

    Attributes:
        item: it.
        value: what was said: the object of `schema:image`.
        folders: of the files that the item's owner was loaded from, the latest first.
    """

    item: NamedNode
    value: Node
    folders: tuple[Path, ...]

    @property
    def said(self) -> str:
        """What was said, as text."""
        return self.value.value if isinstance(self.value, Literal | NamedNode) else str(self.value)


def is_relative(value: Node) -> bool:
    """Say whether a value of `schema:image` is a path that a folder can be asked for."""
    if not isinstance(value, Literal):
        return False
    text = value.value.strip().replace("\\", "/")
    return bool(text) and not (_ADDRESS.match(text) or _DRIVE.match(text) or text.startswith("/"))


def located(one: Photograph) -> Path:
    """Return the file of a photograph.

    Raises:
        InputError: WW-IMAGE-ADDRESS for an address of the web; WW-IMAGE-OUTSIDE for a path that
            leads out of the folder; WW-IMAGE-ABSENT where no folder has such a file.
    """
    said = one.said.strip().replace("\\", "/")
    if isinstance(one.value, NamedNode) or (_ADDRESS.match(said) and not _DRIVE.match(said)):
        raise InputError(
            "WW-IMAGE-ADDRESS",
            f"'{said}' is an address, and nothing is fetched.",
            hint="Save the photographs beside the table and say their paths in it.",
        )
    if not is_relative(one.value) or ".." in PurePosixPath(said).parts:
        raise InputError(
            "WW-IMAGE-OUTSIDE",
            f"'{said}' leads out of the folder that it was loaded from.",
            hint="Say paths relative to the table; `--photos DIR` names another folder.",
        )
    for folder in one.folders:
        path = folder / said
        if _is_file(path):
            return path
    raise InputError(
        "WW-IMAGE-ABSENT",
        f"There is no file '{said}'.",
        note="Looked in " + (", ".join(map(str, one.folders)) or "no folder: none is known") + ".",
        hint="Name the folder that the paths start from: `wearwhy learn images --photos DIR`.",
    )


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):  # a name that is too long, or that no file can have
        return False


def content(path: Path) -> bytes:
    """Return the bytes of a photograph.

    Raises:
        InputError: WW-IMAGE-BYTES, where there are too many; WW-IMAGE-ABSENT, where the file
            cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            "WW-IMAGE-ABSENT",
            f"'{path.name}' cannot be read.",
            note=str(error.strerror),
            place=Place(path.name),
        ) from error
    if len(data) > MOST_BYTES:
        raise ValueRefused(
            "WW-IMAGE-BYTES",
            f"'{path.name}' has more than {MOST_BYTES // 2**20} MiB.",
            hint="Save it smaller: 448 pixels a side are all that is looked at.",
            place=Place(path.name),
        )
    return data
