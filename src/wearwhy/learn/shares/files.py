"""Shares at rest: arrays in safetensors, everything else in JSON, beside the model's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from wearwhy.errors import FormatError, Place
from wearwhy.learn.shares.model import Shares

ARRAYS = "shares.safetensors"
CARD = "shares.json"
FORMAT = 1


def save(found: Mapping[str, Shares], folder: Path) -> None:
    """Write shares into a folder, each file replaced in one step; none takes the files away."""
    if not found:
        (folder / CARD).unlink(missing_ok=True)
        (folder / ARRAYS).unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {
        f"{name}|{part}": np.ascontiguousarray(array, dtype=np.float64)
        for name, one in found.items()
        for part, array in one.arrays().items()
    }
    document = {"format": FORMAT, "shares": {name: one.as_dict() for name, one in found.items()}}
    partial = folder / f"{ARRAYS}.partial"
    save_file(arrays, partial)
    partial.replace(folder / ARRAYS)
    partial = folder / f"{CARD}.partial"
    partial.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / CARD)


def load(folder: Path) -> dict[str, Shares]:
    """Return the shares in a folder by their columns' short names; none where none were learned.

    Raises:
        FormatError: WW-MODEL-FORMAT, where the files are damaged, do not belong together or are of
            another format version.
    """
    if not (folder / CARD).is_file():
        return {}
    place = Place(folder.name)
    try:
        document = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise FormatError(
                "WW-MODEL-FORMAT",
                f"Shares are of format {document['format']}, this version reads {FORMAT}.",
                hint="`wearwhy learn attributes` learns them anew.",
                place=place,
            )
        arrays = load_file(folder / ARRAYS)
        return {
            name: Shares.restored(
                told, {part: arrays[f"{name}|{part}"] for part in ("weights", "bias")}
            )
            for name, told in document["shares"].items()
        }
    except (KeyError, TypeError, ValueError, OSError, SafetensorError) as error:
        raise FormatError(
            "WW-MODEL-FORMAT",
            "The files of learned shares are damaged or do not belong together.",
            note=f"{type(error).__name__}: {error}",
            hint="`wearwhy learn attributes` learns them anew.",
            place=place,
        ) from error
