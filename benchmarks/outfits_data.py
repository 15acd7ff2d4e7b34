"""A shop's products, outfits and questions as arrays, for models that know nothing of graphs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Images = NDArray[np.float32]
Sets = Sequence[Sequence[int]]
Scorer = Callable[[Sets], Floats]
COLUMNS: Final = (
    "launch", "model", "colour_name_es", "colour_group", "gender", "line", "fabric", "family", "type",
)  # fmt: skip
"""What the graph keeps of a product too."""
WITHIN: Final = ("family", "collection")
"""Wrong options share these with the right one, and how often it was seen; so do negatives."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What every model is given.

    Attributes:
        ids: of the products, by position.
        at: a product's position.
        words: for each product its attribute values, by position among all values.
        vocabulary: how many values there are.
        train: the outfits to learn from.
        valid: the outfits to stop by.
        times: in how many training outfits each product stands.
        rivals: for each product the others of its kind that are seen about as often.
        images: a vector a photograph, or None.
    """

    ids: tuple[str, ...]
    at: Mapping[str, int]
    words: Ints
    vocabulary: int
    train: tuple[tuple[int, ...], ...]
    valid: tuple[tuple[int, ...], ...]
    times: Ints
    rivals: tuple[Ints, ...]
    images: Images | None


def frequency_class(times: int) -> int:
    """Return 0 for never, then once, 2–3, 4–9, 10 and more."""
    return int(np.searchsorted([1, 2, 4, 10], times, side="right"))


def inputs(data: Path, images: Images | None = None) -> Inputs:
    """Return the products and outfits of a folder.

    Args:
        data: with `products.csv` and `outfits.csv`.
        images: a vector for each row of products.csv.
    """
    products = pd.read_csv(data / "products.csv", dtype=str, keep_default_na=False)
    products["launch"] = products["product_id"].str[:2]
    products["model"] = products["product_id"].str[:8]
    ids = tuple(products["product_id"])
    at = {one: n for n, one in enumerate(ids)}
    words, begin = [], 0
    for column in COLUMNS:
        codes, values = pd.factorize(products[column])
        words.append(codes + begin)
        begin += len(values)
    rows = pd.read_csv(data / "outfits.csv", dtype=str)
    parts: dict[str, list[tuple[int, ...]]] = {"train": [], "valid": []}
    for (_, split), group in rows.groupby(["outfit_id", "split"], sort=False):
        found = tuple(at[one] for one in group["product_id"])
        if len(found) > 1:
            parts.setdefault(str(split), []).append(found)
    counted = Counter(n for one in parts["train"] for n in one)
    times = np.array([counted[n] for n in range(len(ids))], dtype=np.int64)
    kinds: dict[tuple[object, ...], list[int]] = {}
    keys = [
        (*(products[c][n] for c in WITHIN), frequency_class(int(times[n]))) for n in range(len(ids))
    ]
    for n, key in enumerate(keys):
        kinds.setdefault(key, []).append(n)
    classes = {key: np.array(found, dtype=np.int64) for key, found in kinds.items()}
    return Inputs(
        ids,
        at,
        np.stack(words, axis=1).astype(np.int64),
        begin,
        tuple(parts["train"]),
        tuple(parts["valid"]),
        times,
        tuple(classes[key] for key in keys),
        images,
    )


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a folder, by product numbers; each is asked of every model.

    Attributes:
        blanks: by file, the sets of every option of every question, and which is right.
        sets: the labelled sets.
        together: which of them are outfits.
    """

    blanks: Mapping[str, tuple[tuple[tuple[tuple[int, ...], ...], int], ...]]
    sets: tuple[tuple[int, ...], ...]
    together: NDArray[np.bool_]


def questions(data: Path, at: Mapping[str, int]) -> Questions:
    """Return the questions of a folder: `fitb-*.jsonl` and `compatibility-*.jsonl`."""

    def lines(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]

    blanks = {
        path.stem.rpartition("-")[2]: tuple(
            (
                tuple(
                    tuple(dict.fromkeys(at[one] for one in (*row["given"], option)))
                    for option in row["options"]
                ),
                row["options"].index(row["answer"]),
            )
            for row in lines(path)
        )
        for path in sorted(data.glob("fitb-*.jsonl"))
    }
    rows = [row for path in sorted(data.glob("compatibility-*.jsonl")) for row in lines(path)]
    return Questions(
        blanks,
        tuple(tuple(at[one] for one in row["items"]) for row in rows),
        np.array([row["label"] == 1 for row in rows], dtype=bool),
    )
