"""Fitting item vectors: which item completes an outfit, and which outfit is one at all.

Each item of an outfit is asked for, beside rivals that could stand in its place: cross-entropy
over the products of its vector with the others' (as Rendle et al., BPR, 2009, with more than one
wrong answer at once); and whole outfits are told from ones with every item exchanged. Residuals,
photographs and rare values are left out at random, so that what is known of a new item suffices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.embeddings.parts import neural_parts
from wearwhy.learn.outfits.material import Ints, Material, Rivals, rivals
from wearwhy.learn.outfits.model import Floats32
from wearwhy.learn.outfits.plan import Training

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """One fitted model.

    Attributes:
        tokens: a row a token.
        photographs: components × dimensions; None where it was fitted without.
        residuals: a row an item.
    """

    tokens: Floats32
    photographs: Floats32 | None
    residuals: Floats32

    def vectors(self, found: Material) -> NDArray[np.float64]:
        """Return the vectors of all items, nothing left out."""
        whole = found.has @ self.tokens.astype(np.float64) + self.residuals
        if self.photographs is not None and found.photographs is not None:
            whole = whole + found.photographs.rows @ self.photographs
        return np.asarray(whole)


@dataclass(frozen=True, slots=True, eq=False)
class _Questions:
    """Each item of each outfit, asked for by the others.

    Attributes:
        given: the numbers of the other items, filled up with the number of items.
        answer: the number of the item.
        weight: what its outfit counts.
    """

    given: Ints
    answer: Ints
    weight: NDArray[np.float64]


def _questions(found: Material) -> _Questions:
    longest = max(len(outfit) for outfit in found.outfits)
    rows, answers, weights = [], [], []
    for outfit, weight in zip(found.outfits, found.weights, strict=True):
        for n in range(len(outfit)):
            others = np.full(longest, len(found.items), dtype=np.int64)
            others[: len(outfit) - 1] = np.delete(outfit, n)
            rows.append(others)
            answers.append(outfit[n])
            weights.append(weight)
    return _Questions(np.array(rows), np.array(answers), np.array(weights))


def fit(found: Material, settings: Training, seed: int, progress: Progress) -> Fitted:
    """Return vectors of values, photographs and items.

    Args:
        found: what is learned from.
        settings: how.
        seed: of the starting values and of all that is drawn.
        progress: told how many epochs of how many are done.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    torch, _ = neural_parts()
    rng = np.random.default_rng(seed)
    asked = _questions(found)
    against = rivals(found)
    weights = _Weights(torch, found, settings, rng)
    steps = -(-len(asked.answer) // settings.batch)
    optimizer = torch.optim.Adam(weights.parameters, lr=settings.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=settings.rate, total_steps=settings.epochs * steps + 1, pct_start=0.15
    )
    for epoch in range(settings.epochs):
        order = rng.permutation(len(asked.answer))
        for begin in range(0, len(order), settings.batch):
            rows = order[begin : begin + settings.batch]
            vectors = weights.drawn(rng)
            drawn = _drawn(asked, rows, against, settings.wrong, rng)
            loss = _completing(torch, vectors, drawn)
            loss = loss + settings.whole * _telling(torch, vectors, weights, drawn)
            optimizer.zero_grad()
            (loss + weights.size()).backward()
            optimizer.step()
            schedule.step()
        progress(epoch + 1, settings.epochs)
    return weights.fitted()


class _Weights:
    """What is fitted, and the item vectors that it makes."""

    def __init__(
        self, torch: Any, found: Material, settings: Training, rng: np.random.Generator
    ) -> None:
        self.torch, self.settings, self.n = torch, settings, len(found.items)
        d = settings.dimensions

        def start(rows: int, spread: float) -> Any:
            drawn = rng.standard_normal((rows, d)) * spread
            return torch.nn.Parameter(torch.tensor(drawn, dtype=torch.float32))

        self.tokens = start(len(found.tokens), settings.spread)
        self.residuals = start(self.n, settings.spread / 10)
        self.offset = torch.nn.Parameter(torch.zeros(2))
        self.parameters = [self.tokens, self.residuals, self.offset]
        common = found.has[:, ~found.rare].tocoo()
        rare = found.has[:, found.rare].tocoo()
        self.rare = torch.tensor(np.flatnonzero(found.rare))
        self.common = torch.tensor(np.flatnonzero(~found.rare))
        self.common_of, self.rare_of = (self._sparse(part) for part in (common, rare))
        self.seen, self.projection = None, None
        if found.photographs is not None:
            self.seen = torch.tensor(found.photographs.rows)
            self.projection = start(self.seen.shape[1], settings.spread / 5)
            self.parameters.append(self.projection)

    def _sparse(self, part: Any) -> Any:
        torch = self.torch
        at = torch.tensor(np.stack([part.row, part.col]).astype(np.int64))
        found = torch.sparse_coo_tensor(
            at, torch.tensor(part.data), part.shape, check_invariants=True
        )
        return found.coalesce()

    def drawn(self, rng: np.random.Generator) -> Any:
        """Return item vectors with parts left out at random, and a row of 0 after them."""
        torch, settings = self.torch, self.settings

        def kept(share: float) -> Any:
            drawn = rng.random((self.n, 1)) >= share
            return torch.tensor(drawn, dtype=torch.float32)

        whole = torch.sparse.mm(self.common_of, self.tokens[self.common])
        rare = torch.sparse.mm(self.rare_of, self.tokens[self.rare])
        whole = whole + rare * kept(settings.forget_rare)
        whole = whole + self.residuals * kept(settings.forget_residual)
        if self.projection is not None:
            whole = whole + (self.seen @ self.projection) * kept(settings.forget_image)
        return torch.cat([whole, torch.zeros(1, whole.shape[1])])

    def size(self) -> Any:
        """Return the sum of squares, each group with its decay."""
        settings = self.settings
        found = settings.decay * (self.tokens[self.common] ** 2).sum()
        found = found + settings.decay_rare * (self.tokens[self.rare] ** 2).sum()
        found = found + settings.decay_residual * (self.residuals**2).sum()
        if self.projection is not None:
            found = found + settings.decay_image * (self.projection**2).sum()
        return found

    def fitted(self) -> Fitted:
        """Return what was fitted, as arrays."""

        def array(tensor: Any) -> Floats32:
            return np.asarray(tensor.detach().numpy(), dtype=np.float32)

        projection = None if self.projection is None else array(self.projection)
        return Fitted(array(self.tokens), projection, array(self.residuals))


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Questions of one step, with what was drawn for them; the number of items stands for nothing.

    Attributes:
        given: the other items.
        options: the right item, then wrong ones.
        void: options that are the right item again, or stand in the outfit.
        whole: the outfits.
        exchanged: the same with every item exchanged.
        weight: of each question.
    """

    given: Ints
    options: Ints
    void: NDArray[np.bool_]
    whole: Ints
    exchanged: Ints
    weight: NDArray[np.float64]


def _drawn(
    asked: _Questions, rows: Ints, against: Rivals, wrong: int, rng: np.random.Generator
) -> _Batch:
    given, answer = asked.given[rows], asked.answer[rows]
    options = np.concatenate([answer[:, None], against.drawn(answer, wrong, rng)], axis=1)
    void = (options[:, :, None] == given[:, None, :]).any(axis=2) | (options == answer[:, None])
    void[:, 0] = False
    whole = np.concatenate([given, answer[:, None]], axis=1)
    there = whole < len(against.start)
    other = against.drawn(np.where(there, whole, 0), 1, rng)[..., 0]
    exchanged = np.where(there, other, len(against.start))
    return _Batch(given, options, void, whole, exchanged, asked.weight[rows])


def _completing(torch: Any, vectors: Any, drawn: _Batch) -> Any:
    """Return the cross-entropy of the right item among rivals."""
    count = (drawn.given < len(vectors) - 1).sum(axis=1, keepdims=True)
    around = vectors[torch.tensor(drawn.given)].sum(1)
    around = around / torch.tensor(count**0.5, dtype=torch.float32)
    scores = torch.einsum("bd,bkd->bk", around, vectors[torch.tensor(drawn.options)])
    scores = scores.masked_fill(torch.tensor(drawn.void), -1e9)
    right = torch.zeros(len(scores), dtype=torch.long)
    loss = torch.nn.functional.cross_entropy(scores, right, reduction="none")
    weight = torch.tensor(drawn.weight, dtype=torch.float32)
    return (loss * weight).sum() / weight.sum()


def _telling(torch: Any, vectors: Any, weights: _Weights, drawn: _Batch) -> Any:
    """Return the loss of telling outfits from ones in which every item is exchanged."""
    size = torch.tensor((drawn.whole < len(vectors) - 1).sum(axis=1), dtype=torch.float32)

    def score(sets: Ints) -> Any:
        own = vectors[torch.tensor(sets)]
        pairs = (own.sum(1) ** 2).sum(1) - (own**2).sum((1, 2))
        return pairs / (size * (size - 1))

    scale, offset = weights.offset[0].exp(), weights.offset[1]
    softplus = torch.nn.functional.softplus
    right = softplus(-(scale * score(drawn.whole) + offset))
    wrong = softplus(scale * score(drawn.exchanged) + offset)
    return right.mean() + wrong.mean()
