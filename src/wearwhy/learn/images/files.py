"""The file of embedded photographs: arrays that can be mapped into memory, and a card to read.

`images.safetensors` holds each vector once, by the digest of the photograph's bytes, and which
items have which; `images.json` says what made them, for people.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from wearwhy.errors import FormatError, Place
from wearwhy.learn.images.journal import Half
from wearwhy.learn.images.looks import looks
from wearwhy.learn.images.parts import MADE, WIDTH
from wearwhy.learn.images.weights import Floats

ARRAYS: Final = "images.safetensors"
CARD: Final = "images.json"
_DIGEST: Final = 32
_ABOUT: Final = "pictures"


@dataclass(frozen=True, slots=True)
class Held:
    """What the file holds.

    Attributes:
        vectors: an embedding a photograph, mapped, not read.
        digests: of the photographs' bytes, a row each, in the order of `vectors`.
        items: IRIs of items with a photograph, sorted.
        starts: where each item's photographs begin in `rows` and `said`; one more at the end.
        rows: which vectors.
        said: which values of `schema:image`.
        mean: what is taken off where vectors are compared.
        looks: a unit vector an item, for comparing.
        digest: of all this.
    """

    vectors: Half
    digests: NDArray[np.uint8]
    items: tuple[str, ...]
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    said: tuple[str, ...]
    mean: Floats
    looks: Half
    digest: str

    def known(self) -> dict[bytes, Half]:
        """Return the vectors by the digest of their photographs."""
        return dict(zip(map(bytes, self.digests), self.vectors, strict=True))

    def shown(self) -> dict[tuple[str, str], bytes]:
        """Return the digest of each photograph by item and what was said of it."""
        return {
            (item, self.said[at]): bytes(self.digests[self.rows[at]])
            for n, item in enumerate(self.items)
            for at in range(self.starts[n], self.starts[n + 1])
        }


def mean_rows(
    vectors: Half, starts: NDArray[np.int32], rows: NDArray[np.int32], wanted: NDArray[np.intp]
) -> Floats:
    """Return the raw vectors of items, given by number: means over their photographs."""
    out = vectors[rows[starts[wanted]]].astype(np.float32)
    for at in np.flatnonzero(starts[wanted + 1] - starts[wanted] > 1):
        n = wanted[at]
        out[at] = vectors[rows[starts[n] : starts[n + 1]]].astype(np.float32).mean(axis=0)
    return out


def write(
    folder: Path,
    shown: Mapping[tuple[str, str], bytes],
    known: Mapping[bytes, Half],
    versions: Mapping[str, str],
) -> str:
    """Write the file and its card, each replaced in one step, and return the digest.

    Args:
        folder: of the workspace's models.
        shown: which photograph, by digest, each item has under what was said of it.
        known: vectors by digest; those that no item has are left out.
        versions: of what made them, for the card.
    """
    order = sorted(shown)
    digests = sorted(set(shown.values()))
    row = {digest: n for n, digest in enumerate(digests)}
    items = sorted({item for item, _ in order})
    first = {item: at for at, (item, _) in reversed(list(enumerate(order)))}
    vectors = np.array([known[d] for d in digests], np.float16).reshape(-1, WIDTH)
    starts = np.array([*(first[item] for item in items), len(order)], np.int32)
    rows = np.array([row[shown[key]] for key in order], np.int32)
    mean, alike = looks(mean_rows(vectors, starts, rows, np.arange(len(items))))
    arrays: dict[str, NDArray[Any]] = {
        "vectors": vectors,
        "digests": np.frombuffer(b"".join(digests), np.uint8).reshape(-1, _DIGEST),
        "items": _text(items),
        "starts": starts,
        "rows": rows,
        "said": _text([said for _, said in order]),
        "mean": mean,
        "looks": alike.astype(np.float16),
    }
    told = sha256(MADE.encode())
    for name in ("vectors", "digests", "items", "starts", "rows", "said"):
        told.update(arrays[name].tobytes())
    digest = told.hexdigest()
    card = {
        "made": MADE,
        "digest": digest,
        "photographs": len(order),
        "distinct": len(digests),
        "items": len(items),
        "width": WIDTH,
        "axes": int(alike.shape[1]),
        "versions": dict(versions),
    }
    folder.mkdir(parents=True, exist_ok=True)
    _replace(
        folder / ARRAYS,
        # One entry: safetensors writes several in an order that changes from run to run.
        lambda path: save_file(arrays, path, metadata={_ABOUT: json.dumps([MADE, digest])}),
    )
    text = json.dumps(card, indent=2) + "\n"
    _replace(folder / CARD, lambda path: path.write_text(text, encoding="utf-8"))
    return digest


def _text(texts: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(texts, ensure_ascii=False).encode(), np.uint8)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, readable as others are, and move it there."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.touch()
    mode = partial.stat().st_mode
    write(partial)
    partial.chmod(mode)
    partial.replace(path)


def read(folder: Path) -> Held | None:
    """Return what a folder's file holds; None where there is no file.

    Raises:
        FormatError: WW-IMAGES-FORMAT, where it is damaged or was made by another version.
    """
    path = folder / ARRAYS
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="np") as file:
            made, digest = json.loads((file.metadata() or {})[_ABOUT])
            if made != MADE:
                raise _damaged(path, f"It was made by '{made}'.")
            small = {name: file.get_tensor(name) for name in file.keys() if name != "vectors"}  # noqa: SIM118
        return Held(
            vectors=_mapped(path, "vectors"),
            digests=small["digests"],
            items=tuple(json.loads(small["items"].tobytes())),
            starts=small["starts"],
            rows=small["rows"],
            said=tuple(json.loads(small["said"].tobytes())),
            mean=small["mean"],
            looks=small["looks"],
            digest=digest,
        )
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise _damaged(path, str(error)) from error


def _mapped(path: Path, name: str) -> Half:
    """Return an array of half precision of a safetensors file without reading it."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        said = json.loads(file.read(length))[name]
    if not said["shape"][0]:  # nothing cannot be mapped
        return np.zeros(said["shape"], np.float16)
    at = 8 + length + int(said["data_offsets"][0])
    return np.memmap(path, np.dtype("<f2"), "r", at, tuple(said["shape"]))


def _damaged(path: Path, note: str) -> FormatError:
    return FormatError(
        "WW-IMAGES-FORMAT",
        f"{path.name} cannot be used.",
        note=note,
        hint=f"Remove it, and run `wearwhy learn images` again: {path}",
        place=Place(path.name),
    )
