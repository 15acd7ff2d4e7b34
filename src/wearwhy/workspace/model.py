"""The model in force: the workspace's own, else the bundled one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from wearwhy.learn import model_files
from wearwhy.learn.model_files import Model
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
