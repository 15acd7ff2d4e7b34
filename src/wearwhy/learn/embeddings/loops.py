"""Two PyKEEN training loops: cross-entropy among the values that a relation can have.

PyKEEN's LCWA weighs every entity against the true one: 49 s an epoch at 50,000 entities, nearly
all of it spent on ruling out that a shirt's colour is another shirt. Its sLCWA draws wrong
entities at random, mostly just as absurd. A relation's range is known here: its values are tens to
thousands, so the softmax over them is exact and cheap. Where a range is large still (the words of
titles), a sample drawn by frequency and shared by the batch stands for it, each drawn score less
the logarithm of how often it was to be expected: the usual importance estimate of the softmax.

Everything else is PyKEEN's: the model, its scores, its N3 norm, the loop.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pykeen.models import ERModel
from pykeen.regularizers import PowerSumRegularizer
from pykeen.training import TrainingLoop
from torch.nn.functional import cross_entropy

from wearwhy.learn.additive import Ints

Tensor = Any
FREQUENCY = 0.75
"""Values of a large range are drawn by their count to this power, as word2vec draws words."""


class Range(NamedTuple):
    """The values that a relation can have, and how likely each is to be drawn."""

    values: Ints
    chance: NDArray[np.float64]


def range_of(values: Ints, counts: Ints) -> Range:
    """Return a relation's range; values stand in ascending order."""
    chance = np.maximum(counts, 1) ** FREQUENCY
    return Range(values, chance / chance.sum())


def choice_loss(
    heads: Tensor, values: Tensor, true: Ints, span: Range, *, drawn: int, rng: np.random.Generator
) -> Tensor:
    """Return the cross-entropy of true values among those of their range.

    Args:
        heads: n × d complex, head ∘ relation.
        values: vectors of all entities, or a representation to ask for them.
        true: the n true entities.
        span: the range.
        drawn: how many candidates to draw where the range is more than twice as large.
        rng: what draws them.
    """
    device = heads.device
    left = torch.view_as_real(heads).flatten(1)

    def rows(which: Ints) -> Tensor:
        return torch.view_as_real(values(torch.as_tensor(which, device=device))).flatten(1)

    # Re⟨x, conj e⟩ is the real dot product of both parts: half the work of a complex product.
    if len(span.values) <= 2 * drawn:
        place = torch.as_tensor(np.searchsorted(span.values, true), device=device)
        return cross_entropy(left @ rows(span.values).T, place)
    picked = rng.choice(len(span.values), size=drawn, p=span.chance)
    expected = torch.as_tensor(np.log(span.chance[picked] * drawn), device=device)
    wrong = left @ rows(span.values[picked]).T - expected.to(left.dtype)
    same = torch.as_tensor(true[:, None] == span.values[picked][None, :], device=device)
    right = (left * rows(true)).sum(dim=1, keepdim=True)
    scores = torch.cat([right, wrong.masked_fill(same, float("-inf"))], dim=1)
    return cross_entropy(scores, torch.zeros(len(true), dtype=torch.long, device=device))


class Drawn(TrainingLoop[Any]):  # type: ignore[misc, unused-ignore]
    """A loop that draws its own batches, from the seed and the epoch's number alone."""

    def __init__(
        self,
        *,
        model: ERModel,
        factory: Any,
        rate: float,
        n3: float,
        batch: int,
        seed: int,
        drawn: int,
    ) -> None:
        """Take PyKEEN's model and factory, and settings as `kg/embeddings.toml` names them."""
        super().__init__(
            model=model,
            triples_factory=factory,
            optimizer=torch.optim.Adagrad(model.get_grad_params(), lr=rate),
            automatic_memory_optimization=False,
        )
        self.batch = batch
        self.seed = seed
        self.norm = PowerSumRegularizer(p=3.0, weight=n3)
        self.n3 = n3
        self.drawn = drawn
        self.values = model.entity_representations[0]
        self.relations = model.relation_representations[0]

    def rng(self) -> np.random.Generator:
        """Return the random numbers of the epoch that begins."""
        self.random = np.random.default_rng((self.seed, self._epoch))
        return self.random

    @abstractmethod
    def batches(self, rng: np.random.Generator) -> list[Any]:
        """Return an epoch's batches."""

    def told_apart(self, triples: Ints, span: Range) -> Tensor:
        """Return the loss of triples whose tails are told from a range, with their norm."""
        h, r, t = (torch.as_tensor(triples[:, n], device=self.device) for n in range(3))
        head, relation = self.values(h), self.relations(r)
        loss = choice_loss(
            head * relation,
            self.values,
            triples[:, 2],
            span,
            drawn=self.drawn,
            rng=self.random,
        )
        norm = self.norm(head) + self.norm(relation) + self.norm(self.values(t))
        return loss + self.n3 * norm

    def _create_training_data_loader(
        self, triples_factory: Any, *, sampler: Any = None, **kwargs: Any
    ) -> Any:
        del triples_factory, sampler, kwargs
        return _Epochs(self)

    @staticmethod
    def _get_batch_size(batch: Any) -> int:
        return len(batch)

    def _slice_size_search(self, **kwargs: Any) -> int:
        raise MemoryError(kwargs)


class _Epochs:
    """What PyKEEN takes for a data loader: a new order of batches every time it is gone through."""

    def __init__(self, loop: Drawn) -> None:
        self.loop = loop
        self.count = len(loop.batches(np.random.default_rng(0)))

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Any]:
        return iter(self.loop.batches(self.loop.rng()))


class Ranged(Drawn):
    """Every entity has a vector; a batch holds triples whose relations share one range."""

    def __init__(
        self, triples: NDArray[np.int64], ranges: list[tuple[Ints, Range]], **more: Any
    ) -> None:
        """Take triples (rows of the model's relations) and, for each range, its triples' numbers."""
        super().__init__(**more)
        self.triples = triples
        self.ranges = ranges

    def batches(self, rng: np.random.Generator) -> list[Any]:
        """Return an epoch's batches: (triples, range), in a random order."""
        found = [
            _Chunk(self.triples[order[n : n + self.batch]], span)
            for numbers, span in self.ranges
            for order in (rng.permutation(numbers),)
            for n in range(0, len(order), self.batch)
        ]
        return [found[n] for n in rng.permutation(len(found))]

    def _process_batch(
        self,
        batch: Any,
        start: int,
        stop: int,
        label_smoothing: float = 0.0,
        slice_size: Any = None,
    ) -> Tensor:
        del label_smoothing, slice_size
        return self.told_apart(batch.triples[start:stop], batch.span)


@dataclass(frozen=True, slots=True)
class _Chunk:
    triples: NDArray[np.int64]
    span: Range

    def __len__(self) -> int:
        return len(self.triples)
