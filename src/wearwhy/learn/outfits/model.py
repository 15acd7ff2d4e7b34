"""What was learned from outfits, frozen: vectors of values, of photographs, of items; weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import Literal, NamedNode

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Token = tuple[NamedNode, NamedNode | Literal]
"""A property and a value of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """How a photograph's vector becomes part of an item's.

    Attributes:
        mean: of the photographs that it was fitted on.
        into: raw width × dimensions.
    """

    mean: Floats32
    into: Floats32

    def of(self, raw: NDArray[np.floating]) -> Floats:
        """Return the parts of raw vectors, a row each."""
        return np.asarray((raw.astype(np.float64) - self.mean) @ self.into.astype(np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class OutfitModel:
    """A model of what goes together.

    Attributes:
        tokens: the values it knows.
        vectors: one row a token (T × d), single precision.
        projection: of photographs; None where it was fitted without.
        residuals: of the items it was fitted on, single precision.
        multipliers: what the kinds of a score are weighed by, in place of the declared ones.
        walks: weights of walks between items, by meta-path.
        card: provenance, settings, metrics.
        row: a token's row.
    """

    tokens: tuple[Token, ...]
    vectors: Floats32
    projection: Projection | None
    residuals: Mapping[NamedNode, Floats32]
    multipliers: Mapping[str, float]
    walks: Mapping[NamedNode, float]
    card: Mapping[str, Any]
    row: Mapping[Token, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.row:
            object.__setattr__(self, "row", {token: n for n, token in enumerate(self.tokens)})

    @property
    def properties(self) -> tuple[NamedNode, ...]:
        """The properties whose values it knows, sorted."""
        return tuple(sorted({p for p, _ in self.tokens}, key=lambda p: p.value))

    @property
    def width(self) -> int:
        """The number of dimensions."""
        return int(self.vectors.shape[1])
