"""The model in force: the workspace's own, else the bundled one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from wearwhy.learn import model_files
from wearwhy.learn.images.files import ARRAYS
from wearwhy.learn.images.pictures import Pictures
from wearwhy.learn.model_files import Model
from wearwhy.learn.outfits import OutfitModel, files
from wearwhy.learn.similarity import Vectors

# What a model folder must hold to be one.
_CARD = "card.json"


def folder_of(workspace: Path, bundled: Path) -> Path | None:
    """Return the folder of the model in force, or None where there is none."""
    for folder in (workspace / "model", bundled / "data" / "model"):
        if (folder / _CARD).is_file():
            return folder
    return None


@lru_cache(maxsize=4)
def _loaded(folder: Path, changed: float) -> Model:
    del changed
    return model_files.load(folder)


def model_of(workspace: Path, bundled: Path) -> Model | None:
    """Return the model in force; read once while its file stays the same."""
    folder = folder_of(workspace, bundled)
    return None if folder is None else _loaded(folder, (folder / _CARD).stat().st_mtime)


def similarity(workspace: Path, bundled: Path) -> Vectors | None:
    """Return the vectors of the items the model knows, or None without a model."""
    model = model_of(workspace, bundled)
    return None if model is None else Vectors.known(model)


@lru_cache(maxsize=4)
def _outfits(folder: Path, changed: float) -> OutfitModel | None:
    del changed
    return files.load(folder)


def outfit_model(workspace: Path) -> OutfitModel | None:
    """Return what the workspace has learned from outfits; read once while its file stays so.

    Raises:
        FormatError: WW-OUTFITS-FORMAT.
    """
    folder = workspace / "model"
    card = folder / files.CARD
    return _outfits(folder, card.stat().st_mtime) if card.is_file() else None


@lru_cache(maxsize=4)
def _pictures(folder: Path, changed: float) -> Pictures | None:
    del changed
    return Pictures.load(folder)


def pictures(workspace: Path) -> Pictures | None:
    """Return the embedded photographs of a workspace; read once while their file stays so.

    Raises:
        FormatError: WW-IMAGES-FORMAT.
    """
    folder = workspace / "model"
    held = folder / ARRAYS
    return _pictures(folder, held.stat().st_mtime) if held.is_file() else None
