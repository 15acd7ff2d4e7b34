"""A PyKEEN training loop for items that are composed of their triples.

A free vector for every item learns the item's own season by heart and says little of the next
one's. Here the item has no vector to learn by heart with: composed of its other triples alone, it
must tell each of its values from the rest of the relation's range, which is the very question that
is asked of an item whose season is missing. Relations begin at the identity and values near
nothing, so every item begins as the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Ints
from wearwhy.learn.embeddings.loops import Drawn, Range, Tensor, choice_loss


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of items.

    Attributes:
        ranges: for each relation, the tokens that are its values.
        hidden: for each relation, the relations whose triples an item is composed without when it
            is asked for this one; None: without the triple asked for, alone.
        asked: the relations asked for.
    """

    ranges: tuple[Range, ...]
    hidden: tuple[Ints | None, ...]
    asked: tuple[int, ...]


class Composing(Drawn):
    """A batch holds items; every relation that is asked for is asked for in every batch."""

    def __init__(
        self,
        design: csr_matrix,
        groups: Ints,
        questions: Questions,
        *,
        links: Ints,
        hiding: float,
        weight: float,
        **more: Any,
    ) -> None:
        """Take items × tokens, each token's relation, the questions, and triples among tokens."""
        super().__init__(**more)
        self.design = design
        self.groups = groups
        self.questions = questions
        self.links = links
        self.hiding = hiding
        self.weight = weight
        self.everything = Range(np.arange(len(groups)), np.full(len(groups), 1.0 / len(groups)))

    def batches(self, rng: np.random.Generator) -> list[Any]:
        """Return an epoch's batches: numbers of items, of nearly the same count each."""
        order = rng.permutation(self.design.shape[0])
        return list(np.array_split(order, max(1, round(len(order) / self.batch))))

    def _process_batch(
        self,
        batch: Any,
        start: int,
        stop: int,
        label_smoothing: float = 0.0,
        slice_size: Any = None,
    ) -> Tensor:
        del label_smoothing, slice_size
        part = self.design[batch[start:stop]]
        row = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        token = part.indices.astype(np.int64)
        group = self.groups[token]
        seen = self.random.random(len(token)) >= self.hiding
        device = self.device
        value = self.values(torch.as_tensor(token, device=device))
        inverse = self.relations(torch.as_tensor(2 * group + 1, device=device))
        said = torch.view_as_real(value * inverse).flatten(1)
        said = said * torch.as_tensor(seen, device=device)[:, None]
        every = self.values(torch.as_tensor([len(self.groups)], device=device)) * self.relations(
            torch.as_tensor([2 * len(self.questions.ranges) + 1], device=device)
        )
        begun = torch.view_as_real(every).flatten(1).expand(part.shape[0], -1)
        whole = _added(begun, row, said)
        norm = (self.norm(value) + self.norm(inverse)) * (len(row) / part.shape[0])
        loss = torch.zeros((), device=device)
        for relation in self.questions.asked:
            which = np.flatnonzero(group == relation)
            if not len(which):
                continue
            hidden = self.questions.hidden[relation]
            if hidden is None:
                # One triple an item is asked for; the others stay.
                which = self.random.permutation(which)
                which = which[np.unique(row[which], return_index=True)[1]]
                gone = which
            else:
                gone = np.flatnonzero(np.isin(group, hidden))
            # Only the items that are asked; each stands once in `askers`.
            askers, place = np.unique(row[which], return_inverse=True)
            gone = gone[np.isin(row[gone], askers)]
            rest = _added(
                whole[torch.as_tensor(askers, device=device)],
                np.searchsorted(askers, row[gone]),
                -said[torch.as_tensor(gone, device=device)],
            )
            bare = rest[torch.as_tensor(place, device=device)]
            vector = torch.view_as_complex(torch.tanh(bare).unflatten(1, (-1, 2)))
            outward = self.relations(torch.as_tensor([2 * relation], device=device))
            norm = norm + self.norm(outward)
            loss = loss + choice_loss(
                vector * outward,
                self.values,
                token[which],
                self.questions.ranges[relation],
                drawn=self.drawn,
                rng=self.random,
            )
        loss = loss + self.n3 * norm
        return loss + self.weight * self._linked() if len(self.links) and self.weight else loss

    def _linked(self) -> Tensor:
        """Return the loss of some triples among values: any value may be the other end."""
        some = self.links[self.random.integers(len(self.links), size=min(256, len(self.links)))]
        return self.told_apart(some * np.array([1, 2, 1]), self.everything)


def _added(to: Tensor, row: Ints, said: Tensor) -> Tensor:
    """Return item vectors with what some of their triples say added, each to its item's row."""
    return to.index_add(0, torch.as_tensor(row, device=to.device), said)
