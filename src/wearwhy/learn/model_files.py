"""The trained model and its two files: arrays in safetensors, everything else in JSON.

No pickle: a model file cannot run code. The card names what the model was made from (a digest of
its triples, a revision, versions, the seed) and what it was measured to be worth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from wearwhy.errors import FormatError, Place
from wearwhy.learn.additive import Additive
from wearwhy.learn.features import Token
from wearwhy.learn.folding import Folder, Folding
from wearwhy.learn.metrics import Curve
from wearwhy.learn.verdict import Combination
from wearwhy.rdf import expand

ARRAYS = "model.safetensors"
CARD = "card.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one attribute.

    Attributes:
        name: local name of the property.
        iri: the property.
        many: whether each value has a verdict of its own.
        values: short names of its values, in the order of columns.
        additive: the additive witness.
        combination: how the witnesses are weighed.
        curves: held-out precision: one curve, or one a value where `many`.
    """

    name: str
    iri: NamedNode
    many: bool
    values: tuple[str, ...]
    additive: Additive
    combination: Combination
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model at rest.

    Attributes:
        tokens: every token it knows, in the order of rows.
        number: a token's row.
        folding: the frozen embedding.
        folder: the same, ready to fold.
        learned: attributes by local name.
        known: items it was trained on, in the order of `vectors`.
        vectors: their folded vectors, all evidence seen.
        labels: for each attribute, the labels of known items (by number).
        card: provenance, settings, metrics.
    """

    tokens: tuple[Token, ...]
    number: dict[Token, int]
    folding: Folding
    folder: Folder
    learned: dict[str, Learned]
    known: tuple[NamedNode, ...]
    vectors: NDArray[np.float64]
    labels: dict[str, dict[int, tuple[str, ...]]]
    card: dict[str, Any]


def _narrow(array: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, dtype=np.float32)


def save(model: Model, folder: Path) -> None:
    """Write a model's two files into a folder, each replaced in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {
        "folding.rows": _narrow(model.folding.rows),
        "folding.mean": _narrow(model.folding.mean),
        "folding.root": _narrow(model.folding.root),
        "known.vectors": np.ascontiguousarray(model.vectors, dtype=np.float16),
    }
    for name, learned in model.learned.items():
        arrays[f"{name}.weights"] = _narrow(learned.additive.weights)
        arrays[f"{name}.bias"] = _narrow(learned.additive.bias)
    relations = list(dict.fromkeys(token.relation for token in model.tokens))
    card = {
        "format": FORMAT,
        **model.card,
        "relations": relations,
        "tokens": {
            relation: [t.value for t in model.tokens if t.relation == relation]
            for relation in relations
        },
        "attributes": {
            name: {
                "property": learned.iri.value,
                "many": learned.many,
                "values": learned.values,
                "combination": {
                    "additive": learned.combination.additive,
                    "embedding": learned.combination.embedding,
                    "bias": list(learned.combination.bias),
                },
                "curves": [
                    {
                        "cutoffs": [round(p, 9) for p in c.cutoffs],
                        "cases": c.cases,
                        "right": c.right,
                    }
                    for c in learned.curves
                ],
                "labels": {str(n): v for n, v in model.labels[name].items()},
            }
            for name, learned in model.learned.items()
        },
        "known": [node.value for node in model.known],
    }
    for file, write in (
        (ARRAYS, lambda path: save_file(arrays, path)),
        (CARD, lambda path: path.write_text(_text(card), encoding="utf-8")),
    ):
        partial = folder / f"{file}.partial"
        write(partial)
        partial.replace(folder / file)


def _text(card: dict[str, Any]) -> str:
    """Return JSON with one key of the document a line: readable where it matters, small."""
    lines = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for key, value in card.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def load(folder: Path) -> Model:
    """Return the model in a folder.

    Raises:
        FormatError: WW-MODEL-MISSING, where a file is not there; WW-MODEL-FORMAT, where the files
            are damaged, do not belong together or are of another format version.
    """
    place = Place(str(folder.name))
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        arrays = {
            name: np.asarray(array, dtype=np.float64)
            for name, array in load_file(folder / ARRAYS).items()
        }
    except FileNotFoundError as error:
        raise FormatError(
            "WW-MODEL-MISSING",
            f"There is no model in '{folder.name}'.",
            hint="`wearwhy learn attributes` trains one.",
            place=place,
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError, SafetensorError) as error:
        raise FormatError(
            "WW-MODEL-FORMAT", "The model's files are damaged.", note=str(error), place=place
        ) from error
    try:
        if card["format"] != FORMAT:
            raise FormatError(
                "WW-MODEL-FORMAT",
                f"The model is of format {card['format']}, this version reads {FORMAT}.",
                hint="`wearwhy learn attributes` trains a new one.",
                place=place,
            )
        return _assembled(card, arrays)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FormatError(
            "WW-MODEL-FORMAT",
            "The model's two files do not belong together.",
            note=f"{type(error).__name__}: {error}",
            place=place,
        ) from error


def _assembled(card: dict[str, Any], arrays: dict[str, NDArray[np.float64]]) -> Model:
    tokens = tuple(Token(r, value) for r in card["relations"] for value in card["tokens"][r])
    sizes = [len(card["tokens"][r]) for r in card["relations"]]
    folding = Folding(
        arrays["folding.rows"],
        np.repeat(np.arange(len(sizes)), sizes),
        arrays["folding.mean"],
        arrays["folding.root"],
    )
    if len(folding.rows) != len(tokens):
        raise ValueError("rows of the embedding and tokens differ in number")
    learned, labels = {}, {}
    for name, part in card["attributes"].items():
        weights = part["combination"]
        learned[name] = Learned(
            name,
            expand(part["property"]),
            part["many"],
            tuple(part["values"]),
            Additive(arrays[f"{name}.weights"], arrays[f"{name}.bias"]),
            Combination(weights["additive"], weights["embedding"], np.array(weights["bias"])),
            tuple(
                Curve(tuple(c["cutoffs"]), tuple(c["cases"]), tuple(c["right"]))
                for c in part["curves"]
            ),
        )
        labels[name] = {int(n): tuple(v) for n, v in part["labels"].items()}
    structure = {"format", "relations", "tokens", "attributes", "known"}
    return Model(
        tokens,
        {token: n for n, token in enumerate(tokens)},
        folding,
        Folder.of(folding),
        learned,
        tuple(NamedNode(iri) for iri in card["known"]),
        arrays["known.vectors"],
        labels,
        {key: value for key, value in card.items() if key not in structure},
    )
