"""How embeddings are trained: `kg/embeddings.toml` as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from wearwhy.errors import FormatError, Place
from wearwhy.settings import assets

Kind = TypeVar("Kind", bound="Fitting")
FILE = "embeddings.toml"


@dataclass(frozen=True, slots=True)
class Fitting:
    """Settings of an embedding with a vector for every entity.

    Attributes:
        dimensions: complex numbers a vector.
        epochs: times that every triple is seen.
        batch: triples a step.
        spread: standard deviation of initial values.
        n3: weight of the N3 norm of a triple's factors.
        rate: Adagrad's.
        candidates: a relation with more values than twice this is learned against so many drawn
            ones.
    """

    dimensions: int
    epochs: int
    batch: int
    spread: float
    n3: float
    rate: float
    candidates: int = 512


@dataclass(frozen=True, slots=True)
class Composing(Fitting):
    """Settings of an embedding whose items are composed of their triples.

    Attributes:
        hiding: the share of an item's triples that it is composed without, drawn anew each time.
        links: weight of the triples among values.
        steps: steps at least: a small graph is seen oftener, in smaller batches.
    """

    hiding: float = 0.0
    links: float = 0.0
    steps: int = 0

    def of(self, items: int) -> Composing:
        """Return the settings for so many items."""
        batch = min(self.batch, max(32, items // 8))
        return replace(
            self, batch=batch, epochs=max(self.epochs, -(-self.steps * batch // max(items, 1)))
        )


@cache
def _tables(path: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(
            "WW-LEARN-PLAN", f"{path.name} is not TOML.", note=str(error), place=Place(path.name)
        ) from error


def table(of: type[Kind], *names: str, path: Path | None = None) -> Kind:
    """Return one table of `kg/embeddings.toml`, inner tables over outer ones.

    Raises:
        FormatError: WW-LEARN-PLAN, where the file, a table or a key is missing or of no use.
    """
    source = assets() / "kg" / FILE if path is None else path
    try:
        found: Any = _tables(source)
        merged: dict[str, Any] = {}
        for name in names:
            found = found[name]
            merged |= {key: value for key, value in found.items() if not isinstance(value, dict)}
        return of(**merged)
    except (KeyError, TypeError) as error:
        raise FormatError(
            "WW-LEARN-PLAN",
            f"{source.name} does not say how to train '{names[-1]}'.",
            note=f"{type(error).__name__}: {error}",
            place=Place(source.name),
        ) from error


def settings(path: Path | None = None) -> Composing:
    """Return the settings for items, from `kg/embeddings.toml`.

    Raises:
        FormatError: WW-LEARN-PLAN, where the file is no TOML or does not say.
    """
    return table(Composing, "items", path=path)


def described(given: Any) -> dict[str, object]:
    """Return the settings as a model card shows them."""
    return {"model": "ComplEx", "loss": "cross-entropy", "optimizer": "Adagrad", **asdict(given)}
