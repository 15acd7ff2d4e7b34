"""A model of outfits as two files: arrays in safetensors, everything else in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pyoxigraph import Literal, NamedNode
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from wearwhy.errors import FormatError, Place
from wearwhy.learn.outfits.model import OutfitModel, Projection, Token

ARRAYS = "outfits.safetensors"
CARD = "outfits.json"
FORMAT = 1


def save(model: OutfitModel, folder: Path) -> None:
    """Write a model into a folder; each file is replaced whole, the card last."""
    folder.mkdir(parents=True, exist_ok=True)
    items = sorted(model.residuals, key=lambda item: item.value)
    residuals = [model.residuals[item] for item in items]
    arrays = {
        "tokens": np.ascontiguousarray(model.vectors),
        "residuals": np.array(residuals, dtype=np.float32).reshape(len(items), model.width),
    }
    if model.projection is not None:
        arrays["photographs.mean"] = np.ascontiguousarray(model.projection.mean)
        arrays["photographs.into"] = np.ascontiguousarray(model.projection.into)
    said = {
        "format": FORMAT,
        "tokens": [_written(token) for token in model.tokens],
        "items": [item.value for item in items],
        "multipliers": dict(model.multipliers),
        "walks": {walk.value: weight for walk, weight in model.walks.items()},
        "card": dict(model.card),
    }
    partial = folder / f"{ARRAYS}.partial"
    save_file(arrays, partial)
    partial.replace(folder / ARRAYS)
    text = folder / f"{CARD}.partial"
    text.write_text(json.dumps(said, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    text.replace(folder / CARD)


def load(folder: Path) -> OutfitModel | None:
    """Return the model in a folder, or None where there is none.

    Raises:
        FormatError: WW-OUTFITS-FORMAT, where a file is damaged, or the two are not of one model.
    """
    if not (folder / CARD).is_file():
        return None
    try:
        said = json.loads((folder / CARD).read_text("utf-8"))
        arrays = load_file(folder / ARRAYS)
        if said["format"] != FORMAT:
            raise _broken(folder, f"its format is {said['format']}, not {FORMAT}")
        return _model(said, arrays)
    except (OSError, KeyError, TypeError, ValueError, SafetensorError) as error:
        raise _broken(folder, str(error)) from error


def _model(said: dict[str, Any], arrays: Mapping[str, Any]) -> OutfitModel:
    tokens = tuple(_token(row) for row in said["tokens"])
    items = [NamedNode(iri) for iri in said["items"]]
    if len(tokens) != len(arrays["tokens"]) or len(items) != len(arrays["residuals"]):
        text = "its arrays are of another model than its card"
        raise ValueError(text)
    projection = None
    if "photographs.into" in arrays:
        projection = Projection(arrays["photographs.mean"], arrays["photographs.into"])
    return OutfitModel(
        tokens,
        arrays["tokens"],
        projection,
        dict(zip(items, arrays["residuals"], strict=True)),
        {str(kind): float(value) for kind, value in said["multipliers"].items()},
        {NamedNode(iri): float(weight) for iri, weight in said["walks"].items()},
        said["card"],
    )


def _written(token: Token) -> list[str]:
    predicate, value = token
    return [predicate.value, "iri" if isinstance(value, NamedNode) else "text", value.value]


def _token(row: list[str]) -> Token:
    predicate, kind, value = row
    return NamedNode(predicate), NamedNode(value) if kind == "iri" else Literal(value)


def _broken(folder: Path, why: str) -> FormatError:
    return FormatError(
        "WW-OUTFITS-FORMAT",
        "The model of outfits cannot be read.",
        note=why,
        hint="Train again: wearwhy learn outfits.",
        place=Place(str(folder / CARD)),
    )
