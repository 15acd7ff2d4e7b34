"""The trained model and its two files: arrays in safetensors, everything else in JSON.

No pickle: a model file cannot run code. The card names what the model was made from (a digest of
its triples, a revision, versions, the seed) and what it was measured to be worth.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from wearwhy.errors import FormatError, Place
from wearwhy.learn.additive import Additive, Floats, Ints
from wearwhy.learn.embeddings.composed import Composed
from wearwhy.learn.features import UNEMBEDDED, Token
from wearwhy.learn.metrics import Curve
from wearwhy.learn.mined.witness import Mined
from wearwhy.learn.verdict import Combination
from wearwhy.rdf import expand

ARRAYS = "model.safetensors"
CARD = "card.json"
FORMAT = 2
EMBEDDING = ("start", "into", "rows")
WHOLE = (".labels", ".bodies")
"""How the names of arrays of whole numbers end."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of one attribute.

    Attributes:
        name: local name of the property.
        iri: the property.
        many: whether each value has a verdict of its own.
        said: whether its values are what a source said, not concepts.
        label: the source column's name, where it is one.
        hides: the relations of tokens that are no evidence for it.
        values: its values as tokens spell them, in the order of columns.
        additive: the additive witness.
        mined: the mined rules.
        combination: how the witnesses are weighed.
        curves: held-out precision: one curve, or one a value where `many`.
    """

    name: str
    iri: NamedNode
    many: bool
    said: bool
    label: str
    hides: frozenset[str]
    values: tuple[str, ...]
    additive: Additive
    mined: Mined
    combination: Combination
    curves: tuple[Curve, ...]

    @property
    def relation(self) -> str:
        """The relation of tokens that hold its values."""
        return f"ww:{self.name}"

    def node(self, value: str) -> Literal | NamedNode:
        """Return a value as it stands in a fact."""
        return Literal(value) if self.said else expand(value)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model at rest.

    Attributes:
        tokens: every token it knows, in the order of rows.
        number: a token's row.
        embedding: the frozen embedding; of no width where none was trained.
        learned: attributes by local name.
        known: items it was trained on, in the order of `vectors`.
        vectors: their folded vectors, all evidence seen.
        labels: for each attribute, pairs of a known item (by number) and a value (by column).
        card: provenance, settings, metrics.
    """

    tokens: tuple[Token, ...]
    number: dict[Token, int]
    embedding: Composed
    learned: dict[str, Learned]
    known: tuple[NamedNode, ...]
    vectors: NDArray[np.float64]
    labels: dict[str, Ints]
    card: dict[str, Any]

    def fold(self, rows: Sequence[Ints]) -> Floats:
        """Return the vectors of items given as token numbers; tokens not embedded are left out."""
        known = len(self.embedding.into)
        return self.embedding.fold([row[row < known] for row in rows])


def _narrow(array: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, dtype=np.float32)


def save(model: Model, folder: Path) -> None:
    """Write a model's two files into a folder, each replaced in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {
        **{f"embedding.{name}": _narrow(getattr(model.embedding, name)) for name in EMBEDDING},
        "known.vectors": np.ascontiguousarray(model.vectors, dtype=np.float16),
    }
    for name, learned in model.learned.items():
        arrays[f"{name}.weights"] = _narrow(learned.additive.weights)
        arrays[f"{name}.bias"] = _narrow(learned.additive.bias)
        arrays[f"{name}.labels"] = np.ascontiguousarray(model.labels[name], dtype=np.int32)
        mined = learned.mined
        arrays[f"{name}.mined.bodies"] = np.ascontiguousarray(mined.bodies, dtype=np.int32)
        arrays[f"{name}.mined.weights"] = _narrow(mined.weights)
        arrays[f"{name}.mined.counts"] = np.ascontiguousarray(mined.counts, dtype=np.int32)
        arrays[f"{name}.mined.held"] = np.ascontiguousarray(mined.held, dtype=np.int32)
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
                "said": learned.said,
                "label": learned.label,
                "hides": sorted(learned.hides),
                "values": learned.values,
                "combination": {
                    "weights": dict(learned.combination.weights),
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
        # What safetensors makes only its owner may read; a model is no secret.
        partial.touch()
        mode = partial.stat().st_mode
        write(partial)
        partial.chmod(mode)
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
        arrays: dict[str, NDArray[Any]] = {
            name: np.asarray(array, dtype=np.int64 if name.endswith(WHOLE) else np.float64)
            for name, array in load_file(folder / ARRAYS).items()
        }
    except FileNotFoundError as error:
        raise FormatError(
            "WW-MODEL-MISSING",
            f"There is no model in '{folder.name}'.",
            hint="Train one of the attributes.",
            command="`wearwhy learn attributes` does.",
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
                hint="Train a new one of the attributes.",
                command="`wearwhy learn attributes` does.",
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


def _assembled(card: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    tokens = tuple(Token(r, value) for r in card["relations"] for value in card["tokens"][r])
    sizes = [len(card["tokens"][r]) for r in card["relations"] if r not in UNEMBEDDED]
    start, into, rows = (arrays[f"embedding.{name}"] for name in EMBEDDING)
    embedding = Composed(start, into, rows)
    if not len(embedding.rows) == len(embedding.into) == sum(sizes):
        raise ValueError("rows of the embedding and tokens differ in number")
    learned, labels = {}, {}
    for name, part in card["attributes"].items():
        weights = part["combination"]
        learned[name] = Learned(
            name,
            NamedNode(part["property"]),
            part["many"],
            part["said"],
            part["label"],
            frozenset(part["hides"]),
            tuple(part["values"]),
            Additive(arrays[f"{name}.weights"], arrays[f"{name}.bias"]),
            Mined(*(arrays[f"{name}.mined.{a}"] for a in ("bodies", "weights", "counts", "held"))),
            Combination(weights["weights"], np.array(weights["bias"])),
            tuple(
                Curve(tuple(c["cutoffs"]), tuple(c["cases"]), tuple(c["right"]))
                for c in part["curves"]
            ),
        )
        labels[name] = arrays[f"{name}.labels"]
    structure = {"format", "relations", "tokens", "attributes", "known"}
    return Model(
        tokens,
        {token: n for n, token in enumerate(tokens)},
        embedding,
        learned,
        tuple(NamedNode(iri) for iri in card["known"]),
        arrays["known.vectors"],
        labels,
        {key: value for key, value in card.items() if key not in structure},
    )
