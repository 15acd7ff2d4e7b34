"""An embedding whose items are composed of their own triples, at rest: numpy alone.

An item's vector is x = tanh(start + Σ e_value ∘ r⁻¹), over its triples (item, r, value): what each
value says through the inverse of its relation, with real and imaginary parts bounded one by one.
The bound is what lets two facts mean together something that neither means alone. The score of
(item, r, value) is ComplEx's, Re⟨x, r, conj e_value⟩. So nothing is trained, or iterated, for a
new item: what it is linked to is its vector, a corrected or hidden fact counts at once, and known
and new items are treated alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.additive import Floats, Ints


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed embedding; real and imaginary parts side by side.

    Attributes:
        start: what an item begins with, 2d numbers.
        into: tokens × 2d: what each token adds to its item.
        rows: tokens × 2d: a token's score is its row times the item's vector.
        loss: of training, at its end.
    """

    start: Floats
    into: Floats
    rows: Floats
    loss: float = float("nan")

    def fold(self, items: Iterable[Ints]) -> Floats:
        """Return the vectors of items given as rows of token numbers: items × 2d, within ±1."""
        sums = [self.start + self.into[tokens].sum(axis=0) for tokens in items]
        return np.asarray(np.tanh(np.array(sums)))

    def scores(self, vectors: Floats, tokens: Ints) -> Floats:
        """Return the scores of items (rows of vectors) for tokens: items × tokens."""
        return np.asarray(vectors @ self.rows[tokens].T)


def composed_of(
    entities: NDArray[np.complex128],
    relations: NDArray[np.complex128],
    inverses: NDArray[np.complex128],
    groups: Ints,
    loss: float,
) -> Composed:
    """Return the embedding at rest.

    Args:
        entities: vectors of the tokens' values, and last that of the node that all items share.
        relations: vectors of the relations, last the one to that node.
        inverses: vectors of their inverses.
        groups: relation number of each token.
        loss: of training, at its end.
    """
    into = entities[:-1] * inverses[groups]
    weights = relations[groups] * entities[:-1].conj()
    start = entities[-1] * inverses[-1]
    return Composed(
        np.concatenate([start.real, start.imag]),
        np.hstack([into.real, into.imag]),
        np.hstack([weights.real, -weights.imag]),
        loss,
    )
