"""New items in a frozen embedding: a few Newton steps on an item's own triples.

In ComplEx the score of (item, relation, value) is linear in the item's vector once relation and
value are fixed: score = x · a, with a = [Re w, −Im w] and w = relation ∘ conj(value). So the model
at rest is one row `a` a token, and an item's vector is the maximum of a concave function: the
log-probability of its tokens among their relation's values, under a Gaussian prior fitted to the
vectors of the items trained on. Every item is folded this way, known or new, so both are treated
alike and a corrected fact counts at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.additive import Floats, Ints, softmax

STEPS = 24
"""Steps of the chord iteration; the change after the last is below 1e-3 of the vector's length."""


@dataclass(frozen=True, slots=True)
class Folding:
    """An embedding at rest.

    Attributes:
        rows: one row a token, of twice the embedding's dimension.
        groups: number of each token's relation.
        mean: mean of item vectors.
        root: Cholesky factor of their covariance; vectors are folded in units of it.
    """

    rows: Floats
    groups: Ints
    mean: Floats
    root: Floats

    @property
    def whitened(self) -> Floats:
        """The tokens' rows in units of the prior."""
        return np.asarray(self.rows @ self.root)

    def scores(self, vectors: Floats, tokens: Ints) -> Floats:
        """Return the scores of items (rows of whitened vectors) for tokens."""
        return np.asarray(
            vectors @ (self.rows[tokens] @ self.root).T + self.rows[tokens] @ self.mean
        )


@dataclass(frozen=True, slots=True)
class Folder:
    """What folding needs of a `Folding`, computed once. Tokens of a relation stand together."""

    rows: Floats
    base: Floats
    starts: Ints
    group_of: Ints
    curvature: NDArray[np.float64]

    @classmethod
    def of(cls, folding: Folding) -> Folder:
        """Return the folder of an embedding."""
        rows = folding.whitened
        base = np.asarray(folding.rows @ folding.mean)
        starts = np.flatnonzero(np.diff(folding.groups, prepend=-1))
        curvature = []
        for group in np.split(np.arange(len(rows)), starts[1:]):
            share = softmax(base[group])
            centre = share @ rows[group]
            spread = (rows[group] * share[:, None]).T @ rows[group]
            curvature.append(spread - np.outer(centre, centre))
        return cls(rows, base, starts, folding.groups, np.array(curvature))

    def fold(self, items: list[Ints]) -> Floats:
        """Return the whitened vectors of items given as rows of token numbers."""
        size = self.rows.shape[1]
        counts = np.zeros((len(items), len(self.starts)))
        pull = np.zeros((len(items), size))
        for n, tokens in enumerate(items):
            np.add.at(counts[n], self.group_of[tokens], 1.0)
            pull[n] = self.rows[tokens].sum(axis=0)
        inverse = np.linalg.inv(np.eye(size) + np.tensordot(counts, self.curvature, axes=1))
        found = np.zeros((len(items), size))
        for _ in range(STEPS):
            logits = found @ self.rows.T + self.base
            tops = np.maximum.reduceat(logits, self.starts, axis=1)
            share = np.exp(logits - tops[:, self.group_of])
            share *= (counts / np.add.reduceat(share, self.starts, axis=1))[:, self.group_of]
            slope = pull - found - share @ self.rows
            found += 0.8 * np.einsum("nij,nj->ni", inverse, slope)
        return found


def folding_of(
    entities: NDArray[np.complex128],
    relations: NDArray[np.complex128],
    heads: Ints,
    triples: list[tuple[int, int]],
    groups: Ints,
) -> Folding:
    """Return the embedding at rest.

    Args:
        entities: trained vectors of all entities.
        relations: trained vectors of all relations.
        heads: numbers of the entities that are items.
        triples: relation and entity number of each token.
        groups: relation number of each token, counted from 0.
    """
    weights = np.array([relations[r] * entities[t].conj() for r, t in triples])
    rows = np.hstack([weights.real, -weights.imag])
    vectors = np.hstack([entities[heads].real, entities[heads].imag])
    mean = vectors.mean(axis=0)
    spread = np.cov(vectors.T) + 1e-4 * np.eye(vectors.shape[1])
    root = np.asarray(np.linalg.cholesky(spread), dtype=np.float64)
    return Folding(rows, groups, mean, root)
